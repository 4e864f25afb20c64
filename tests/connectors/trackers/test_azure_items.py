"""Work items and comments in canonical terms."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors.clients.azure_devops.values import as_object
from connectors.domain.work_items import DESCRIPTION, Comment, Markup, Person, Text, WorkItem
from connectors.trackers.azure_items import KNOWN_LONG_TEXTS, FieldTypes, in_order, read_comment, read_item
from tests.connectors.clients.azure_devops.recordings import recorded_answer
from tests.shared import shared_path

TYPES = FieldTypes(
    {
        **KNOWN_LONG_TEXTS,
        "Custom.Notes": "html",
        "Custom.Plain": "plainText",
        "Custom.Reviewer": "identity",
        "System.History": "history",
    }
)
URL = "https://dev.azure.com/contoso/P/_workitems/edit/1"


def read(fields: dict[str, object], **more: object) -> WorkItem:
    raw = {"id": 1, "rev": 3, "fields": fields, **more}
    return read_item(raw, field_types=TYPES, base_url="https://dev.azure.com/contoso", item_url=URL)


def test_a_recorded_item_with_its_links() -> None:
    answer = recorded_answer("GET", "workItems/973?$expand=relations")

    item = read_item(as_object(json.loads(answer.body)), field_types=TYPES, base_url="https://x", item_url=URL)

    assert (item.id, item.rev, item.type, item.title, item.state) == ("973", 1, "Task", "Task_0", "To Do")
    assert (item.area, item.iteration, item.priority, item.comment_count) == ("WIRel000001", "WIRel000001", 2, 0)
    assert item.created == datetime(2026, 3, 31, 18, 36, 26, 230_000, tzinfo=UTC)
    assert item.author == Person(
        "22157d54-1821-6536-a446-928b06348385", "Soujanya Bestala (LTIMindtree Limited)", "test@example.com"
    )
    assert [link.target for link in item.links] == ["975", "974", "976"]
    assert item.texts == {}
    assert set(item.fields) == {
        "System.Reason",
        "System.ChangedBy",
        "Microsoft.VSTS.Common.StateChangeDate",
    }


def test_an_item_without_relations_has_no_such_member() -> None:
    assert read({"System.Title": "x"}).links == ()


def test_texts_keep_their_own_reference_and_their_own_markup() -> None:
    item = read(
        {
            "System.Description": "# Title",
            "Microsoft.VSTS.TCM.ReproSteps": "<div>steps</div>",
            "Microsoft.VSTS.TCM.Steps": '<steps id="0" last="1"/>',
            "Custom.Notes": "<p>n</p>",
            "Custom.Plain": "a\nb",
            "Microsoft.VSTS.TCM.SystemInfo": "  ",
            "System.History": "the latest remark only",
        },
        multilineFieldsFormat={"System.Description": "Markdown", "Microsoft.VSTS.TCM.ReproSteps": "html"},
    )

    assert item.texts == {
        DESCRIPTION: Text("# Title", Markup.MARKDOWN),
        "Microsoft.VSTS.TCM.ReproSteps": Text("<div>steps</div>", Markup.HTML),
        "Microsoft.VSTS.TCM.Steps": Text('<steps id="0" last="1"/>', Markup.TEST_STEPS),
        "Custom.Notes": Text("<p>n</p>", Markup.HTML),
        "Custom.Plain": Text("a\nb", Markup.PLAIN),
    }


def test_other_fields_are_plain_values_and_people() -> None:
    item = read(
        {
            "System.Reason": "New",
            "System.AreaLevel1": "P",
            "System.NodeName": "P",
            "WEF_1_System.ExtensionMarker": True,
            "WEF_1_Kanban.Column": "Doing",
            "Custom.Flag": False,
            "Custom.Score": 2.5,
            "Custom.Reviewer": "Ann <ann@example.com>",
            "Custom.Owner": {"displayName": "Bo", "id": "g", "uniqueName": "bo@example.com"},
            "Custom.Empty": "",
        }
    )

    assert item.fields == {
        "System.Reason": "New",
        "WEF_1_Kanban.Column": "Doing",
        "Custom.Flag": False,
        "Custom.Score": 2.5,
        "Custom.Reviewer": Person("ann@example.com", "Ann", "ann@example.com"),
        "Custom.Owner": Person("g", "Bo", "bo@example.com"),
    }


@pytest.mark.parametrize(
    ("fields", "rank"),
    [
        ({"Microsoft.VSTS.Common.StackRank": 1000000001.5}, 1000000001.5),
        ({"Microsoft.VSTS.Common.BacklogPriority": "12"}, 12.0),
        ({"Microsoft.VSTS.Common.StackRank": 9, "Microsoft.VSTS.Common.BacklogPriority": 3}, 3.0),
        ({"Microsoft.VSTS.Common.BacklogPriority": 0}, 0.0),
        ({}, None),
    ],
)
def test_the_place_in_the_backlog(fields: dict[str, object], rank: float | None) -> None:
    assert read(fields).rank == rank


def test_numbers_come_in_several_spellings() -> None:
    assert read({"Microsoft.VSTS.Common.Priority": 2.0, "System.CommentCount": "3"}).priority == 2
    assert read({"System.CommentCount": "3"}).comment_count == 3
    assert read({}).comment_count is None


def test_the_parent_comes_from_the_relation_else_from_the_field() -> None:
    relation = {"rel": "System.LinkTypes.Hierarchy-Reverse", "url": "https://x/_apis/wit/workItems/8", "attributes": {}}

    assert read({"System.Parent": 7}).parent == "7"
    assert read({"System.Parent": 7}, relations=[relation]).parent == "8"
    assert read({}).parent is None


def test_every_item_of_the_real_projects_is_read_whole() -> None:
    count, words = 0, 0
    for path in sorted(shared_path("data/ado").glob("*.json")):
        for raw in json.loads(path.read_text(encoding="utf-8"))["workItems"]:
            item = read_item(raw, field_types=TYPES, base_url="https://x", item_url=URL)
            fields = raw["fields"]
            count += 1
            assert item.title == fields["System.Title"]
            assert item.type == fields["System.WorkItemType"]
            if str(fields.get("System.Description", "")).strip():
                words += 1
                assert item.texts[DESCRIPTION].value == fields["System.Description"]

    assert (count, words > 1000) == (1757, True)


def test_a_comment_keeps_its_format_and_its_real_author() -> None:
    raw = {
        "id": 45,
        "text": "**hi**",
        "format": "markdown",
        "createdBy": {"displayName": "Importer", "id": "i"},
        "createdDate": "2026-02-02T00:00:00Z",
        "createdOnBehalfOf": {"displayName": "Ann", "id": "a"},
        "createdOnBehalfDate": "2020-01-01T00:00:00Z",
        "modifiedDate": "2026-02-03T00:00:00Z",
        "isDeleted": False,
    }

    assert read_comment(raw) == Comment(
        "45",
        Text("**hi**", Markup.MARKDOWN),
        Person("a", "Ann"),
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2026, 2, 3, tzinfo=UTC),
    )


def test_older_comments_name_their_id_differently_and_are_html() -> None:
    comment = read_comment({"commentId": 44, "text": "<b>x</b>", "createdBy": {"displayName": "Ann", "id": "a"}})

    assert comment is not None
    assert (comment.id, comment.text.markup) == ("44", Markup.HTML)


def test_deleted_comments_are_left_out() -> None:
    assert read_comment({"id": 1, "text": "", "isDeleted": True}) is None


def test_comments_are_put_in_order_once_each() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    later = Comment("3", Text("c"), created=moment.replace(day=2))
    first, second = Comment("9", Text("a"), created=moment), Comment("10", Text("b"), created=moment)

    assert in_order([later, second, first, second]) == [first, second, later]
