"""What Azure DevOps and GitHub sides send is something the vendors' own descriptions know, and every write says what
repeating it would do."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from connectors.clients.calls import Call
from sandbox.ado.service import AdoService
from sandbox.clock import Clock
from tests.connectors.trackers.azure_stand_in import START
from tests.connectors.trackers.github.stand_in import stage
from tests.connectors.trackers.sides import test_azure_devops_side as azure_devops
from tests.connectors.trackers.sides import test_github_side as github
from tests.connectors.trackers.sides.contract import SideContract, World
from tests.shared import shared_path

_AZURE_DEVOPS = tuple(f"specs/azure-devops/{name}-7.1.json" for name in ("workItemTracking", "core", "work"))
_GITHUB = ("specs/github/api.github.com-issues-subset.json",)
# On other hosts, in overloads that the descriptions fold into one, or in parts of the descriptions that we do not have.
_UNDESCRIBED = {
    ("GET", "/_apis/identities"),
    ("GET", "/_apis/connectiondata"),
    ("GET", "/{}/_apis/wit/workitems/{}/comments", "$top"),
    ("GET", "/{}/_apis/wit/workitems/{}/comments", "order"),
    ("POST", "/{}/_apis/wit/workitems/{}/comments", "format"),
}
_ELSEWHERE = re.compile(r"/(dependencies/|sub_issues?$|parent$)|^/(users|orgs)/")


@cache
def sent(system: str) -> tuple[Call, ...]:
    """Every request of every promise."""
    calls: list[Call] = []
    promises = SideContract()
    for name in sorted(vars(SideContract)):
        if name.startswith("test_"):
            getattr(promises, name)(_world(system, calls))
    return tuple(calls)


def _world(system: str, calls: list[Call]) -> World:
    if system == "github":
        return github.world_on(stage(before_send=calls.append))
    service = AdoService(azure_devops.make_organization, clock=Clock(START))
    return azure_devops.world_on(service, before_send=calls.append)


@cache
def described(paths: tuple[str, ...]) -> dict[tuple[str, str], set[str]]:
    """Method and path without the names of its parts -> the options it takes."""
    found: dict[tuple[str, str], set[str]] = {}
    for each in paths:
        document = json.loads(shared_path(each).read_text(encoding="utf-8"))
        for path, operations in document["paths"].items():
            common = operations.get("parameters", [])
            for verb, operation in operations.items():
                if verb not in ("get", "post", "put", "patch", "delete"):
                    continue
                options = [_resolved(document, option) for option in (*common, *operation.get("parameters", []))]
                names = {option["name"].lower() for option in options if option.get("in") == "query"}
                found.setdefault((verb.upper(), _shape(path)), set()).update(names)
    return found


def _resolved(document: dict[str, Any], option: dict[str, Any]) -> dict[str, Any]:
    reference = option.get("$ref")
    if reference is None:
        return option
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return dict(node)


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path.removeprefix("/{organization}")).lower().replace("/{}/{}/_apis", "/{}/_apis")


def faults(call: Call, known: dict[tuple[str, str], set[str]]) -> list[tuple[str, ...]]:
    """What a description does not know of a call. Resources of an organization are described below a project."""
    method, shape = call.method, _shape(call.route)
    if (method, shape) in _UNDESCRIBED or _ELSEWHERE.search(shape):
        return []
    found = next((each for each in ((method, shape), (method, f"/{{}}{shape}")) if each in known), None)
    if found is None:
        return [(method, shape)]
    options = {name.lower() for name, _ in call.query} - known[found] - {"api-version"}
    return [fault for name in sorted(options) if (fault := (method, shape, name)) not in _UNDESCRIBED]


@pytest.mark.parametrize(("system", "paths"), [("azure_devops", _AZURE_DEVOPS), ("github", _GITHUB)])
def test_every_request_is_as_the_vendor_describes_it(system: str, paths: tuple[str, ...]) -> None:
    known = described(paths)

    assert sorted({fault for call in sent(system) for fault in faults(call, known)}) == []


def test_every_write_to_azure_devops_says_what_repeating_it_would_do() -> None:
    effects = {(f"{call.method} {call.route}", call.effect.value) for call in sent("azure_devops")}

    assert {each for each in effects if each[1] != "read"} == {
        ("DELETE /{project}/_apis/wit/workItems/{id}/comments/{comment}", "idempotent"),
        ("PATCH /{project}/_apis/wit/workItems/{id}/comments/{comment}", "idempotent"),
        ("PATCH /{project}/_apis/wit/workitems/{id}", "create"),
        ("PATCH /{project}/_apis/wit/workitems/{id}", "idempotent"),
        ("POST /{project}/_apis/wit/attachments", "idempotent"),
        ("POST /{project}/_apis/wit/workItems/{id}/comments", "create"),
        ("POST /{project}/_apis/wit/workitems/${type}", "create"),
    }


def test_every_write_to_github_says_what_repeating_it_would_do() -> None:
    repo = "/repos/{owner}/{repo}/issues"
    effects = {(f"{call.method} {call.route}", call.effect.value) for call in sent("github")}

    assert {each for each in effects if each[1] != "read"} == {
        (f"DELETE {repo}/comments/{{id}}", "idempotent"),
        (f"DELETE {repo}/{{number}}/dependencies/blocked_by/{{issue_id}}", "idempotent"),
        (f"DELETE {repo}/{{number}}/sub_issue", "idempotent"),
        (f"PATCH {repo}/comments/{{id}}", "idempotent"),
        (f"PATCH {repo}/{{number}}", "idempotent"),
        (f"POST {repo}", "create"),
        (f"POST {repo}/{{number}}/comments", "create"),
        (f"POST {repo}/{{number}}/dependencies/blocked_by", "idempotent"),
        (f"POST {repo}/{{number}}/sub_issues", "idempotent"),
    }


def test_content_on_github_is_counted_for_its_account() -> None:
    """GitHub allows 80 of them a minute."""
    creates = [call for call in sent("github") if call.effect.value == "create"]

    assert {call.issue for call in creates} == {"content"}
