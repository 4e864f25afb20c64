"""The three ways in which the documents of this surface write a moment."""

from __future__ import annotations

from datetime import UTC, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def basic(moment: datetime | None) -> str | None:
    """`2016-11-10T11:07:10+0100`, as synchronizations have it."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S%z")


def spelled(moment: datetime | None) -> str | None:
    """`Apr 25, 2019 -- 07:17 AM`, as tasks have it; independent of the machine's language."""
    if moment is None:
        return None
    there = moment.astimezone(UTC)
    return f"{_MONTHS[there.month - 1]} {there:%d, %Y -- %I:%M} {'AM' if there.hour < 12 else 'PM'}"
