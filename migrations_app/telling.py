"""What those who subscribed learn of a run: its new status with its counters, in the transaction that made it so."""

from __future__ import annotations

from migrations_app.models import MigrationRun
from migrations_app.store import counters_of
from webhooks.emitting import emit


def tell_status(run: MigrationRun) -> None:
    """Emit `run.<status>` for the row as it is now."""
    counters = counters_of(run)
    told = {
        "runId": str(run.pk),
        "projectId": str(run.project_id),
        "type": run.type,
        "status": run.status,
        "phase": run.phase,
        "totalItems": counters.total,
        "successCount": counters.created + counters.updated,
        "failureCount": counters.partial + counters.failed,
        "skippedCount": counters.skipped,
        "pendingCount": counters.total - counters.finished,
        "reasonCode": run.reason_code or None,
        "reason": run.reason_message or None,
    }
    emit(run.organization_id, f"run.{run.status.lower()}", told)
