"""Work on a run that has ended: verifying it once more, or rolling it back.

Part of `migrations_app.models`; the run itself is never changed by it.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tenancy.scoping import OrganizationOwned


class FollowUpKind(models.TextChoices):
    """What is done to the ended run."""

    VERIFICATION = "verification", "Verification"
    ROLLBACK = "rollback", "Rollback"


class FollowUpStatus(models.TextChoices):
    """Its life: waiting, worked on, through, or given up."""

    PENDING = "PENDING", "Pending"
    RUNNING = "RUNNING", "Running"
    COMPLETED = "COMPLETED", "Completed"
    FAILED = "FAILED", "Failed"


UNFINISHED = (FollowUpStatus.PENDING.value, FollowUpStatus.RUNNING.value)


class FollowUp(OrganizationOwned):
    """One piece of such work. `attempt` is the fence, as in a run; `result` is what it came to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey("migrations_app.MigrationRun", on_delete=models.CASCADE, related_name="follow_ups")
    kind = models.CharField(max_length=12, choices=FollowUpKind.choices)
    status = models.CharField(max_length=9, choices=FollowUpStatus.choices, default=FollowUpStatus.PENDING)
    requested_by = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    enqueued_at = models.DateTimeField(null=True, blank=True)
    resume_at = models.DateTimeField(null=True, blank=True)
    trouble_since = models.DateTimeField(null=True, blank=True)
    checkpoint = models.JSONField(default=dict, editable=False)
    result = models.JSONField(default=dict)
    reason_code = models.CharField(max_length=60, blank=True)
    reason_message = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "migrations_app"
        ordering = ("-created_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("run",), condition=Q(status__in=UNFINISHED), name="one_active_follow_up_per_run"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=("run", "kind", "-created_at"), name="follow_up_newest"),
            models.Index(fields=("status",), condition=Q(status__in=UNFINISHED), name="follow_up_active"),
        ]

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} {self.pk}"

    @property
    def is_ended(self) -> bool:
        """Whether nobody works on it any more."""
        return self.status not in UNFINISHED


class RollbackItem(OrganizationOwned):
    """What a rollback did with one issue: deleted, or kept and why."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="items")
    item = models.CharField(max_length=200)
    target_key = models.CharField(max_length=100)
    outcome = models.CharField(max_length=7, choices=[(o, o) for o in ("deleted", "gone", "kept")])
    code = models.CharField(max_length=60, blank=True)
    message = models.TextField(blank=True)

    class Meta:
        app_label = "migrations_app"
        ordering = ("pk",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("follow_up", "item"), name="one_row_per_rolled_back_item")
        ]

    def __str__(self) -> str:
        return f"{self.target_key} {self.outcome}"
