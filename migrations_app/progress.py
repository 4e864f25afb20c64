"""How far a run is, in the words of the API and the stream."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from migrations_app.engine.state import Phase, RunStatus

SPEED_WINDOW = 10.0
"""Seconds over which `speed` is the average."""
PROGRESS_EVERY = 0.5
"""At most two progress events a second."""


def percent_of(finished: int, total: int, status: RunStatus) -> int:
    """The rounded share of finished items (halves upwards); 100 is kept for runs that came to their end."""
    if status in (RunStatus.COMPLETED, RunStatus.PARTIAL):
        return 100
    if not total:
        return 0
    return min(99, (200 * finished + total) // (2 * total))


@dataclass(frozen=True, slots=True)
class Counters:
    """What has become of a run's items. `created` to `failed` and what is pending add up to `total`."""

    total: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    partial: int = 0
    failed: int = 0

    @property
    def finished(self) -> int:
        return self.created + self.updated + self.skipped + self.partial + self.failed

    @property
    def has_failure(self) -> bool:
        return self.partial + self.failed > 0


class Speedometer:
    """Items per second over the last ten seconds, from samples of (time, finished items)."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, now: float, finished: int) -> None:
        """Remember a sample and forget those that left the window, except the one that opens it."""
        self._samples.append((now, finished))
        while len(self._samples) > 2 and self._samples[1][0] <= now - SPEED_WINDOW:
            self._samples.popleft()

    @property
    def speed(self) -> float:
        """Zero until two samples exist. Never negative: an outcome that is taken back is no speed."""
        if len(self._samples) < 2:
            return 0.0
        (start, before), (end, after) = self._samples[0], self._samples[-1]
        return max(0.0, round((after - before) / max(end - start, 0.001), 1))


def progress_data(counters: Counters, *, phase: int, speed: float, status: RunStatus) -> dict[str, Any]:
    """The data of a `progress` event. `etaSeconds` is None while there is nothing to tell it from."""
    left = counters.total - counters.finished
    return {
        "current": counters.finished,
        "total": counters.total,
        "percent": percent_of(counters.finished, counters.total, status),
        "speed": speed,
        "phase": Phase(phase).label,
        "etaSeconds": round(left / speed) if speed else (0 if counters.total and not left else None),
    }


def done_data(counters: Counters) -> dict[str, Any]:
    """The data of the `done` event."""
    return {
        "stats": {
            "created": counters.created,
            "updated": counters.updated,
            "skipped": counters.skipped,
            "partial": counters.partial,
            "failed": counters.failed,
        }
    }
