"""Some pending items, made into pairs to look at and items to make partners for, read in few requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from connectors.domain.sides import SideItem
from sync.bulk import chunks
from sync.engine.base import Both, PairBase
from sync.engine.mappings import Position
from sync.engine.ports import Force, PairState
from sync.fence import Fence
from sync.matter_rows import answers_of
from sync.models import Pair, PendingItem
from sync.services.around import SIDES, Around
from sync.services.gathering import Job, read_all
from sync.store import pairs_with, read_bases

BATCH = 40
IN_ONE_READ = 100


@dataclass(frozen=True, slots=True)
class PairWork:
    """A pair to be looked at, and the pending items that made us look."""

    pair: Pair
    state: PairState
    pending: tuple[PendingItem, ...] = ()


@dataclass(frozen=True, slots=True)
class LoneItem:
    """An item without a partner."""

    position: Position
    item: SideItem
    pending: PendingItem


@dataclass(slots=True)
class Batch:
    """What one round works on. `over` are pending items with nothing to be done."""

    pairs: list[PairWork] = field(default_factory=list)
    lone: list[LoneItem] = field(default_factory=list)
    over: list[PendingItem] = field(default_factory=list)


def next_pending(fence: Fence, *, limit: int = BATCH) -> list[PendingItem]:
    """What waits the longest and may be looked at now."""
    rows = PendingItem.objects.filter(synchronization_id=fence.synchronization_id, not_before__lte=timezone.now())
    return list(rows.order_by("pk")[:limit])


def read_batch(around: Around, pending: Sequence[PendingItem], fresh: Mapping[Position, set[str]]) -> Batch:
    """Find the pairs of pending items and read everything that a decision needs. Raises FenceLost, PlatformError."""
    by_place = {(Position(each.position), each.key): each for each in pending}
    pairs = _pairs_of(around.fence, by_place)
    paired = {(position, _key(pair, position)) for pair in pairs for position in SIDES}
    lone = [place for place in by_place if place not in paired]
    wanted = {
        position: [*(_key(pair, position) for pair in pairs), *(key for where, key in lone if where is position)]
        for position in SIDES
    }
    items, within = _read(around, wanted, fresh)
    batch = Batch()
    for work in make_work(pairs, items, within):
        because = (by_place.get((position, _key(work.pair, position))) for position in SIDES)
        batch.pairs.append(PairWork(work.pair, work.state, tuple(each for each in because if each is not None)))
    for position, key in lone:
        item = items.at(position).get(key)
        if item is None or key not in within.at(position):
            batch.over.append(by_place[position, key])
        else:
            batch.lone.append(LoneItem(position, item, by_place[position, key]))
    return batch


def read_pairs(around: Around, pairs: Sequence[Pair], *, force: Force | None = None) -> list[PairWork]:
    """The same for pairs that are looked at whatever is pending. They count as within their filters."""
    wanted = {position: [_key(pair, position) for pair in pairs] for position in SIDES}
    items, within = _read(around, wanted, {position: set(wanted[position]) for position in SIDES})
    return make_work(pairs, items, within, force=force)


def make_work(
    pairs: Sequence[Pair],
    items: Both[dict[str, SideItem]],
    within: Both[set[str]],
    *,
    force: Force | None = None,
) -> list[PairWork]:
    """Pairs with their bases and answers, as the engine is given them. Raises CREDENTIALS_UNREADABLE."""
    bases, answers = read_bases(pairs), answers_of(pairs)
    return [
        PairWork(pair, _state(pair, bases[pair.pk], items, within, answers.get(pair.pk, {}), force)) for pair in pairs
    ]


def _state(
    pair: Pair,
    base: PairBase,
    items: Both[dict[str, SideItem]],
    within: Both[set[str]],
    answers: Mapping[str, object],
    force: Force | None,
) -> PairState:
    keys = Both(pair.first_key, pair.second_key)
    return PairState(
        name=str(pair.pk),
        keys=keys,
        base=base,
        ignored=Both(pair.first_incoming_ignored, pair.second_incoming_ignored),
        items=Both(items.first.get(keys.first), items.second.get(keys.second)),
        within=Both(
            keys.first in within.first or keys.first not in items.first,
            keys.second in within.second or keys.second not in items.second,
        ),
        answers=answers,  # type: ignore[arg-type]
        force=force,
    )


def _pairs_of(fence: Fence, places: Iterable[tuple[Position, str]]) -> list[Pair]:
    found: dict[int, Pair] = {}
    wanted = list(places)
    for position in SIDES:
        keys = [key for where, key in wanted if where is position]
        found.update({pair.pk: pair for pair in pairs_with(fence, position, keys)})
    return [found[pk] for pk in sorted(found)]


def _read(
    around: Around, wanted: Mapping[Position, Sequence[str]], fresh: Mapping[Position, set[str]]
) -> tuple[Both[dict[str, SideItem]], Both[set[str]]]:
    """The items by key, and those within the filters. What a side's stream has just shown is within."""
    jobs: list[Job] = []
    sorting: list[tuple[Position, bool]] = []
    within = Both(set(wanted[Position.FIRST]), set(wanted[Position.SECOND]))
    for position in SIDES:
        live, query = around.lives.at(position), around.sides.at(position).query
        for some in chunks(wanted[position], IN_ONE_READ):
            jobs.append(lambda live=live, some=some: live.read(some))  # type: ignore[misc]
            sorting.append((position, True))
        doubtful = [key for key in wanted[position] if key not in fresh[position]] if query else []
        within.at(position).difference_update(doubtful)
        for some in chunks(doubtful, IN_ONE_READ):
            jobs.append(lambda live=live, some=some, query=query: live.within(query, some))  # type: ignore[misc]
            sorting.append((position, False))
    items: Both[dict[str, SideItem]] = Both({}, {})
    for (position, are_items), found in zip(sorting, read_all(around.fence, jobs), strict=True):
        if are_items:
            items.at(position).update({item.key: item for item in found})
        else:
            within.at(position).update(found)
    return items, within


def _key(pair: Pair, position: Position) -> str:
    return pair.first_key if position is Position.FIRST else pair.second_key
