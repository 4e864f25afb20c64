"""Asking both sides what changed, and keeping what they say together with the cursor that saw it.

Windows overlap: what a side tells twice is recognised by its version. What we wrote ourselves is recognised by the
version that the pair was left with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from connectors.domain.errors import PlatformError
from connectors.domain.sides import Cursor, Side, Sighting
from sync.bulk import chunks, insert
from sync.desk import Finished
from sync.engine.mappings import Position
from sync.fence import Fence
from sync.models import Pair, PendingItem, SeenVersion, SynchronizationSide
from sync.services.gathering import gather
from sync.services.pace import QUIET_EVERY

LOOKED_BACK = timedelta(minutes=10)
"""How far before its beginning a cursor starts: the platform's clock may be behind ours."""
MOST_PAGES = 5


@dataclass(slots=True)
class Polled:
    """What asking came to. `fresh` are the keys that a side's stream within its filter has just shown."""

    noticed: int = 0
    more: bool = False
    fresh: dict[Position, set[str]] = field(default_factory=lambda: {p: set() for p in Position})
    errors: dict[Position, PlatformError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Stream:
    """The pages of one stream: what was seen, and where it goes on."""

    seen: tuple[Sighting, ...]
    cursor: Cursor
    more: bool


def poll(fence: Fence, sides: Sequence[SynchronizationSide], lives: Sequence[Side]) -> Polled:
    """Ask both sides at once and store what they say. A side that fails leaves the other's news stored.

    Raises FenceLost.
    """
    now = timezone.now()
    found = Polled()
    streams = [(side, live, False) for side, live in zip(sides, lives, strict=True)]
    streams += [(side, live, True) for side, live in zip(sides, lives, strict=True) if _quiet_is_due(side, now)]

    def store(finished: Finished) -> None:
        side, _, quiet = streams[finished.ticket]
        if isinstance(finished.error, PlatformError):
            found.errors[Position(side.position)] = finished.error
        elif finished.error is not None:
            raise finished.error
        else:
            _keep(fence, side, finished.result, found, quiet=quiet, now=now)

    gather(fence, [_reader(side, live, quiet=quiet, now=now) for side, live, quiet in streams], store)
    _note_health(sides, found)
    return found


def notice(
    fence: Fence,
    position: Position,
    changed: Mapping[str, datetime | None],
    *,
    quiet: bool = True,
    not_before: datetime | None = None,
) -> None:
    """Have items looked at; with each key the time of its change, where it is known. For a transaction of the fence."""
    now = not_before or timezone.now()
    PendingItem.objects.bulk_create(
        [
            PendingItem(
                organization_id=fence.organization_id,
                synchronization_id=fence.synchronization_id,
                position=int(position),
                key=key,
                changed_at=changed_at,
                quiet=quiet,
                not_before=now,
            )
            for key, changed_at in changed.items()
        ],
        update_conflicts=True,
        update_fields=["not_before"],
        unique_fields=["synchronization", "position", "key"],
        batch_size=100,
    )


def _reader(side: SynchronizationSide, live: Side, *, quiet: bool, now: datetime) -> Any:
    cursor = side.quiet_cursor if quiet else side.cursor
    ask = live.quiet_changes if quiet else live.changes

    def read() -> _Stream:
        place = cursor if cursor is not None else live.start_cursor(now - LOOKED_BACK)
        seen: list[Sighting] = []
        for _ in range(MOST_PAGES):
            page = ask(side.query, place)
            seen += page.seen
            place = page.cursor
            if not page.more:
                return _Stream(tuple(seen), place, more=False)
        return _Stream(tuple(seen), place, more=True)

    return read


def _quiet_is_due(side: SynchronizationSide, now: datetime) -> bool:
    return side.quiet_read_at is None or side.quiet_read_at <= now - QUIET_EVERY


def _keep(
    fence: Fence, side: SynchronizationSide, stream: _Stream, found: Polled, *, quiet: bool, now: datetime
) -> None:
    position = Position(side.position)
    news = _unseen(fence, side, stream.seen, quiet=quiet)
    found.noticed += len(news)
    found.more = found.more or stream.more
    if not quiet:
        found.fresh[position].update(each.key for each in stream.seen)
    insert(
        SeenVersion,
        ("organization", "side", "key", "version", "at"),
        [(fence.organization_id, side.pk, each.key, each.version[:100], now) for each in news],
        ignore_known=True,
    )
    notice(fence, position, {each.key: each.at for each in reversed(news)}, quiet=quiet)
    changes: dict[str, Any] = {"quiet_cursor": stream.cursor, "quiet_read_at": now} if quiet else {
        "cursor": stream.cursor, "polled_at": now
    }  # fmt: skip
    before = side.quiet_cursor if quiet else side.cursor
    for name, value in changes.items():
        setattr(side, name, value)
    if quiet or news or before != stream.cursor:
        SynchronizationSide.objects.filter(pk=side.pk).update(**changes)


def _unseen(fence: Fence, side: SynchronizationSide, seen: Sequence[Sighting], *, quiet: bool) -> list[Sighting]:
    """Sightings of versions that were never noticed, one for each."""
    wanted = {(each.key, each.version[:100]): each for each in seen}
    keys = list({key for key, _ in wanted})
    known: set[tuple[str, str]] = set()
    for some in chunks(keys):
        rows: QuerySet[Any] = SeenVersion.objects.filter(side=side, key__in=some)
        known.update(rows.values_list("key", "version"))
        if not quiet:
            known.update(_left_with(fence, side, some))
    return [each for place, each in wanted.items() if place not in known]


def _left_with(fence: Fence, side: SynchronizationSide, keys: Sequence[str]) -> list[tuple[str, str]]:
    """The versions that pairs were left with."""
    name = "first" if side.position == 1 else "second"
    pairs = Pair.objects.filter(
        synchronization_id=fence.synchronization_id, deleted_at__isnull=True, **{f"{name}_key__in": keys}
    )
    return list(pairs.values_list(f"{name}_key", f"{name}_version"))


def _note_health(sides: Sequence[SynchronizationSide], found: Polled) -> None:
    """Remember in the side's row whether it answers; nothing is written while that stays the same."""
    for side in sides:
        error = found.errors.get(Position(side.position))
        health = (error is None, error.code[:60] if error else "", error.message if error else "")
        if (side.online, side.error_code, side.error_message) != health:
            side.online, side.error_code, side.error_message = health
            SynchronizationSide.objects.filter(pk=side.pk).update(
                online=health[0], error_code=health[1], error_message=health[2]
            )
