"""The GitHub stand-in answers as GitHub's OpenAPI description says.

The description is of 2022: it knows no sub-issues, dependencies or issue types, whose shapes are compared with
recorded exchanges instead. Where the real service is known to differ, ``DIFFERS`` says so with the reason.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.openapi import description
from tests.sandbox.github.asking import READER, Answer, Hub

pytestmark = pytest.mark.contract

SPEC = "specs/github/api.github.com-issues-subset.json"
ISSUES = "/repos/{owner}/{repo}/issues"
DIFFERS: dict[tuple[str, str], set[str]] = {
    # Profiles have a member newer than the description, which allows none beside its own.
    ("GET", "/users/{username}"): {""},
    # An issue without a text has null there, as everywhere else.
    ("GET", "/search/issues"): {"body"},
}


class Recorder:
    """Asks, and keeps what is wrong with the answers."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.covered: set[tuple[str, str]] = set()
        self.faults: list[str] = []

    def ask(
        self,
        method: str,
        template: str,
        body: object = None,
        *,
        query: str = "",
        auth: str | None = None,
        **params: object,
    ) -> Answer:
        values = {"owner": "contoso", "repo": "generated", "org": "contoso", **params}
        path = template
        for name, value in values.items():
            path = path.replace("{" + name + "}", str(value))
        chosen = {} if auth is None else {"auth": auth}
        answer = self.hub.ask(method, path + query, body, **chosen)  # type: ignore[arg-type]
        self.check(method, template, answer)
        return answer

    def check(self, method: str, template: str, answer: Answer) -> None:
        spec = description(SPEC)
        self.covered.add((method, template))
        if str(answer.status) not in spec.statuses(method, template):
            self.faults.append(f"{method} {template}: status {answer.status} is not described: {answer.body[:200]!r}")
            return
        if not answer.body:
            return
        tolerated = DIFFERS.get((method, template), set())
        for fault in spec.faults(method, template, answer.status, answer.json):
            if not tolerated & set(fault.partition(":")[0].split("/")):
                self.faults.append(f"{method} {template} {answer.status}: {fault}"[:600])


@pytest.fixture(scope="module")
def recorded() -> Recorder:
    """A tour through a lively repository."""
    recorder = Recorder(Hub(generate_issues=40))
    _look_around(recorder)
    _set_up(recorder)
    _work(recorder)
    _talk(recorder)
    _hook(recorder)
    _be_refused(recorder)
    return recorder


def _look_around(r: Recorder) -> None:
    for path in ("/", "/meta", "/rate_limit", "/user", "/user/orgs", "/user/repos", "/issues", "/user/issues",
                 "/orgs/{org}", "/orgs/{org}/issues", "/orgs/{org}/members", "/orgs/{org}/repos",
                 "/repos/{owner}/{repo}", "/repos/{owner}/{repo}/assignees", "/repos/{owner}/{repo}/collaborators",
                 "/repos/{owner}/{repo}/labels"):  # fmt: skip
        r.ask("GET", path)
    r.ask("GET", "/users/{username}", username="mona-lisa")
    r.ask("GET", "/users/{username}/repos", username="contoso")
    r.ask("GET", "/repos/{owner}/{repo}/assignees/{assignee}", assignee="mona-lisa")
    r.ask("GET", "/repos/{owner}/{repo}/assignees/{assignee}", assignee="nobody")
    r.ask("GET", "/repos/{owner}/{repo}/collaborators/{username}", username="mona-lisa")
    r.ask("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", username="mona-lisa")
    r.ask("GET", "/repos/{owner}/{repo}/milestones", query="?state=all")
    r.ask("GET", "/repos/{owner}/{repo}/pulls", query="?state=all")
    for issue in r.hub.walk("/repos/contoso/generated/issues", state="all"):
        if "pull_request" in issue:
            r.ask("GET", "/repos/{owner}/{repo}/pulls/{pull_number}", pull_number=issue["number"])
        r.ask("GET", ISSUES + "/{issue_number}", issue_number=issue["number"])
        r.ask("GET", ISSUES + "/{issue_number}/comments", issue_number=issue["number"])
        r.ask("GET", ISSUES + "/{issue_number}/events", issue_number=issue["number"])
        r.ask("GET", ISSUES + "/{issue_number}/timeline", issue_number=issue["number"])
    r.ask("GET", ISSUES, query="?state=all&per_page=100")
    r.ask("GET", ISSUES + "/comments", query="?per_page=100")
    event = r.ask("GET", ISSUES + "/events", query="?per_page=100").json[0]
    r.ask("GET", ISSUES + "/events/{event_id}", event_id=event["id"])
    r.ask("GET", "/search/issues", query="?q=repo:contoso/generated+is:issue")
    r.ask("GET", "/search/repositories", query="?q=contoso")
    number = r.ask("GET", "/repos/{owner}/{repo}").json["id"]
    r.ask("GET", "/search/labels", query=f"?repository_id={number}&q=bug")


