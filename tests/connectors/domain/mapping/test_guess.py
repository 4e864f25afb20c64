"""What becomes of types and states that no default covers, and how sure that is."""

from __future__ import annotations

import pytest

from connectors.domain.findings import Severity
from connectors.domain.mapping.guess import guess_status, guess_type
from connectors.domain.mapping.resolve import Usage, resolve_maps
from connectors.domain.shapes import (
    SourceShape,
    SourceState,
    SourceType,
    StateCategory,
    StatusCategory,
    TargetShape,
    TargetStatus,
    TargetType,
    Workflow,
)

STATUSES = (
    TargetStatus("1", "To Do", StatusCategory.TO_DO),
    TargetStatus("2", "In Progress", StatusCategory.IN_PROGRESS),
    TargetStatus("4", "Waiting for Customer", StatusCategory.IN_PROGRESS),
    TargetStatus("3", "Done", StatusCategory.DONE),
)
WORKFLOW = Workflow(STATUSES, initial="1")
TYPES = tuple(
    TargetType(name, name, level, workflow=WORKFLOW)
    for name, level in (("Epic", 1), ("Story", 0), ("Task", 0), ("Bug", 0), ("Change Request Form", 0))
)
TARGET = TargetShape("site", "1", "DEMO", types=TYPES)


@pytest.mark.parametrize(
    ("name", "level", "target", "confidence"),
    [
        ("User Story", 0, "Story", 1.0),
        ("Feature", 1, "Epic", 1.0),
        ("bug", 0, "Bug", 1.0),
        ("Defect", 0, "Bug", 0.8),
        ("Use-Case", None, "Story", 0.8),
        ("Change Request Forms", 0, "Change Request Form", 0.88),
        ("Portfolio Item", 3, "Epic", 0.6),
        ("Widget", 0, "Task", 0.6),
        ("Widget", None, "Task", 0.5),
    ],
)
def test_types(name: str, level: int | None, target: str, confidence: float) -> None:
    guess = guess_type(SourceType(name, level=level), TARGET)

    assert guess is not None
    assert (guess.target.name, round(guess.confidence, 2), guess.needs_confirmation) == (target, confidence, False)


def test_a_default_that_the_project_does_not_offer_is_not_replaced_by_a_guess() -> None:
    assert guess_type(SourceType("User Story", level=0), TargetShape("s", "1", "D", types=TYPES[2:])) is None


def test_any_type_of_the_level_needs_confirmation() -> None:
    odd = TargetShape("s", "1", "D", types=(TargetType("i", "Idea", 0),))
    guess = guess_type(SourceType("Widget", level=0), odd)

    assert guess is not None
    assert (guess.target.name, guess.needs_confirmation) == ("Idea", True)


@pytest.mark.parametrize(
    ("state", "category", "known", "target", "confidence"),
    [
        ("Active", StateCategory.IN_PROGRESS, True, "In Progress", 1.0),
        ("done", StateCategory.COMPLETED, True, "Done", 1.0),
        ("waiting for customers", StateCategory.IN_PROGRESS, True, "Waiting for Customer", 0.88),
        ("Cooking", StateCategory.IN_PROGRESS, True, "In Progress", 0.75),
        ("Removed", StateCategory.REMOVED, True, "Done", 0.75),
        ("Cooking", StateCategory.IN_PROGRESS, False, "In Progress", 0.3),
    ],
)
def test_states(state: str, category: StateCategory, known: bool, target: str, confidence: float) -> None:
    guess = guess_status(state, STATUSES, category, category_known=known)

    assert guess is not None
    assert (guess.target.name, round(guess.confidence, 2)) == (target, confidence)


def blocking(*, types: dict[str, str] | None = None, states: dict[str, str] | None = None) -> list[tuple[str, int]]:
    source = SourceShape(
        "o", "1", "S", types=(SourceType("Bug", states=(SourceState("New", StateCategory.PROPOSED),), level=0),)
    )
    usage = Usage(types={"Bug": 5}, states={("Bug", "New"): 3, ("Bug", "Shelved"): 2})
    _, findings = resolve_maps(source, TARGET, usage, type_overrides=types or {}, state_overrides=states or {})
    return [(found.code, found.count) for found in findings if found.severity is Severity.BLOCKING]


def test_what_is_unlikely_blocks_until_it_is_decided() -> None:
    assert blocking() == [("MAPPING_UNCONFIRMED", 2)]
    assert blocking(states={"Bug:Shelved": "Done"}) == []
    assert blocking(states={"shelved": "to do"}) == []
    assert blocking(states={"Shelved": "Nowhere"}) == [("STATUS_NOT_IN_TARGET", 2)]
    assert ("TYPE_NOT_IN_TARGET", 5) in blocking(types={"Bug": "Incident"})
