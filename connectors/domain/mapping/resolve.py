"""Decides the maps of a run from both shapes, the defaults and the overrides, and says what cannot be decided.

Pure: the same input gives the same maps and findings. Nothing here reads a platform, so everything is checked
before the first write.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.domain.findings import Finding, Severity
from connectors.domain.mapping import defaults
from connectors.domain.mapping.complaints import (
    guessed_status,
    guessed_type,
    missing_status,
    missing_type,
    not_offered,
)
from connectors.domain.mapping.fields import FieldMap
from connectors.domain.mapping.guess import (
    Guess,
    guess_status,
    guess_type,
    named_status,
    named_type,
    pick_type,
)
from connectors.domain.mapping.places import Places
from connectors.domain.shapes import (
    Named,
    SourceShape,
    SourceType,
    StateCategory,
    TargetShape,
    TargetStatus,
    TargetType,
)
from connectors.domain.work_items import LinkKind

SUBTASK_LEVEL = -1
STANDARD_LEVEL = 0
CERTAIN = 0.9
"""Guesses that are less certain are told."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How many items use each type, and each state of a type: what must be mapped, and the counts findings name.

    `fields` counts items by (type, field) that fill it, `values` by field and value; all but the first three may be
    unknown."""

    types: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[tuple[str, str], int] = field(default_factory=dict)
    links: Mapping[LinkKind, int] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    priorities: Mapping[int | None, int] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    """Items by the folded id, e-mail or name of everybody they name."""
    samples: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    """The first items of (`type`, name), (`state`, type, state), (`priority`, number) and (`field`, reference)."""

    def filled(self, reference: str) -> int:
        """How many items fill a field."""
        return sum(count for (_, name), count in self.fields.items() if name == reference)

    def sample(self, *of: str) -> tuple[str, ...]:
        """A few items, for a person to look at."""
        return self.samples.get(of, ())


@dataclass(frozen=True, slots=True)
class Maps:
    """Every decision of a run that does not depend on a single item.

    `types` maps a source type to the target type an item gets when its parent asks for nothing else; `subtask` and
    `standard` are the types taken when the real parent asks for another level. `statuses` maps (source type,
    source state, target type id) to a status id.
    """

    types: Mapping[str, TargetType]
    statuses: Mapping[tuple[str, str, str], str]
    categories: Mapping[tuple[str, str], StateCategory]
    priorities: Mapping[int | None, str]
    links: Mapping[LinkKind, str]
    subtask: TargetType | None = None
    standard: TargetType | None = None
    resolution_done: str = ""
    resolution_removed: str = ""
    fields: FieldMap = field(default_factory=FieldMap)
    places: Places = field(default_factory=Places)


def resolve_maps(
    source: SourceShape,
    target: TargetShape,
    usage: Usage,
    *,
    type_overrides: Mapping[str, str],
    state_overrides: Mapping[str, str],
    priority_overrides: Mapping[str, str] | None = None,
    link_overrides: Mapping[str, str] | None = None,
) -> tuple[Maps, list[Finding]]:
    """The maps for what `usage` says is used, and findings; a blocking one means the run must not write."""
    findings: list[Finding] = []
    types = _map_types(source, target, usage, type_overrides, findings)
    categories = {(name, state): category_of(source, name, state) for name, state in usage.states}
    subtask = next((t for t in target.types if t.level == SUBTASK_LEVEL), None)
    standard = pick_type(target, ("Task", "Story"), level=STANDARD_LEVEL)
    known = known_states(source, usage)
    statuses = _map_states(usage, types, (subtask, standard), categories, state_overrides, known, findings)
    maps = Maps(
        types=types,
        statuses=statuses,
        categories=categories,
        priorities=_map_priorities(target.priorities, usage, priority_overrides or {}, findings),
        links=_map_links(target, usage, link_overrides or {}, findings),
        subtask=subtask,
        standard=standard,
        resolution_done=_first_named(target.resolutions, defaults.RESOLUTIONS_DONE),
        resolution_removed=_first_named(target.resolutions, defaults.RESOLUTIONS_REMOVED),
    )
    return maps, findings


def category_of(source: SourceShape, type_name: str, state: str) -> StateCategory:
    """What a state means: as its type lists it, else by its name, else in progress."""
    for candidate in source.types:
        if candidate.name == type_name:
            for listed in candidate.states:
                if listed.name == state:
                    return listed.category
    return defaults.STATE_CATEGORIES.get(state.casefold(), StateCategory.IN_PROGRESS)


def known_states(source: SourceShape, usage: Usage) -> frozenset[tuple[str, str]]:
    """Pairs of type and state in use whose meaning is told by the type itself or by the state's usual name."""
    listed = {(each.name, state.name) for each in source.types for state in each.states}
    return frozenset(pair for pair in usage.states if pair in listed or pair[1].casefold() in defaults.STATE_CATEGORIES)


def override_for(overrides: Mapping[str, str], *names: str) -> str | None:
    """The override of the first of `names` that has one; case does not matter."""
    folded = {name.casefold(): value for name, value in overrides.items()}
    return next((folded[name.casefold()] for name in names if name.casefold() in folded), None)


# types


