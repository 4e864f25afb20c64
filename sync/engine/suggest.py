"""A configuration to begin with, out of what both sides offer. Pure.

Equal names first, then the defaults of the migration, then what looks alike. What nothing speaks for is left out: a
person adds it, or it stays as it is on either side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rapidfuzz import fuzz

from connectors.domain.mapping import defaults
from connectors.domain.mapping.names import same_name
from connectors.domain.sides import PRIORITY, STANDARD_FIELDS, STATE, SideField, SideShape, SideType
from sync.engine.config_problems import compatible

NewId = Callable[[], str]
SIMILAR = 85.0
"""Of 100, as rapidfuzz measures."""
_LINKS_ALIKE = (
    {"related", "relates", "relates to"},
    {"blocks", "dependency", "successor", "blocked by"},
    {"duplicate", "duplicates", "duplicate of"},
    {"affects", "causes", "problem/incident"},
    {"tests", "tested by", "test"},
)


def suggest(first: SideShape, second: SideShape, *, new_id: NewId) -> dict[str, Any]:
    """A configuration document; `new_id` makes the ids of its mappings."""
    types = _types(first, second, new_id)
    values = _values(first, second, new_id)
    return {
        "issueTypeMappings": types,
        "fieldMappings": _fields(first, second, values, new_id),
        "valueMappings": values,
        "workflowMappings": list(_workflows(first, second, types, new_id)),
        "linkMappings": _links(first, second, new_id),
        "parents": True,
        "commentMapping": {"id": new_id(), "direction": "BOTH"},
        "attachmentMapping": (
            {"id": new_id(), "direction": "BOTH"} if first.takes_files and second.takes_files else None
        ),
    }


def matching(name: str, offered: Sequence[str], *, known: Iterable[str] = ()) -> str | None:
    """The offered name that means the same: an equal one, one of `known` in its order, or the most similar."""
    for wanted in (name, *known):
        if found := next((each for each in offered if same_name(each, wanted)), None):
            return found
    scored = [(fuzz.token_sort_ratio(name.casefold(), each.casefold()), each) for each in offered]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= SIMILAR else None


def spread(names: Sequence[str], over: Sequence[str]) -> list[tuple[str, str]]:
    """Each name (of a state or a priority) with its counterpart: an equal or usual one, else the one at the same place
    of the scale."""
    last, far = max(1, len(names) - 1), max(0, len(over) - 1)
    pairs = []
    for place, name in enumerate(names):
        known = defaults.STATES.get(name.casefold(), ())
        if name.isascii() and name.isdigit():
            known = defaults.PRIORITIES.get(int(name), ())
        found = matching(name, over, known=known) if over else None
        pairs.append((name, found or over[round(place * far / last)]))
    return pairs


def _types(first: SideShape, second: SideShape, new_id: NewId) -> list[dict[str, Any]]:
    """The first pair of a type goes both ways, a further one only the way in which it is unambiguous."""
    made: list[dict[str, Any]] = []
    ours, theirs = [each.name for each in first.types], [each.name for each in second.types]
    taken: set[str] = set()
    for name in ours:
        found = matching(name, theirs, known=defaults.TYPES.get(name.casefold(), ()))
        if found is None:
            continue
        direction = "FIRST_TO_SECOND" if found in taken else "BOTH"
        taken.add(found)
        made.append({"id": new_id(), "firstType": name, "secondType": found, "direction": direction})
    used = {each["firstType"] for each in made}
    for name in theirs:
        found = matching(name, ours, known=defaults.TYPES.get(name.casefold(), ()))
        if name not in taken and found is not None:
            direction = "SECOND_TO_FIRST" if found in used else "BOTH"
            used.add(found)
            made.append({"id": new_id(), "firstType": found, "secondType": name, "direction": direction})
    return made


def _fields(
    first: SideShape, second: SideShape, values: Sequence[dict[str, Any]], new_id: NewId
) -> list[dict[str, Any]]:
    priorities = next((each["id"] for each in values), None)
    made = []
    for ours, theirs in _field_pairs(first, second):
        direction = _direction(ours, theirs)
        if direction and compatible(ours.kind, theirs.kind):
            made.append(
                {
                    "id": new_id(),
                    "firstField": ours.id,
                    "secondField": theirs.id,
                    "direction": direction,
                    "valueMapping": priorities if ours.id == PRIORITY else None,
                }
            )
    return made


def _field_pairs(first: SideShape, second: SideShape) -> Iterable[tuple[SideField, SideField]]:
    for name in STANDARD_FIELDS:
        ours, theirs = first.field(name), second.field(name)
        if name != STATE and ours is not None and theirs is not None:
            yield ours, theirs
    others = [each for each in second.fields if each.id not in STANDARD_FIELDS]
    for ours in first.fields:
        if ours.id in STANDARD_FIELDS:
            continue
        theirs = next((each for each in others if same_name(each.name, ours.name)), None)
        if theirs is not None and theirs.kind is ours.kind:
            others.remove(theirs)
            yield ours, theirs


def _direction(ours: SideField, theirs: SideField) -> str:
    if ours.writable and theirs.writable:
        return "BOTH"
    if theirs.writable:
        return "FIRST_TO_SECOND"
    return "SECOND_TO_FIRST" if ours.writable else ""


def _values(first: SideShape, second: SideShape, new_id: NewId) -> list[dict[str, Any]]:
    """Priorities by their place, where the sides name them differently."""
    ours, theirs = first.field(PRIORITY), second.field(PRIORITY)
    if ours is None or theirs is None or not ours.options or not theirs.options:
        return []
    if set(ours.options) == set(theirs.options):
        return []
    pairs = [{"first": one, "second": other} for one, other in spread(ours.options, theirs.options)]
    covered = {pair["second"] for pair in pairs}
    back = spread(theirs.options, ours.options)
    pairs += [{"first": one, "second": other} for other, one in back if other not in covered]
    return [{"id": new_id(), "name": "Priorities", "mode": "correlation", "pairs": pairs}]


def _workflows(
    first: SideShape, second: SideShape, types: Sequence[dict[str, Any]], new_id: NewId
) -> Iterable[dict[str, Any]]:
    for mapping in types:
        ours, theirs = _named(first, mapping["firstType"]), _named(second, mapping["secondType"])
        if ours.states and theirs.states:
            yield {
                "id": new_id(),
                "firstType": ours.name,
                "secondType": theirs.name,
                "firstToSecond": _steps(ours.states, theirs.states),
                "secondToFirst": _steps(theirs.states, ours.states),
                "direction": mapping["direction"],
            }


def _steps(states: Sequence[str], over: Sequence[str]) -> list[dict[str, str]]:
    return [{"from": origin, "to": target} for origin, target in spread(states, over)]


def _links(first: SideShape, second: SideShape, new_id: NewId) -> list[dict[str, Any]]:
    made = []
    left = list(second.link_types)
    for name in first.link_types:
        alike = next((group for group in _LINKS_ALIKE if name.casefold() in group), set())
        found = matching(name, left, known=sorted(alike))
        if found is not None:
            left.remove(found)
            made.append({"id": new_id(), "firstLinkType": name, "secondLinkType": found, "direction": "BOTH"})
    return made


def _named(shape: SideShape, name: str) -> SideType:
    return next(each for each in shape.types if each.name == name)
