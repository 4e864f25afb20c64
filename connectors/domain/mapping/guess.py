"""Proposals for what nobody decided: a target, how sure it is, and why. Pure.

Defaults and equal names are certain. What only resembles something, or fits by level or category, is less so; below
`THRESHOLD` a person has to confirm it before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rapidfuzz import fuzz

from connectors.domain.mapping import defaults
from connectors.domain.mapping.names import normalised, same_name
from connectors.domain.shapes import SourceType, StateCategory, TargetShape, TargetStatus, TargetType

THRESHOLD = 0.5
SIMILAR = 85.0
"""Of 100, as rapidfuzz measures; below it names only share letters."""
STANDARD_LEVEL = 0
EPIC_LEVEL = 1

Target = TypeVar("Target")


@dataclass(frozen=True, slots=True)
class Guess(Generic[Target]):
    """A proposal; `confidence` from 0 to 1."""

    target: Target
    confidence: float
    reason: str

    @property
    def needs_confirmation(self) -> bool:
        return self.confidence < THRESHOLD


def guess_type(source_type: SourceType, target: TargetShape) -> Guess[TargetType] | None:
    """What items of a type become; None where a default asks for types that the project does not offer, or where it
    offers none of the level."""
    listed = defaults.TYPES.get(source_type.name.casefold())
    if listed is not None:
        found = next((found for name in listed if (found := named_type(target, name))), None)
        return Guess(found, 1.0, "default") if found is not None else None
    for found in target.types:
        if same_name(found.name, source_type.name):
            return Guess(found, 1.0, "same name")
    level = EPIC_LEVEL if (source_type.level or 0) >= EPIC_LEVEL else STANDARD_LEVEL
    candidates = [found for found in target.types if found.level == level]
    return _synonym(source_type, candidates) or _similar_type(source_type, candidates) or _by_level(source_type, target)


def guess_status(
    state: str, statuses: Sequence[TargetStatus], category: StateCategory, *, category_known: bool
) -> Guess[TargetStatus] | None:
    """Which status stands for a state; None where no status of a fitting category exists."""
    for name in defaults.STATES.get(state.casefold(), ()):
        found = named_status(statuses, name)
        if found is not None:
            return Guess(found, 1.0, "default")
    for found in statuses:
        if same_name(found.name, state):
            return Guess(found, 1.0, "same name")
    fitting = [found for wanted in defaults.CATEGORIES[category] for found in statuses if found.category is wanted]
    near = [found for found in fitting if fitting and found.category is fitting[0].category]
    similar = most_similar(state, near, name_of=lambda found: found.name)
    if similar is not None:
        return Guess(similar[0], round(0.9 * similar[1], 2), f"similar name, {category.value}")
    if not fitting:
        return None
    if not category_known:
        return Guess(fitting[0], 0.3, "nothing tells what this state means")
    return Guess(fitting[0], 0.75, f"same category, {category.value}")


def most_similar(
    name: str, candidates: Iterable[Target], *, name_of: Callable[[Target], str]
) -> tuple[Target, float] | None:
    """The candidate whose name resembles `name` most, with the likeness from 0 to 1; None when none does, or when two
    do alike."""
    wanted = normalised(name)
    scored = [(fuzz.token_sort_ratio(wanted, normalised(name_of(each))), each) for each in candidates]
    best = sorted((entry for entry in scored if entry[0] >= SIMILAR), key=lambda entry: -entry[0])
    if not best or (len(best) > 1 and best[0][0] == best[1][0]):
        return None
    return best[0][1], best[0][0] / 100


def named_type(target: TargetShape, name: str) -> TargetType | None:
    return next((found for found in target.types if found.name.casefold() == name.casefold() or found.id == name), None)


def named_status(statuses: Sequence[TargetStatus], name: str) -> TargetStatus | None:
    return next((found for found in statuses if found.name.casefold() == name.casefold() or found.id == name), None)


def _synonym(source_type: SourceType, candidates: Sequence[TargetType]) -> Guess[TargetType] | None:
    wanted = SYNONYMS.get(normalised(source_type.name))
    found = next((each for each in candidates if each.name.casefold() == wanted), None) if wanted else None
    return Guess(found, 0.8, "means the same") if found is not None else None


def _similar_type(source_type: SourceType, candidates: Sequence[TargetType]) -> Guess[TargetType] | None:
    similar = most_similar(source_type.name, candidates, name_of=lambda each: each.name)
    return Guess(similar[0], round(0.9 * similar[1], 2), "similar name") if similar is not None else None


def _by_level(source_type: SourceType, target: TargetShape) -> Guess[TargetType] | None:
    """By backlog level: the usual type of the level, or, with little confidence, any."""
    level = EPIC_LEVEL if (source_type.level or 0) >= EPIC_LEVEL else STANDARD_LEVEL
    names = ("Epic",) if level == EPIC_LEVEL else ("Task", "Story")
    found = pick_type(target, names, level=level)
    if found is None:
        return None
    if found.name not in names:
        return Guess(found, 0.3, f"the first type of its level; the project has no {' or '.join(names)}")
    if source_type.level is None:
        return Guess(found, THRESHOLD, "on no backlog level")
    return Guess(found, 0.6, "same backlog level")


def pick_type(target: TargetShape, names: Sequence[str], *, level: int) -> TargetType | None:
    """The first of these types that the project offers on a level, else any of that level."""
    for name in names:
        found = named_type(target, name)
        if found is not None and found.level == level:
            return found
    return next((found for found in target.types if found.level == level), None)


SYNONYMS: Mapping[str, str] = {
    "action": "task",
    "chore": "task",
    "decision": "task",
    "defect": "bug",
    "enhancement": "story",
    "error": "bug",
    "fault": "bug",
    "improvement": "story",
    "incident": "bug",
    "initiative": "epic",
    "milestone": "task",
    "objective": "epic",
    "problem": "bug",
    "question": "task",
    "scenario": "story",
    "spike": "task",
    "theme": "epic",
    "use case": "story",
}
"""Names that customers give types of their own, and what they usually mean."""
