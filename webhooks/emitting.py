"""From something that happened to deliveries that wait: the one call that other apps make.

It belongs into the transaction that makes the event true: then a delivery exists exactly when the change does. A queue
that is away costs seconds (the sweep finds the delivery), never the caller's transaction.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from tenancy.queueing import enqueue_if_possible
from webhooks.events import EVENTS, is_subscribed
from webhooks.models import Webhook, WebhookDelivery

JOB = "webhooks.jobs.deliver"
QUEUE = "default"
TRIED_FOR = timedelta(days=1)


def emit(organization_id: uuid.UUID, event: str, data: Mapping[str, Any]) -> int:
    """Have everybody told who subscribed to the event. Returns how many that are."""
    if event not in EVENTS:
        raise ValueError(f"There is no event {event!r}")
    webhooks = Webhook.objects.filter(organization_id=organization_id, active=True)
    listening = [webhook for webhook in webhooks if is_subscribed(webhook.events, event)]
    if listening:
        deliveries = [_delivery(webhook, event, data) for webhook in listening]
        WebhookDelivery.objects.bulk_create(deliveries)
        for delivery in deliveries:
            hand_over(delivery)
    return len(listening)


def hand_over(delivery: WebhookDelivery) -> None:
    """Order the next try, after the commit."""
    enqueue_if_possible(QUEUE, JOB, str(delivery.pk), job_id=f"webhook-{delivery.pk}")


def _delivery(webhook: Webhook, event: str, data: Mapping[str, Any]) -> WebhookDelivery:
    now, pk = timezone.now(), uuid.uuid4()
    body = {
        "id": str(pk),
        "event": event,
        "createdAt": now,
        "organizationId": str(webhook.organization_id),
        "data": data,
    }
    return WebhookDelivery(
        pk=pk,
        organization_id=webhook.organization_id,
        webhook=webhook,
        event=event,
        payload=json.dumps(body, cls=DjangoJSONEncoder),
        next_attempt_at=now,
        give_up_at=now + TRIED_FOR,
        created_at=now,
    )
