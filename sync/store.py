"""The pairs of one pass, and what becomes of them: the engine's `PairStore` over our tables.

Bases, parts and effects of a batch are read at its beginning in a few queries. Everything is written in transactions
of the pass's `Fence`, by the pass's own thread (`sync.desk`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from connectors.credentials import seal, unseal
from sync.bulk import IN_ONE_QUERY, chunks
from sync.desk import Desk
from sync.engine.base import Both, PairBase, Part
from sync.engine.mappings import Position
from sync.engine.ports import Effect, EffectKind, PairOutcome, PairState
from sync.fence import Fence
from sync.models import Effect as EffectRow
from sync.models import EffectState, Pair, PairPart, Synchronization
from sync.services.information import milliseconds

_TIMES = ("outgoing", "change_seen", "incoming")


class DeskStore:
    """What the engine remembers effects with, for threads: each call waits for its commit at the desk."""

    def __init__(self, fence: Fence, desk: Desk, known: Mapping[str, list[Effect]]) -> None:
        self._fence = fence
        self._desk = desk
        self._known = dict(known)

    def effects(self, item: str) -> list[Effect]:
        found = self._known.get(item)
        if found is None:
            fence = self._fence
            found = self._desk.ask(lambda: read_effects(fence, [item]).get(item, []))
        return list(found or [])

    def intend(self, effect: Effect) -> None:
        self._desk.ask(lambda: write_effect(self._fence, effect, done=False))

    def done(self, effect: Effect) -> None:
        self._desk.ask(lambda: write_effect(self._fence, effect, done=True))

    def withdraw(self, effect: Effect) -> None:
        self._desk.ask(lambda: forget_effects(self._fence, [effect]))

    def before_call(self) -> None:
        self._fence.check()

    def partners(self, position: Position, keys: Sequence[str]) -> dict[str, str]:
        wanted = list(keys)
        if not wanted:
            return {}
        found: dict[str, str] = self._desk.ask(lambda: partners_of(self._fence, position, wanted))
        return found


def read_effects(fence: Fence, items: Sequence[str]) -> dict[str, list[Effect]]:
    """The effects of pairs and items by their names; what has none has an empty list."""
    found: dict[str, list[Effect]] = {item: [] for item in items}
    for some in chunks(items):
        rows = EffectRow.objects.filter(synchronization_id=fence.synchronization_id, item__in=some).order_by("pk")
        for row in rows:
            found[row.item].append(
                Effect(
                    row.key,
                    EffectKind(row.kind),
                    row.item,
                    row.mark,
                    detail=row.detail,
                    at=row.at,
                    done=row.state == EffectState.DONE,
                )
            )
    return found


def write_effect(fence: Fence, effect: Effect, *, done: bool) -> None:
    """An intent, or that it happened. For the desk's transaction."""
    EffectRow.objects.update_or_create(
        synchronization_id=fence.synchronization_id,
        key=effect.key,
        defaults={
            "organization_id": fence.organization_id,
            "kind": effect.kind.value,
            "item": effect.item,
            "mark": effect.mark,
            "detail": dict(effect.detail),
            "state": EffectState.DONE if done else EffectState.INTENT,
            "at": effect.at or timezone.now(),
        },
    )


def forget_effects(fence: Fence, effects: Sequence[Effect]) -> None:
    """Effects that need not be remembered any more."""
    for some in chunks([effect.key for effect in effects]):
        EffectRow.objects.filter(synchronization_id=fence.synchronization_id, key__in=some).delete()


def partners_of(fence: Fence, position: Position, keys: Sequence[str]) -> dict[str, str]:
    """Key on that side -> the partner's key, of those that are paired."""
    here, there = ("first_key", "second_key") if position is Position.FIRST else ("second_key", "first_key")
    found: dict[str, str] = {}
    for some in chunks(keys):
        pairs = Pair.objects.filter(
            synchronization_id=fence.synchronization_id, deleted_at__isnull=True, **{f"{here}__in": some}
        )
        found.update(pairs.values_list(here, there))
    return found


def pairs_with(fence: Fence, position: Position, keys: Sequence[str]) -> list[Pair]:
    """The pairs of those of the keys that have one."""
    column = "first_key" if position is Position.FIRST else "second_key"
    return [
        pair
        for some in chunks(keys)
        for pair in Pair.objects.filter(
            synchronization_id=fence.synchronization_id, deleted_at__isnull=True, **{f"{column}__in": some}
        )
    ]


