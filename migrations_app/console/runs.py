"""The list of runs, and one run as it happens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from migrations_app import queries
from migrations_app.api.downloads import csv_answer
from migrations_app.console.advice import advice_on
from migrations_app.console.figures import figures_of
from migrations_app.console.lines import LEVELS, level_of, newest_part, part_after
from migrations_app.console.run_base import RunView
from migrations_app.engine.state import Control, Outcome, RunStatus
from migrations_app.models import MigrationRun, Project, RunItem
from migrations_app.queries import ItemQuery
from tenancy.console.base import ConsoleView

FAILED_SHOWN = 5
LOG_KINDS = "log status findings verifying verified changed_since double_removed rolled_back"


class RunsView(ConsoleView):
    """All runs of the organization, the newest first."""

    section = "runs"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Filtered by project and status."""
        project, status = request.GET.get("project", ""), request.GET.get("status", "")
        rows = queries.runs_of(self.organization).select_related("project")
        if (chosen := _uuid(project)) is not None:
            rows = rows.filter(project=chosen)
        if status in set(RunStatus):
            rows = rows.filter(status=status)
        page = self.paged(rows)
        return self.page(
            "console/runs/list.html",
            page=page,
            projects=Project.objects.for_organization(self.organization).order_by("name").only("pk", "name"),
            statuses=list(RunStatus),
            chosen={"project": project, "status": status},
            is_filtered=bool(project or status),
            moving=any(run.state.is_active for run in page),
        )


class RunPage(RunView):
    """One run: progress, orders, failed items, log."""

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """The page; a script keeps it up to date from the run's stream."""
        found = self.find_run(run)
        level = request.GET.get("level", "")
        level = level if level in LEVELS else "all"
        return self.run_page(
            "console/runs/run.html",
            found,
            **state_of(self, found),
            failed_items=_failed(found),
            log=newest_part(found, level=level),
            level=level,
            levels=LEVELS.items(),
            kinds=LOG_KINDS,
            stream_url=reverse("migration-stream", kwargs={"run_id": str(found.pk)}),
            started_by=found.started_by,
        )


class RunState(RunView):
    """The part of the page that changes with the run: figures, reason and orders."""

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """The fragment."""
        return state_fragment(self, self.find_run(run))


class RunLog(RunView):
    """Lines of the log: what came `after` an event, or what stands `before` one."""

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """The fragment, oldest line first. Its last event stands in a header, for the script that asks again."""
        found = self.find_run(run)
        level = level_of(request.GET.get("level", ""))
        after, before = _number(request, "after"), _number(request, "before")
        if after is not None:
            part = part_after(found, after, level=level)
        else:
            part = newest_part(found, level=level, before=before)
        template = "console/runs/_older.html" if before is not None else "console/runs/_lines.html"
        answer = self.fragment(template, log=part, level=level, **self.about(found))
        answer["X-Last-Event"] = str(part.last)
        return answer


class RunNews(RunView):
    """What the page asks for again and again when it cannot listen to the stream."""

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """The number of the last event and whether there will be more."""
        found = self.find_run(run)
        answer = JsonResponse({"seq": found.event_seq, "status": found.status, "ended": found.state.is_ended})
        answer["Cache-Control"] = "no-store"
        return answer


class RunKeys(RunView):
    """Source ids and issue keys of everything that arrived."""

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """As a CSV file."""
        found = self.find_run(run)
        columns = ("source", "target_key", "type", "title")
        rows = queries.moved_items(found).values_list(*columns).iterator(chunk_size=5000)
        return csv_answer(("source_id", *columns[1:]), rows, name=f"key-map-{found.pk}.csv")


def state_fragment(view: RunView, run: MigrationRun) -> HttpResponse:
    """The changing part after an order or on request."""
    return view.fragment("console/runs/_state.html", **view.about(run), **state_of(view, run))


def state_of(view: RunView, run: MigrationRun) -> dict[str, Any]:
    """What `_state.html` shows."""
    ends = view.about(run)["ends"]
    active, paused = run.state.is_active, run.state is RunStatus.PAUSED
    stopping = run.state is RunStatus.RUNNING and run.control != Control.GO
    wrote = run.state.is_ended and not view.about(run)["dry_run"] and run.total > 0
    advice = advice_on(run.reason_code, paused=paused) if run.reason_code else None
    own = [end for end in (ends.source, ends.target) if end.connector is None]
    return {
        "figures": figures_of(run, ends),
        "advice": advice,
        "findings": run.reason_details.get("findings", []) if run.reason_details else [],
        "can_pause": run.state in (RunStatus.RUNNING, RunStatus.PENDING) and not stopping,
        "can_resume": paused or (stopping and run.control == Control.PAUSE),
        "can_cancel": active and run.control != Control.CANCEL,
        "can_retry": run.state.is_ended and run.partial + run.failed > 0,
        "can_verify": wrote,
        "own_credentials": own if paused and advice and advice.page == "connectors" else [],
        "retried_by": run.children.order_by("-created_at").only("pk").first() if run.state.is_ended else None,
    }


def _failed(run: MigrationRun) -> list[RunItem]:
    """The first items that did not arrive, then those that arrived in part."""
    found: list[RunItem] = []
    for outcome, count in ((Outcome.FAILED, run.failed), (Outcome.PARTIAL, run.partial)):
        if count and len(found) < FAILED_SHOWN:
            found += queries.items_of(run, ItemQuery(outcome=outcome))[: FAILED_SHOWN - len(found)]
    return found


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
