"""The Jira stand-in answers as Atlassian's OpenAPI documents describe.

Where the real service is known to differ from its own description, ``DIFFERS`` says so with the reason.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.openapi import description
from tests.sandbox.jira.asking import Answer, Site, doc

pytestmark = pytest.mark.contract

PLATFORM = "specs/jira-cloud/platform-v3.json"
AGILE = "specs/jira-cloud/software-agile.json"

_NULLS = {"from", "to", "fromString", "toString"}
DIFFERS: dict[tuple[str, str], set[str]] = {
    # Moments of a bulk task are epoch milliseconds, as the description's own sample shows.
    ("GET", "/rest/api/3/bulk/queue/{taskId}"): {"created", "started", "updated"},
    # Captured histories hold null where nothing was; those fetched in bulk have epoch milliseconds.
    ("GET", "/rest/api/3/issue/{issueIdOrKey}"): _NULLS,
    ("GET", "/rest/api/3/issue/{issueIdOrKey}/changelog"): _NULLS,
    ("POST", "/rest/api/3/changelog/bulkfetch"): {"created", *_NULLS},
    # The description's own sample has a member its schema does not know.
    ("POST", "/rest/api/3/issue/bulkfetch"): {"expand"},
    # The description's own sample shows where a board lives by key, id and name.
    ("GET", "/rest/agile/1.0/board/{boardId}/configuration"): {"location", "type"},
}


class Recorder:
    """Asks, and keeps what is wrong with the answers."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.covered: set[tuple[str, str]] = set()
        self.faults: list[str] = []
        self.tolerated: set[tuple[str, str]] = set()

    def ask(self, method: str, template: str, body: object = None, *, query: str = "", **params: object) -> Answer:
        path = template
        for name, value in params.items():
            path = path.replace("{" + name + "}", str(value))
        answer = self.site.ask(method, path + query, body)
        self.check(method, template, answer)
        return answer

    def check(self, method: str, template: str, answer: Answer) -> None:
        spec = description(AGILE if "/agile/" in template else PLATFORM)
        self.covered.add((method, template))
        if str(answer.status) not in spec.statuses(method, template):
            self.faults.append(f"{method} {template}: status {answer.status} is not described: {answer.body[:200]!r}")
            return
        if not answer.headers.get("Content-Type", "").startswith("application/json") or not answer.body:
            return
        tolerated = DIFFERS.get((method, template), set())
        for fault in spec.faults(method, template, answer.status, answer.json):
            place, _, text = fault.partition(":")
            if tolerated & set(place.split("/")) or any(f"'{name}'" in text for name in tolerated):
                self.tolerated.add((method, template))
            else:
                self.faults.append(f"{method} {template} {answer.status}: {fault}")


@pytest.fixture(scope="module")
def recorded() -> Recorder:
    """A tour through the site that leaves nothing out."""
    site = Site({"fields": [{"name": "Team", "type": "select", "options": ["Red"]}]})
    recorder = Recorder(site)
    _look_around(recorder)
    _set_up(recorder)
    issues = _work(recorder)
    _talk(recorder, issues)
    _plan(recorder, issues)
    _in_bulk(recorder, issues)
    _be_refused(recorder)
    return recorder


def _look_around(r: Recorder) -> None:
    for path in (
        "serverInfo", "myself", "permissions", "configuration", "field", "issuetype", "priority", "resolution",
        "status", "statuscategory", "issueLinkType", "label", "project", "project/search", "priority/search",
        "resolution/search", "statuses/search", "workflows/search", "attachment/meta", "users/search", "screens",
        "field/search", "issue/createmeta",
    ):  # fmt: skip
        r.ask("GET", f"/rest/api/3/{path}")
    r.ask("GET", "/rest/api/3/mypermissions", query="?permissions=BROWSE_PROJECTS")
    r.ask("GET", "/rest/api/3/project/{projectIdOrKey}", projectIdOrKey="DEMO")
    r.ask("GET", "/rest/api/3/project/{projectIdOrKey}/statuses", projectIdOrKey="DEMO")
    r.ask("GET", "/rest/api/3/issuetype/project", query="?projectId=10000")
    r.ask("GET", "/rest/api/3/issuetype/{id}", id=10_000)
    r.ask("GET", "/rest/api/3/priority/{id}", id=1)
    r.ask("GET", "/rest/api/3/resolution/{id}", id=10_000)
    r.ask("GET", "/rest/api/3/status/{idOrName}", idOrName=10_010)
    r.ask("GET", "/rest/api/3/statuses", query="?id=10010&id=10011")
    r.ask("GET", "/rest/api/3/issueLinkType/{issueLinkTypeId}", issueLinkTypeId=10_000)
    me = r.site.get("myself").json["accountId"]
    r.ask("GET", "/rest/api/3/user", query=f"?accountId={me}")
    r.ask("GET", "/rest/api/3/user/search", query="?query=per")
    r.ask("GET", "/rest/api/3/user/bulk", query=f"?accountId={me}")
    r.ask("GET", "/rest/api/3/user/assignable/search", query="?project=DEMO")
    pair = {"projectId": "10000", "issueTypeId": "10001"}
    r.ask("POST", "/rest/api/3/workflows", {"projectAndIssueTypes": [pair]})
    types = "/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes"
    r.ask("GET", types, projectIdOrKey="DEMO")
    r.ask("GET", types + "/{issueTypeId}", projectIdOrKey="DEMO", issueTypeId=10_001)


