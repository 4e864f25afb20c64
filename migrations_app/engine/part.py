"""What the tasks that fill an item share: the item's plan, its ledger, and calls that are patient with a new item."""

from __future__ import annotations

from dataclasses import dataclass

from migrations_app.engine.ports import Call, Effect, EffectKey, PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.steps import Read, Write

Ledger = dict[EffectKey, Effect]


@dataclass(slots=True)
class Part:
    """One item being filled."""

    scene: Scene
    plan: PlanItem
    ledger: Ledger

    def read(self, call: Call, *, completes: bool = False) -> Read:
        """A read of the item's own target side."""
        return Read(call, completes, self.scene.patience(self.plan.source))

    def write(self, call: Call, intent: Effect, *, completes: bool = False) -> Write:
        return Write(call, (intent,), completes, self.scene.patience(self.plan.source))

    def problem(self, code: str, words: str) -> None:
        self.scene.add_problem(self.plan, code, words)
