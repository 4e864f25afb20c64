"""What the stand-ins tell an auditor about everything they hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.build import build_ado, build_jira
from sandbox.server import start_server

SIGN_IN = ("sandbox@example.com", "sandbox-token")


@pytest.fixture
def jira() -> Iterator[str]:
    handle = start_server(build_jira())
    yield handle.url
    handle.stop()


@pytest.fixture
def ado() -> Iterator[str]:
    handle = start_server(build_ado(generate=40))
    yield handle.url
    handle.stop()


def inventory(url: str, what: str) -> Any:
    return requests.get(f"{url}/_sandbox/{what}", timeout=10).json()


def call(url: str, path: str, body: Any) -> Any:
    answer = requests.post(f"{url}/rest/api/3/{path}", json=body, auth=SIGN_IN, timeout=10)
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def make_issue(url: str) -> str:
    fields = {"project": {"key": "DEMO"}, "issuetype": {"name": "Task"}, "summary": "One", "labels": ["a"]}
    mark = {"key": "mark", "value": {"id": 1}}
    return str(call(url, "issue", {"fields": fields, "properties": [mark]})["key"])


def test_issues_are_told_with_everything_that_hangs_on_them(jira: str) -> None:
    one, two = make_issue(jira), make_issue(jira)
    text = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": "x"}]}]}
    call(jira, f"issue/{one}/comment", {"body": text, "properties": [{"key": "mark", "value": {"id": 7}}]})
    link = {"type": {"name": "Relates"}, "inwardIssue": {"key": one}, "outwardIssue": {"key": two}}
    call(jira, "issueLink", link)
    upload = f"{jira}/rest/api/3/issue/{one}/attachments"
    headers = {"X-Atlassian-Token": "no-check"}
    requests.post(upload, files={"file": ("a.txt", b"abc")}, headers=headers, auth=SIGN_IN, timeout=10)

    told = inventory(jira, "issues")

    first = told["issues"][0]
    assert (first["key"], first["summary"], first["labels"]) == (one, "One", ["a"])
    assert first["properties"] == {"mark": {"id": 1}}
    assert [comment["properties"] for comment in first["comments"]] == [{"mark": {"id": 7}}]
    (file,) = first["files"]
    assert (file["name"], file["size"], file["sha256"]) == ("a.txt", 3, hashlib.sha256(b"abc").hexdigest())
    assert [(found["inward"], found["outward"]) for found in told["links"]] == [(one, two)]
    assert requests.get(f"{jira}/_sandbox/log", timeout=10).json()["last"] == 5


def test_items_are_told_with_comments_relations_and_file_hashes(ado: str) -> None:
    told = inventory(ado, "items")

    assert len(told["items"]) == 40
    assert sum(len(item["comments"]) for item in told["items"]) == 39
    attached = [
        relation for item in told["items"] for relation in item["relations"] if relation["rel"] == "AttachedFile"
    ]
    assert len(attached) == 8
    assert {told["files"][relation["url"]]["size"] for relation in attached} == {20_000}
    assert json.dumps(told["items"]).count("_apis/wit/attachments") == 4
