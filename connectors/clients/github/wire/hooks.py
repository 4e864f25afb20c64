"""Reading what GitHub's webhooks send. https://docs.github.com/webhooks/webhook-events-and-payloads

They only say that something happened: order is not guaranteed, nothing is tried again by itself, and what they tell may
be stale when it arrives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from connectors.clients.github.wire.payloads import Json
from connectors.clients.hooks import HookRefused, check_signature

SIGNATURE = "x-hub-signature-256"
DELIVERY = "x-github-delivery"
"""The same when a delivery is sent again."""
_FORM = "application/x-www-form-urlencoded"
_ISSUES = ("issue", "parent_issue", "sub_issue", "blocked_issue", "blocking_issue")


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> list[str]:
    """Numbers of the issues that a delivery is about, nothing where it names none (labels, a ping). Raises HookRefused.

    The signature covers the bytes as they are sent, whether they are JSON or a form.
    https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    """
    given = {name.lower(): value for name, value in headers.items()}
    check_signature(secret, given.get(SIGNATURE, ""), body)
    return issues_in(_payload(given.get("content-type", ""), body))


def delivery_of(headers: Mapping[str, str]) -> str:
    """What a delivery is recognised by when it is sent again; empty when it says nothing."""
    return next((value for name, value in headers.items() if name.lower() == DELIVERY), "")


def issues_in(payload: Mapping[str, Json]) -> list[str]:
    """Numbers of the issues that a payload names; pull requests, which are told by the same events, are none."""
    named = [payload.get(name) for name in _ISSUES]
    found = [each.get("number") for each in named if isinstance(each, dict) and not each.get("pull_request")]
    return list(dict.fromkeys(str(number) for number in found if isinstance(number, int)))


def _payload(content_type: str, body: bytes) -> Mapping[str, Json]:
    """Raises HookRefused for a body that holds no JSON object."""
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() == _FORM:
            text = parse_qs(text, strict_parsing=True)["payload"][0]
        payload = json.loads(text)
    except (ValueError, KeyError) as error:
        raise HookRefused("The body holds no JSON document.") from error
    if not isinstance(payload, dict):
        raise HookRefused("The body is no JSON object.")
    return payload
