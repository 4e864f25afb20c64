"""Work on ended runs: asked for, carried out slice by slice, and swept up when a worker died.

A follow-up never changes its run. It uses the run's own ends and decisions, so that what was moved is compared with,
or taken back from, the place it was moved to.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from connectors.domain.errors import DomainError, NotSent, PlatformError, Unclear
from migrations_app.doors import open_doors
from migrations_app.engine.config import SliceEnd, SliceResult
from migrations_app.engine.ports import FenceLost, LeaseExpired
from migrations_app.follow_up_models import UNFINISHED, FollowUp, FollowUpKind, FollowUpStatus
from migrations_app.follow_up_store import FollowUpStore
from migrations_app.models import ACTIVE_STATUSES, LedgerScope, MigrationRun
from migrations_app.pool import ThreadPool
from migrations_app.queries import find_run
from migrations_app.run_config import engine_config
from migrations_app.services.slices import CALLS_AT_ONCE, CRASHED, Engine, WallClock
from tenancy import audit
from tenancy.errors import QueueUnreachable
from tenancy.permissions import Action, require
from tenancy.principal import Principal
from tenancy.queueing import enqueue, stopping

log = logging.getLogger(__name__)

JOB = "migrations_app.jobs.advance_follow_up"
QUEUE = "runs"
TROUBLE_ENDS_AFTER = timedelta(minutes=15)
"""A platform that lets nothing through for longer ends the work; it can be asked for again."""
NOT_DISPATCHED = ("ENGINE_DISPATCH_FAILED", "Could not start migration worker")


def verify_again(run_id: UUID, *, by: Principal) -> FollowUp:
    """Have an ended run compared once more, without writing anything to either side.

    Raises NotPermitted, DomainError MIGRATION_NOT_FOUND, MIGRATION_NOT_ENDED, MIGRATION_WROTE_NOTHING,
    FOLLOW_UP_RUNNING, or ENGINE_DISPATCH_FAILED.
    """
    require(by, Action.OPERATE_RUNS)
    run = _ended(find_run(by.organization, run_id))
    return _start(run, FollowUpKind.VERIFICATION, by=by)


def roll_back(run_id: UUID, *, confirm: str, by: Principal) -> FollowUp:
    """Have the issues deleted that the run created and nobody changed since. `confirm` is the target project's key:
    whoever asks has to know what is about to go.

    Raises NotPermitted, DomainError MIGRATION_NOT_FOUND, MIGRATION_NOT_ENDED, MIGRATION_WROTE_NOTHING,
    ROLLBACK_NOT_CONFIRMED, MIGRATION_ALREADY_RUNNING, FOLLOW_UP_RUNNING, or ENGINE_DISPATCH_FAILED.
    """
    require(by, Action.ROLL_BACK)
    run = _ended(find_run(by.organization, run_id))
    key = str(run.config["target"]["project"])
    if confirm != key:
        raise DomainError(
            "ROLLBACK_NOT_CONFIRMED",
            f"Deleting issues cannot be undone: send the key of their project, {key}, as `confirm`",
            errors={"confirm": [f"Send {key}."]},
        )
    return _start(run, FollowUpKind.ROLLBACK, by=by)


def _ended(run: MigrationRun) -> MigrationRun:
    if not run.state.is_ended:
        raise DomainError("MIGRATION_NOT_ENDED", f"Run {run.pk} has not ended: {run.status}", status=409)
    if run.config.get("options", {}).get("dry_run", False):
        raise DomainError("MIGRATION_WROTE_NOTHING", f"Run {run.pk} was a dry run: there is nothing in the target")
    if not run.checkpoint.get("planned"):
        raise DomainError("MIGRATION_WROTE_NOTHING", f"Run {run.pk} ended before it wrote anything")
    return run


def _start(run: MigrationRun, kind: FollowUpKind, *, by: Principal) -> FollowUp:
    made = FollowUp(organization=by.organization, run=run, kind=kind.value, requested_by=by.user)
    try:
        with transaction.atomic():
            if kind is FollowUpKind.ROLLBACK:
                _require_quiet(run)
            made.save(force_insert=True)
            audit.record(
                organization=by.organization,
                actor=by.user,
                action=f"run.{kind.value}",
                target=run,
                after={"id": made.pk},
            )
            _dispatch(made)
    except IntegrityError:
        raise DomainError(
            "FOLLOW_UP_RUNNING", f"Run {run.pk} is being verified or rolled back already", status=409
        ) from None
    except QueueUnreachable as error:
        _end(FollowUp.objects.filter(pk=made.pk), FollowUpStatus.FAILED, reason=NOT_DISPATCHED)
        raise DomainError(*NOT_DISPATCHED, status=502) from error
    return made


def _require_quiet(run: MigrationRun) -> None:
    """No run may write to the same place meanwhile; the scope's row is what starts and rollbacks both lock."""
    LedgerScope.objects.select_for_update().get(pk=run.scope_id)
    other = MigrationRun.objects.filter(scope=run.scope_id, status__in=ACTIVE_STATUSES).first()
    if other is not None:
        raise DomainError("MIGRATION_ALREADY_RUNNING", f"Run {other.pk} moves items to the same target", status=409)


