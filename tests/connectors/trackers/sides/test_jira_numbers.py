"""Sets of item numbers as short texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.trackers.sides.jira_numbers import missing, replaced

NUMBERS = st.frozensets(st.integers(1, 40))


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([5], "5"), ([1, 2, 3], "1-3"), ([1, 2, 4, 6, 7], "1-2,4,6-7"), (list(range(1, 100_001)), "1-100000")],
)
def test_rows_are_written_as_rows(numbers: list[int], text: str) -> None:
    assert replaced("", numbers, low=0, high=None) == text
    assert missing(text, [], low=0, high=None) == numbers


@given(known=NUMBERS, there=NUMBERS, low=st.integers(0, 41), width=st.integers(0, 41) | st.none())
def test_a_part_is_compared_and_replaced_and_the_rest_kept(
    known: frozenset[int], there: frozenset[int], low: int, width: int | None
) -> None:
    high = None if width is None else low + width
    part = {number for number in range(1, 90) if number > low and (high is None or number <= high)}
    text = replaced("", sorted(known), low=0, high=None)
    found = sorted(there & part)

    assert missing(text, found, low=low, high=high) == sorted((known & part) - there)
    after = replaced(text, found, low=low, high=high)
    assert missing(after, [], low=0, high=None) == sorted((known - part) | set(found))
