"""Start, stop, compare everything, cut over. Starting and cutting over ask the platforms, so they are tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from connectors.domain.errors import DomainError
from connectors.domain.systems import invalid
from sync.models import AsyncTask, Synchronization, SynchronizationStatus, TaskKind
from sync.queries import find_synchronization
from sync.services.checking import find_problems
from sync.services.configuration import compare_again, lock, require_not_ended
from sync.services.drafts import refuse_problems
from sync.services.tasks import Step, finished_task, make_task
from sync.statuses import change_status
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal

LONGEST_MARK = 255


@dataclass(frozen=True, slots=True)
class Marking:
    """How the items of one side are marked once the synchronization has ended: by a label or by a comment."""

    side: int
    how: str
    text: str


@transaction.atomic
def start(synchronization: Synchronization, *, by: Principal) -> AsyncTask:
    """Begin to keep both sides alike: a task that checks the configuration with both sides first.

    Raises NotPermitted, DomainError SYNCHRONIZATION_RUNNING, SYNCHRONIZATION_ENDED.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    row = lock(synchronization, by=by)
    require_not_ended(row)
    if row.status == SynchronizationStatus.RUNNING:
        raise DomainError("SYNCHRONIZATION_RUNNING", f"{row.key} is running already", status=409)
    audit.record(organization=by.organization, actor=by.user, action="synchronization.start", target=row)
    return make_task(TaskKind.START, synchronization=row, message=f"Starting synchronization {row.key}", by=by)


def carry_out_start(task: AsyncTask) -> Step:
    """Check, remember where the sides stand, and go. Raises DomainError CONFIGURATION_CONFLICTS."""
    synchronization = _of(task)
    refuse_problems(find_problems(synchronization, fresh=True))
    change_status(
        synchronization.pk, SynchronizationStatus.RUNNING, last_error_code="", last_error_message="", reconcile={}
    )
    # A stop may have lasted: whatever happened meanwhile is found by comparing, however long the sides remember.
    compare_again(synchronization.pk)
    return Step(True, message=f"Synchronization {synchronization.key} is running", result={"status": "RUNNING"})


@transaction.atomic
def stop(synchronization: Synchronization, *, by: Principal) -> AsyncTask:
    """Stop at once: what a worker is about to write is refused. Where the sides stood is remembered.

    Raises NotPermitted, DomainError SYNCHRONIZATION_NOT_RUNNING.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    row = lock(synchronization, by=by)
    if change_status(row.pk, SynchronizationStatus.STOPPED) is None:
        raise DomainError("SYNCHRONIZATION_NOT_RUNNING", f"{row.key} is not running", status=409)
    audit.record(organization=by.organization, actor=by.user, action="synchronization.stop", target=row)
    return finished_task(
        TaskKind.STOP,
        synchronization=row,
        message=f"Synchronization {row.key} is stopped",
        by=by,
        result={"status": "STOPPED"},
    )


@transaction.atomic
def compare_everything(synchronization: Synchronization, *, by: Principal) -> None:
    """Have all items compared by the next passes, as happens once a day anyway.

    Raises NotPermitted, DomainError SYNCHRONIZATION_NOT_RUNNING.
    """
    require(by, Action.RESYNC)
    row = lock(synchronization, by=by)
    require_running(row)
    compare_again(row.pk)
    audit.record(organization=by.organization, actor=by.user, action="synchronization.compare", target=row)


@transaction.atomic
def cut_over(synchronization: Synchronization, *, marking: Marking | None = None, by: Principal) -> AsyncTask:
    """End it for good: a last pass, then the items of one side are marked when that is asked for.

    Raises NotPermitted, DomainError SYNCHRONIZATION_NOT_RUNNING, VALIDATION_FAILED.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    row = lock(synchronization, by=by)
    require_running(row)
    if AsyncTask.objects.filter(synchronization=row, kind=TaskKind.CUT_OVER, completed__isnull=True).exists():
        raise DomainError("CUT_OVER_UNDER_WAY", f"{row.key} is being cut over already", status=409)
    audit.record(organization=by.organization, actor=by.user, action="synchronization.cut_over", target=row)
    return make_task(
        TaskKind.CUT_OVER,
        synchronization=row,
        message=f"Cutting over {row.key}",
        by=by,
        parameters=_marking(marking),
    )


def require_running(row: Synchronization) -> None:
    """Raise DomainError SYNCHRONIZATION_NOT_RUNNING."""
    if row.status != SynchronizationStatus.RUNNING:
        raise DomainError("SYNCHRONIZATION_NOT_RUNNING", f"{row.key} is not running", status=409)


def _marking(marking: Marking | None) -> dict[str, Any]:
    if marking is None:
        return {}
    if marking.side not in (1, 2) or marking.how not in ("label", "comment") or not marking.text.strip():
        raise invalid({"mark": ["Name a side (first or second), label or comment, and a text."]})
    text = marking.text.strip()
    if len(text) > LONGEST_MARK or (marking.how == "label" and " " in text):
        raise invalid({"mark": [f"A label is one word; a text has at most {LONGEST_MARK} characters."]})
    return {"side": marking.side, "how": marking.how, "text": text}


def _of(task: AsyncTask) -> Synchronization:
    assert task.synchronization is not None
    return find_synchronization(task.synchronization.organization, task.synchronization.key)
