"""Several passes at once in one worker: a pass mostly waits for its platforms, and many synchronizations may be due.

The job of one synchronization also serves others that are due by now; their own jobs then find nothing to do. Every
pass has its own lease and fence, so members of a crew know of each other no more than workers do.
"""

from __future__ import annotations

import logging
import threading
import time
from uuid import UUID

from django.conf import settings
from django.db import Error, connections
from django.utils import timezone

from sync.models import Synchronization, SynchronizationStatus
from sync.services.passes import advance
from sync.statuses import unleased
from tenancy.queueing import stopping

log = logging.getLogger(__name__)

SHIFT_SECONDS = 5.0
"""How long a crew takes up further synchronizations: other queues wait meanwhile."""
LOOKED_AT = 8


def advance_due(synchronization_id: UUID, attempt: int) -> None:
    """A pass of this synchronization, and of others that are due, as many at once as SYNC_PASSES_AT_ONCE says."""
    until = time.monotonic() + SHIFT_SECONDS
    others = max(0, settings.SYNC_PASSES_AT_ONCE - 1)
    helpers: list[threading.Thread] = []
    for number in range(min(others, len(_due(limit=others + 1)))):
        helper = threading.Thread(target=_help, args=(until,), name=f"sync-pass-{number + 2}", daemon=True)
        helper.start()
        helpers.append(helper)
    try:
        advance(synchronization_id, attempt)
        if others:
            _serve(until)
    finally:
        for helper in helpers:
            helper.join()


def _help(until: float) -> None:
    """A further member; what becomes of the pass that fails here is the sweep's affair, as with a dead worker."""
    try:
        _serve(until)
    except Error as error:
        log.warning("A pass ended early: the database said %s", type(error).__name__)
    finally:
        connections.close_all()


def _serve(until: float) -> None:
    """Passes of whatever is due, until nothing is or the shift is over."""
    while time.monotonic() < until and not stopping.is_set():
        if not any(advance(pk, attempt) for pk, attempt in _due(limit=LOOKED_AT)):
            return


def _due(*, limit: int) -> list[tuple[UUID, int]]:
    rows = Synchronization.objects.filter(
        unleased(), status=SynchronizationStatus.RUNNING, due_at__lte=timezone.now()
    ).order_by("due_at")
    return list(rows.values_list("pk", "attempt")[:limit])
