"""Search finds what the query says, in pages, and is silent about what does not exist."""

from __future__ import annotations

import pytest

from sandbox.service import Limits
from tests.sandbox.jira.asking import NOON, Site, doc


@pytest.fixture
def stocked() -> Site:
    """Five issues of different kinds."""
    site = Site({"deniedPermissions": []})
    site.post("component", {"name": "Web", "projectId": 10_000})
    site.post("version", {"name": "1.0", "projectId": 10_000})
    epic = site.create("Epic", "Payments epic", labels=["money"])
    me = site.get("myself").json["accountId"]
    story = site.create(
        "Story",
        "Pay by card",
        parent={"key": epic},
        labels=["money", "card"],
        assignee={"accountId": me},
        components=[{"name": "Web"}],
        fixVersions=[{"name": "1.0"}],
        description=doc("The shopper pays with plastic"),
    )
    sprint = site.sprint()
    site.clock.advance(3600)
    site.create("Bug", "Card is refused", priority={"name": "High"}, **{site.field_id("Sprint"): sprint})
    site.create("Sub-task", "Ask the bank", parent={"key": story}, duedate="2026-10-01")
    done = site.create("Task", "Tidy up")
    site.post(f"issue/{done}/transitions", {"transition": {"id": "41"}})
    return site


@pytest.mark.parametrize(
    ("jql", "numbers"),
    [
        ("project = DEMO ORDER BY key", [1, 2, 3, 4, 5]),
        ("project = 10000 ORDER BY key", [1, 2, 3, 4, 5]),
        ('project in (DEMO, "Demo") order by key desc', [5, 4, 3, 2, 1]),
        ("key = DEMO-3", [3]),
        ("key in (DEMO-1, DEMO-99) ", [1]),
        ("key >= DEMO-4 ORDER BY key", [4, 5]),
        ("id = 10002", [2]),
        ("issuetype = Story", [2]),
        ("issuetype in (Story, Bug) ORDER BY key", [2, 3]),
        ("type not in (Story, Bug) ORDER BY key", [1, 4, 5]),
        ("issuetype in subTaskIssueTypes()", [4]),
        ("status = Done", [5]),
        ("statusCategory = Done", [5]),
        ('statusCategory != "To Do"', [5]),
        ("labels = money ORDER BY key", [1, 2]),
        ("labels in (card, nothing)", [2]),
        ("labels = money AND labels != card", [1]),
        ("labels IS EMPTY ORDER BY key", [3, 4, 5]),
        ("labels IS NOT EMPTY ORDER BY key", [1, 2]),
        ("parent = DEMO-1", [2]),
        ("parent in (DEMO-1, DEMO-2) ORDER BY key", [2, 4]),
        ("text ~ card ORDER BY key", [2, 3]),
        ('text ~ "plastic"', [2]),
        ("summary ~ pay*  ORDER BY key", [1, 2]),
        ("summary !~ card AND project = DEMO ORDER BY key", [1, 4, 5]),
        ("assignee = currentUser()", [2]),
        ("assignee IS EMPTY AND issuetype = Epic", [1]),
        ('reporter = "sandbox@example.com" ORDER BY key', [1, 2, 3, 4, 5]),
        ("sprint = 1", [3]),
        ('sprint = "Sprint 1"', [3]),
        ("sprint in futureSprints()", [3]),
        ("sprint in openSprints()", []),
        ("component = Web", [2]),
        ('fixVersion = "1.0"', [2]),
        ("priority = High", [3]),
        ("priority = Medium ORDER BY key", [1, 2, 4, 5]),
        ("resolution = Done", [5]),
        ("resolution = EMPTY ORDER BY key", [1, 2, 3, 4]),
        ("due = 2026-10-01", [4]),
        ("due < 2026-10-02 AND due > 2026-09-30", [4]),
        ("NOT labels = money AND (issuetype = Bug OR issuetype = Task) ORDER BY key", [3, 5]),
        ("created >= -30m ORDER BY key", [3, 4, 5]),
        ("created <= -30m ORDER BY key", [1, 2]),
        ("created > startOfDay() AND issuetype = Bug", [3]),
        ("issuetype = Bug AND created <= now()", [3]),
    ],
)
def test_a_query_finds_exactly_what_it_says(stocked: Site, jql: str, numbers: list[int]) -> None:
    assert stocked.found(jql) == [f"DEMO-{number}" for number in numbers]