def _set_up(r: Recorder) -> None:
    base = "/repos/{owner}/{repo}"
    r.ask("POST", "/orgs/{org}/repos", {"name": "made"})
    r.ask("POST", "/user/repos", {"name": "mine", "private": True})
    r.ask("PATCH", base, {"description": "Changed"}, repo="made")
    r.ask("DELETE", base, repo="made")
    r.ask("POST", base + "/labels", {"name": "area: web", "color": "FF0000", "description": "The web"})
    r.ask("GET", base + "/labels/{name}", name="area:%20web")
    r.ask("PATCH", base + "/labels/{name}", {"new_name": "web"}, name="area:%20web")
    milestone = r.ask("POST", base + "/milestones", {"title": "Soon", "due_on": "2026-12-01T10:00:00Z"}).json
    number = {"milestone_number": milestone["number"]}
    r.ask("GET", base + "/milestones/{milestone_number}", **number)
    r.ask("PATCH", base + "/milestones/{milestone_number}", {"state": "closed"}, **number)
    r.ask("GET", base + "/milestones/{milestone_number}/labels", **number)
    r.ask("DELETE", base + "/milestones/{milestone_number}", **number)


def _work(r: Recorder) -> None:
    body: dict[str, Any] = {"title": "New", "body": "Text", "labels": ["bug", "brand new"], "assignees": ["mona-lisa"]}
    made = r.ask("POST", ISSUES, {**body, "milestone": 1}).json
    one = {"issue_number": made["number"]}
    path = ISSUES + "/{issue_number}"
    for change in ({"state": "closed", "state_reason": "not_planned"}, {"state": "open"}, {"title": "Newer"}):
        r.ask("PATCH", path, change, **one)
    r.ask("POST", path + "/assignees", {"assignees": ["wei-zhang"]}, **one)
    r.ask("DELETE", path + "/assignees", {"assignees": ["wei-zhang"]}, **one)
    r.ask("POST", path + "/labels", {"labels": ["question"]}, **one)
    r.ask("GET", path + "/labels", **one)
    r.ask("PUT", path + "/labels", {"labels": ["question", "bug"]}, **one)
    r.ask("DELETE", path + "/labels/{name}", name="bug", **one)
    r.ask("PUT", path + "/lock", {"lock_reason": "resolved"}, **one)
    r.ask("DELETE", path + "/lock", **one)
    reaction = r.ask("POST", path + "/reactions", {"content": "heart"}, **one).json
    r.ask("GET", path + "/reactions", **one)
    r.ask("DELETE", path + "/reactions/{reaction_id}", reaction_id=reaction["id"], **one)
    r.ask("GET", path + "/events", **one)
    r.ask("GET", path + "/timeline", **one)
    r.ask("DELETE", path + "/labels", **one)
    r.ask("DELETE", "/repos/{owner}/{repo}/labels/{name}", name="brand%20new")


