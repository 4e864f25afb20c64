"""Bodies of webhooks. The secret comes in, is told once when the webhook is made, and is masked ever after."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import serializers

from tenancy.audit import MASK
from webhooks.events import EVENTS, PATTERNS
from webhooks.models import DeliveryStatus, Webhook, WebhookDelivery
from webhooks.services import LONGEST_SECRET, LONGEST_URL, WebhookChanges

_EVENTS_HELP = f"Any of {', '.join((*PATTERNS, *EVENTS))}."


class NewWebhookBody(serializers.Serializer[None]):
    """A webhook to be made."""

    url = serializers.CharField(max_length=LONGEST_URL, help_text="An https address.")
    events = serializers.ListField(child=serializers.CharField(max_length=60), help_text=_EVENTS_HELP)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    active = serializers.BooleanField(default=True)
    secret = serializers.CharField(
        max_length=LONGEST_SECRET, required=False, write_only=True, help_text="Made for you when left out."
    )


class WebhookChangesBody(serializers.Serializer[None]):
    """What may be changed; the mask sent back as `secret` keeps it."""

    url = serializers.CharField(max_length=LONGEST_URL, required=False)
    events = serializers.ListField(child=serializers.CharField(max_length=60), required=False, help_text=_EVENTS_HELP)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    active = serializers.BooleanField(required=False)
    secret = serializers.CharField(max_length=LONGEST_SECRET, required=False, write_only=True)


class WebhookShown(serializers.Serializer[None]):
    """A webhook as it is answered; `secret` in clear only to whoever made it, in that one answer."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    active = serializers.BooleanField()
    secret = serializers.CharField()
    createdBy = serializers.CharField(allow_null=True)
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField()


class WebhookDeliveryShown(serializers.Serializer[None]):
    """One event for one webhook, and how far it got."""

    id = serializers.UUIDField()
    event = serializers.CharField()
    status = serializers.ChoiceField(choices=DeliveryStatus.choices)
    attempts = serializers.IntegerField()
    responseStatus = serializers.IntegerField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    payload = serializers.DictField()
    createdAt = serializers.DateTimeField()
    attemptedAt = serializers.DateTimeField(allow_null=True)
    nextAttemptAt = serializers.DateTimeField(allow_null=True)
    deliveredAt = serializers.DateTimeField(allow_null=True)


def read_changes(body: dict[str, Any]) -> WebhookChanges:
    """A validated body as changes."""
    secret = body.get("secret")
    return WebhookChanges(
        name=body.get("name"),
        url=body.get("url"),
        events=body.get("events"),
        active=body.get("active"),
        secret=None if secret == MASK else secret,
    )


def show_webhook(webhook: Webhook, *, secret: str = MASK) -> dict[str, Any]:
    """A webhook as answered."""
    return {
        "id": str(webhook.pk),
        "name": webhook.name,
        "url": webhook.url,
        "events": webhook.events,
        "active": webhook.active,
        "secret": secret,
        "createdBy": webhook.created_by.email if webhook.created_by else None,
        "createdAt": webhook.created_at,
        "updatedAt": webhook.updated_at,
    }


def show_delivery(delivery: WebhookDelivery) -> dict[str, Any]:
    """A delivery as answered."""
    return {
        "id": str(delivery.pk),
        "event": delivery.event,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "responseStatus": delivery.response_status,
        "error": delivery.error_message or None,
        "code": delivery.error_code or None,
        "payload": json.loads(delivery.payload),
        "createdAt": delivery.created_at,
        "attemptedAt": delivery.attempted_at,
        "nextAttemptAt": delivery.next_attempt_at,
        "deliveredAt": delivery.delivered_at,
    }
