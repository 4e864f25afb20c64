"""What a new synchronization begins with can be used as it is."""

from __future__ import annotations

from itertools import count

from connectors.domain.sides import SideField, SideShape, SideType, ValueKind
from sync.engine.config import problems, read_config
from sync.engine.suggest import spread, suggest

FIELDS = frozenset({"title", "description", "priority", "labels", "team", "points"})


def shape(system: str, types: dict[str, tuple[str, ...]], priorities: tuple[str, ...], **changes: object) -> SideShape:
    fields = (
        SideField("title", "Title", ValueKind.TEXT),
        SideField("description", "Description", ValueKind.RICH),
        SideField("priority", "Priority", ValueKind.CHOICE, options=priorities),
        SideField("labels", "Labels", ValueKind.LABELS),
        SideField("team" if system == "jira" else "Custom.Team", "Team", ValueKind.CHOICE),
        SideField("made" if system == "jira" else "Made", "Made on", ValueKind.DAY, writable=system == "jira"),
    )
    known = FIELDS | {each.id for each in fields}
    made = tuple(SideType(name, states, known) for name, states in types.items())
    links = ("Relates", "Blocks") if system == "jira" else ("Related", "Dependency")
    return SideShape(system, system, made, fields, links, **changes)  # type: ignore[arg-type]


AZURE = shape(
    "azure_devops",
    {
        "User Story": ("New", "Active", "Resolved", "Closed"),
        "Bug": ("New", "Active", "Closed"),
        "Impediment": ("Open",),
    },
    ("1", "2", "3", "4"),
)
JIRA = shape(
    "jira",
    {"Story": ("To Do", "In Progress", "Done"), "Bug": ("To Do", "In Progress", "Done")},
    ("Highest", "High", "Medium", "Low", "Lowest"),
)


def suggested(first: SideShape, second: SideShape) -> dict[str, object]:
    numbers = count(1)
    return suggest(first, second, new_id=lambda: f"id-{next(numbers)}")


def test_a_suggestion_has_no_conflicts_either_way() -> None:
    for first, second in ((AZURE, JIRA), (JIRA, AZURE), (JIRA, JIRA)):
        assert problems(read_config(suggested(first, second)), first, second) == []


def test_types_states_priorities_and_links_find_their_counterparts() -> None:
    config = read_config(suggested(AZURE, JIRA))

    assert [(each.first, each.second) for each in config.types] == [("User Story", "Story"), ("Bug", "Bug")]
    workflow = config.workflow("User Story", "Story")
    assert workflow is not None
    assert [(step.origin, step.target) for step in workflow.first_to_second][-1] == ("Closed", "Done")
    there = [pair.second for pair in config.values[0].pairs[:4]]
    assert there == ["Highest", "High", "Medium", "Low"]  # as a migration maps them
    assert {pair.second for pair in config.values[0].pairs} == {"Highest", "High", "Medium", "Low", "Lowest"}
    assert [(each.first, each.second) for each in config.links] == [("Related", "Relates"), ("Dependency", "Blocks")]


def test_what_one_side_cannot_write_goes_one_way() -> None:
    directions = {each.first: each.direction.value for each in read_config(suggested(AZURE, JIRA)).fields}

    assert (directions["Made"], directions["Custom.Team"]) == ("FIRST_TO_SECOND", "BOTH")


def test_without_files_on_one_side_none_are_carried() -> None:
    github = shape("github", {"Bug": ("open", "closed")}, (), takes_files=False)

    assert suggested(JIRA, github)["attachmentMapping"] is None


def test_a_scale_is_spread_over_another() -> None:
    assert spread(["a1", "a2", "a3"], ["z1", "z2"]) == [("a1", "z1"), ("a2", "z1"), ("a3", "z2")]
    assert spread(["a1"], ["z1", "z2"]) == [("a1", "z1")]
