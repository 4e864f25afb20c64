"""Single decisions of a mapping, taken and taken back."""

from __future__ import annotations

import pytest

from connectors.domain.mapping.decisions import SEVERITY, Decisions
from migrations_app.engine.deciding import Subject, decide, placed, undecide


def test_a_decision_takes_the_place_of_the_one_that_was_spelt_otherwise() -> None:
    before = Decisions(types={"feature": "Epic", "Bug": "Bug"})

    after = decide(before, Subject("types", "Feature"), "Story")

    assert after.types == {"Bug": "Bug", "Feature": "Story"}


def test_a_state_of_one_type_leaves_what_holds_for_all_types() -> None:
    before = Decisions(states={"Closed": "Done"})

    after = decide(before, Subject("states", "Closed", type="Bug"), "Rejected")

    assert after.states == {"Closed": "Done", "Bug:Closed": "Rejected"}
    assert undecide(after, Subject("states", "Closed", type="Bug")).states == {"Closed": "Done"}


def test_values_are_kept_by_field_and_an_empty_field_is_forgotten() -> None:
    one = decide(Decisions(), Subject("values", "Big", field="Custom.Size"), "Large")
    two = decide(one, Subject("severities", "1 - Critical"), "Blocker")

    assert two.values == {"Custom.Size": {"Big": "Large"}, SEVERITY: {"1 - Critical": "Blocker"}}
    assert undecide(two, Subject("values", "big", field="Custom.Size")).values == {
        SEVERITY: {"1 - Critical": "Blocker"}
    }


def test_an_iteration_that_is_left_out_is_stored_as_an_empty_name() -> None:
    after = decide(Decisions(), Subject("iterations", "Shop\\2024"), "none")

    assert after.iteration_names == {"Shop\\2024": ""}


def test_a_person_who_was_decided_by_name_is_taken_back_too() -> None:
    before = Decisions(people={"Anna": "5b1"})

    assert undecide(before, Subject("people", "anna@example.com", also=("Anna",))).people == {}


def test_iterations_and_areas_become_what_is_known_only() -> None:
    assert placed(Decisions(), "iterations", "version").iterations == "version"
    assert placed(Decisions(), "areas", "none").areas == "none"
    with pytest.raises(ValueError, match="fridge"):
        placed(Decisions(), "areas", "fridge")
