"""Who is who: accounts of either side on the other one, asked once per pass."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.domain.sides import Side, SideItem, SideShape, ValueKind
from sync.engine.base import Both, PairBase, equals_base
from sync.engine.carry import People
from sync.engine.deciding import SIDES
from sync.engine.mappings import Position, SyncConfig


class Directory:
    """Finds people by the configuration first, then by what the sides find. Keep one for a whole pass."""

    def __init__(self, config: SyncConfig, sides: Both[Side], shapes: Both[SideShape]) -> None:
        self._config = config
        self._sides = sides
        self._shapes = shapes
        told = dict(config.people)
        self._there: Both[dict[str, str]] = Both(dict(told), {other: own for own, other in told.items()})
        self._names: Both[dict[str, str]] = Both({}, {})

    def people(self, base: PairBase, items: Both[SideItem]) -> Both[People]:
        """Everybody whom a pair's changed fields name. Asks the sides about those not met before."""
        for source in SIDES:
            self._learn(source, self._named(source, base, items))
        return Both(*(People(self._there.at(side), self._names.at(side)) for side in SIDES))

    def people_in(self, source: Position, item: SideItem) -> Both[People]:
        """Everybody whom one item names."""
        return self.people(PairBase(), Both(item, item).replaced(source.other, _nobody(item)))

    def _named(self, source: Position, base: PairBase, items: Both[SideItem]) -> set[str]:
        found: set[str] = set()
        for mapping in self._config.fields:
            offered = self._shapes.at(source).field(mapping.at(source))
            value = items.at(source).values.get(mapping.at(source))
            agreed = base.fields.get(mapping.id)
            if offered is None or offered.kind is not ValueKind.PERSON or not isinstance(value, str):
                continue
            if agreed is None or not all(
                equals_base(agreed.at(side), items.at(side).values.get(mapping.at(side))) for side in SIDES
            ):
                found.add(value)
        return found

    def _learn(self, source: Position, ids: Iterable[str]) -> None:
        names, there = self._names.at(source), self._there.at(source)
        unknown = sorted(set(ids) - set(names))
        if not unknown:
            return
        found = self._sides.at(source).people_of(unknown)
        names.update({identity: found[identity].name if identity in found else identity for identity in unknown})
        asked = [found[identity] for identity in unknown if identity in found and identity not in there]
        if asked:
            accounts = self._sides.at(source.other).find_people(asked)
            there.update({identity: person.id for identity, person in accounts.items()})


def _nobody(item: SideItem) -> SideItem:
    return SideItem(item.key, "", item.type, item.changed)
