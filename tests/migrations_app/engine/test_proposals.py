"""What a mapping proposes, how sure it is, and what stays open."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.domain.mapping.decisions import SEVERITY, Decisions
from connectors.domain.mapping.resolve import Usage
from connectors.domain.shapes import (
    Iteration,
    Named,
    SourceField,
    SourceShape,
    SourceState,
    SourceType,
    Sprint,
    StateCategory,
    TargetField,
    TargetLinkType,
    TargetShape,
)
from connectors.domain.work_items import LinkKind, Person
from migrations_app.engine.config import RunOptions
from migrations_app.engine.decided import decided_options
from migrations_app.engine.entries import Entry, Proposals, as_decided
from migrations_app.engine.preflight import inspect
from migrations_app.engine.proposals import Situation, explain_match, propose
from tests.migrations_app.engine.world import global_workflow, target_types

FIELDS = (
    TargetField("cf-1", "Squad", kind="option", allowed=(("1", "Quay"), ("2", "Dock"))),
    TargetField("cf-2", "Severity", kind="option", allowed=(("1", "Critical"), ("2", "High"))),
    TargetField("cf-3", "Business Valuation", kind="number"),
)
JANUARY = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 16, tzinfo=UTC)
TARGET = TargetShape(
    "site",
    "1",
    "SHOP",
    types=target_types(global_workflow(), FIELDS),
    priorities=(Named("h", "High"),),
    link_types=(TargetLinkType("1", "Relates"),),
    components=(Named("c", "web"),),
    boards=(Named("1", "Board"),),
    sprints=(Sprint("1", "Winter", start=JANUARY[0], finish=JANUARY[1]), Sprint("2", "sprint 2")),
    permissions=frozenset({"BROWSE_PROJECTS"}),
)
SOURCE = SourceShape(
    "org",
    "1",
    "Shop",
    types=(SourceType("Bug", states=(SourceState("Cooking", StateCategory.IN_PROGRESS),), level=0),),
    fields=(
        SourceField("Custom.Team", "Team", "picklistString", custom=True),
        SourceField("Custom.Value", "Business Valuations", "double", custom=True),
        SourceField(SEVERITY, "Severity", "string"),
        SourceField("Custom.Unused", "Unused", "string", custom=True),
    ),
    iterations=(Iteration("Shop\\Sprint 1", *JANUARY), Iteration("Shop\\Sprint 2")),
)
USAGE = Usage(
    types={"Bug": 9},
    states={("Bug", "Cooking"): 5, ("Bug", "Shelved"): 4},
    links={LinkKind.BLOCKS: 2, LinkKind.RELATES: 1},
    fields={("Bug", "Custom.Team"): 9, ("Bug", "Custom.Value"): 3, ("Bug", SEVERITY): 4},
    values={"Custom.Team": {"Quay": 6, "dock": 2, "Pier": 1}, SEVERITY: {"1 - Critical": 3, "2 - Hihg": 1}},
    priorities={2: 5, None: 4},
    people={"ada@example.com": 7},
)
ADA, BOB = Person("u1", "Ada", "ada@example.com"), Person("u2", "Bob Stone")


def proposals(decided: Decisions | None = None, **found: Person) -> Proposals:
    decided = decided or Decisions()
    options = decided_options(RunOptions(), decided)
    maps = inspect(SOURCE, TARGET, USAGE, options).maps
    situation = Situation(
        SOURCE,
        TARGET,
        USAGE,
        maps,
        options,
        iterations=["Shop\\Sprint 1", "Shop\\Sprint 2"],
        areas=["Shop\\Web"],
        people=[ADA, BOB],
        found=found,
    )
    return propose(situation, decided)


def one(entries: tuple[Entry, ...], source: str) -> Entry:
    (found,) = [each for each in entries if each.source == source]
    return found


def test_types_states_and_priorities_say_how_sure_they_are() -> None:
    made = proposals()

    assert one(made.types, "Bug").confidence == 1.0
    assert (one(made.states, "Cooking").target, one(made.states, "Cooking").confidence) == ("In Progress", 0.75)
    assert one(made.states, "Shelved").is_open
    assert [entry.source for entry in made.open_entries] == ["Shelved"]
    assert (one(made.priorities, "2").target, one(made.priorities, "unset").target) == ("High", "default")
    assert [(entry.source, entry.target, entry.confidence) for entry in made.link_types] == [
        ("blocks", "Relates", 0.7),
        ("relates", "Relates", 1.0),
    ]


def test_fields_without_a_place_come_with_what_may_be_meant() -> None:
    made = proposals()

    team, value = one(made.fields, "Custom.Team"), one(made.fields, "Custom.Value")
    assert (team.target, team.proposal, team.count) == ("description", "cf-1", 9)
    assert "89%" in team.reason
    assert (value.target, value.proposal) == ("description", "cf-3")
    assert "similar name" in value.reason
    assert not [entry for entry in made.fields if entry.source == "Custom.Unused"]


def test_severities_tell_which_values_are_offered() -> None:
    made = proposals()

    assert one(made.severities, "1 - Critical").target == "Critical"
    typo = one(made.severities, "2 - Hihg")
    assert (typo.target, typo.confirmed) == ("description", False)


def test_sprints_and_components_are_recognised_by_name_and_dates() -> None:
    made = proposals()

    first, second = made.iterations
    assert (first.target, first.proposal) == ("Sprint 1", "Winter")
    assert (second.target, second.reason) == ("sprint 2", "existing sprint of that name")
    assert (made.areas[0].target, made.areas[0].reason) == ("web", "existing component of that name")


def test_people_are_told_with_the_way_they_were_found() -> None:
    made = proposals(u1=Person("acc-1", "Ada L.", "ADA@example.com"), u2=Person("acc-2", "Bob Stone", active=False))

    ada, bob = made.people
    assert (ada.source, ada.target, ada.confidence, ada.reason, ada.count) == (
        "ada@example.com",
        "acc-1",
        1.0,
        "same e-mail",
        7,
    )
    assert (bob.source, bob.target, bob.reason) == ("Bob Stone", "", "same name, but inactive")


@pytest.mark.parametrize(
    ("person", "found", "confidence"),
    [
        (ADA, Person("u1", "x"), 1.0),
        (ADA, Person("a", "Somebody", ""), 0.9),
        (BOB, Person("a", "Stone, Bob"), 0.8),
        (BOB, Person("a", "Bob Ston"), 0.75),
    ],
)
def test_matches_are_explained(person: Person, found: Person, confidence: float) -> None:
    assert explain_match(person, found)[0] == confidence


def test_decisions_are_confirmed_and_what_does_not_exist_stays_open() -> None:
    decided = Decisions(
        states={"Bug:Shelved": "Done"},
        types={"Bug": "Incident"},
        fields={"Custom.Team": "Squad", "Custom.Value": "Nowhere"},
        values={SEVERITY: {"2 - Hihg": "High"}},
        iteration_names={"Shop\\Sprint 1": ""},
        people={"ada@example.com": "acc-7"},
    )

    made = proposals(decided)

    assert one(made.types, "Bug").is_open
    assert one(made.types, "Bug").reason == "decided, but Incident does not exist"
    assert (one(made.fields, "Custom.Team").target, one(made.fields, "Custom.Team").confirmed) == ("cf-1", True)
    assert one(made.severities, "2 - Hihg").target == "High"
    assert (made.iterations[0].target, made.iterations[0].confirmed) == ("none", True)
    assert (made.people[0].target, made.people[0].confirmed) == ("acc-7", True)


def test_decisions_can_be_shown_without_a_look() -> None:
    decided = Decisions(states={"Bug:New": "To Do", "Closed": "Done"}, values={"Custom.Team": {"a": "b"}}, areas="path")
    shown = as_decided(decided)

    def told(entries: tuple[Entry, ...]) -> list[tuple[Any, ...]]:
        return [(entry.type, entry.source, entry.target) for entry in entries]

    assert told(shown.states) == [("Bug", "New", "To Do"), ("", "Closed", "Done")]
    assert told(one(shown.fields, "Custom.Team").values) == [("", "a", "b")]
    assert (shown.iterations_as, shown.areas_as) == ("sprint", "path")
