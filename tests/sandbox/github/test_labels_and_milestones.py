"""Labels and milestones of a repository."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.sandbox.github.asking import Hub


def test_a_new_repository_has_the_usual_labels(hub: Hub) -> None:
    labels = hub.get("labels").json

    assert [label["name"] for label in labels][:3] == ["bug", "documentation", "duplicate"]
    assert len(labels) == 9
    assert all(label["default"] for label in labels)


NAMES = ["plain", "with space", "a/b", "größe", "🚀 ship", "50% (&*#$)", "x" * 50]


@pytest.mark.parametrize("name", NAMES)
def test_a_label_of_any_name_is_made_read_renamed_and_deleted(hub: Hub, name: str) -> None:
    made = hub.post("labels", {"name": name, "color": "FF00aa", "description": "d"})
    address = f"labels/{quote(name, safe='')}"

    assert (made.status, made.json["color"], made.json["default"]) == (201, "ff00aa", False)
    assert hub.get(address).json == made.json
    assert made.json["url"].endswith(address)
    assert hub.patch(address, {"new_name": "other", "description": None}).json["description"] is None
    assert (hub.get(address).status, hub.delete("labels/other").status) == (404, 204)


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"name": "BUG"}, [("name", "already_exists")]),
        ({"name": ""}, [("name", "missing_field")]),
        ({"name": "x" * 51}, [("name", "custom")]),
        ({"name": "x", "color": "#ff0000"}, [("color", "invalid")]),
        ({"name": "x", "color": "red", "description": "d" * 101}, [("color", "invalid"), ("description", "custom")]),
    ],
)
def test_labels_are_checked(hub: Hub, body: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    answer = hub.post("labels", body)

    assert (answer.status, answer.message, answer.faults) == (422, "Validation Failed", faults)
    assert all(fault["resource"] == "Label" for fault in answer.json["errors"])


def test_renaming_a_label_to_itself_in_another_case_is_allowed(hub: Hub) -> None:
    assert hub.patch("labels/bug", {"new_name": "Bug"}).json["name"] == "Bug"
    assert hub.patch("labels/Bug", {"new_name": "question"}).status == 422


def test_deleting_a_label_takes_it_off_every_issue(hub: Hub) -> None:
    hub.create("a", labels=["bug", "question"])

    hub.delete("labels/bug")

    assert [label["name"] for label in hub.issue(1)["labels"]] == ["question"]


def test_labels_of_an_issue_are_added_replaced_and_taken_off(hub: Hub) -> None:
    hub.create("a", labels=["bug"])

    added = hub.post("issues/1/labels", {"labels": ["question", "new one"]})
    as_array = hub.ask("POST", "issues/1/labels", raw=b'["from array"]')
    replaced = hub.put("issues/1/labels", {"labels": ["question", "wontfix"]})
    removed = hub.delete("issues/1/labels/question")
    missing = hub.delete("issues/1/labels/question")
    cleared = hub.delete("issues/1/labels")

    assert [label["name"] for label in added.json] == ["bug", "question", "new one"]
    assert [label["name"] for label in as_array.json][-1] == "from array"
    assert [label["name"] for label in replaced.json] == ["question", "wontfix"]
    assert [label["name"] for label in removed.json] == ["wontfix"]
    assert (missing.status, missing.message) == (404, "Label does not exist")
    assert (cleared.status, hub.get("issues/1/labels").json) == (204, [])


def test_a_milestone_counts_its_issues(hub: Hub) -> None:
    hub.post("milestones", {"title": "1.0"})
    for title in "abc":
        hub.create(title, milestone=1)
    hub.patch("issues/1", {"state": "closed"})
    hub.patch("issues/2", {"milestone": None})

    milestone = hub.get("milestones/1").json

    assert (milestone["open_issues"], milestone["closed_issues"]) == (1, 1)
    hub.control("issues/delete", {"repository": "contoso/demo", "number": 3})
    assert hub.get("milestones/1").json["open_issues"] == 0


DUE = [
    ("2026-07-15T23:59:59Z", "2026-07-15T07:00:00Z"),
    ("2026-12-15T00:00:00Z", "2026-12-15T08:00:00Z"),
    ("2026-12-15", "2026-12-15T08:00:00Z"),
    (None, None),
]


@pytest.mark.parametrize(("sent", "kept"), DUE)
def test_a_due_date_keeps_only_its_day_in_pacific_time(hub: Hub, sent: str | None, kept: str | None) -> None:
    assert hub.post("milestones", {"title": "1.0", "due_on": sent}).json["due_on"] == kept


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"title": "taken"}, [("title", "already_exists")]),
        ({"title": " "}, [("title", "missing_field")]),
        ({"title": "x", "due_on": "soon"}, [("due_on", "invalid")]),
    ],
)
def test_milestones_are_checked(hub: Hub, body: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    hub.post("milestones", {"title": "taken"})

    assert hub.post("milestones", body).faults == faults
    assert len(hub.get("milestones", state="all").json) == 1


def test_milestones_are_listed_by_due_date_and_state(hub: Hub) -> None:
    for title, due in (("late", "2027-01-01"), ("never", None), ("early", "2026-10-01")):
        hub.post("milestones", {"title": title, "due_on": due})
    closed = hub.patch("milestones/1", {"state": "closed"}).json

    assert closed["closed_at"] == "2026-09-21T14:13:20Z"
    assert [milestone["title"] for milestone in hub.get("milestones").json] == ["early", "never"]
    assert [milestone["title"] for milestone in hub.get("milestones", state="closed").json] == ["late"]
    backwards = hub.get("milestones", state="all", direction="desc").json
    assert [milestone["title"] for milestone in backwards] == ["never", "late", "early"]


def test_deleting_a_milestone_keeps_its_issues(hub: Hub) -> None:
    hub.post("milestones", {"title": "1.0"})
    hub.create("a", milestone=1)

    assert hub.delete("milestones/1").status == 204

    assert hub.issue(1)["milestone"] is None
    assert hub.post("milestones", {"title": "1.0"}).json["number"] == 2
