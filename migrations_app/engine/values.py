"""Where every value of an item goes: into a field of the target, or into the section of further fields.

One field of the target takes one value; of several sources that lead to it the first filled one wins, in the order
of the known pairs, and the others are shown in the description. A value that does not fit, or that the target
refused before, is shown there too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from connectors.domain.mapping.fields import NONE, FieldMap, is_rich
from connectors.domain.mapping.known_fields import (
    AREA,
    DECIDED_ELSEWHERE,
    ESTIMATES,
    ITERATION,
    POINTS,
    TIME_TRACKING,
    is_noise,
)
from connectors.domain.mapping.values import Conversion, convert_value, hours_as_estimate, shown
from connectors.domain.ports import Document
from connectors.domain.richtext.composite import named_values
from connectors.domain.richtext.references import References
from connectors.domain.shapes import TargetField, TargetType
from connectors.domain.work_items import DESCRIPTION as DESCRIPTION_TEXT
from connectors.domain.work_items import Person, Text, WorkItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.texts import convert, limit

LONGEST_FIELD = 32_767
ELSEWHERE = frozenset({AREA, ITERATION, *DECIDED_ELSEWHERE})


@dataclass(frozen=True, slots=True)
class Placement:
    """`fields` by target field id, in the shapes the target takes; `rest` are names and readable values without a
    field; `carried` are the source's texts that stand in a field of their own."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    rest: tuple[tuple[str, str], ...] = ()
    carried: frozenset[str] = frozenset()

    @property
    def section(self) -> Document:
        """The rest as a list, empty when there is none."""
        return cast(Document, named_values(self.rest))

    @property
    def section_text(self) -> str:
        """The words of the section."""
        return "\n".join(f"{name}: {value}" for name, value in self.rest)


def place_values(item: WorkItem, scene: Scene) -> Placement:
    """Decides about every field of the item. Items that the run has not planned have no type: all is shown."""
    plan = scene.items.get(item.id)
    target_type = scene.types.get(plan.target_type) if plan else None
    placing = _Placing(scene, target_type, refused_fields(plan.problems) if plan else frozenset())
    for reference in _in_order(item):
        placing.place(reference, item.fields[reference])
    for reference in sorted(item.texts):
        placing.place_text(reference, item.texts[reference])
    return placing.result()


def refused_fields(problems: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """Fields the target refused for an item, by the problems that say so."""
    return frozenset(words.partition(":")[0] for code, words in problems if code == "FIELD_REFUSED")


def _in_order(item: WorkItem) -> Iterator[str]:
    first = [reference for reference in POINTS if reference in item.fields]
    yield from first
    yield from sorted(set(item.fields) - set(first))


class _Placing:
    def __init__(self, scene: Scene, target_type: TargetType | None, refused: frozenset[str]) -> None:
        self._scene = scene
        self._map: FieldMap = scene.maps.fields
        self._type = target_type
        self._refused = refused
        self._fields: dict[str, Any] = {}
        self._rest: list[tuple[str, str]] = []
        self._carried: set[str] = set()

    def place(self, reference: str, value: str | int | float | bool | Person | None) -> None:
        if reference in ELSEWHERE or is_noise(reference) or value is None or self._is_left_out(reference):
            return
        target = self._target(reference)
        if target is None or not self._put(reference, value, target):
            name = self._map.route_of(reference).name
            self._show(name, shown(value, self._map.kinds.get(reference, "text")))

    def place_text(self, reference: str, text: Text) -> None:
        """A long text goes into a field of its own only when it needs no files and names no other items: those are
        known only once both exist."""
        if reference == DESCRIPTION_TEXT:
            return
        if self._is_left_out(reference):
            self._carried.add(reference)
        target = self._target(reference)
        if target is None or not is_rich(target) or target.id in self._fields:
            return
        document = self_contained(text)
        if document is not None:
            self._fields[target.id] = document
            self._carried.add(reference)

    def result(self) -> Placement:
        return Placement(self._fields, tuple(self._rest), frozenset(self._carried))

    def _target(self, reference: str) -> TargetField | None:
        target = self._map.target_of(reference, self._type) if self._type is not None else None
        return None if target is None or target.id in self._refused else target

    def _is_left_out(self, reference: str) -> bool:
        return self._map.route_of(reference).target == NONE

    def _put(self, reference: str, value: str | int | float | bool | Person, target: TargetField) -> bool:
        if target.id == TIME_TRACKING:
            return self._put_estimate(reference, value)
        if target.id in self._fields:
            return False
        how = Conversion(self._map.kinds.get(reference, "text"), self._map.values.get(reference, {}), self._account)
        converted = convert_value(value, target, how)
        if converted is None:
            return False
        self._fields[target.id] = converted
        return True

    def _put_estimate(self, reference: str, value: str | int | float | bool | Person) -> bool:
        part, estimate = ESTIMATES.get(reference), hours_as_estimate(value)
        if part is None or estimate is None:
            return False
        self._fields[TIME_TRACKING] = {**self._fields.get(TIME_TRACKING, {}), part: estimate}
        return True

    def _show(self, name: str, value: str) -> None:
        if value.strip():
            self._rest.append((name, value.strip()))

    def _account(self, person: Person) -> str | None:
        found = self._scene.people.get(person.id)
        return found.id if found is not None and found.active else None


def self_contained(text: Text) -> Document | None:
    """The document of a text that shows no pictures, names no items and nobody, and fits into a field; else None."""
    met: list[object] = []
    watching = References(item=lambda number: met.append(number), mention=lambda identity, name: met.append(identity))
    conversion = convert(text, watching)
    if met or conversion.images:
        return None
    document, overflow = limit(conversion.document, LONGEST_FIELD, filename="")
    return document if overflow is None else None
