"""`{% load runs %}`: runs, items and their places as the console writes them."""

from __future__ import annotations

import json

from django import template

from migrations_app.console.places import End
from migrations_app.console.run_base import is_dry
from migrations_app.models import MigrationRun, RunItem
from migrations_app.progress import percent_of

register = template.Library()

KINDS = {
    "created": "ok",
    "updated": "ok",
    "skipped": "info",
    "filtered": "info",
    "partial": "warn",
    "failed": "bad",
    "deleted": "ok",
    "gone": "info",
    "kept": "warn",
}


@register.filter
def run_name(run: MigrationRun) -> str:
    """Short enough for a heading, and different for every run."""
    kind = "Dry" if is_dry(run) else run.type.capitalize()
    return f"{kind} run {str(run.pk)[:8]}"


@register.filter
def percent(run: MigrationRun) -> int:
    """As the API tells it."""
    return percent_of(run.finished, run.total, run.state)


@register.filter
def not_whole(run: MigrationRun) -> int:
    """Items that failed or arrived in part."""
    return run.partial + run.failed


@register.filter
def outcome_kind(item: RunItem) -> str:
    """The badge's colour."""
    return KINDS.get(item.outcome, "busy")


@register.filter
def kind_of_outcome(outcome: str) -> str:
    """The badge's colour for the word itself."""
    return KINDS.get(outcome, "busy")


@register.filter
def page_of(end: End, item: str) -> str:
    """Where the platform shows the item."""
    return end.page_of(item)


@register.filter
def pretty(value: object) -> str:
    """JSON, indented."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
