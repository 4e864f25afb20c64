"""Runs of the small world: slices until the end, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.domain.ports import ItemFilter
from migrations_app.engine.advance import advance
from migrations_app.engine.config import RunConfig, RunOptions, SliceEnd, SliceResult
from migrations_app.engine.ports import Batch, Call
from migrations_app.engine.state import RunType
from tests.migrations_app.engine.world import (
    Disk,
    MemorySource,
    MemoryStore,
    MemoryTarget,
    VirtualClock,
    VirtualPool,
    Weather,
    pass_time,
    small_world,
)

ENDED = (SliceEnd.FINISHED, SliceEnd.FAILED, SliceEnd.CANCELLED)


def _nothing(_: object) -> None:
    return None


@dataclass
class Story:
    """One run over a world, slice by slice."""

    source: MemorySource = field(default_factory=small_world)
    clock: VirtualClock = field(default_factory=VirtualClock)
    target: MemoryTarget = field(default_factory=MemoryTarget)
    disk: Disk = field(default_factory=Disk)
    weather: Weather = field(default_factory=Weather)
    options: RunOptions = field(default_factory=RunOptions)
    type: RunType = RunType.FULL
    selection: ItemFilter = field(default_factory=ItemFilter)
    capacity: int = 4
    slice_seconds: float = 120.0
    results: list[SliceResult] = field(default_factory=list)
    late_calls: list[tuple[float, Call]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.target.clock = self.clock

    def slice(
        self,
        *,
        before_commit: Callable[[Batch], None] = _nothing,
        after_commit: Callable[[Batch], None] = _nothing,
        before_call: Callable[[Call], None] = _nothing,
        after_call: Callable[[Call], None] = _nothing,
    ) -> SliceResult:
        pool = VirtualPool(
            self.clock, weather=self.weather, capacity=self.capacity, before=before_call, after=after_call
        )
        pool.late_calls = self.late_calls
        store = MemoryStore(self.disk, before=before_commit, after=after_commit)
        config = RunConfig(
            type=self.type,
            organization="contoso",
            project="Ferry",
            selection=self.selection,
            options=self.options,
            attempt=self.disk.attempt,
            slice_seconds=self.slice_seconds,
        )
        try:
            result = advance(config, source=self.source, target=self.target, store=store, pool=pool, clock=self.clock)
        finally:
            self.late_calls = pool.late_calls
        self.results.append(result)
        return result

    def wait(self, seconds: float) -> None:
        pass_time(self.clock, seconds, self.late_calls)

    def to_the_end(self, *, most: int = 400) -> SliceResult:
        """Slices one after another, waiting as told, until the run ends or is paused."""
        for _ in range(most):
            self.weather.seed += 1
            result = self.slice()
            if result.end in (*ENDED, SliceEnd.PAUSED):
                return result
            self.wait(result.resume_in)
        raise AssertionError(f"no end after {most} slices: {self.results[-3:]}")
