"""Hooks and their deliveries as JSON. A secret is shown as stars."""

from __future__ import annotations

import json

from sandbox.github.models import Delivery, Hook, JsonObject, Repository
from sandbox.github.payload import stamp
from sandbox.github.wire import Wire

HIDDEN = "********"


def config_json(hook: Hook) -> JsonObject:
    """Where and how a hook is sent."""
    made: JsonObject = {"content_type": hook.content_type, "insecure_ssl": hook.insecure_ssl, "url": hook.url}
    if hook.secret:
        made["secret"] = HIDDEN
    return made


def hook_json(wire: Wire, repository: Repository, hook: Hook) -> JsonObject:
    """A hook with what became of its last delivery."""
    base = f"{wire.repository_url(repository)}/hooks/{hook.id}"
    last = next((delivery for delivery in hook.deliveries if delivery.delivered is not None), None)
    return {
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": config_json(hook),
        "updated_at": stamp(hook.updated),
        "created_at": stamp(hook.created),
        "url": base,
        "test_url": f"{base}/test",
        "ping_url": f"{base}/pings",
        "deliveries_url": f"{base}/deliveries",
        "last_response": {
            "code": last.status_code if last else None,
            "status": "unused" if last is None else "active" if last.status_code else "misconfigured",
            "message": last.status if last else None,
        },
    }


def delivery_json(repository: Repository, delivery: Delivery) -> JsonObject:
    """A delivery in a list."""
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": stamp(delivery.delivered if delivery.delivered is not None else delivery.created),
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": delivery.status,
        "status_code": delivery.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": None,
        "repository_id": repository.id,
    }


def full_delivery_json(repository: Repository, hook: Hook, delivery: Delivery) -> JsonObject:
    """A delivery on its own, with what was sent and answered."""
    return {
        **delivery_json(repository, delivery),
        "url": hook.url,
        "request": {"headers": delivery.headers, "payload": json.loads(delivery.body)},
        "response": {"headers": delivery.answer_headers, "payload": delivery.answer},
    }
