"""One slice of a run: claim it, let the engine work, turn how it ended into the state of the row.

The wish to pause or cancel is data in the row; the engine learns of it from its commits, and whatever the slice ended
with, the wish is looked at again under the row's lock before the next slice is ordered.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from connectors.domain.errors import AccessLost, AddressRefused, DomainError, NotSent, PlatformError, Unclear
from connectors.domain.ports import SourceTracker, TargetTracker
from migrations_app.doors import open_doors
from migrations_app.engine.config import RunConfig, SliceEnd, SliceResult
from migrations_app.engine.ports import Clock, Event, FenceLost, LeaseExpired, Pool, Store
from migrations_app.engine.state import RunStatus
from migrations_app.models import MigrationRun, RunAttempt, RunEvent
from migrations_app.pool import ThreadPool
from migrations_app.run_config import engine_config
from migrations_app.services.dispatch import dispatch
from migrations_app.services.settling import NextState, decide
from migrations_app.statuses import Reason, change_status, unleased
from migrations_app.store import DjangoStore, write_events
from migrations_app.telling import tell_status
from migrations_app.wakeups import announce
from tenancy.errors import QueueUnreachable
from tenancy.queueing import stopping

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 16
CRASHED = Reason("INTERNAL_ERROR", "The run ended on a mistake of ours; the log of the worker has the details.")


DEATHS_IN_A_ROW = 5
DEADLY = Reason(
    "WORKER_DIES",
    f"{DEATHS_IN_A_ROW} workers in a row died on this run without getting any further. Look at their logs and memory, "
    "then resume it.",
)


class Engine(Protocol):
    """`migrations_app.engine.run.advance`, or a scripted one in tests."""

    def __call__(
        self,
        config: RunConfig,
        *,
        source: SourceTracker,
        target: TargetTracker,
        store: Store,
        pool: Pool,
        clock: Clock,
    ) -> SliceResult: ...


class WallClock:
    """The engine's clock in real life."""

    def now(self) -> float:
        return time.time()


def advance_run(run_id: UUID, attempt: int, *, engine: Engine) -> None:
    """Work on a run for one slice, if this job is still the one to do it. Safe to call twice.

    Raises nothing but errors of the database: the row stays as it is then, its lease runs out, and the sweep orders
    the slice again.
    """
    leased_at = time.monotonic()
    run = claim(run_id, attempt)
    if run is None:
        return
    store = DjangoStore(run, lease_seconds=settings.LEASE_SECONDS, leased_at=leased_at, is_stopping=stopping.is_set)
    requests = [(0, 0)]
    result = _work(run, store, engine=engine, count=requests.append)
    if result.end is SliceEnd.LOST:
        log.info("Run %s went to another worker", run_id)
        return
    _settle(run, result, requests=requests[-1])


def claim(run_id: UUID, attempt: int) -> MigrationRun | None:
    """Take the run for this worker by conditional update; None when it is not to be had."""
    now = timezone.now()
    taken: dict[str, Any] = {
        "attempt": F("attempt") + 1,
        "worker": worker_name(),
        "lease_until": now + timedelta(seconds=settings.LEASE_SECONDS),
        "resume_at": None,
        "enqueued_at": None,
        "started_at": Coalesce("started_at", now),
    }
    free = MigrationRun.objects.filter(unleased(), pk=run_id, attempt=attempt)
    with transaction.atomic():
        first = free.filter(status=RunStatus.PENDING.value).update(
            status=RunStatus.RUNNING.value, event_seq=F("event_seq") + 1, **taken
        )
        if not first and not free.filter(status=RunStatus.RUNNING.value).update(**taken):
            return None
        run = MigrationRun.objects.select_related("source_connector", "target_connector").get(pk=run_id)
        if first:
            write_events(run, [Event("status", {"status": RunStatus.RUNNING.lower()})])
            tell_status(run)
        RunAttempt.objects.create(organization_id=run.organization_id, run=run, attempt=run.attempt, worker=run.worker)
    announce(run_id)
    return run


