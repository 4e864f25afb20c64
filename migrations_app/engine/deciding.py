"""Single decisions of a mapping: taken and taken back, one name at a time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.domain.mapping.decisions import SEVERITY, Decisions, Names
from connectors.domain.mapping.fields import NONE
from connectors.domain.mapping.places import AreasAs, IterationsAs

TYPES, STATES, PRIORITIES, SEVERITIES = "types", "states", "priorities", "severities"
FIELDS, VALUES, LINK_TYPES = "fields", "values", "links"
ITERATIONS, AREAS, PEOPLE = "iterations", "areas", "people"

_NAMED = {
    TYPES: "types",
    STATES: "states",
    PRIORITIES: "priorities",
    FIELDS: "fields",
    LINK_TYPES: "link_types",
    ITERATIONS: "iteration_names",
    AREAS: "area_names",
    PEOPLE: "people",
}
"""Parts that are maps of names, and the attribute that holds them."""

PARTS = frozenset({*_NAMED, SEVERITIES, VALUES})


@dataclass(frozen=True, slots=True)
class Subject:
    """What is decided about: a name of the source in a part of the mapping. `type` belongs to states, `field` to
    values; `also` are other names of the same thing, under which it may be stored as well."""

    part: str
    source: str
    type: str = ""
    field: str = ""
    also: tuple[str, ...] = ()


def decide(decisions: Decisions, subject: Subject, target: str) -> Decisions:
    """The decisions with this one in the place of an earlier one."""
    if subject.part in _NAMED:
        name = _NAMED[subject.part]
        wanted = "" if target == NONE and subject.part in (ITERATIONS, AREAS) else target
        # A state decided for all types stays: it holds for the others.
        gone = {_key(subject)} if subject.part == STATES else _keys(subject)
        return _with_names(decisions, name, {**_without(getattr(decisions, name), gone), _key(subject): wanted})
    reference = _reference(subject)
    renamed = _without(decisions.values.get(reference, {}), {subject.source})
    return _with_values(decisions, reference, {**renamed, subject.source: target})


def undecide(decisions: Decisions, subject: Subject) -> Decisions:
    """The decisions without this one: defaults and proposals hold again."""
    if subject.part in _NAMED:
        name = _NAMED[subject.part]
        standing: Names = getattr(decisions, name)
        left = _without(standing, {_key(subject)})
        return _with_names(decisions, name, left if len(left) < len(standing) else _without(standing, _keys(subject)))
    reference = _reference(subject)
    return _with_values(decisions, reference, _without(decisions.values.get(reference, {}), {subject.source}))


def placed(decisions: Decisions, part: str, choice: str) -> Decisions:
    """What all iterations or areas become. Raises ValueError for anything else."""
    if part == ITERATIONS:
        return replace(decisions, iterations=IterationsAs(choice).value)
    if part == AREAS:
        return replace(decisions, areas=AreasAs(choice).value)
    raise ValueError(part)


def _reference(subject: Subject) -> str:
    return SEVERITY if subject.part == SEVERITIES else subject.field


def _key(subject: Subject) -> str:
    return f"{subject.type}:{subject.source}" if subject.part == STATES and subject.type else subject.source


def _keys(subject: Subject) -> set[str]:
    return {_key(subject), subject.source, *filter(None, subject.also)}


def _with_names(decisions: Decisions, name: str, names: Names) -> Decisions:
    changes: dict[str, Any] = {name: names}
    return replace(decisions, **changes)


def _with_values(decisions: Decisions, reference: str, names: Names) -> Decisions:
    values: dict[str, Names] = {**decisions.values, reference: names}
    return replace(decisions, values={name: each for name, each in values.items() if each})


def _without(names: Mapping[str, str], gone: set[str]) -> dict[str, str]:
    folded = {name.casefold() for name in gone}
    return {name: wanted for name, wanted in names.items() if name.casefold() not in folded}