def _set_up(r: Recorder) -> None:
    component = r.ask("POST", "/rest/api/3/component", {"name": "Web", "project": "DEMO"}).json
    r.ask("GET", "/rest/api/3/component/{id}", id=component["id"])
    r.ask("GET", "/rest/api/3/project/{projectIdOrKey}/components", projectIdOrKey="DEMO")
    r.ask("GET", "/rest/api/3/project/{projectIdOrKey}/component", projectIdOrKey="DEMO")
    body = {"name": "1.0", "projectId": 10_000, "startDate": "2026-01-01", "releaseDate": "2026-02-01"}
    version = r.ask("POST", "/rest/api/3/version", body).json
    r.ask("PUT", "/rest/api/3/version/{id}", {"released": True}, id=version["id"])
    r.ask("GET", "/rest/api/3/version/{id}", id=version["id"])
    r.ask("GET", "/rest/api/3/project/{projectIdOrKey}/versions", projectIdOrKey="DEMO")
    r.ask("GET", "/rest/api/3/project/{projectIdOrKey}/version", projectIdOrKey="DEMO")
    kind = "com.atlassian.jira.plugin.system.customfieldtypes:select"
    made = r.ask("POST", "/rest/api/3/field", {"name": "Risk", "type": kind}).json["id"]
    context = r.ask("GET", "/rest/api/3/field/{fieldId}/context", fieldId=made).json["values"][0]["id"]
    own = {"name": "Bugs", "projectIds": ["10000"], "issueTypeIds": ["10003"]}
    r.ask("POST", "/rest/api/3/field/{fieldId}/context", own, fieldId=made)
    options = "/rest/api/3/field/{fieldId}/context/{contextId}/option"
    r.ask("POST", options, {"options": [{"value": "High"}]}, fieldId=made, contextId=context)
    r.ask("GET", options, fieldId=made, contextId=context)
    screen = r.site.get("screens").json["values"][0]["id"]
    tab = r.ask("GET", "/rest/api/3/screens/{screenId}/tabs", screenId=screen).json[0]["id"]
    fields = "/rest/api/3/screens/{screenId}/tabs/{tabId}/fields"
    r.ask("POST", fields, {"fieldId": made}, screenId=screen, tabId=tab)
    r.ask("GET", fields, screenId=screen, tabId=tab)
    lead = r.site.get("myself").json["accountId"]
    new = {"key": "NEW", "name": "New", "projectTypeKey": "software", "leadAccountId": lead}
    r.ask("POST", "/rest/api/3/project", new)
    r.ask("DELETE", "/rest/api/3/project/{projectIdOrKey}", projectIdOrKey="NEW")