def _map_types(
    source: SourceShape,
    target: TargetShape,
    usage: Usage,
    overrides: Mapping[str, str],
    findings: list[Finding],
) -> dict[str, TargetType]:
    by_name = {source_type.name: source_type for source_type in source.types}
    mapped: dict[str, TargetType] = {}
    for name, count in usage.types.items():
        wanted = override_for(overrides, name)
        if wanted:
            chosen = named_type(target, wanted)
            guess = Guess(chosen, 1.0, "asked for") if chosen is not None else None
        else:
            guess = guess_type(by_name.get(name, SourceType(name)), target)
        if guess is None:
            findings.append(missing_type(name, wanted, count, target, usage.sample("type", name)))
            continue
        mapped[name] = guess.target
        if guess.confidence < CERTAIN:
            findings.append(guessed_type(name, guess, count, usage.sample("type", name)))
    return mapped


# states


def _map_states(
    usage: Usage,
    types: Mapping[str, TargetType],
    alternatives: Iterable[TargetType | None],
    categories: Mapping[tuple[str, str], StateCategory],
    overrides: Mapping[str, str],
    known: Container[tuple[str, str]],
    findings: list[Finding],
) -> dict[tuple[str, str, str], str]:
    mapped: dict[tuple[str, str, str], str] = {}
    for (type_name, state), count in usage.states.items():
        if type_name not in types:
            continue
        own, sample = types[type_name], usage.sample("state", type_name, state)
        for target_type in _distinct(own, alternatives):
            guess = _status_for(type_name, state, target_type, categories[type_name, state], overrides, known)
            if guess is not None:
                mapped[type_name, state, target_type.id] = guess.target.id
                if guess.needs_confirmation and target_type is own:
                    findings.append(guessed_status(type_name, state, guess, count, sample))
            elif target_type is own:
                wanted = override_for(overrides, f"{type_name}:{state}", state) or state
                findings.append(missing_status(type_name, state, own, count, sample, wanted=wanted))
    return mapped


def _distinct(own: TargetType, others: Iterable[TargetType | None]) -> list[TargetType]:
    found = [own]
    found.extend(other for other in others if other is not None and all(other.id != known.id for known in found))
    return found


def _status_for(
    type_name: str,
    state: str,
    target_type: TargetType,
    category: StateCategory,
    overrides: Mapping[str, str],
    known: Container[tuple[str, str]],
) -> Guess[TargetStatus] | None:
    statuses = target_type.workflow.statuses
    wanted = override_for(overrides, f"{type_name}:{state}", state)
    if wanted is not None:
        chosen = named_status(statuses, wanted)
        return Guess(chosen, 1.0, "asked for") if chosen is not None else None
    return guess_status(state, statuses, category, category_known=(type_name, state) in known)


# the rest


UNSET = "unset"
"""How a map of priorities calls items without one."""


def _map_priorities(
    priorities: Sequence[Named], usage: Usage, overrides: Mapping[str, str], findings: list[Finding]
) -> dict[int | None, str]:
    mapped: dict[int | None, str] = {}
    wanted: dict[int | None, tuple[str, ...]] = dict(defaults.PRIORITIES.items())
    wanted[None] = defaults.UNSET_PRIORITY
    for number, names in wanted.items():
        asked = override_for(overrides, UNSET if number is None else str(number))
        chosen = _first_named(priorities, (asked,) if asked else names)
        if chosen:
            mapped[number] = chosen
        elif asked:
            count = usage.priorities.get(number, 0)
            words = f"{count} items of priority {number or UNSET} need the priority {asked}"
            sample = usage.sample("priority", str(number or UNSET))
            offered = [each.name for each in priorities]
            findings.append(not_offered("PRIORITY_NOT_IN_TARGET", words, offered, count, sample))
    return mapped


def _map_links(
    target: TargetShape, usage: Usage, overrides: Mapping[str, str], findings: list[Finding]
) -> dict[LinkKind, str]:
    names = {link_type.name.casefold(): link_type.name for link_type in target.link_types}
    mapped: dict[LinkKind, str] = {}
    for kind, wanted in defaults.LINK_TYPES.items():
        asked = override_for(overrides, kind.value)
        candidates = (asked,) if asked else wanted
        chosen = next((names[name.casefold()] for name in candidates if name.casefold() in names), None)
        if chosen is None and asked:
            count = usage.links.get(kind, 0)
            words = f"{count} links of kind {kind.value} need the link type {asked}"
            findings.append(not_offered("LINK_TYPE_NOT_IN_TARGET", words, list(names.values()), count))
        if chosen is None and target.link_types:
            chosen = target.link_types[0].name
        if chosen is not None:
            mapped[kind] = chosen
    used = sum(usage.links.values())
    if used and not mapped:
        findings.append(
            Finding(
                Severity.BLOCKING,
                "LINK_TYPES_MISSING",
                f"{used} links have no link type to become: issue linking is off or has no types on this site. "
                "Switch issue linking on, or start with migrate_links false.",
                count=used,
            )
        )
    return mapped


def forward(kind: LinkKind) -> tuple[LinkKind, bool]:
    """A link kind in its forward reading, and whether the two ends change places for it."""
    if kind in defaults.LINK_TYPES:
        return kind, False
    return kind.inverse, True


def _first_named(values: Sequence[Named], names: Sequence[str]) -> str:
    """The id of the first of `names` that is offered, else empty."""
    by_name = {value.name.casefold(): value.id for value in values} | {value.id: value.id for value in values}
    return next((by_name[name.casefold()] for name in names if name.casefold() in by_name), "")
