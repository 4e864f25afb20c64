"""One slice of the work on an ended run: comparing both sides once more, or taking the run back."""

from __future__ import annotations

from collections.abc import Callable

from connectors.domain.ports import SourceTracker, TargetTracker
from migrations_app.engine.config import RunConfig, SliceResult
from migrations_app.engine.journal import Journal
from migrations_app.engine.ports import Clock, Pool, Store
from migrations_app.engine.prepare import PrepareStage
from migrations_app.engine.rollback import RollbackStage
from migrations_app.engine.runner import Runner, Stage
from migrations_app.engine.scene import Scene
from migrations_app.engine.verify import VerifyStage


def verify_again(
    config: RunConfig, *, source: SourceTracker, target: TargetTracker, store: Store, pool: Pool, clock: Clock
) -> SliceResult:
    """Read both sides again and compare them. Writes nothing to either; the store's checkpoint is the run's own."""
    return _slice(
        config,
        lambda scene: VerifyStage(scene, repairs=False),
        source=source,
        target=target,
        store=store,
        pool=pool,
        clock=clock,
    )


def roll_back(
    config: RunConfig, *, source: SourceTracker, target: TargetTracker, store: Store, pool: Pool, clock: Clock
) -> SliceResult:
    """Delete what the run created and nobody changed since; see `RollbackStage`."""
    return _slice(config, RollbackStage, source=source, target=target, store=store, pool=pool, clock=clock)


def _slice(
    config: RunConfig,
    stage: Callable[[Scene], Stage],
    *,
    source: SourceTracker,
    target: TargetTracker,
    store: Store,
    pool: Pool,
    clock: Clock,
) -> SliceResult:
    journal = Journal()
    runner = Runner(config, store=store, pool=pool, clock=clock, journal=journal)
    scene = Scene(
        config=config,
        source=source,
        target=target,
        store=store,
        clock=clock,
        journal=journal,
        checkpoint=store.checkpoint(),
        stopping=lambda: runner.stopping,
    )
    return runner.run([PrepareStage(scene), stage(scene)])
