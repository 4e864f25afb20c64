"""Scripted engines: they play one slice through the store as the real one would, without any platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from connectors.domain.ports import SourceTracker, TargetTracker
from migrations_app.doors import Doors
from migrations_app.engine.config import RunConfig, SliceEnd, SliceResult
from migrations_app.engine.ports import Batch, Clock, Pool, Store
from migrations_app.engine.state import Control, ItemStage, Outcome
from migrations_app.models import MigrationRun
from tests.migrations_app.builders import plan_item

REQUESTS = (3, 5)
"""What the doors of `closed_doors` say was sent to the source and to the target."""


@contextmanager
def closed_doors(run: MigrationRun, *, lease_left: Callable[[], float], margin: float) -> Iterator[Doors]:
    """Doors for engines that never go through them."""
    yield Doors(None, None, lambda: REQUESTS)  # type: ignore[arg-type]


class ScriptedEngine:
    """Does what the scripts say, one per slice, and remembers the configurations it was given."""

    def __init__(self, *scripts: Callable[[Store], SliceResult]) -> None:
        self._scripts = list(scripts)
        self.configs: list[RunConfig] = []

    def __call__(
        self,
        config: RunConfig,
        *,
        source: SourceTracker,
        target: TargetTracker,
        store: Store,
        pool: Pool,
        clock: Clock,
    ) -> SliceResult:
        self.configs.append(config)
        return self._scripts.pop(0)(store)


def ends(end: SliceEnd, **fields: Any) -> Callable[[Store], SliceResult]:
    """A slice that only ends."""
    return lambda store: SliceResult(end, **fields)


def moves(*outcomes: Outcome, end: SliceEnd = SliceEnd.FINISHED) -> Callable[[Store], SliceResult]:
    """A slice that plans one item per outcome and finishes all of them."""

    def play(store: Store) -> SliceResult:
        items = [plan_item(str(number)) for number, _ in enumerate(outcomes, start=1)]
        store.commit(Batch(new_items=items))
        for item, outcome in zip(items, outcomes, strict=True):
            item.stage, item.outcome = ItemStage.FINISHED, outcome
        store.commit(Batch(items={item.source: item for item in items}))
        return SliceResult(end)

    return play


def raises(error: Exception) -> Callable[[Store], SliceResult]:
    """A slice that fails in a way the engine does not expect."""

    def play(store: Store) -> SliceResult:
        raise error

    return play


def obeys(while_working: Callable[[], Any]) -> Callable[[Store], SliceResult]:
    """A slice in whose middle something happens, and which obeys its next commit."""

    def play(store: Store) -> SliceResult:
        while_working()
        match store.commit(Batch()):
            case Control.PAUSE:
                return SliceResult(SliceEnd.PAUSED)
            case Control.CANCEL:
                return SliceResult(SliceEnd.CANCELLED)
        return SliceResult(SliceEnd.CONTINUE)

    return play
