"""Sets of item numbers as short texts (`1-300,302-5000`): most of a project's numbers stand in rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

_Row = tuple[int, int]


def missing(known: str, found: Iterable[int], *, low: int, high: int | None) -> list[int]:
    """Known numbers above `low` and up to `high` (None: without end) that were not found."""
    there = set(found)
    return [
        number
        for first, last in _read(known)
        for number in range(max(first, low + 1), (last if high is None else min(last, high)) + 1)
        if number not in there
    ]


def replaced(known: str, found: Sequence[int], *, low: int, high: int | None) -> str:
    """The known numbers with those above `low` and up to `high` replaced by the ones found."""
    rows = list(_read(known))
    before = [(first, min(last, low)) for first, last in rows if first <= low]
    after = [(max(first, high + 1), last) for first, last in rows if last > high] if high is not None else []
    return _written([*before, *_rows(sorted(found)), *after])


def _read(text: str) -> Iterator[_Row]:
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        yield int(first), int(last or first)


def _rows(numbers: Sequence[int]) -> Iterator[_Row]:
    for number in numbers:
        yield number, number


def _written(rows: Iterable[_Row]) -> str:
    joined: list[_Row] = []
    for first, last in rows:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in joined)
