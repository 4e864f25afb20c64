"""Independent clients work with the Jira stand-in over a real socket, and meet its refusals."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from atlassian import Jira as AtlassianJira
from jira import JIRA
from jira.exceptions import JIRAError

from sandbox.clock import Clock
from sandbox.faults import FaultPlan
from sandbox.jira.build import build_jira
from sandbox.jira.site import ACCOUNT, TOKEN
from sandbox.server import ServerHandle, start_server
from sandbox.service import Limits

# Warnings of other people's clients are not ours to mend.
pytestmark = [pytest.mark.contract, pytest.mark.filterwarnings("default")]


@pytest.fixture
def server() -> Iterator[ServerHandle]:
    handle = start_server(build_jira())
    yield handle
    handle.stop()


@pytest.fixture
def client(server: ServerHandle) -> JIRA:
    """Pycontribs' client, which speaks version 2 and the new search."""
    return JIRA(
        server=server.url, basic_auth=(ACCOUNT, TOKEN), options={"rest_api_version": "3"}, max_retries=0, timeout=30
    )


@pytest.fixture
def atlassian(server: ServerHandle) -> Any:
    return AtlassianJira(url=server.url, username=ACCOUNT, password=TOKEN, cloud=True, timeout=30)


def story(number: int) -> dict[str, Any]:
    return {"project": {"key": "DEMO"}, "issuetype": {"name": "Story"}, "summary": f"Story {number}"}


def doc(text: str) -> dict[str, Any]:
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }


def test_jira_creates_reads_moves_links_comments_and_attaches(client: JIRA) -> None:
    one = client.create_issue(fields={**story(1), "labels": ["x"]})
    two = client.create_issue(fields=story(2))

    client.transition_issue(one, "Done")
    client.create_issue_link("Blocks", one.key, two.key)
    client.add_comment(one, doc("hello"))
    client.add_attachment(one, io.BytesIO(b"bytes"), filename="a.txt")

    read: Any = client.issue(one.key)
    assert (read.fields.summary, read.fields.status.name, read.fields.labels) == ("Story 1", "Done", ["x"])
    assert read.fields.issuelinks[0].outwardIssue.key == two.key
    assert client.comments(one)[0].body.content[0].content[0].text == "hello"
    assert [file.get() for file in read.fields.attachment] == [b"bytes"]
    assert client.myself()["displayName"] == "Sandbox Caller"
    assert [board.name for board in client.boards(projectKeyOrID="DEMO")] == ["DEMO board"]


def test_jira_pages_over_more_than_250_issues(client: JIRA) -> None:
    for start in range(0, 260, 50):
        client.create_issues([story(n) for n in range(start, min(start + 50, 260))])

    found = client.enhanced_search_issues("project = DEMO ORDER BY key", maxResults=0, fields=["summary"])

    assert len({issue.key for issue in found}) == 260


def test_jira_meets_401_404_and_429(server: ServerHandle, client: JIRA) -> None:
    with pytest.raises(JIRAError) as unknown:
        client.issue("DEMO-999")
    stranger = JIRA(server=server.url, basic_auth=(ACCOUNT, "wrong"), get_server_info=False, max_retries=0, timeout=30)
    with pytest.raises(JIRAError) as refused:
        stranger.myself()
    server.service.faults = FaultPlan.parse([{"kind": "429", "reason": "jira-burst-based", "retry_after": 9}])
    throttled = requests.get(f"{server.url}/rest/api/3/myself", auth=(ACCOUNT, TOKEN), timeout=5)

    assert (unknown.value.status_code, refused.value.status_code) == (404, 401)
    assert "does not exist" in str(unknown.value.text)
    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "9")


def test_jira_plans_sprints(client: JIRA) -> None:
    issue = client.create_issue(fields=story(1))
    sprint = client.create_sprint("One", board_id=1)

    client.add_issues_to_sprint(sprint.id, [issue.key])
    client.update_sprint(
        sprint.id, name="One", state="active", startDate="2026-01-01T00:00:00.000Z", endDate="2026-01-14T00:00:00.000Z"
    )

    assert [found.state for found in client.sprints(1)] == ["active"]


def test_atlassian_creates_reads_moves_links_comments_and_attaches(atlassian: Any) -> None:
    one = atlassian.issue_create({**story(1), "description": "Plain words"})["key"]
    two = atlassian.issue_create(story(2))["key"]

    atlassian.set_issue_status(one, "In Progress")
    atlassian.create_issue_link(
        {"type": {"name": "Relates"}, "inwardIssue": {"key": one}, "outwardIssue": {"key": two}}
    )
    atlassian.issue_add_comment(one, "hello")
    atlassian.add_attachment_object(one, io.BytesIO(b"bytes"))
    atlassian.update_issue_field(one, {"summary": "Changed"})

    read = atlassian.issue(one)["fields"]
    assert (read["summary"], read["status"]["name"], read["description"]) == ("Changed", "In Progress", "Plain words")
    assert len(read["issuelinks"]) == len(read["attachment"]) == read["comment"]["total"] == 1
    assert read["comment"]["comments"][0]["body"] == "hello"
    assert atlassian.issue_exists("DEMO-999") is False


def test_atlassian_pages_over_more_than_250_issues(atlassian: Any) -> None:
    for start in range(0, 260, 50):
        atlassian.create_issues([{"fields": story(n)} for n in range(start, min(start + 50, 260))])

    keys: set[str] = set()
    token = None
    while True:
        page = atlassian.enhanced_jql("project = DEMO", fields="summary", nextPageToken=token, limit=100)
        keys.update(issue["key"] for issue in page["issues"])
        token = page.get("nextPageToken")
        if not token:
            break

    assert len(keys) == 260


def test_atlassian_meets_401_404_and_429(server: ServerHandle, atlassian: Any) -> None:
    stranger: Any = AtlassianJira(url=server.url, username=ACCOUNT, password="wrong", cloud=True, timeout=30)
    statuses = []
    for ask in (stranger.myself, lambda: atlassian.issue("DEMO-999")):
        with pytest.raises(requests.HTTPError) as caught:
            ask()
        statuses.append(caught.value.response.status_code)
    server.service.faults = FaultPlan.parse([{"kind": "429"}])
    with pytest.raises(requests.HTTPError) as throttled:
        atlassian.myself()

    assert [*statuses, throttled.value.response.status_code] == [401, 404, 429]


def test_documented_limits_are_met_over_a_socket() -> None:
    handle = start_server(build_jira(limits=Limits.DOCUMENTED, clock=Clock(1_790_000_000.0)))
    with requests.Session() as session:
        session.auth = (ACCOUNT, TOKEN)
        answers = [session.get(f"{handle.url}/rest/api/3/serverInfo", timeout=5) for _ in range(101)]
    handle.stop()

    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert answers[-1].headers["RateLimit-Reason"] == "jira-burst-based"
