"""Two people at work on both sides at once, with failing platforms and dying workers: in the end both sides agree, and
nothing was made twice."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sync import store
from sync.engine.ports import UNCLEAR_WAIT
from sync.models import Effect, Matter, Pair
from sync.services import working
from tests.builders import Cast
from tests.jobs import RecordedJobs
from tests.sync.ends import End, Scene, mapped, scene
from tests.sync.test_crashes import Killed, dies

pytestmark = pytest.mark.django_db

SYSTEMS = [("azure_devops", "jira"), ("github", "jira"), ("jira", "jira"), ("azure_devops", "github")]
KINDS = (FaultKind.LOST, FaultKind.NOT_SENT, FaultKind.ERROR_500, FaultKind.UNAVAILABLE_503, FaultKind.HALF)
WORDS = ("crane", "harbour", "ledger", "signal", "timber", "anchor")


@pytest.fixture(params=SYSTEMS, ids="-".join)
def here(
    request: pytest.FixtureRequest, people: Cast, jobs: RecordedJobs, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scene]:
    with scene(request.param, people.owner.principal, jobs, monkeypatch, mapped()) as made:
        yield made


class Editor:
    """Somebody who does something at random now and then."""

    def __init__(self, end: End, chance: random.Random, name: str) -> None:
        self.end, self.chance, self.name = end, chance, name
        self.said: list[str] = []
        self.made: list[str] = []

    def act(self) -> None:
        keys = self.end.keys()
        if not keys or (len(keys) < 8 and self.chance.random() < 0.15):
            self.made.append(self.end.create(f"{self.name} {len(self.made)} {self.words()}"))
            return
        key = self.chance.choice(keys)
        what = self.chance.choice(("title", "text", "labels", "comment"))
        if what == "comment":
            self.said.append(f"{self.name} said {len(self.said)} here")
            self.end.comment(key, self.said[-1])
        elif what == "labels":
            self.end.edit(key, labels=sorted(self.chance.sample(WORDS, 2)))
        elif what == "title":
            self.end.edit(key, title=self.words())
        else:
            words = self.words()
            self.end.edit(key, text=f"<p>{words}</p>" if self.end.system == "azure_devops" else words)

    def words(self) -> str:
        return " ".join(self.chance.choice(WORDS) for _ in range(4))


def trouble(here: Scene, seed: int) -> None:
    for number, end in enumerate((here.first, here.second)):
        rules = [FaultRule(kind, method="*", rate=0.02) for kind in KINDS]
        end.service.faults = FaultPlan(rules, seed=seed * 2 + number)


def calm(here: Scene) -> None:
    for end in (here.first, here.second):
        end.service.faults = FaultPlan([])


def run_or_die(here: Scene, chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass, in which the worker may die."""
    if chance.random() > 0.15:
        here.run()
        return
    holder: Any
    holder, name = chance.choice(((store, "write_effect"), (working, "make_pair"), (working, "save_outcome")))
    with monkeypatch.context() as patched:
        patched.setattr(holder, name, dies(getattr(holder, name), at=chance.randint(1, 3)))
        try:
            here.run()
        except Killed:
            here.clock.advance(31)  # the lease of the dead worker


def words_of(text: object) -> str:
    """The bare words of a text in any markup."""
    found = re.sub(r"<!--.*?-->", "", str(text))
    return " ".join(word for word in WORDS for _ in re.findall(word, found))


def divergence(here: Scene) -> list[str]:
    """Everything in which the two sides differ."""
    pairs = {pair.first_key: pair.second_key for pair in Pair.objects.all()}
    found = []
    if sorted(here.first.keys()) != sorted(pairs) or sorted(here.second.keys()) != sorted(pairs.values()):
        found.append(f"items: {here.first.keys()} and {here.second.keys()}, pairs {pairs}")
    for first_key, second_key in pairs.items():
        first, second = here.first.item(first_key).values, here.second.item(second_key).values
        for name in ("title", "labels"):
            if first[name] != second[name]:
                found.append(f"{name} of {first_key} and {second_key}: {first[name]} and {second[name]}")
        if words_of(first["description"]) != words_of(second["description"]):
            found.append(f"texts of {first_key} and {second_key}: {first['description']}, {second['description']}")
    return found


def said_twice(end: End, sayings: list[str]) -> list[str]:
    """Comments that are missing on a side, or there more than once."""
    everything = end.keys()
    texts = [text for key in everything for text in end.comments(key)]
    counts = Counter({saying: sum(saying in text for text in texts) for saying in sayings})
    return [f"{end.system}: {saying!r} {count} times" for saying, count in counts.items() if count != 1]


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full), pytest.param(3, marks=pytest.mark.full)])
def test_two_editors_at_random_end_with_two_equal_sides(
    here: Scene, monkeypatch: pytest.MonkeyPatch, seed: int, request: pytest.FixtureRequest
) -> None:
    minutes = 10 if request.node.get_closest_marker("full") else 2
    chance = random.Random(seed)
    editors = [Editor(here.first, chance, "Ada"), Editor(here.second, chance, "Ben")]
    here.start()
    trouble(here, seed)
    until = here.clock.now() + minutes * 60
    while here.clock.now() < until:
        calm(here)  # people's own deeds do not fail
        here.clock.advance(0.25)  # nor do they fall into the very millisecond of one of ours
        chance.choice(editors).act()
        trouble(here, chance.randrange(10_000))
        here.clock.advance(chance.choice((1, 2, 7)))
        if chance.random() < 0.7:
            run_or_die(here, chance, monkeypatch)
    calm(here)
    here.clock.advance(UNCLEAR_WAIT.total_seconds())

    here.settle(passes=12, step=61)

    assert divergence(here) == []
    sayings = editors[0].said + editors[1].said
    assert Pair.objects.count() >= 3
    assert len(sayings) >= 3
    assert said_twice(here.first, sayings) + said_twice(here.second, sayings) == []
    assert Matter.objects.count() == 0
    assert Effect.objects.filter(state="intent").count() == 0
