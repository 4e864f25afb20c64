"""A project's mapping: shown with proposals, changed, exported, and its people as a table."""

from __future__ import annotations

from collections.abc import Mapping as Names
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from connectors.domain.errors import DomainError
from connectors.domain.findings import Finding
from connectors.domain.mapping.decisions import Decisions, as_document, from_document
from connectors.models import Mapping
from migrations_app.engine.choices import Choices, offer
from migrations_app.engine.config import RunOptions
from migrations_app.engine.decided import decided_options
from migrations_app.engine.entries import Proposals
from migrations_app.engine.proposals import Situation, propose
from migrations_app.mappings import decisions_of, stored_mapping
from migrations_app.models import ACTIVE_STATUSES, Project, ProjectStatus
from migrations_app.queries import find_project
from migrations_app.services.looking import Look, decided_anew, look_at
from migrations_app.services.remembering import remember, remembered
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal

COMPLETE = "complete"
"""In a stored document: nothing was left to decide when it was last looked at."""


@dataclass(frozen=True, slots=True)
class MappingView:
    """A mapping as it stands. `version` is 0 while nothing is stored; `proposals` is None when neither end was looked
    at; `problem` says why not, where somebody wanted it. `choices` are what may be decided, as seen at `seen_at`."""

    version: int
    decisions: Decisions
    proposals: Proposals | None = None
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    choices: Choices = field(default_factory=Choices)
    seen_at: datetime | None = None


def read_mapping(project_id: UUID, *, by: Principal, fresh: bool = True) -> MappingView:
    """The mapping with proposals for everything in use, read from both ends now, or, when not `fresh`, as they were
    seen last.

    Raises NotPermitted; DomainError PROJECT_NOT_FOUND, PROJECT_NOT_CONNECTED, CONNECTOR_INACCESSIBLE,
    CREDENTIALS_UNREADABLE, or with the code of the platform's refusal.
    """
    require(by, Action.SCAN)
    project = find_project(by.organization, project_id)
    stored = stored_mapping(project)
    decisions = from_document(stored.document) if stored is not None else Decisions()
    return _viewed(project, decisions, version=stored.version if stored is not None else 0, fresh=fresh)


def read_decisions(project_id: UUID, *, by: Principal) -> MappingView:
    """What people decided, without looking at either end. Raises NotPermitted, DomainError PROJECT_NOT_FOUND."""
    require(by, Action.SEE)
    stored = stored_mapping(find_project(by.organization, project_id))
    if stored is None:
        return MappingView(0, Decisions())
    return MappingView(stored.version, from_document(stored.document))


def save_mapping(
    project_id: UUID, *, decisions: Decisions, version: int | None, by: Principal, fresh: bool = True
) -> MappingView:
    """Store the decisions and show what follows from them, as `read_mapping`. `version` is the one the changes were
    made to; None replaces whatever is there. A platform that cannot be asked now does not keep the decisions from
    being stored.

    Raises NotPermitted; DomainError PROJECT_NOT_FOUND, PROJECT_BUSY, MAPPING_CHANGED.
    """
    require(by, Action.MANAGE_MAPPINGS)
    project = find_project(by.organization, project_id)
    if project.runs.filter(status__in=ACTIVE_STATUSES).exists():
        raise DomainError("PROJECT_BUSY", "A run of this project is active and uses the mapping", status=409)
    try:
        view = _viewed(project, decisions, version=0, fresh=fresh)
    except DomainError as error:
        view = MappingView(0, decisions, problem=error.message)
    complete = view.proposals is not None and not view.proposals.open_entries
    stored = _store(project, decisions, version=version, complete=complete, by=by)
    return replace(view, version=stored.version)


def save_people(project_id: UUID, *, people: Names[str, str], version: int | None, by: Principal) -> MappingView:
    """Replace the people of the mapping and leave the rest. Raises as `save_mapping`."""
    require(by, Action.MANAGE_MAPPINGS)
    decided = decisions_of(find_project(by.organization, project_id))
    return save_mapping(project_id, decisions=replace(decided, people=dict(people)), version=version, by=by)


def _viewed(project: Project, decisions: Decisions, *, version: int, fresh: bool) -> MappingView:
    options = decided_options(RunOptions(), decisions)
    last = None if fresh else remembered(project)
    if last is None:
        seen = look_at(project, options, with_people=True)
    else:
        seen = decided_anew(project, last, options)
    remember(project, seen)
    now = _situation(seen, options)
    findings = seen.checked.findings
    return MappingView(version, decisions, propose(now, decisions), findings, choices=offer(now), seen_at=seen.seen_at)


def _situation(seen: Look, options: RunOptions) -> Situation:
    return Situation(
        source=seen.source,
        target=seen.target,
        usage=seen.usage,
        maps=seen.checked.maps,
        options=options,
        iterations=seen.iterations,
        areas=seen.areas,
        people=seen.people,
        found=seen.found,
    )


def _store(project: Project, decisions: Decisions, *, version: int | None, complete: bool, by: Principal) -> Mapping:
    document = {**as_document(decisions), COMPLETE: complete}
    with transaction.atomic():
        before = stored_mapping(project)
        row = _created(project, document, version=version, by=by) if before is None else before
        if before is not None and not _changed(before, document, version=version, by=by):
            raise _stale(before, version)
        row.refresh_from_db()
        Project.objects.filter(pk=project.pk, status=ProjectStatus.READY).update(
            status=ProjectStatus.DRAFT, updated_at=timezone.now()
        )
        audit.record(
            organization=by.organization,
            actor=by.user,
            action="mapping.update",
            target=row,
            before={"version": before.version} if before is not None else {},
            after={"version": row.version, "complete": complete},
        )
    return row


def _created(project: Project, document: dict[str, object], *, version: int | None, by: Principal) -> Mapping:
    if version not in (None, 0):
        raise DomainError("MAPPING_CHANGED", "The mapping has no stored version yet: send 0, or none", status=409)
    try:
        return Mapping.objects.create(
            organization=project.organization,
            name=project.name,
            migration_project=project.pk,
            source_system=project.source_system.lower(),
            target_system=project.target_system.lower(),
            document=document,
            changed_by=by.user,
        )
    except IntegrityError:
        raise DomainError("MAPPING_CHANGED", "Somebody else stored the mapping meanwhile", status=409) from None


def _changed(row: Mapping, document: dict[str, object], *, version: int | None, by: Principal) -> bool:
    """A conditional update on the version, so that two editors cannot overwrite each other unnoticed."""
    rows = Mapping.objects.filter(pk=row.pk)
    if version is not None:
        rows = rows.filter(version=version)
    changed = rows.update(document=document, version=F("version") + 1, changed_by=by.user, updated_at=timezone.now())
    return bool(changed)


def _stale(row: Mapping, version: int | None) -> DomainError:
    words = f"The mapping has version {row.version} by now, the changes were made to version {version}"
    return DomainError("MAPPING_CHANGED", words, status=409)
