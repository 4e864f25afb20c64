"""Making, changing and deleting projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from connectors.domain.errors import DomainError
from connectors.domain.systems import find_system, invalid, require_available
from connectors.models import Connector, Mapping, Scan
from connectors.queries import find_connector
from migrations_app.models import ACTIVE_STATUSES, SOURCES, TARGETS, Project, ProjectStatus, System
from migrations_app.queries import find_project
from tenancy import audit
from tenancy.models import Organization
from tenancy.permissions import Action, require
from tenancy.principal import Principal

_NAMES = {"source_connector": "sourceConnectorId", "target_connector": "targetConnectorId"}


@dataclass(frozen=True, slots=True)
class ProjectChanges:
    """New values; None leaves a part alone. A connector id of 0 takes the connector away."""

    name: str | None = None
    description: str | None = None
    source_connector: int | None = None
    target_connector: int | None = None


def create_project(*, source_system: str, target_system: str, values: ProjectChanges, by: Principal) -> Project:
    """A new project. Raises NotPermitted, DomainError VALIDATION_FAILED, CONNECTOR_NOT_FOUND."""
    require(by, Action.MANAGE_PROJECTS)
    errors = _unsupported(source_system, target_system)
    if errors:
        raise invalid(errors)
    project = Project(organization=by.organization, source_system=source_system, target_system=target_system)
    _apply(project, values, organization=by.organization)
    with transaction.atomic():
        project.save()
        audit.record(
            organization=by.organization, actor=by.user, action="project.create", target=project, after=_facts(project)
        )
    return project


def update_project(project_id: UUID, *, values: ProjectChanges, by: Principal) -> Project:
    """Change a project. Raises NotPermitted, DomainError PROJECT_NOT_FOUND, VALIDATION_FAILED, CONNECTOR_NOT_FOUND,
    PROJECT_BUSY when its connectors should change under a run."""
    require(by, Action.MANAGE_PROJECTS)
    project = find_project(by.organization, project_id)
    before = _facts(project)
    _apply(project, values, organization=by.organization)
    rewired = {name for name in _NAMES if before[name] != _facts(project)[name]}
    if rewired:
        _require_idle(project)
        project.status = ProjectStatus.DRAFT  # what was checked was checked with other connectors
    with transaction.atomic():
        # Only what changes here: a run may move the status at the same time.
        project.save(update_fields=["name", "description", *_NAMES, "updated_at", *(["status"] if rewired else [])])
        audit.record(
            organization=by.organization,
            actor=by.user,
            action="project.update",
            target=project,
            before=before,
            after=_facts(project),
        )
    return project


def delete_project(project_id: UUID, *, by: Principal) -> None:
    """Remove a project with its runs, mapping and scans. What was written to the platforms stays, and so does the
    ledger that keeps it from being written again. Raises NotPermitted, DomainError PROJECT_NOT_FOUND, PROJECT_BUSY."""
    require(by, Action.MANAGE_PROJECTS)
    project = find_project(by.organization, project_id)
    with transaction.atomic():
        # The row's lock keeps a start of the same project waiting until it is gone.
        Project.objects.select_for_update().filter(pk=project.pk).first()
        _require_idle(project)
        audit.record(
            organization=by.organization, actor=by.user, action="project.delete", target=project, before=_facts(project)
        )
        own = {"organization": by.organization, "migration_project": project.pk}
        Scan.objects.filter(**own).delete()
        Mapping.objects.filter(**own).delete()
        project.delete()


def _apply(project: Project, values: ProjectChanges, *, organization: Organization) -> None:
    if values.name is not None:
        project.name = values.name
    if values.description is not None:
        project.description = values.description
    ends = (
        ("source_connector", values.source_connector, project.source_system),
        ("target_connector", values.target_connector, project.target_system),
    )
    for name, connector_id, system in ends:
        if connector_id is not None:
            setattr(project, name, _connector(organization, connector_id, name=name, system=System(system)))


def _connector(organization: Organization, connector_id: int, *, name: str, system: System) -> Connector | None:
    if not connector_id:
        return None
    connector = find_connector(organization, connector_id)
    require_available(find_system(connector.system))
    if connector.system != system.id:
        raise invalid({_NAMES[name]: [f"Connector {connector_id} is not one for {system.label}."]})
    return connector


def _require_idle(project: Project) -> None:
    if project.runs.filter(status__in=ACTIVE_STATUSES).exists():
        raise DomainError("PROJECT_BUSY", "A run of this project is active: cancel it first", status=409)


def _unsupported(source_system: str, target_system: str) -> dict[str, list[str]]:
    errors = {}
    if source_system not in SOURCES:
        errors["sourceSystem"] = [f"Only {' and '.join(SOURCES)} can be sources."]
    if target_system not in TARGETS:
        errors["targetSystem"] = [f"Only {' and '.join(TARGETS)} can be targets."]
    return errors


def _facts(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "description": project.description,
        "source_connector": project.source_connector_id,
        "target_connector": project.target_connector_id,
    }
