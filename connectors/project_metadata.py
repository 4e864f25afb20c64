"""Connector projects: made with their connector, their metadata read by a job and kept, their modules chosen.

Answers are made from what is stored. Only a client that asks for the fields of a project whose metadata was never
read waits for one live look.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, RestrictedError
from django.utils import timezone

from connectors import opening
from connectors.domain.errors import DomainError, NotSent, PlatformError, Unclear
from connectors.domain.mapping.decisions import Decisions, from_document
from connectors.domain.modules import (
    FILTER_LENGTH,
    MOST_TYPES,
    Module,
    OurMapping,
    ProjectModules,
    from_json,
    to_json,
    unknown_types,
)
from connectors.domain.systems import find_system, invalid
from connectors.models import Connector, ConnectorProject
from connectors.models import Mapping as StoredMapping
from connectors.project_directory import ProjectRef
from tenancy import audit
from tenancy.models import Organization
from tenancy.permissions import Action, require
from tenancy.principal import Principal
from tenancy.queueing import enqueue_if_possible

log = logging.getLogger(__name__)

JOB = "connectors.jobs.refresh_project"
QUEUE = "default"
KEPT_FOR = timedelta(hours=1)
AFTER_FAILURE = timedelta(minutes=10)
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ModuleChoice:
    """What somebody chose for a module; None leaves a part alone."""

    types: Sequence[str] | None = None
    filter: str | None = None


def ensure_project(connector: Connector) -> None:
    """A connector project for the connector's default project, to be read soon. For callers in a transaction."""
    if not connector.default_project or not _is_reachable(connector):
        return
    key = connector.default_project
    known = connector.projects.filter(Q(key__iexact=key) | Q(external_id=key) | Q(name__iexact=key)).first()
    if known is None:
        known = ConnectorProject.objects.create(
            organization_id=connector.organization_id, connector=connector, external_id=key, key=key, name=key
        )
    else:
        ConnectorProject.objects.filter(pk=known.pk).update(refresh_after=None)
    enqueue_if_possible(QUEUE, JOB, known.pk, job_id=f"project-{known.pk}")


def refresh_project(project_id: int) -> None:
    """Read a project's metadata and keep it, as a job. A platform that refuses or is away leaves what is there."""
    project = ConnectorProject.objects.select_related("connector").filter(pk=project_id).first()
    if project is None:
        return
    try:
        read_now(project)
    except (PlatformError, DomainError) as error:
        log.info("Metadata of connector project %s could not be read: %s", project_id, error.code)


def read_now(project: ConnectorProject) -> ProjectModules:
    """The live metadata, kept. Raises PlatformError, DomainError as `connectors.opening.access_to`."""
    try:
        modules = opening.read_modules(opening.access_to(project.connector, project=project.key))
    except (PlatformError, DomainError):
        _rows(project).update(refresh_after=timezone.now() + AFTER_FAILURE)
        raise
    _keep(project, modules)
    return modules


def sweep_projects() -> int:
    """Order a look at every project whose metadata is old, and make rows for connectors that have none yet. Returns
    how many were ordered; called by the scheduler."""
    now = timezone.now()
    due = Q(refresh_after=None) | Q(refresh_after__lt=now)
    bare = Connector.objects.filter(projects=None, inaccessible=False).exclude(default_project="")
    for connector in bare[:_MOST_AT_ONCE]:
        ensure_project(connector)
    found = ConnectorProject.objects.filter(due, connector__inaccessible=False).order_by("refresh_after", "pk")
    ordered = list(found[:_MOST_AT_ONCE])
    for project in ordered:
        # Looked at again only when this order had time to be carried out, however often the sweep comes by.
        _rows(project).update(refresh_after=now + AFTER_FAILURE)
        enqueue_if_possible(QUEUE, JOB, project.pk, job_id=f"project-{project.pk}")
    return len(ordered)


def modules_for_fields(project: ConnectorProject) -> ProjectModules:
    """The project's modules for an answer with fields: the stored ones, or a live look where there are none.

    Raises DomainError CO.CONNECTION_TIMEOUT (500) when the platform is silent for 20 seconds; whatever else it
    answers leaves the modules empty until a job succeeds.
    """
    if project.metadata or not _is_reachable(project.connector):
        return from_json(project.metadata)
    started = time.monotonic()
    try:
        return read_now(project)
    except (NotSent, Unclear) as error:
        if time.monotonic() - started >= opening.SILENCE_SECONDS:
            words = f"{project.connector.name} did not answer within {opening.SILENCE_SECONDS:.0f} seconds"
            raise DomainError("CO.CONNECTION_TIMEOUT", words, status=500) from error
    except (PlatformError, DomainError) as error:
        log.info("Metadata of connector project %s could not be read: %s", project.pk, error.code)
    return ProjectModules("", project.key, project.name)


