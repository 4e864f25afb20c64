"""A worker that dies anywhere: what it meant to do is found again, and nothing is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from sync import store
from sync.engine.ports import UNCLEAR_WAIT, FenceLost
from sync.fence import claim
from sync.models import Effect, Matter, Pair, PendingItem, Synchronization
from sync.services import working
from tests.builders import Cast
from tests.jobs import RecordedJobs
from tests.sync.ends import Scene, mapped, scene

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process is gone at this very place."""


@pytest.fixture
def here(people: Cast, jobs: RecordedJobs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with scene(("azure_devops", "jira"), people.owner.principal, jobs, monkeypatch, mapped()) as made:
        yield made


def dies(original: Callable[..., object], *, at: int) -> Callable[..., object]:
    """A function that kills the process instead of its n-th call."""
    calls = Counter[str]()

    def dying(*arguments: object, **options: object) -> object:
        calls["made"] += 1
        if calls["made"] == at:
            raise Killed
        return original(*arguments, **options)

    return dying


PLACES = {
    "before the intent is stored": (store, "write_effect", 1),
    "between intent and call": (store.DeskStore, "before_call", 1),
    "between call and result": (store, "write_effect", 2),
    "before the pair is stored": (working, "make_pair", 1),
    "before the outcome is stored": (working, "save_outcome", 1),
}


def die_once(here: Scene, monkeypatch: pytest.MonkeyPatch, place: str) -> bool:
    """A pass in which the process dies at that place; whether it came that far."""
    holder, name, at = PLACES[place]
    with monkeypatch.context() as patched:
        patched.setattr(holder, name, dies(getattr(holder, name), at=at))
        try:
            here.run()
        except Killed:
            # The row is as a dead worker left it: leased, until the lease runs out.
            here.clock.advance(UNCLEAR_WAIT.total_seconds() + 1)
            return True
    return False


def counts(here: Scene) -> list[int]:
    return [len(here.first.keys()), len(here.second.keys())]


@pytest.mark.parametrize("place", PLACES)
def test_items_and_comments_are_made_once_wherever_the_worker_dies(
    here: Scene, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    left = here.first.create("One", text="Words")
    here.start()

    died = die_once(here, monkeypatch, place)
    here.settle()
    here.first.comment(left, "Said once")
    here.clock.advance(31)
    died = die_once(here, monkeypatch, place) or died
    here.settle(step=125)

    pair = Pair.objects.get()
    assert died
    assert counts(here) == [1, 1]
    assert here.second.title(pair.second_key) == "One"
    assert len(here.second.comments(pair.second_key)) == len(here.first.comments(left)) == 1
    assert (Effect.objects.filter(state="intent").count(), PendingItem.objects.count(), Matter.objects.count()) == (
        0,
        0,
        0,
    )


def test_a_worker_that_was_overtaken_stores_nothing_any_more(here: Scene) -> None:
    here.first.create("One")
    here.start()
    mine = claim(here.row.pk)
    assert mine is not None
    row, fence = mine

    here.clock.advance(31)
    assert claim(here.row.pk) is not None

    with pytest.raises(FenceLost), fence.passed(lag_ms=5):
        raise AssertionError("never reached")
    assert not fence.release(lag_ms=5)
    row.refresh_from_db()
    assert row.lag_ms is None


def test_two_sweeps_and_two_workers_make_one_pass(here: Scene) -> None:
    here.first.create("One")
    here.start()
    held = claim(here.row.pk)
    assert held is not None

    here.run()  # the job of the other sweep finds nothing to do
    assert here.second.keys() == []

    assert held[1].release()
    here.settle()
    assert counts(here) == [1, 1]


def test_stopping_ends_the_hold_of_a_worker(here: Scene) -> None:
    here.start()
    held = claim(here.row.pk)
    assert held is not None
    Synchronization.objects.update(status="STOPPED")

    assert not held[1].release()
    assert claim(here.row.pk) is None
