"""Sync information: which items are one. Imported all or nothing, deleted softly, restored for 30 days."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from connectors.domain.errors import DomainError
from sync.bulk import chunks, insert, update
from sync.models import Pair, Synchronization, SynchronizationSide
from sync.queries import other_side
from sync.services.configuration import compare_again, lock
from sync.services.information_rows import LOCAL, REMOTE, ImportRow, KeyRule, read_rows
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal

RESTORABLE = timedelta(days=30)
_BY_SIDE = ("last_outgoing", "last_change_seen", "last_incoming", "outgoing_sequence", "incoming_sequence")
"""In the order of `information_rows.NUMBERS` without the first."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to. `ids` are the pairs in the order of the rows."""

    created: int
    updated: int
    ids: Sequence[int]


def import_information(side: SynchronizationSide, raw: Any, *, by: Principal) -> Imported:
    """Import rows as the documents write them: all of them or, with one fault, none. A pair that is known is updated.

    Raises NotPermitted, DomainError VALIDATION_FAILED with the faults by row.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    rows, faults = read_rows(raw, local=KeyRule(side), remote=KeyRule(other_side(side)))
    if faults:
        raise _refused(faults)
    with transaction.atomic():
        row = lock(side.synchronization, by=by)
        known, faults = _known_pairs(side, rows)
        if faults:
            raise _refused(faults)
        now = int(time.time() * 1000)
        fresh = [each for each in rows if each.local not in known]
        _insert(side, fresh, now=now)
        _update(side, [(known[each.local], each) for each in rows if each.local in known])
        if rows:
            compare_again(row.pk)
        counts = {"created": len(fresh), "updated": len(rows) - len(fresh)}
        audit.record(
            organization=by.organization,
            actor=by.user,
            action="sync_information.imported",
            target=side,
            after=counts,
        )
    return Imported(**counts, ids=_ids(side, rows))


@transaction.atomic
def delete_information(side: SynchronizationSide, *, pair_id: int | None = None, by: Principal) -> int:
    """Forget one pair or, without a number, all: the items stay, and `restore_information` brings the pairs back for
    30 days. Tells how many.

    Raises NotPermitted, DomainError SYNC_INFORMATION_NOT_FOUND.
    """
    require(by, Action.DELETE_SYNC_INFORMATION)
    lock(side.synchronization, by=by)
    pairs = _live(side)
    if pair_id is not None:
        pairs = pairs.filter(pk=pair_id) if 0 < pair_id < 2**63 else pairs.none()
    count = pairs.update(deleted_at=timezone.now(), deletion=uuid.uuid4())
    if pair_id is not None and not count:
        raise DomainError(
            "SYNC_INFORMATION_NOT_FOUND", f"{side.key} has no sync information with the id {pair_id}", status=404
        )
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="sync_information.deleted",
        target=side,
        before={"count": count, "id": pair_id},
    )
    return count


@transaction.atomic
def restore_information(side: SynchronizationSide, *, pair_id: int | None = None, by: Principal) -> int:
    """Bring back what was deleted in the last 30 days, or one pair of it. A pair stays deleted when one of its items
    has another partner by now. Tells how many came back.

    Raises NotPermitted.
    """
    require(by, Action.DELETE_SYNC_INFORMATION)
    row = lock(side.synchronization, by=by)
    gone = Pair.objects.filter(synchronization=row, deleted_at__gt=timezone.now() - RESTORABLE)
    if pair_id is not None:
        gone = gone.filter(pk=pair_id) if 0 < pair_id < 2**63 else gone.none()
    same = {"synchronization": row}
    taken = Q()
    for name in ("first_key", "second_key"):
        live = Pair.objects.filter(**same, deleted_at__isnull=True, **{name: OuterRef(name)})
        later = Pair.objects.filter(**same, deleted_at__isnull=False, **{name: OuterRef(name)}, pk__gt=OuterRef("pk"))
        taken |= Exists(live) | (Exists(later) if pair_id is None else Q(pk__in=[]))
    count = Pair.objects.filter(pk__in=gone.exclude(taken).values("pk")).update(deleted_at=None, deletion=None)
    if count:
        compare_again(row.pk)
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="sync_information.restored",
        target=side,
        after={"count": count, "id": pair_id},
    )
    return count


def forget_deleted_pairs() -> int:
    """Remove for good what can no longer be restored; tells how many. Called by the scheduler."""
    old = Pair.objects.filter(deleted_at__lt=timezone.now() - RESTORABLE).order_by("pk")
    deleted, _ = Pair.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:5_000])).delete()
    return deleted


def new_pair_columns() -> tuple[str, ...]:
    """The columns of `new_pair_row`, and with them all that a new pair needs."""
    return (
        "organization", "synchronization", "first_key", "second_key", "sealed_base", "first_version", "second_version",
        "first_sync", *(f"first_{name}" for name in _BY_SIDE), "first_incoming_ignored",
        *(f"second_{name}" for name in _BY_SIDE), "second_incoming_ignored", "held",
    )  # fmt: skip


def new_pair_row(synchronization: Synchronization, first_key: str, second_key: str, *, now: int) -> tuple[Any, ...]:
    """A pair that nothing was carried for yet."""
    unused = (now, now, now, 0, 0, False)
    return (
        synchronization.organization_id, synchronization.pk, first_key, second_key, "", "", "", now, *unused, *unused,
        False,
    )  # fmt: skip


def _refused(faults: Mapping[str, list[str]]) -> DomainError:
    where, texts = next(iter(faults.items()))
    words = f"Nothing was imported: {where + ' ' if where else ''}{texts[0]}"
    return DomainError("VALIDATION_FAILED", words, errors=faults)


def _live(side: SynchronizationSide) -> QuerySet[Pair]:
    return Pair.objects.filter(synchronization=side.synchronization_id, deleted_at__isnull=True)


def _names(side: SynchronizationSide) -> tuple[str, str]:
    return ("first", "second") if side.position == 1 else ("second", "first")


def _known_pairs(side: SynchronizationSide, rows: Sequence[ImportRow]) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Local key -> the pair's number for rows whose pair is known, and the rows that contradict what is known."""
    here, there = _names(side)
    known: dict[str, tuple[int, str]] = {}
    owners: dict[str, str] = {}
    columns = ("pk", f"{here}_key", f"{there}_key")
    for some in chunks(rows):
        mine = {f"{here}_key__in": [row.local for row in some]}
        theirs = {f"{there}_key__in": [row.remote for row in some]}
        for condition in (mine, theirs):
            for pk, local, remote in _live(side).filter(**condition).values_list(*columns):
                known[local] = (pk, remote)
                owners[remote] = local
    faults: dict[str, list[str]] = {}
    for number, row in enumerate(rows):
        if row.local in known and known[row.local][1] != row.remote:
            faults[f"[{number}].{LOCAL}"] = [f"{row.local} is paired with {known[row.local][1]}."]
        elif owners.get(row.remote, row.local) != row.local:
            faults[f"[{number}].{REMOTE}"] = [f"{row.remote} is paired with {owners[row.remote]}."]
    return {local: pk for local, (pk, _) in known.items()}, faults


