"""Counts which fields the items of a run fill, and with what, without keeping the items. Pure."""

from __future__ import annotations

from collections import Counter

from connectors.domain.mapping.fields import FieldMap, wants_own_field
from connectors.domain.mapping.known_fields import is_noise
from connectors.domain.mapping.resolve import UNSET, Usage
from connectors.domain.mapping.values import shown
from connectors.domain.shapes import SourceShape
from connectors.domain.work_items import DESCRIPTION, Person, WorkItem
from migrations_app.engine.plan import keep_sample, people_in

MOST_VALUES = 500
"""Different values remembered of one field; what holds more is no list of choices."""
LONGEST_VALUE = 255


class Inventory:
    """Memory is bounded by the number of fields, not of items."""

    def __init__(self) -> None:
        self._fields: Counter[tuple[str, str]] = Counter()
        self._values: dict[str, Counter[str]] = {}
        self._priorities: Counter[int | None] = Counter()
        self._people: Counter[str] = Counter()
        self._samples: dict[tuple[str, ...], list[str]] = {}

    def add(self, item: WorkItem) -> None:
        self._priorities[item.priority] += 1
        keep_sample(self._samples, ("priority", str(item.priority or UNSET)), item.id)
        self._people.update({name for person in people_in(item) for name in names_of(person)})
        for reference, value in item.fields.items():
            if is_noise(reference) or value is None:
                continue
            self._fill(item, reference)
            if not isinstance(value, Person):
                self._count(reference, shown(value, "text"))
        for reference in item.texts:
            if reference != DESCRIPTION:
                self._fill(item, reference)

    def _fill(self, item: WorkItem, reference: str) -> None:
        self._fields[item.type, reference] += 1
        keep_sample(self._samples, ("field", reference), item.id)

    def _count(self, reference: str, text: str) -> None:
        known = self._values.setdefault(reference, Counter())
        if len(text) <= LONGEST_VALUE and (text in known or len(known) < MOST_VALUES):
            known[text] += 1

    def added_to(self, usage: Usage) -> Usage:
        """The usage with what was counted."""
        return Usage(
            types=usage.types,
            states=usage.states,
            links=usage.links,
            fields=dict(self._fields),
            values={reference: dict(values) for reference, values in self._values.items()},
            priorities=dict(self._priorities),
            people=dict(self._people),
            samples={**usage.samples, **{of: tuple(ids) for of, ids in self._samples.items()}},
        )


def names_of(person: Person) -> frozenset[str]:
    """Everything by which a map of people may call somebody."""
    return frozenset(name.casefold() for name in (person.id, person.email, person.name) if name)


def missing_fields(source: SourceShape, usage: Usage, fields: FieldMap) -> dict[str, list[str]]:
    """Fields in use that have no place of their own in the target, with the values they hold, the commonest first."""
    missing: dict[str, list[str]] = {}
    for each in source.fields:
        if usage.filled(each.reference) and wants_own_field(each, fields.route_of(each.reference)):
            values = Counter(usage.values.get(each.reference, {}))
            missing[each.reference] = [value for value, _ in values.most_common() if value.strip()]
    return missing
