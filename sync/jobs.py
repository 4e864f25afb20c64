"""What workers run. Dotted paths and signatures are a stored format: old jobs in the queue name them."""

from __future__ import annotations

from uuid import UUID

from sync.models import TaskKind
from sync.services import control, tasks
from sync.services.crew import advance_due
from sync.services.cutting_over import carry_out_cut_over
from sync.services.resync_slices import carry_out_resync

_WORKERS = {
    TaskKind.START.value: control.carry_out_start,
    TaskKind.RESYNC.value: carry_out_resync,
    TaskKind.CUT_OVER.value: carry_out_cut_over,
}


def advance_synchronization(synchronization_id: str, attempt: int) -> None:
    """Ask both sides and carry over what changed, for one slice, and serve others that are due meanwhile."""
    advance_due(UUID(synchronization_id), attempt)


def advance_task(task_id: str, attempt: int) -> None:
    """Work on a task for one slice; a job whose attempt is over does nothing."""
    tasks.advance_task(task_id, attempt, workers=_WORKERS)
