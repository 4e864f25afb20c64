"""The admin's view of webhooks and deliveries: to look, and to deliver again. The secret has no field here."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from tenancy.admin_base import OrganizationScopedAdmin, ReadOnlyAdmin
from webhooks.models import Webhook, WebhookDelivery


@admin.register(Webhook)
class WebhookAdmin(OrganizationScopedAdmin):
    """Staff may rename a webhook and switch it off; addresses and secrets are the tenant's."""

    list_display = ("__str__", "url", "active", "organization", "created_at")
    list_filter = ("active",)
    list_select_related = ("organization",)
    search_fields = ("name", "url")
    fields = ("organization", "name", "url", "events", "active", "created_by", "created_at", "updated_at")
    readonly_fields = tuple(name for name in fields if name not in ("name", "active"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made through the API or the console, where addresses are checked."""
        return False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """The delivery log."""

    list_display = ("event", "webhook", "status", "attempts", "response_status", "error_code", "created_at")
    list_filter = ("status", "event")
    list_select_related = ("webhook",)
    date_hierarchy = "created_at"
