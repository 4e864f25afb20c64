"""Working through what was noticed: threads carry, the pass's own thread stores, a batch at a time.

A failure stays with its item: what may pass is tried again later, what a person must repair becomes a matter. Only
what concerns a whole side (credentials lost, an address refused) ends the pass.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from connectors.domain.errors import AccessLost, AddressRefused, DomainError, PlatformError, Refused
from connectors.domain.sides import Side, SideItem
from sync.desk import Finished
from sync.engine.apply import Carried, carry_pair, confirm_pair
from sync.engine.base import NOTHING, Both
from sync.engine.create import Made, create_partner, item_name
from sync.engine.mappings import Position
from sync.engine.ports import FenceLost, Matter, MatterKind, PairOutcome
from sync.engine.setting import Setting
from sync.matter_rows import open_matter, save_pair_matters, settle_items
from sync.models import Pair, PendingItem
from sync.services.around import SIDES, Around
from sync.services.batches import Batch, LoneItem, PairWork
from sync.services.counting import Tally
from sync.services.gathering import Job, desk_of, gather, read_all
from sync.services.polling import notice
from sync.store import DeskStore, forget_effects, make_pair, read_effects, save_outcome

log = logging.getLogger(__name__)

SHORTEST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(minutes=5)
_CRASHED = "This ended on a mistake of ours; the log of the worker has the details."
_WHOLE_SIDE = (AccessLost, AddressRefused)


def work_through(around: Around, batch: Batch, tally: Tally) -> None:
    """Carry and store a batch. Raises FenceLost, AccessLost, AddressRefused; what was done until then is stored."""
    fence = around.fence
    desk = desk_of(fence)
    names = [work.state.name for work in batch.pairs]
    names += [item_name(lone.position, lone.item.key) for lone in batch.lone]
    setting = around.setting(DeskStore(fence, desk, read_effects(fence, names)))
    round_ = _Round(around, batch, setting, tally)
    jobs: list[Job] = [partial(carry_pair, work.state, setting) for work in batch.pairs]
    jobs += [partial(create_partner, lone.item, lone.position, setting) for lone in batch.lone]
    if jobs:
        gather(fence, jobs, round_.store, desk)
    if batch.over:
        with fence.passed():
            _settle_pending(batch.over)
            for position in SIDES:
                over = [each.key for each in batch.over if each.position == position]
                settle_items(around.row, int(position), over)
    round_.read_back()
    if round_.fatal is not None:
        raise round_.fatal


class _Round:
    """One batch on its way."""

    def __init__(self, around: Around, batch: Batch, setting: Setting, tally: Tally) -> None:
        self._around = around
        self._batch = batch
        self._setting = setting
        self._tally = tally
        self._touched: list[tuple[PairWork, Carried]] = []
        self.fatal: PlatformError | None = None

    def store(self, finished: Finished) -> None:
        """What a thread came to. For the desk's transaction."""
        pairs = self._batch.pairs
        if finished.ticket < len(pairs):
            self._store_pair(pairs[finished.ticket], finished)
        else:
            self._store_partner(self._batch.lone[finished.ticket - len(pairs)], finished)
        self._tally.looked_at += 1

    def read_back(self) -> None:
        """See what was written as it stands now, many items at once, and store the pairs it belongs to."""
        if not self._touched:
            return
        wanted = {
            position: [carried.state.keys.at(position) for _, carried in self._touched if position in carried.touched]
            for position in SIDES
        }
        around = self._around
        jobs: list[Job] = [partial(_read, around.lives.at(position), wanted[position]) for position in SIDES]
        first, second = read_all(around.fence, jobs)
        items = Both({item.key: item for item in first}, {item.key: item for item in second})
        with around.fence.passed():
            for work, carried in self._touched:
                keys = carried.state.keys
                seen = Both(items.first.get(keys.first), items.second.get(keys.second))
                self._save(work, confirm_pair(carried, seen, self._setting))

    def _store_pair(self, work: PairWork, finished: Finished) -> None:
        if finished.error is not None:
            self._failed(
                finished.error, work.pending, lambda matter: self._hold(work, matter), position=_cause(work.pending)
            )
            return
        carried: Carried = finished.result
        for each in work.pending:
            if carried.carried.at(Position(each.position)):
                self._tally.note_lag(Position(each.position), each.changed_at)
        if carried.touched:
            self._touched.append((work, carried))
        else:
            self._save(work, confirm_pair(carried, Both(None, None), self._setting))

    def _save(self, work: PairWork, outcome: PairOutcome) -> None:
        save_outcome(work.pair, work.state, outcome)
        opened = save_pair_matters(self._around.row, work.pair, outcome)
        forget_effects(self._around.fence, outcome.forgotten)
        for position in SIDES:
            self._tally.changes[position] += outcome.carried.at(position)
        self._tally.errors[_cause(work.pending)] += opened
        _settle_pending(work.pending, later=outcome.later)
        if outcome.later is not None and not work.pending:
            notice(self._around.fence, Position.FIRST, {work.pair.first_key: None}, not_before=outcome.later)

    def _hold(self, work: PairWork, matter: Matter) -> None:
        Pair.objects.filter(pk=work.pair.pk).update(held=True)
        open_matter(self._around.row, matter, position=1, item=work.pair.first_key, pair=work.pair)

    def _store_partner(self, lone: LoneItem, finished: Finished) -> None:
        around, key = self._around, lone.item.key
        if finished.error is not None:
            self._failed(finished.error, (lone.pending,), lambda matter: self._note(lone, matter), lone.position)
            return
        made: Made = finished.result
        if made.key:
            keys = Both.of(lone.position, key, made.key)
            make_pair(around.row, keys, made.base)
            forget_effects(around.fence, made.forgotten)
            settle_items(around.row, int(lone.position), [key])
            self._tally.changes[lone.position] += 1
            self._tally.note_lag(lone.position, lone.pending.changed_at)
            # The rest of the item follows as for any pair; the change's own time counts no further.
            _settle_pending((lone.pending,))
            notice(around.fence, lone.position, {key: None})
        elif made.matter is not None:
            self._note(lone, made.matter)
            _settle_pending((lone.pending,))
        else:
            _settle_pending((lone.pending,), later=made.later)

    def _note(self, lone: LoneItem, matter: Matter) -> None:
        opened = open_matter(self._around.row, matter, position=int(lone.position), item=lone.item.key)
        self._tally.errors[lone.position] += opened

    def _failed(
        self,
        error: BaseException,
        pending: Sequence[PendingItem],
        keep: Callable[[Matter], object],
        position: Position,
    ) -> None:
        """What becomes of an item whose thread failed."""
        if isinstance(error, FenceLost) or not isinstance(error, Exception):
            raise error
        if isinstance(error, _WHOLE_SIDE):
            self.fatal = self.fatal or error
            return
        self._tally.errors[position] += 1
        if isinstance(error, PlatformError) and not isinstance(error, Refused):
            _back_off(pending, error)
            return
        if isinstance(error, Refused | DomainError):
            matter = Matter(MatterKind.ERROR, error.code, error.message, changed_by=NOTHING)
        else:
            # The edge of a thread: an invariant does not hold for this item. Others go on.
            log.error("An item of %s could not be dealt with", self._around.row.key, exc_info=error)
            matter = Matter(MatterKind.ERROR, "INTERNAL_ERROR", _CRASHED)
        keep(matter)
        _settle_pending(pending)


def _read(live: Side, keys: Sequence[str]) -> list[SideItem]:
    return live.read(keys) if keys else []


def _cause(pending: Sequence[PendingItem]) -> Position:
    """The side that made us look."""
    return Position(pending[0].position) if pending else Position.FIRST


def _settle_pending(pending: Sequence[PendingItem], later: datetime | None = None) -> None:
    """Forget what was dealt with, or hold it back; what was noticed again meanwhile stays as it is."""
    for each in pending:
        rows = PendingItem.objects.filter(pk=each.pk, not_before=each.not_before)
        if later is None:
            rows.delete()
        else:
            rows.update(not_before=later)


def _back_off(pending: Sequence[PendingItem], error: PlatformError) -> None:
    for each in pending:
        pause = min(LONGEST_BACKOFF, SHORTEST_BACKOFF * 2 ** min(each.attempts, 10))
        if error.retry_after is not None:
            pause = max(pause, timedelta(seconds=error.retry_after))
        rows = PendingItem.objects.filter(pk=each.pk, not_before=each.not_before)
        rows.update(not_before=timezone.now() + pause, attempts=min(each.attempts + 1, 100))
