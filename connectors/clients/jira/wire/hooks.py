"""Reading what Jira's webhooks send. https://developer.atlassian.com/cloud/jira/platform/webhooks/

They only say that something happened: order is not guaranteed, and what they tell may be stale when it arrives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from connectors.clients.hooks import HookRefused, check_signature
from connectors.clients.jira.wire.payloads import Json

SIGNATURE = "x-hub-signature"
IDENTIFIER = "x-atlassian-webhook-identifier"
"""The same for every try of one delivery."""


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> list[str]:
    """Keys of the issues that a delivery is about; ids where it does not tell keys (links), nothing where it tells
    neither (files, sprints). Raises HookRefused.

    Only a webhook that has a secret signs; one without is refused here.
    """
    given = {name.lower(): value for name, value in headers.items()}
    check_signature(secret, given.get(SIGNATURE, ""), body)
    try:
        payload = json.loads(body)
    except ValueError as error:
        raise HookRefused("The body is no JSON document.") from error
    if not isinstance(payload, dict):
        raise HookRefused("The body is no JSON object.")
    return issues_in(payload)


def identifier_of(headers: Mapping[str, str]) -> str:
    """What a delivery is recognised by when it is tried again; empty when it says nothing."""
    return next((value for name, value in headers.items() if name.lower() == IDENTIFIER), "")


def issues_in(payload: Mapping[str, Json]) -> list[str]:
    """Keys, or ids, of the issues that a payload names."""
    issue, link = payload.get("issue"), payload.get("issueLink")
    named: list[Json] = []
    if isinstance(issue, dict):
        named.append(issue.get("key") or issue.get("id"))
    if isinstance(link, dict):
        named += [link.get("sourceIssueId"), link.get("destinationIssueId")]
    return list(dict.fromkeys(str(each) for each in named if isinstance(each, str | int) and each != ""))
