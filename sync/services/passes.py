"""One pass of a synchronization: ask both sides, work through what was noticed, say when to look again."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from connectors.domain.errors import AccessLost, DomainError, PlatformError
from sync.engine.mappings import InitialPass, Position
from sync.engine.ports import FenceLost
from sync.fence import Fence, claim
from sync.matter_rows import ignored_items
from sync.models import Effect, PendingItem, Synchronization, SynchronizationSide
from sync.services import reconciling
from sync.services.around import SIDES, Around, open_around
from sync.services.batches import Batch, LoneItem, next_pending, read_batch
from sync.services.counting import Tally, keep
from sync.services.pace import ACTIVE_FOR, dispatch, next_look
from sync.services.polling import Polled, poll
from sync.services.working import work_through
from sync.statuses import tell
from tenancy.queueing import stopping

log = logging.getLogger(__name__)

SLICE_SECONDS = 5.0
"""How long a pass may go on while others wait; what is left is done by the next one."""
SHORTEST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(seconds=60)
AFTER_REFUSAL = timedelta(minutes=2)
"""Pause when credentials are refused: asking more often could lock the account."""


def advance(synchronization_id: UUID, attempt: int) -> bool:
    """One pass, if this job is still the one to do it; tells whether it was. Safe to call twice.

    Raises errors of the database only: the lease runs out then, and the sweep orders the next pass.
    """
    claimed = claim(synchronization_id, attempt=attempt)
    if claimed is None:
        return False
    row, fence = claimed
    tally = Tally()
    began = timezone.now()
    try:
        around = open_around(row, fence)
        more = run_pass(around, tally)
    except FenceLost:
        log.info("Synchronization %s went to another worker", row.key)
    except (PlatformError, DomainError) as error:
        _give_back_in_trouble(row, fence, error, tally)
    else:
        _give_back(around, tally, more=more, began=began)
    return True


def run_pass(around: Around, tally: Tally) -> bool:
    """Ask, compare, work; tells whether something is left to be done at once.

    Raises FenceLost, PlatformError, DomainError.
    """
    fence, row = around.fence, around.row
    polled = poll(fence, (around.sides.first, around.sides.second), (around.lives.first, around.lives.second))
    for error in polled.errors.values():
        raise error
    if reconciling.is_due(row):
        reconciling.reconcile(around)
    left = work(around, polled, tally)
    return left or polled.more or bool(row.reconcile)


def work(around: Around, polled: Polled, tally: Tally, *, seconds: float = SLICE_SECONDS) -> bool:
    """Work through what waits, until nothing does or the time is over; tells whether something is left."""
    deadline = time.monotonic() + seconds
    while pending := next_pending(around.fence):
        batch = sort_out(around, read_batch(around, pending, polled.fresh))
        work_through(around, batch, tally)
        if time.monotonic() > deadline or stopping.is_set():
            return True
    return False


def sort_out(around: Around, batch: Batch) -> Batch:
    """Leave of the items without partners those that should get one now."""
    kept: list[LoneItem] = []
    for position in SIDES:
        lone = [each for each in batch.lone if each.position is position]
        keys = [each.item.key for each in lone]
        ignored = ignored_items(around.row, int(position), keys) if keys else set()
        ours = _marks_under_way(around, [each.item.mark for each in lone if each.item.mark])
        waiting = _waiting_parents(around, position, lone)
        for each in lone:
            if each.item.key in ignored or each.item.mark in ours or not _is_wanted(around, each):
                batch.over.append(each.pending)
            elif each.item.parent in waiting and each.item.parent != each.item.key:
                hold = PendingItem.objects.filter(pk=each.pending.pk, not_before=each.pending.not_before)
                hold.update(not_before=timezone.now() + timedelta(seconds=1))
            else:
                kept.append(each)
    batch.lone = kept
    return batch


def _is_wanted(around: Around, lone: LoneItem) -> bool:
    """Whether an item without a partner is to have one: when that is asked for, or when it changed since the start."""
    if around.config.type_mapping(lone.position, lone.item.type) is None:
        return False
    started = around.row.started_at
    return around.config.initial_pass is InitialPass.CREATE or started is None or lone.item.changed >= started


def _marks_under_way(around: Around, marks: Sequence[str | None]) -> set[str]:
    """Marks of partners that are being made: the item will be paired by what makes it."""
    wanted = [mark for mark in marks if mark]
    if not wanted:
        return set()
    rows = Effect.objects.filter(synchronization=around.row, mark__in=wanted)
    return set(rows.values_list("mark", flat=True))


def _waiting_parents(around: Around, position: Position, lone: Sequence[LoneItem]) -> set[str]:
    """Parents that wait for their own partner: their children come after them."""
    parents = {each.item.parent for each in lone if around.config.parents and each.item.parent}
    if not parents:
        return set()
    rows = PendingItem.objects.filter(
        synchronization=around.row, position=int(position), key__in=parents, attempts=0, not_before__lte=timezone.now()
    )
    return set(rows.values_list("key", flat=True))


def _give_back(around: Around, tally: Tally, *, more: bool, began: datetime) -> None:
    """The row's next state after a pass that went well."""
    row, fence, now = around.row, around.fence, timezone.now()
    active_until = now + ACTIVE_FOR if tally.carried else row.active_until
    due_at = now if more else next_look(now, active_until=active_until, config=around.config)
    soonest = PendingItem.objects.filter(synchronization=row).order_by("not_before").first()
    if soonest is not None:
        due_at = min(due_at, max(now, soonest.not_before))
    if SynchronizationSide.objects.filter(synchronization=row, woken_at__gte=began).exists():
        due_at = now
    changes: dict[str, Any] = {
        "due_at": due_at,
        "active_until": active_until,
        "last_pass_at": now,
        "last_error_code": "",
        "last_error_message": "",
        "trouble_since": None,
    }
    if tally.lag_ms is not None:
        changes["lag_ms"] = tally.lag_ms
    with transaction.atomic():
        if not fence.release(**changes):
            return
        keep(fence, tally)
    if more:
        dispatch(row)


def _give_back_in_trouble(row: Synchronization, fence: Fence, error: PlatformError | DomainError, tally: Tally) -> None:
    """The row's next state after a side, or its configuration, kept the pass from working."""
    now = timezone.now()
    since = row.trouble_since or now
    pause = max(SHORTEST_PAUSE, min(LONGEST_PAUSE, (now - since) / 4))
    if isinstance(error, AccessLost | DomainError):
        pause = AFTER_REFUSAL
    asked = getattr(error, "retry_after", None)
    if asked is not None:
        pause = timedelta(seconds=asked)
    log.warning("Synchronization %s waits %s: %s", row.key, pause, error.code)
    changed = row.last_error_code != error.code
    with transaction.atomic():
        held = fence.release(
            due_at=now + pause,
            trouble_since=since,
            last_error_code=error.code[:60],
            last_error_message=error.message,
        )
        if not held:
            return
        keep(fence, tally)
        if changed and isinstance(error, AccessLost | DomainError):
            row.refresh_from_db()
            tell(row, "synchronization.failed")
