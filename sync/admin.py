"""The admin's view of synchronizations: to look. They are steered through the API and the console.

Pairs come by the million: they are listed for one synchronization at a time, without counting the table.
"""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from sync.models import AsyncTask, HourlyCount, Matter, Pair, Synchronization, SynchronizationSide
from tenancy.admin_base import ReadOnlyAdmin


@admin.register(Synchronization)
class SynchronizationAdmin(ReadOnlyAdmin):
    """Synchronizations with what their last pass showed."""

    list_display = ("key", "summary", "status", "last_pass_at", "last_error_code", "lag_ms", "organization")
    list_filter = ("status", "organization")
    list_select_related = ("organization",)
    search_fields = ("summary",)


@admin.register(SynchronizationSide)
class SynchronizationSideAdmin(ReadOnlyAdmin):
    """The sides, without the address and secret of their webhooks."""

    list_display = ("key", "synchronization", "connector_project", "online", "error_code", "polled_at", "organization")
    list_filter = ("online", "organization")
    list_select_related = ("organization", "synchronization", "connector_project")
    search_fields = ("key",)
    exclude = ("hook_slug", "sealed_hook_secret")


@admin.register(Pair)
class PairAdmin(ReadOnlyAdmin):
    """Pairs of one synchronization; without one, none."""

    list_display = ("first_key", "second_key", "held", "deleted_at")
    exclude = ("sealed_base",)
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The list is reached by its synchronization."""
        return lookup == "synchronization__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pair]:
        """Only one synchronization's rows are ever listed; single rows are found by their number."""
        rows: QuerySet[Pair] = super().get_queryset(request).defer("sealed_base")
        listing = request.resolver_match is not None and request.resolver_match.url_name == "sync_pair_changelist"
        return rows.none() if listing and "synchronization__id__exact" not in request.GET else rows


@admin.register(Matter)
class MatterAdmin(ReadOnlyAdmin):
    """What waits for a person, without the values."""

    list_display = ("item", "kind", "code", "field", "status", "synchronization", "created_at", "organization")
    list_filter = ("status", "kind", "organization")
    list_select_related = ("organization", "synchronization")
    search_fields = ("item",)


@admin.register(AsyncTask)
class AsyncTaskAdmin(ReadOnlyAdmin):
    """Tasks and how far they are."""

    list_display = ("id", "kind", "synchronization", "progress", "started", "completed", "has_failed", "organization")
    list_filter = ("kind", "has_failed", "organization")
    list_select_related = ("organization", "synchronization")


@admin.register(HourlyCount)
class HourlyCountAdmin(ReadOnlyAdmin):
    """How much each synchronization carried."""

    list_display = ("synchronization", "hour", "direction", "changes", "errors")
    list_select_related = ("synchronization",)
