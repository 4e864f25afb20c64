"""What a move consists of: projects, runs, the items of a run, and the ledger of effects on the target.

Rows of a running run are written by one worker at a time, which proves itself with `MigrationRun.attempt`
(`migrations_app.store`); everything else changes a run by conditional update on its status.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors.credentials import SealedTextField
from connectors.domain.systems import SystemId
from migrations_app.engine.state import ACTIVE, Control, EffectState, ItemStage, Outcome, RunStatus, RunType
from migrations_app.follow_up_models import FollowUp, FollowUpKind, FollowUpStatus, RollbackItem
from tenancy.scoping import BulkOwned, OrganizationOwned

__all__ = [
    "ACTIVE_STATUSES",
    "SOURCES",
    "TARGETS",
    "BulkOwned",
    "FollowUp",
    "FollowUpKind",
    "FollowUpStatus",
    "LedgerEntry",
    "LedgerScope",
    "MigrationRun",
    "Project",
    "ProjectStatus",
    "RollbackItem",
    "RunAttempt",
    "RunEvent",
    "RunItem",
    "RunPreview",
    "System",
    "VerificationDifference",
]

ACTIVE_STATUSES = sorted(status.value for status in ACTIVE)


class ProjectStatus(models.TextChoices):
    """How far a project is, as its documents name it. There is no PAUSED and no PARTIAL here."""

    DRAFT = "DRAFT", "Draft"
    CONNECTED = "CONNECTED", "Connected"
    SCANNED = "SCANNED", "Scanned"
    MAPPED = "MAPPED", "Mapped"
    READY = "READY", "Ready"
    MIGRATING = "MIGRATING", "Migrating"
    COMPLETED = "COMPLETED", "Completed"
    FAILED = "FAILED", "Failed"
    CANCELLED = "CANCELLED", "Cancelled"


class System(models.TextChoices):
    """The ends that projects name."""

    AZURE_DEVOPS = "AZURE_DEVOPS", "Azure DevOps"
    JIRA = "JIRA", "Jira Cloud"
    GITHUB = "GITHUB", "GitHub"

    @property
    def id(self) -> SystemId:
        """The system as connectors call it."""
        return SystemId(self.value.lower())


SOURCES = (System.AZURE_DEVOPS, System.GITHUB)
TARGETS = (System.JIRA, System.GITHUB)


class Project(OrganizationOwned):
    """The tenant's unit of work: one source project to be moved into one target project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    source_system = models.CharField(max_length=20, choices=System.choices, default=System.AZURE_DEVOPS)
    target_system = models.CharField(max_length=20, choices=System.choices, default=System.JIRA)
    status = models.CharField(max_length=10, choices=ProjectStatus.choices, default=ProjectStatus.DRAFT)
    source_connector = models.ForeignKey(
        "connectors.Connector", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    target_connector = models.ForeignKey(
        "connectors.Connector", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("organization", "-created_at"), name="project_newest"),)

    def __str__(self) -> str:
        return self.name


class LedgerScope(OrganizationOwned):
    """Where effects are unique: one source project into one target project, for one organization.

    Both ends are normalised addresses (`migrations_app.scopes`), so that two spellings of one place share a ledger.
    """

    source = models.CharField(max_length=600)
    target = models.CharField(max_length=600)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "source", "target"), name="one_ledger"),)

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"


