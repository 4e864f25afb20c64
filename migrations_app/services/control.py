"""Pause, resume, cancel. A run that no worker holds obeys at once; one that is worked on gets the wish written into
its row and obeys at its next commit, which is waited for here for a moment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from connectors.credentials import seal_values, unseal_values
from connectors.domain.errors import DomainError
from migrations_app.engine.state import Control, RunStatus
from migrations_app.models import MigrationRun
from migrations_app.queries import find_run
from migrations_app.services.dispatch import dispatch
from migrations_app.services.starting import NOT_DISPATCHED
from migrations_app.statuses import change_status, unleased
from tenancy import audit
from tenancy.errors import QueueUnreachable
from tenancy.permissions import Action, require
from tenancy.principal import Principal

OBEDIENCE_SECONDS = 10.0
"""How long an answer is held back until the worker has obeyed: two seconds plus the requests in flight."""
LOOK_EVERY = 0.05
_TRIES = 5
_RUNNING = Q(status=RunStatus.RUNNING.value)


@dataclass(frozen=True, slots=True)
class NewCredentials:
    """Secrets that replace the ones a run was started with; None keeps what is there."""

    pat: str | None = None
    api_token: str | None = None
    email: str | None = None


def pause_run(run_id: UUID, *, by: Principal) -> MigrationRun:
    """Stop at the next checkpoint. The run comes back as it is after at most `OBEDIENCE_SECONDS`: PAUSED, unless a
    platform keeps the requests in flight waiting; it is then still RUNNING and pauses when they are answered.

    Raises NotPermitted, DomainError MIGRATION_NOT_FOUND, MIGRATION_NOT_RUNNING, MIGRATION_ENDED.
    """
    return _wish(run_id, Control.PAUSE, becomes=RunStatus.PAUSED, by=by)


def cancel_run(run_id: UUID, *, by: Principal) -> MigrationRun:
    """End for good; what was created stays. Waits like `pause_run`.

    Raises NotPermitted, DomainError MIGRATION_NOT_FOUND, MIGRATION_ENDED.
    """
    return _wish(run_id, Control.CANCEL, becomes=RunStatus.CANCELLED, by=by)


def resume_run(run_id: UUID, *, by: Principal, credentials: NewCredentials | None = None) -> MigrationRun:
    """Go on from the checkpoint, with new credentials where given. A pause that is not obeyed yet is taken back.

    Raises NotPermitted, DomainError MIGRATION_NOT_FOUND, MIGRATION_NOT_PAUSED, MIGRATION_ENDED, or
    ENGINE_DISPATCH_FAILED after which the run is still PAUSED.
    """
    require(by, Action.OPERATE_RUNS)
    run = find_run(by.organization, run_id)
    if _take_back_pause(run):
        return find_run(by.organization, run_id)
    try:
        with transaction.atomic():
            resumed = change_status(
                run_id,
                RunStatus.RUNNING,
                only_if=Q(status=RunStatus.PAUSED.value),
                resume_at=None,
                trouble_since=None,
                **_resealed(run_id, credentials),
            )
            if resumed is None:
                raise _cannot_resume(find_run(by.organization, run_id))
            _note(resumed, "run.resume", by=by)
            dispatch(resumed)
    except QueueUnreachable as error:
        change_status(run_id, RunStatus.PAUSED, only_if=unleased(), reason=NOT_DISPATCHED)
        raise DomainError(NOT_DISPATCHED.code, NOT_DISPATCHED.message, status=502) from error
    return find_run(by.organization, run_id)


def _wish(run_id: UUID, wish: Control, *, becomes: RunStatus, by: Principal) -> MigrationRun:
    require(by, Action.OPERATE_RUNS)
    action = f"run.{wish.value}"
    for _ in range(_TRIES):
        _require_possible(find_run(by.organization, run_id), wish)
        with transaction.atomic():
            obeyed = change_status(run_id, becomes, only_if=_obeys_at_once(wish))
            if obeyed is not None:
                _note(obeyed, action, by=by)
                return find_run(by.organization, run_id)
            # A cancel outdoes a pause, never the other way round.
            weaker = [Control.GO.value] if wish is Control.PAUSE else [Control.GO.value, Control.PAUSE.value]
            held = MigrationRun.objects.filter(_RUNNING, ~unleased(), pk=run_id)
            if held.filter(control__in=weaker).update(control=wish.value):
                _note(held.get(), action, by=by)
        if held.filter(control=wish.value).exists():
            _await_obedience(run_id)
            return find_run(by.organization, run_id)
        # It changed hands between the two looks: look again.
    return find_run(by.organization, run_id)


def _obeys_at_once(wish: Control) -> Q:
    """Not begun, or between slices, or left by a dead worker; a paused run can be cancelled."""
    idle = Q(status=RunStatus.PENDING.value) | (_RUNNING & unleased())
    return idle if wish is Control.PAUSE else idle | Q(status=RunStatus.PAUSED.value)


def _require_possible(run: MigrationRun, wish: Control) -> None:
    if run.state.is_ended:
        raise _ended(run)
    if wish is not Control.PAUSE:
        return
    if run.state is RunStatus.PAUSED:
        raise DomainError("MIGRATION_NOT_RUNNING", f"Run {run.pk} is not running")
    if run.control == Control.CANCEL:
        raise DomainError("MIGRATION_NOT_RUNNING", f"Run {run.pk} is being cancelled")


def _await_obedience(run_id: UUID) -> None:
    """Until the row is no longer RUNNING with a worker on it, or patience ends."""
    deadline = time.monotonic() + OBEDIENCE_SECONDS
    while time.monotonic() < deadline:
        if not MigrationRun.objects.filter(_RUNNING, pk=run_id).exists():
            return
        time.sleep(LOOK_EVERY)


def _take_back_pause(run: MigrationRun) -> bool:
    waiting = MigrationRun.objects.filter(_RUNNING, pk=run.pk, control=Control.PAUSE.value)
    return bool(waiting.update(control=Control.GO.value))


def _cannot_resume(run: MigrationRun) -> DomainError:
    return _ended(run) if run.state.is_ended else DomainError("MIGRATION_NOT_PAUSED", f"Run {run.pk} is not paused")


def _ended(run: MigrationRun) -> DomainError:
    return DomainError("MIGRATION_ENDED", f"Run {run.pk} has ended: {run.status}")


def _resealed(run_id: UUID, new: NewCredentials | None) -> dict[str, Any]:
    """The columns that new secrets change. An end that uses a connector gets its credentials there, not here."""
    if new is None:
        return {}
    run = MigrationRun.objects.select_for_update().get(pk=run_id)
    secrets = unseal_values(run, run.sealed_credentials)
    given = {"source": new.pat, "target": new.api_token}
    changed = {side: secret for side, secret in given.items() if secret is not None}
    for side in changed:
        if getattr(run, f"{side}_connector_id") is not None:
            raise DomainError("VALIDATION_FAILED", "Not valid", errors={side: ["Change the connector's credentials."]})
    config = run.config
    if new.email is not None:
        config = {**config, "target": {**config["target"], "account": new.email}}
    return {"sealed_credentials": seal_values(run, {**secrets, **changed}), "config": config}


def _note(run: MigrationRun, action: str, *, by: Principal) -> None:
    audit.record(organization=by.organization, actor=by.user, action=action, target=run)
