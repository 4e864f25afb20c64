"""Sub-issues and dependencies: ids in bodies, numbers in paths, and what the rules forbid."""

from __future__ import annotations

import pytest

from tests.sandbox.github.asking import Answer, Hub


def add(hub: Hub, parent: int, child: int, **more: object) -> Answer:
    return hub.post(f"issues/{parent}/sub_issues", {"sub_issue_id": child, **more})


def below(hub: Hub, number: int) -> list[int]:
    return [issue["number"] for issue in hub.get(f"issues/{number}/sub_issues", per_page=100).json]


def test_a_sub_issue_is_named_by_id_and_the_parent_is_answered(hub: Hub) -> None:
    hub.create("parent")
    child = hub.create("child")

    answer = add(hub, 1, child["id"])

    assert (answer.status, answer.json["number"]) == (201, 1)
    assert answer.json["sub_issues_summary"] == {"total": 1, "completed": 0, "percent_completed": 0}
    assert answer.json["repository"]["full_name"] == "contoso/demo"
    assert below(hub, 1) == [2]
    assert hub.get("issues/2/parent").json["number"] == 1
    assert hub.issue(2)["parent_issue_url"].endswith("/repos/contoso/demo/issues/1")
    assert hub.get("issues/1/parent").status == 404


def test_a_number_instead_of_an_id_finds_nothing(hub: Hub) -> None:
    hub.create("parent")
    child = hub.create("child")

    assert add(hub, 1, child["number"]).status == 404
    assert hub.post("issues/1/dependencies/blocked_by", {"issue_id": child["number"]}).status == 404
    assert hub.post("issues/1/sub_issues", {"sub_issue_id": "x"}).status == 422
    assert hub.post("issues/1/sub_issues", {}).status == 422


def test_the_summary_counts_closed_children(hub: Hub) -> None:
    hub.create("parent")
    for title in "abc":
        add(hub, 1, hub.create(title)["id"])
    hub.patch("issues/2", {"state": "closed"})

    assert hub.issue(1)["sub_issues_summary"] == {"total": 3, "completed": 1, "percent_completed": 33}


def test_an_issue_has_one_parent_unless_it_is_replaced(hub: Hub) -> None:
    first, second, child = (hub.create(title) for title in ("first", "second", "child"))
    add(hub, first["number"], child["id"])

    refused = add(hub, second["number"], child["id"])
    again = add(hub, first["number"], child["id"], replace_parent=True)
    replaced = add(hub, second["number"], child["id"], replace_parent=True)

    assert (refused.status, again.status, replaced.status) == (422, 422, 201)
    assert "Sub issue may only have one parent" in refused.message
    assert (below(hub, 1), below(hub, 2)) == ([], [3])


def test_circles_are_refused(hub: Hub) -> None:
    issues = [hub.create(title) for title in "abc"]
    add(hub, 1, issues[1]["id"])
    add(hub, 2, issues[2]["id"])

    assert [add(hub, 3, issues[0]["id"]).status, add(hub, 1, issues[0]["id"]).status] == [422, 422]


def test_a_parent_has_at_most_a_hundred_children_and_closed_ones_count(hub: Hub) -> None:
    hub.create("parent")
    children = [hub.create(str(number)) for number in range(101)]
    hub.patch("issues/2", {"state": "closed"})

    statuses = [add(hub, 1, child["id"]).status for child in children]

    assert statuses == [201] * 100 + [422]
    assert len(below(hub, 1)) == 100


def test_there_are_at_most_eight_levels_of_sub_issues(hub: Hub) -> None:
    issues = [hub.create(str(number)) for number in range(10)]

    statuses = [add(hub, issues[n]["number"], issues[n + 1]["id"]).status for n in range(9)]

    assert statuses == [201] * 8 + [422]


def test_levels_are_counted_below_the_child_as_well(hub: Hub) -> None:
    issues = [hub.create(str(number)) for number in range(10)]
    for n in (8, 7, 6, 5):
        add(hub, issues[n]["number"], issues[n + 1]["id"])
    for n in (0, 1, 2, 3):
        add(hub, issues[n]["number"], issues[n + 1]["id"])

    assert add(hub, issues[4]["number"], issues[5]["id"]).status == 422


