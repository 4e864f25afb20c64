"""The engine's store for work on an ended run: reads the run's memory, writes only the follow-up's own rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors.domain.shapes import number_of
from migrations_app import rows
from migrations_app.engine.ports import Batch, Effect, FenceLost, PlanItem, Removal
from migrations_app.engine.state import Control, EffectKind
from migrations_app.follow_up_models import FollowUp, FollowUpKind, FollowUpStatus, RollbackItem
from migrations_app.models import LedgerEntry, MigrationRun
from migrations_app.store import DjangoStore

TOLD = ("verified", "rolled_back")
"""Events that say what the work came to."""
PROGRESS = frozenset({"windows", "unseen_since", "checked", "changed_since", "doubles_removed", "filtered"})
"""Parts of the run's checkpoint that tell how far it came; all others are its decisions."""


class FollowUpStore:
    """Implements `engine.ports.Store` for one attempt at one follow-up."""

    def __init__(
        self,
        follow_up: FollowUp,
        run: MigrationRun,
        *,
        lease_seconds: float,
        leased_at: float,
        is_stopping: Callable[[], bool] = lambda: False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._follow_up = follow_up
        self._run = run
        self._memory = DjangoStore(run, lease_seconds=lease_seconds, leased_at=leased_at, monotonic=monotonic)
        self._lease_seconds = lease_seconds
        self._monotonic = monotonic
        self._lease_ends = leased_at + lease_seconds
        self._is_stopping = is_stopping
        self._seen: dict[str, str] = dict(follow_up.checkpoint.get("seen", {}))

    # --- Writing ---

    def commit(self, batch: Batch) -> Control:
        """Differences, removals, the checkpoint and the result; what concerns the run itself is left as it is.

        Raises `FenceLost`, and then nothing was stored.
        """
        began = self._monotonic()
        changes: dict[str, Any] = {}
        if batch.checkpoint is not None:
            changes["checkpoint"] = {**batch.checkpoint, "seen": self._note_seen(batch)}
        told = [event for event in batch.events if event.kind in TOLD]
        if told:
            changes["result"] = dict(told[-1].data)
        with transaction.atomic():
            mine = FollowUp.objects.filter(
                pk=self._follow_up.pk, attempt=self._follow_up.attempt, status=FollowUpStatus.RUNNING
            )
            if not mine.update(lease_until=timezone.now() + timedelta(seconds=self._lease_seconds), **changes):
                raise FenceLost
            self._write_differences(batch)
            self._write_removals(batch.removals)
        self._lease_ends = began + self._lease_seconds
        return Control.PAUSE if self._is_stopping() else Control.GO

    def _note_seen(self, batch: Batch) -> dict[str, str]:
        """Items looked at in windows that are not finished, with their keys: a later slice passes them over."""
        self._seen.update((source, item.target_key) for source, item in batch.items.items() if item.verified)
        windows = set((batch.checkpoint or {}).get("windows", []))
        self._seen = {source: key for source, key in self._seen.items() if not _in_windows(key, windows)}
        return self._seen

    def _write_differences(self, batch: Batch) -> None:
        owner, run = self._run.organization_id, self._run.pk
        rows.insert_differences(
            [(owner, run, *rows.difference_values(found)) for found in batch.differences], follow_up=self._follow_up.pk
        )

    def _write_removals(self, removals: Sequence[Removal]) -> None:
        """The rows of what is gone leave the ledger, so that a later run may make it again."""
        items = [removal for removal in removals if removal.effect is None]
        RollbackItem.objects.bulk_create(
            [
                RollbackItem(
                    organization_id=self._run.organization_id,
                    follow_up=self._follow_up,
                    item=removal.item,
                    target_key=removal.target_key,
                    outcome=removal.outcome,
                    code=removal.code,
                    message=removal.words,
                )
                for removal in items
            ],
            ignore_conflicts=True,
        )
        ledger = LedgerEntry.objects.filter(scope_id=self._run.scope_id)
        for removal in items:
            if removal.outcome != "kept":
                ledger.filter(item=removal.item).delete()
                ledger.filter(kind=EffectKind.LINK.value, source__endswith=f"/{removal.item}").delete()
        for removal in removals:
            if removal.effect is not None:
                ledger.filter(kind=removal.effect.kind.value, target_id=removal.target_key).delete()
                ledger.filter(kind=EffectKind.SPRINT_STATE.value, target_id=removal.target_key).delete()

    # --- Reading ---

    def items(self) -> Iterator[PlanItem]:
        """The run's items as it left them, none of them looked at yet."""
        windows = set(self._follow_up.checkpoint.get("windows", []))
        for item in self._memory.items():
            yield replace(item, verified=item.source in self._seen or _in_windows(item.target_key, windows))

    def checkpoint(self) -> dict[str, Any]:
        """The run's decisions and this follow-up's progress. Nothing is planned or prepared any more."""
        decisions = {name: value for name, value in self._run.checkpoint.items() if name not in PROGRESS}
        settled = list(RollbackItem.objects.filter(follow_up=self._follow_up).values_list("item", "outcome"))
        return {
            **decisions,
            **self._follow_up.checkpoint,
            "planned": True,
            "prepared": True,
            "settled": [item for item, _ in settled],
            "kept": [item for item, outcome in settled if outcome == "kept"],
        }

    def open_effects(self) -> list[Effect]:
        return []

    def effects_of(self, items: Sequence[str]) -> list[Effect]:
        return self._memory.effects_of(items)

    def moved(self, items: Sequence[str]) -> dict[str, Effect]:
        return self._memory.moved(items)

    def neighbours(self, items: Sequence[str]) -> dict[str, Effect]:
        return self._memory.neighbours(items)

    def waiting_links(self) -> list[Effect]:
        return self._memory.waiting_links()

    def shared_effects(self, kind: EffectKind) -> list[Effect]:
        """For a rollback those of this run: others are none of its business."""
        if self._follow_up.kind != FollowUpKind.ROLLBACK:
            return self._memory.shared_effects(kind)
        own = LedgerEntry.objects.filter(scope_id=self._run.scope_id, run=self._run, kind=kind.value)
        mine = set(own.values_list("source", flat=True))
        return [effect for effect in self._memory.shared_effects(kind) if effect.key.source in mine]

    def link_effects(self) -> set[str]:
        return self._memory.link_effects()

    def lease_left(self) -> float:
        return self._lease_ends - self._monotonic()


def _in_windows(key: str, windows: set[int]) -> bool:
    """Whether an earlier slice went through the window of keys that this one lies in."""
    number = number_of(key)
    return number > 0 and (number - 1) // 100 * 100 + 1 in windows
