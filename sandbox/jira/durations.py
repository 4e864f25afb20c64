"""Times as the service writes and reads them: stamps, calendar dates, estimates."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_UNITS = {"w": 5 * 8 * 3600, "d": 8 * 3600, "h": 3600, "m": 60}
_ESTIMATE = re.compile(r"(\d+(?:\.\d+)?)\s*([wdhm])", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@lru_cache(maxsize=32)
def zone(name: str) -> ZoneInfo:
    """The time zone of a name, read once."""
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def stamp(moment: float, zone_name: str) -> str:
    """``2026-09-27T10:03:11.123+0200``: milliseconds, no colon in the offset."""
    at = datetime.fromtimestamp(moment, zone(zone_name))
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}" + at.strftime("%z")


def utc_stamp(moment: float) -> str:
    """``2026-09-27T08:03:11.123Z``, the form of sprint dates."""
    at = datetime.fromtimestamp(moment, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def parse_stamp(text: str) -> float | None:
    """Epoch seconds of an ISO date and time with an offset, or None."""
    if not re.match(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", text):
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if parsed.tzinfo is None else parsed.timestamp()


def is_calendar_date(text: str) -> bool:
    """Whether the text is a real day as YYYY-MM-DD."""
    if not _DATE.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def parse_estimate(text: str) -> int | None:
    """Seconds of ``2w 3d 4h 5m`` in working time (8 hours, 5 days); a bare number is minutes."""
    stripped = text.strip()
    if stripped.isdigit():
        return int(stripped) * 60
    if not stripped or _ESTIMATE.sub("", stripped).strip():
        return None
    return int(sum(float(amount) * _UNITS[unit.lower()] for amount, unit in _ESTIMATE.findall(stripped)))


def show_estimate(seconds: int) -> str:
    """The same seconds as ``1d 3h``."""
    if seconds < 60:
        return "0m"
    parts = []
    for unit in "wdhm":
        amount, seconds = divmod(seconds, _UNITS[unit])
        if amount:
            parts.append(f"{amount}{unit}")
    return " ".join(parts)
