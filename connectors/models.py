"""What a tenant can reach, and what was found there.

Secrets stand only in sealed columns (`connectors.credentials`); no other column, report or error holds one.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors.credentials import SealedTextField
from connectors.domain.systems import SystemId, find_system
from tenancy.scoping import OrganizationOwned


class Health(models.TextChoices):
    """What the last contact with a connector's platform showed."""

    UNKNOWN = "unknown", "Not tested"
    OK = "ok", "Working"
    FAILING = "failing", "Failing"


class Connector(OrganizationOwned):
    """A server and credentials, with an optional default project: the row behind every surface.

    `server` is an address in normal form, or a bare organization name for Azure DevOps. `settings` holds the
    parameters of connectors v2 that are neither address nor secret. `inaccessible` means never contacted.
    """

    name = models.CharField(max_length=200)
    system = models.CharField(max_length=30, help_text="An id of the registry of systems.")
    server = models.CharField(max_length=500, blank=True)
    owner = models.CharField(max_length=255, blank=True, help_text="Owner of the repositories, on GitHub.")
    account = models.CharField(max_length=255, blank=True, help_text="E-mail or user name, where there is one.")
    default_project = models.CharField(max_length=255, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    sealed_credentials = SealedTextField()
    credentials_expire_at = models.DateTimeField(null=True, blank=True)
    inaccessible = models.BooleanField(default=False, help_text="Never contacted from here.")
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.UNKNOWN)
    health_code = models.CharField(max_length=60, blank=True)
    health_message = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("organization", "system"), name="connector_by_system"),)

    def __str__(self) -> str:
        return self.name

    @property
    def system_id(self) -> SystemId:
        """The registry's id."""
        return SystemId(self.system)

    @property
    def runnable(self) -> bool:
        """Whether runs and synchronizations can use it at all."""
        return find_system(self.system).available


class AnalysisSystem(models.TextChoices):
    """Kinds of analysis tools, by their documented ids."""

    FORTIFY = "fortify", "Fortify"
    VERACODE = "veracode", "Veracode"
    CHECKMARX = "checkmarx", "Checkmarx"
    WHITEHAT = "whitehat", "WhiteHat"
    APPSCAN = "appscan", "AppScan"
    WEBINSPECT = "webinspect", "WebInspect"


class AnalysisConnector(OrganizationOwned):
    """An analysis tool that the organization has: listed for the clients that ask, never contacted. Made by staff."""

    name = models.CharField(max_length=200)
    system = models.CharField(max_length=30, choices=AnalysisSystem.choices)
    inaccessible = models.BooleanField(default=False, help_text="Never contacted from here.")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class ConnectorProject(OrganizationOwned):
    """One external project of a connector with the settings of its two modules.

    `metadata` is what the live system last told about types and fields, so that lists need no live call.
    """

    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="projects")
    external_id = models.CharField(max_length=255)
    key = models.CharField(max_length=255, help_text="What the system calls it in addresses and queries.")
    name = models.CharField(max_length=255)
    requirement_settings = models.JSONField(default=dict, blank=True)
    issue_settings = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    metadata_read_at = models.DateTimeField(null=True, blank=True)
    refresh_after = models.DateTimeField(null=True, blank=True, help_text="When the metadata is read again.")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("connector", "name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("connector", "external_id"), name="one_row_per_external_project"),
        )

    def __str__(self) -> str:
        return self.name


class ScanStatus(models.TextChoices):
    """As the audit endpoint names them."""

    PENDING = "PENDING", "Pending"
    RUNNING = "RUNNING", "Running"
    COMPLETED = "COMPLETED", "Completed"
    FAILED = "FAILED", "Failed"


UNFINISHED = (ScanStatus.PENDING, ScanStatus.RUNNING)


class Scan(OrganizationOwned):
    """One inventory of an external project and its report.

    `attempt` is the fence: each claim raises it, and a worker writes only while it is still its own. Credentials
    that came with the request are sealed here until the scan ends, and only then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connector = models.ForeignKey(Connector, null=True, blank=True, on_delete=models.SET_NULL, related_name="scans")
    migration_project = models.UUIDField(
        null=True, blank=True, help_text="The project of the migrations app that asked for it."
    )
    system = models.CharField(max_length=30)
    server = models.CharField(max_length=500)
    owner = models.CharField(max_length=255, blank=True)
    account = models.CharField(max_length=255, blank=True)
    external_project = models.CharField(max_length=255)
    sealed_credentials = SealedTextField()
    status = models.CharField(max_length=10, choices=ScanStatus.choices, default=ScanStatus.PENDING)
    total_items = models.PositiveIntegerField(default=0)
    read_items = models.PositiveIntegerField(default=0)
    report = models.JSONField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=("organization", "-created_at"), name="scan_newest"),
            models.Index(fields=("migration_project", "-created_at"), name="scan_newest_of_project"),
            models.Index(fields=("status",), condition=Q(status__in=UNFINISHED), name="scan_unfinished"),
        )

    def __str__(self) -> str:
        return f"{self.external_project} ({self.system})"

    @property
    def progress_percent(self) -> int:
        """The share of items read; 100 only once the report is there."""
        if self.status == ScanStatus.COMPLETED:
            return 100
        if not self.total_items:
            return 0
        return min(99, self.read_items * 100 // self.total_items)


class PriceList(OrganizationOwned):
    """An organization's own prices; without a row the default list applies. `rules` as in `domain.pricing`."""

    rules = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization",), name="one_price_list_each"),)

    def __str__(self) -> str:
        return f"Price list of {self.organization}"


class Mapping(OrganizationOwned):
    """How types, states, fields, links and people of one project become those of another, as people edit it.

    `version` grows with every change, so that two editors cannot overwrite each other unnoticed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    migration_project = models.UUIDField(null=True, blank=True)
    source_system = models.CharField(max_length=30)
    target_system = models.CharField(max_length=30)
    document = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "migration_project"),
                condition=Q(migration_project__isnull=False),
                name="one_mapping_per_project",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"
