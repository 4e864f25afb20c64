"""Finding runs that should be worked on and are not: their worker died, their job was lost, or their time has come."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from migrations_app.engine.state import RunStatus
from migrations_app.models import MigrationRun, RunPreview
from migrations_app.services.dispatch import dispatch
from migrations_app.statuses import unleased
from tenancy.errors import QueueUnreachable

log = logging.getLogger(__name__)

PREVIEWS_KEPT = timedelta(days=14)


def forget_old_previews() -> int:
    """Delete the payloads of dry runs that are older than 14 days; tells how many."""
    deleted, _ = RunPreview.objects.filter(created_at__lt=timezone.now() - PREVIEWS_KEPT).delete()
    return deleted


def sweep_runs() -> int:
    """Order a slice for every run that is due; tells how many. Safe to call often and from several machines: a job is
    good for one attempt, and a run whose job was ordered within SWEEP_SECONDS is left alone.
    """
    now = timezone.now()
    due = Q(resume_at__isnull=True) | Q(resume_at__lte=now)
    patience = timedelta(seconds=settings.SWEEP_SECONDS)
    unordered = Q(enqueued_at__isnull=True) | Q(enqueued_at__lte=now - patience)
    waiting = (RunStatus.PENDING.value, RunStatus.RUNNING.value)
    runs = MigrationRun.objects.filter(due, unordered, unleased(), status__in=waiting).only("pk", "attempt")
    ordered = 0
    for run in runs:
        try:
            dispatch(run)
        except QueueUnreachable as error:
            log.warning("Due runs wait for the queue: %s", error)
            MigrationRun.objects.filter(pk=run.pk, attempt=run.attempt).update(enqueued_at=None)
            break
        ordered += 1
    return ordered