def _dispatch(follow_up: FollowUp) -> None:
    """Raises QueueUnreachable, inside a transaction from its commit."""
    FollowUp.objects.filter(pk=follow_up.pk, attempt=follow_up.attempt).update(enqueued_at=timezone.now())
    job_id = f"follow-up-{follow_up.pk}-{follow_up.attempt}"
    enqueue(QUEUE, JOB, str(follow_up.pk), follow_up.attempt, job_id=job_id)


# --- Carrying it out ---


def advance_follow_up(follow_up_id: UUID, attempt: int, *, engines: Mapping[str, Engine]) -> None:
    """Work on a follow-up for one slice, if this job is still the one to do it. `engines` are by kind."""
    leased_at = time.monotonic()
    follow_up = _claim(follow_up_id, attempt)
    if follow_up is None:
        return
    result = _work(follow_up, engines[follow_up.kind], leased_at=leased_at)
    if result.end is SliceEnd.LOST:
        log.info("Follow-up %s went to another worker", follow_up_id)
        return
    _settle(follow_up, result)


def _claim(follow_up_id: UUID, attempt: int) -> FollowUp | None:
    now = timezone.now()
    free = FollowUp.objects.filter(_unleased(), pk=follow_up_id, attempt=attempt, status__in=UNFINISHED)
    taken = free.update(
        status=FollowUpStatus.RUNNING,
        attempt=F("attempt") + 1,
        lease_until=now + timedelta(seconds=settings.LEASE_SECONDS),
        resume_at=None,
        enqueued_at=None,
        started_at=Coalesce("started_at", now),
    )
    return FollowUp.objects.get(pk=follow_up_id) if taken else None


def _unleased() -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lte=timezone.now())


def _work(follow_up: FollowUp, engine: Engine, *, leased_at: float) -> SliceResult:
    """The engine's slice, or what kept it from working as a result of the same kind."""
    run = MigrationRun.objects.select_related("source_connector", "target_connector").get(pk=follow_up.run_id)
    store = FollowUpStore(
        follow_up, run, lease_seconds=settings.LEASE_SECONDS, leased_at=leased_at, is_stopping=stopping.is_set
    )
    config = engine_config(run)
    try:
        with (
            open_doors(run, lease_left=store.lease_left, margin=config.lease_margin) as doors,
            ThreadPool(CALLS_AT_ONCE) as pool,
        ):
            return engine(config, source=doors.source, target=doors.target, store=store, pool=pool, clock=WallClock())
    except FenceLost:
        return SliceResult(SliceEnd.LOST)
    except (NotSent, Unclear) as error:
        return SliceResult(SliceEnd.WAIT, resume_in=error.retry_after or 5.0, code=error.code, message=error.message)
    except LeaseExpired:
        return SliceResult(SliceEnd.CONTINUE)
    except (PlatformError, DomainError) as error:
        return SliceResult(SliceEnd.FAILED, code=error.code, message=error.message)
    except DatabaseError:
        raise
    except Exception:
        # The edge of the job: an invariant does not hold. Trying again would find the same.
        log.exception("Follow-up %s failed", follow_up.pk)
        return SliceResult(SliceEnd.FAILED, code=CRASHED.code, message=CRASHED.message)


def _settle(follow_up: FollowUp, result: SliceResult) -> None:
    """Give it back in its next state, and order the next slice when one is due at once."""
    mine = FollowUp.objects.filter(pk=follow_up.pk, attempt=follow_up.attempt, status=FollowUpStatus.RUNNING)
    now = timezone.now()
    since = follow_up.trouble_since or now
    gave_up = result.end is SliceEnd.WAIT and now - since >= TROUBLE_ENDS_AFTER
    lost_access = result.end is SliceEnd.PAUSED and bool(result.code)
    if result.end is SliceEnd.FINISHED:
        _end(mine, FollowUpStatus.COMPLETED)
    elif result.end is SliceEnd.FAILED or gave_up or lost_access:
        _end(mine, FollowUpStatus.FAILED, reason=(result.code, result.message))
    elif result.end is SliceEnd.WAIT:
        mine.update(lease_until=None, resume_at=now + timedelta(seconds=result.resume_in), trouble_since=since)
    elif mine.update(lease_until=None, trouble_since=None):
        _order(FollowUp.objects.get(pk=follow_up.pk))


def _end(mine: Any, status: FollowUpStatus, *, reason: tuple[str, str] = ("", "")) -> None:
    mine.update(
        status=status, reason_code=reason[0], reason_message=reason[1], lease_until=None, finished_at=timezone.now()
    )


def _order(follow_up: FollowUp) -> bool:
    try:
        _dispatch(follow_up)
    except QueueUnreachable as error:
        log.warning("Follow-up %s waits for the queue: %s", follow_up.pk, error)
        FollowUp.objects.filter(pk=follow_up.pk, attempt=follow_up.attempt).update(enqueued_at=None)
        return False
    return True


def sweep_follow_ups() -> int:
    """Order a slice for every follow-up that is due and not ordered lately; tells how many. Safe to call often."""
    now = timezone.now()
    due = Q(resume_at__isnull=True) | Q(resume_at__lte=now)
    unordered = Q(enqueued_at__isnull=True) | Q(enqueued_at__lte=now - timedelta(seconds=settings.SWEEP_SECONDS))
    waiting = FollowUp.objects.filter(due, unordered, _unleased(), status__in=UNFINISHED)
    return sum(_order(follow_up) for follow_up in waiting)
