"""Moments as the service writes them: UTC, `Z`, milliseconds with trailing zeros cut."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)


def stamp(moment: float | datetime) -> str:
    """The text of a moment given as epoch seconds or as an aware datetime."""
    when = datetime.fromtimestamp(moment, UTC) if isinstance(moment, int | float) else moment.astimezone(UTC)
    text = when.strftime("%Y-%m-%dT%H:%M:%S")
    millis = when.microsecond // 1000
    return f"{text}.{millis:03d}".rstrip("0") + "Z" if millis else text + "Z"


def parse_date(text: str) -> datetime:
    """A moment from its text; without a zone it is read as UTC. Raises ValueError."""
    found = _DATE.match(text.strip())
    if found is None:
        raise ValueError(f"not a date: {text}")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    micros = int((fraction or "0").ljust(6, "0")[:6])
    iso_zone = "+00:00" if zone in (None, "Z", "z") else zone
    whole = f"{year}-{int(month):02d}-{int(day):02d}T{int(hour or 0):02d}:{minute or '00'}:{second or '00'}"
    return datetime.fromisoformat(f"{whole}.{micros:06d}{iso_zone}").astimezone(UTC)


def has_time(text: str) -> bool:
    """Whether a date text names a time of day."""
    found = _DATE.match(text.strip())
    return found is not None and found.group(4) is not None