def _work(r: Recorder) -> dict[str, Any]:
    site = r.site
    team = site.field_id("Team")
    r.ask("POST", "/rest/api/3/issue", {**site.fields("Epic"), "transition": {"id": "21"}})
    full = site.fields(
        parent={"key": "DEMO-1"},
        description=doc("text"),
        components=[{"name": "Web"}],
        fixVersions=[{"name": "1.0"}],
        labels=["x"],
        duedate="2026-10-01",
        timetracking={"originalEstimate": "3h"},
        **{team: {"value": "Red"}},
    )
    bulk = r.ask("POST", "/rest/api/3/issue/bulk", {"issueUpdates": [full, {"fields": {}}]}).json
    key = bulk["issues"][0]["key"]
    issue = "/rest/api/3/issue/{issueIdOrKey}"
    r.ask("PUT", issue, {"fields": {"summary": "Other"}}, issueIdOrKey=key)
    r.ask("PUT", issue, {"fields": {"summary": "More"}}, query="?returnIssue=true", issueIdOrKey=key)
    r.ask("GET", issue, query="?expand=names,schema,transitions,changelog,editmeta&properties=*all", issueIdOrKey=key)
    r.ask("GET", issue + "/editmeta", issueIdOrKey=key)
    r.ask("GET", issue + "/transitions", query="?expand=transitions.fields", issueIdOrKey=key)
    r.ask("POST", issue + "/transitions", {"transition": {"id": "41"}}, issueIdOrKey=key)
    r.ask("PUT", issue + "/assignee", {"accountId": None}, issueIdOrKey=key)
    prop = issue + "/properties/{propertyKey}"
    r.ask("PUT", prop, {"a": 1}, issueIdOrKey=key, propertyKey="mark")
    r.ask("GET", prop, issueIdOrKey=key, propertyKey="mark")
    r.ask("GET", issue + "/properties", issueIdOrKey=key)
    r.ask("POST", "/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": [key, "DEMO-99"], "fields": ["*all"]})
    r.ask("GET", "/rest/api/3/search/jql", query="?jql=project=DEMO&fields=*all&expand=names,schema&maxResults=1")
    r.ask("POST", "/rest/api/3/search/jql", {"jql": "project = DEMO", "fields": ["summary"]})
    r.ask("POST", "/rest/api/3/search/approximate-count", {"jql": "project = DEMO"})
    r.ask("POST", "/rest/api/3/jql/parse", {"queries": ["project = DEMO"]})
    r.ask("GET", issue + "/changelog", issueIdOrKey=key)
    r.ask("POST", "/rest/api/3/changelog/bulkfetch", {"issueIdsOrKeys": [key]})
    return {"epic": "DEMO-1", "story": key}


def _talk(r: Recorder, issues: dict[str, Any]) -> None:
    key = issues["story"]
    issue = "/rest/api/3/issue/{issueIdOrKey}"
    body = {"body": doc("hello"), "properties": [{"key": "k", "value": 1}]}
    comment = r.ask("POST", issue + "/comment", body, issueIdOrKey=key).json["id"]
    r.ask("GET", issue + "/comment", query="?expand=properties", issueIdOrKey=key)
    r.ask("GET", issue + "/comment/{id}", issueIdOrKey=key, id=comment)
    r.ask("PUT", issue + "/comment/{id}", {"body": doc("hi")}, issueIdOrKey=key, id=comment)
    r.ask("POST", "/rest/api/3/comment/list", {"ids": [int(comment)]}, query="?expand=properties")
    r.ask("GET", "/rest/api/3/comment/{commentId}/properties", commentId=comment)
    r.ask("DELETE", issue + "/comment/{id}", issueIdOrKey=key, id=comment)
    uploaded = r.site.attach(key, ("a.txt", b"x"))
    r.check("POST", issue + "/attachments", uploaded)
    file = uploaded.json[0]["id"]
    r.ask("GET", "/rest/api/3/attachment/{id}", id=file)
    r.ask("GET", "/rest/api/3/attachment/content/{id}", id=file)
    ends = {"inwardIssue": {"key": key}, "outwardIssue": {"key": issues["epic"]}}
    r.ask("POST", "/rest/api/3/issueLink", {"type": {"name": "Blocks"}, **ends})
    link = r.site.issue(key)["issuelinks"][0]["id"]
    r.ask("GET", "/rest/api/3/issueLink/{linkId}", linkId=link)
    r.ask("DELETE", "/rest/api/3/issueLink/{linkId}", linkId=link)
    remote = {"globalId": "g", "object": {"url": "https://a.example", "title": "A"}}
    made = r.ask("POST", issue + "/remotelink", remote, issueIdOrKey=key).json["id"]
    r.ask("POST", issue + "/remotelink", remote, issueIdOrKey=key)
    r.ask("GET", issue + "/remotelink/{linkId}", issueIdOrKey=key, linkId=made)
    r.ask("DELETE", issue + "/remotelink/{linkId}", issueIdOrKey=key, linkId=made)
    r.ask("GET", issue + "/watchers", issueIdOrKey=key)
    r.ask("POST", issue + "/watchers", r.site.get("myself").json["accountId"], issueIdOrKey=key)
    log = {"timeSpentSeconds": 60, "started": "2026-01-02T10:00:00.000+0000"}
    work = r.ask("POST", issue + "/worklog", log, issueIdOrKey=key).json["id"]
    r.ask("GET", issue + "/worklog", issueIdOrKey=key)
    r.ask("GET", issue + "/worklog/{id}", issueIdOrKey=key, id=work)
    r.ask("GET", issue + "/votes", issueIdOrKey=key)


