"""Which blocks of one text are which blocks of another, and what becomes of them when one text changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from operator import attrgetter


class BlockKeys:
    """What a block shows: as it is, and as it would be in the sending and in the receiving side's notation. Two blocks
    are alike when they agree in either, since either notation may lack what the other has."""

    def __init__(self, own: str, settle: Callable[[str], str], *, sending: str, receiving: str) -> None:
        self.own = own
        self._settle = settle
        self._sending = sending
        self._receiving = receiving

    @property
    def sending(self) -> str:
        return self._settle(self._sending)

    @property
    def receiving(self) -> str:
        return self._settle(self._receiving)


Look = Callable[[BlockKeys], str]
_OWN: Look = attrgetter("own")
_SENDING: Look = attrgetter("sending")
_RECEIVING: Look = attrgetter("receiving")


@dataclass(frozen=True, slots=True)
class Kept:
    """The receiving side's block stays as it is."""

    index: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """The sending side's block is converted."""

    index: int


Plan = list[Kept | Fresh]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Blocks `left[0]:left[1]` of the base are blocks `right[0]:right[1]` of the receiving side."""

    left: tuple[int, int]
    right: tuple[int, int]


def plan_change(base: Sequence[BlockKeys], fresh: Sequence[BlockKeys], theirs: Sequence[BlockKeys]) -> Plan:
    """The receiving side still says what the base does: what did not change since keeps its blocks."""
    chunks = _chunks(base, theirs)
    stayed = dict(_alike(base, fresh, (_OWN, _SENDING)))
    kept = {chunk: run for chunk in chunks if (run := _run(chunk, stayed)) is not None}
    begins = {run[0]: chunk for chunk, run in kept.items() if run[0] < run[1]}
    covered = {number for run in kept.values() for number in range(*run)}
    extras = [chunk for chunk in chunks if chunk.left[0] == chunk.left[1]]
    plan: Plan = []
    for number in range(len(fresh)):
        chunk = begins.get(number)
        if chunk is not None:
            while extras and extras[0].right[0] < chunk.right[0]:
                plan.extend(Kept(index) for index in range(*extras.pop(0).right))
            plan.extend(Kept(index) for index in range(*chunk.right))
        elif number not in covered:
            plan.append(Fresh(number))
    for extra in extras:
        plan.extend(Kept(index) for index in range(*extra.right))
    return plan


def plan_overwrite(fresh: Sequence[BlockKeys], theirs: Sequence[BlockKeys]) -> Plan:
    """The receiving side shows what the sending side does; where it does already, its blocks stay."""
    found = dict(_alike(fresh, theirs))
    return [Kept(found[number]) if number in found else Fresh(number) for number in range(len(fresh))]


def _run(chunk: _Chunk, stayed: dict[int, int]) -> tuple[int, int] | None:
    """Where the blocks of a chunk stand now, when all of them are there, one behind the other."""
    start, end = chunk.left
    if start == end:
        return None
    first = stayed.get(start)
    if first is None or any(stayed.get(number) != first + number - start for number in range(start, end)):
        return None
    return first, first + end - start


def _chunks(base: Sequence[BlockKeys], theirs: Sequence[BlockKeys]) -> list[_Chunk]:
    chunks: list[_Chunk] = []
    left = right = 0
    for one, other in [*_alike(base, theirs), (len(base), len(theirs))]:
        if one - left == other - right:
            chunks.extend(
                _Chunk((left + step, left + step + 1), (right + step, right + step + 1)) for step in range(one - left)
            )
        elif (left, right) != (one, other):
            chunks.append(_Chunk((left, one), (right, other)))
        if (one, other) != (len(base), len(theirs)):
            chunks.append(_Chunk((one, one + 1), (other, other + 1)))
        left, right = one + 1, other + 1
    return chunks


def _alike(
    left: Sequence[BlockKeys], right: Sequence[BlockKeys], looks: Sequence[Look] = (_OWN, _RECEIVING, _SENDING)
) -> Iterator[tuple[int, int]]:
    """Blocks that are alike, in order: those that agree at the first look, and between them those at the next."""
    if not left or not right or not looks:
        return
    start = begin = 0
    sure = _matches([looks[0](block) for block in left], [looks[0](block) for block in right])
    for one, other in [*sure, (len(left), len(right))]:
        between = _alike(left[start:one], right[begin:other], looks[1:])
        yield from ((start + inner, begin + outer) for inner, outer in between)
        if one < len(left):
            yield one, other
        start, begin = one + 1, other + 1


def _matches(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return [(match.a + step, match.b + step) for match in matcher.get_matching_blocks() for step in range(match.size)]
