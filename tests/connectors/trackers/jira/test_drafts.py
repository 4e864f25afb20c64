"""What is sent for a draft, and what is left for an edit."""

from __future__ import annotations

from dataclasses import replace

from connectors.domain.ports import DraftItem, ItemChanges
from connectors.domain.shapes import TargetField, TargetShape, TargetType
from connectors.domain.work_items import SourceMark
from connectors.trackers.jira.drafts import Layout, after_create, create_body, edit_fields, layout_of

MARK = SourceMark("contoso", "Parts", "17", 3)
BODY = {"type": "doc", "version": 1, "content": []}
DRAFT = DraftItem(
    mark=MARK,
    type_id="10001",
    title="Wheel",
    body=BODY,
    parent_id="10500",
    transition="21",
    labels=("migrated-from-ado", "ado-id-17"),
    components=("20001",),
    sprint_id="7",
    priority_id="3",
    assignee_id="a1",
    reporter_id="a2",
    fields={"customfield_10016": 5.0},
)
ALL = frozenset(
    {
        "description",
        "labels",
        "components",
        "priority",
        "assignee",
        "reporter",
        "customfield_10020",
        "customfield_10016",
    }
)


def layout(*hidden: str) -> Layout:
    return Layout("10000", sprint_field="customfield_10020", on_screen={"10001": ALL - set(hidden)})


def test_a_draft_becomes_one_create_with_its_mark_and_first_step() -> None:
    assert create_body(DRAFT, layout()) == {
        "fields": {
            "project": {"id": "10000"},
            "issuetype": {"id": "10001"},
            "summary": "Wheel",
            "description": BODY,
            "parent": {"id": "10500"},
            "labels": ["migrated-from-ado", "ado-id-17"],
            "components": [{"id": "20001"}],
            "priority": {"id": "3"},
            "assignee": {"accountId": "a1"},
            "reporter": {"accountId": "a2"},
            "customfield_10020": 7,
            "customfield_10016": 5.0,
        },
        "properties": [
            {"key": "isthmus.source", "value": {"organization": "contoso", "project": "Parts", "id": "17", "rev": 3}}
        ],
        "transition": {"id": "21"},
    }
    assert after_create(DRAFT, layout()) is None


def test_an_empty_draft_leaves_the_projects_defaults_alone() -> None:
    body = create_body(DraftItem(mark=MARK, type_id="10001", title="Wheel"), layout())

    assert set(body["fields"]) == {"project", "issuetype", "summary"}
    assert "transition" not in body


def test_trap_5_a_description_off_the_create_screen_is_left_for_an_edit() -> None:
    hidden = layout("description")

    assert "description" not in create_body(DRAFT, hidden)["fields"]
    assert after_create(DRAFT, hidden) == ItemChanges(fields={"description": BODY})


def test_trap_15_fields_off_the_create_screen_would_refuse_the_item_and_are_left_for_an_edit() -> None:
    hidden = layout("labels", "customfield_10020", "customfield_10016", "reporter")

    left = after_create(DRAFT, hidden)

    assert left == ItemChanges(
        fields={
            "labels": ["migrated-from-ado", "ado-id-17"],
            "reporter": {"accountId": "a2"},
            "customfield_10020": 7,
            "customfield_10016": 5.0,
        }
    )
    assert not set(create_body(DRAFT, hidden)["fields"]) & set(left.fields)


def test_create_and_edit_together_hold_every_field_of_the_draft() -> None:
    for hidden in ((), ("description",), ("labels", "priority"), tuple(ALL)):
        left = after_create(DRAFT, layout(*hidden))
        sent = create_body(DRAFT, layout(*hidden))["fields"] | (edit_fields(left) if left else {})

        assert sent == create_body(DRAFT, layout())["fields"]


def test_a_type_whose_screen_is_unknown_takes_everything() -> None:
    other = replace(DRAFT, type_id="10099")

    assert after_create(other, layout("description")) is None


def test_without_a_sprint_field_no_sprint_is_sent() -> None:
    body = create_body(DRAFT, Layout("10000"))

    assert "customfield_10020" not in body["fields"]


def test_the_layout_comes_from_the_shape() -> None:
    story = TargetType("10001", "Story", 0, fields={"labels": TargetField("labels", "Labels")})
    shape = TargetShape("s", "10000", "DEMO", types=(story,), sprint_field="customfield_1")

    assert layout_of(shape) == Layout("10000", "customfield_1", {"10001": frozenset({"labels"})})


def test_an_edit_names_only_what_changes() -> None:
    assert edit_fields(ItemChanges()) == {}
    assert edit_fields(ItemChanges(title="t", body=BODY, labels=(), fields={"priority": {"id": "1"}})) == {
        "summary": "t",
        "description": BODY,
        "labels": [],
        "priority": {"id": "1"},
    }
