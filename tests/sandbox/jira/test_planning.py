"""Boards, sprints and the backlog."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.jira.asking import Site

AGILE = "/rest/agile/1.0"
DATES = {"startDate": "2026-01-01T00:00:00.000Z", "endDate": "2026-01-14T00:00:00.000+0100"}


def update(site: Site, sprint: int, **body: object) -> Any:
    return site.post(f"{AGILE}/sprint/{sprint}", body)


def test_a_sprint_is_filled_started_and_closed(site: Site) -> None:
    sprint = site.sprint("One", goal="Ship", **DATES)
    key = site.create()

    assert site.post(f"{AGILE}/sprint/{sprint}/issue", {"issues": [key]}).status == 204
    assert update(site, sprint, state="active").json["state"] == "active"
    closed = update(site, sprint, state="closed").json

    assert closed["completeDate"] == "2026-09-21T14:13:20.000Z"
    assert (closed["startDate"], closed["endDate"]) == ("2026-01-01T00:00:00.000Z", "2026-01-13T23:00:00.000Z")
    assert [entry["state"] for entry in site.issue(key)[site.field_id("Sprint")]] == ["closed"]
    assert site.found("sprint in closedSprints()") == [key]


def test_nothing_gets_into_a_closed_sprint(site: Site) -> None:
    sprint, key = site.sprint(**DATES), site.create()
    for state in ("active", "closed"):
        update(site, sprint, state=state)

    assert site.post(f"{AGILE}/sprint/{sprint}/issue", {"issues": [key]}).status == 400
    field = site.field_id("Sprint")
    assert list(site.put(f"issue/{key}", {"fields": {field: sprint}}).faults) == [field]


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ([], {"state": "active"}),
        ([], {"state": "closed", **DATES}),
        ([], {"state": "asleep"}),
        (["active"], {"state": "future"}),
        (["active", "closed"], {"state": "active"}),
        (["active", "closed"], {"endDate": "2026-02-01T00:00:00.000Z"}),
        ([], {"startDate": "2026-02-01T00:00:00.000Z", "endDate": "2026-01-01T00:00:00.000Z"}),
        ([], {"startDate": "1 February"}),
        ([], {"name": ""}),
    ],
)
def test_steps_a_sprint_cannot_take_are_refused(site: Site, before: list[str], body: dict[str, object]) -> None:
    sprint = site.sprint(**(DATES if before else {}))
    for state in before:
        update(site, sprint, state=state)

    assert update(site, sprint, **body).status == 400


def test_a_closed_sprint_can_still_be_renamed(site: Site) -> None:
    sprint = site.sprint(**DATES)
    for state in ("active", "closed"):
        update(site, sprint, state=state)

    assert update(site, sprint, name="Old one", goal="Done").json["name"] == "Old one"


def test_a_full_update_needs_name_and_state_and_empties_the_rest(site: Site) -> None:
    sprint = site.sprint(goal="x", **DATES)

    assert site.put(f"{AGILE}/sprint/{sprint}", {"name": "One"}).status == 400
    shown = site.put(f"{AGILE}/sprint/{sprint}", {"name": "One", "state": "future"}).json
    assert ("startDate" in shown, shown["goal"]) == (False, "")


def test_one_sprint_is_active_at_a_time(site: Site) -> None:
    one, two = site.sprint("One", **DATES), site.sprint("Two", **DATES)
    update(site, one, state="active")

    assert update(site, two, state="active").status == 400
    update(site, one, state="closed")
    assert update(site, two, state="active").status == 200


def test_a_sprint_needs_a_short_name_and_a_scrum_board() -> None:
    site = Site({"boards": [{"name": "Flow", "type": "kanban"}]})

    assert Site().post(f"{AGILE}/sprint", {"name": "x" * 31, "originBoardId": 1}).status == 400
    assert Site().post(f"{AGILE}/sprint", {"originBoardId": 1}).status == 400
    assert Site().post(f"{AGILE}/sprint", {"name": "x", "originBoardId": 9}).status == 404
    assert site.post(f"{AGILE}/sprint", {"name": "x", "originBoardId": 1}).status == 400
    assert site.get(f"{AGILE}/board/1/sprint").status == 400
    assert "estimation" not in site.get(f"{AGILE}/board/1/configuration").json


def test_without_permission_sprints_are_not_managed() -> None:
    site = Site({"deniedPermissions": ["MANAGE_SPRINTS_PERMISSION"]})

    assert site.post(f"{AGILE}/sprint", {"name": "x", "originBoardId": 1}).status == 403


def test_a_site_may_have_no_board() -> None:
    assert Site({"boards": []}).get(f"{AGILE}/board", projectKeyOrId="DEMO").json["total"] == 0
    assert Site().get(f"{AGILE}/board", projectKeyOrId="NOPE").status == 400


def test_sprints_are_listed_closed_active_future(site: Site) -> None:
    numbers = [site.sprint(name, **DATES) for name in ("Later", "Past", "Now")]
    for sprint, states in ((numbers[1], ("active", "closed")), (numbers[2], ("active",))):
        for state in states:
            update(site, sprint, state=state)

    listed = site.get(f"{AGILE}/board/1/sprint").json["values"]

    assert [entry["name"] for entry in listed] == ["Past", "Now", "Later"]
    assert [e["name"] for e in site.get(f"{AGILE}/board/1/sprint", state="active,future").json["values"]] == [
        "Now",
        "Later",
    ]


def test_at_most_fifty_issues_move_at_once_and_subtasks_do_not(site: Site) -> None:
    sprint, parent = site.sprint(), site.create()
    child = site.create("Sub-task", parent={"key": parent})
    path = f"{AGILE}/sprint/{sprint}/issue"

    assert site.post(path, {"issues": [f"DEMO-{n}" for n in range(51)]}).status == 400
    assert site.post(path, {"issues": [parent, child]}).status == 400
    assert site.post(path, {"issues": [parent, "DEMO-77"]}).status == 404
    assert site.get(path).json["total"] == 0


def test_the_backlog_takes_issues_out_of_open_sprints_only(site: Site) -> None:
    past, now = site.sprint("Past", **DATES), site.sprint("Now", **DATES)
    key = site.create()
    site.post(f"{AGILE}/sprint/{past}/issue", {"issues": [key]})
    for state in ("active", "closed"):
        update(site, past, state=state)
    site.post(f"{AGILE}/sprint/{now}/issue", {"issues": [key]})
    field = site.field_id("Sprint")
    assert [entry["name"] for entry in site.issue(key)[field]] == ["Past", "Now"]

    assert site.post(f"{AGILE}/backlog/issue", {"issues": [key]}).status == 204

    assert [entry["name"] for entry in site.issue(key)[field]] == ["Past"]
    assert site.get(f"{AGILE}/board/1/backlog").json["total"] == 1


def test_a_deleted_sprint_lets_its_issues_go(site: Site) -> None:
    sprint = site.sprint()
    field = site.field_id("Sprint")
    key = site.create(**{field: sprint})

    assert site.delete(f"{AGILE}/sprint/{sprint}").status == 204
    assert site.issue(key)[field] is None
    assert site.get(f"{AGILE}/sprint/{sprint}").status == 404


def test_a_board_tells_columns_estimation_and_rank(site: Site) -> None:
    shown = site.get(f"{AGILE}/board/1/configuration").json

    assert [column["name"] for column in shown["columnConfig"]["columns"]] == [
        "To Do",
        "In Progress",
        "In Review",
        "Done",
    ]
    assert shown["estimation"]["field"]["fieldId"] == site.field_id("Story Points")
    assert f"customfield_{shown['ranking']['rankCustomFieldId']}" == site.field_id("Rank")


def test_board_issues_come_in_rank_order_with_text_bodies(site: Site) -> None:
    site.post("/rest/api/2/issue", site.fields(description="words"))

    shown = site.get(f"{AGILE}/board/1/issue", jql="issuetype = Story", fields="description").json

    assert [issue["fields"]["description"] for issue in shown["issues"]] == ["words"]
