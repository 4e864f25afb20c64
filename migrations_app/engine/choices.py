"""What every name of a source may become: the offers among which people choose in the mapping editor. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.domain.mapping.fields import DESCRIPTION, NONE, fits
from connectors.domain.mapping.places import IterationsAs
from connectors.domain.shapes import Named, SourceField, Sprint, TargetField
from migrations_app.engine.proposals import Situation


@dataclass(frozen=True, slots=True)
class Choice:
    """`value` is what is stored, `label` what people read; `group` keeps alike ones together."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """Offers by part of the mapping: `statuses` by source type, `fields` and `values` by source field. Names of places
    and people are only suggestions, others may be typed."""

    types: tuple[Choice, ...] = ()
    statuses: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    priorities: tuple[Choice, ...] = ()
    link_types: tuple[Choice, ...] = ()
    fields: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    values: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    iterations: tuple[Choice, ...] = ()
    areas: tuple[Choice, ...] = ()
    people: tuple[Choice, ...] = ()


ELSEWHERE = (
    Choice(DESCRIPTION, "A line in the description", "Elsewhere"),
    Choice(NONE, "Leave out", "Elsewhere"),
)


def offer(now: Situation) -> Choices:
    """Everything that can be chosen now."""
    target = now.target
    shown = {each.id: each for kind in target.types for each in kind.fields.values()}
    others = {each.id: each for each in target.fields if each.id not in shown}
    used = [each for each in now.source.fields if now.usage.filled(each.reference)]
    as_versions = now.maps.places.iterations is IterationsAs.VERSION
    standing: Iterable[Named | Sprint] = target.versions if as_versions else target.sprints
    return Choices(
        types=_named(each.name for each in target.types),
        statuses={
            name: _named(status.name for status in chosen.workflow.statuses) for name, chosen in now.maps.types.items()
        },
        priorities=_named(each.name for each in target.priorities),
        link_types=_named(each.name for each in target.link_types),
        fields={each.reference: _fields(each, shown, others) for each in used},
        values=dict(_values(now, used, {**others, **shown})),
        iterations=_named(each.name for each in standing),
        areas=_named(each.name for each in target.components),
        people=_people(now),
    )


def _named(names: Iterable[str]) -> tuple[Choice, ...]:
    return tuple(Choice(name, name) for name in dict.fromkeys(names))


def _fields(
    each: SourceField, shown: Mapping[str, TargetField], others: Mapping[str, TargetField]
) -> tuple[Choice, ...]:
    """Fields that can take the values, those on screens first, and the places that always can."""
    groups = (("On the screens", shown), ("Not on a screen", others))
    return (
        *(
            Choice(found.id, found.name, group)
            for group, fields in groups
            for found in sorted(fields.values(), key=lambda found: found.name.casefold())
            if fits(each, found)
        ),
        *ELSEWHERE,
    )


def _values(
    now: Situation, used: Iterable[SourceField], everything: Mapping[str, TargetField]
) -> Iterable[tuple[str, tuple[Choice, ...]]]:
    for each in used:
        target = everything.get(now.maps.fields.route_of(each.reference).target)
        if target is not None and target.allowed:
            yield each.reference, _named(name for _, name in target.allowed)


def _people(now: Situation) -> tuple[Choice, ...]:
    known = {person.id: person for person in now.found.values() if person.active}
    ordered = sorted(known.values(), key=lambda person: person.name.casefold())
    return tuple(Choice(person.id, person.name) for person in ordered)
