"""The admin's view of connectors and scans: mostly to look. Secrets have no form field and no column here.

Writes that need a rule (credentials, prices) go through the services the API uses.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from connectors.domain.pricing import PriceRulesInvalid, parse_rules
from connectors.models import AnalysisConnector, Connector, ConnectorProject, Mapping, PriceList, Scan
from tenancy.admin_base import OrganizationScopedAdmin, ReadOnlyAdmin


@admin.register(Connector)
class ConnectorAdmin(OrganizationScopedAdmin):
    """Name and accessibility may be changed; whether a secret is stored is shown, never the secret."""

    list_display = ("name", "system", "server", "organization", "health", "checked_at", "inaccessible")
    list_filter = ("system", "health", "inaccessible")
    list_select_related = ("organization",)
    search_fields = ("name", "server")
    fields = (
        "organization",
        "name",
        "system",
        "server",
        "account",
        "default_project",
        "credentials",
        "credentials_expire_at",
        "inaccessible",
        "health",
        "health_code",
        "health_message",
        "checked_at",
        "created_by",
        "created_at",
        "updated_at",
    )
    readonly_fields = tuple(name for name in fields if name not in ("name", "inaccessible"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made through the API or the console, where credentials are checked."""
        return False

    @admin.display(description="credentials")
    def credentials(self, connector: Connector) -> str:
        """Whether there are any."""
        return "stored, encrypted" if connector.sealed_credentials else "none"


@admin.register(AnalysisConnector)
class AnalysisConnectorAdmin(OrganizationScopedAdmin):
    """Analysis tools: made and changed here, read over the API."""

    list_display = ("name", "system", "organization", "inaccessible")
    list_filter = ("system", "inaccessible")
    list_select_related = ("organization",)
    search_fields = ("name",)
    fields = ("organization", "name", "system", "inaccessible")

    def get_readonly_fields(self, request: HttpRequest, obj: AnalysisConnector | None = None) -> tuple[str, ...]:
        """A connector never moves to another organization."""
        return ("organization",) if obj else ()


@admin.register(ConnectorProject)
class ConnectorProjectAdmin(ReadOnlyAdmin):
    """External projects of connectors."""

    list_display = ("name", "key", "connector", "organization", "metadata_read_at")
    list_select_related = ("connector", "organization")
    search_fields = ("name", "key")


@admin.register(Scan)
class ScanAdmin(ReadOnlyAdmin):
    """Scans with their reports."""

    list_display = ("external_project", "system", "status", "progress", "organization", "created_at", "finished_at")
    list_filter = ("status", "system")
    list_select_related = ("organization",)
    search_fields = ("external_project", "server")
    date_hierarchy = "created_at"
    fields = (
        "organization",
        "connector",
        "system",
        "server",
        "external_project",
        "status",
        "progress",
        "total_items",
        "read_items",
        "error_code",
        "error_message",
        "attempt",
        "started_by",
        "created_at",
        "started_at",
        "finished_at",
        "formatted_report",
    )
    readonly_fields = fields

    @admin.display(description="progress")
    def progress(self, scan: Scan) -> str:
        """In percent."""
        return f"{scan.progress_percent} %"

    @admin.display(description="report")
    def formatted_report(self, scan: Scan) -> SafeString | str:
        """The stored report, indented."""
        if scan.report is None:
            return "–"
        return format_html("<pre>{}</pre>", json.dumps(scan.report, indent=2, ensure_ascii=False))


class PriceListForm(ModelForm):  # type: ignore[type-arg]
    """Refuses rules that no price could be computed by."""

    def clean_rules(self) -> Any:
        """Names every wrong part."""
        rules = self.cleaned_data["rules"]
        try:
            parse_rules(rules if isinstance(rules, dict) else {})
        except PriceRulesInvalid as error:
            raise ValidationError(
                [f"{part}: {text}" for part, texts in error.errors.items() for text in texts]
            ) from None
        return rules


@admin.register(PriceList)
class PriceListAdmin(OrganizationScopedAdmin):
    """An organization's own prices; without one the default list applies."""

    form = PriceListForm
    list_display = ("organization", "updated_at")
    list_select_related = ("organization",)

    def get_readonly_fields(self, request: HttpRequest, obj: PriceList | None = None) -> tuple[str, ...]:
        """A price list never moves to another organization."""
        return ("organization",) if obj else ()


@admin.register(Mapping)
class MappingAdmin(ReadOnlyAdmin):
    """Mappings as people edited them."""

    list_display = ("name", "source_system", "target_system", "version", "organization", "updated_at")
    list_select_related = ("organization",)
    search_fields = ("name",)
