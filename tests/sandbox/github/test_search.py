"""Searching issues: qualifiers, words, limits and lag."""

from __future__ import annotations

import pytest

from tests.sandbox.github.asking import NOON, Hub


@pytest.fixture(scope="module")
def filled() -> Hub:
    hub = Hub()
    hub.post("milestones", {"title": "Version 1"})
    hub.create("Login fails", body="on Tuesday", labels=["bug", "help wanted"], milestone=1, type="Bug")
    hub.clock.set(NOON + 86_400)
    hub.create("Slow search", body="login is fine", assignees=["mona-lisa"])
    hub.create("Closed one", body="for @wei-zhang")
    hub.patch("issues/3", {"state": "closed", "state_reason": "not_planned"})
    hub.post("issues/2/comments", {"body": "A rare word: zebra"})
    hub.post("/repos/contoso/vault/issues", {"title": "Login elsewhere"})
    return hub


QUERIES = [
    ("repo:contoso/demo", [3, 2, 1]),
    ("repo:contoso/demo login", [2, 1]),
    ("repo:contoso/demo login in:title", [1]),
    ('repo:contoso/demo "login fails"', [1]),
    ("repo:contoso/demo zebra", [2]),
    ("repo:contoso/demo zebra in:body", []),
    ("repo:contoso/demo -login", [3]),
    ("repo:contoso/demo is:issue is:open", [2, 1]),
    ("repo:contoso/demo state:closed", [3]),
    ('repo:contoso/demo reason:"not planned"', [3]),
    ("repo:contoso/demo is:pr", []),
    ("repo:contoso/demo label:BUG", [1]),
    ('repo:contoso/demo label:"help wanted"', [1]),
    ("repo:contoso/demo -label:bug", [3, 2]),
    ('repo:contoso/demo milestone:"version 1"', [1]),
    ("repo:contoso/demo assignee:mona-lisa", [2]),
    ("repo:contoso/demo author:sandbox comments:>=1", [2]),
    ("repo:contoso/demo comments:0", [3, 1]),
    ("repo:contoso/demo mentions:wei-zhang", [3]),
    ("repo:contoso/demo commenter:sandbox", [2]),
    ("repo:contoso/demo no:label", [3, 2]),
    ("repo:contoso/demo type:bug", [1]),
    ("repo:contoso/demo created:2026-09-21", [1]),
    ("repo:contoso/demo created:>2026-09-21", [3, 2]),
    ("repo:contoso/demo created:2026-09-20..2026-09-21", [1]),
    ("repo:contoso/demo created:*..2026-09-21", [1]),
    ("repo:contoso/demo closed:>=2026-09-22T14:13:20Z", [3]),
    ("repo:contoso/demo sort:created-asc", [1, 2, 3]),
    ("org:contoso login in:title is:open", [1, 1]),
]


@pytest.mark.parametrize(("query", "numbers"), QUERIES, ids=[query for query, _ in QUERIES])
def test_a_query_finds(filled: Hub, query: str, numbers: list[int]) -> None:
    answer = filled.get("/search/issues", q=query)

    assert answer.status == 200, answer.body
    assert [issue["number"] for issue in answer.json["items"]] == numbers
    assert (answer.json["total_count"], answer.json["incomplete_results"]) == (len(numbers), False)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "missing"),
        ("repo:contoso/secret x", "cannot be searched"),
        ("repo:contoso/none x", "cannot be searched"),
        ("x" * 257, "longer than 256 characters"),
        ("colour:red", "not a qualifier"),
        ("created:soon", "not a range"),
        ("is:weird", "not a value"),
    ],
)
def test_a_query_is_refused(filled: Hub, query: str, words: str) -> None:
    answer = filled.get("/search/issues", q=query)

    assert (answer.status, words in answer.body.decode()) == (422, True)


def test_other_peoples_private_issues_are_not_found(filled: Hub) -> None:
    anonymous = filled.ask("GET", "/search/issues", auth=None, q="login")

    assert {item["repository_url"] for item in anonymous.json["items"]} == {"http://github.test/repos/contoso/demo"}


def test_results_are_paged_and_end_at_a_thousand(filled: Hub) -> None:
    first = filled.get("/search/issues", q="repo:contoso/demo", per_page=2)
    second = filled.get(first.links["next"])

    assert [len(answer.json["items"]) for answer in (first, second)] == [2, 1]
    refused = filled.get("/search/issues", q="repo:contoso/demo", per_page=100, page=11)
    assert (refused.status, refused.message) == (422, "Only the first 1000 search results are available")


def test_the_index_lags_behind() -> None:
    hub = Hub(search_lag_ms=3_000)
    hub.create("New")

    before = hub.get("/search/issues", q="repo:contoso/demo").json["total_count"]
    listed = len(hub.get("issues").json)
    hub.clock.advance(3)

    assert (before, listed, hub.get("/search/issues", q="repo:contoso/demo").json["total_count"]) == (0, 1, 1)


def test_labels_and_repositories_are_found(filled: Hub) -> None:
    number = filled.get("/repos/contoso/demo").json["id"]

    labels = filled.get("/search/labels", repository_id=number, q="help").json
    repositories = filled.get("/search/repositories", q="org:contoso dem").json

    assert [label["name"] for label in labels["items"]] == ["help wanted"]
    assert [repository["name"] for repository in repositories["items"]] == ["demo"]
    assert filled.get("/search/labels", repository_id=1, q="x").status == 404
