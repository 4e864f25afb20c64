"""The Jira stand-in refuses with the bodies recorded from a public site without credentials."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.jira.asking import Answer, Site
from tests.shared import shared_path

pytestmark = pytest.mark.contract

ZERO_ID = "00000000-0000-0000-0000-000000000000"


def public_site() -> Site:
    """A site everybody may browse, with one issue PUB-1."""
    site = Site({"project": {"key": "PUB"}, "public": True})
    made = site.post("issue", {"fields": {"project": {"key": "PUB"}, "issuetype": {"name": "Task"}, "summary": "x"}})
    assert made.json["key"] == "PUB-1"
    return site


def jql(text: str, **more: object) -> tuple[object, dict[str, object]]:
    return None, {"jql": text, **more}


QUESTIONS: dict[str, tuple[object, dict[str, object]]] = {
    "search_retired": jql("project = PUB"),
    "jql_unbounded": jql("order by created"),
    "jql_expecting_field": jql("project = PUB AND"),
    "jql_project_unknown": jql("project = NOPEZZQ"),
    "jql_field_unknown": jql("project = PUB AND nosuchfield = 1"),
    "jql_value_unknown": jql('project = PUB AND status = "No such status"'),
    "jql_key_unknown": jql("key = PUB-999999"),
    "jql_date_invalid": jql('project = PUB AND created > "not-a-date"'),
    "search_max_results_over": jql("project = PUB", maxResults=5_001),
    "search_page_token_invalid": jql("project = PUB", nextPageToken="nonsense"),
    "search_body_unknown_property": ({"jql": "project = PUB", "startAt": 0}, {}),
    "issue_create_empty": ({}, {}),
    "issue_create_no_project": ({"fields": {"summary": "x"}}, {}),
    "issue_create_no_type": ({"fields": {"project": {"key": "PUB"}, "summary": "x"}}, {}),
    "issue_edit_not_on_screen": ({"fields": {"summary": "x"}}, {}),
    "comment_body_not_a_document": ({"body": "plain"}, {}),
    "transition_missing": ({}, {}),
    "unknown_issue": (None, {}),
    "unknown_project": (None, {}),
    "link_type_unknown": (
        {"type": {"name": "Haunts"}, "inwardIssue": {"key": "PUB-1"}, "outwardIssue": {"key": "PUB-1"}},
        {},
    ),
    "user_search_no_query": (None, {}),
    "unknown_path": (None, {}),
}
KEYS = {"unknown_issue": "PUB-999999"}


def cases() -> dict[str, dict[str, Any]]:
    path = shared_path("data/http/jira-cloud/refusals.jsonl")
    return {case["case"]: case for case in map(json.loads, path.read_text().splitlines())}


def ask(site: Site, case: dict[str, Any]) -> Answer:
    name = case["case"]
    path = case["path"].replace("{key}", KEYS.get(name, "NOPEZZQ" if "/project/" in case["path"] else "PUB-1"))
    if name == "issue_create_not_json":
        return site.ask(case["method"], path, raw=b"{not json", auth=None)
    body, query = QUESTIONS[name]
    return site.ask(case["method"], path, body, auth=None, **query)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [*QUESTIONS, "issue_create_not_json"])
def test_a_refusal_has_the_recorded_status_type_and_body(name: str) -> None:
    case = cases()[name]

    answer = ask(public_site(), case)

    assert (answer.status, answer.headers["Content-Type"]) == (case["status"], case["contentType"])
    assert answer.json == case["body"]


def test_an_unknown_cloud_id_is_refused_by_the_gateway() -> None:
    recorded = cases()["gateway_unknown_cloud_id"]["body"]

    answer = Site().ask("GET", f"/ex/jira/{ZERO_ID}/rest/api/3/myself", auth=None)

    assert answer.status == 404
    assert {**answer.json, "timestamp": ""} == {**recorded, "timestamp": ""}


def test_every_recorded_refusal_is_asked_but_that_of_a_site_that_is_not_there() -> None:
    assert set(cases()) - {*QUESTIONS, "issue_create_not_json"} == {"site_unknown", "gateway_unknown_cloud_id"}
