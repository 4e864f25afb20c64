"""Comments, reactions, events and timelines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.github.asking import READER, Hub


@pytest.fixture
def talk(hub: Hub) -> Hub:
    """Issue 1 with three comments, a minute between them; the first was edited last."""
    hub.create("a")
    for text in ("one", "two", "three"):
        hub.clock.advance(60)
        hub.post("issues/1/comments", {"body": text})
    hub.clock.advance(60)
    first = hub.get("issues/1/comments").json[0]["id"]
    hub.patch(f"issues/comments/{first}", {"body": "one, edited"})
    return hub


def bodies(found: list[dict[str, Any]]) -> list[str]:
    return [comment["body"] for comment in found]


LISTS = [
    ("issues/1/comments", {}, ["one, edited", "two", "three"]),
    ("issues/1/comments", {"sort": "updated", "direction": "desc"}, ["one, edited", "two", "three"]),
    ("issues/1/comments", {"since": "2026-09-21T14:16:20Z"}, ["one, edited", "three"]),
    ("issues/comments", {}, ["one, edited", "two", "three"]),
    ("issues/comments", {"direction": "desc"}, ["one, edited", "two", "three"]),
    ("issues/comments", {"sort": "updated", "direction": "desc"}, ["one, edited", "three", "two"]),
    ("issues/comments", {"sort": "created", "direction": "desc"}, ["three", "two", "one, edited"]),
    ("issues/comments", {"since": "2026-09-21T14:17:20Z"}, ["one, edited"]),
]


@pytest.mark.parametrize(("path", "query", "expected"), LISTS)
def test_comments_are_listed(talk: Hub, path: str, query: dict[str, str], expected: list[str]) -> None:
    assert bodies(talk.get(path, **query).json) == expected


def test_comments_and_their_edits_move_the_issue(talk: Hub) -> None:
    assert talk.issue(1)["updated_at"] == "2026-09-21T14:17:20Z"
    assert talk.issue(1)["comments"] == 3


def test_a_deleted_comment_leaves_no_trace(talk: Hub) -> None:
    number = talk.get("issues/1/comments").json[1]["id"]

    assert talk.delete(f"issues/comments/{number}").status == 204

    assert bodies(talk.get("issues/comments").json) == ["one, edited", "three"]
    assert talk.get(f"issues/comments/{number}").status == 404
    assert talk.issue(1)["comments"] == 2


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [({"body": ""}, "data", "unprocessable"), ({"body": "x" * 65_537}, "data", "unprocessable")],
)
def test_comments_have_a_size(talk: Hub, body: dict[str, str], field: str, code: str) -> None:
    answer = talk.post("issues/1/comments", body)

    assert (answer.status, answer.faults) == (422, [(field, code)])
    assert answer.json["errors"][0]["resource"] == "IssueComment"


def test_only_the_author_or_who_may_write_changes_a_comment(talk: Hub) -> None:
    own = talk.post("issues/1/comments", {"body": "mine"}, auth=READER).json["id"]
    other = talk.get("issues/1/comments").json[0]["id"]

    assert talk.patch(f"issues/comments/{own}", {"body": "still mine"}, auth=READER).status == 200
    assert talk.patch(f"issues/comments/{other}", {"body": "stolen"}, auth=READER).status == 403
    assert talk.patch(f"issues/comments/{own}", {"body": "moderated"}).status == 200


@pytest.mark.parametrize("path", ["issues/1", "issues/comments/2104770211"])
def test_a_reaction_is_counted_once_per_person(talk: Hub, path: str) -> None:
    first = talk.post(f"{path}/reactions", {"content": "heart"})
    again = talk.post(f"{path}/reactions", {"content": "heart"})
    talk.post(f"{path}/reactions", {"content": "heart"}, auth=READER)
    talk.post(f"{path}/reactions", {"content": "+1"}, auth=READER)

    rollup = talk.get(path).json["reactions"]

    assert (first.status, again.status, again.json["id"]) == (201, 200, first.json["id"])
    assert (rollup["total_count"], rollup["heart"], rollup["+1"], rollup["eyes"]) == (3, 2, 1, 0)
    assert len(talk.get(f"{path}/reactions", content="heart").json) == 2
    assert talk.delete(f"{path}/reactions/{first.json['id']}").status == 204
    assert talk.get(path).json["reactions"]["heart"] == 1
    assert talk.post(f"{path}/reactions", {"content": "love"}).status == 422


def test_every_change_writes_history(hub: Hub) -> None:
    hub.post("milestones", {"title": "1.0"})
    for title in "ab":
        hub.create(title)
    two = hub.issue(2)["id"]
    hub.patch(
        "issues/1", {"title": "new", "labels": ["bug"], "assignees": ["mona-lisa"], "milestone": 1, "type": "Bug"}
    )
    hub.patch("issues/1", {"labels": [], "assignees": [], "milestone": None})
    hub.patch("issues/1", {"state": "closed", "state_reason": "not_planned"})
    hub.patch("issues/1", {"state": "open"})
    hub.put("issues/1/lock", {"lock_reason": "spam"})
    hub.delete("issues/1/lock")
    hub.post("issues/1/sub_issues", {"sub_issue_id": two})
    hub.post("issues/1/dependencies/blocked_by", {"issue_id": two})

    events = hub.get("issues/1/events").json

    assert [event["event"] for event in events] == [
        "renamed", "labeled", "assigned", "milestoned", "issue_type_added", "unlabeled", "unassigned", "demilestoned",
        "closed", "reopened", "locked", "unlocked", "sub_issue_added", "blocked_by_added",
    ]  # fmt: skip
    by_name = {event["event"]: event for event in events}
    assert by_name["renamed"]["rename"] == {"from": "a", "to": "new"}
    assert by_name["labeled"]["label"] == {"name": "bug", "color": "d73a4a"}
    assert by_name["assigned"]["assignee"]["login"] == "mona-lisa"
    assert by_name["milestoned"]["milestone"] == {"title": "1.0"}
    assert by_name["closed"]["state_reason"] == "not_planned"
    assert by_name["locked"]["lock_reason"] == "spam"
    assert [event["event"] for event in hub.get("issues/2/events").json] == ["parent_issue_added", "blocking_added"]


def test_a_repository_lists_events_newest_first_with_their_issue(hub: Hub) -> None:
    hub.create("a")
    hub.patch("issues/1", {"state": "closed"})
    hub.clock.advance(1)
    hub.patch("issues/1", {"state": "open"})

    events = hub.get("issues/events").json

    assert [(event["event"], event["issue"]["number"]) for event in events] == [("reopened", 1), ("closed", 1)]
    assert hub.get(f"issues/events/{events[0]['id']}").json == events[0]
    assert hub.get("issues/events/1").status == 404


def test_the_timeline_has_comments_and_cross_references_among_events(hub: Hub) -> None:
    hub.create("a")
    hub.clock.advance(1)
    hub.post("issues/1/comments", {"body": "hello"})
    hub.clock.advance(1)
    hub.patch("issues/1", {"state": "closed"})
    hub.clock.advance(1)
    hub.create("b", body="See #1, contoso/demo#1 and `#1`; not word#1, not #99")

    told = hub.get("issues/1/timeline").json

    assert [line["event"] for line in told] == ["commented", "closed", "cross-referenced"]
    assert told[0]["body"] == "hello"
    assert told[2]["source"]["issue"]["number"] == 2
    assert hub.issue(1)["updated_at"] == "2026-09-21T14:13:23Z"
    assert [event["event"] for event in hub.get("issues/1/events").json] == ["closed"]
