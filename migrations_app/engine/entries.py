"""The parts of a project's mapping as people read them, and the ones they decided. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from connectors.domain.mapping.decisions import SEVERITY, Decisions
from connectors.domain.mapping.fields import NONE
from connectors.domain.mapping.guess import THRESHOLD
from connectors.domain.mapping.places import AreasAs, IterationsAs

SPRINTS, LEAVES = IterationsAs.SPRINT.value, AreasAs.LEAF.value


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of the source and what becomes of it. `target` is empty where nothing fits; `type` is set for states,
    `name` where the source has a friendlier word than `source`, `target_name` likewise. `proposal` is a target that
    is not used before somebody confirms it, `asked` what somebody decided, whether it exists or not."""

    source: str
    target: str
    confidence: float
    reason: str
    count: int = 0
    confirmed: bool = False
    type: str = ""
    name: str = ""
    target_name: str = ""
    proposal: str = ""
    asked: str = ""
    values: tuple[Entry, ...] = ()

    @property
    def is_open(self) -> bool:
        """True when somebody has to confirm or choose before a run may write."""
        return not self.confirmed and (not self.target or self.confidence < THRESHOLD)


@dataclass(frozen=True, slots=True)
class Proposals:
    """All parts of the mapping; `iterations_as` and `areas_as` say what these become."""

    types: tuple[Entry, ...] = ()
    states: tuple[Entry, ...] = ()
    priorities: tuple[Entry, ...] = ()
    severities: tuple[Entry, ...] = ()
    fields: tuple[Entry, ...] = ()
    link_types: tuple[Entry, ...] = ()
    iterations: tuple[Entry, ...] = ()
    areas: tuple[Entry, ...] = ()
    people: tuple[Entry, ...] = ()
    iterations_as: str = SPRINTS
    areas_as: str = LEAVES

    @property
    def open_entries(self) -> tuple[Entry, ...]:
        """What is left to decide before a run may write. Fields and people always have a place to go."""
        return tuple(entry for entry in (*self.types, *self.states, *self.priorities) if entry.is_open)


def as_decided(decided: Decisions) -> Proposals:
    """The mapping as far as people decided it, without a look at either end."""
    return Proposals(
        types=_told(decided.types),
        states=tuple(_told_state(name, target) for name, target in decided.states.items()),
        priorities=_told(decided.priorities),
        severities=_told(decided.values.get(SEVERITY, {})),
        fields=tuple(
            replace(entry, values=_told(decided.values.get(entry.source, {}))) for entry in _told_fields(decided)
        ),
        link_types=_told(decided.link_types),
        iterations=_told(decided.iteration_names, empty=NONE),
        areas=_told(decided.area_names, empty=NONE),
        people=_told(decided.people),
        iterations_as=decided.iterations or SPRINTS,
        areas_as=decided.areas or LEAVES,
    )


def _told(names: Mapping[str, str], *, empty: str = "") -> tuple[Entry, ...]:
    return tuple(Entry(name, target or empty, 1.0, "decided", confirmed=True) for name, target in names.items())


def _told_state(name: str, target: str) -> Entry:
    type_name, _, state = name.rpartition(":")
    return Entry(state, target, 1.0, "decided", confirmed=True, type=type_name)


def _told_fields(decided: Decisions) -> tuple[Entry, ...]:
    """Fields that were decided, and those of which only values were."""
    undecided = (name for name in decided.values if name not in decided.fields and name != SEVERITY)
    return (*_told(decided.fields), *(Entry(name, "", 1.0, "values decided", confirmed=True) for name in undecided))