@pytest.mark.parametrize(
    "jql",
    [
        "project = NOPE",
        "nofield = 1",
        "status = Nowhere",
        "key = DEMO-999",
        'created > "not a date"',
        "project = DEMO AND nofield IS EMPTY",
        "labels = nothing",
        "cf[99999] = 1",
    ],
)
def test_what_does_not_exist_is_an_empty_last_page_and_no_error(stocked: Site, jql: str) -> None:
    assert stocked.post("search/jql", {"jql": jql}).json == {"issues": [], "isLast": True}


@pytest.mark.parametrize(
    ("jql", "text"),
    [
        ("project = DEMO AND", "Error in the JQL Query: Expecting a field name at the end of the query."),
        ("project =", "Error in the JQL Query: Expecting either a value"),
        ("project DEMO", "Error in the JQL Query: Expecting operator but got 'DEMO'."),
        ("(project = DEMO", "Error in the JQL Query: Expecting ')' before the end of the query."),
        ("project = DEMO summary", "Error in the JQL Query: Expecting either 'OR' or 'AND'"),
        ("project = DEMO ORDER BY", "Error in the JQL Query: Expecting a field name"),
        ("", "Unbounded JQL queries are not allowed here."),
        ("ORDER BY created", "Unbounded JQL queries are not allowed here."),
        (
            "project = DEMO ORDER BY a, b, c, d, e, f, g, h",
            "The maximum number of fields in the ORDER BY clause is 7.",
        ),
    ],
)
def test_a_query_that_cannot_be_read_or_is_unbounded_is_refused(site: Site, jql: str, text: str) -> None:
    answer = site.post("search/jql", {"jql": jql})

    assert answer.status == 400
    assert answer.messages[0].startswith(text)


def test_dates_are_read_in_the_callers_zone_and_shown_in_the_sites() -> None:
    site = Site({"timeZone": "Europe/London", "callerTimeZone": "Asia/Tokyo"})
    key = site.create()  # 2026-09-21 14:13:20 UTC: 15:13 in London, 23:13 in Tokyo

    assert site.issue(key)["created"] == "2026-09-21T15:13:20.000+0100"
    assert site.get("myself").json["timeZone"] == "Asia/Tokyo"
    assert site.found('created >= "2026-09-21 23:13"') == [key]
    assert site.found('created >= "2026-09-21 23:14"') == []
    assert site.found('created >= "2026/09/21 15:00" AND created < "2026-09-21 23:13"') == []


def test_search_answers_ids_only_unless_fields_are_asked_for(site: Site) -> None:
    site.create()

    assert site.get("search/jql", jql="project = DEMO").json == {"issues": [{"id": "10001"}], "isLast": True}
    shown = site.get("search/jql", jql="project = DEMO", fields="summary").json["issues"][0]
    assert (shown["key"], shown["fields"]) == ("DEMO-1", {"summary": "Something"})


def test_pages_are_walked_by_token_and_a_token_is_good_for_one_query(site: Site) -> None:
    for _ in range(5):
        site.post("issue/bulk", {"issueUpdates": [site.fields() for _ in range(50)]})
    query = {"jql": "project = DEMO ORDER BY key", "fields": ["summary"], "maxResults": 5_000}

    sizes, seen, token = [], [], None
    while True:
        page = site.post("search/jql", {**query, **({"nextPageToken": token} if token else {})}).json
        sizes.append(len(page["issues"]))
        seen += [issue["key"] for issue in page["issues"]]
        token = page.get("nextPageToken")
        if not token:
            break
        assert page["isLast"] is False
        last_token = token

    assert (sizes, len(set(seen))) == ([100, 100, 50], 250)
    other = site.post("search/jql", {"jql": "project = 10000", "nextPageToken": last_token})
    assert other.messages == ["The provided next page token is invalid or expired."]
    site.clock.advance(8 * 24 * 3600)
    assert site.post("search/jql", {**query, "nextPageToken": last_token}).status == 400


@pytest.mark.parametrize("size", [0, 5_001, -1])
def test_the_page_size_has_bounds(site: Site, size: int) -> None:
    answer = site.get("search/jql", jql="project = DEMO", maxResults=size)

    assert answer.messages == ["The max results parameter has to be between 1 and 5,000."]


