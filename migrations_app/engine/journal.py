"""What has been learned since the last commit, waiting to be stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from migrations_app.engine.ports import Batch, Difference, Effect, EffectKey, Event, PlanItem, Removal
from migrations_app.engine.state import EffectState, Phase


class Journal:
    """Collects changes into the next `Batch`. Order inside a batch is fixed by the store, not by calls here."""

    def __init__(self) -> None:
        self._batch = Batch()

    def take(self) -> Batch:
        """Hand over what was collected and begin anew."""
        batch, self._batch = self._batch, Batch()
        return batch

    def is_empty(self) -> bool:
        return self._batch.is_empty()

    def plan(self, items: list[PlanItem]) -> None:
        self._batch.new_items.extend(items)

    def item(self, item: PlanItem) -> None:
        """Store the item's row as it is at the next commit."""
        self._batch.items[item.source] = item

    def intend(self, effect: Effect) -> None:
        self._batch.effects[effect.key] = effect
        self._forget_withdrawal(effect.key)

    def done(self, effect: Effect, *, target_id: str = "", target_key: str = "", **extra: Any) -> Effect:
        """Settle an intent: the effect exists."""
        settled = replace(
            effect,
            state=EffectState.DONE,
            target_id=target_id or effect.target_id,
            target_key=target_key or effect.target_key,
            extra={**effect.extra, **extra},
        )
        self.keep(settled)
        return settled

    def refused(self, effect: Effect, *, reason: str) -> Effect:
        settled = replace(effect, state=EffectState.REFUSED, extra={**effect.extra, "reason": reason})
        self.keep(settled)
        return settled

    def keep(self, effect: Effect) -> None:
        self._batch.effects[effect.key] = effect
        self._forget_withdrawal(effect.key)

    def withdraw(self, key: EffectKey) -> None:
        """The intent certainly had no effect: forget it."""
        self._batch.effects.pop(key, None)
        self._batch.withdrawn.append(key)

    def log(self, message: str, **data: Any) -> None:
        self._batch.events.append(Event("log", {"message": message, **data}))

    def event(self, kind: str, **data: Any) -> None:
        self._batch.events.append(Event(kind, data))

    def difference(self, difference: Difference) -> None:
        self._batch.differences.append(difference)

    def removal(self, removal: Removal) -> None:
        self._batch.removals.append(removal)

    def preview(self, source: str, payload: dict[str, Any]) -> None:
        self._batch.previews[source] = payload

    def phase(self, phase: Phase) -> None:
        self._batch.phase = phase

    def checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self._batch.checkpoint = dict(checkpoint)

    def _forget_withdrawal(self, key: EffectKey) -> None:
        if key in self._batch.withdrawn:
            self._batch.withdrawn.remove(key)
