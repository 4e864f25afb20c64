"""Charts of a synchronization, drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.models import HourlyCount

HOURS = 24
WIDTH, HEIGHT = 720, 120


@dataclass(frozen=True, slots=True)
class Column:
    """One hour: both directions stacked, in the chart's units from its top left."""

    hour: datetime
    first: int
    second: int
    errors: int
    x: float
    width: float
    first_y: float
    first_height: float
    second_y: float
    second_height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns of the last hours and the highest number among them."""

    columns: tuple[Column, ...]
    highest: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def is_empty(self) -> bool:
        return self.highest == 0

    @property
    def busy(self) -> tuple[Column, ...]:
        """Hours in which something happened, the newest first: what the table behind the picture shows."""
        return tuple(each for each in reversed(self.columns) if each.first or each.second or each.errors)


def hourly_chart(counts: Sequence[HourlyCount], *, until: datetime) -> Chart:
    """Changes an hour by direction over the last day."""
    last = until.replace(minute=0, second=0, microsecond=0)
    hours = [last - timedelta(hours=HOURS - 1 - place) for place in range(HOURS)]
    by_place = {(each.hour, each.direction): each for each in counts}
    numbers = []
    for hour in hours:
        first, second = by_place.get((hour, 1)), by_place.get((hour, 2))
        errors = sum(each.errors for each in (first, second) if each)
        numbers.append((hour, first.changes if first else 0, second.changes if second else 0, errors))
    highest = max(first + second for _, first, second, _ in numbers)
    step = WIDTH / HOURS
    return Chart(tuple(_column(*each, place * step, step, highest) for place, each in enumerate(numbers)), highest)


def _column(hour: datetime, first: int, second: int, errors: int, x: float, step: float, highest: int) -> Column:
    unit = HEIGHT / highest if highest else 0.0
    tall, on_top = round(first * unit, 1), round(second * unit, 1)
    return Column(
        hour, first, second, errors, round(x + 2, 1), round(step - 4, 1),
        round(HEIGHT - tall, 1), tall, round(HEIGHT - tall - on_top, 1), on_top,
    )  # fmt: skip
