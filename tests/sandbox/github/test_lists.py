"""Lists: what they hold, in which order, and how pages are reached."""

from __future__ import annotations

import pytest

from sandbox.faults import FaultKind, FaultPlan, FaultRule
from tests.sandbox.github.asking import Hub

GENERATED = "/repos/contoso/generated"


@pytest.fixture(scope="module")
def lively() -> Hub:
    return Hub(generate_issues=120)


@pytest.fixture
def filled(hub: Hub) -> Hub:
    """Issue 1 closed; 2 with a label, milestone, type and assignee; 3 with two labels; a minute between them."""
    hub.post("milestones", {"title": "1.0"})
    hub.create("one", body="for @wei-zhang")
    hub.clock.advance(60)
    hub.create("two", labels=["bug"], milestone=1, assignees=["mona-lisa"], type="Task")
    hub.clock.advance(60)
    hub.create("three", labels=["bug", "question"])
    hub.clock.advance(60)
    hub.post("issues/2/comments", {"body": "x"})
    hub.clock.advance(60)
    hub.patch("issues/1", {"state": "closed"})
    return hub


FILTERS = [
    ({}, [3, 2]),
    ({"state": "closed"}, [1]),
    ({"state": "all"}, [3, 2, 1]),
    ({"state": "all", "direction": "asc"}, [1, 2, 3]),
    ({"state": "all", "sort": "updated"}, [1, 2, 3]),
    ({"state": "all", "sort": "updated", "direction": "asc"}, [3, 2, 1]),
    ({"state": "all", "sort": "comments"}, [2, 3, 1]),
    ({"labels": "BUG"}, [3, 2]),
    ({"labels": "bug,question"}, [3]),
    ({"milestone": "1"}, [2]),
    ({"milestone": "*"}, [2]),
    ({"milestone": "none"}, [3]),
    ({"assignee": "Mona-Lisa"}, [2]),
    ({"assignee": "none"}, [3]),
    ({"assignee": "*"}, [2]),
    ({"creator": "sandbox"}, [3, 2]),
    ({"creator": "reader"}, []),
    ({"mentioned": "wei-zhang", "state": "all"}, [1]),
    ({"type": "task"}, [2]),
    ({"type": "none"}, [3]),
    ({"state": "all", "since": "2026-09-21T14:16:20Z"}, [2, 1]),
    ({"state": "all", "since": "2026-09-21T14:16:21Z"}, [1]),
]


@pytest.mark.parametrize(("query", "numbers"), FILTERS, ids=[str(query) for query, _ in FILTERS])
def test_a_list_holds_what_was_asked_for(filled: Hub, query: dict[str, str], numbers: list[int]) -> None:
    assert [issue["number"] for issue in filled.get("issues", **query).json] == numbers


@pytest.mark.parametrize(
    "query", [{"state": "done"}, {"sort": "size"}, {"direction": "up"}, {"milestone": "x"}, {"assignee": "nobody-here"},
              {"since": "yesterday"}]
)  # fmt: skip
def test_values_that_name_nothing_are_refused(filled: Hub, query: dict[str, str]) -> None:
    assert filled.get("issues", **query).status == 422


def test_pull_requests_are_in_the_list_and_carry_their_mark(lively: Hub) -> None:
    found = lively.walk(f"{GENERATED}/issues", state="all", per_page=100)

    pulls = [issue for issue in found if "pull_request" in issue]
    assert (len(found) - len(pulls), len(pulls)) == (120, 12)
    for pull in pulls:
        itself = lively.get(f"{GENERATED}/pulls/{pull['number']}").json
        assert itself["id"] != pull["id"]
        assert pull["pull_request"]["url"] == itself["url"]
        assert itself["merged_at"] == pull["pull_request"]["merged_at"]


@pytest.mark.parametrize(
    ("query", "size"),
    [({}, 30), ({"per_page": 7}, 7), ({"per_page": 1000}, 100), ({"per_page": 0}, 30), ({"per_page": "x"}, 30)],
)
def test_page_sizes_are_clamped(lively: Hub, query: dict[str, object], size: int) -> None:
    assert len(lively.get(f"{GENERATED}/issues", state="all", **query).json) == size


