"""How much was carried, and how long it took: by the hour and direction, for people who look at a synchronization."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from sync.engine.mappings import Position
from sync.fence import Fence
from sync.models import HourlyCount

KEPT = timedelta(days=92)


@dataclass(slots=True)
class Tally:
    """What a pass did, by the side that changes came from. Lags are in seconds."""

    changes: dict[Position, int] = field(default_factory=lambda: dict.fromkeys(Position, 0))
    errors: dict[Position, int] = field(default_factory=lambda: dict.fromkeys(Position, 0))
    lags: dict[Position, list[float]] = field(default_factory=lambda: {position: [] for position in Position})
    looked_at: int = 0

    @property
    def carried(self) -> int:
        return sum(self.changes.values())

    @property
    def lag_ms(self) -> int | None:
        """The longest of this pass; None when nothing was carried."""
        found = [lag for lags in self.lags.values() for lag in lags]
        return round(max(found) * 1000) if found else None

    def note_lag(self, position: Position, changed_at: datetime | None) -> None:
        """A change of that time is mirrored now."""
        if changed_at is not None:
            self.lags[position].append(max(0.0, (timezone.now() - changed_at).total_seconds()))


def keep(fence: Fence, tally: Tally) -> None:
    """Add a pass's tally to its hour. For a transaction of the fence."""
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for position in Position:
        if not tally.changes[position] and not tally.errors[position]:
            continue
        count, _ = HourlyCount.objects.get_or_create(
            synchronization_id=fence.synchronization_id,
            hour=hour,
            direction=int(position),
            defaults={"organization_id": fence.organization_id},
        )
        HourlyCount.objects.filter(pk=count.pk).update(
            changes=F("changes") + tally.changes[position],
            errors=F("errors") + tally.errors[position],
            lags=_added(count.lags, tally.lags[position]),
        )


def forget_old_counts() -> int:
    """Delete counts of long ago; tells how many. Called by the scheduler."""
    deleted, _ = HourlyCount.objects.filter(hour__lt=timezone.now() - KEPT).delete()
    return deleted


def _added(before: Sequence[int], lags: Sequence[float]) -> list[int]:
    bounds = HourlyCount.LAG_BOUNDS
    counts = [*before, *[0] * (len(bounds) + 1 - len(before))]
    for lag in lags:
        counts[bisect_left(bounds, lag)] += 1
    return counts
