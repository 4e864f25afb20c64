"""What a synchronization consists of: its configuration, its two sides, and the pairs it keeps alike.

Rows of a running synchronization are written by one worker at a time, which proves itself with
`Synchronization.attempt` (`sync.store`); everything else changes it by conditional update on its status. Values of
items stand in sealed columns only.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors.credentials import SealedTextField
from sync.task_models import (
    UNFINISHED_TASK,
    AsyncTask,
    HourlyCount,
    Matter,
    MatterKind,
    MatterStatus,
    TaskKind,
)
from tenancy.scoping import BulkOwned, OrganizationOwned

__all__ = [
    "UNFINISHED_TASK",
    "AsyncTask",
    "Effect",
    "HourlyCount",
    "KeyCounter",
    "Matter",
    "MatterKind",
    "MatterStatus",
    "Pair",
    "PairPart",
    "PartKind",
    "PendingItem",
    "SeenVersion",
    "Synchronization",
    "SynchronizationSide",
    "SynchronizationStatus",
    "TaskKind",
]


class SynchronizationStatus(models.TextChoices):
    """As the documents name them; a cut-over one has ended for good."""

    STOPPED = "STOPPED", "Stopped"
    RUNNING = "RUNNING", "Running"
    CUT_OVER = "CUT_OVER", "Cut over"


class KeyCounter(OrganizationOwned):
    """The last number given out under a prefix (`INT`, or a project's key): numbers are never given twice."""

    prefix = models.CharField(max_length=60)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization", "prefix"), name="one_counter_per_prefix"),)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last}"


class Synchronization(OrganizationOwned):
    """Two projects kept alike.

    `configuration` is what is in force, `draft` what is being edited. `attempt` is the fence: each claim raises it,
    and a worker may write only while it is still its own. `due_at` is when the sides are asked next.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(editable=False)
    summary = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    status = models.CharField(
        max_length=8, choices=SynchronizationStatus.choices, default=SynchronizationStatus.STOPPED
    )
    configuration = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    draft = models.JSONField(null=True, blank=True)
    draft_changed_by = models.ForeignKey(
        "tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    draft_changed_at = models.DateTimeField(null=True, blank=True)
    origin_run = models.UUIDField(null=True, blank=True, help_text="The run that it was made from.")
    created_by = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    changed_by = models.ForeignKey("tenancy.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    # Who works on it, until when, and when it is looked at again.
    attempt = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    due_at = models.DateTimeField(null=True, blank=True, editable=False)
    enqueued_at = models.DateTimeField(null=True, blank=True, editable=False)
    active_until = models.DateTimeField(null=True, blank=True, editable=False)
    trouble_since = models.DateTimeField(null=True, blank=True, editable=False)
    reconcile = models.JSONField(default=dict, editable=False, help_text="How far the full comparison is.")
    reconciled_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    cut_over_at = models.DateTimeField(null=True, blank=True)

    # What the last passes showed.
    last_pass_at = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=60, blank=True)
    last_error_message = models.TextField(blank=True)
    lag_ms = models.PositiveIntegerField(null=True, blank=True, help_text="From a change to its mirroring, lately.")

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("organization", "number"), name="one_synchronization_number"),)
        indexes = (
            models.Index(
                fields=("due_at",), condition=Q(status=SynchronizationStatus.RUNNING), name="synchronization_due"
            ),
            models.Index(fields=("origin_run",), name="synchronization_of_run"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.summary}"

    @property
    def key(self) -> str:
        """What the documents call the integration key."""
        return f"INT-{self.number}"


class SynchronizationSide(OrganizationOwned):
    """One side: what the documents call a connector.

    `cursor` and `quiet_cursor` are the tracker's own and say what was asked already. `shape` is what the side offered
    when it was last described. `hook_slug` is the unguessable part of its webhook's address.
    """

    synchronization = models.ForeignKey(Synchronization, on_delete=models.CASCADE, related_name="sides")
    position = models.PositiveSmallIntegerField(choices=((1, "First"), (2, "Second")))
    connector_project = models.ForeignKey("connectors.ConnectorProject", on_delete=models.RESTRICT, related_name="+")
    key = models.CharField(max_length=70)
    query = models.TextField(blank=True, help_text="The filter, in the query language of the system.")
    account = models.CharField(max_length=255, blank=True, help_text="Id of the account that writes here.")

    cursor = models.JSONField(null=True, blank=True, editable=False)
    quiet_cursor = models.JSONField(null=True, blank=True, editable=False)
    quiet_read_at = models.DateTimeField(null=True, blank=True, editable=False)
    polled_at = models.DateTimeField(null=True, blank=True)
    shape = models.JSONField(default=dict, blank=True, editable=False)
    shape_read_at = models.DateTimeField(null=True, blank=True, editable=False)

    hook_slug = models.CharField(max_length=64, unique=True, editable=False)
    sealed_hook_secret = SealedTextField()
    woken_at = models.DateTimeField(null=True, blank=True, help_text="When a webhook last told of a change.")

    online = models.BooleanField(default=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)

    class Meta:
        ordering = ("synchronization", "position")
        constraints = (
            models.UniqueConstraint(fields=("synchronization", "position"), name="two_sides"),
            models.UniqueConstraint(fields=("organization", "key"), name="one_side_per_key"),
        )

    def __str__(self) -> str:
        return self.key


class Pair(BulkOwned):
    """Two items that are one: the row behind the sync information of either side.

    `sealed_base` is what both held when they last agreed (`sync.engine.base`). Times are epoch milliseconds, as the
    documents give them. A deleted pair can be restored for a while.
    """

    synchronization = models.ForeignKey(Synchronization, on_delete=models.CASCADE, related_name="pairs", db_index=False)
    first_key = models.CharField(max_length=100)
    second_key = models.CharField(max_length=100)
    sealed_base = SealedTextField()
    first_version = models.CharField(max_length=100, blank=True)
    second_version = models.CharField(max_length=100, blank=True)
    first_sync = models.BigIntegerField(default=0)

    first_last_outgoing = models.BigIntegerField(default=0)
    first_last_change_seen = models.BigIntegerField(default=0)
    first_outgoing_sequence = models.BigIntegerField(default=0)
    first_last_incoming = models.BigIntegerField(default=0)
    first_incoming_sequence = models.BigIntegerField(default=0)
    first_incoming_ignored = models.BooleanField(default=False)
    second_last_outgoing = models.BigIntegerField(default=0)
    second_last_change_seen = models.BigIntegerField(default=0)
    second_outgoing_sequence = models.BigIntegerField(default=0)
    second_last_incoming = models.BigIntegerField(default=0)
    second_incoming_sequence = models.BigIntegerField(default=0)
    second_incoming_ignored = models.BooleanField(default=False)

    held = models.BooleanField(default=False, help_text="Waits for a person: nothing is carried over meanwhile.")
    deleted_at = models.DateTimeField(null=True, blank=True)
    deletion = models.UUIDField(null=True, blank=True, help_text="What was deleted at once is restored at once.")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("synchronization", "first_key"), condition=Q(deleted_at__isnull=True), name="one_first_key"
            ),
            models.UniqueConstraint(
                fields=("synchronization", "second_key"), condition=Q(deleted_at__isnull=True), name="one_second_key"
            ),
        )
        indexes = (
            models.Index(fields=("synchronization", "id"), condition=Q(deleted_at__isnull=True), name="pair_order"),
            models.Index(fields=("synchronization",), condition=Q(held=True), name="pair_held"),
            models.Index(
                fields=("synchronization", "deleted_at"), condition=Q(deleted_at__isnull=False), name="pair_deleted"
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_key} = {self.second_key}"


class PartKind(models.TextChoices):
    """What of an item has a counterpart of its own."""

    COMMENT = "comment", "Comment"
    FILE = "file", "File"
    LINK = "link", "Link"


class PairPart(BulkOwned):
    """A comment, file or link of one item and its counterpart. `added_by` is the side that had it first."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="parts", db_index=False)
    kind = models.CharField(max_length=7, choices=PartKind.choices)
    first_id = models.CharField(max_length=255)
    second_id = models.CharField(max_length=255)
    added_by = models.PositiveSmallIntegerField(choices=((1, "First"), (2, "Second")))
    fingerprint = models.JSONField(default=dict)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("pair", "kind", "first_id", "second_id"), name="one_part"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.first_id} = {self.second_id}"


