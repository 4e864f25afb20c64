"""Matters as the engine tells them, kept as rows: opened once, settled when what they were about is over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F
from django.utils import timezone

from connectors.credentials import seal_values, unseal_values
from sync.engine.base import Both
from sync.engine.mappings import Position
from sync.engine.ports import Answer, PairOutcome, Take
from sync.engine.ports import Matter as Told
from sync.engine.ports import MatterKind as ToldKind
from sync.models import Matter, MatterKind, MatterStatus, Pair, Synchronization
from sync.statuses import tell

ANSWER = "answer"
VANISHED = "vanished"
_LONGEST_CODE = 60
_LONGEST_NAME = 255
_UNSETTLED = (MatterStatus.OPEN, MatterStatus.TAKEN)


def answers_of(pairs: Sequence[Pair]) -> dict[int, dict[str, Answer]]:
    """What people answered and nobody carried out yet, by pair and field. Raises CREDENTIALS_UNREADABLE."""
    found: dict[int, dict[str, Answer]] = {}
    for matter in Matter.objects.filter(pair__in=[pair.pk for pair in pairs], status=MatterStatus.TAKEN):
        assert matter.pair_id is not None
        found.setdefault(matter.pair_id, {})[matter.field] = answer_of(matter)
    return found


def answer_of(matter: Matter) -> Answer:
    """What was answered. Raises CREDENTIALS_UNREADABLE."""
    stored = json.loads(unseal_values(matter, matter.sealed_values).get(ANSWER, '{"take": "retry"}'))
    return Answer(Take(stored["take"]), stored.get("value"), Position(stored.get("position", 1)))


def save_pair_matters(row: Synchronization, pair: Pair, outcome: PairOutcome) -> int:
    """Open what is new, settle what was answered or is over; tells how many were opened. For a transaction of the
    fence."""
    kept = {matter.field for matter in outcome.matters} | set(outcome.base.asked)
    for matter in Matter.objects.filter(pair=pair, status__in=_UNSETTLED):
        answered = matter.status == MatterStatus.TAKEN
        if matter.field in outcome.answered or (answered and matter.field not in kept):
            _settle(matter)
        elif matter.field not in kept and not outcome.held:
            _settle(matter, how=VANISHED)
    return sum(open_matter(row, told, position=1, item=pair.first_key, pair=pair) for told in outcome.matters)


def open_matter(row: Synchronization, told: Told, *, position: int, item: str, pair: Pair | None = None) -> bool:
    """Keep a matter; the same one again is counted. Tells whether it is new."""
    place = {"synchronization": row, "position": position, "item": item, "field": told.field[:_LONGEST_NAME]}
    same = Matter.objects.filter(**place, status__in=_UNSETTLED).first()
    values = {
        "kind": MatterKind.CONFLICT if told.kind is ToldKind.CONFLICT else MatterKind.ERROR,
        "code": told.code[:_LONGEST_CODE],
        "message": told.message.replace("\0", "").encode("utf-8", "replace").decode(),
        "first_by": told.changed_by.first[:_LONGEST_NAME],
        "second_by": told.changed_by.second[:_LONGEST_NAME],
        "first_at": told.changed_at.first,
        "second_at": told.changed_at.second,
    }
    if same is not None:
        again = {"status": MatterStatus.OPEN, "updated_at": timezone.now(), "attempts": F("attempts") + 1}
        Matter.objects.filter(pk=same.pk).update(**values, **again, sealed_values=_sealed(same, told))
        return False
    made = Matter.objects.create(organization_id=row.organization_id, pair=pair, **place, **values)
    Matter.objects.filter(pk=made.pk).update(sealed_values=_sealed(made, told))
    if told.kind is ToldKind.CONFLICT:
        tell(row, "synchronization.conflict", item=item, field=told.field, code=told.code)
    return True


def settle_items(row: Synchronization, position: int, items: Iterable[str]) -> None:
    """Settle what waited about items that have no pair: they have one now, or need none."""
    for matter in Matter.objects.filter(
        synchronization=row, position=position, item__in=list(items), pair=None, status__in=_UNSETTLED
    ):
        _settle(matter, how=matter.resolution or VANISHED)


def ignored_items(row: Synchronization, position: int, items: Sequence[str]) -> set[str]:
    """Those of the items that a person decided to leave alone."""
    ignored = Matter.objects.filter(
        synchronization=row, position=position, item__in=items, pair=None, resolution="ignore"
    )
    return set(ignored.values_list("item", flat=True))


def _settle(matter: Matter, how: str = "") -> None:
    status = MatterStatus.IGNORED if matter.resolution == "ignore" else MatterStatus.RESOLVED
    changes: dict[str, object] = {"status": status, "resolved_at": matter.resolved_at or timezone.now()}
    if how and not matter.resolution:
        changes["resolution"] = how
    Matter.objects.filter(pk=matter.pk).update(**changes, updated_at=timezone.now())


def _sealed(matter: Matter, told: Told) -> str:
    given: Mapping[str, Both | None] = {"base": told.base, "values": told.values}  # type: ignore[type-arg]
    texts = {name: json.dumps([both.first, both.second]) for name, both in given.items() if both is not None}
    return seal_values(matter, texts)
