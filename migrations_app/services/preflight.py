"""The check before a run: both ends described, the items read once, the mapping decided, nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from connectors.domain.findings import Finding
from migrations_app.engine.config import RunOptions
from migrations_app.engine.decided import decided_options
from migrations_app.engine.plan import plan_items
from migrations_app.engine.preflight import Inspection, plan_findings
from migrations_app.mappings import decisions_of
from migrations_app.models import Project, ProjectStatus
from migrations_app.queries import find_project
from migrations_app.services.looking import look_at
from tenancy.permissions import Action, require
from tenancy.principal import Principal

_BEFORE_READY = (ProjectStatus.DRAFT, ProjectStatus.CONNECTED, ProjectStatus.SCANNED, ProjectStatus.MAPPED)


@dataclass(frozen=True, slots=True)
class TypeChoice:
    """What items of a type become where their parents ask for nothing else."""

    source: str
    target: str
    count: int


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found. `read_items` is less than `total_items` when the project is too large to read at once."""

    findings: tuple[Finding, ...]
    is_blocked: bool
    total_items: int
    read_items: int
    types: tuple[TypeChoice, ...]


def check_project(project_id: UUID, *, by: Principal) -> Preflight:
    """Check a project with its connectors; without a blocking finding it becomes READY.

    Raises NotPermitted; DomainError PROJECT_NOT_FOUND, PROJECT_NOT_CONNECTED, CONNECTOR_INACCESSIBLE,
    CREDENTIALS_UNREADABLE, or with the code of the platform's refusal.
    """
    require(by, Action.SCAN)
    project = find_project(by.organization, project_id)
    found = _check(project)
    _note(project, found)
    return found


def _check(project: Project) -> Preflight:
    """As a run would decide that is started without any option."""
    seen = look_at(project, decided_options(RunOptions(), decisions_of(project)))
    findings = seen.checked.findings
    if not seen.checked.blocking:
        planned = plan_items(seen.sketches, seen.checked.maps, moved_level=lambda parent: None)
        findings = (*findings, *plan_findings(planned, seen.unread))
    return Preflight(
        findings=findings,
        is_blocked=bool(seen.checked.blocking),
        total_items=seen.total_items,
        read_items=seen.read_items,
        types=_choices(seen.checked, seen.usage.types),
    )


def _choices(checked: Inspection, used: Mapping[str, int]) -> tuple[TypeChoice, ...]:
    chosen = checked.maps.types
    ordered = sorted(used.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(TypeChoice(name, chosen[name].name if name in chosen else "", count) for name, count in ordered)


def _note(project: Project, found: Preflight) -> None:
    """READY, or no longer; a run decides over both."""
    stored = ProjectStatus(project.status)
    if not found.is_blocked and stored in (*_BEFORE_READY, ProjectStatus.FAILED, ProjectStatus.CANCELLED):
        following = ProjectStatus.READY
    elif found.is_blocked and stored is ProjectStatus.READY:
        following = ProjectStatus.DRAFT
    else:
        return
    Project.objects.filter(pk=project.pk, status=stored).update(status=following, updated_at=timezone.now())
