"""The page that starts a run: what kind, what of it, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from connectors.domain.errors import DomainError
from migrations_app.api.start_body import MigrationsStart, start_request
from migrations_app.console.bodies import validated
from migrations_app.console.project_base import ProjectView
from migrations_app.console.start_form import Offers, StartForm
from migrations_app.models import Project
from migrations_app.queries import latest_scan
from migrations_app.services import start_run
from migrations_app.services.remembering import remembered, remembered_check
from tenancy.permissions import Action

MOST_AREAS = 500


class StartPage(ProjectView):
    """The form; a call that is refused keeps what was typed."""

    step = "run"
    post_action = Action.OPERATE_RUNS

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """The form with the documented defaults."""
        found = self.find_project(project)
        kind = request.GET.get("type", "")
        initial = {"type": kind, "dry_run": "dry_run" in request.GET} if kind else {"dry_run": "dry_run" in request.GET}
        return self._drawn(found, StartForm(offers=offers_of(found), initial=initial))

    def post(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """Start, and on to the run."""
        found = self.find_project(project)
        form = StartForm(request.POST, offers=offers_of(found))
        if not form.is_valid():
            return self._drawn(found, form, status=422)
        try:
            body = validated(MigrationsStart, form.as_body())
            run = start_run(found.pk, request=start_request(body), by=self.principal)
        except DomainError as error:
            form.refuse_call(error)
            return self._drawn(found, form, status=error.status if error.status == 409 else 422)
        self.say("The run waits for its time." if run.resume_at else "The run has started.")
        return self.go("migrations_console:run", run=run.pk)

    def _drawn(self, project: Project, form: StartForm, *, status: int = 200) -> HttpResponse:
        checked = remembered_check(project)
        return self.project_page(
            "console/start/start.html",
            project,
            status=status,
            form=form,
            areas=list(form.offers.areas)[:MOST_AREAS],
            active=self.active_run(project),
            connected=project.source_connector_id and project.target_connector_id,
            checked=checked,
        )


def offers_of(project: Project) -> Offers:
    """What the newest scan of the source counted, else what was seen when the mapping was last read."""
    scan = latest_scan(project)
    if scan is not None and scan.report:
        report: Mapping[str, Any] = scan.report
        areas = {area["path"]: area["itemCount"] for area in report.get("areaPaths", ())}
        return Offers(dict(report.get("typeCounts", {})), areas)
    seen = remembered(project)
    if seen is None:
        return Offers({}, {})
    return Offers(dict(Counter(kind for _, kind, _ in seen.titles)), dict.fromkeys(seen.areas, 0))
