"""The GitHub stand-in's answers have the shapes of recorded exchanges of 2025 and 2026.

An answer must have every member the service sent, of the same JSON type where neither is null; older captures
lack members and are not compared.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import pytest

from tests.sandbox.github.asking import Hub
from tests.shared import shared_path

pytestmark = pytest.mark.contract

# Members of a repository that have nothing to do with its issues, and are told only to some callers.
REPOSITORY_EXTRAS = {
    "temp_clone_token", "allow_squash_merge", "allow_merge_commit", "allow_rebase_merge", "allow_auto_merge",
    "delete_branch_on_merge", "allow_update_branch", "use_squash_pr_title_as_default", "squash_merge_commit_message",
    "squash_merge_commit_title", "merge_commit_message", "merge_commit_title", "custom_properties",
    "security_and_analysis", "has_pull_requests", "pull_request_creation_policy",
}  # fmt: skip


@lru_cache(maxsize=1)
def recordings() -> list[dict[str, Any]]:
    lines = shared_path("data/http/github/recordings.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def recorded(method: str, ending: str, *, test: str) -> dict[str, Any]:
    """The last exchange of one recorded test with this method and end of the address."""
    return [
        entry
        for entry in recordings()
        if entry["method"] == method and entry["url"].endswith(ending) and entry["source"].startswith(test)
    ][-1]


def differences(real: Any, ours: Any, place: str = "") -> list[str]:
    """Members missing or of another JSON type."""
    if real is None or ours is None:
        return []
    if type(real) is not type(ours) and not {type(real), type(ours)} <= {int, float}:
        return [f"{place}: {type(ours).__name__} instead of {type(real).__name__}"]
    if isinstance(real, dict):
        missing = [f"{place}/{name}: missing" for name in real if name not in ours and name not in REPOSITORY_EXTRAS]
        return missing + [
            fault for name in real if name in ours for fault in differences(real[name], ours[name], f"{place}/{name}")
        ]
    if isinstance(real, list) and real and ours:
        return differences(real[0], ours[0], f"{place}[]")
    return []


@pytest.fixture(scope="module")
def hub() -> Hub:
    """Issue 1 above issue 2 and waiting for issue 3; the last has a comment, a label and a milestone."""
    hub = Hub()
    parent, child, blocker = hub.create("Parent"), hub.create("Child"), hub.create("Blocker", labels=["bug"])
    hub.post("milestones", {"title": "1.0"})
    hub.patch("issues/3", {"milestone": 1, "assignees": ["mona-lisa"]})
    hub.post("issues/3/comments", {"body": "A comment"})
    hub.post(f"issues/{parent['number']}/sub_issues", {"sub_issue_id": child["id"]})
    hub.post(f"issues/{parent['number']}/dependencies/blocked_by", {"issue_id": blocker["id"]})
    return hub


READS = [
    ("SubIssue.", "/issues/5", "issues/1"),
    ("SubIssue.", "/issues/5/sub_issues", "issues/1/sub_issues"),
    ("IssueDependencies.", "/issues/24", "issues/2"),
    ("IssueDependencies.testAddBlockedBy", "/issues/24/dependencies/blocked_by", "issues/1/dependencies/blocked_by"),
    ("IssueComment.setUp", "/repos/PyGithub/PyGithub", ""),
    ("IssueComment.setUp", "/issues/comments/20227753", "issues/comments/2104770211"),
    ("Label.setUp", "/labels/Bug", "labels/bug"),
    ("Milestone.setUp", "/milestones/1", "milestones/1"),
]


@pytest.mark.parametrize(("test", "ending", "path"), READS, ids=[f"{test}{path}" for test, _, path in READS])
def test_what_is_read_has_the_recorded_members(hub: Hub, test: str, ending: str, path: str) -> None:
    real = recorded("GET", ending, test=test)

    ours = hub.get(path) if path else hub.get("/repos/contoso/demo")

    assert ours.status == real["status"]
    assert differences(json.loads(real["body"]), ours.json) == []


def test_sub_issue_calls_answer_the_parent_as_recorded(hub: Hub) -> None:
    spare = hub.create("Spare")["id"]
    calls = [("POST", "/issues/5/sub_issues", "sub_issues"), ("DELETE", "/issues/5/sub_issue", "sub_issue")]

    for method, ending, path in calls:
        real = recorded(method, ending, test="SubIssue.")
        ours = hub.ask(method, f"issues/1/{path}", {"sub_issue_id": spare})

        assert (ours.status, ours.json["number"]) == (real["status"], 1)
        assert differences(json.loads(real["body"]), ours.json) == []
        assert ("Location" in ours.headers) == ("Location" in real["headers"])


def test_dependency_calls_answer_the_waiting_issue_as_recorded(hub: Hub) -> None:
    blocker = hub.create("Another")["id"]
    post = recorded("POST", "/dependencies/blocked_by", test="IssueDependencies.")
    delete = recorded("DELETE", "/dependencies/blocked_by/2435613241", test="IssueDependencies.")

    added = hub.post("issues/2/dependencies/blocked_by", {"issue_id": blocker})
    removed = hub.delete(f"issues/2/dependencies/blocked_by/{blocker}")

    assert (added.status, removed.status) == (post["status"], delete["status"])
    assert differences(json.loads(post["body"]), added.json) == []
    assert differences(json.loads(delete["body"]), removed.json) == []


@pytest.mark.parametrize("name", ["issues/1", "labels/bug", ""])
def test_headers_are_those_recorded(hub: Hub, name: str) -> None:
    """What a client reads: validators, limits, versions. `Content-Encoding` and dates are the transport's."""
    real = recorded("GET", "/issues/5", test="SubIssue.")["headers"]
    transport = {"content-encoding", "date", "last-modified"}

    ours = hub.get(name or "/repos/contoso/demo").headers

    assert {field.lower() for field in real} - transport <= {field.lower() for field in ours}
    assert ours["ETag"].startswith('W/"')
    assert ours["X-RateLimit-Resource"] == real["X-RateLimit-Resource"]
    assert ours["X-GitHub-Media-Type"] == real["X-GitHub-Media-Type"]


