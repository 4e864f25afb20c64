"""Stored decisions, and how a start call wins over them."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as some

from connectors.domain.mapping.decisions import Decisions, as_document, from_document, overridden

NAMES = some.dictionaries(some.text(min_size=1, max_size=5), some.text(max_size=5), max_size=3)


@given(NAMES, NAMES, some.dictionaries(some.text(min_size=1, max_size=5), NAMES, max_size=2))
def test_what_is_stored_comes_back(
    types: dict[str, str], people: dict[str, str], values: dict[str, dict[str, str]]
) -> None:
    decided = Decisions(
        types=types, people=people, values={name: each for name, each in values.items() if each}, areas="path"
    )

    assert from_document(json.loads(json.dumps(as_document(decided)))) == decided


def test_what_another_version_wrote_is_left_out() -> None:
    document = {"types": ["x"], "states": {"a": 1, "b": "c"}, "areas": {"as": "fridge"}, "iterations": 3, "new": {}}

    assert from_document(document) == Decisions(states={"b": "c"})


def test_a_start_call_wins_without_regard_to_case() -> None:
    decided = Decisions(
        types={"Feature": "Story", "Bug": "Task"},
        states={"Bug:Closed": "To Do", "Task:Closed": "Done", "Task:New": "To Do"},
        fields={"Custom.A": "a"},
        iterations="version",
        people={"ada@example.com": "one"},
    )

    merged = overridden(
        decided,
        types={"feature": "Epic"},
        states={"CLOSED": "Review"},
        fields={"system.iterationpath": "none"},
        people={"ADA@example.com": "two"},
    )

    assert merged.types == {"Bug": "Task", "feature": "Epic"}
    assert merged.states == {"Task:New": "To Do", "CLOSED": "Review"}
    assert merged.field_overrides == {"Custom.A": "a", "system.iterationpath": "none"}
    assert merged.people == {"ADA@example.com": "two"}


def test_a_state_of_one_type_takes_away_only_its_own() -> None:
    decided = Decisions(states={"Bug:Closed": "To Do", "Task:Closed": "Done"})

    merged = overridden(decided, types={}, states={"Bug:Closed": "Review"}, fields={}, people={})

    assert merged.states == {"Task:Closed": "Done", "Bug:Closed": "Review"}
