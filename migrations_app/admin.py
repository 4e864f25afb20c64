"""The admin's view of projects and runs: to look, and to steer runs through the same services as everybody else.

Items, events and ledger entries come by the million. They are listed for one run at a time, a page at a time, without
counting the whole table; their pages are reached from the run.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from connectors.domain.errors import DomainError
from migrations_app import services
from migrations_app.engine.state import EffectKind
from migrations_app.models import (
    LedgerEntry,
    LedgerScope,
    MigrationRun,
    Project,
    RunAttempt,
    RunEvent,
    RunItem,
    VerificationDifference,
)
from migrations_app.progress import percent_of
from tenancy.admin_base import ReadOnlyAdmin, visible_rows
from tenancy.models import Role, User
from tenancy.principal import Principal, Via

PER_PAGE = 100
MOST_LISTED = 10_000
RUN = "run__id__exact"
BELOW_A_RUN = (
    ("items", RunItem),
    ("events", RunEvent),
    ("ledger entries", LedgerEntry),
    ("differences", VerificationDifference),
    ("attempts", RunAttempt),
)


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    """Projects; changed through the API or the console, where connectors are checked."""

    list_display = ("name", "status", "source_connector", "target_connector", "organization", "created_at")
    list_filter = ("status", "organization")
    list_select_related = ("organization", "source_connector", "target_connector")
    search_fields = ("name", "id")
    date_hierarchy = "created_at"


@admin.register(MigrationRun)
class MigrationRunAdmin(ReadOnlyAdmin):
    """Runs: how far, why, who works on it. Nothing of their credentials."""

    list_display = ("id", "project", "type", "status", "progress", "failures", "organization", "created_at")
    list_filter = ("status", "type", "organization")
    list_select_related = ("project", "organization")
    search_fields = ("id", "project__name", "reason_code")
    date_hierarchy = "created_at"
    actions = ("pause", "resume", "cancel")
    fieldsets = (
        (None, {"fields": ("organization", "project", "type", "status", "parent_run", "started_by", "scope", "below")}),
        (
            "Progress",
            {
                "fields": (
                    "progress",
                    "phase",
                    "total",
                    ("created", "updated", "skipped", "partial", "failed"),
                    ("source_requests", "target_requests"),
                    ("reason_code", "reason_message"),
                    "details",
                )
            },
        ),
        (
            "Times",
            {"fields": ("created_at", "started_at", "finished_at", "resume_at", "trouble_since")},
        ),
        ("Worker", {"fields": ("attempt", "worker", "lease_until", "control", "enqueued_at", "event_seq")}),
        ("What was asked", {"fields": ("asked", "source_connector", "target_connector")}),
    )
    readonly_fields = ("below", "progress", "details", "asked")

    @admin.display(description="progress")
    def progress(self, run: MigrationRun) -> str:
        """As the API tells it."""
        return f"{percent_of(run.finished, run.total, run.state)} % of {run.total}"

    @admin.display(description="failures")
    def failures(self, run: MigrationRun) -> int:
        """Partial and failed items."""
        return run.partial + run.failed

    @admin.display(description="details")
    def details(self, run: MigrationRun) -> SafeString:
        """Findings and the like."""
        return _pretty(run.reason_details)

    @admin.display(description="configuration")
    def asked(self, run: MigrationRun) -> SafeString:
        """The stored configuration; it holds no secret."""
        return _pretty(run.config)

    @admin.display(description="below this run")
    def below(self, run: MigrationRun) -> SafeString:
        """Links to everything that comes by the million."""
        links = SafeString("")
        for words, model in BELOW_A_RUN:
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            query = urlencode({RUN: str(run.pk)})
            links += format_html('<a href="{}?{}">{}</a> &nbsp; ', address, query, words)
        return links

    @admin.action(description="Pause", permissions=["steer"])
    def pause(self, request: HttpRequest, queryset: QuerySet[MigrationRun]) -> None:
        """At the next checkpoint of each."""
        self._steer(request, queryset, services.pause_run)

    @admin.action(description="Resume", permissions=["steer"])
    def resume(self, request: HttpRequest, queryset: QuerySet[MigrationRun]) -> None:
        """From the checkpoint of each."""
        self._steer(request, queryset, services.resume_run)

    @admin.action(description="Cancel for good", permissions=["steer"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[MigrationRun]) -> None:
        """What was moved stays."""
        self._steer(request, queryset, services.cancel_run)

    def has_steer_permission(self, request: HttpRequest) -> bool:
        """Whoever may change runs."""
        return bool(request.user.has_perm("migrations_app.change_migrationrun"))

    def _steer(
        self, request: HttpRequest, queryset: QuerySet[MigrationRun], order: Callable[..., MigrationRun]
    ) -> None:
        """One after the other; a run that cannot obey says why, the others go on."""
        if not isinstance(request.user, User):
            return
        for run in queryset.select_related("organization"):
            # Support acts with an administrator's role in the run's organization, under its own name.
            by = Principal(request.user, run.organization, Role.ADMIN, Via.SESSION)
            try:
                after = order(run.pk, by=by)
            except DomainError as error:
                self.message_user(request, error.message, messages.WARNING)
            else:
                self.message_user(request, f"{after}: {after.status}")


class ShortPaginator(Paginator):  # type: ignore[type-arg]  # generic for the type checker only
    """Counts no further than somebody would leaf: exact counts of a million rows take longer than the page."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, or `MOST_LISTED` when there are more."""
        rows = self.object_list
        return rows.order_by()[:MOST_LISTED].count() if isinstance(rows, QuerySet) else len(rows)


