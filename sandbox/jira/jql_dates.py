"""Moments in JQL: minute precision, read in the caller's time zone, absolute, or relative to now in elapsed time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sandbox.jira.durations import zone
from sandbox.jira.jql_parser import Function, Operand

_ABSOLUTE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:\s+(\d{1,2}):(\d{2}))?\Z")
_RELATIVE = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)\Z")
_PART = re.compile(r"(\d+)([wdhm])")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


def moment(operand: Operand, *, now: float, zone_name: str) -> float | None:
    """Epoch seconds of a date operand, or None when it cannot be read."""
    here = datetime.fromtimestamp(now, zone(zone_name))
    if isinstance(operand, Function):
        return _function(operand, here)
    text = operand.strip()
    absolute = _ABSOLUTE.match(text)
    if absolute:
        year, month, day, hour, minute = (int(part or 0) for part in absolute.groups())
        try:
            return datetime(year, month, day, hour, minute, tzinfo=here.tzinfo).timestamp()
        except ValueError:
            return None
    shift = _shift(text)
    return None if shift is None else now + shift.total_seconds()


def _shift(text: str) -> timedelta | None:
    relative = _RELATIVE.match(text)
    if not relative:
        return None
    sign = -1 if relative.group(1) == "-" else 1
    total = timedelta()
    for amount, unit in _PART.findall(relative.group(2)):
        total += timedelta(**{_UNITS[unit]: int(amount)})
    return total * sign


def _function(call: Function, here: datetime) -> float | None:
    day = here.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = {
        "now": here,
        "startofday": day,
        "startofweek": day - timedelta(days=(day.weekday() + 1) % 7),
        "startofmonth": day.replace(day=1),
        "startofyear": day.replace(month=1, day=1),
        "endofday": day + timedelta(days=1, seconds=-1),
    }
    base = starts.get(call.name)
    if base is None:
        return None
    shift = _shift(call.arguments[0]) if call.arguments else timedelta()
    return None if shift is None else (base + shift).timestamp()
