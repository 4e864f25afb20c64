"""Who is whose parent, kept in 17 bytes per item, so that a tree of any size can be judged after one pass.

A parent may be read after its children, so the judgement waits for the end; ids and levels are all it needs.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from connectors.domain.audit_findings import FindingCode

NATIVE_ANCESTORS = 2
"""Jira's native levels are epic, issue, sub-task: an item can have two ancestors.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-types/"""

_LONGEST_WALK = 64
"""No tree is that deep in practice; it keeps a chain or a ring of any length from costing its square."""

_NO_LEVEL = -128
_NO_PARENT = -1


@dataclass(frozen=True, slots=True)
class HierarchyProblem:
    code: FindingCode
    item: str


class HierarchyCensus:
    """Collects (id, level, parent) and tells afterwards which parents a target cannot keep as parents."""

    def __init__(self) -> None:
        self._ids = array("q")
        self._parents = array("q")
        self._levels = array("b")
        self._names: dict[int, str] = {}
        self._depths: Counter[int] = Counter()

    def add(self, item: str, *, level: int | None, parent: str | None) -> None:
        """Note one item; `level` as in `SourceType.level`."""
        self._ids.append(self._key(item))
        self._parents.append(_NO_PARENT if parent is None else self._key(parent))
        self._levels.append(_NO_LEVEL if level is None else level)

    def problems(self) -> Iterator[HierarchyProblem]:
        """One problem per item at most for its parent's level, and one for its depth, in the order of the ids."""
        self._depths.clear()
        order = sorted(range(len(self._ids)), key=self._ids.__getitem__)
        ordered = array("q", (self._ids[place] for place in order))
        for place in order:
            if self._parents[place] == _NO_PARENT:
                self._depths[1] += 1
                continue
            for code in self._judge(place, order, ordered):
                yield HierarchyProblem(code, self._name(self._ids[place]))

    def depths(self) -> dict[int, int]:
        """How many items stand how deep, 1 being the top; known once `problems` was read to its end."""
        return dict(sorted(self._depths.items()))

    def _judge(self, place: int, order: list[int], ordered: array[int]) -> list[FindingCode]:
        parent = self._find(self._parents[place], order, ordered)
        if parent is None:
            self._depths[1] += 1
            return [FindingCode.PARENT_OUTSIDE]
        codes = []
        child_level, parent_level = self._levels[place], self._levels[parent]
        if _NO_LEVEL not in (child_level, parent_level) and child_level >= parent_level:
            codes.append(FindingCode.PARENT_SAME_LEVEL)
        ancestors = self._ancestors(place, order, ordered)
        self._depths[1 + len(ancestors)] += 1
        if place in ancestors:
            codes.append(FindingCode.PARENT_CYCLE)
        elif len(ancestors) > NATIVE_ANCESTORS:
            codes.append(FindingCode.PARENT_TOO_DEEP)
        return codes

    def _ancestors(self, place: int, order: list[int], ordered: array[int]) -> list[int]:
        """The chain upwards, ended at the top, on meeting a place twice, or after `_LONGEST_WALK` steps."""
        chain: list[int] = []
        current: int | None = place
        while current is not None and len(chain) < _LONGEST_WALK:
            current = self._find(self._parents[current], order, ordered)
            if current is None or current in chain:
                break
            chain.append(current)
        return chain

    def _find(self, key: int, order: list[int], ordered: array[int]) -> int | None:
        if key == _NO_PARENT:
            return None
        position = bisect_left(ordered, key)
        if position < len(ordered) and ordered[position] == key:
            return order[position]
        return None

    def _key(self, item: str) -> int:
        """Numbers stand for themselves; other ids for a digest, whose text is then kept beside it."""
        if item.isascii() and item.isdecimal() and len(item) < 19 and not (item.startswith("0") and item != "0"):
            return int(item)
        digest = -2 - (int.from_bytes(blake2b(item.encode(), digest_size=8).digest(), "big") >> 2)
        self._names[digest] = item
        return digest

    def _name(self, key: int) -> str:
        return self._names.get(key, str(key))