class MigrationRun(OrganizationOwned):
    """One execution of moving items. Few states decide, reason codes explain.

    `attempt` is the fence: each claim raises it, and a worker may write only while it is still its own. `control` is
    the user's wish, obeyed at the worker's next commit. `event_seq` is the number of the last event.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    scope = models.ForeignKey(LedgerScope, on_delete=models.RESTRICT, related_name="runs")
    parent_run = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")
    type = models.CharField(max_length=11, choices=[(t.value, t.value.capitalize()) for t in RunType])
    status = models.CharField(
        max_length=9, choices=[(s.value, s.value.capitalize()) for s in RunStatus], default=RunStatus.PENDING.value
    )
    started_by = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    # What was asked. `config` holds no secret; credentials come from connectors or are sealed here.
    config = models.JSONField(default=dict)
    source_connector = models.ForeignKey(
        "connectors.Connector", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    target_connector = models.ForeignKey(
        "connectors.Connector", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    sealed_credentials = SealedTextField()
    idempotency_key = models.CharField(max_length=255, blank=True, editable=False)
    body_digest = models.CharField(max_length=64, blank=True, editable=False)

    project_status_before = models.CharField(
        max_length=10, choices=ProjectStatus.choices, default=ProjectStatus.DRAFT, editable=False
    )

    # Who works on it, until when, and what the user wants.
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    control = models.CharField(max_length=6, choices=[(c.value, c.value) for c in Control], default=Control.GO.value)
    enqueued_at = models.DateTimeField(null=True, blank=True)
    resume_at = models.DateTimeField(null=True, blank=True)
    trouble_since = models.DateTimeField(null=True, blank=True)

    # How far it is. The outcomes and what is pending add up to the total at every moment.
    phase = models.PositiveSmallIntegerField(default=1)
    total = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    partial = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    source_requests = models.PositiveIntegerField(default=0)
    target_requests = models.PositiveIntegerField(default=0)
    reason_code = models.CharField(max_length=60, blank=True)
    reason_message = models.TextField(blank=True)
    reason_details = models.JSONField(default=dict)
    checkpoint = models.JSONField(default=dict)
    event_seq = models.PositiveBigIntegerField(default=0)

    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("project",), condition=Q(status__in=ACTIVE_STATUSES), name="one_active_run_per_project"
            ),
            # Two projects on one target would race for the same items.
            models.UniqueConstraint(
                fields=("scope",), condition=Q(status__in=ACTIVE_STATUSES), name="one_active_run_per_ledger"
            ),
            models.UniqueConstraint(
                fields=("project", "idempotency_key"), condition=~Q(idempotency_key=""), name="one_run_per_key"
            ),
        )
        indexes = (
            models.Index(fields=("organization", "-created_at"), name="run_newest"),
            models.Index(fields=("project", "-created_at"), name="run_newest_of_project"),
            models.Index(fields=("status",), condition=Q(status__in=ACTIVE_STATUSES), name="run_active"),
        )

    def __str__(self) -> str:
        return f"{self.type.capitalize()} run {self.pk}"

    @property
    def state(self) -> RunStatus:
        """The status as the state machine's enum."""
        return RunStatus(self.status)

    @property
    def finished(self) -> int:
        """Items that have an outcome."""
        return self.created + self.updated + self.skipped + self.partial + self.failed


class RunItem(BulkOwned):
    """One item of a run, as the engine's `PlanItem` holds it."""

    run = models.ForeignKey(MigrationRun, on_delete=models.CASCADE, related_name="items", db_index=False)
    source = models.CharField(max_length=200)
    position = models.PositiveIntegerField()
    rev = models.PositiveIntegerField()
    type = models.CharField(max_length=255)
    title = models.TextField()
    state = models.CharField(max_length=255, blank=True)
    level = models.SmallIntegerField(default=0)
    target_type = models.CharField(max_length=255, blank=True)
    parent = models.CharField(max_length=200, null=True, blank=True)
    parent_link = models.CharField(max_length=200, null=True, blank=True)
    links = models.JSONField(default=list)
    comment_count = models.PositiveIntegerField(null=True, blank=True)
    stage = models.PositiveSmallIntegerField(
        choices=[(s.value, s.name.lower()) for s in ItemStage], default=ItemStage.PLANNED.value
    )
    outcome = models.CharField(
        max_length=7, choices=[(o.value, o.value or "pending") for o in Outcome], blank=True, default=""
    )
    target_id = models.CharField(max_length=100, blank=True)
    target_key = models.CharField(max_length=100, blank=True)
    moved_before = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ("run_id", "position")
        constraints = (models.UniqueConstraint(fields=("run", "source"), name="one_item_per_run"),)
        indexes = (
            models.Index(fields=("run", "position"), name="item_order"),
            models.Index(fields=("run", "outcome", "position"), name="item_by_outcome"),
            models.Index(fields=("run", "type", "position"), name="item_by_type"),
            models.Index(fields=("run", "target_key"), name="item_by_key"),
        )

    def __str__(self) -> str:
        return f"#{self.source}"


