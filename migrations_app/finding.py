"""Search over everything an organization has: projects, connectors, runs, and items by id, issue key or title.

Ids and keys are looked up in indexes. Titles are read in the newest runs only, up to a fixed number of items, so that
an answer takes as long with a million items as with a thousand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q, QuerySet

from connectors.models import Connector
from migrations_app.models import MigrationRun, Project, RunItem
from tenancy.models import Organization

MOST_FOUND = 20
RUNS_LOOKED_IN = 100
"""The newest runs, in which ids and keys are looked up."""
RUNS_READ = 3
TITLES_READ = 10_000
"""Titles that are read in each of the newest runs."""
SHORTEST = 2
_KEY = re.compile(r"^([A-Za-z][A-Za-z0-9_]*-)(\d+)$")
_RUN_ID = re.compile(r"^[0-9a-f]{4,32}$")


@dataclass(frozen=True, slots=True)
class Found:
    """What matches, each list the newest first. `titles_read` tells how many titles were looked through, if any."""

    text: str
    projects: list[Project] = field(default_factory=list)
    connectors: list[Connector] = field(default_factory=list)
    runs: list[MigrationRun] = field(default_factory=list)
    items: list[RunItem] = field(default_factory=list)
    titles_read: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.projects or self.connectors or self.runs or self.items)


def search(organization: Organization, text: str) -> Found:
    """What the organization has under this text; nothing for less than two characters."""
    text = " ".join(text.split())
    if len(text) < SHORTEST and not text.isdigit():
        return Found(text)
    runs = list(_newest(organization)[:RUNS_LOOKED_IN].values_list("pk", flat=True))
    items = _by_id_or_key(runs, text)
    read = 0
    if items is None:
        items, read = _by_title(organization, text)
    return Found(
        text=text,
        projects=list(_by_words(Project.objects.for_organization(organization), "name", text)[:MOST_FOUND]),
        connectors=list(_connectors(organization, text)[:MOST_FOUND]),
        runs=_runs(organization, text),
        items=items,
        titles_read=read,
    )


def _newest(organization: Organization) -> QuerySet[MigrationRun]:
    runs = MigrationRun.objects.for_organization(organization).order_by("-created_at", "-pk")
    return runs.defer("checkpoint", "sealed_credentials")


def _by_id_or_key(runs: list[UUID], text: str) -> list[RunItem] | None:
    """None when the text is neither. What begins with it by one digit more is found too, behind the exact ones.

    The numbers in question are listed instead of compared by their beginnings: that way the index is of use under
    every collation.
    """
    number = text.removeprefix("#")
    key = _KEY.match(text)
    rows = RunItem.objects.filter(run__in=runs).select_related("run", "run__project")
    if number.isascii() and number.isdigit():
        values, name = [number, *(f"{number}{digit}" for digit in range(10))], "source"
        rows = rows.filter(source__in=values)
    elif key is not None:
        exact = text.upper()
        values, name = [exact, *(f"{exact}{digit}" for digit in range(10))], "target_key"
        rows = rows.filter(target_key__in=values)
    else:
        return None
    recency = {run: place for place, run in enumerate(runs)}
    found = list(rows.defer("run__checkpoint", "run__sealed_credentials")[: RUNS_LOOKED_IN * 11])
    found.sort(key=lambda item: (getattr(item, name) != values[0], recency[item.run_id], getattr(item, name)))
    return found[:MOST_FOUND]


def _by_title(organization: Organization, text: str) -> tuple[list[RunItem], int]:
    """Items whose title has all the words, in the newest runs that have items."""
    wanted = Q()
    for word in text.split():
        wanted &= Q(title__icontains=word)
    found: list[RunItem] = []
    read = 0
    for run in _newest(organization).filter(total__gt=0).select_related("project")[:RUNS_READ]:
        rows = RunItem.objects.filter(wanted, run=run, position__lt=TITLES_READ).order_by("position")
        for item in rows[: MOST_FOUND - len(found)]:
            item.run = run
            found.append(item)
        read += min(run.total, TITLES_READ)
        if len(found) >= MOST_FOUND:
            break
    return found, read


def _by_words(rows: QuerySet[Project], name: str, text: str) -> QuerySet[Project]:
    for word in text.split():
        rows = rows.filter(**{f"{name}__icontains": word})
    return rows.order_by("-created_at")


def _connectors(organization: Organization, text: str) -> QuerySet[Connector]:
    rows = Connector.objects.for_organization(organization)
    for word in text.split():
        rows = rows.filter(Q(name__icontains=word) | Q(server__icontains=word))
    return rows.defer("sealed_credentials").order_by("name", "pk")


def _runs(organization: Organization, text: str) -> list[MigrationRun]:
    """By the beginning of the id, else by the name of the project."""
    runs = _newest(organization).select_related("project")
    shown = text.casefold().replace("-", "")
    if _RUN_ID.match(shown):
        low, high = UUID(shown.ljust(32, "0")), UUID(shown.ljust(32, "f"))
        by_id = list(runs.filter(pk__gte=low, pk__lte=high)[:MOST_FOUND])
        if by_id:
            return by_id
    for word in text.split():
        runs = runs.filter(project__name__icontains=word)
    return list(runs[:MOST_FOUND])
