"""Sprints may have one name twice, so an unclear create is looked for only when it can no longer act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.domain.shapes import Iteration
from migrations_app.engine.config import SliceEnd
from tests.migrations_app.engine.stories import Story
from tests.migrations_app.engine.test_crashes import Moments
from tests.migrations_app.engine.world import Crash, MemorySource, Weather, work_item

NUMBERS = ("1", "2", "3")
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


def story() -> Story:
    """Three iterations that are over, with an item in each."""
    source = MemorySource()
    starts = [BEGIN + timedelta(days=14 * place) for place in range(len(NUMBERS))]
    source.iterations = tuple(
        Iteration(f"Ferry\\Sprint {number}", start, start + timedelta(days=13))
        for number, start in zip(NUMBERS, starts, strict=True)
    )
    source.items = {number: work_item(number, iteration=f"Ferry\\Sprint {number}") for number in NUMBERS}
    return Story(source=source)


def sprints(ended: Story) -> list[tuple[str, str]]:
    return sorted((sprint.name, sprint.state) for sprint in ended.target.sprint_list)


EXPECTED = [(f"Sprint {number}", "closed") for number in NUMBERS]


def test_a_crash_at_every_moment_neither_doubles_a_sprint_nor_forgets_to_end_it() -> None:
    counting = Moments()
    story().slice(**counting.as_hooks())

    for moment in range(1, counting.count + 1):
        crashed = story()
        with pytest.raises(Crash):
            crashed.slice(**Moments(moment).as_hooks())
        assert crashed.to_the_end().end is SliceEnd.FINISHED
        assert sprints(crashed) == EXPECTED, moment


def test_a_sprint_that_is_made_after_its_answer_was_given_up_stays_the_only_one() -> None:
    for seed in range(60):
        stormy = story()
        stormy.weather = Weather(seed=1000 * seed, late=0.3, lost=0.1)
        assert stormy.to_the_end().end is SliceEnd.FINISHED
        assert sprints(stormy) == EXPECTED, seed
