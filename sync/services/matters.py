"""Matters: what a person decides about a pair, carried out by the next pass."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors.credentials import seal_values, unseal_values
from connectors.domain.errors import DomainError
from connectors.domain.systems import invalid
from sync.engine.ports import Take
from sync.matter_rows import ANSWER
from sync.models import Matter, MatterKind, MatterStatus, Pair, PendingItem, Synchronization, SynchronizationStatus
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal

BY_RESOLUTION = {
    "first": Take.FIRST,
    "second": Take.SECOND,
    "edit": Take.VALUE,
    "ignore": Take.AGREE,
    "retry": Take.RETRY,
}
_FOR_ERRORS = ("retry", "ignore")


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a person decided: first, second, edit (with a value in the terms of a side), ignore or retry."""

    how: str
    value: Any = None
    side: int = 1


@transaction.atomic
def resolve_matter(matter: Matter, resolution: Resolution, *, by: Principal) -> Matter:
    """Answer an open matter. The pair is worked on by the next pass, which carries the answer out; ignoring an error
    lets the pair go on without the change that failed.

    Raises NotPermitted; DomainError MATTER_SETTLED, VALIDATION_FAILED.
    """
    require(by, Action.RESOLVE_CONFLICTS)
    row = _lock(matter, by=by)
    if resolution.how not in BY_RESOLUTION or (row.kind == MatterKind.ERROR and resolution.how not in _FOR_ERRORS):
        allowed = _FOR_ERRORS if row.kind == MatterKind.ERROR else tuple(BY_RESOLUTION)
        raise invalid({"resolution": [f"One of {', '.join(allowed)} is expected."]})
    if resolution.side not in (1, 2):
        raise invalid({"side": ["1 or 2 is expected."]})
    if resolution.how == "edit" and not _may_edit(row):
        raise invalid({"resolution": ["There is no value to be edited here: take one side's."]})
    row.status = MatterStatus.TAKEN
    row.resolution = resolution.how
    row.resolved_by, row.resolved_at = by.user, timezone.now()
    answer = {"take": BY_RESOLUTION[resolution.how].value, "value": resolution.value, "position": resolution.side}
    row.sealed_values = seal_values(row, {**unseal_values(row, row.sealed_values), ANSWER: json.dumps(answer)})
    row.save()
    _look_again(row)
    audit.record(
        organization=by.organization,
        actor=by.user,
        action=f"synchronization.matter_{resolution.how}",
        target=row,
        after={"field": row.field, "code": row.code},
    )
    return row


@transaction.atomic
def retry_all(synchronization: Synchronization, *, by: Principal) -> int:
    """Try every error again; tells how many. Raises NotPermitted."""
    require(by, Action.RESOLVE_CONFLICTS)
    errors = Matter.objects.for_organization(by.organization).filter(
        synchronization=synchronization, kind=MatterKind.ERROR, status=MatterStatus.OPEN
    )
    found = list(errors.select_related("pair")[:1_000])
    for matter in found:
        resolve_matter(matter, Resolution("retry"), by=by)
    return len(found)


def _may_edit(matter: Matter) -> bool:
    return bool(matter.field) and ":" not in matter.field and matter.field != "type"


def _lock(matter: Matter, *, by: Principal) -> Matter:
    rows = Matter.objects.for_organization(by.organization).select_for_update(of=("self",))
    row = rows.select_related("pair", "synchronization").get(pk=matter.pk)
    if row.status != MatterStatus.OPEN:
        raise DomainError("MATTER_SETTLED", f"Matter {row.pk} has been answered already", status=409)
    return row


def _look_again(matter: Matter) -> None:
    """Have the pair worked on by the next pass, and that one soon."""
    synchronization = matter.synchronization
    key, position = matter.item, matter.position
    if matter.pair is not None:
        key, position = matter.pair.first_key, 1
        still = Matter.objects.filter(pair=matter.pair, status=MatterStatus.OPEN).exclude(pk=matter.pk)
        if not still.exists():
            Pair.objects.filter(pk=matter.pair.pk).update(held=False)
    PendingItem.objects.update_or_create(
        synchronization=synchronization,
        position=position,
        key=key,
        defaults={
            "organization_id": synchronization.organization_id,
            "not_before": timezone.now(),
            "attempts": 0,
            "quiet": True,
        },
    )
    Synchronization.objects.filter(pk=synchronization.pk, status=SynchronizationStatus.RUNNING).update(
        due_at=timezone.now()
    )
