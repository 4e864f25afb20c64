"""Reads. Every one starts from an organization; what belongs to another one does not exist (404)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from connectors.domain.errors import DomainError
from connectors.models import Mapping, Scan, ScanStatus
from migrations_app.engine.state import EffectKind, EffectState, ItemStage, Outcome, RunStatus
from migrations_app.models import (
    LedgerEntry,
    MigrationRun,
    Project,
    ProjectStatus,
    RollbackItem,
    RunEvent,
    RunItem,
    VerificationDifference,
)
from tenancy.models import Organization

_KEY = re.compile(r"^[A-Za-z][A-Za-z0-9_]*-\d+$")
_UNDECIDED = (ProjectStatus.DRAFT, ProjectStatus.CONNECTED, ProjectStatus.SCANNED, ProjectStatus.MAPPED)


def projects_of(organization: Organization) -> QuerySet[Project]:
    """The organization's projects, the newest first, with what their status depends on."""
    scans = Scan.objects.filter(
        Q(migration_project=OuterRef("pk")) | Q(connector=OuterRef("source_connector")),
        organization=organization,
        status=ScanStatus.COMPLETED,
    )
    mappings = Mapping.objects.filter(
        organization=organization, migration_project=OuterRef("pk"), document__complete=True
    )
    projects = Project.objects.for_organization(organization).select_related("source_connector", "target_connector")
    return projects.annotate(has_scan=Exists(scans), has_mapping=Exists(mappings))


def latest_scan(project: Project) -> Scan | None:
    """The newest finished scan that was made for the project or with its source connector."""
    made_for = Q(migration_project=project.pk)
    if project.source_connector_id is not None:
        made_for |= Q(connector=project.source_connector_id)
    own = Scan.objects.filter(made_for, organization=project.organization_id, status=ScanStatus.COMPLETED)
    return own.order_by("-created_at").first()


def find_project(organization: Organization, project_id: UUID) -> Project:
    """One project. Raises DomainError PROJECT_NOT_FOUND."""
    found = projects_of(organization).filter(pk=project_id).first()
    if found is None:
        raise DomainError("PROJECT_NOT_FOUND", f"Project {project_id} not found", status=404)
    return found


def status_of(project: Project) -> ProjectStatus:
    """How far a project is. Until a preflight or a run decides, it follows from what the project has."""
    stored = ProjectStatus(project.status)
    if stored not in _UNDECIDED:
        return stored
    if getattr(project, "has_mapping", False):
        return ProjectStatus.MAPPED
    if getattr(project, "has_scan", False):
        return ProjectStatus.SCANNED
    connected = project.source_connector_id and project.target_connector_id
    return ProjectStatus.CONNECTED if connected else ProjectStatus.DRAFT


def runs_of(organization: Organization) -> QuerySet[MigrationRun]:
    """The organization's runs, the newest first, without what only workers read."""
    return MigrationRun.objects.for_organization(organization).defer("checkpoint", "sealed_credentials")


def runs_of_project(
    organization: Organization, project_id: UUID, *, status: RunStatus | None = None
) -> QuerySet[MigrationRun]:
    """A project's runs, the newest first. Raises DomainError PROJECT_NOT_FOUND."""
    project = find_project(organization, project_id)
    runs = runs_of(organization).filter(project=project)
    return runs if status is None else runs.filter(status=status.value)


def find_run(organization: Organization, run_id: UUID) -> MigrationRun:
    """One run. Raises DomainError MIGRATION_NOT_FOUND, for another organization's too."""
    found = runs_of(organization).filter(pk=run_id).first()
    if found is None:
        raise DomainError("MIGRATION_NOT_FOUND", f"Migration run {run_id} not found", status=404)
    return found


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """Which items of a run; None and empty mean all. `text` is an id, a key, or a part of the title."""

    outcome: Outcome | None = None
    type: str = ""
    text: str = ""


def items_of(run: MigrationRun, query: ItemQuery) -> QuerySet[RunItem]:
    """Items of a run by position."""
    items = RunItem.objects.filter(run=run).order_by("position", "pk")
    if query.outcome is not None:
        items = items.filter(outcome=query.outcome.value)
    if query.type:
        items = items.filter(type=query.type)
    return items.filter(_matches(query.text.strip())) if query.text.strip() else items


def items_after(items: QuerySet[RunItem], place: tuple[int, int] | None) -> QuerySet[RunItem]:
    """Behind a (position, pk): pages that stay fast and stable however deep."""
    if place is None:
        return items
    position, pk = place
    # The first condition says nothing new, but tells the database where in the index to begin.
    return items.filter(position__gte=position).filter(Q(position__gt=position) | Q(pk__gt=pk))


def count_items(run: MigrationRun, query: ItemQuery) -> int:
    """How many items match. The run's counters know it unless a type or a text is asked for."""
    if query.type or query.text.strip():
        return items_of(run, query).count()
    match query.outcome:
        case None:
            return run.total
        case Outcome.PENDING:
            return run.total - run.finished
    return int(getattr(run, query.outcome.value))


def count_up_to(rows: QuerySet[Any], most: int) -> int:
    """How many rows there are, or `most` when there are at least as many."""
    return rows.order_by()[:most].count()


def is_exact(text: str) -> bool:
    """Whether a text is an id or a key, which have an index."""
    number = text.strip().removeprefix("#")
    return (number.isascii() and number.isdigit()) or _KEY.match(text.strip()) is not None


