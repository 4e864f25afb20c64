"""Reading what Jira's webhooks send."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from connectors.clients.hooks import HookRefused
from connectors.clients.jira.wire.hooks import identifier_of, verify

SECRET = "a secret of some length"


def signed(payload: Any, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature": f"sha256={digest}", "X-Atlassian-Webhook-Identifier": "w-1"}, body


@pytest.mark.parametrize(
    ("payload", "issues"),
    [
        ({"webhookEvent": "jira:issue_updated", "issue": {"id": "10001", "key": "DEMO-1"}}, ["DEMO-1"]),
        ({"webhookEvent": "comment_created", "comment": {}, "issue": {"key": "DEMO-2"}}, ["DEMO-2"]),
        (
            {"webhookEvent": "issuelink_created", "issueLink": {"sourceIssueId": 10001, "destinationIssueId": 10002}},
            ["10001", "10002"],
        ),
        ({"webhookEvent": "attachment_created", "attachment": {"id": "1"}}, []),
        ({"webhookEvent": "jira:issue_updated", "issue": "odd"}, []),
    ],
)
def test_a_signed_delivery_names_its_issues(payload: dict[str, Any], issues: list[str]) -> None:
    headers, body = signed(payload)

    assert verify(SECRET, headers, body) == issues
    assert verify(SECRET, {name.lower(): value for name, value in headers.items()}, body) == issues
    assert identifier_of(headers) == "w-1"


def test_a_delivery_that_was_changed_on_its_way_is_refused() -> None:
    headers, body = signed({"issue": {"key": "DEMO-1"}})

    with pytest.raises(HookRefused):
        verify(SECRET, headers, body.replace(b"DEMO-1", b"DEMO-2"))


@pytest.mark.parametrize("secret", ["", "another secret"])
def test_a_delivery_under_another_secret_is_refused(secret: str) -> None:
    headers, body = signed({"issue": {"key": "DEMO-1"}}, secret)

    with pytest.raises(HookRefused):
        verify(SECRET, headers, body)


def test_nothing_passes_without_a_secret_or_a_signature() -> None:
    headers, body = signed({"issue": {"key": "DEMO-1"}}, "")

    with pytest.raises(HookRefused):
        verify("", headers, body)
    with pytest.raises(HookRefused):
        verify(SECRET, {}, body)
    assert identifier_of({}) == ""


@pytest.mark.parametrize("body", [b"", b"[]", b"{half", b'"text"'])
def test_a_signed_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    headers, body = signed(body)

    with pytest.raises(HookRefused):
        verify(SECRET, headers, body)
