"""A worker dies, or an answer is lost, at every single write of one story: the end is always the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.domain.errors import AccessLost, NotSent, Unclear
from connectors.domain.sides import SideLink
from sync.engine.mappings import Position
from tests.sync.engine.driver import World
from tests.sync.engine.test_convergence import Storyteller, check_alike
from tests.sync.engine.world import Crash, MemorySide, adf, html

FAULTS: list[tuple[str, Callable[[], BaseException]]] = [
    ("before", Crash),
    ("after", Crash),
    ("after", lambda: Unclear("No answer came.")),
    ("before", lambda: NotSent("Try again.")),
]


class Once:
    """Breaks one write of a run, by its number."""

    def __init__(self, number: int, moment: str, error: Callable[[], BaseException]) -> None:
        self.number, self.moment, self.error = number, moment, error
        self.count = -1
        self.happened = False

    def __call__(self, moment: str, side: MemorySide, verb: str) -> None:
        del side, verb
        self.count += moment == "before"
        if self.count == self.number and moment == self.moment and not self.happened:
            self.happened = True
            raise self.error()


def story(hook: Once | None) -> World:
    """Two linked items, parent and child, with a comment and a picture in the text; then edits of everything."""
    world = World()
    keys = []
    for name in ("a", "b"):
        key = world.first.person_adds({"title": name, "labels": ["x"], "state": "Active", "assignee": "one-ann"})
        world.first.person_comments(key, html("<p>Hello</p>"))
        identity = world.first.person_adds_file(key, "p.png", b"picture")
        world.first.person_sets(key, "description", html(f'<img src="{world.first.reference(identity)}">'))
        keys.append(key)
    one, two = keys
    world.first.person_links(one, SideLink("Successor", two))
    world.first.items[two].parent = one
    for side in (world.first, world.second):
        side.hook = hook
    for _ in range(4):
        world.clock.tick(130)
        world.sweep()
    there = world.store.partners(Position.FIRST, keys)
    world.second.person_sets(there[one], "title", "changed")
    world.first.person_sets(one, "state", "Closed")
    world.second.person_comments(there[two], adf("Back"))
    world.first.items[two].comments[0].text = html("<p>Edited</p>")
    for _ in range(2):
        world.clock.tick(130)
        world.sweep()
    world.settle()
    return world


CLEAN = story(None)
WRITES = len(CLEAN.first.log) + len(CLEAN.second.log)


def test_the_story_is_whole_without_faults() -> None:
    assert WRITES >= 15
    assert CLEAN.matters == []
    check_alike(CLEAN, Storyteller(CLEAN))
    assert all("media-" in str(item.values["description"]) for item in CLEAN.second.items.values())


@pytest.mark.parametrize("fault", FAULTS, ids=["dies before", "dies after", "answer lost", "not sent"])
def test_a_fault_at_any_write_changes_nothing_in_the_end(fault: tuple[str, Callable[[], BaseException]]) -> None:
    for number in range(WRITES):
        hook = Once(number, *fault)
        world = story(hook)

        assert hook.happened
        assert world.matters == []
        assert world.sweep() == 0
        check_alike(world, Storyteller(world))
        for side, clean in ((world.first, CLEAN.first), (world.second, CLEAN.second)):
            assert len(side.items) == len(clean.items)
            assert [len(i.comments) for i in side.items.values()] == [len(i.comments) for i in clean.items.values()]
            assert [len(i.files) for i in side.items.values()] == [len(i.files) for i in clean.items.values()]
            assert [len(i.links) for i in side.items.values()] == [len(i.links) for i in clean.items.values()]


def test_lost_access_is_left_to_the_caller_and_nothing_stays_intended() -> None:
    world = World()
    world.first.person_adds({"title": "a", "labels": []})
    world.second.hook = Once(0, "before", lambda: AccessLost("The token has expired."))

    with pytest.raises(AccessLost):
        world.sweep()

    assert world.store.kept == {}