class SeenVersion(BulkOwned):
    """A version of an item that was noticed: windows overlap, and nothing is looked at twice. Kept for an overlap."""

    side = models.ForeignKey(SynchronizationSide, on_delete=models.CASCADE, related_name="seen", db_index=False)
    key = models.CharField(max_length=100)
    version = models.CharField(max_length=100)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("side", "key", "version"), name="one_seen_version"),)
        indexes = (models.Index(fields=("at",), name="seen_by_age"),)

    def __str__(self) -> str:
        return f"{self.key} {self.version}"


class PendingItem(BulkOwned):
    """An item that was noticed and not yet dealt with: stored with the cursor that saw it, gone when it is settled.

    `changed_at` is the change's own time, for the lag; `not_before` holds it back after a passing failure.
    """

    synchronization = models.ForeignKey(
        Synchronization, on_delete=models.CASCADE, related_name="pending", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=100)
    changed_at = models.DateTimeField(null=True, blank=True)
    quiet = models.BooleanField(default=False, help_text="Noticed by the stream of links, comments and deletions.")
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("synchronization", "position", "key"), name="one_pending_item"),)

    def __str__(self) -> str:
        return self.key


class EffectState(models.TextChoices):
    """Meant, or known to have happened."""

    INTENT = "intent", "Intended"
    DONE = "done", "Done"


class Effect(BulkOwned):
    """One effect on a side that must not happen twice: intended before the call, done after it."""

    synchronization = models.ForeignKey(
        Synchronization, on_delete=models.CASCADE, related_name="effects", db_index=False
    )
    key = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, help_text="A `sync.engine.ports.EffectKind`.")
    item = models.CharField(max_length=210, help_text="The pair it belongs to, or the item that has none yet.")
    mark = models.CharField(max_length=100)
    state = models.CharField(max_length=6, choices=EffectState.choices, default=EffectState.INTENT)
    detail = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("synchronization", "key"), name="one_sync_effect"),)
        indexes = (
            models.Index(fields=("synchronization", "item"), name="sync_effect_by_item"),
            models.Index(fields=("at",), condition=Q(state="done"), name="sync_effect_done"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.state}"