def _insert(side: SynchronizationSide, rows: Sequence[ImportRow], *, now: int) -> None:
    synchronization = side.synchronization
    first = side.position == 1
    untouched = (now, now, now, 0, 0, False)
    prepared = []
    for row in rows:
        since, *numbers = (0 if value is None and place > 3 else now if value is None else value
                           for place, value in enumerate(row.numbers))  # fmt: skip
        given = (*numbers, bool(row.ignored))
        sides = (*given, *untouched) if first else (*untouched, *given)
        keys = (row.local, row.remote) if first else (row.remote, row.local)
        prepared.append((synchronization.organization_id, synchronization.pk, *keys, "", "", "", since, *sides, False))
    insert(Pair, new_pair_columns(), prepared)


def _update(side: SynchronizationSide, rows: Sequence[tuple[int, ImportRow]]) -> None:
    """Write what the rows say over known pairs; what they leave out stays."""
    here, _ = _names(side)
    columns = ("first_sync", *(f"{here}_{name}" for name in _BY_SIDE), f"{here}_incoming_ignored")
    for some in chunks(rows):
        stored = Pair.objects.filter(pk__in=[pk for pk, _ in some]).values_list("pk", *columns)
        before = {pk: values for pk, *values in stored}
        changed = []
        for pk, row in some:
            given = (*row.numbers, row.ignored)
            kept = (old if new is None else new for old, new in zip(before[pk], given, strict=True))
            changed.append((*kept, pk))
        update(Pair, columns, changed)


def _ids(side: SynchronizationSide, rows: Sequence[ImportRow]) -> list[int]:
    here, _ = _names(side)
    found: dict[str, int] = {}
    for some in chunks(rows):
        mine = _live(side).filter(**{f"{here}_key__in": [row.local for row in some]})
        found.update(mine.values_list(f"{here}_key", "pk"))
    return [found[row.local] for row in rows]


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds, as sync information has them."""
    return int(moment.timestamp() * 1000)
