"""Starting a run: the row first, the job after the commit, and nothing half-started when the queue is away."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from connectors.credentials import seal_values
from connectors.domain.errors import DomainError
from connectors.domain.systems import Access, invalid
from connectors.models import Connector
from connectors.opening import access_to, located
from migrations_app.engine.decided import decided_options
from migrations_app.engine.ports import Event
from migrations_app.engine.state import RunStatus
from migrations_app.mappings import decisions_of
from migrations_app.models import ACTIVE_STATUSES, LedgerScope, MigrationRun, Project, ProjectStatus, System
from migrations_app.proofs import rollback_under_way
from migrations_app.queries import find_project, find_run, status_of
from migrations_app.run_config import StartRequest, to_json
from migrations_app.scopes import source_address, target_address
from migrations_app.services.dispatch import dispatch
from migrations_app.statuses import Reason, change_status
from migrations_app.store import write_events
from migrations_app.telling import tell_status
from tenancy import audit
from tenancy.errors import QueueUnreachable
from tenancy.permissions import Action, require
from tenancy.principal import Principal

log = logging.getLogger(__name__)

NOT_DISPATCHED = Reason("ENGINE_DISPATCH_FAILED", "Could not start migration worker")
_REQUIRED = ["This field is required."]


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The caller's key and the digest of what was sent with it; without a key every call is a new one."""

    key: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class _End:
    """One end of the run: how to get in, and the connector it comes from, if any."""

    access: Access
    connector: Connector | None


def start_run(
    project_id: uuid.UUID, *, request: StartRequest, by: Principal, idempotency: Idempotency | None = None
) -> MigrationRun:
    """A new run, waiting for a worker; or the first one of a repeated call with the same key.

    Raises NotPermitted, and DomainError PROJECT_NOT_FOUND, VALIDATION_FAILED, CONNECTOR_INACCESSIBLE,
    CREDENTIALS_UNREADABLE, IDEMPOTENCY_KEY_REUSED, MIGRATION_ALREADY_RUNNING, or ENGINE_DISPATCH_FAILED after which
    the run is there as FAILED.
    """
    require(by, Action.OPERATE_RUNS)
    project = find_project(by.organization, project_id)
    repeated = _repeated(project, idempotency)
    if repeated is not None:
        return repeated
    source = _end(project, request.source, side="source", chosen=request.source_project)
    target = _end(project, request.target, side="target", chosen=request.target_project)
    try:
        with transaction.atomic():
            _lock(project)
            # Again, now that starts of this project stand in line: the same call may have been faster.
            repeated = _repeated(project, idempotency)
            if repeated is not None:
                return repeated
            run = _create(project, request, source=source, target=target, by=by, idempotency=idempotency)
            if request.start_at is None or request.start_at <= timezone.now():
                dispatch(run)
    except IntegrityError:
        # Somebody else was faster, between our look and our row.
        repeated = _repeated(project, idempotency)
        if repeated is not None:
            return repeated
        raise already_running(project) from None
    except QueueUnreachable as error:
        change_status(run.pk, RunStatus.FAILED, reason=NOT_DISPATCHED)
        raise DomainError(NOT_DISPATCHED.code, NOT_DISPATCHED.message, status=502) from error
    return find_run(by.organization, run.pk)


def _repeated(project: Project, idempotency: Idempotency | None) -> MigrationRun | None:
    if idempotency is None or not idempotency.key:
        return None
    first = MigrationRun.objects.filter(project=project, idempotency_key=idempotency.key).first()
    if first is not None and first.body_digest != idempotency.digest:
        raise DomainError(
            "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was used with another request body", status=409
        )
    return first


def _lock(project: Project) -> None:
    """Starts of one project stand in line, and a deletion waits with them."""
    if Project.objects.select_for_update().filter(pk=project.pk).first() is None:
        raise DomainError("PROJECT_NOT_FOUND", f"Project {project.pk} not found", status=404)


