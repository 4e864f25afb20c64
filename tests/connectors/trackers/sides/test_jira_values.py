"""Values of a Jira project of every kind: written, read, written again, cleared."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.domain.errors import Refused
from connectors.domain.sides import LABELS, PRIORITY, STATE, TEXT, SideDraft, Value, ValueKind
from sandbox.jira.setup import account_id
from sandbox.jira.site import FieldSpec, SiteSpec
from tests.connectors.trackers.sides.jira_world import JiraWorld, jira_world

ADA, TOM = account_id("ingrid.solberg@saltwind.example"), account_id("tomasz.wojcik@saltwind.example")
CHOICES = (("Red", ()), ("Green", ()), ("Blue", ()))
TREE = (("Europe", ("Norway", "Spain")), ("Asia", ("Japan",)))
KINDS: dict[str, tuple[str, ValueKind, Value]] = {
    "Text": ("textfield", ValueKind.TEXT, "One line"),
    "Address": ("url", ValueKind.TEXT, "https://example.com/x"),
    "Number": ("float", ValueKind.NUMBER, 2.5),
    "Whole": ("float", ValueKind.NUMBER, 13),
    "Day": ("datepicker", ValueKind.DAY, "2026-02-28"),
    "Moment": ("datetime", ValueKind.MOMENT, "2026-02-28T23:30:15.000Z"),
    "Person": ("userpicker", ValueKind.PERSON, ADA),
    "People": ("multiuserpicker", ValueKind.CHOICES, sorted([ADA, TOM])),
    "Choice": ("select", ValueKind.CHOICE, "Green"),
    "Radio": ("radiobuttons", ValueKind.CHOICE, "Blue"),
    "Choices": ("multiselect", ValueKind.CHOICES, ["Green", "Red"]),
    "Boxes": ("multicheckboxes", ValueKind.CHOICES, ["Blue"]),
    "Tree": ("cascadingselect", ValueKind.PATH, "Europe -> Norway"),
    "Top": ("cascadingselect", ValueKind.PATH, "Asia"),
    "Tags": ("labels", ValueKind.LABELS, ["a", "b"]),
    "Version": ("version", ValueKind.CHOICE, "1.0"),
    "Versions": ("multiversion", ValueKind.CHOICES, ["1.0", "2.0"]),
}
OPTIONS = {"select": CHOICES, "radiobuttons": CHOICES, "multiselect": CHOICES, "multicheckboxes": CHOICES}
SPEC = SiteSpec(
    fields=(
        *(
            FieldSpec(name, kind, options=TREE if kind == "cascadingselect" else OPTIONS.get(kind, ()))
            for name, (kind, _, _) in KINDS.items()
        ),
        FieldSpec("Paragraph", "textarea"),
        FieldSpec("Fixed", "readonlyfield"),
    )
)


@pytest.fixture
def world() -> JiraWorld:
    made = jira_world(SPEC)
    project = made.jira.client.get_project("DEMO")
    for name in ("1.0", "2.0"):
        made.jira.client.create_version(project["id"], name, start=None, release=None, released=False)
    for name in ("Engine", "Wheels"):
        made.jira.client.create_component("DEMO", name)
    return made


def field_id(world: JiraWorld, name: str) -> str:
    return next(each.id for each in world.side.describe().fields if each.name == name)


def assert_kept(world: JiraWorld, name: str, value: Value, empty: Value = None) -> None:
    """Written, read, written as read, and cleared."""
    key = world.create()
    world.side.write(key, {name: value})
    first = world.item(key).values[name]
    world.side.write(key, {name: first})
    second = world.item(key).values[name]
    world.side.write(key, {name: empty})

    assert (first, second) == (value, value)
    assert world.item(key).values[name] == empty


@pytest.mark.parametrize("name", KINDS)
def test_a_custom_field_keeps_its_value(world: JiraWorld, name: str) -> None:
    _, kind, value = KINDS[name]
    shown = world.side.describe().field(field_id(world, name))

    assert shown is not None
    assert (shown.kind, shown.writable) == (kind, True)
    assert_kept(world, shown.id, value, [] if kind in (ValueKind.CHOICES, ValueKind.LABELS) else None)


@pytest.mark.parametrize(
    ("name", "value", "empty"),
    [
        ("components", ["Engine", "Wheels"], []),
        ("fixVersions", ["1.0"], []),
        ("versions", ["1.0", "2.0"], []),
        ("duedate", "2026-12-24", None),
        ("assignee", ADA, None),
        (LABELS, ["x", "y"], []),
        ("resolution", "Won't Do", None),
    ],
)
def test_a_system_field_keeps_its_value(world: JiraWorld, name: str, value: Value, empty: Value) -> None:
    assert_kept(world, name, value, empty)


def test_priority_and_reporter_are_names_and_ids(world: JiraWorld) -> None:
    key = world.create()

    world.side.write(key, {PRIORITY: "Lowest", "reporter": TOM})

    values = world.item(key).values
    assert (values[PRIORITY], values["reporter"]) == ("Lowest", TOM)


def test_story_points_are_a_number(world: JiraWorld) -> None:
    points = field_id(world, "Story Points")

    assert_kept(world, points, 5)
    story = next(each for each in world.side.describe().types if each.name == "Story")
    assert points in story.fields


def test_estimates_are_hours_and_leave_each_other_alone(world: JiraWorld) -> None:
    names = {each.id: each.name for each in world.side.describe().fields}
    key = world.create("Estimated", {"timeoriginalestimate": 6.5, "timeestimate": 1.25})

    world.side.write(key, {"timeestimate": 0.75})

    values = world.item(key).values
    assert (values["timeoriginalestimate"], values["timeestimate"], values["timespent"]) == (6.5, 0.75, None)
    assert names["timeestimate"] == "Remaining Estimate (hours)"
    assert_kept(world, "timeoriginalestimate", 1 / 3)
    assert_kept(world, "timeestimate", 12)


@pytest.mark.parametrize("name", ["Paragraph", "Description", "Environment"])
def test_a_rich_text_is_kept_as_the_site_keeps_it(world: JiraWorld, name: str) -> None:
    key, field = world.create(), field_id(world, name)
    cell = {"type": "tableCell", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "cell"}]}]}
    table = {"type": "table", "content": [{"type": "tableRow", "content": [cell]}]}
    document = {"type": "doc", "version": 1, "content": [table]}

    world.side.write(key, {field: {"markup": "adf", "document": document}})
    first = world.item(key).values[field]
    world.side.write(key, {field: first})

    assert isinstance(first, dict)
    assert first["markup"] == "adf"
    assert "cell" in str(first["document"])
    assert world.item(key).values[field] == first
    world.side.write(key, {field: None})
    assert world.item(key).values[field] is None


def test_a_new_item_takes_values_of_every_kind_at_once(world: JiraWorld) -> None:
    given = {field_id(world, name): value for name, (_, _, value) in KINDS.items()}
    key = world.create("Full", {**given, "components": ["Engine"], PRIORITY: "High", "duedate": "2026-01-02"})

    values = world.item(key).values

    assert {name: values[name] for name in given} == given
    assert (values["components"], values[PRIORITY], values["duedate"]) == (["Engine"], "High", "2026-01-02")
    world.side.write(key, {name: values[name] for name in given})
    assert dict(world.item(key).values) == dict(values)


def test_options_are_the_names_that_a_field_offers(world: JiraWorld) -> None:
    shape = world.side.describe()
    offered = {each.name: each.options for each in shape.fields}

    assert offered["Choice"] == ("Red", "Green", "Blue")
    assert offered["Tree"] == ("Europe", "Europe -> Norway", "Europe -> Spain", "Asia", "Asia -> Japan")
    assert offered["Components"] == ("Engine", "Wheels")
    assert offered["Priority"] == ("Highest", "High", "Medium", "Low", "Lowest")
    assert offered["Text"] == ()


def test_spaces_in_labels_become_hyphens(world: JiraWorld) -> None:
    key = world.create("Labelled", {LABELS: ["two words", " ", "two-words", "b"]})

    assert world.item(key).values[LABELS] == ["b", "two-words"]


def test_a_moment_is_read_in_utc_whatever_zone_the_site_shows(world: JiraWorld) -> None:
    field, key = field_id(world, "Moment"), world.create()

    world.side.write(key, {field: "2026-07-01T12:00:00+02:00"})

    assert world.item(key).values[field] == "2026-07-01T10:00:00.000Z"


def test_the_sprint_that_counts_is_shown_and_cannot_be_written(world: JiraWorld) -> None:
    client, key = world.jira.client, world.create()
    sprints = [str(client.create_sprint(f"Sprint {n}", board="1", start=None, finish=None)["id"]) for n in (1, 2)]
    field = field_id(world, "Sprint")
    assert world.item(key).values[field] is None

    client.move_issues_to_sprint(sprints[1], [key])

    shown = world.side.describe().field(field)
    assert world.item(key).values[field] == "Sprint 2"
    assert shown is not None
    assert not shown.writable
    with pytest.raises(Refused):
        world.side.write(key, {field: "Sprint 1"})


@pytest.mark.parametrize("name", ["Fixed", "Creator", "Created", "Resolved", "Time Spent (hours)"])
def test_what_nobody_can_write_is_shown_as_such(world: JiraWorld, name: str) -> None:
    shown = world.side.describe().field(field_id(world, name))

    assert shown is not None
    assert not shown.writable


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 300}, "title"),
        ({"priority": "No such priority"}, "priority"),
        ({"components": ["No such component"]}, "components"),
        ({"assignee": "712020:00000000-0000-0000-0000-000000000000"}, "assignee"),
        ({"duedate": "tomorrow"}, "duedate"),
        ({"timeestimate": "soon"}, "timeestimate"),
        ({"created": "2026-01-01T00:00:00Z"}, "created"),
        ({"nosuch": "x"}, "nosuch"),
        ({TEXT: {"markup": "html", "text": "<p>x</p>"}}, TEXT),
        ({TEXT: {"markup": "adf", "document": {"type": "doc", "content": [{"type": "odd"}]}}}, TEXT),
    ],
)
def test_a_value_that_is_refused_is_called_by_our_name_of_the_field(
    world: JiraWorld, values: dict[str, Any], field: str
) -> None:
    key = world.create()

    with pytest.raises(Refused) as caught:
        world.side.write(key, values)

    assert list(caught.value.fields) == [field]
    assert caught.value.fields[field]


def test_a_refused_create_names_its_fields_too(world: JiraWorld) -> None:
    with pytest.raises(Refused) as caught:
        world.side.create(SideDraft("m", "Story", {"title": "x", "priority": "Odd", LABELS: ["ok"]}))

    assert list(caught.value.fields) == ["priority"]


def test_the_state_is_never_written(world: JiraWorld) -> None:
    key = world.create()

    world.side.write(key, {STATE: "Done"})

    assert world.item(key).values[STATE] == "To Do"
