"""After all items are in place: sprints are started and closed as their dates say.

A closed sprint takes no items, so this comes last; only sprints that this product made are touched. Steps are
read-then-repeat: a sprint's state is read from the site, and the rest of the way gone.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from connectors.domain.errors import Refused, Unclear
from connectors.domain.shapes import Sprint
from migrations_app.engine.ports import Effect, EffectKey
from migrations_app.engine.scene import Scene
from migrations_app.engine.state import EffectKind, EffectState, Phase
from migrations_app.engine.steps import Commit, Read, Step, Task, Write

ORDER = ("future", "active", "closed")


class CloseStage:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._started = False

    def next_task(self) -> Task | None:
        if self._started:
            return None
        self._started = True
        return self._close()

    def finished(self) -> bool:
        return self._started

    def _close(self) -> Task:
        scene = self._scene
        if not scene.checkpoint.get("closed"):
            scene.journal.phase(Phase.LINKS)
            made = [
                effect
                for effect in scene.store.shared_effects(EffectKind.SPRINT)
                if effect.state is EffectState.DONE and effect.extra.get("made")
            ]
            if made:
                yield from self._set_states(made)
            scene.remember_checkpoint(closed=True)
        scene.journal.phase(Phase.VERIFICATION)
        yield Commit()

    def _set_states(self, made: list[Effect]) -> Generator[Step, Any, None]:
        scene = self._scene
        current = {sprint.id: sprint for sprint in (yield Read(scene.target.sprints))}
        sprints = [current[effect.target_id] for effect in made if effect.target_id in current]
        for sprint in sorted(sprints, key=_start):
            yield from self._advance(sprint, wanted_state(sprint, scene.clock.now()))

    def _advance(self, sprint: Sprint, wanted: str) -> Generator[Step, Any, None]:
        """One state after the other. Another active sprint on the board may forbid it: noted, nothing lost."""
        scene = self._scene
        for state in ORDER[ORDER.index(sprint.state) + 1 : ORDER.index(wanted) + 1]:
            key = EffectKey(EffectKind.SPRINT_STATE, f"{sprint.id}/{state}")
            intent = Effect(key, EffectState.INTENDED, target_id=sprint.id)
            while True:
                try:
                    yield Write(lambda state=state: scene.target.set_sprint_state(sprint, state), (intent,))  # type: ignore[misc]
                except Unclear:
                    now = {found.id: found for found in (yield Read(scene.target.sprints))}
                    if now[sprint.id].state != state:
                        continue
                except Refused as refusal:
                    scene.journal.refused(intent, reason=refusal.message)
                    scene.journal.log(
                        f"✗ Sprint {sprint.name} stays {sprint.state}: {refusal.message}", code=refusal.code
                    )
                    return
                scene.journal.done(intent)
                break


def wanted_state(sprint: Sprint, now: float) -> str:
    """What the dates say; a sprint without both dates stays in the future."""
    if sprint.start is None or sprint.finish is None:
        return "future"
    if sprint.finish.timestamp() < now:
        return "closed"
    return "active" if sprint.start.timestamp() <= now else "future"


def _start(sprint: Sprint) -> float:
    return sprint.start.timestamp() if sprint.start else float("inf")
