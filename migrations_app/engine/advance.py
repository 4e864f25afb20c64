"""One slice of a run, from its doors to its end."""

from __future__ import annotations

from dataclasses import replace

from connectors.domain.ports import SourceTracker, TargetTracker
from migrations_app.engine.close import CloseStage
from migrations_app.engine.config import RunConfig, SliceEnd, SliceResult
from migrations_app.engine.journal import Journal
from migrations_app.engine.move import MoveStage
from migrations_app.engine.ports import Clock, Pool, Store
from migrations_app.engine.prepare import PrepareStage
from migrations_app.engine.preview import PreviewStage
from migrations_app.engine.runner import Runner, Stage
from migrations_app.engine.scene import Scene
from migrations_app.engine.survey import SurveyStage
from migrations_app.engine.verify import VerifyStage


def advance(
    config: RunConfig,
    *,
    source: SourceTracker,
    target: TargetTracker,
    store: Store,
    pool: Pool,
    clock: Clock,
) -> SliceResult:
    """Take the run as far as the slice's budget, the user and the platforms allow.

    May be called again at any time with the same arguments: what earlier slices did is in the store, what they left
    unclear is settled first. Raises only what is a defect of the program.
    """
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
    result = runner.run(_stages(scene))
    return _judge_start(scene, result)


def _stages(scene: Scene) -> list[Stage]:
    if scene.config.options.dry_run:
        return [PrepareStage(scene), PreviewStage(scene)]
    return [PrepareStage(scene), MoveStage(scene), CloseStage(scene), SurveyStage(scene), VerifyStage(scene)]


def _judge_start(scene: Scene, result: SliceResult) -> SliceResult:
    """Access refused before anything was planned is a wrong start, not an interruption."""
    if result.end is SliceEnd.PAUSED and result.code and not scene.checkpoint.get("planned"):
        return replace(result, end=SliceEnd.FAILED)
    return result