def mapping_for(organization: Organization, project: ProjectRef) -> OurMapping:
    """What decides which fields are mapped in a project: what people decided, and its source's fields."""
    stored = StoredMapping.objects.for_organization(organization).filter(migration_project=project.id).first()
    decisions = from_document(stored.document) if stored is not None else Decisions()
    source = _source_project(organization, project)
    modules = from_json(source.metadata) if source is not None else ProjectModules("", "", "")
    fields = {word for each in modules.types for known in each.fields for word in (known.id, known.name)}
    return OurMapping(overrides=decisions.field_overrides, source_fields=frozenset(fields))


def _source_project(organization: Organization, project: ProjectRef) -> ConnectorProject | None:
    """The default project of the source connector, the one that is moved; any other of it when it has none."""
    rows = ConnectorProject.objects.for_organization(organization).filter(connector=project.source_connector)
    key = Q(key__iexact=F("connector__default_project")) | Q(external_id=F("connector__default_project"))
    named = key | Q(name__iexact=F("connector__default_project"))
    return rows.filter(named).first() or rows.first()


@transaction.atomic
def choose_modules(
    project: ConnectorProject, choices: Mapping[Module, ModuleChoice], *, by: Principal
) -> ConnectorProject:
    """Which types are a module's, and the filter that goes with it. No types: the default one again.

    Raises NotPermitted, DomainError VALIDATION_FAILED naming the module.
    """
    require(by, Action.MANAGE_CONNECTORS)
    locked = ConnectorProject.objects.for_organization(by.organization).select_for_update().get(pk=project.pk)
    before = {module.value: settings_of(locked, module) for module in choices}
    known = from_json(locked.metadata)
    errors = {m.value: found for m, choice in choices.items() if (found := _wrong(choice, known))}
    if errors:
        raise invalid(errors)
    for module, choice in choices.items():
        stored = settings_of(locked, module)
        if choice.types is not None:
            stored = {**stored, "types": list(choice.types)}
        if choice.filter is not None:
            stored = {**stored, "jqlFilterString": choice.filter}
        setattr(locked, f"{module.value}_settings", stored)
    locked.save()
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="connector_project.modules",
        target=locked,
        before=before,
        after={module.value: settings_of(locked, module) for module in choices},
    )
    return locked


def settings_of(project: ConnectorProject, module: Module) -> dict[str, Any]:
    """The stored settings of a module."""
    stored: dict[str, Any] = getattr(project, f"{module.value}_settings")
    return dict(stored)


def _wrong(choice: ModuleChoice, known: ProjectModules) -> list[str]:
    if choice.filter is not None and len(choice.filter) > FILTER_LENGTH:
        return [f"jqlFilterString: no more than {FILTER_LENGTH} characters."]
    types = choice.types or ()
    if len(types) > MOST_TYPES:
        return [f"types: no more than {MOST_TYPES}."]
    unknown = unknown_types(known, types) if known.types else []
    return [f"types: the project has no {', '.join(name[:60] for name in unknown)}."] if unknown else []


def _keep(project: ConnectorProject, modules: ProjectModules) -> None:
    """Store what was read. A row that was made by key gives way to one that already stands for the same project, or
    the other way round where a synchronization uses it."""
    now = timezone.now()
    real = modules.id or project.external_id
    with transaction.atomic():
        twin = project.connector.projects.exclude(pk=project.pk).filter(external_id=real).first()
        if twin is not None and _dropped(project):
            project = twin
        elif twin is not None and not _dropped(twin):
            real = project.external_id  # both are used: each stays as it is
        _rows(project).update(
            external_id=real,
            key=modules.key or project.key,
            name=modules.name or project.name,
            metadata=to_json(modules),
            metadata_read_at=now,
            refresh_after=now + KEPT_FOR,
        )


def _dropped(project: ConnectorProject) -> bool:
    """Whether a row could go; one that a synchronization uses cannot."""
    try:
        _rows(project).delete()
    except RestrictedError:
        return False
    return True


def _rows(project: ConnectorProject) -> Any:
    return ConnectorProject.objects.filter(pk=project.pk)


def _is_reachable(connector: Connector) -> bool:
    return find_system(connector.system).available and not connector.inaccessible
