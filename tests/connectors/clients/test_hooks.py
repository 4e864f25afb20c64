"""Proving and reading what GitHub's and Azure DevOps' webhooks send; Jira's own are tested beside its client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.clients.azure_devops.wire import hooks as azure_devops
from connectors.clients.github.wire import hooks as github
from connectors.clients.hooks import HookRefused
from tests.shared import shared_path

SECRET = "sécret"


def signed(body: bytes, *, secret: str = SECRET, **more: str) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), **more}


def basic(password: str, user: str = "anybody") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_github_names_the_issue_of_every_documented_event() -> None:
    samples = json.loads(shared_path("data/github/webhook-payloads.json").read_text())
    for name, payload in samples.items():
        number = (payload.get("issue") or {}).get("number")
        is_pull = bool((payload.get("issue") or {}).get("pull_request"))
        body = json.dumps(payload).encode()

        found = github.verify(SECRET, signed(body), body)

        if number and not is_pull:
            assert str(number) in found, name


def test_github_signs_the_form_it_sends() -> None:
    payload = {"action": "sub_issue_added", "parent_issue": {"number": 3}, "sub_issue": {"number": 4}}
    body = urlencode({"payload": json.dumps(payload)}).encode()

    found = github.verify(SECRET, signed(body, **{"Content-Type": "application/x-www-form-urlencoded"}), body)

    assert found == ["3", "4"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": "sha256="},
        signed(b"{}", secret="other"),
        signed(b"[]"),
        {"X-Hub-Signature": "sha1=x"},
    ],
)
def test_github_refuses_what_is_not_signed(headers: dict[str, str]) -> None:
    with pytest.raises(HookRefused):
        github.verify(SECRET, headers, b"{}")


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"no json"])
def test_github_refuses_what_cannot_be_read(body: bytes) -> None:
    with pytest.raises(HookRefused):
        github.verify(SECRET, signed(body), body)


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(HookRefused):
        github.verify("", signed(b"{}", secret=""), b"{}")
    with pytest.raises(HookRefused):
        azure_devops.verify("", basic(""), b"{}")


def test_github_tells_a_delivery_again_by_its_guid() -> None:
    assert github.delivery_of({"x-GitHub-Delivery": "g"}) == "g"
    assert github.delivery_of({}) == ""


def event(kind: str, resource: dict[str, Any]) -> bytes:
    return json.dumps({"id": "n", "eventType": kind, "resource": resource}).encode()


@pytest.mark.parametrize(
    ("body", "items"),
    [
        (event("workitem.created", {"id": 7, "rev": 1}), ["7"]),
        (event("workitem.updated", {"id": 12, "workItemId": 7, "rev": 3}), ["7"]),
        (event("workitem.deleted", {"id": 7}), ["7"]),
        (event("workitem.commented", {"id": "7"}), ["7"]),
        (event("git.push", {"id": 7}), []),
        (event("workitem.updated", {}), []),
        (b"\xef\xbb\xbf" + event("workitem.restored", {"id": 7}), ["7"]),
    ],
)
def test_azure_devops_names_the_item_of_an_event(body: bytes, items: list[str]) -> None:
    assert azure_devops.verify(SECRET, basic(SECRET), body) == items


@pytest.mark.parametrize(
    "headers",
    [{}, basic("other"), basic(""), {"authorization": f"Bearer {SECRET}"}, {"authorization": "Basic %%%"},
     {"authorization": "Basic /w=="}],
)  # fmt: skip
def test_azure_devops_is_refused_without_the_secret(headers: dict[str, str]) -> None:
    with pytest.raises(HookRefused):
        azure_devops.verify(SECRET, headers, event("workitem.created", {"id": 7}))


@pytest.mark.parametrize("body", [b"", b"[]", b"no json"])
def test_azure_devops_is_refused_when_it_cannot_be_read(body: bytes) -> None:
    with pytest.raises(HookRefused):
        azure_devops.verify(SECRET, basic(SECRET), body)


def test_azure_devops_tells_a_delivery_again_by_its_id() -> None:
    assert (azure_devops.delivery_of({"id": "n"}), azure_devops.delivery_of({"id": 4})) == ("n", "")