def _talk(r: Recorder) -> None:
    comment = r.ask("POST", ISSUES + "/{issue_number}/comments", {"body": "Hello @mona-lisa"}, issue_number=1).json
    one = {"comment_id": comment["id"]}
    path = ISSUES + "/comments/{comment_id}"
    r.ask("GET", path, **one)
    r.ask("PATCH", path, {"body": "Changed"}, **one)
    reaction = r.ask("POST", path + "/reactions", {"content": "+1"}, **one).json
    r.ask("GET", path + "/reactions", **one)
    r.ask("DELETE", path + "/reactions/{reaction_id}", reaction_id=reaction["id"], **one)
    r.ask("DELETE", path, **one)


def _hook(r: Recorder) -> None:
    base = "/repos/{owner}/{repo}/hooks"
    config = {"url": "https://hooks.example.com/github", "content_type": "json", "secret": "s3cret"}
    hook = r.ask("POST", base, {"name": "web", "events": ["issues"], "config": config}).json
    one = {"hook_id": hook["id"]}
    r.ask("GET", base)
    r.ask("GET", base + "/{hook_id}", **one)
    r.ask("PATCH", base + "/{hook_id}", {"add_events": ["issue_comment"]}, **one)
    r.ask("GET", base + "/{hook_id}/config", **one)
    r.ask("PATCH", base + "/{hook_id}/config", {"content_type": "form"}, **one)
    r.ask("POST", base + "/{hook_id}/pings", **one)
    r.hub.service.webhooks.deliver()
    delivery = r.ask("GET", base + "/{hook_id}/deliveries", **one).json[0]
    r.ask("GET", base + "/{hook_id}/deliveries/{delivery_id}", delivery_id=delivery["id"], **one)
    r.ask("POST", base + "/{hook_id}/deliveries/{delivery_id}/attempts", delivery_id=delivery["id"], **one)
    r.ask("DELETE", base + "/{hook_id}", **one)


def _be_refused(r: Recorder) -> None:
    r.ask("GET", "/repos/{owner}/{repo}", repo="secret")
    r.ask("GET", "/repos/{owner}/{repo}", repo="old-name")
    r.ask("GET", "/repos/{owner}/{repo}", repo="guarded")
    r.ask("POST", ISSUES, {"title": ""})
    r.ask("POST", ISSUES, {"title": "x"}, repo="no-issues")
    r.ask("POST", ISSUES, {"title": "x"}, repo="archived")
    r.ask("GET", ISSUES + "/{issue_number}", issue_number=99_999)
    r.ask("PATCH", ISSUES + "/{issue_number}", {"title": "x"}, issue_number=1, auth=READER)
    r.ask("POST", "/repos/{owner}/{repo}/labels", {"name": "bug"})
    r.ask("POST", "/repos/{owner}/{repo}/milestones", {"title": ""})
    r.ask("GET", "/search/issues", query="?q=repo:contoso/secret")
    r.ask("GET", "/user", auth="Bearer wrong")
    gone = next(
        number for number in range(40, 60) if r.hub.get(f"/repos/contoso/generated/issues/{number}").status == 410
    )
    r.ask("GET", ISSUES + "/{issue_number}", issue_number=gone)


def test_every_answer_is_as_described(recorded: Recorder) -> None:
    assert recorded.faults == []


def test_the_tour_leaves_out_only_what_the_stand_in_does_not_have(recorded: Recorder) -> None:
    absent = {
        ("PATCH", "/orgs/{org}"), ("PATCH", "/user"), ("GET", "/repos/{owner}/{repo}/contributors"),
        ("PUT", "/repos/{owner}/{repo}/collaborators/{username}"),
        ("DELETE", "/repos/{owner}/{repo}/collaborators/{username}"),
        ("POST", "/repos/{owner}/{repo}/hooks/{hook_id}/tests"), ("POST", "/repos/{owner}/{repo}/pulls"),
        ("PATCH", "/repos/{owner}/{repo}/pulls/{pull_number}"), ("POST", "/repos/{owner}/{repo}/transfer"),
    }  # fmt: skip

    assert description(SPEC).operations() - recorded.covered == absent
