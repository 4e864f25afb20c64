"""What the tasks that fill an item share: the item's plan, its ledger, and calls that are patient with a new item."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from connectors.domain.errors import Refused, Unclear
from migrations_app.engine.ports import Call, Effect, EffectKey, PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.steps import Read, Step, Write

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

    def upsert(self, intent: Effect, call: Callable[[], object]) -> Generator[Step, Any, None]:
        """An idempotent write: repeated while unclear, a refusal is a problem."""
        while True:
            try:
                yield self.write(call, intent)
            except Unclear:
                continue
            except Refused as refusal:
                self.ledger[intent.key] = self.scene.journal.refused(intent, reason=refusal.message)
                self.problem(refusal.code, f"{intent.key.kind.value}: {refusal.message}")
                return
            self.ledger[intent.key] = self.scene.journal.done(intent)
            return
