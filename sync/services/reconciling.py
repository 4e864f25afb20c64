"""The full comparison: every item within the filters and every pair is looked at, once a day and after changes of the
configuration. What it finds waits among everything else that was noticed, so it needs no speed and can stop anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from sync.bulk import chunks
from sync.engine.mappings import Position
from sync.models import Pair, PendingItem, Synchronization
from sync.services.around import Around
from sync.services.gathering import read_all
from sync.services.pace import RECONCILE_EVERY
from sync.services.polling import notice
from sync.store import partners_of

PAIRS_AT_ONCE = 200
ENOUGH_WAITING = 400
"""While as many items wait, no more pairs are put there."""
_STAGES = {"first": Position.FIRST, "second": Position.SECOND}


def is_due(row: Synchronization) -> bool:
    """Whether a comparison is under way or should begin."""
    return bool(row.reconcile) or row.reconciled_at is None or row.reconciled_at <= timezone.now() - RECONCILE_EVERY


def reconcile(around: Around) -> None:
    """Go one step on: list a side, or put some pairs among what waits. Raises FenceLost, PlatformError."""
    row = around.row
    state: dict[str, Any] = row.reconcile or {"stage": "first"}
    stage = state["stage"]
    if stage in _STAGES:
        _list_side(around, _STAGES[stage])
        _go_to(around, {"stage": "second"} if stage == "first" else {"stage": "lone"})
    elif stage == "lone":
        # Partners are made before pairs are compared: parents and links can then be set.
        if not _waiting(row):
            _go_to(around, {"stage": "pairs", "after": 0})
    elif _waiting(row) < ENOUGH_WAITING:
        _notice_pairs(around, int(state["after"]))


def _list_side(around: Around, position: Position) -> None:
    """Notice everything of a side that has no partner."""
    pages = around.lives.at(position).select(around.sides.at(position).query)
    while True:
        (page,) = read_all(around.fence, [lambda: _next(pages)])
        if page is None:
            return
        for some in chunks(page):
            with around.fence.passed():
                known = partners_of(around.fence, position, some)
                notice(around.fence, position, {key: None for key in some if key not in known})


def _next(pages: Iterator[list[str]]) -> list[str] | None:
    return next(pages, None)


def _notice_pairs(around: Around, after: int) -> None:
    rows = Pair.objects.filter(synchronization=around.row, deleted_at__isnull=True, pk__gt=after).order_by("pk")
    found = list(rows.values_list("pk", "first_key")[:PAIRS_AT_ONCE])
    if not found:
        if not _waiting(around.row):
            _go_to(around, {}, reconciled_at=timezone.now())
        return
    with around.fence.passed(reconcile={"stage": "pairs", "after": found[-1][0]}):
        notice(around.fence, Position.FIRST, {key: None for _, key in found})
    around.row.reconcile = {"stage": "pairs", "after": found[-1][0]}


def _go_to(around: Around, state: dict[str, Any], **changes: Any) -> None:
    with around.fence.passed(reconcile=state, **changes):
        pass
    around.row.reconcile = state
    for name, value in changes.items():
        setattr(around.row, name, value)


def _waiting(row: Synchronization) -> int:
    now = timezone.now()
    return PendingItem.objects.filter(synchronization=row, not_before__lte=now).count()
