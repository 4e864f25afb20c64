"""A pause at every moment of a run: little is sent afterwards, and what the run comes to is the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.domain.work_items import Comment, Person, Text
from migrations_app.engine.config import SliceEnd
from migrations_app.engine.state import Control
from tests.migrations_app.engine.stories import Story
from tests.migrations_app.engine.test_crashes import Moments, story
from tests.migrations_app.engine.world import MemorySource, fingerprint, work_item

MANY = 40
ADA = Person("u1", "Ada", "ada@example.com")


def talkative(kind: str) -> Story:
    """A world where the item with a picture in its text is discussed as well."""
    told = story(kind)
    told.source.items["3"] = replace(told.source.items["3"], comment_count=1)
    told.source.comments["3"] = [Comment("9", Text("<p>words</p>"), ADA)]
    return told


@pytest.mark.parametrize("kind", ["plain", "stepwise"])
def test_a_pause_at_every_moment_leaves_the_same_end_state(kind: str) -> None:
    calm = talkative(kind)
    calm.to_the_end()
    expected = fingerprint(calm.target)
    counting = Moments()
    talkative(kind).slice(before_call=counting, after_call=counting, after_commit=counting)

    for moment in range(1, counting.count + 1):
        paused = talkative(kind)
        pause_at(paused, moment)
        paused.disk.control = Control.GO
        assert paused.to_the_end().end is SliceEnd.FINISHED, moment
        assert fingerprint(paused.target) == expected, moment
        assert paused.disk.differences == [], moment


def pause_at(paused: Story, moment: int) -> None:
    """Wish for a pause at that moment of the slice."""
    seen = 0

    def look(_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            paused.disk.control = Control.PAUSE

    paused.slice(before_call=look, after_call=look, after_commit=look)


def test_a_long_discussion_does_not_hold_up_a_pause() -> None:
    source = MemorySource()
    source.items = {"1": work_item("1", comment_count=MANY)}
    source.comments = {"1": [Comment(str(number), Text(f"<p>{number}</p>"), ADA) for number in range(1, MANY + 1)]}
    talk = Story(source=source)

    def pause_after_three(_: Any) -> None:
        if any(len(issue.comments) == 3 for issue in talk.target.issues.values()):
            talk.disk.control = Control.PAUSE

    assert talk.slice(after_call=pause_after_three).end is SliceEnd.PAUSED
    (issue,) = talk.target.issues.values()
    assert 3 <= len(issue.comments) <= 5

    talk.disk.control = Control.GO
    assert talk.to_the_end().end is SliceEnd.FINISHED
    assert [source_id for _, source_id, _ in issue.comments] == [str(number) for number in range(1, MANY + 1)]
