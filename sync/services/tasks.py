"""Asynchronous tasks: made, claimed, worked on in slices, cancelled. What a task does is its kind's own service."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from connectors.domain.errors import DomainError, NotSent, PlatformError, Unclear
from sync.engine.ports import FenceLost
from sync.models import UNFINISHED_TASK, AsyncTask, Synchronization, SynchronizationSide, TaskKind
from sync.statuses import unleased
from tenancy.principal import Principal
from tenancy.queueing import enqueue_if_possible

log = logging.getLogger(__name__)

JOB = "sync.jobs.advance_task"
QUEUE = "resyncs"
SLICE = timedelta(seconds=20)
AFTER_TROUBLE = timedelta(seconds=5)
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Step:
    """How far a task's slice came. `done`: it is through; otherwise the next slice goes on at `cursor`, at `resume_at`
    if that is later."""

    done: bool
    progress: int = 0
    message: str = ""
    cursor: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    resume_at: datetime | None = None


Worker = Callable[[AsyncTask], Step]


def make_task(
    kind: TaskKind,
    *,
    synchronization: Synchronization,
    message: str,
    by: Principal,
    side: SynchronizationSide | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> AsyncTask:
    """A new task, handed over after the commit. The sweep finds it when the queue is away."""
    task = AsyncTask.objects.create(
        organization_id=synchronization.organization_id,
        user=by.user,
        synchronization=synchronization,
        position=side.position if side is not None else None,
        kind=kind,
        message=message,
        parameters=dict(parameters or {}),
    )
    _dispatch_quietly(task)
    return task


def finished_task(
    kind: TaskKind, *, synchronization: Synchronization, message: str, by: Principal, result: Mapping[str, Any]
) -> AsyncTask:
    """A task of something that was done at once."""
    return AsyncTask.objects.create(
        organization_id=synchronization.organization_id,
        user=by.user,
        synchronization=synchronization,
        kind=kind,
        message=message,
        progress=100,
        completed=timezone.now(),
        result=dict(result),
    )


def cancel_task(task: AsyncTask, *, by: Principal) -> AsyncTask:
    """End a task; what it did so far stays. Raises DomainError TASK_FINISHED."""
    cancelled = AsyncTask.objects.for_organization(by.organization).filter(UNFINISHED_TASK, pk=task.pk)
    found = cancelled.update(
        cancelled=True,
        completed=timezone.now(),
        message="Cancelled",
        attempt=F("attempt") + 1,
        lease_until=None,
    )
    if not found:
        raise DomainError("TASK_FINISHED", f"Task {task.pk} has finished", status=409)
    task.refresh_from_db()
    return task


def advance_task(task_id: str, attempt: int, *, workers: Mapping[str, Worker]) -> None:
    """Work on a task for one slice; a job whose attempt is over does nothing."""
    task = _claim(task_id, attempt)
    if task is None:
        return
    try:
        step = workers[task.kind](task)
    except FenceLost:
        log.info("Task %s waits: its synchronization is worked on", task_id)
        _give_back(task, Step(False, task.progress, resume_at=timezone.now() + timedelta(seconds=1)))
    except (NotSent, Unclear) as error:
        pause = timedelta(seconds=error.retry_after) if error.retry_after else AFTER_TROUBLE
        _give_back(task, Step(False, task.progress, message=error.message, resume_at=timezone.now() + pause))
    except (PlatformError, DomainError) as error:
        _fail(task, error.code, error.message)
    else:
        _give_back(task, step)


def keep_progress(task: AsyncTask, step: Step) -> bool:
    """Store how far a slice is while it goes on. False: the task was cancelled, or is somebody else's now."""
    return bool(
        _mine(task).update(
            progress=step.progress,
            lease_until=timezone.now() + timedelta(seconds=settings.LEASE_SECONDS),
            **_changes(step),
        )
    )


def sweep_tasks() -> int:
    """Order a slice for every task that is due; tells how many. Safe to call often and from several machines."""
    now = timezone.now()
    due = Q(resume_at__isnull=True) | Q(resume_at__lte=now)
    patience = now - timedelta(seconds=settings.SWEEP_SECONDS)
    unordered = Q(enqueued_at__isnull=True) | Q(enqueued_at__lte=patience)
    tasks = list(AsyncTask.objects.filter(UNFINISHED_TASK, due, unordered, unleased()).only("pk", "attempt")[:100])
    for task in tasks:
        _dispatch_quietly(task)
    return len(tasks)


def forget_old_tasks() -> int:
    """Delete tasks that finished long ago; tells how many."""
    deleted, _ = AsyncTask.objects.filter(completed__lt=timezone.now() - KEPT).delete()
    return deleted


def _claim(task_id: str, attempt: int) -> AsyncTask | None:
    free = AsyncTask.objects.filter(UNFINISHED_TASK, unleased(), pk=task_id, attempt=attempt)
    taken = free.update(
        attempt=F("attempt") + 1,
        lease_until=timezone.now() + timedelta(seconds=settings.LEASE_SECONDS),
        enqueued_at=None,
        resume_at=None,
    )
    if not taken:
        return None
    return AsyncTask.objects.select_related("synchronization__organization", "user").get(pk=task_id)


def _give_back(task: AsyncTask, step: Step) -> None:
    changes = _changes(step) | {"lease_until": None, "resume_at": step.resume_at}
    if step.done:
        changes |= {"completed": timezone.now(), "progress": 100}
    else:
        changes |= {"progress": min(99, step.progress)}
    if _mine(task).update(**changes) and not step.done and step.resume_at is None:
        _dispatch_quietly(task)


def _fail(task: AsyncTask, code: str, message: str) -> None:
    _mine(task).update(
        has_failed=True,
        failure_code=code[:60],
        failure_message=message,
        completed=timezone.now(),
        lease_until=None,
        message="Failed",
    )


def _changes(step: Step) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if step.message:
        changes["message"] = step.message
    if step.cursor is not None:
        changes["cursor"] = dict(step.cursor)
    if step.result is not None:
        changes["result"] = dict(step.result)
    return changes


def _mine(task: AsyncTask) -> Any:
    return AsyncTask.objects.filter(UNFINISHED_TASK, pk=task.pk, attempt=task.attempt)


def _dispatch_quietly(task: AsyncTask) -> None:
    AsyncTask.objects.filter(pk=task.pk, attempt=task.attempt).update(enqueued_at=timezone.now())
    enqueue_if_possible(QUEUE, JOB, task.pk, task.attempt, job_id=f"task-{task.pk}-{task.attempt}")
