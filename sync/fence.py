"""The proof that a worker still holds a synchronization: every transaction of a pass begins with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sync.engine.ports import FenceLost
from sync.models import Synchronization, SynchronizationStatus
from sync.statuses import unleased

MARGIN = 5.0
"""Seconds of the lease below which nothing is sent any more: a request that left may take as long."""


class Fence:
    """One worker's hold on one synchronization. `lease_left` and `check` may be asked by any thread."""

    def __init__(
        self, row: Synchronization, *, leased_at: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.synchronization_id: UUID = row.pk
        self.organization_id: UUID = row.organization_id
        self.attempt = row.attempt
        self._monotonic = monotonic
        self._ends = leased_at + settings.LEASE_SECONDS
        self._lost = False

    @contextmanager
    def passed(self, **changes: Any) -> Iterator[None]:
        """A transaction that begins by proving that the hold is still ours, extends the lease, and changes columns of
        the synchronization. Raises FenceLost, and then nothing was stored."""
        began = self._monotonic()
        with transaction.atomic():
            until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
            if not self._mine().update(**{"lease_until": until, **changes}):
                self._lost = True
                raise FenceLost
            yield
        self._ends = began + settings.LEASE_SECONDS

    def release(self, **changes: Any) -> bool:
        """Give the synchronization back with last changes; False when it is somebody else's by now."""
        return bool(self._mine().update(lease_until=None, **changes))

    def check(self) -> None:
        """Raise FenceLost when the lease may be over, or is known to be."""
        if self._lost or self.lease_left() < MARGIN:
            raise FenceLost

    def lease_left(self) -> float:
        """Counted on the monotonic clock from before the transaction was begun: never more than the row says."""
        return self._ends - self._monotonic()

    def _mine(self) -> Any:
        return Synchronization.objects.filter(
            pk=self.synchronization_id, attempt=self.attempt, status=SynchronizationStatus.RUNNING
        )


def claim(synchronization_id: UUID, *, attempt: int | None = None) -> tuple[Synchronization, Fence] | None:
    """Take a running synchronization for this worker by conditional update; None when it is not to be had.

    With an attempt, a job that was overtaken by another one finds nothing to do.
    """
    leased_at = time.monotonic()
    free = Synchronization.objects.filter(unleased(), pk=synchronization_id, status=SynchronizationStatus.RUNNING)
    if attempt is not None:
        free = free.filter(attempt=attempt)
    until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
    if not free.update(attempt=F("attempt") + 1, lease_until=until, enqueued_at=None):
        return None
    row = Synchronization.objects.select_related("organization").get(pk=synchronization_id)
    return row, Fence(row, leased_at=leased_at)
