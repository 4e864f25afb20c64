"""What a run's page in the admin shows of the run's rows: a page of each at a time, never a count of all."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin

from migrations_app.follow_up_models import FollowUp
from migrations_app.models import LedgerEntry, RunAttempt, RunEvent, RunItem
from tenancy.admin_base import ReadOnlyInline

LONGEST = 300


class ItemInline(ReadOnlyInline):
    """Items in the order in which they are created."""

    model = RunItem
    ordering = ("position",)
    fields = ("source", "type", "title", "outcome", "target_key", "reasons")

    @admin.display(description="reasons")
    def reasons(self, item: RunItem) -> str:
        """What went wrong, in words."""
        return shortened("; ".join(words for _, words in item.problems)) or "–"


class EventInline(ReadOnlyInline):
    """The log, the newest first."""

    model = RunEvent
    ordering = ("-seq",)
    fields = ("seq", "kind", "told", "created_at")

    @admin.display(description="data")
    def told(self, event: RunEvent) -> str:
        """The message, else the data as they are."""
        return told_by(event)


class LedgerInline(ReadOnlyInline):
    """Effects that the run made last."""

    model = LedgerEntry
    ordering = ("pk",)
    fields = ("kind", "source", "state", "target_key", "target_id")
    verbose_name_plural = "ledger entries"


class AttemptInline(ReadOnlyInline):
    """Who worked on it, the last slice first."""

    model = RunAttempt
    ordering = ("-attempt",)
    fields = ("attempt", "worker", "started_at", "ended_at", "how")


class FollowUpInline(ReadOnlyInline):
    """Verifications and rollbacks that were asked for."""

    model = FollowUp
    ordering = ("-created_at",)
    fields = ("kind", "status", "requested_by", "reason_message", "created_at", "finished_at")


def told_by(event: RunEvent) -> str:
    """An event in one line."""
    message: Any = event.data.get("message")
    return shortened(str(message) if message else json.dumps(event.data, ensure_ascii=False))


def shortened(text: str) -> str:
    """At most a few lines."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
