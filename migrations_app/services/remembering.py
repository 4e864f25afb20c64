"""The last look at both ends of a project, kept in this process for a while, so that an editor answers at once.

Looks hold names and titles of a tenant: they never leave the process, and a change of either connector forgets them.
"""

from __future__ import annotations

from dataclasses import replace

from django.core.cache.backends.locmem import LocMemCache

from migrations_app.models import Project
from migrations_app.services.looking import Look

SECONDS = 15 * 60
_looks = LocMemCache("looks", {"TIMEOUT": SECONDS, "OPTIONS": {"MAX_ENTRIES": 16}})


def remember(project: Project, seen: Look) -> None:
    """Keep the look for the next quarter of an hour."""
    _looks.set(_key(project), replace(seen, sketches=()))


def remembered(project: Project) -> Look | None:
    """The look, without its sketches; None when there was none, or not with these connectors."""
    found: Look | None = _looks.get(_key(project))
    return found


def _key(project: Project) -> str:
    ends = (project.source_connector, project.target_connector)
    places = (f"{end.pk}@{end.updated_at.timestamp()}" if end is not None else "-" for end in ends)
    return ":".join((str(project.pk), *places))
