"""Reads. Every one starts from an organization; what belongs to another one does not exist (404)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from connectors.credentials import unseal_values
from connectors.domain.errors import DomainError
from sync.models import (
    AsyncTask,
    HourlyCount,
    Matter,
    MatterStatus,
    Pair,
    Synchronization,
    SynchronizationSide,
    SynchronizationStatus,
)
from tenancy.models import Organization, User

MAX_HOURS = 24 * 31


def synchronizations_of(organization: Organization, *, project: str = "") -> QuerySet[Synchronization]:
    """The organization's synchronizations, the newest first, with their sides; of one project when it is named."""
    sides = SynchronizationSide.objects.select_related("connector_project__connector").order_by("position")
    rows = Synchronization.objects.for_organization(organization).select_related("created_by", "changed_by")
    if project:
        named = SynchronizationSide.objects.filter(connector_project__key__iexact=project, organization=organization)
        rows = rows.filter(pk__in=named.values("synchronization"))
    return rows.prefetch_related(Prefetch("sides", sides)).order_by("-number")


def find_synchronization(organization: Organization, key: str) -> Synchronization:
    """One synchronization by its key, `INT-16`. Raises DomainError SYNCHRONIZATION_NOT_FOUND."""
    prefix, _, number = key.strip().upper().partition("-")
    found = None
    if prefix == "INT" and number.isascii() and number.isdigit() and len(number) < 10:
        found = synchronizations_of(organization).filter(number=int(number)).first()
    if found is None:
        raise DomainError("SYNCHRONIZATION_NOT_FOUND", f"There is no synchronization {key[:70]}", status=404)
    return found


def find_side(organization: Organization, key: str) -> SynchronizationSide:
    """One side by its connector key, with its synchronization. Raises DomainError CONNECTOR_NOT_FOUND."""
    sides = SynchronizationSide.objects.for_organization(organization)
    found = sides.select_related("synchronization", "connector_project__connector").filter(key=key.strip()).first()
    if found is None:
        raise DomainError("CONNECTOR_NOT_FOUND", f"There is no connector {key[:70]}", status=404)
    return found


def sides_of(synchronization: Synchronization) -> tuple[SynchronizationSide, SynchronizationSide]:
    """The first and the second side, as they were fetched with it."""
    first, second = sorted(synchronization.sides.all(), key=lambda side: side.position)
    return first, second


def other_side(side: SynchronizationSide) -> SynchronizationSide:
    """The partner."""
    return SynchronizationSide.objects.select_related("connector_project__connector").get(
        synchronization=side.synchronization_id, position=3 - side.position
    )


def pairs_of(side: SynchronizationSide, *, local: str = "", remote: str = "") -> QuerySet[Pair]:
    """The side's sync information, the oldest first, without bases."""
    pairs = Pair.objects.filter(synchronization=side.synchronization_id, deleted_at__isnull=True)
    here, there = ("first_key", "second_key") if side.position == 1 else ("second_key", "first_key")
    if local:
        pairs = pairs.filter(**{here: local})
    if remote:
        pairs = pairs.filter(**{there: remote})
    return pairs.defer("sealed_base").order_by("pk")


def page_of_pairs(pairs: QuerySet[Pair], *, after: int, limit: int) -> list[Pair]:
    """Pairs behind a number: pages that stay fast however deep."""
    return list(pairs.filter(pk__gt=after)[:limit])


def find_task(organization: Organization, task_id: str, *, user: User) -> AsyncTask:
    """A task of the person who started it. Raises DomainError TASK_NOT_FOUND."""
    tasks = AsyncTask.objects.for_organization(organization).select_related("synchronization")
    found = tasks.filter(pk=task_id.upper(), user=user).first()
    if found is None:
        raise DomainError("TASK_NOT_FOUND", f"There is no task {task_id[:40]}", status=404)
    return found


def tasks_of(synchronization: Synchronization) -> QuerySet[AsyncTask]:
    """A synchronization's tasks, the newest first."""
    return AsyncTask.objects.filter(synchronization=synchronization).select_related("user")


def matters_of(
    synchronization: Synchronization, *, status: str = MatterStatus.OPEN, kind: str = "", text: str = ""
) -> QuerySet[Matter]:
    """What waits for a person, the newest first; an empty status means all."""
    matters = Matter.objects.filter(synchronization=synchronization).select_related("pair", "resolved_by")
    if status:
        matters = matters.filter(status=status)
    if kind:
        matters = matters.filter(kind=kind)
    if text:
        matters = matters.filter(Q(item=text) | Q(pair__first_key=text) | Q(pair__second_key=text))
    return matters


def find_matter(organization: Organization, matter_id: int) -> Matter:
    """One matter. Raises DomainError MATTER_NOT_FOUND."""
    matters = Matter.objects.for_organization(organization).select_related("pair", "synchronization")
    found = matters.filter(pk=matter_id).first() if 0 < matter_id < 2**63 else None
    if found is None:
        raise DomainError("MATTER_NOT_FOUND", f"There is no matter {matter_id}", status=404)
    return found


def matter_values(matter: Matter) -> dict[str, Any]:
    """What both sides and the base hold: `{"base": [first, second], "values": [first, second]}`. Raises
    CREDENTIALS_UNREADABLE."""
    return {"base": None, "values": None, **_unsealed(matter)}


def _unsealed(matter: Matter) -> dict[str, Any]:
    stored = unseal_values(matter, matter.sealed_values)
    return {name: json.loads(text) for name, text in stored.items() if name in ("base", "values")}


@dataclass(frozen=True, slots=True)
class SyncState:
    """How a synchronization stands: counts for its page and its status."""

    pairs: int
    held: int
    open_matters: int
    errors: tuple[int, int]
    waiting: int


def state_of(synchronization: Synchronization) -> SyncState:
    """Counted from the rows. `errors` are open errors by the side whose change cannot be carried."""
    pairs = Pair.objects.filter(synchronization=synchronization, deleted_at__isnull=True)
    unsettled = Matter.objects.filter(synchronization=synchronization, status=MatterStatus.OPEN)
    return SyncState(
        pairs=pairs.count(),
        held=pairs.filter(held=True).count(),
        open_matters=unsettled.count(),
        errors=errors_of([synchronization])[synchronization.pk],
        waiting=synchronization.pending.count(),
    )


def errors_of(rows: Sequence[Synchronization]) -> dict[UUID, tuple[int, int]]:
    """Open matters of several synchronizations, by the side whose change cannot be carried."""
    found = Matter.objects.filter(synchronization__in=[row.pk for row in rows], status=MatterStatus.OPEN)
    counts = found.order_by().values_list("synchronization", "position").annotate(Count("pk"))
    by_place = {(synchronization, position): count for synchronization, position, count in counts}
    return {row.pk: (by_place.get((row.pk, 1), 0), by_place.get((row.pk, 2), 0)) for row in rows}


def hours_of(synchronization: Synchronization, *, hours: int = 24) -> Sequence[HourlyCount]:
    """What was carried in the last hours, the oldest first."""
    since = timezone.now() - timedelta(hours=min(hours, MAX_HOURS))
    return list(HourlyCount.objects.filter(synchronization=synchronization, hour__gte=since).order_by("hour"))


def synchronization_of_run(organization: Organization, run_id: Any) -> Synchronization | None:
    """The synchronization that a run was handed to, if any."""
    return synchronizations_of(organization).filter(origin_run=run_id).first()


def is_running(synchronization: Synchronization) -> bool:
    """Whether it is meant to be worked on."""
    return synchronization.status == SynchronizationStatus.RUNNING
