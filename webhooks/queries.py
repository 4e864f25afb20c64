"""Reads. Every one starts from an organization; what belongs to another one does not exist (404)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from connectors.domain.errors import DomainError
from tenancy.models import Organization
from webhooks.models import Webhook, WebhookDelivery


def webhooks_of(organization: Organization) -> QuerySet[Webhook]:
    """The organization's webhooks, the newest first, with who made them."""
    return Webhook.objects.for_organization(organization).select_related("created_by")


def webhooks_with_newest_delivery(organization: Organization) -> QuerySet[Webhook]:
    """The same, each with its newest delivery's `last_status`, `last_error` and `last_at`, None without one."""
    newest = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).order_by("-created_at", "-pk")
    return webhooks_of(organization).annotate(
        last_status=Subquery(newest.values("status")[:1]),
        last_error=Subquery(newest.values("error_message")[:1]),
        last_at=Subquery(newest.values("created_at")[:1]),
    )


def find_webhook(organization: Organization, webhook_id: UUID) -> Webhook:
    """One webhook. Raises DomainError WEBHOOK_NOT_FOUND."""
    found = webhooks_of(organization).filter(pk=webhook_id).first()
    if found is None:
        raise DomainError("WEBHOOK_NOT_FOUND", f"Webhook {webhook_id} not found", status=404)
    return found


def deliveries_of(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    """A webhook's deliveries, the newest first."""
    return WebhookDelivery.objects.filter(webhook=webhook).order_by("-created_at", "-pk")


def find_delivery(webhook: Webhook, delivery_id: UUID) -> WebhookDelivery:
    """One delivery. Raises DomainError DELIVERY_NOT_FOUND."""
    found = deliveries_of(webhook).filter(pk=delivery_id).first()
    if found is None:
        raise DomainError("DELIVERY_NOT_FOUND", f"Delivery {delivery_id} not found", status=404)
    return found