def test_a_due_date_is_kept_as_recorded(hub: Hub) -> None:
    sent = {"title": "Due", "due_on": "2012-06-15T00:00:00Z"}

    made = hub.post("milestones", sent)
    edited = hub.patch(f"milestones/{made.json['number']}", {"due_on": "2012-06-16"})

    assert made.json["due_on"] == "2012-06-15T07:00:00Z"
    assert edited.json["due_on"] == "2012-06-16T07:00:00Z"
    assert made.headers["Location"] == made.json["url"]


def test_rate_limit_has_the_recorded_form(hub: Hub) -> None:
    real = json.loads(recorded("GET", "/rate_limit", test="RateLimitOverview.")["body"])

    ours = hub.get("/rate_limit").json

    assert differences(real["rate"], ours["rate"]) == []
    assert {"core", "search", "graphql"} <= set(ours["resources"])
    assert differences(real["resources"]["core"], ours["resources"]["core"]) == []


REFUSALS = [
    ("Exceptions.testBadAuthentication", "/user", "Bearer wrong", "Bad credentials"),
    ("Exceptions.testUnknownObject", "/repos/jacquev6/Xxx", None, "Not Found"),
]


@pytest.mark.parametrize(("test", "path", "auth", "text"), REFUSALS)
def test_refusals_say_what_was_recorded(hub: Hub, test: str, path: str, auth: str | None, text: str) -> None:
    real = recorded("GET", path, test=test)

    ours = hub.ask("GET", path, auth=auth)

    assert (ours.status, ours.message) == (real["status"], text)
    assert json.loads(real["body"])["message"] == text
    assert ours.json["status"] == str(real["status"])


def test_without_a_user_agent_nothing_is_answered(hub: Hub) -> None:
    real = recorded("GET", "/user", test="SpecificExceptions.testBadUserAgent")

    ours = hub.ask("GET", "/user", headers={"User-Agent": ""})

    assert ours.status == real["status"] == 403
    assert b"User-Agent" in ours.body
