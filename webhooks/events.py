"""The events that are told, and what a subscription to some of them means."""

from __future__ import annotations

from collections.abc import Iterable

EVENTS: tuple[str, ...] = (
    "run.pending",
    "run.running",
    "run.paused",
    "run.completed",
    "run.partial",
    "run.failed",
    "run.cancelled",
    "scan.pending",
    "scan.running",
    "scan.completed",
    "scan.failed",
    "synchronization.started",
    "synchronization.stopped",
    "synchronization.failed",
    "synchronization.conflict",
)
"""`<what>.<what became of it>`: a run's and a scan's new status, what a synchronization needs people to know."""

PATTERNS: tuple[str, ...] = tuple(sorted({f"{event.partition('.')[0]}.*" for event in EVENTS}))


def unknown_subscriptions(wanted: Iterable[str]) -> list[str]:
    """Entries that are neither an event nor a pattern."""
    return [each for each in wanted if each not in EVENTS and each not in PATTERNS]


def is_subscribed(wanted: Iterable[str], event: str) -> bool:
    """Whether a subscription takes an event."""
    pattern = f"{event.partition('.')[0]}.*"
    return any(each in (event, pattern) for each in wanted)
