"""Changing a synchronization's status: a conditional update, told to those who subscribed, in one transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from sync.models import Synchronization, SynchronizationStatus
from webhooks.emitting import emit

_EVENTS = {
    SynchronizationStatus.RUNNING: "synchronization.started",
    SynchronizationStatus.STOPPED: "synchronization.stopped",
    SynchronizationStatus.CUT_OVER: "synchronization.stopped",
}


def unleased() -> Q:
    """Rows that no worker holds: between slices, never claimed, or left by a worker that died."""
    return Q(lease_until__isnull=True) | Q(lease_until__lte=timezone.now())


def change_status(synchronization_id: UUID, to: SynchronizationStatus, **changes: Any) -> Synchronization | None:
    """Move a synchronization that has not ended to another status; None when it is there already or has ended.

    The attempt is raised, so that a worker that holds it, or a job that waits for it, finds itself superseded.
    """
    now = timezone.now()
    if to is SynchronizationStatus.RUNNING:
        changes |= {"due_at": now, "active_until": None, "trouble_since": None}
        # The first start counts: whatever changed since is carried, also while it was stopped in between.
        changes["started_at"] = Coalesce("started_at", Value(now))
    else:
        changes |= {"due_at": None, "enqueued_at": None}
    with transaction.atomic():
        rows = Synchronization.objects.filter(pk=synchronization_id).exclude(status=SynchronizationStatus.CUT_OVER)
        found = rows.exclude(status=to).update(
            status=to, attempt=F("attempt") + 1, lease_until=None, updated_at=now, **changes
        )
        if not found:
            return None
        row = Synchronization.objects.get(pk=synchronization_id)
        tell(row, _EVENTS[to])
    return row


def tell(row: Synchronization, event: str, **further: Any) -> None:
    """Emit an event about the synchronization as it is now."""
    told = {
        "integrationKey": row.key,
        "summary": row.summary,
        "status": row.status,
        "reasonCode": row.last_error_code or None,
        "reason": row.last_error_message or None,
        **further,
    }
    emit(row.organization_id, event, told)
