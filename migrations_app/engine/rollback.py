"""Takes a run back: deletes the issues it created, children first, as long as nobody has changed them since.

An issue is kept, with the reason, when its history or its discussion shows another hand, when a part of it is not as
it was last written, or when an issue that must stay hangs under it. Nothing is decided by time alone: the clocks of
both sides differ.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.domain.errors import Refused, Unclear
from connectors.domain.ports import TargetChange, TargetComment, TargetItem
from migrations_app.engine.base import edited_parts
from migrations_app.engine.ports import Effect, EffectKey, PlanItem, Removal
from migrations_app.engine.scene import Scene
from migrations_app.engine.settle import item_key
from migrations_app.engine.state import EffectKind, EffectState, ItemStage
from migrations_app.engine.steps import Commit, Idle, Read, Step, Task, Write
from migrations_app.engine.verify_item import rows_by_item

WINDOW = 100
"""Issues per bulk read."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an issue has to stay; empty code: it may go."""

    code: str = ""
    words: str = ""


MAY_GO = Verdict()


class RollbackStage:
    """Ends when every issue of the run is deleted or listed with the reason why it stays.

    The checkpoint names the items that an earlier slice `settled`, and those of them that were `kept`. Deleting is
    repeatable, so after an unclear answer it is simply asked for again.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._tasks: deque[Task] = deque([self._roll_back()])
        self._open = 0

    def next_task(self) -> Task | None:
        return self._tasks.popleft() if self._tasks else None

    def finished(self) -> bool:
        return not self._tasks

    def _roll_back(self) -> Task:
        """Level by level from the bottom: a parent is looked at when its children are gone."""
        scene = self._scene
        done = set(scene.checkpoint.get("settled", []))
        kept = set(scene.checkpoint.get("kept", []))
        made = [plan for plan in scene.items.values() if _was_created(plan) and plan.source not in done]
        for level in sorted({plan.level for plan in made}):
            group = [plan for plan in made if plan.level == level]
            for start in range(0, len(group), WINDOW):
                yield from self._window(group[start : start + WINDOW], kept)
            yield Commit()
        yield from self._drop_shared()
        scene.journal.event("rolled_back", kept=len(kept), **self._dropped)
        yield Commit()

    def _window(self, plans: list[PlanItem], kept: set[str]) -> Generator[Step, Any, None]:
        scene = self._scene
        keys = [plan.target_key for plan in plans]
        found = {item.key: item for item in (yield Read(lambda: scene.target.read_items(keys, fields=scene.read_too)))}
        ids = [item.id for item in found.values()]
        history: Mapping[str, list[TargetChange]] = {}
        if ids:
            history = yield Read(lambda: scene.target.changes(ids))
        rows = rows_by_item(scene.store.effects_of([plan.source for plan in plans]))
        for plan in plans:
            self._open += 1
            item = found.get(plan.target_key)
            changes = history.get(item.id, []) if item is not None else []
            self._tasks.append(self._settle(plan, item, changes, rows.get(plan.source, {}), kept))
        while self._open:
            yield Idle()

    def _settle(
        self,
        plan: PlanItem,
        item: TargetItem | None,
        changes: list[TargetChange],
        rows: Mapping[EffectKey, Effect],
        kept: set[str],
    ) -> Task:
        try:
            if item is None:
                self._settled(plan, "gone", Verdict("ALREADY_GONE", "It was not there any more."))
                return
            verdict = self._judge(plan, item, changes, rows, kept)
            if verdict is MAY_GO:
                verdict = yield from self._judge_comments(item, rows)
            if verdict is MAY_GO:
                verdict = yield from self._delete(item)
            if verdict is not MAY_GO:
                kept.add(plan.source)
            self._settled(plan, "deleted" if verdict is MAY_GO else "kept", verdict)
        finally:
            self._open -= 1

    def _settled(self, plan: PlanItem, outcome: str, verdict: Verdict) -> None:
        self._scene.journal.removal(Removal(plan.source, plan.target_key, outcome, verdict.code, verdict.words))

    def _judge(
        self,
        plan: PlanItem,
        item: TargetItem,
        changes: list[TargetChange],
        rows: Mapping[EffectKey, Effect],
        kept: set[str],
    ) -> Verdict:
        scene = self._scene
        mark, config = item.mark, scene.config
        if mark is None or (mark.organization, mark.project, mark.id) != (
            config.organization,
            config.project,
            plan.source,
        ):
            return Verdict("MARK_MISSING", "The issue does not carry the mark of this item.")
        if any(other.parent == plan.source and other.source in kept for other in scene.items.values()):
            return Verdict("HAS_KEPT_CHILDREN", "Issues that have to stay hang under it.")
        others = sorted({change.author for change in changes} - {self._me})
        if others:
            return Verdict("CHANGED_SINCE", f"Changed by {', '.join(others)}.")
        row = rows.get(item_key(plan.source))
        base = row.extra.get("base") if row is not None else None
        edited = sorted(edited_parts(base, item)) if base else []
        if edited:
            return Verdict("CHANGED_SINCE", f"Changed since it was written: {', '.join(edited)}.")
        files = {row.target_id for key, row in rows.items() if key.kind is EffectKind.FILE}
        strange = [file.name for file in item.files if file.id not in files]
        if strange:
            return Verdict("CHANGED_SINCE", f"Files were added: {', '.join(strange)}.")
        return MAY_GO

    @property
    def _me(self) -> str:
        me = self._scene.target_shape.me
        return me.id if me is not None else ""

    def _judge_comments(self, item: TargetItem, rows: Mapping[EffectKey, Effect]) -> Generator[Step, Any, Verdict]:
        """Comments leave no entry in the history."""
        comments: tuple[TargetComment, ...] | list[TargetComment] | None = item.comments
        if comments is None:
            comments = yield Read(lambda: self._scene.target.read_target_comments(item.id))
        ours = {row.target_id for key, row in rows.items() if key.kind is EffectKind.COMMENT}
        strange = [comment for comment in comments or () if comment.id not in ours]
        if strange:
            return Verdict("CHANGED_SINCE", f"{len(strange)} comments were added.")
        return MAY_GO

    def _delete(self, item: TargetItem) -> Generator[Step, Any, Verdict]:
        while True:
            try:
                yield Write(lambda: self._scene.target.delete_item(item.id), ())
            except Unclear:
                continue
            except Refused as refusal:
                return Verdict(refusal.code, refusal.message)
            return MAY_GO

    # sprints and components

    def _drop_shared(self) -> Generator[Step, Any, None]:
        """Sprints and components that this product made and nothing uses any more."""
        scene = self._scene
        self._dropped = {"components": 0, "sprints": 0}
        for kind, name, drop in (
            (EffectKind.COMPONENT, "components", scene.target.drop_component),
            (EffectKind.SPRINT, "sprints", scene.target.drop_sprint),
        ):
            for row in scene.store.shared_effects(kind):
                if row.state is not EffectState.DONE or not row.extra.get("made"):
                    continue
                dropped = yield from self._drop(drop, row.target_id)
                if dropped:
                    self._dropped[name] += 1
                    scene.journal.removal(Removal("", row.target_id, "deleted", effect=row.key))

    def _drop(self, drop: Any, target_id: str) -> Generator[Step, Any, bool]:
        while True:
            try:
                dropped: bool = yield Write(lambda: drop(target_id), ())
            except Unclear:
                continue
            except Refused:
                return False
            return dropped


def _was_created(plan: PlanItem) -> bool:
    """Whether this run made the issue."""
    return bool(plan.target_key) and not plan.moved_before and plan.stage >= ItemStage.CREATED
