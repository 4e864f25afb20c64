"""How far a run is, for its page: figures, phases, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from migrations_app.console.places import Ends
from migrations_app.engine.state import Control, Phase, RunStatus
from migrations_app.models import MigrationRun, RunEvent
from migrations_app.progress import percent_of
from migrations_app.store import PROGRESS

RECENT = 500
"""Events that the last word about speed or a wait is looked for in."""
STALE = timedelta(seconds=15)
OUTCOMES = (
    ("created", "Created"),
    ("updated", "Updated"),
    ("skipped", "Skipped"),
    ("partial", "Partial"),
    ("failed", "Failed"),
)


@dataclass(frozen=True, slots=True)
class Count:
    """Items with one outcome."""

    name: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """One phase; `state` is done, current or ahead."""

    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Why nothing happens at the moment, and until when."""

    title: str
    until: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the page shows of a run's progress."""

    percent: int
    finished: int
    total: int
    pending: int
    outcomes: list[Count]
    steps: list[Step]
    speed: float | None
    seconds_left: int | None
    elapsed: timedelta | None
    wait: Wait | None


def figures_of(run: MigrationRun, ends: Ends) -> Figures:
    """Three reads at most, whatever the run's size."""
    told = _last_progress(run) if run.state is RunStatus.RUNNING else None
    return Figures(
        percent=percent_of(run.finished, run.total, run.state),
        finished=run.finished,
        total=run.total,
        pending=max(0, run.total - run.finished),
        outcomes=[Count(name, title, getattr(run, name)) for name, title in OUTCOMES],
        steps=_steps(run),
        speed=told.get("speed") if told else None,
        seconds_left=told.get("etaSeconds") if told else None,
        elapsed=_elapsed(run),
        wait=_wait(run, ends),
    )


def _steps(run: MigrationRun) -> list[Step]:
    over = run.state in (RunStatus.COMPLETED, RunStatus.PARTIAL)
    begun = run.started_at is not None
    return [
        Step(
            phase.label.capitalize(),
            "done" if over or phase < run.phase else "current" if begun and phase == run.phase else "ahead",
        )
        for phase in Phase
    ]


def _elapsed(run: MigrationRun) -> timedelta | None:
    return (run.finished_at or timezone.now()) - run.started_at if run.started_at else None


def _last_progress(run: MigrationRun) -> dict[str, Any] | None:
    """None when the last word is old: a speed of a while ago says nothing."""
    recent = RunEvent.objects.filter(run=run, seq__gt=run.event_seq - RECENT, kind=PROGRESS)
    last = recent.order_by("-seq").first()
    return last.data if last is not None and timezone.now() - last.created_at < STALE else None


def _wait(run: MigrationRun, ends: Ends) -> Wait | None:
    if run.state is RunStatus.RUNNING and run.control == Control.CANCEL:
        return Wait("Cancelling", None, "Requests that are under way are finished first.")
    if run.state is RunStatus.RUNNING and run.control == Control.PAUSE:
        return Wait("Pausing", None, "Requests that are under way are finished first.")
    later = run.resume_at is not None and run.resume_at > timezone.now()
    if run.state is RunStatus.PENDING:
        text = "Nothing to do: it starts by itself." if later else "It begins as soon as a worker is free."
        return Wait("Planned for" if later else "Waiting for a worker", run.resume_at if later else None, text)
    if run.state is not RunStatus.RUNNING or not later:
        return None
    if run.trouble_since is None:
        words = "A call without an answer is settled first, so that nothing is created twice."
        return Wait("Waiting for certainty until", run.resume_at, words)
    return Wait(f"Waiting for {_who(run, ends)} until", run.resume_at, _last_wait(run))


def _last_wait(run: MigrationRun) -> str:
    """The platform's own words, as the log has them."""
    recent = RunEvent.objects.filter(run=run, seq__gt=run.event_seq - RECENT, kind="log")
    last = recent.filter(data__message__startswith="…").order_by("-seq").first()
    said = str(last.data.get("message", "")).removeprefix("…").strip() if last else ""
    return said or "The platform asked for a pause. The run goes on by itself."


def _who(run: MigrationRun, ends: Ends) -> str:
    """The platform whose name the last wait has; both sides are possible otherwise."""
    said = _last_wait(run)
    named = [end.name for end in (ends.source, ends.target) if end.name.casefold() in said.casefold()]
    return named[0] if len(named) == 1 else "the platform"