def test_a_query_parameter_that_cannot_be_read_is_a_problem_document(site: Site) -> None:
    answer = site.get("search/jql", jql="project = DEMO", maxResults="many")

    assert answer.headers["Content-Type"] == "application/problem+json;charset=UTF-8"
    assert answer.json["status"] == 400


def test_a_new_issue_is_found_late_and_can_be_reconciled() -> None:
    site = Site({"searchLagMs": 30_000})
    key = site.create()

    assert site.found("project = DEMO") == []
    reconciled = site.post("search/jql", {"jql": "project = DEMO", "reconcileIssues": [10_001]}).json
    unmatched = site.post("search/jql", {"jql": "project = NOPE", "reconcileIssues": [10_001]}).json
    assert (reconciled["issues"], unmatched["issues"]) == ([{"id": "10001"}], [])
    assert site.get(f"issue/{key}").status == 200
    site.clock.advance(31)
    assert site.found("project = DEMO") == [key]


def test_a_changed_issue_is_found_stale() -> None:
    site = Site({"searchLagMs": 10_000})
    key = site.create(summary="Old")
    site.clock.advance(11)
    assert site.found("summary ~ old") == [key]

    site.put(f"issue/{key}", {"fields": {"summary": "New"}})

    assert (site.found("summary ~ old"), site.found("summary ~ new")) == ([key], [])
    assert site.issue(key)["summary"] == "New"
    site.clock.advance(11)
    assert (site.found("summary ~ old"), site.found("summary ~ new")) == ([], [key])


def test_on_a_loaded_site_a_new_issue_is_not_even_read_at_once() -> None:
    site = Site({"lateReadMs": 30_000})
    key = site.create()

    assert site.get(f"issue/{key}").status == 404
    assert site.post("issue/bulkfetch", {"issueIdsOrKeys": [key]}).json["issues"] == []
    site.clock.advance(31)
    assert site.get(f"issue/{key}").status == 200


def test_too_many_issues_to_reconcile_are_refused(site: Site) -> None:
    ids = list(range(51))

    assert site.post("search/jql", {"jql": "project = DEMO", "reconcileIssues": ids}).status == 400
    assert site.post("search/jql", {"jql": "project = DEMO", "reconcileIssues": ["DEMO-1"]}).status == 400


def test_counting_needs_a_bounded_query(stocked: Site) -> None:
    assert stocked.post("search/approximate-count", {"jql": "project = DEMO"}).json == {"count": 5}
    assert stocked.post("search/approximate-count", {"jql": ""}).status == 400


def test_the_old_search_is_gone(site: Site) -> None:
    for answer in (site.get("search"), site.post("search", {}), site.get("/rest/api/2/search")):
        assert answer.status == 410
        assert "/rest/api/3/search/jql" in answer.messages[0]


def test_rank_orders_and_can_be_changed(site: Site) -> None:
    keys = [site.create() for _ in range(4)]

    answer = site.put("/rest/agile/1.0/issue/rank", {"issues": [keys[3], keys[2]], "rankBeforeIssue": keys[0]})

    assert answer.status == 204
    assert site.found("project = DEMO ORDER BY Rank ASC") == [keys[3], keys[2], keys[0], keys[1]]
    for _ in range(40):  # the gap between two ranks halves each time
        site.put("/rest/agile/1.0/issue/rank", {"issues": [keys[1]], "rankBeforeIssue": keys[0]})
        site.put("/rest/agile/1.0/issue/rank", {"issues": [keys[0]], "rankBeforeIssue": keys[1]})
    assert site.found("project = DEMO ORDER BY Rank ASC") == [keys[3], keys[2], keys[0], keys[1]]


def test_ranking_tells_missing_issues_one_by_one(site: Site) -> None:
    keys = [site.create(), site.create()]

    answer = site.put("/rest/agile/1.0/issue/rank", {"issues": [keys[1], "DEMO-77"], "rankBeforeIssue": keys[0]})

    assert answer.status == 207
    assert [entry["status"] for entry in answer.json["entries"]] == [200, 404]


def test_parsing_tells_syntax_errors(site: Site) -> None:
    answer = site.post("jql/parse", {"queries": ["project = DEMO", "project ="]})

    assert ["errors" in entry for entry in answer.json["queries"]] == [False, True]


def test_the_clock_of_the_tests_is_where_they_think() -> None:
    assert Site(limits=Limits.NONE).clock.now() == NOON