def _plan(r: Recorder, issues: dict[str, Any]) -> None:
    agile = "/rest/agile/1.0"
    r.ask("GET", agile + "/board", query="?projectKeyOrId=DEMO")
    for path in ("", "/configuration", "/issue", "/backlog", "/epic"):
        r.ask("GET", agile + "/board/{boardId}" + path, boardId=1)
    sprint = r.ask("POST", agile + "/sprint", {"name": "One", "originBoardId": 1}).json["id"]
    r.ask("GET", agile + "/board/{boardId}/sprint", boardId=1)
    r.ask("GET", agile + "/sprint/{sprintId}", sprintId=sprint)
    dates = {"startDate": "2026-01-01T00:00:00.000Z", "endDate": "2026-01-14T00:00:00.000Z"}
    story = {"issues": [issues["story"]]}
    r.ask("POST", agile + "/sprint/{sprintId}/issue", story, sprintId=sprint)
    r.ask("POST", agile + "/sprint/{sprintId}", {"state": "active", **dates}, sprintId=sprint)
    r.ask("GET", agile + "/sprint/{sprintId}/issue", sprintId=sprint)
    closed = {"name": "One", "state": "closed", **dates}
    r.ask("PUT", agile + "/sprint/{sprintId}", closed, sprintId=sprint)
    r.ask("POST", agile + "/backlog/issue", story)
    r.ask("PUT", agile + "/issue/rank", {**story, "rankBeforeIssue": issues["epic"]})
    r.ask("PUT", agile + "/issue/rank", {"issues": [issues["story"], "DEMO-77"], "rankAfterIssue": issues["epic"]})


def _in_bulk(r: Recorder, issues: dict[str, Any]) -> None:
    r.ask("GET", "/rest/api/3/bulk/issues/transition", query=f"?issueIdsOrKeys={issues['story']}")
    inputs = [{"selectedIssueIdsOrKeys": [issues["story"]], "transitionId": "11"}]
    task = r.ask("POST", "/rest/api/3/bulk/issues/transition", {"bulkTransitionInputs": inputs}).json["taskId"]
    r.ask("GET", "/rest/api/3/bulk/queue/{taskId}", taskId=task)
    r.site.clock.advance(1)
    r.ask("GET", "/rest/api/3/bulk/queue/{taskId}", taskId=task)
    edit = {
        "selectedIssueIdsOrKeys": [issues["story"]],
        "selectedActions": ["priority"],
        "editedFieldsInput": {"priority": {"priorityId": "1"}},
    }
    r.ask("POST", "/rest/api/3/bulk/issues/fields", edit)
    r.ask("DELETE", "/rest/api/3/issue/{issueIdOrKey}", issueIdOrKey=issues["epic"])


def _be_refused(r: Recorder) -> None:
    r.ask("POST", "/rest/api/3/issue", r.site.fields(labels=["a b"]))
    r.ask("GET", "/rest/api/3/issue/{issueIdOrKey}", issueIdOrKey="DEMO-999")
    r.ask("GET", "/rest/api/3/project/{projectIdOrKey}", projectIdOrKey="NOPE")
    r.ask("POST", "/rest/api/3/search/jql", {"jql": ""})
    r.ask("GET", "/rest/api/3/webhook")
    r.ask("GET", "/rest/agile/1.0/board/{boardId}", boardId=99)
    r.ask("GET", "/rest/agile/1.0/sprint/{sprintId}", sprintId=99)
    r.ask("POST", "/rest/api/3/bulk/issues/transition", {"bulkTransitionInputs": []})


def test_every_answer_is_as_described(recorded: Recorder) -> None:
    assert recorded.faults == []


def test_every_tolerated_difference_is_still_there(recorded: Recorder) -> None:
    assert recorded.tolerated == set(DIFFERS)


def test_the_tour_covers_what_the_product_uses(recorded: Recorder) -> None:
    described = description(PLATFORM).operations() | description(AGILE).operations()

    assert recorded.covered <= described
    assert len(recorded.covered) >= 120
