"""Issues read back in canonical terms, from real answers and odd ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.clients.jira.wire.payloads import Issue, Json
from connectors.domain.ports import TargetFile, TargetLink
from connectors.domain.shapes import StatusCategory
from connectors.domain.work_items import Person, SourceMark
from connectors.trackers.jira.items import category_of, item_from, link_from, person_from
from connectors.trackers.jira.marks import comment_mark, item_mark, mark_of_comment, read_mark
from tests.shared import shared_path

MARK = SourceMark("contoso", "Parts", "17", 3)


def issue(**fields: Any) -> Issue:
    return {"id": "10001", "key": "DEMO-1", "fields": {"summary": "Wheel", **fields}}


def test_real_issues_are_read() -> None:
    responses = json.loads(shared_path("data/jira/issues.json").read_text())["responses"]
    raw = {response["data"]["key"]: response["data"] for response in responses}

    items = {key: item_from(data, sprint_field="customfield_10020") for key, data in raw.items()}

    one = items["EE-1"]
    assert (one.id, one.key, one.title) == ("10063", "EE-1", raw["EE-1"]["fields"]["summary"])
    assert one.status_id == "10068"
    assert one.created == datetime(2020, 6, 12, 0, 13, 13, 360000, UTC)
    assert one.labels == ("frontEnd", "Saas")
    assert one.sprints == ("7",)
    assert one.comments is not None
    assert one.comment_total == 1
    assert all(item.type == raw[key]["fields"]["issuetype"]["id"] for key, item in items.items())


def test_trap_14_a_sprint_field_is_read_as_a_list_with_the_closed_ones() -> None:
    sprints = [{"id": 7, "state": "closed"}, {"id": 9, "state": "active"}]

    assert item_from(issue(customfield_1=sprints), sprint_field="customfield_1").sprints == ("7", "9")
    assert item_from(issue(customfield_1=None), sprint_field="customfield_1").sprints == ()
    assert item_from(issue(), sprint_field="").sprints == ()


def test_trap_7_comments_that_were_cut_are_not_taken_for_all() -> None:
    comment = {"id": "1", "body": {"type": "doc"}, "created": "2026-01-02T10:00:00.000+0000"}

    whole = item_from(issue(comment={"total": 1, "comments": [comment]}), sprint_field="")
    cut = item_from(issue(comment={"total": 30, "maxResults": 20, "comments": [comment] * 20}), sprint_field="")
    absent = item_from(issue(), sprint_field="")

    assert whole.comments is not None
    assert [entry.id for entry in whole.comments] == ["1"]
    assert (cut.comments, cut.comment_total) == (None, 30)
    assert absent.comments is None


def test_every_reference_is_an_id() -> None:
    item = item_from(
        issue(
            issuetype={"id": "10002", "name": "Story"},
            status={"id": "3"},
            priority={"id": "2"},
            resolution={"id": "10000"},
            components=[{"id": "5", "name": "Engine"}],
            parent={"id": "10500", "key": "DEMO-5"},
            assignee={"accountId": "a1"},
            reporter=None,
            customfield_9=4.0,
        ),
        sprint_field="",
        custom=("customfield_9", "customfield_8"),
    )

    assert (item.type, item.status_id, item.priority, item.resolution) == ("10002", "3", "2", "10000")
    assert (item.components, item.parent_key, item.assignee, item.reporter) == (("5",), "DEMO-5", "a1", None)
    assert item.fields == {"customfield_9": 4.0, "customfield_8": None}


def test_files_are_read_with_their_time() -> None:
    file = {"id": 10, "filename": "a.png", "size": 20, "created": "2026-01-02T10:00:00.000+0200"}

    item = item_from(issue(attachment=[file]), sprint_field="")

    assert item.files == (TargetFile("10", "a.png", 20, datetime(2026, 1, 2, 8, tzinfo=UTC)),)


def test_trap_9_the_end_that_shows_an_outward_issue_is_the_source() -> None:
    blocks = {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}

    source: Json = {"id": "1", "type": blocks, "outwardIssue": {"id": "2", "key": "DEMO-2"}}
    target: Json = {"id": "1", "type": blocks, "inwardIssue": {"id": "1", "key": "DEMO-1"}}
    hidden: Json = {"id": "1", "type": blocks}

    assert link_from(source) == TargetLink("1", "Blocks", "DEMO-2", outward=True)
    assert link_from(target) == TargetLink("1", "Blocks", "DEMO-1", outward=False)
    assert link_from(hidden) is None


def test_trap_16_people_may_hide_their_e_mail() -> None:
    assert person_from({"accountId": "a", "displayName": "Jo", "active": False}) == Person("a", "Jo", "", active=False)
    assert person_from(None) is None
    assert person_from({}) is None


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("new", StatusCategory.TO_DO),
        ("TODO", StatusCategory.TO_DO),
        ("indeterminate", StatusCategory.IN_PROGRESS),
        ("IN_PROGRESS", StatusCategory.IN_PROGRESS),
        ("done", StatusCategory.DONE),
        ("DONE", StatusCategory.DONE),
        ("undefined", StatusCategory.TO_DO),
        (None, StatusCategory.TO_DO),
    ],
)
def test_a_status_means_its_category_not_its_name(word: str | None, category: StatusCategory) -> None:
    assert category_of(word) is category


def test_a_mark_is_read_as_it_was_written() -> None:
    data: Issue = {**issue(), "properties": {"isthmus.source": item_mark(MARK)["value"]}}

    assert item_from(data, sprint_field="").mark == MARK


@pytest.mark.parametrize(
    "value", [None, "x", {}, {"id": "1"}, {"organization": "o", "project": "p", "id": 1, "rev": 1}, []]
)
def test_a_foreign_value_under_our_key_is_no_mark(value: Json) -> None:
    assert read_mark(value) is None


def test_a_comments_mark_is_its_source_id() -> None:
    other: Json = {"key": "sd.public.comment", "value": {"internal": True}}

    assert mark_of_comment({"id": "1", "properties": [other, comment_mark("c9")]}) == "c9"
    assert mark_of_comment({"id": "1", "properties": [other]}) is None
    assert mark_of_comment({"id": "1"}) is None