def _matches(text: str) -> Q:
    """Ids and keys are looked up; only other words are searched for in the titles, which reads all of them."""
    if not is_exact(text):
        return Q(title__icontains=text)
    number = text.removeprefix("#")
    return Q(source=number) if number.isascii() and number.isdigit() else Q(target_key=text.upper())


def moved_items(run: MigrationRun) -> QuerySet[RunItem]:
    """Items that have an issue, by position: the key map."""
    return RunItem.objects.filter(run=run).exclude(target_key="").order_by("position", "pk")


def made_items(run: MigrationRun) -> QuerySet[RunItem]:
    """Items whose issue this run made and no rollback of it has taken back yet, by position."""
    taken_back = RollbackItem.objects.filter(follow_up__run=run).exclude(outcome="kept").values("item")
    return moved_items(run).filter(moved_before=False, stage__gte=ItemStage.CREATED).exclude(source__in=taken_back)


def items_from_before(run: MigrationRun) -> QuerySet[RunItem]:
    """Items whose issue an earlier run made: a rollback of this one leaves them."""
    return moved_items(run).filter(moved_before=True)


def differences_of(run: MigrationRun) -> QuerySet[VerificationDifference]:
    """What the run's own verification found, in the order it was found."""
    return VerificationDifference.objects.filter(run=run, follow_up__isnull=True).order_by("pk")


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run came to, for the reader who reconciles: items by type and outcome, and effects on the target."""

    types: dict[str, Counter[str]]
    effects: dict[str, int]
    verified: dict[str, Any] | None
    difference_count: int


def report_of(run: MigrationRun) -> RunReport:
    """Counted from the rows, not from the counters. `verified` is what verification said at its end, if any."""
    types: dict[str, Counter[str]] = {}
    items = RunItem.objects.filter(run=run).order_by().values_list("type", "outcome").annotate(Count("pk"))
    for name, outcome, count in items:
        types.setdefault(name, Counter())[outcome or "pending"] = count
    effects = LedgerEntry.objects.filter(run=run, state=EffectState.DONE.value).order_by()
    through = RunEvent.objects.filter(run=run, kind="verified").order_by("-seq").first()
    return RunReport(
        types=dict(sorted(types.items(), key=lambda entry: -entry[1].total())),
        effects=dict(effects.values_list("kind").annotate(Count("pk"))),
        verified=through.data if through else None,
        difference_count=differences_of(run).count(),
    )


def events_after(run_id: UUID, seq: int, *, limit: int) -> list[RunEvent]:
    """The next events of a run's stream."""
    return list(RunEvent.objects.filter(run_id=run_id, seq__gt=seq).order_by("seq")[:limit])


# --- What a synchronization takes over from a run ---


@dataclass(frozen=True, slots=True)
class MovedEnd:
    """One end of a run: its connector, where it used one, and the project there."""

    connector: int | None
    project: str
    system: str


def ends_of(run: MigrationRun) -> tuple[MovedEnd, MovedEnd]:
    """The source and the target of a run. A run with credentials of its own has the project's connectors, if any."""
    project = run.project
    connectors = (
        run.source_connector_id or project.source_connector_id,
        run.target_connector_id or project.target_connector_id,
    )
    ends = (run.config["source"], run.config["target"])
    first, second = (
        MovedEnd(connector, end["project"], end["system"]) for connector, end in zip(connectors, ends, strict=True)
    )
    return first, second


def moved_pairs(run: MigrationRun, *, page: int = 2_000) -> Iterator[list[tuple[str, str]]]:
    """Source id and target key of every item that the run's ledger knows, whatever run moved it, in pages."""
    numbered = run.config["target"]["system"] == "github"
    rows = LedgerEntry.objects.filter(scope=run.scope_id, kind=EffectKind.ITEM.value, state=EffectState.DONE.value)
    place = 0
    while found := list(rows.filter(pk__gt=place).order_by("pk").values_list("pk", *_ITEM_NAMES)[:page]):
        place = found[-1][0]
        yield [(source, number if numbered else key) for _, source, number, key in found if key]


def moved_parts(run: MigrationRun, items: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """Kind (`comment` or `file`), item, source id and target id of what was moved with some items."""
    kinds = {EffectKind.COMMENT.value: "/c/", EffectKind.FILE.value: "/f/"}
    for start in range(0, len(items), 400):
        rows = LedgerEntry.objects.filter(
            scope=run.scope_id, kind__in=kinds, state=EffectState.DONE.value, item__in=items[start : start + 400]
        ).exclude(target_id="")
        for kind, item, source, target in rows.values_list("kind", "item", "source", "target_id"):
            yield kind, item, source.partition(kinds[kind])[2], target


def moved_samples(run: MigrationRun, *, most: int = 400) -> list[tuple[str, str, str]]:
    """Type, state and source id of one moved item for every type and state of the run, and for everything that items
    of a type became; what most became comes first."""
    rows = RunItem.objects.filter(run=run).exclude(target_key="").order_by()
    found = rows.values_list("type", "state", "target_type").annotate(Min("source"), count=Count("pk"))
    return [(kind, state, source) for kind, state, _, source, _ in found.order_by("-count")[:most]]


_ITEM_NAMES = ("source", "target_id", "target_key")
