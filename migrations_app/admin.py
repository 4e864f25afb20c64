"""The admin's view of projects and runs: to look, and to steer runs through the same services as everybody else.

A run's page shows what belongs to it a page at a time; `migrations_app.admin_below` lists the same for one run.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from connectors.domain.errors import DomainError
from migrations_app import services
from migrations_app.admin_below import BELOW_A_RUN, RUN
from migrations_app.admin_inlines import AttemptInline, EventInline, FollowUpInline, ItemInline, LedgerInline
from migrations_app.models import FollowUp, LedgerScope, MigrationRun, Project
from migrations_app.progress import percent_of
from tenancy.admin_base import ReadOnlyAdmin
from tenancy.models import Role, User
from tenancy.principal import Principal, Via

__all__ = ["BELOW_A_RUN", "RUN"]


@admin.register(Project)
class ProjectAdmin(ReadOnlyAdmin):
    """Projects; changed through the API or the console, where connectors are checked."""

    list_display = ("name", "status", "source_connector", "target_connector", "organization", "created_at")
    list_filter = ("status", "organization")
    list_select_related = ("organization", "source_connector", "target_connector")
    search_fields = ("name", "id")
    date_hierarchy = "created_at"
    readonly_fields = ("console",)

    @admin.display(description="console")
    def console(self, project: Project) -> SafeString:
        """Where its organization works with it."""
        return _to_console("migrations_console:project", project.pk)


@admin.register(MigrationRun)
class MigrationRunAdmin(ReadOnlyAdmin):
    """Runs: how far, why, who works on it. Nothing of their credentials."""

    list_display = ("id", "project", "type", "status", "progress", "failures", "organization", "created_at")
    list_filter = ("status", "type", "organization")
    list_select_related = ("project", "organization")
    search_fields = ("id", "project__name", "reason_code")
    date_hierarchy = "created_at"
    actions = ("pause", "resume", "cancel", "retry", "verify")
    inlines: ClassVar = [ItemInline, EventInline, LedgerInline, AttemptInline, FollowUpInline]
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "organization",
                    "project",
                    "type",
                    "status",
                    "parent_run",
                    "started_by",
                    "scope",
                    "below",
                    "console",
                )
            },
        ),
        (
            "Progress",
            {
                "fields": (
                    "progress",
                    "phase",
                    "total",
                    "outcomes",
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
    readonly_fields = ("below", "console", "progress", "outcomes", "details", "asked")

    @admin.display(description="progress")
    def progress(self, run: MigrationRun) -> str:
        """As the API tells it."""
        return f"{percent_of(run.finished, run.total, run.state)} % of {run.total}"

    @admin.display(description="outcomes")
    def outcomes(self, run: MigrationRun) -> str:
        """They add up, with what is pending, to the total."""
        names = ("created", "updated", "skipped", "partial", "failed")
        return ", ".join(f"{getattr(run, name):,} {name}" for name in names)

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

    @admin.display(description="console")
    def console(self, run: MigrationRun) -> SafeString:
        """The same run as its organization sees it, live."""
        return _to_console("migrations_console:run", run.pk)

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

    @admin.action(description="Retry what failed, in new runs", permissions=["steer"])
    def retry(self, request: HttpRequest, queryset: QuerySet[MigrationRun]) -> None:
        """One new run for each."""
        self._steer(request, queryset, services.retry_failed)

    @admin.action(description="Verify again", permissions=["steer"])
    def verify(self, request: HttpRequest, queryset: QuerySet[MigrationRun]) -> None:
        """Both sides are read again in the background."""
        self._steer(request, queryset, services.verify_again)

    def has_steer_permission(self, request: HttpRequest) -> bool:
        """Whoever may change runs."""
        return bool(request.user.has_perm("migrations_app.change_migrationrun"))

    def _steer(
        self, request: HttpRequest, queryset: QuerySet[MigrationRun], order: Callable[..., MigrationRun | FollowUp]
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


@admin.register(LedgerScope)
class LedgerScopeAdmin(ReadOnlyAdmin):
    """Ledgers: which source project goes into which target."""

    list_display = ("source", "target", "organization", "created_at")
    list_filter = ("organization",)
    list_select_related = ("organization",)
    search_fields = ("source", "target")


def _to_console(name: str, pk: Any) -> SafeString:
    return format_html(
        '<a href="{}">Open in the console</a> (for members of the organization)', reverse(name, args=[pk])
    )


def _pretty(value: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))