def _end(project: Project, inline: Access | None, *, side: str, chosen: str) -> _End:
    """The credentials of the call, else the project's connector; with another project of it when one is `chosen`."""
    is_source = side == "source"
    system = System(project.source_system if is_source else project.target_system)
    if inline is not None:
        if inline.system is not system.id:
            words = f"The project's {side} is {system.label}: these are no credentials for that."
            raise invalid({f"enginePayload.{side}": [words]})
        return _End(located(inline), None)
    connector = project.source_connector if is_source else project.target_connector
    if connector is None:
        raise invalid({f"enginePayload.{side}.{name}": _REQUIRED for name in _CREDENTIALS[system]})
    access = located(access_to(connector, project=chosen))
    if not access.project:
        name = _PROJECT_NAMES[system]
        raise invalid({f"enginePayload.{side}.{name}": ["The connector has no default project: name one."]})
    return _End(access, connector)


_CREDENTIALS = {
    System.AZURE_DEVOPS: ("org", "project", "pat"),
    System.JIRA: ("base_url", "email", "api_token", "project_key"),
    System.GITHUB: ("owner", "repository", "token"),
}
_PROJECT_NAMES = {System.AZURE_DEVOPS: "project", System.JIRA: "project_key", System.GITHUB: "repository"}


def _create(
    project: Project,
    request: StartRequest,
    *,
    source: _End,
    target: _End,
    by: Principal,
    idempotency: Idempotency | None,
) -> MigrationRun:
    scope, _ = LedgerScope.objects.get_or_create(
        organization=by.organization,
        source=source_address(source.access, default_server=settings.AZURE_DEVOPS_URL),
        target=target_address(target.access),
    )
    LedgerScope.objects.select_for_update().get(pk=scope.pk)  # a rollback of the scope begins before or after this
    require_no_active(project, scope)
    run = MigrationRun(
        organization=by.organization,
        project=project,
        scope=scope,
        type=request.type.value,
        started_by=by.user,
        config=to_json(_decided(request, project), source=source.access, target=target.access),
        source_connector=source.connector,
        target_connector=target.connector,
        idempotency_key=idempotency.key if idempotency else "",
        body_digest=idempotency.digest if idempotency else "",
        project_status_before=status_of(project),
        resume_at=request.start_at,
        event_seq=1,
    )
    run.sealed_credentials = seal_values(run, _inline_secrets(source=source, target=target))
    run.save(force_insert=True)
    write_events(run, [Event("status", {"status": RunStatus.PENDING.lower()})])
    tell_status(run)
    Project.objects.filter(pk=project.pk).update(status=ProjectStatus.MIGRATING, updated_at=timezone.now())
    audit.record(
        organization=by.organization, actor=by.user, action="run.start", target=run, after=_audited(run, request)
    )
    return run


def _decided(request: StartRequest, project: Project) -> StartRequest:
    """The request with what the project's mapping decides and the call does not."""
    return replace(request, options=decided_options(request.options, decisions_of(project)))


def _inline_secrets(*, source: _End, target: _End) -> dict[str, str]:
    ends = {"source": source, "target": target}
    return {side: end.access.secret for side, end in ends.items() if end.connector is None}


def _audited(run: MigrationRun, request: StartRequest) -> dict[str, Any]:
    return {"type": request.type.value, "project_id": str(run.project_id), "scope": str(run.scope)}


def require_no_active(project: Project, scope: LedgerScope) -> None:
    """Nothing else may write to the target of the scope, and nothing may be deleted there meanwhile.

    Raises DomainError MIGRATION_ALREADY_RUNNING, FOLLOW_UP_RUNNING.
    """
    if project.runs.filter(status__in=ACTIVE_STATUSES).exists():
        raise already_running(project)
    other = MigrationRun.objects.filter(scope=scope, status__in=ACTIVE_STATUSES).select_related("project").first()
    if other is not None:
        raise DomainError(
            "MIGRATION_ALREADY_RUNNING",
            f"Run {other.pk} of the project {other.project.name!r} moves the same source to the same target",
            status=409,
        )
    if rollback_under_way(scope) is not None:
        raise DomainError("FOLLOW_UP_RUNNING", "A run over the same source and target is being rolled back", status=409)


def already_running(project: Project) -> DomainError:
    """The refusal of a second run."""
    active = project.runs.filter(status__in=ACTIVE_STATUSES).first()
    words = f"Run {active.pk} of this project is active" if active else "Another run moves the same items now"
    return DomainError("MIGRATION_ALREADY_RUNNING", words, status=409)
