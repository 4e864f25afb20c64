"""Creating and changing issues: what is taken, what is refused, what is dropped without a word."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.github.asking import READER, Hub

LONG = "x" * 65_537


def test_a_new_issue_has_every_member_and_an_id_beyond_32_bits(hub: Hub) -> None:
    made = hub.create("First", body="Text\r\nmore", labels=["bug"], assignees=["mona-lisa", "sandbox"], type="bug")

    assert (made["number"], made["state"], made["state_reason"], made["comments"]) == (1, "open", None, 0)
    assert made["id"] > 2**31
    assert made["body"] == "Text\r\nmore"
    assert [user["login"] for user in made["assignees"]] == ["mona-lisa", "sandbox"]
    assert made["assignee"]["login"] == "mona-lisa"
    assert made["type"]["name"] == "Bug"
    assert made["user"]["login"] == "sandbox"
    assert made["created_at"] == made["updated_at"] == "2026-09-21T14:13:20Z"


def test_creating_answers_201_with_a_location_and_is_not_idempotent(hub: Hub) -> None:
    one, two = (hub.post("issues", {"title": "Same"}) for _ in "ab")

    assert (one.status, two.status) == (201, 201)
    assert one.headers["Location"] == one.json["url"] == "http://github.test/repos/contoso/demo/issues/1"
    assert two.json["number"] == 2


REFUSED_BODIES: list[tuple[object, int, str]] = [
    ({}, 422, '"title" wasn\'t supplied'),
    ({"title": None}, 422, "missing_field"),
    ({"title": "   "}, 422, "missing_field"),
    ({"title": ["a"]}, 422, "is not a string"),
    ({"title": "x" * 257}, 422, "title is too long (maximum is 256 characters)"),
    ({"title": "a", "body": 5}, 422, "5 is not a string"),
    ({"title": "a", "body": LONG}, 422, "body is too long (maximum is 65536 characters)"),
    ({"title": "a", "labels": "bug"}, 422, "is not an array"),
    ({"title": "a", "labels": ["x" * 51]}, 422, "invalid"),
    ({"title": "a", "labels": [f"l{n}" for n in range(101)]}, 422, "labels is too long"),
    ({"title": "a", "assignees": [1]}, 422, "1 is not a string"),
    ({"title": "a", "milestone": 99}, 422, "milestone"),
    ({"title": "a", "type": "Saga"}, 422, "type"),
    (["title"], 400, "Body should be a JSON object"),
]


@pytest.mark.parametrize(("body", "status", "words"), REFUSED_BODIES, ids=range(len(REFUSED_BODIES)))
def test_what_cannot_be_created_says_why_and_leaves_nothing(hub: Hub, body: object, status: int, words: str) -> None:
    answer = hub.post("issues", body)

    assert (answer.status, answer.json["status"]) == (status, str(status))
    assert words in answer.body.decode().replace('\\"', '"')
    assert hub.get("issues", state="all").json == []


def test_a_body_that_is_no_json_is_refused(hub: Hub) -> None:
    answer = hub.ask("POST", "issues", raw=b'{"title": ')

    assert (answer.status, answer.message) == (400, "Problems parsing JSON")


def test_sizes_at_the_limit_are_taken(hub: Hub) -> None:
    made = hub.create("é" * 256, body="é" * 65_536)

    assert (len(made["title"]), len(made["body"])) == (256, 65_536)


def test_an_empty_body_becomes_null_and_a_number_a_title(hub: Hub) -> None:
    made = hub.post("issues", {"title": 5, "body": ""}).json

    assert (made["title"], made["body"]) == ("5", None)


def test_unknown_labels_are_made_and_known_ones_found_in_any_case(hub: Hub) -> None:
    made = hub.create("a", labels=["BUG", "brand new 🚀", {"name": "question"}])

    assert [label["name"] for label in made["labels"]] == ["bug", "brand new 🚀", "question"]
    assert hub.get("labels/brand%20new%20%F0%9F%9A%80").json["color"] == "ededed"


def test_who_cannot_be_assigned_is_dropped_silently(hub: Hub) -> None:
    made = hub.create("a", assignees=["passer-by", "no-such-person", "mona-lisa"])

    assert [user["login"] for user in made["assignees"]] == ["mona-lisa"]
    assert hub.get("assignees/passer-by").status == 404
    assert hub.get("assignees/mona-lisa").status == 204


def test_a_stand_in_told_so_refuses_who_cannot_be_assigned() -> None:
    hub = Hub(refuse_assignees=True)

    answer = hub.post("issues", {"title": "a", "assignees": ["passer-by"]})

    assert (answer.status, answer.faults) == (422, [("assignees", "invalid")])
    assert hub.get("issues").json == []


def test_more_than_ten_assignees_are_refused(hub: Hub) -> None:
    people = [user["login"] for user in hub.get("assignees").json]
    repository = hub.service.content.by_name["contoso/demo"]
    for number in range(11 - len(people)):
        user = hub.service.content.add_user(f"extra-{number}")
        repository.owner.members[user.login] = repository.people[user.login] = user
        people.append(user.login)

    assert hub.post("issues", {"title": "a", "assignees": people}).faults == [("assignees", "custom")]
    assert len(hub.create("a", assignees=people[:10])["assignees"]) == 10


def test_without_push_right_all_managed_fields_are_dropped_silently(hub: Hub) -> None:
    hub.post("milestones", {"title": "1.0"})
    body = {
        "title": "a",
        "body": "b",
        "labels": ["bug", "new"],
        "assignees": ["mona-lisa"],
        "milestone": 1,
        "type": "Bug",
    }

    made = hub.post("issues", body, auth=READER)

    issue = made.json
    assert (made.status, issue["user"]["login"], issue["author_association"]) == (201, "reader", "NONE")
    assert (issue["labels"], issue["assignees"], issue["milestone"], issue["type"]) == ([], [], None, None)
    assert hub.get("labels/new").status == 404


def test_an_author_without_push_right_changes_text_and_state_only(hub: Hub) -> None:
    number = hub.post("issues", {"title": "a"}, auth=READER).json["number"]

    changed = hub.patch(f"issues/{number}", {"title": "b", "state": "closed", "labels": ["bug"]}, auth=READER)

    assert (changed.status, changed.json["title"], changed.json["state"], changed.json["labels"]) == (
        200,
        "b",
        "closed",
        [],
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", "issues/1", {"title": "b"}, 403),
        ("PUT", "issues/1/lock", None, 403),
        ("POST", "issues/1/labels", {"labels": ["bug"]}, 403),
        ("POST", "issues/1/sub_issues", {"sub_issue_id": 1}, 403),
        ("POST", "labels", {"name": "x"}, 404),
        ("POST", "milestones", {"title": "x"}, 404),
        ("GET", "hooks", None, 404),
        ("GET", "collaborators", None, 403),
    ],
)
def test_without_push_right_the_rest_is_refused(hub: Hub, method: str, path: str, body: object, status: int) -> None:
    hub.create("a")

    assert hub.ask(method, path, body, auth=READER).status == status
    assert hub.issue(1)["title"] == "a"


def test_assigning_without_push_right_is_ignored_with_201(hub: Hub) -> None:
    hub.create("a")

    answer = hub.post("issues/1/assignees", {"assignees": ["mona-lisa"]}, auth=READER)

    assert (answer.status, answer.json["assignees"]) == (201, [])


CHANGES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"title": "New"}, {"title": "New"}),
    ({"body": None}, {"body": None}),
    ({"body": "New"}, {"body": "New"}),
    ({"state": "closed"}, {"state": "closed", "state_reason": "completed", "closed_at": "2026-09-21T14:14:20Z"}),
    ({"state": "closed", "state_reason": "duplicate"}, {"state": "closed", "state_reason": "duplicate"}),
    ({"state_reason": "not_planned"}, {"state": "open", "state_reason": None}),
    ({"milestone": None}, {"milestone": None}),
    ({"type": None}, {"type": None}),
    ({"labels": []}, {"labels": []}),
    ({"assignees": []}, {"assignees": [], "assignee": None}),
    ({}, {"title": "Old", "updated_at": "2026-09-21T14:13:20Z"}),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES, ids=[str(change) for change, _ in CHANGES])
def test_a_change_sets_what_it_names_and_nothing_else(
    hub: Hub, change: dict[str, Any], expected: dict[str, Any]
) -> None:
    hub.post("milestones", {"title": "1.0"})
    before = hub.create("Old", body="Old", labels=["bug"], assignees=["mona-lisa"], milestone=1, type="Task")
    hub.clock.advance(60)

    after = hub.patch("issues/1", change).json

    assert {name: after[name] for name in expected} == expected
    steady = {"title", "body", "state", "labels", "assignees", "milestone", "type", "created_at"} - set(expected)
    unchanged = {
        name: {**before[name], "open_issues": 0, "closed_issues": 0} if name == "milestone" else before[name]
        for name in steady
    }
    assert {
        name: {**after[name], "open_issues": 0, "closed_issues": 0} if name == "milestone" else after[name]
        for name in steady
    } == unchanged
    assert after == hub.issue(1)


@pytest.mark.parametrize("change", [{"state": "done"}, {"state_reason": "bored"}, {"title": ""}, {"milestone": 9}])
def test_a_refused_change_leaves_all_as_it_was(hub: Hub, change: dict[str, Any]) -> None:
    before = hub.create("a")

    assert hub.patch("issues/1", {"body": "new", "labels": ["bug"], **change}).status == 422
    assert hub.issue(1)["body"] == before["body"]
    assert hub.issue(1)["labels"] == []


def test_reopening_tells_so_and_forgets_who_closed(hub: Hub) -> None:
    hub.create("a")
    closed = hub.patch("issues/1", {"state": "closed"}).json

    opened = hub.patch("issues/1", {"state": "open"}).json

    assert closed["closed_by"]["login"] == "sandbox"
    assert (opened["state"], opened["state_reason"], opened["closed_at"], opened["closed_by"]) == (
        "open",
        "reopened",
        None,
        None,
    )


def test_a_deleted_issue_is_gone_and_its_number_never_comes_back(hub: Hub) -> None:
    hub.create("a")
    hub.control("issues/delete", {"repository": "contoso/demo", "number": 1})

    answer = hub.get("issues/1")

    assert (answer.status, answer.message) == (410, "This issue was deleted")
    assert hub.create("b")["number"] == 2


def test_a_transferred_issue_leads_to_its_new_place_with_its_comments(hub: Hub) -> None:
    hub.create("a", labels=["bug", "only here"])
    hub.post("issues/1/comments", {"body": "hello"})

    moved = hub.control("issues/transfer", {"repository": "contoso/demo", "number": 1, "to": "contoso/vault"}).json
    answer = hub.get("issues/1/comments")

    assert answer.status == 301
    assert answer.headers["Location"].endswith(f"/issues/{moved['number']}/comments")
    assert [
        comment["body"] for comment in hub.get(answer.headers["Location"].removeprefix("http://github.test")).json
    ] == ["hello"]
    assert [label["name"] for label in hub.get(f"/repos/contoso/vault/issues/{moved['number']}").json["labels"]] == [
        "bug"
    ]


@pytest.mark.parametrize("reason", [None, "off-topic", "too heated", "resolved", "spam"])
def test_a_locked_issue_takes_comments_only_of_who_may_write(hub: Hub, reason: str | None) -> None:
    hub.create("a")

    assert hub.put("issues/1/lock", {"lock_reason": reason} if reason else None).status == 204

    assert (hub.issue(1)["locked"], hub.issue(1)["active_lock_reason"]) == (True, reason)
    assert hub.post("issues/1/comments", {"body": "x"}, auth=READER).message.startswith("Unable to create comment")
    assert hub.post("issues/1/comments", {"body": "x"}).status == 201
    assert hub.delete("issues/1/lock").status == 204
    assert hub.post("issues/1/comments", {"body": "x"}, auth=READER).status == 201


def test_an_unknown_lock_reason_is_refused(hub: Hub) -> None:
    hub.create("a")

    assert hub.put("issues/1/lock", {"lock_reason": "bored"}).status == 422
