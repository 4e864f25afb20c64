"""When a synchronization is looked at: often while something changes, seldom when not, at once when a webhook says so.

The row says when it is due; the sweep hands over what is. A job is good for one attempt, so that two of them, or two
sweeps, cost nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from sync.engine.mappings import SyncConfig
from sync.models import Synchronization, SynchronizationSide, SynchronizationStatus
from sync.statuses import unleased
from tenancy.queueing import enqueue_if_possible

JOB = "sync.jobs.advance_synchronization"
QUEUE = "synchronizations"

ACTIVE_EVERY = timedelta(seconds=2)
IDLE_EVERY = timedelta(seconds=10)
ACTIVE_FOR = timedelta(minutes=2)
"""How long after a change both sides are asked often."""
QUIET_EVERY = timedelta(seconds=30)
RECONCILE_EVERY = timedelta(hours=24)
MOST_ORDERED = 200


def next_look(now: datetime, *, active_until: datetime | None, config: SyncConfig) -> datetime:
    """When the sides are asked again."""
    if config.poll_seconds is not None:
        return now + timedelta(seconds=config.poll_seconds)
    return now + (ACTIVE_EVERY if active_until is not None and active_until > now else IDLE_EVERY)


def dispatch(row: Synchronization) -> None:
    """Have the synchronization looked at by a worker, after the commit. The sweep makes good what gets lost."""
    Synchronization.objects.filter(pk=row.pk, attempt=row.attempt).update(enqueued_at=timezone.now())
    enqueue_if_possible(QUEUE, JOB, str(row.pk), row.attempt, job_id=f"sync-{row.pk}-{row.attempt}")


def wake(side: SynchronizationSide) -> None:
    """Something changed there, as its platform says: ask it now."""
    now = timezone.now()
    SynchronizationSide.objects.filter(pk=side.pk).update(woken_at=now)
    rows = Synchronization.objects.filter(pk=side.synchronization_id, status=SynchronizationStatus.RUNNING)
    rows.update(due_at=now, active_until=now + ACTIVE_FOR)
    for row in rows.filter(unleased()).only("pk", "attempt"):
        dispatch(row)


def sweep_synchronizations() -> int:
    """Order a look at every synchronization that is due, the longest waiting first; tells how many. Safe to call often
    and from several machines: what was ordered within SWEEP_SECONDS and not begun is left alone."""
    now = timezone.now()
    unordered = Q(enqueued_at__isnull=True) | Q(enqueued_at__lte=now - timedelta(seconds=settings.SWEEP_SECONDS))
    due = Synchronization.objects.filter(
        unordered, unleased(), status=SynchronizationStatus.RUNNING, due_at__lte=now
    ).order_by("due_at")
    rows = list(due.only("pk", "attempt")[:MOST_ORDERED])
    for row in rows:
        dispatch(row)
    return len(rows)
