"""The admin's lists of what comes by the million: items, events, ledger entries, differences.

They are listed for one run at a time, a page at a time, without counting the whole table, and every filter and search
stands on an index. Their pages are reached from the run.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from migrations_app.admin_inlines import shortened, told_by
from migrations_app.engine.state import EffectKind
from migrations_app.follow_up_models import FollowUp, RollbackItem
from migrations_app.models import (
    LedgerEntry,
    MigrationRun,
    RunAttempt,
    RunEvent,
    RunItem,
    RunPreview,
    VerificationDifference,
)
from tenancy.admin_base import ReadOnlyAdmin, visible_rows

PER_PAGE = 50
RUN = "run__id__exact"
BELOW_A_RUN = (
    ("items", RunItem),
    ("events", RunEvent),
    ("ledger entries", LedgerEntry),
    ("differences", VerificationDifference),
    ("attempts", RunAttempt),
)


class BelowRunAdmin(ReadOnlyAdmin):
    """Rows of one run. Without a run the list is empty: nobody reads through a million rows of everybody."""

    list_per_page = PER_PAGE
    show_facets = admin.ShowFacets.NEVER
    list_select_related: tuple[str, ...] = ("run",)
    exact_search: tuple[str, ...] = ()
    search_fields = ("pk",)  # shows the search field; `get_search_results` does the search

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The run's rows on a list, visible rows elsewhere."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        if match is None or not (match.url_name or "").endswith("_changelist"):
            return rows
        run = _named_run(request)
        return self.rows_of(run, rows) if run is not None else rows.none()

    def rows_of(self, run: MigrationRun, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the run."""
        return rows.filter(run=run)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The run is named in the address without being a filter: offering all runs would read the whole table."""
        return lookup == RUN or bool(super().lookup_allowed(lookup, value, request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Whole values only, in the first column that has one: each has an index, parts of words have none."""
        term = search_term.strip().removeprefix("#")
        if not term:
            return queryset, False
        for name in self.exact_search[:-1]:
            found = queryset.filter(**{name: term})
            if found.exists():
                return found, False
        return queryset.filter(**{self.exact_search[-1]: term}), False


@admin.register(RunItem)
class RunItemAdmin(BelowRunAdmin):
    """Items of a run, by outcome, type and key."""

    list_display = ("source", "type", "title", "outcome", "stage", "target_key", "verified")
    list_filter = ("outcome",)
    exact_search = ("source", "target_key", "type")
    search_help_text = "A whole id, key or type."
    ordering = ("position",)


@admin.register(RunEvent)
class RunEventAdmin(BelowRunAdmin):
    """The log of a run."""

    list_display = ("seq", "kind", "told", "created_at")
    exact_search = ("seq__gte",)
    search_help_text = "The number of an event: the list begins there."
    ordering = ("seq",)

    @admin.display(description="data")
    def told(self, event: RunEvent) -> str:
        """The message, else the data as they are."""
        return told_by(event)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Nothing for what is no number."""
        if search_term.strip() and not (search_term.strip().isascii() and search_term.strip().isdigit()):
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term[:18])


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
    list_filter = (KindFilter,)
    list_select_related = ("scope", "run")
    exact_search = ("item",)
    search_help_text = "A source item's id."
    ordering = ("kind", "source")

    def rows_of(self, run: MigrationRun, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The run's scope says nothing new, but the indexes for kinds and items begin with it."""
        return rows.filter(run=run, scope=run.scope_id)


@admin.register(VerificationDifference)
class VerificationDifferenceAdmin(BelowRunAdmin):
    """What verification found."""

    list_display = ("item", "target_key", "field", "code", "in_source", "in_target")
    exact_search = ("item", "target_key", "code")
    search_help_text = "A whole id, key or code."
    ordering = ("pk",)

    @admin.display(description="in the source")
    def in_source(self, found: VerificationDifference) -> str:
        """The beginning of it."""
        return shortened(found.source_value)

    @admin.display(description="in the target")
    def in_target(self, found: VerificationDifference) -> str:
        """The beginning of it."""
        return shortened(found.target_value)


@admin.register(RunAttempt)
class RunAttemptAdmin(BelowRunAdmin):
    """Who worked on a run, and how each slice ended."""

    list_display = ("attempt", "worker", "started_at", "ended_at", "how")
    exact_search = ("worker", "how")
    search_help_text = "A whole name of a worker, or how a slice ended."
    ordering = ("attempt",)


@admin.register(RunPreview)
class RunPreviewAdmin(BelowRunAdmin):
    """What a dry run would have sent; it goes after 14 days."""

    list_display = ("source", "created_at")
    exact_search = ("source",)
    search_help_text = "A whole id."
    ordering = ("pk",)


@admin.register(FollowUp)
class FollowUpAdmin(ReadOnlyAdmin):
    """Verifications and rollbacks of ended runs."""

    list_display = ("id", "kind", "status", "run", "requested_by", "organization", "created_at", "finished_at")
    list_filter = ("kind", "status", "organization")
    list_select_related = ("run", "requested_by", "organization")
    search_fields = ("run__project__name", "reason_code")


@admin.register(RollbackItem)
class RollbackItemAdmin(ReadOnlyAdmin):
    """What rollbacks did with each issue."""

    list_display = ("target_key", "item", "outcome", "code", "message", "organization")
    list_filter = ("outcome", "organization")
    list_select_related = ("organization",)
    search_fields = ("=target_key", "=item")
    search_help_text = "A whole key or id."
    show_facets = admin.ShowFacets.NEVER


def _named_run(request: HttpRequest) -> MigrationRun | None:
    try:
        run_id = UUID(request.GET.get(RUN, ""))
    except ValueError:
        return None
    return visible_rows(MigrationRun, request, MigrationRun.objects.all()).filter(pk=run_id).first()
