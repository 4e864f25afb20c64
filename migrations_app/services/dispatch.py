"""Handing a run to the workers."""

from __future__ import annotations

from django.utils import timezone

from migrations_app.models import MigrationRun
from tenancy.queueing import enqueue

JOB = "migrations_app.jobs.advance_run"
QUEUE = "runs"


def dispatch(run: MigrationRun) -> None:
    """Have the run's next slice worked on, after the commit. The job is good for this attempt only: once a worker has
    claimed the run, or somebody paused or cancelled it, older jobs find nothing to do.

    Raises QueueUnreachable, inside a transaction from its commit.
    """
    MigrationRun.objects.filter(pk=run.pk, attempt=run.attempt).update(enqueued_at=timezone.now())
    enqueue(QUEUE, JOB, str(run.pk), run.attempt, job_id=f"run-{run.pk}-{run.attempt}")
