"""Editing, moving on and deleting."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.jira.models import Category
from tests.sandbox.jira.asking import Site, doc

STRICT_SITE: dict[str, Any] = {
    "workflows": [
        {
            "name": "Strict",
            "initial": "To Do",
            "transitions": [
                {"name": "Start", "from": ["To Do"], "to": "In Progress"},
                {"name": "Review", "from": ["In Progress"], "to": "In Review"},
                {
                    "name": "Finish",
                    "from": ["In Review"],
                    "to": "Done",
                    "screen": ["resolution"],
                    "required": ["resolution"],
                },
                {"name": "Reopen", "from": ["Done"], "to": "To Do", "resolution": ""},
            ],
        }
    ]
}


def transition_id(site: Site, key: str, name: str) -> str:
    offered = site.get(f"issue/{key}/transitions").json["transitions"]
    return next(str(entry["id"]) for entry in offered if entry["name"] == name)


def move(site: Site, key: str, name: str, **fields: object) -> int:
    body: dict[str, object] = {"transition": {"id": transition_id(site, key, name)}}
    if fields:
        body["fields"] = fields
    return site.post(f"issue/{key}/transitions", body).status


def test_an_edit_changes_fields_and_writes_history(site: Site) -> None:
    key = site.create(labels=["b"])

    answer = site.put(
        f"issue/{key}", {"fields": {"summary": "New"}, "update": {"labels": [{"add": "a"}, {"remove": "b"}]}}
    )

    assert answer.status == 204
    assert (site.issue(key)["summary"], site.issue(key)["labels"]) == ("New", ["a"])
    [entry] = site.get(f"issue/{key}/changelog").json["values"]
    assert [(item["field"], item["fromString"], item["toString"]) for item in entry["items"]] == [
        ("summary", "Something", "New"),
        ("labels", "b", "a"),
    ]


def test_an_edit_does_not_ask_screens_and_ignores_the_status() -> None:
    site = Site({"screens": {"edit": {"*": ["summary"]}}})
    key = site.create()

    answer = site.put(f"issue/{key}", {"fields": {"resolution": {"name": "Done"}, "status": {"name": "Done"}}})

    assert answer.status == 204
    assert (site.issue(key)["resolution"]["name"], site.issue(key)["status"]["name"]) == ("Done", "To Do")
    assert list(site.get(f"issue/{key}/editmeta").json["fields"]) == ["summary"]


def test_without_permission_an_edit_is_a_field_fault() -> None:
    site = Site({"deniedPermissions": ["EDIT_ISSUES"]})
    key = site.create()

    answer = site.put(f"issue/{key}", {"fields": {"summary": "New"}})

    text = "Field 'summary' cannot be set. It is not on the appropriate screen, or unknown."
    assert (answer.status, answer.faults) == (400, {"summary": text})
    assert site.get(f"issue/{key}/editmeta").json == {"fields": {}}


def test_a_bad_field_refuses_the_whole_edit(site: Site) -> None:
    key = site.create()

    answer = site.put(f"issue/{key}", {"fields": {"summary": "New", "labels": ["a b"]}})

    assert (answer.status, site.issue(key)["summary"]) == (400, "Something")


def test_suppressing_notifications_needs_an_administrator(site: Site) -> None:
    ordinary = Site({"deniedPermissions": ["ADMINISTER", "ADMINISTER_PROJECTS"]})
    key, other = site.create(), ordinary.create()
    body = {"fields": {"summary": "New"}}

    assert site.put(f"issue/{key}", body, notifyUsers="false").status == 204
    refused = ordinary.put(f"issue/{other}", body, notifyUsers="false")
    assert refused.messages == [
        "To discard the user notification either admin or project admin permissions are required."
    ]
    assert ordinary.issue(other)["summary"] == "Something"
    assert ordinary.put(f"issue/{other}", body).status == 204


def test_a_parent_can_be_changed_and_taken_away(site: Site) -> None:
    one, two, key = site.create("Epic"), site.create("Epic"), site.create("Story")

    assert site.put(f"issue/{key}", {"fields": {"parent": {"key": one}}}).status == 204
    assert site.put(f"issue/{key}", {"update": {"parent": [{"set": {"key": two}}]}}).status == 204
    assert site.issue(key)["parent"]["key"] == two
    assert site.put(f"issue/{key}", {"update": {"parent": [{"set": {"none": True}}]}}).status == 204
    assert "parent" not in site.issue(key)
    history = site.get(f"issue/{key}/changelog").json["values"]
    assert [item["toString"] for entry in history for item in entry["items"]] == [one, two, None]
    assert all("fieldId" not in item for entry in history for item in entry["items"])


def test_a_standard_issue_does_not_become_a_subtask(site: Site) -> None:
    key = site.create("Story")

    answer = site.put(f"issue/{key}", {"fields": {"issuetype": {"name": "Sub-task"}}})

    assert list(answer.faults) == ["issuetype"]
    assert site.put(f"issue/{key}", {"fields": {"issuetype": {"name": "Bug"}}}).status == 204


def test_a_workflow_is_walked_step_by_step() -> None:
    site = Site(STRICT_SITE)
    key = site.create()

    assert [t["name"] for t in site.get(f"issue/{key}/transitions").json["transitions"]] == ["Start"]
    assert move(site, key, "Start") == 204
    assert move(site, key, "Review") == 204
    skipped = site.post(f"issue/{key}/transitions", {"transition": {"id": "11"}})
    assert skipped.messages == ["Transition id '11' is not valid for this issue."]


def test_a_transition_screen_asks_for_its_required_fields_and_takes_no_others() -> None:
    site = Site(STRICT_SITE)
    key = site.create()
    for name in ("Start", "Review"):
        move(site, key, name)
    finish = transition_id(site, key, "Finish")

    empty = site.post(f"issue/{key}/transitions", {"transition": {"id": finish}})
    foreign = site.post(f"issue/{key}/transitions", {"transition": {"id": finish}, "fields": {"labels": ["x"]}})

    assert empty.faults == {"resolution": "Resolution is required."}
    assert list(foreign.faults) == ["labels", "resolution"]
    offered = site.get(f"issue/{key}/transitions", expand="transitions.fields").json["transitions"]
    assert offered[0]["fields"]["resolution"]["required"] is True
    assert move(site, key, "Finish", resolution={"name": "Won't Do"}) == 204
    assert site.issue(key)["resolution"]["name"] == "Won't Do"
    assert site.issue(key)["resolutiondate"] is not None
    assert move(site, key, "Reopen") == 204
    assert site.issue(key)["resolution"] is None


def test_a_done_status_can_be_reached_without_a_resolution() -> None:
    site = Site({"workflows": [{"name": "Lax", "transitions": [{"name": "Finish", "to": "Done"}], "initial": "To Do"}]})
    key = site.create()

    assert move(site, key, "Finish") == 204

    shown = site.issue(key)
    assert (shown["status"]["statusCategory"]["key"], shown["resolution"]) == (Category.DONE.value, None)
    assert site.found("project = DEMO AND resolution IS EMPTY") == [key]


def test_without_permission_no_transition_is_offered_and_none_works() -> None:
    site = Site({"deniedPermissions": ["TRANSITION_ISSUES"]})
    key = site.create()

    assert site.get(f"issue/{key}/transitions").json["transitions"] == []
    assert site.post(f"issue/{key}/transitions", {"transition": {"id": "21"}}).status == 400


def test_a_transition_must_be_named(site: Site) -> None:
    answer = site.post(f"issue/{site.create()}/transitions", {})

    assert answer.messages == ["Missing 'transition' identifier"]


def test_a_comment_can_come_with_an_edit(site: Site) -> None:
    key = site.create()

    site.put(f"issue/{key}", {"update": {"comment": [{"add": {"body": doc("hello")}}]}})

    assert site.get(f"issue/{key}/comment").json["total"] == 1


def test_subtasks_are_deleted_only_when_asked(site: Site) -> None:
    parent = site.create()
    child = site.create("Sub-task", parent={"key": parent})

    assert site.delete(f"issue/{parent}").status == 400
    assert site.delete(f"issue/{parent}", deleteSubtasks="true").status == 204
    assert [site.get(f"issue/{key}").status for key in (parent, child)] == [404, 404]


def test_an_epic_is_deleted_and_its_stories_stay(site: Site) -> None:
    epic = site.create("Epic")
    story = site.create("Story", parent={"key": epic})

    assert site.delete(f"issue/{epic}").status == 204
    assert "parent" not in site.issue(story)


@pytest.mark.parametrize("value", [None, {"accountId": None}])
def test_the_assignee_can_be_taken_away(site: Site, value: object) -> None:
    me = site.get("myself").json["accountId"]
    key = site.create(assignee={"accountId": me})

    assert site.put(f"issue/{key}", {"fields": {"assignee": value}}).status == 204
    assert site.issue(key)["assignee"] is None


def test_people_mentioned_in_texts_are_notified(site: Site) -> None:
    me = site.get("myself").json["accountId"]
    mention = {"type": "mention", "attrs": {"id": me, "text": "@me"}}
    stranger = {"type": "mention", "attrs": {"id": "nobody", "text": "@x"}}
    body = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [mention, stranger]}]}
    key = site.create(description=body)

    site.post(f"issue/{key}/comment", {"body": body})

    expected = {"issue": key, "accountId": me, "kind": "mention"}
    assert site.service.state()["notifications"] == [expected, expected]
