"""Changing a run's status: a conditional update on the old one, with the events that tell of it, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from migrations_app.engine.ports import Event
from migrations_app.engine.state import TRANSITIONS, Control, RunStatus, RunType
from migrations_app.models import MigrationRun, Project, ProjectStatus
from migrations_app.progress import done_data, progress_data
from migrations_app.store import PROGRESS, counters_of, write_events
from migrations_app.telling import tell_status
from migrations_app.wakeups import announce

_PROJECT_STATUS_AFTER = {
    RunStatus.COMPLETED: ProjectStatus.COMPLETED,
    RunStatus.PARTIAL: ProjectStatus.COMPLETED,
    RunStatus.FAILED: ProjectStatus.FAILED,
    RunStatus.CANCELLED: ProjectStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run is in its status, where that is not obvious: a stable code and words for a person."""

    code: str = ""
    message: str = ""


UNREMARKABLE = Reason()


def unleased() -> Q:
    """Runs that no worker holds: between slices, never claimed, or left by a worker that died."""
    return Q(lease_until__isnull=True) | Q(lease_until__lte=timezone.now())


def change_status(
    run_id: UUID, to: RunStatus, *, only_if: Q | None = None, reason: Reason = UNREMARKABLE, **changes: Any
) -> MigrationRun | None:
    """Move a run to a status that its present one allows and tell the stream; None when that no longer holds.

    Leaving RUNNING gives back the lease and raises the attempt, so that a worker that still holds the run, or a job
    that still waits for it, finds itself superseded. An ended run tells its last progress and then `done`.
    """
    allowed = [status.value for status, following in TRANSITIONS.items() if to in following]
    runs = MigrationRun.objects.filter(pk=run_id, status__in=allowed)
    if only_if is not None:
        runs = runs.filter(only_if)
    telling = 3 if to.is_ended else 1
    now = timezone.now()
    if to is not RunStatus.RUNNING:
        changes |= {"control": Control.GO.value, "lease_until": None, "resume_at": None, "attempt": F("attempt") + 1}
    if to.is_ended:
        changes |= {"finished_at": now}
    with transaction.atomic():
        found = runs.update(
            status=to.value,
            reason_code=reason.code,
            reason_message=reason.message,
            event_seq=F("event_seq") + telling,
            **changes,
        )
        if not found:
            return None
        run = MigrationRun.objects.select_related("organization", "project").get(pk=run_id)
        write_events(run, _events(run, reason))
        tell_status(run)
        if to.is_ended:
            _note_in_project(run)
    announce(run_id)
    return run


def _events(run: MigrationRun, reason: Reason) -> list[Event]:
    told: dict[str, Any] = {"status": run.status.lower()}
    if reason.code:
        told |= {"code": reason.code, "message": reason.message}
    status = Event("status", told)
    if not run.state.is_ended:
        return [status]
    counters = counters_of(run)
    progress = progress_data(counters, phase=run.phase, speed=0.0, status=run.state)
    return [Event(PROGRESS, progress), status, Event("done", done_data(counters))]


def _note_in_project(run: MigrationRun) -> None:
    """The project's status after a run. A sample or a preview decides nothing: all is as before."""
    rehearsal = run.type == RunType.SAMPLE or run.config.get("options", {}).get("dry_run", False)
    status = run.project_status_before if rehearsal else _PROJECT_STATUS_AFTER[run.state]
    Project.objects.filter(pk=run.project_id, status=ProjectStatus.MIGRATING).update(
        status=status, updated_at=timezone.now()
    )