def test_children_are_reordered_and_taken_away(hub: Hub) -> None:
    hub.create("parent")
    ids = [hub.create(title)["id"] for title in "abc"]
    for child in ids:
        add(hub, 1, child)
    path = "issues/1/sub_issues/priority"

    behind = hub.patch(path, {"sub_issue_id": ids[0], "after_id": ids[2]})
    order = below(hub, 1)
    before = hub.patch(path, {"sub_issue_id": ids[0], "before_id": ids[1]})
    both = hub.patch(path, {"sub_issue_id": ids[0], "before_id": ids[1], "after_id": ids[2]})
    removed = hub.delete("issues/1/sub_issue", {"sub_issue_id": ids[1]})
    again = hub.delete("issues/1/sub_issue", {"sub_issue_id": ids[1]})

    assert (behind.status, before.status, both.status, removed.status, again.status) == (200, 200, 422, 200, 404)
    assert order == [3, 4, 2]
    assert below(hub, 1) == [2, 4]
    assert removed.json["number"] == 1


def test_a_pull_request_is_no_sub_issue_and_no_blocker() -> None:
    hub = Hub(generate_issues=10)
    base = "/repos/contoso/generated/issues"
    listed = hub.walk(base, state="all")
    pull = next(issue for issue in listed if "pull_request" in issue)
    issue = next(issue for issue in listed if "pull_request" not in issue)

    answers = [
        hub.post(f"{base}/{issue['number']}/sub_issues", {"sub_issue_id": pull["id"]}),
        hub.post(f"{base}/{issue['number']}/dependencies/blocked_by", {"issue_id": pull["id"]}),
    ]

    assert [answer.status for answer in answers] == [422, 422]
    assert all("Target issue may only be an issue" in answer.message for answer in answers)


def test_blockers_are_counted_on_both_sides(hub: Hub) -> None:
    for title in "abc":
        hub.create(title)
    two, three = hub.issue(2)["id"], hub.issue(3)["id"]

    added = hub.post("issues/1/dependencies/blocked_by", {"issue_id": two})
    hub.post("issues/1/dependencies/blocked_by", {"issue_id": three})
    hub.patch("issues/3", {"state": "closed"})

    assert (added.status, added.json["number"]) == (201, 1)
    assert hub.issue(1)["issue_dependencies_summary"] == {
        "blocked_by": 1, "total_blocked_by": 2, "blocking": 0, "total_blocking": 0,
    }  # fmt: skip
    assert hub.issue(2)["issue_dependencies_summary"]["blocking"] == 1
    assert [issue["number"] for issue in hub.get("issues/2/dependencies/blocking").json] == [1]
    assert [issue["number"] for issue in hub.get("issues/1/dependencies/blocked_by").json] == [2, 3]


def test_dependencies_are_checked_and_taken_back(hub: Hub) -> None:
    ids = [hub.create(title)["id"] for title in "abc"]
    hub.post("issues/1/dependencies/blocked_by", {"issue_id": ids[1]})
    hub.post("issues/2/dependencies/blocked_by", {"issue_id": ids[2]})

    twice = hub.post("issues/1/dependencies/blocked_by", {"issue_id": ids[1]})
    itself = hub.post("issues/1/dependencies/blocked_by", {"issue_id": ids[0]})
    circle = hub.post("issues/3/dependencies/blocked_by", {"issue_id": ids[0]})
    removed = hub.delete(f"issues/1/dependencies/blocked_by/{ids[1]}")
    again = hub.delete(f"issues/1/dependencies/blocked_by/{ids[1]}")

    assert (twice.status, itself.status, circle.status, removed.status, again.status) == (422, 422, 422, 200, 404)
    assert hub.get("issues/1/dependencies/blocked_by").json == []


def test_relations_cross_repositories_of_one_owner_only(hub: Hub) -> None:
    hub.create("here")
    there = hub.post("/repos/contoso/vault/issues", {"title": "there"}).json["id"]
    hub.post("/user/repos", {"name": "mine"})
    elsewhere = hub.post("/repos/sandbox/mine/issues", {"title": "elsewhere"}).json["id"]

    assert add(hub, 1, there).status == 201
    assert add(hub, 1, elsewhere).status == 422
    assert hub.post("issues/1/dependencies/blocked_by", {"issue_id": elsewhere}).status == 201


@pytest.mark.parametrize("path", ["issues/1/sub_issues", "issues/1/dependencies/blocked_by"])
def test_a_hidden_issue_cannot_be_named(hub: Hub, path: str) -> None:
    hub.create("here")
    content = hub.service.content
    secret = content.by_name["contoso/vault"]
    hidden = hub.post("/repos/contoso/vault/issues", {"title": "hidden"}).json["id"]
    secret.roles.clear()

    assert hub.post(path, {"sub_issue_id": hidden, "issue_id": hidden}).status == 404
