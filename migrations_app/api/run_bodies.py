"""Bodies of runs as they are answered; nothing of their credentials. Names and casing are the documents'."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from migrations_app.api.moments import moment
from migrations_app.engine.state import Phase, RunStatus, RunType
from migrations_app.models import MigrationRun
from migrations_app.progress import percent_of

OUTCOMES = ("created", "updated", "skipped", "partial", "failed")


class MigrationsReason(serializers.Serializer[None]):
    """Why a run is as it is."""

    code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.DictField()


class MigrationsRunStatus(serializers.Serializer[None]):
    """How far a run is. `successCount`, `failureCount`, `skippedCount` and `pendingCount` add up to `totalItems`."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=[status.value for status in RunStatus])
    totalItems = serializers.IntegerField()
    successCount = serializers.IntegerField(help_text="Created and updated.")
    failureCount = serializers.IntegerField(help_text="Partial and failed.")
    skippedCount = serializers.IntegerField()
    pendingCount = serializers.IntegerField()
    progressPercent = serializers.IntegerField()
    currentPhase = serializers.IntegerField(min_value=1, max_value=5)
    phase = serializers.ChoiceField(choices=[phase.label for phase in Phase])
    startedAt = serializers.DateTimeField(allow_null=True)
    finishedAt = serializers.DateTimeField(allow_null=True)
    resumeAt = serializers.DateTimeField(allow_null=True)
    reason = MigrationsReason(allow_null=True)


class MigrationsOutcomes(serializers.Serializer[None]):
    """Items by outcome."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    skipped = serializers.IntegerField()
    partial = serializers.IntegerField()  # type: ignore[assignment]
    failed = serializers.IntegerField()


class MigrationsRequests(serializers.Serializer[None]):
    """Requests sent so far."""

    source = serializers.IntegerField()  # type: ignore[assignment]
    target = serializers.IntegerField()


class MigrationsRun(MigrationsRunStatus):
    """A whole run."""

    projectId = serializers.UUIDField()
    type = serializers.ChoiceField(choices=[each.value for each in RunType])
    dryRun = serializers.BooleanField()
    parentRunId = serializers.UUIDField(allow_null=True)
    outcomes = MigrationsOutcomes()
    requests = MigrationsRequests()
    attempt = serializers.IntegerField(help_text="How often a worker took the run.")
    createdAt = serializers.DateTimeField()


class MigrationsRunChanged(serializers.Serializer[None]):
    """The answer to pause, resume and cancel."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=[status.value for status in RunStatus])


def show_status(run: MigrationRun) -> dict[str, Any]:
    """How far a run is."""
    return {
        "id": str(run.pk),
        "status": run.status,
        "totalItems": run.total,
        "successCount": run.created + run.updated,
        "failureCount": run.partial + run.failed,
        "skippedCount": run.skipped,
        "pendingCount": run.total - run.finished,
        "progressPercent": percent_of(run.finished, run.total, run.state),
        "currentPhase": run.phase,
        "phase": Phase(run.phase).label,
        "startedAt": moment(run.started_at),
        "finishedAt": moment(run.finished_at),
        "resumeAt": moment(run.resume_at),
        "reason": _show_reason(run),
    }


def show_run(run: MigrationRun) -> dict[str, Any]:
    """A whole run; nothing of its credentials."""
    return {
        **show_status(run),
        "projectId": str(run.project_id),
        "type": run.type,
        "dryRun": bool(run.config.get("options", {}).get("dry_run", False)),
        "parentRunId": str(run.parent_run_id) if run.parent_run_id else None,
        "outcomes": {name: getattr(run, name) for name in OUTCOMES},
        "requests": {"source": run.source_requests, "target": run.target_requests},
        "attempt": run.attempt,
        "createdAt": moment(run.created_at),
    }


def _show_reason(run: MigrationRun) -> dict[str, Any] | None:
    if not run.reason_code:
        return None
    return {"code": run.reason_code, "message": run.reason_message, "details": run.reason_details}
