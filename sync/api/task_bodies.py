"""How tasks are shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sync.api.moments import spelled
from sync.models import AsyncTask


class SyncTaskStarted(serializers.Serializer[None]):
    """A task as whoever started it is answered."""

    id = serializers.CharField(help_text="32 hexadecimal digits.")
    startTimestamp = serializers.CharField(help_text="`Apr 25, 2019 -- 07:17 AM`, UTC.")
    finished = serializers.BooleanField()
    cancelled = serializers.BooleanField()
    hasFailed = serializers.BooleanField()
    progress = serializers.IntegerField(help_text="0 to 100.")
    message = serializers.CharField()


class SyncTask(SyncTaskStarted):
    """A task as it stands."""

    completionTimestamp = serializers.CharField(allow_null=True)
    result = serializers.JSONField(help_text="Counts, once it has finished.")
    failureMessage = serializers.CharField(allow_null=True)
    resourceLocation = serializers.CharField(allow_null=True)


def show_started(task: AsyncTask) -> dict[str, Any]:
    """The documented shorter form."""
    return {
        "id": task.pk,
        "startTimestamp": spelled(task.started),
        "finished": task.finished,
        "cancelled": task.cancelled,
        "hasFailed": task.has_failed,
        "progress": task.progress,
        "message": task.message,
    }


def show_task(task: AsyncTask) -> dict[str, Any]:
    """The documented full form. Where the result can be looked at is the synchronization's address."""
    return {
        **show_started(task),
        "completionTimestamp": spelled(task.completed),
        "result": task.result or None,
        "failureMessage": task.failure_message or None,
        "resourceLocation": f"/integrations/{task.synchronization.key}" if task.synchronization else None,
    }
