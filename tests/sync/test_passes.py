"""Passes of a synchronization between two stand-ins: what is done on one side is soon on the other, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.models import Matter, Pair, PendingItem
from tests.builders import Cast
from tests.jobs import RecordedJobs
from tests.sync.ends import Scene, mapped, scene

pytestmark = pytest.mark.django_db

SYSTEMS = [("azure_devops", "jira"), ("github", "jira"), ("jira", "jira"), ("azure_devops", "github")]


@pytest.fixture(params=SYSTEMS, ids="-".join)
def here(
    request: pytest.FixtureRequest, people: Cast, jobs: RecordedJobs, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    with scene(request.param, people.owner.principal, jobs, monkeypatch, mapped()) as made:
        yield made


def test_edits_on_both_sides_converge(here: Scene) -> None:
    left = here.first.create("From the first", text="Some words", labels=["alpha"])
    right = here.second.create("From the second", text="Other words")
    here.start()
    here.settle()
    pairs = {pair.first_key: pair.second_key for pair in Pair.objects.all()}
    assert len(pairs) == 2
    mirror = pairs[left]
    origin = next(key for key, other in pairs.items() if other == right)
    assert here.second.title(mirror) == "From the first"
    assert here.first.title(origin) == "From the second"

    here.first.edit(origin, title="Edited on the first")
    here.second.edit(mirror, title="Edited on the second", labels=["alpha", "beta"])
    here.first.comment(left, "A remark")
    here.settle()

    assert here.second.title(right) == "Edited on the first"
    assert here.first.title(left) == "Edited on the second"
    assert here.first.item(left).values["labels"] == ["alpha", "beta"]
    assert len(here.second.comments(mirror)) == 1
    assert "A remark" in here.second.comments(mirror)[0]
    assert (Matter.objects.count(), PendingItem.objects.count()) == (0, 0)


def test_a_quiet_pass_writes_nothing_and_asks_each_side_once(here: Scene) -> None:
    here.first.create("Something")
    here.start()
    here.settle()
    writes = [len(end.applied()) for end in (here.first, here.second)]
    asked = [len(end.service.log.entries()) for end in (here.first, here.second)]

    here.clock.advance(2)
    here.run()

    assert [len(end.applied()) for end in (here.first, here.second)] == writes
    assert [
        len(end.service.log.entries()) - was for end, was in zip((here.first, here.second), asked, strict=True)
    ] == [
        1,
        1,
    ]
