"""A crash before and after every port call of a run, and seeded schedules full of faults: the end is the same."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.domain.ports import SourceTracker, TargetTracker
from connectors.domain.shapes import SourceField
from connectors.domain.work_items import Change, Person, RemoteLink, Revision
from migrations_app.engine.config import RunOptions, SliceEnd
from migrations_app.engine.ports import Store
from tests.migrations_app.engine.stories import Story
from tests.migrations_app.engine.world import (
    Crash,
    Disk,
    MemorySource,
    MemoryTarget,
    Weather,
    fingerprint,
    global_workflow,
    small_world,
    stepwise_workflow,
    work_item,
)

ELSEWHERE = {
    "preview": "dry runs",
    "may_assign": "preflight",
    "delete_item": "rollback",
    "changes": "rollback",
    "drop_component": "rollback",
    "drop_sprint": "rollback",
    "edit_comment": "synchronizations",
    "add_to_sprint": "sprints of items that a create cannot place",
    "read_target_comments": "issues with more comments than a bulk read shows",
    "transition": "sites without bulk changes",
    "transitions": "sites whose workflows cannot be read",
    "transition_many": "workflows of several hops, see the stepwise world",
    "open_target_file": "settling equal files",
}
"""Tracker methods that one of the two worlds need not reach, and where they belong."""


def story(kind: str) -> Story:
    if kind == "plain":
        return Story()
    if kind == "fields":
        return fields_story()
    source = small_world()
    link = RemoteLink("hyperlink", "https://docs.example/a", "A page")
    source.items["1"] = work_item("1", "Epic", state="Closed", remote_links=(link,))
    target = MemoryTarget(workflow=stepwise_workflow(), sets_resolution=False)
    return Story(source=source, target=target, options=RunOptions(remote_links=True))


def fields_story() -> Story:
    """Fields made for custom values, iterations as versions, and a digest of the history."""
    source = small_world()
    source.fields = (
        SourceField("Custom.Team", "Team", "picklistString", custom=True),
        SourceField("Custom.Cost", "Cost", "double", custom=True),
    )
    for number in ("3", "4", "5"):
        values = {"Custom.Team": f"Team {number}", "Custom.Cost": 2.5, "Custom.Unknown": "kept"}
        source.items[number] = replace(source.items[number], fields=values)
        source.history[number] = [Revision(1, Person("u1", "Ada"), None, (Change("State", "", "New"),))]
    overrides = {"System.IterationPath": "version"}
    options = RunOptions(create_missing_fields=True, history="json", field_overrides=overrides)
    return Story(source=source, options=options)


def clean(kind: str) -> dict[str, Any]:
    calm = story(kind)
    assert calm.to_the_end().end is SliceEnd.FINISHED
    assert calm.disk.differences == []
    return fingerprint(calm.target)


class Moments:
    """Counts the moments of a slice, and crashes at one of them."""

    def __init__(self, crash_at: int | None = None) -> None:
        self.count = 0
        self._crash_at = crash_at

    def __call__(self, _: object) -> None:
        self.count += 1
        if self.count == self._crash_at:
            raise Crash

    def as_hooks(self) -> dict[str, Callable[[Any], None]]:
        return dict.fromkeys(("before_commit", "after_commit", "before_call", "after_call"), self)


@pytest.mark.parametrize("kind", ["plain", "stepwise", "fields"])
def test_a_crash_at_every_moment_leaves_the_same_end_state(kind: str) -> None:
    expected = clean(kind)
    counting = Moments()
    story(kind).slice(**counting.as_hooks())
    assert counting.count > 120

    for moment in range(1, counting.count + 1):
        crashed = story(kind)
        with pytest.raises(Crash):
            crashed.slice(**Moments(moment).as_hooks())
        result = crashed.to_the_end()
        assert result.end is SliceEnd.FINISHED, moment
        assert fingerprint(crashed.target) == expected, moment
        assert crashed.disk.differences == [], moment


class Recorder:
    """Passes everything on and remembers which methods were used."""

    def __init__(self, port: Any, used: set[str]) -> None:
        self._port, self._used = port, used

    def __getattr__(self, name: str) -> Any:
        self._used.add(name)
        return getattr(self._port, name)


def methods(protocol: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(protocol, inspect.isfunction) if not name.startswith("_")}


def test_the_crash_matrix_reaches_every_method_of_every_port() -> None:
    used: set[str] = set()
    for kind in ("plain", "stepwise", "fields"):
        recorded = story(kind)
        recorded.source = Recorder(recorded.source, used)  # type: ignore[assignment]
        recorded.target = Recorder(recorded.target, used)  # type: ignore[assignment]
        recorded.to_the_end()
        lossy = story(kind)
        lossy.target = Recorder(lossy.target, used)  # type: ignore[assignment]
        lossy.weather = Weather(seed=3, lost=0.3)
        lossy.to_the_end()

    missing = (methods(SourceTracker) | methods(TargetTracker)) - used - set(ELSEWHERE)
    assert missing == set()
    assert methods(Store) == {
        "commit",
        "items",
        "checkpoint",
        "open_effects",
        "effects_of",
        "moved",
        "neighbours",
        "waiting_links",
        "shared_effects",
        "link_effects",
        "lease_left",
    }


def stormy(seed: int) -> Story:
    """A run with every kind of fault, crashes, late visibility and short slices; all of it from the seed."""
    chance = random.Random(seed)
    told = story(chance.choice(("plain", "stepwise")))
    told.weather = Weather(
        seed=seed,
        not_sent=chance.uniform(0, 0.1),
        lost=chance.uniform(0, 0.1),
        late=chance.uniform(0, 0.1),
        throttled=chance.uniform(0, 0.05),
        late_by=30.0,
    )
    told.target.visible_after = chance.choice((0.0, 5.0, 25.0))
    told.capacity = chance.randint(1, 8)
    told.slice_seconds = chance.choice((3.0, 20.0, 120.0))
    for _ in range(chance.randint(0, 6)):
        try:
            result = told.slice(**Moments(chance.randint(1, 150)).as_hooks())
        except Crash:
            told.wait(chance.uniform(0, 40))
            continue
        if result.end is SliceEnd.FINISHED:
            break
        told.wait(result.resume_in)
    return told


def check(seed: int, expected: dict[str, dict[str, Any]]) -> None:
    told = stormy(seed)
    result = told.to_the_end()
    kind = "stepwise" if told.options.remote_links else "plain"
    assert result.end is SliceEnd.FINISHED, seed
    assert fingerprint(told.target) == expected[kind], seed
    assert told.disk.differences == [], seed


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_any_schedule_of_faults_and_crashes_ends_the_same(start: int) -> None:
    expected = {kind: clean(kind) for kind in ("plain", "stepwise")}
    for seed in range(start, start + 100):
        check(seed, expected)


@pytest.mark.full
@pytest.mark.parametrize("start", range(400, 2400, 250))
def test_thousands_of_schedules_end_the_same(start: int) -> None:
    expected = {kind: clean(kind) for kind in ("plain", "stepwise")}
    for seed in range(start, start + 250):
        check(seed, expected)


def test_the_storm_really_blows() -> None:
    """Over the seeds of `make test` every write was lost, late and refused at least once."""
    told = [stormy(seed) for seed in range(30)]
    assert any(t.late_calls for t in told)
    assert any(isinstance(t.disk, Disk) and t.disk.effects for t in told)
    assert {t.target.visible_after for t in told} == {0.0, 5.0, 25.0}
    assert {type(t.source) for t in told} == {MemorySource}
    assert global_workflow().initial == "1"