class BelowRunAdmin(ReadOnlyAdmin):
    """Rows of one run. Without a run the list is empty: nobody reads through a million rows of everybody."""

    list_per_page = PER_PAGE
    show_full_result_count = False
    paginator = ShortPaginator
    exact_search: tuple[str, ...] = ()
    search_fields = ("pk",)  # shows the search field; `get_search_results` does the search

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The run's rows on a list, visible rows elsewhere."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        if match is None or not (match.url_name or "").endswith("_changelist"):
            return rows
        run = _named_run(request)
        return rows.filter(run=run) if run is not None else rows.none()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The run is named in the address without being a filter: offering all runs would read the whole table."""
        return lookup == RUN or bool(super().lookup_allowed(lookup, value, request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole values only: they have indexes, parts of words do not."""
        term = search_term.strip().removeprefix("#")
        if not term:
            return queryset, False
        wanted = Q()
        for name in self.exact_search:
            wanted |= Q(**{name: term})
        return queryset.filter(wanted), False


@admin.register(RunItem)
class RunItemAdmin(BelowRunAdmin):
    """Items of a run, by outcome, type and key."""

    list_display = ("source", "type", "title", "outcome", "stage", "target_key", "verified")
    list_filter = ("outcome", "stage")
    exact_search = ("source", "target_key", "type")
    search_help_text = "A whole id, key or type."
    ordering = ("position",)


@admin.register(RunEvent)
class RunEventAdmin(BelowRunAdmin):
    """The log of a run."""

    list_display = ("seq", "kind", "data", "created_at")
    exact_search = ("kind",)
    search_help_text = "A kind of event."
    ordering = ("seq",)


class KindFilter(admin.SimpleListFilter):
    """Kinds as the engine knows them: asking the table which ones occur would read all of it."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """All of them."""
        return [(kind.value, kind.value.replace("_", " ")) for kind in EffectKind]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """One of them."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(LedgerEntry)
class LedgerEntryAdmin(BelowRunAdmin):
    """Effects that a run made last."""

    list_display = ("kind", "source", "state", "target_key", "target_id", "scope")
    list_filter = (KindFilter, "state")
    list_select_related = ("scope",)
    exact_search = ("item", "source")
    search_help_text = "A source item's id, or a whole source."
    ordering = ("pk",)


@admin.register(VerificationDifference)
class VerificationDifferenceAdmin(BelowRunAdmin):
    """What verification found."""

    list_display = ("item", "target_key", "field", "code", "source_value", "target_value")
    exact_search = ("item", "target_key", "code")
    search_help_text = "A whole id, key or code."
    ordering = ("pk",)


@admin.register(RunAttempt)
class RunAttemptAdmin(BelowRunAdmin):
    """Who worked on a run, and how each slice ended."""

    list_display = ("attempt", "worker", "started_at", "ended_at", "how")
    exact_search = ("worker", "how")
    ordering = ("attempt",)


@admin.register(LedgerScope)
class LedgerScopeAdmin(ReadOnlyAdmin):
    """Ledgers: which source project goes into which target."""

    list_display = ("source", "target", "organization", "created_at")
    list_filter = ("organization",)
    list_select_related = ("organization",)
    search_fields = ("source", "target")


def _named_run(request: HttpRequest) -> MigrationRun | None:
    try:
        run_id = UUID(request.GET.get(RUN, ""))
    except ValueError:
        return None
    return visible_rows(MigrationRun, request, MigrationRun.objects.all()).filter(pk=run_id).first()


def _pretty(value: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))