def worker_name() -> str:
    """Who holds a run, for people who look for a stuck one."""
    return f"{socket.gethostname()}:{os.getpid()}"[:200]


def _work(
    run: MigrationRun, store: DjangoStore, *, engine: Engine, count: Callable[[tuple[int, int]], None]
) -> SliceResult:
    """The engine's slice, or what kept it from working as a result of the same kind."""
    if _is_deadly(run):
        return SliceResult(SliceEnd.PAUSED, code=DEADLY.code, message=DEADLY.message)
    config = engine_config(run)
    try:
        with (
            open_doors(run, lease_left=store.lease_left, margin=config.lease_margin) as doors,
            ThreadPool(CALLS_AT_ONCE) as pool,
        ):
            try:
                return engine(
                    config, source=doors.source, target=doors.target, store=store, pool=pool, clock=WallClock()
                )
            finally:
                count(doors.requests())
    except FenceLost:
        return SliceResult(SliceEnd.LOST)
    except (AccessLost, AddressRefused, DomainError) as error:
        return SliceResult(SliceEnd.PAUSED, code=error.code, message=error.message)
    except (NotSent, Unclear) as error:
        return SliceResult(SliceEnd.WAIT, resume_in=error.retry_after or 5.0, code=error.code, message=error.message)
    except LeaseExpired:
        return SliceResult(SliceEnd.CONTINUE)
    except PlatformError as error:
        return SliceResult(SliceEnd.FAILED, code=error.code, message=error.message)
    except (OperationalError, InterfaceError, InternalError):
        raise  # the database is away, full or locked; other errors of it are ours, and would come again
    except Exception:
        # The edge of the job: an invariant does not hold. Trying again would find the same.
        log.exception("Run %s failed", run.pk)
        return SliceResult(SliceEnd.FAILED, code=CRASHED.code, message=CRASHED.message)


def _is_deadly(run: MigrationRun) -> bool:
    """Whether the last workers all died on this run and none of them left an event: another would die as well.

    Whoever resumes the run leaves one, and so gives it as many tries again.
    """
    before = RunAttempt.objects.filter(run=run, attempt__lt=run.attempt).order_by("-attempt")[:DEATHS_IN_A_ROW]
    attempts = list(before)
    if len(attempts) < DEATHS_IN_A_ROW or any(attempt.ended_at for attempt in attempts):
        return False
    last = RunEvent.objects.filter(run=run).order_by("-seq").values_list("created_at", flat=True).first()
    return last is None or last < attempts[-1].started_at


def _settle(run: MigrationRun, result: SliceResult, *, requests: tuple[int, int]) -> None:
    """Give the run back in its next state, and order the next slice when one is due at once."""
    mine = MigrationRun.objects.filter(pk=run.pk, attempt=run.attempt, status=RunStatus.RUNNING.value)
    with transaction.atomic():
        counted = mine.update(
            source_requests=F("source_requests") + requests[0], target_requests=F("target_requests") + requests[1]
        )
        if not counted:
            log.info("Run %s went to another worker", run.pk)
            return
        # The update holds the row's lock: nobody changes the wish between this look and what follows from it.
        row = MigrationRun.objects.get(pk=run.pk)
        RunAttempt.objects.filter(run=run, attempt=run.attempt).update(ended_at=timezone.now(), how=result.end.value)
        following = decide(row, result, now=timezone.now())
        if following.status is not None:
            ended = change_status(
                run.pk, following.status, reason=following.reason, reason_details=dict(result.details)
            )
            assert ended is not None
        else:
            mine.update(**_released(following))
    if following.status is None and following.resume_at is None:
        _order_next(run)


def _released(following: NextState) -> dict[str, Any]:
    return {"lease_until": None, "resume_at": following.resume_at, "trouble_since": following.trouble_since}


def _order_next(run: MigrationRun) -> None:
    try:
        dispatch(run)
    except QueueUnreachable as error:
        # The row says that the run is to go on; the sweep orders it as soon as the queue is back.
        log.warning("The next slice of run %s waits for the queue: %s", run.pk, error)
