"""What people wait for or must decide: tasks, matters, and counts by the hour. Part of `sync.models`."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors.credentials import SealedTextField
from tenancy.scoping import BulkOwned, OrganizationOwned


def new_task_id() -> str:
    """32 hexadecimal digits in upper case, as the documents show them."""
    return uuid.uuid4().hex.upper()


class MatterKind(models.TextChoices):
    """Why a person is needed."""

    CONFLICT = "conflict", "Conflict"
    ERROR = "error", "Error"


class MatterStatus(models.TextChoices):
    """Its life; taken once a person has answered and until the answer is carried out."""

    OPEN = "open", "Open"
    TAKEN = "taken", "Being carried out"
    RESOLVED = "resolved", "Resolved"
    IGNORED = "ignored", "Ignored"


UNSETTLED_MATTER = (MatterStatus.OPEN.value, MatterStatus.TAKEN.value)


class Matter(OrganizationOwned):
    """Something of a pair that needs a person: a field that both sides changed, or a change that cannot be carried
    over. `sealed_values` holds the base and both values."""

    synchronization = models.ForeignKey(
        "sync.Synchronization", on_delete=models.CASCADE, related_name="matters", db_index=False
    )
    pair = models.ForeignKey("sync.Pair", null=True, blank=True, on_delete=models.CASCADE, related_name="matters")
    position = models.PositiveSmallIntegerField(default=1, help_text="The side whose item it is, or whose change.")
    item = models.CharField(max_length=100, help_text="The item's key on that side.")
    kind = models.CharField(max_length=8, choices=MatterKind.choices)
    field = models.CharField(max_length=255, blank=True, help_text="The first side's field, or what else it is about.")
    code = models.CharField(max_length=60)
    message = models.TextField(blank=True)
    sealed_values = SealedTextField()
    first_by = models.CharField(max_length=255, blank=True)
    first_at = models.DateTimeField(null=True, blank=True)
    second_by = models.CharField(max_length=255, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=MatterStatus.choices, default=MatterStatus.OPEN)
    resolution = models.CharField(max_length=20, blank=True, help_text="first, second, edit, ignore, retry or vanished")
    resolved_by = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "sync"
        ordering = ("-created_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("synchronization", "position", "item", "field"),
                condition=Q(status__in=UNSETTLED_MATTER),
                name="one_open_matter",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=("synchronization", "status", "-created_at"), name="matter_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.item}"


class TaskKind(models.TextChoices):
    """What an asynchronous task does."""

    RESYNC = "resync", "Resync"
    START = "start", "Start"
    STOP = "stop", "Stop"
    IMPORT = "import", "Import"
    RECONCILE = "reconcile", "Full comparison"
    CUT_OVER = "cut_over", "Cut-over"


UNFINISHED_TASK = Q(completed__isnull=True)


class AsyncTask(OrganizationOwned):
    """Work that somebody waits for, by its number only. `attempt` is the fence, as in a synchronization."""

    id = models.CharField(primary_key=True, max_length=32, default=new_task_id, editable=False)
    user = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    synchronization = models.ForeignKey(
        "sync.Synchronization", null=True, blank=True, on_delete=models.CASCADE, related_name="tasks"
    )
    position = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The side that it starts from.")
    kind = models.CharField(max_length=9, choices=TaskKind.choices)
    progress = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    cancelled = models.BooleanField(default=False)
    has_failed = models.BooleanField(default=False)
    failure_code = models.CharField(max_length=60, blank=True)
    failure_message = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    started = models.DateTimeField(default=timezone.now)
    completed = models.DateTimeField(null=True, blank=True)

    parameters = models.JSONField(default=dict, editable=False)
    cursor = models.JSONField(default=dict, editable=False)
    attempt = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    enqueued_at = models.DateTimeField(null=True, blank=True, editable=False)
    resume_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        app_label = "sync"
        ordering = ("-started", "-pk")
        indexes: ClassVar = [
            models.Index(fields=("started",), condition=UNFINISHED_TASK, name="task_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def finished(self) -> bool:
        """Whether nobody works on it any more."""
        return self.completed is not None


class HourlyCount(BulkOwned):
    """How many changes one direction carried in an hour, and how long they took. `lags` counts by `LAG_BOUNDS`."""

    LAG_BOUNDS: ClassVar[tuple[int, ...]] = (1, 2, 5, 10, 30, 60, 300)
    """Upper bounds in seconds; one more count at the end for what took longer."""

    synchronization = models.ForeignKey(
        "sync.Synchronization", on_delete=models.CASCADE, related_name="hours", db_index=False
    )
    hour = models.DateTimeField()
    direction = models.PositiveSmallIntegerField(choices=((1, "First to second"), (2, "Second to first")))
    changes = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    lags = models.JSONField(default=list)

    class Meta:
        app_label = "sync"
        ordering = ("hour", "direction")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("synchronization", "hour", "direction"), name="one_count_per_hour")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} {self.changes}"
