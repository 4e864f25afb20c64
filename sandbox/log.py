"""What was asked of a stand-in, for tests that count requests and look for lost or repeated effects."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One request. `applied`: the state was changed. `answered`: the caller was sent a whole answer."""

    seq: int
    time: float
    method: str
    route: str
    path: str
    issue: str | None
    status: int | None
    applied: bool
    answered: bool


class RequestLog:
    """Append-only record of requests with counts and the highest number of requests at one time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[LogEntry] = []
        self._counts: Counter[str] = Counter()
        self._active = 0
        self._peak = 0

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count a request as running until its answer is out."""
        with self._lock:
            self._active += 1
            self._peak = max(self._peak, self._active)
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1

    def add(
        self,
        *,
        time: float,
        method: str,
        route: str,
        path: str,
        issue: str | None,
        status: int | None,
        applied: bool,
        answered: bool,
    ) -> int:
        """Record one request and return its sequence number, which starts at 1."""
        with self._lock:
            seq = len(self._entries) + 1
            self._entries.append(LogEntry(seq, time, method, route, path, issue, status, applied, answered))
            self._counts[f"{method} {route}"] += 1
            return seq

    def mark_unanswered(self, seq: int) -> None:
        """The answer could not be delivered after all: the caller had gone."""
        with self._lock:
            if 0 < seq <= len(self._entries):
                self._entries[seq - 1] = replace(self._entries[seq - 1], answered=False)

    def entries(self, *, after: int = 0) -> list[LogEntry]:
        """Everything recorded later than a sequence number."""
        with self._lock:
            return self._entries[max(after, 0) :]

    def summary(self) -> dict[str, object]:
        """Counts by method and route, the total, and the peak of concurrent requests."""
        with self._lock:
            return {
                "total": len(self._entries),
                "peakConcurrency": self._peak,
                "requests": dict(sorted(self._counts.items())),
            }

    def count(self, method: str = "*", route: str = "") -> int:
        """How many requests had this method (`*` for any) and this text in their route."""
        with self._lock:
            return sum(
                number
                for name, number in self._counts.items()
                if route in name and method in ("*", name.partition(" ")[0])
            )

    def clear(self) -> None:
        """Forget everything; requests still running keep counting as running."""
        with self._lock:
            self._entries.clear()
            self._counts.clear()
            self._peak = self._active

    def as_json(self, *, after: int = 0) -> list[dict[str, object]]:
        """The entries in the form the control endpoint answers."""
        return [asdict(entry) for entry in self.entries(after=after)]
