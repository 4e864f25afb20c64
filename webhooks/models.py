"""Webhooks and the log of their deliveries."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors.credentials import SealedTextField
from tenancy.scoping import OrganizationOwned


class Webhook(OrganizationOwned):
    """An address that is told of events. The secret that signs deliveries is sealed; it was shown once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    sealed_secret = SealedTextField()
    created_by = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("organization", "active"), name="webhook_active"),)

    def __str__(self) -> str:
        return self.name or self.url[:200]


class DeliveryStatus(models.TextChoices):
    """How far a delivery is."""

    PENDING = "PENDING", "Pending"
    DELIVERED = "DELIVERED", "Delivered"
    FAILED = "FAILED", "Failed"


class WebhookDelivery(OrganizationOwned):
    """One event for one webhook. `payload` is the very body that is sent and signed; the id travels in a header.

    A try is claimed by conditional update: it raises `attempts` and moves `next_attempt_at` behind the claim.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=60)
    payload = models.TextField()
    status = models.CharField(max_length=10, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    give_up_at = models.DateTimeField()
    response_status = models.PositiveIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    attempted_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        verbose_name_plural = "webhook deliveries"
        indexes = (
            models.Index(fields=("webhook", "-created_at"), name="delivery_newest"),
            models.Index(
                fields=("next_attempt_at",), condition=Q(status=DeliveryStatus.PENDING.value), name="delivery_due"
            ),
            models.Index(fields=("created_at",), name="delivery_age"),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
