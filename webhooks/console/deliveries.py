"""One webhook with the log of its deliveries, and delivering again."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from tenancy.console.base import ConsoleView
from tenancy.permissions import Action
from webhooks import queries, services
from webhooks.models import DeliveryStatus


class WebhookView(ConsoleView):
    """A webhook: its settings and what it was told."""

    section = "webhooks"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A page of deliveries, the newest first, all or those of one status."""
        webhook = queries.find_webhook(self.organization, pk)
        wanted = request.GET.get("status", "")
        found = queries.deliveries_of(webhook).defer("payload")
        if wanted in DeliveryStatus.values:
            found = found.filter(status=wanted)
        return self.page(
            "console/webhooks/webhook.html",
            webhook=webhook,
            page=self.paged(found),
            status_wanted=wanted,
            statuses=DeliveryStatus.choices,
        )


class DeliveryView(ConsoleView):
    """One delivery: the very body that was sent, and how it went."""

    section = "webhooks"
    post_action = Action.MANAGE_WEBHOOKS

    def get(self, request: HttpRequest, pk: UUID, delivery: UUID) -> HttpResponse:
        """Everything about it."""
        webhook = queries.find_webhook(self.organization, pk)
        found = queries.find_delivery(webhook, delivery)
        body = json.dumps(json.loads(found.payload), indent=2, ensure_ascii=False)
        return self.page("console/webhooks/delivery.html", webhook=webhook, delivery=found, body=body)

    def post(self, request: HttpRequest, pk: UUID, delivery: UUID) -> HttpResponse:
        """Tell it again: the same body under the same id."""
        webhook = queries.find_webhook(self.organization, pk)
        found = queries.find_delivery(webhook, delivery)
        services.redeliver(found, by=self.principal)
        self.say("The event is being sent again. Load the page again to see how it went.", kind="info")
        return self.go("webhooks_console:delivery", pk=pk, delivery=delivery)
