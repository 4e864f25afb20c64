"""Where the workflow sets no resolution, every done item gets one, also after a crash in the middle of setting them."""

from __future__ import annotations

import pytest

from migrations_app.engine.config import SliceEnd
from tests.migrations_app.engine.stories import Story
from tests.migrations_app.engine.test_crashes import Moments
from tests.migrations_app.engine.world import (
    Crash,
    MemorySource,
    MemoryTarget,
    fingerprint,
    stepwise_workflow,
    work_item,
)

BUGS = ("1", "2", "3")


def story() -> Story:
    """Three bugs that are done, filled one after another."""
    source = MemorySource()
    source.items = {number: work_item(number, "Bug", state="Closed") for number in BUGS}
    target = MemoryTarget(workflow=stepwise_workflow(), sets_resolution=False)
    return Story(source=source, target=target, capacity=1)


def test_what_was_set_before_a_crash_is_not_taken_for_the_workflow_s_doing() -> None:
    counting = Moments()
    story().slice(**counting.as_hooks())

    for moment in range(1, counting.count + 1):
        crashed = story()
        with pytest.raises(Crash):
            crashed.slice(**Moments(moment).as_hooks())
        assert crashed.to_the_end().end is SliceEnd.FINISHED

        state = fingerprint(crashed.target)
        assert {number: state[number]["resolution"] for number in BUGS} == dict.fromkeys(BUGS, "r1"), moment
