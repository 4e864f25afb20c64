"""`{% load console %}`: numbers, durations and statuses as the console writes them."""

from __future__ import annotations

from datetime import timedelta

from django import template

register = template.Library()

KINDS = {
    "ok": "ok active completed connected delivered done enabled healthy matched migrated ready resolved succeeded "
    "valid verified yes",
    "warn": "cancelled conflict degraded different expiring expires_soon needs_attention partial paused skipped "
    "unclear unknown warning waiting",
    "bad": "blocked broken dead error expired failed failing invalid missing revoked unhealthy unreachable",
    "busy": "cancelling in_progress pausing pending queued resuming running scanning starting syncing verifying",
}
_KIND_OF = {word: kind for kind, words in KINDS.items() for word in words.split()}


@register.filter
def kind_of(status: object) -> str:
    """The badge's colour for a status: ok, warn, bad, busy, or info for what is none of them."""
    return _KIND_OF.get(_word(status), "info")


@register.filter
def words(status: object) -> str:
    """A status or code as words: `DRY_RUN` is "Dry run"."""
    return _word(status).replace("_", " ").replace("-", " ").capitalize()


@register.filter
def number(value: object) -> str:
    """With thousands separators; a dash for nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value in (None, "") else str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


@register.filter
def duration(value: object) -> str:
    """Seconds or a timedelta in its two largest units: "2 h 05 min"."""
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–"
    seconds = max(0, round(value))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02} min"
    return f"{hours // 24} days {hours % 24} h"


@register.filter
def plural(count: object, one_and_many: str) -> str:
    """`{{ n|plural:"item,items" }}`: the number with the noun that fits it."""
    one, _, many = one_and_many.partition(",")
    return f"{number(count)} {one if count == 1 else many}"


def _word(status: object) -> str:
    return str(getattr(status, "value", status) or "").lower()
