"""What a run becomes after a slice: from how the slice ended, and from what the user wants, to the next state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from migrations_app.engine.config import SliceEnd, SliceResult
from migrations_app.engine.state import Control, RunStatus
from migrations_app.models import MigrationRun
from migrations_app.statuses import UNREMARKABLE, Reason
from migrations_app.store import counters_of

TROUBLE_ENDS_AFTER = timedelta(minutes=15)
"""A platform that lets nothing through for longer pauses the run: somebody should look."""
SETTLING = "settling"
"""The engine's word for waiting until an unclear effect shows: no trouble with a platform."""


@dataclass(frozen=True, slots=True)
class NextState:
    """Either another status with its reason, or None: the run goes on at `resume_at` (None: at once)."""

    status: RunStatus | None = None
    reason: Reason = UNREMARKABLE
    resume_at: datetime | None = None
    trouble_since: datetime | None = None


def decide(run: MigrationRun, result: SliceResult, *, now: datetime) -> NextState:
    """`run` is the row under its lock, with the user's wish as it is now."""
    reason = Reason(result.code, result.message)
    match result.end:
        case SliceEnd.FAILED:
            return NextState(RunStatus.FAILED, reason)
        case SliceEnd.FINISHED:
            return NextState(RunStatus.PARTIAL if counters_of(run).has_failure else RunStatus.COMPLETED)
    if run.control == Control.CANCEL:
        return NextState(RunStatus.CANCELLED)
    match result.end:
        case SliceEnd.PAUSED if result.code:
            # Access lost before anything was planned is a wrong start, not a pause.
            return NextState(RunStatus.PAUSED if run.total else RunStatus.FAILED, reason)
        case _ if run.control == Control.PAUSE:
            return NextState(RunStatus.PAUSED)
        case SliceEnd.WAIT:
            return _wait(run, result, now=now)
    # CONTINUE; or PAUSED and CANCELLED for a wish that was taken back, or for a process that had to end.
    return NextState()


def _wait(run: MigrationRun, result: SliceResult, *, now: datetime) -> NextState:
    resume_at = now + timedelta(seconds=result.resume_in)
    if result.code == SETTLING:
        return NextState(resume_at=resume_at, trouble_since=run.trouble_since)
    since = run.trouble_since or now
    if now - since >= TROUBLE_ENDS_AFTER:
        return NextState(RunStatus.PAUSED, Reason(result.code, result.message))
    return NextState(resume_at=min(resume_at, since + TROUBLE_ENDS_AFTER), trouble_since=since)
