"""The check before a run, as a list of what to mend."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from connectors.domain.errors import DomainError
from connectors.domain.findings import Severity
from migrations_app.console.findings import shown_findings
from migrations_app.console.project_base import ProjectView, what_to_do
from migrations_app.models import Project
from migrations_app.services.preflight import check_project
from migrations_app.services.remembering import Checked, remember_check, remembered_check
from tenancy.permissions import Action


class PreflightPage(ProjectView):
    """The last check of the project as it is now; without one the page asks for it by itself."""

    step = "run"
    action = Action.SEE
    post_action = Action.SCAN

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """What the last check found."""
        found = self.find_project(project)
        checked = remembered_check(found)
        context = self._shown(found, checked) if checked else {"project": found, "waiting": True}
        return self.project_page("console/preflight/preflight.html", found, **context)

    def post(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """Check now: both ends are read, nothing is written there."""
        found = self.find_project(project)
        try:
            context = self._shown(found, remember_check(found, check_project(found.pk, by=self.principal)))
        except DomainError as error:
            context = {"project": found, "problem": error, "advice": what_to_do(error)}
        if self.wants_part:
            return self.fragment("console/preflight/_result.html", **context)
        return self.project_page("console/preflight/preflight.html", found, **context)

    def _shown(self, project: Project, checked: Checked) -> dict[str, Any]:
        found = checked.result
        findings = shown_findings(found.findings, project)
        return {
            "project": project,
            "result": found,
            "checked_at": checked.at,
            "findings": findings,
            "blocking": sum(1 for each in findings if each.finding.severity is Severity.BLOCKING),
            "others": sum(1 for each in findings if each.finding.severity is not Severity.BLOCKING),
        }
