"""A run's log as people read it: one line per event, with a level, without the progress in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from connectors.domain.errors import DomainError
from migrations_app.models import MigrationRun, RunEvent
from migrations_app.store import PROGRESS

SHOWN = 200
"""Lines per load."""
WINDOW = 5_000
"""Events that a level is looked for in: a filter never reads a whole log."""
LEVELS = {"all": "Everything", "warn": "Waits and failures", "bad": "Failures only"}
_MARKS = {"✓": "ok", "✗": "bad", "…": "warn"}
_WORDS = {
    "verifying": "Verification has begun: both sides are read again.",
    "verified": "Verification is through.",
    "rolled_back": "The rollback is through.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `level` is ok, info, warn or bad; `item` is what it is about, if anything."""

    seq: int
    at: datetime
    level: str
    text: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class LogPart:
    """A piece of a log in the order of events. `before` is where the older piece ends, None at the beginning; `last` is
    the event that it reaches to."""

    lines: list[Line]
    before: int | None
    last: int


def level_of(text: str) -> str:
    """Raises DomainError for what is no level."""
    if text and text not in LEVELS:
        raise DomainError("VALIDATION_FAILED", f"There is no level {text[:40]!r}", errors={"level": ["Choose one."]})
    return text or "all"


def newest_part(run: MigrationRun, *, level: str = "all", before: int | None = None) -> LogPart:
    """The last lines, or those in front of an event."""
    end = run.event_seq + 1 if before is None else min(before, run.event_seq + 1)
    start = max(0, end - WINDOW)
    rows = list(_told(run, level).filter(seq__gte=start, seq__lt=end).order_by("-seq")[:SHOWN])
    older = rows[-1].seq if len(rows) == SHOWN else start
    return LogPart([line_of(row) for row in reversed(rows)], older if older > 1 else None, run.event_seq)


def part_after(run: MigrationRun, seq: int, *, level: str = "all") -> LogPart:
    """What came next behind an event: whoever is not at `event_seq` then asks again. Whoever was away for very long
    is taken to the newest events."""
    start = max(seq, run.event_seq - WINDOW)
    rows = list(_told(run, level).filter(seq__gt=start, seq__lte=run.event_seq).order_by("seq")[:SHOWN])
    last = rows[-1].seq if len(rows) == SHOWN else run.event_seq
    return LogPart([line_of(row) for row in rows], None, last)


def _told(run: MigrationRun, level: str) -> Any:
    rows = RunEvent.objects.filter(run=run).exclude(kind__in=(PROGRESS, "done"))
    failed = Q(kind="log", data__message__startswith="✗") | Q(kind="status", data__has_key="code")
    if level == "bad":
        return rows.filter(failed)
    return rows.filter(failed | Q(kind="log", data__message__startswith="…")) if level == "warn" else rows


def line_of(event: RunEvent) -> Line:
    """One event in words. A kind without words of its own is told by its name."""
    level, text = _tell(event.kind, event.data)
    return Line(event.seq, event.created_at, level, text, str(event.data.get("item") or ""))


def _tell(kind: str, data: Mapping[str, Any]) -> tuple[str, str]:
    match kind:
        case "log":
            text = str(data.get("message", ""))
            return _MARKS.get(text[:1], "info"), text
        case "status":
            status, message = str(data.get("status", "")).lower(), str(data.get("message", ""))
            return ("bad" if data.get("code") else "info"), f"Status: {status}. {message}".strip()
        case "findings":
            found = data.get("findings") or []
            return ("warn" if found else "info"), f"The plan is made, with {len(found)} findings." if found else (
                "The plan is made, without findings."
            )
        case "changed_since":
            return "info", f"#{data.get('item', '')} was edited in the source after it was moved."
        case "double_removed":
            return "ok", f"{data.get('key', '')} was a second issue for #{data.get('item', '')} and was removed."
    return "info", _WORDS.get(kind, kind.replace("_", " ").capitalize() + ".")