class LedgerEntry(BulkOwned):
    """One effect on the target: intended before the call, done after it, whatever run makes it.

    It outlives its run on purpose: a later run must know what is there.
    """

    scope = models.ForeignKey(LedgerScope, on_delete=models.CASCADE, related_name="entries", db_index=False)
    run = models.ForeignKey(MigrationRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="effects")
    kind = models.CharField(max_length=30, help_text="An `engine.state.EffectKind`; a new kind needs no new schema.")
    source = models.TextField()
    item = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=[(s.value, s.value) for s in EffectState])
    target_id = models.CharField(max_length=255, blank=True)
    target_key = models.CharField(max_length=100, blank=True)
    floor = models.PositiveBigIntegerField(default=0)
    intended_at = models.FloatField(default=0.0, help_text="Epoch seconds by the worker's clock.")
    extra = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = (models.UniqueConstraint(fields=("scope", "kind", "source"), name="one_effect"),)
        indexes = (
            models.Index(fields=("scope", "item"), name="effect_by_item"),
            models.Index(fields=("scope",), condition=Q(state=EffectState.INTENDED.value), name="effect_open"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class RunEvent(BulkOwned):
    """One event of a run's stream. Numbers have no gaps and are in the order of the commits."""

    run = models.ForeignKey(MigrationRun, on_delete=models.CASCADE, related_name="events", db_index=False)
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=20)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("run_id", "seq")
        constraints = (models.UniqueConstraint(fields=("run", "seq"), name="one_event_per_number"),)

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class VerificationDifference(BulkOwned):
    """One thing that verification found to be different: the run's own, or a later one (`follow_up`)."""

    run = models.ForeignKey(MigrationRun, on_delete=models.CASCADE, related_name="differences", db_index=False)
    follow_up = models.ForeignKey(
        "migrations_app.FollowUp", null=True, blank=True, on_delete=models.CASCADE, related_name="differences"
    )
    item = models.CharField(max_length=200, blank=True)
    target_key = models.CharField(max_length=100, blank=True)
    field = models.CharField(max_length=255, blank=True)
    code = models.CharField(max_length=60)
    source_value = models.TextField(blank=True)
    target_value = models.TextField(blank=True)
    digest = models.CharField(max_length=40, editable=False)

    class Meta:
        # A verification that a dead worker left half done is repeated and finds the same again.
        constraints = (
            models.UniqueConstraint(
                fields=("run", "item", "target_key", "field", "code", "digest"),
                condition=Q(follow_up__isnull=True),
                name="one_difference",
            ),
            models.UniqueConstraint(
                fields=("follow_up", "item", "target_key", "field", "code", "digest"),
                condition=Q(follow_up__isnull=False),
                name="one_difference_per_follow_up",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.target_key or self.item}"


class RunPreview(BulkOwned):
    """The exact payload that a dry run would have sent for an item. It holds content, so it goes after 14 days."""

    run = models.ForeignKey(MigrationRun, on_delete=models.CASCADE, related_name="previews", db_index=False)
    source = models.CharField(max_length=200)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("run", "source"), name="one_preview_per_item"),)

    def __str__(self) -> str:
        return f"#{self.source}"


class RunAttempt(BulkOwned):
    """One worker's slice: who, from when to when, and how it ended. Empty `how` means it was cut off."""

    run = models.ForeignKey(MigrationRun, on_delete=models.CASCADE, related_name="attempts", db_index=False)
    attempt = models.PositiveIntegerField()
    worker = models.CharField(max_length=200)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ("run_id", "attempt")
        constraints = (models.UniqueConstraint(fields=("run", "attempt"), name="one_row_per_attempt"),)

    def __str__(self) -> str:
        return f"{self.attempt}"