def read_bases(pairs: Sequence[Pair]) -> dict[int, PairBase]:
    """What the pairs last agreed on, by number. Raises CREDENTIALS_UNREADABLE."""
    parts: dict[int, list[Part]] = {pair.pk: [] for pair in pairs}
    for some in chunks(list(parts), IN_ONE_QUERY):
        rows = PairPart.objects.filter(pair_id__in=some).order_by("pk")
        columns = ("pair_id", "kind", "first_id", "second_id", "added_by", "fingerprint")
        for pair_id, *values in rows.values_list(*columns):
            parts[pair_id].append(Part.of_row(*values))
    return {
        pair.pk: PairBase.from_json(
            open_base(pair), parts=parts[pair.pk], versions=Both(pair.first_version, pair.second_version)
        )
        for pair in pairs
    }


def open_base(pair: Pair) -> dict[str, Any] | None:
    """The base's document; None for a pair that never agreed on anything."""
    plain = unseal(pair.sealed_base, organization=pair.organization_id, row=f"sync.pair:{pair.pk}")
    return json.loads(plain) if plain else None


def sealed_base(pair: Pair, base: PairBase) -> str:
    """The base's document as the pair's column holds it."""
    plain = json.dumps(base.to_json(), separators=(",", ":"))
    return seal(plain, organization=pair.organization_id, row=f"sync.pair:{pair.pk}")


def save_outcome(pair: Pair, state: PairState, outcome: PairOutcome) -> None:
    """Write the new base, parts and bookkeeping of a pair. For the desk's transaction."""
    now = milliseconds(timezone.now())
    changes: dict[str, Any] = {"held": outcome.held}
    if outcome.base.to_json() != state.base.to_json() or not pair.sealed_base:
        changes["sealed_base"] = sealed_base(pair, outcome.base)
    changes["first_version"], changes["second_version"] = outcome.base.versions.first, outcome.base.versions.second
    changes["first_incoming_ignored"], changes["second_incoming_ignored"] = (
        outcome.ignored.first,
        outcome.ignored.second,
    )
    for position, name, other in ((Position.FIRST, "first", "second"), (Position.SECOND, "second", "first")):
        changes[f"{name}_last_change_seen"] = now
        carried = outcome.carried.at(position)
        if carried:
            changes[f"{name}_last_outgoing"] = changes[f"{other}_last_incoming"] = now
            changes[f"{name}_outgoing_sequence"] = F(f"{name}_outgoing_sequence") + carried
            changes[f"{other}_incoming_sequence"] = F(f"{other}_incoming_sequence") + carried
    Pair.objects.filter(pk=pair.pk).update(**changes)
    save_parts(pair, state.base.parts, outcome.base.parts)


def make_pair(row: Synchronization, keys: Both[str], base: PairBase) -> Pair:
    """A new pair with its base. One that an import or another worker has made meanwhile is taken instead. For a
    transaction of the fence."""
    now = milliseconds(timezone.now())
    pair, is_new = Pair.objects.get_or_create(
        synchronization=row,
        first_key=keys.first,
        second_key=keys.second,
        deleted_at=None,
        defaults={
            "organization_id": row.organization_id,
            "first_sync": now,
            **{f"{side}_last_{what}": now for side in ("first", "second") for what in _TIMES},
        },
    )
    if is_new:
        Pair.objects.filter(pk=pair.pk).update(sealed_base=sealed_base(pair, base))
        save_parts(pair, (), base.parts)
    return pair


def save_parts(pair: Pair, before: Sequence[Part], after: Sequence[Part]) -> None:
    """Write the difference between two states of a pair's parts."""
    old = {(part.kind, part.ids.first, part.ids.second): part for part in before}
    new = {(part.kind, part.ids.first, part.ids.second): part for part in after}
    for kind, first_id, second_id in old.keys() - new.keys():
        PairPart.objects.filter(pair=pair, kind=kind.value, first_id=first_id, second_id=second_id).delete()
    for place in new.keys() & old.keys():
        if new[place] != old[place]:
            kind, first_id, second_id = place
            rows = PairPart.objects.filter(pair=pair, kind=kind.value, first_id=first_id, second_id=second_id)
            rows.update(fingerprint=new[place].fingerprint(), added_by=int(new[place].added_by))
    fresh = [new[place] for place in new if place not in old]
    PairPart.objects.bulk_create(
        [
            PairPart(
                organization_id=pair.organization_id,
                pair=pair,
                kind=part.kind.value,
                first_id=part.ids.first,
                second_id=part.ids.second,
                added_by=int(part.added_by),
                fingerprint=part.fingerprint(),
            )
            for part in fresh
        ],
        batch_size=100,
    )
