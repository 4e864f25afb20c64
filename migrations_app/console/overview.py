"""The first page: what needs attention, what to do next in each project, and the newest runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from connectors.models import Connector, Health
from connectors.queries import connectors_of
from migrations_app import queries
from migrations_app.engine.state import RunStatus
from migrations_app.models import MigrationRun, Project, ProjectStatus
from tenancy.console.base import ConsoleView
from tenancy.console.navigation import address_of
from tenancy.models import Organization

SOON = timedelta(days=14)
MOST_PROJECTS = 8
MOST_RUNS = 5
MOST_CONCERNS = 8

# What a project's status asks for, and the page that does it; "run" is the project's newest run.
_NEXT = {
    ProjectStatus.DRAFT: ("Choose its connectors", "connect"),
    ProjectStatus.CONNECTED: ("Scan the source", "scan"),
    ProjectStatus.SCANNED: ("Map types, states and people", "mapping"),
    ProjectStatus.MAPPED: ("Preview items, then start a run", "preview"),
    ProjectStatus.READY: ("Start the run", "start"),
    ProjectStatus.MIGRATING: ("Watch the run", "run"),
    ProjectStatus.COMPLETED: ("Read the verification", "verification"),
    ProjectStatus.FAILED: ("See why the run failed", "run"),
    ProjectStatus.CANCELLED: ("Start another run", "start"),
}
_OF_RUNS = ("run", "verification")


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that waits for a person: what, why, and the page that helps."""

    kind: str
    title: str
    text: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project with the one next thing to do in it."""

    project: Project
    status: ProjectStatus
    url: str
    next_text: str
    next_url: str


class OverviewView(ConsoleView):
    """`/console/`."""

    section = "overview"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Everything at one glance; without connectors and projects, how to begin."""
        organization = self.organization
        connectors = list(connectors_of(organization).defer("sealed_credentials", "settings"))
        concerns = [*_connector_concerns(connectors, now=timezone.now()), *_run_concerns(organization)]
        runs = list(queries.runs_of(organization).select_related("project")[:MOST_RUNS])
        return self.page(
            "console/overview/overview.html",
            connectors=connectors,
            concerns=concerns[:MOST_CONCERNS],
            has_more_concerns=len(concerns) > MOST_CONCERNS,
            projects=[_row(project) for project in _projects(organization)[:MOST_PROJECTS]],
            runs=runs,
            moving=any(run.state.is_active for run in runs),
            new_connector=address_of("connectors_console:connector_new"),
            new_project=address_of("migrations_console:project_new"),
            # Layers above have concerns of their own; their part is fetched where it is installed.
            more_concerns=address_of("sync_console:attention"),
        )


def _connector_concerns(connectors: list[Connector], *, now: datetime) -> Iterator[Concern]:
    for connector in connectors:
        url = address_of("connectors_console:connector", connector=connector.pk)
        expiry = connector.credentials_expire_at
        if connector.health == Health.FAILING:
            yield Concern("bad", f"{connector.name} does not work", connector.health_message, url, "See what to do")
        elif expiry is not None and expiry <= now:
            text = "Runs that need it pause until a new token is entered."
            yield Concern("bad", f"The credentials of {connector.name} expired", text, url, "Enter a new token")
        elif expiry is not None and expiry <= now + SOON:
            text = f"In {max(1, (expiry - now).days)} days. Enter a new token before then, so that no run pauses."
            yield Concern("warn", f"The credentials of {connector.name} expire", text, url, "Enter a new token")


def _run_concerns(organization: Organization) -> Iterator[Concern]:
    """Of each project the newest run, when it stopped short."""
    newest = MigrationRun.objects.filter(project=OuterRef("project")).order_by("-created_at", "-pk").values("pk")[:1]
    stopped = (RunStatus.PAUSED, RunStatus.FAILED, RunStatus.PARTIAL)
    runs = queries.runs_of(organization).filter(status__in=stopped, pk=Subquery(newest))
    for run in runs.select_related("project")[:MOST_CONCERNS]:
        yield _run_concern(run)


def _run_concern(run: MigrationRun) -> Concern:
    url = address_of("migrations_console:run", run=run.pk)
    name = run.project.name
    if run.state is RunStatus.PAUSED:
        return Concern("warn", f"The run of {name} is paused", run.reason_message, url, "See and resume")
    if run.state is RunStatus.FAILED:
        return Concern("bad", f"The run of {name} failed", run.reason_message, url, "See why")
    short = run.partial + run.failed
    what = f"{short:,} items did not arrive whole." if short else "Verification found differences."
    return Concern("warn", f"The run of {name} ended with loose ends", what, url, "See which")


def _projects(organization: Organization) -> QuerySet[Project]:
    runs = MigrationRun.objects.filter(project=OuterRef("pk")).order_by("-created_at", "-pk")
    return queries.projects_of(organization).annotate(newest_run=Subquery(runs.values("pk")[:1]))


def _row(project: Project) -> ProjectRow:
    status = queries.status_of(project)
    text, page = _NEXT[status]
    url = address_of("migrations_console:project", project=project.pk)
    if page in _OF_RUNS:
        run = getattr(project, "newest_run", None)
        following = address_of(f"migrations_console:{page}", run=run) if run else ""
    else:
        following = address_of(f"migrations_console:{page}", project=project.pk)
    return ProjectRow(project, status, url, text, following or url)