def test_links_lead_through_every_page_and_name_the_repository_by_id(lively: Hub) -> None:
    first = lively.get(f"{GENERATED}/issues", state="all", per_page=50)
    number = lively.get(GENERATED).json["id"]

    second = lively.get(first.links["next"])
    last = lively.get(second.links["next"])

    assert set(first.links) == {"next", "last"}
    assert set(second.links) == {"prev", "next", "last", "first"}
    assert set(last.links) == {"prev", "first"}
    assert first.links["next"].startswith(f"/repositories/{number}/issues?")
    assert "state=all" in first.links["next"]
    numbers = [issue["number"] for page in (first, second, last) for issue in page.json]
    assert len(numbers) == len(set(numbers)) == 132


def test_a_page_behind_the_last_is_empty(lively: Hub) -> None:
    answer = lively.get(f"{GENERATED}/issues", page=99)

    assert (answer.status, answer.json) == (200, [])
    assert "next" not in answer.links


def test_a_list_that_fits_has_no_links(filled: Hub) -> None:
    assert filled.get("issues").links == {}


def test_large_lists_refuse_page_numbers_and_go_on_by_cursor() -> None:
    hub = Hub(generate_issues=60, cursor_from=50)

    refused = hub.get(f"{GENERATED}/issues", state="all", page=2)
    first = hub.get(f"{GENERATED}/issues", state="all", per_page=25)
    second = hub.get(first.links["next"])

    assert (refused.status, "cursor based pagination" in refused.message) == (422, True)
    assert "after=" in first.links["next"]
    assert "page=" not in first.links["next"].replace("per_page=", "")
    assert hub.get(second.links["prev"]).json == first.json
    everything = hub.walk(f"{GENERATED}/issues", state="all", per_page=25)
    assert len({issue["id"] for issue in everything}) == len(everything) == 66


def test_a_walk_by_cursor_loses_nothing_when_something_is_added() -> None:
    hub = Hub(generate_issues=40, cursor_from=10)
    first = hub.get(f"{GENERATED}/issues", state="all", per_page=20)

    hub.post(f"{GENERATED}/issues", {"title": "new"})
    rest = hub.walk(first.links["next"])

    numbers = [issue["number"] for issue in [*first.json, *rest]]
    assert len(numbers) == len(set(numbers)) == 44


def test_a_bad_cursor_is_refused(lively: Hub) -> None:
    assert lively.get(f"{GENERATED}/issues", after="nonsense").status == 422


def test_a_sort_by_update_reshuffles_under_the_walk(hub: Hub) -> None:
    for number in range(4):
        hub.create(str(number))
        hub.clock.advance(1)
    first = hub.get("issues", sort="updated", direction="asc", per_page=2)

    hub.post("issues/1/comments", {"body": "moves it"})
    second = hub.get(first.links["next"])

    assert [issue["number"] for issue in first.json] == [1, 2]
    assert [issue["number"] for issue in second.json] == [4, 1]


def test_a_hidden_issue_is_there_but_not_yet_listed() -> None:
    hub = Hub(faults=FaultPlan([FaultRule(FaultKind.HIDDEN, method="POST", hidden_ms=5_000)]))
    hub.create("a")

    before = hub.get("issues").json
    hub.clock.advance(6)

    assert (before, hub.issue(1)["title"]) == ([], "a")
    assert [issue["number"] for issue in hub.get("issues").json] == [1]


def test_repositories_issues_and_organisations_are_listed_for_the_caller(filled: Hub) -> None:
    own = filled.get("/user/repos").json
    assigned = filled.get("/issues", filter="created", state="all").json

    assert {repository["name"] for repository in own} >= {"demo", "new-name", "vault"}
    assert "secret" not in {repository["name"] for repository in filled.get("/orgs/contoso/repos").json}
    assert {issue["repository"]["full_name"] for issue in assigned} == {"contoso/demo", "contoso/archived"}
    assert [org["login"] for org in filled.get("/user/orgs").json] == ["contoso"]
    assert [kind["name"] for kind in filled.get("/orgs/contoso/issue-types").json] == ["Task", "Bug", "Feature"]
