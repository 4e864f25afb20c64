"""The last look at both ends of a project, and the last check, kept in this process for a while, so that pages answer
at once.

Looks hold names and titles of a tenant: they never leave the process, and a change of either connector forgets them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2s

from django.core.cache.backends.locmem import LocMemCache
from django.utils import timezone

from connectors.domain.findings import Finding
from migrations_app.engine.showing import ShownItem
from migrations_app.mappings import stored_mapping
from migrations_app.models import Project
from migrations_app.services.looking import Look
from migrations_app.services.preflight import Preflight

SECONDS = 15 * 60
PREVIEW_SECONDS = 2 * 60
_checks = LocMemCache("checks", {"TIMEOUT": SECONDS, "OPTIONS": {"MAX_ENTRIES": 64}})
_previews = LocMemCache("previews", {"OPTIONS": {"MAX_ENTRIES": 128}})
_looks = LocMemCache("looks", {"TIMEOUT": SECONDS, "OPTIONS": {"MAX_ENTRIES": 16}})


def remember(project: Project, seen: Look) -> None:
    """Keep the look for the next quarter of an hour."""
    _looks.set(_key(project), replace(seen, sketches=()))


def remembered(project: Project) -> Look | None:
    """The look, without its sketches; None when there was none, or not with these connectors."""
    found: Look | None = _looks.get(_key(project))
    return found


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, and when."""

    result: Preflight
    at: datetime


def remember_check(project: Project, result: Preflight) -> Checked:
    """Keep the result until the mapping or a connector changes."""
    checked = Checked(result, timezone.now())
    _checks.set(_key_with_mapping(project), checked)
    return checked


def remembered_check(project: Project) -> Checked | None:
    """The last check of the project as it is now."""
    found: Checked | None = _checks.get(_key_with_mapping(project))
    return found


@dataclass(frozen=True, slots=True)
class Previewed:
    """An item as it would become, with what the check of it and its neighbours found."""

    item: ShownItem
    findings: tuple[Finding, ...]


def remember_previews(project: Project, items: Mapping[str, ShownItem], findings: tuple[Finding, ...]) -> None:
    """Keep previews for as long as somebody steps through them."""
    for number, item in items.items():
        kept = Previewed(item, findings)
        _previews.set(_key_of_item(project, number), kept, timeout=PREVIEW_SECONDS)


def remembered_preview(project: Project, number: str) -> Previewed | None:
    """An item that was composed a moment ago, with this mapping."""
    found: Previewed | None = _previews.get(_key_of_item(project, number))
    return found


def _key_of_item(project: Project, number: str) -> str:
    """Somebody typed the number: it may be any text."""
    return f"{_key_with_mapping(project)}:{blake2s(number.encode(errors='replace')).hexdigest()}"


def _key_with_mapping(project: Project) -> str:
    stored = stored_mapping(project)
    return f"{_key(project)}:{stored.version if stored is not None else 0}"


def _key(project: Project) -> str:
    ends = (project.source_connector, project.target_connector)
    places = (f"{end.pk}@{end.updated_at.timestamp()}" if end is not None else "-" for end in ends)
    return ":".join((str(project.pk), *places))
