"""Reading what Azure DevOps' service hooks send. https://learn.microsoft.com/azure/devops/service-hooks/events

They only say that something happened: a delivery comes at least once and in no order. The service signs nothing: what
proves it is the secret, sent as the password of HTTP Basic.
https://learn.microsoft.com/azure/devops/service-hooks/services/webhooks
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from connectors.clients.azure_devops.values import Json, as_int, as_object
from connectors.clients.hooks import HookRefused, check_password

EVENTS = ("workitem.created", "workitem.updated", "workitem.deleted", "workitem.restored", "workitem.commented")


def verify(secret: str, headers: Mapping[str, str], body: bytes) -> list[str]:
    """Ids of the work items that a delivery is about, nothing where it names none. Raises HookRefused."""
    given = {name.lower(): value for name, value in headers.items()}
    check_password(secret, given.get("authorization", ""))
    try:
        payload = json.loads(body.decode("utf-8-sig"))
    except ValueError as error:
        raise HookRefused("The body is no JSON document.") from error
    if not isinstance(payload, dict):
        raise HookRefused("The body is no JSON object.")
    return items_in(payload)


def delivery_of(body: Mapping[str, object]) -> str:
    """What a delivery is recognised by when it comes again: the id of its notification."""
    found = body.get("id")
    return found if isinstance(found, str) else ""


def items_in(payload: Json) -> list[str]:
    """The item of an event. An update is a resource of its own, whose `id` is not the item's."""
    if payload.get("eventType") not in EVENTS:
        return []
    resource = as_object(payload.get("resource"))
    named = resource.get("workItemId") if "workItemId" in resource else resource.get("id")
    number = as_int(named)
    return [str(number)] if number else []
