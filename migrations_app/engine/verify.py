"""Phase 5: reads both sides again and compares them, item by item.

Walks the target's whole key range, not search and not the ledger, so that an item nobody knows of is found too.
Files are downloaded from both sides and hashed. A source edited since its item was moved is "changed since", not a
difference.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import asdict
from typing import Any

from connectors.domain.errors import Refused, Unclear
from connectors.domain.ports import TargetChange, TargetItem
from connectors.domain.shapes import number_of
from migrations_app.engine.compare_texts import Names
from migrations_app.engine.neighbours import learn_neighbours, texts_of
from migrations_app.engine.ports import Difference, PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.state import Outcome, Phase
from migrations_app.engine.steps import Commit, Idle, Read, Step, Task, Until, Write
from migrations_app.engine.verify_item import (
    Checked,
    ItemVerifier,
    Verdict,
    rows_by_item,
    verify_one,
)

WINDOW = 100
"""Keys per bulk read."""
GAP = 100
LOOK_AGAIN = 4.0
VISIBLE_WITHIN = 45.0
"""Seconds after which an item that still cannot be seen is missing; a loaded site shows new ones within 30."""


class VerifyStage:
    """Ends when every key was looked at and every item of the run is accounted for.

    With `repairs` a second issue that a lost answer of this run left behind is removed when nobody has touched it;
    without, nothing is written anywhere.
    """

    def __init__(self, scene: Scene, *, repairs: bool = True) -> None:
        self._scene = scene
        self._repairs = repairs
        self._tasks: deque[Task] = deque([self._verify()])
        self._open = 0
        self._read_to = 0
        self._left: dict[int, int] = {}
        self._sources: dict[str, str] = {}
        self._names = Names(self._source_of)

    def next_task(self) -> Task | None:
        return self._tasks.popleft() if self._tasks else None

    def finished(self) -> bool:
        return not self._tasks

    def _verify(self) -> Task:
        scene = self._scene
        scene.journal.phase(Phase.VERIFICATION)
        scene.journal.event("verifying")
        yield Commit()
        self._sources = {plan.target_key: plan.source for plan in scene.items.values() if plan.target_key}
        self._checked = Checked(**scene.checkpoint.get("checked", {}))
        scene.floor = max(scene.floor, (yield Read(scene.target.highest_number)), _highest(scene))
        first, last_seen = 1, scene.floor
        done = set(scene.checkpoint.get("windows", []))
        while first <= last_seen + GAP:
            if first not in done:
                self._spawn(self._window(first))
            first += WINDOW
            while self._open and first > last_seen:
                yield Idle()
                last_seen = max(last_seen, self._read_to)
        while self._open:
            yield Idle()
        yield from self._look_again()
        self._report_missing()
        scene.journal.event("verified", **self._summary())
        yield Commit()

    def _source_of(self, key: str) -> str | None:
        """The source item behind a key, this run's or an earlier one's."""
        found = self._sources.get(key)
        if found is None:
            known = {effect.target_key: source for source, effect in self._scene.elsewhere.items()}
            found = known.get(key)
        return found

    def _spawn(self, task: Task) -> None:
        self._open += 1
        self._tasks.append(task)

    def _window(self, first: int) -> Task:
        """Up to a hundred items by key, with everything of the source they are compared to."""
        scene = self._scene
        keys = [scene.target_shape.key_of(number) for number in range(first, first + WINDOW)]
        found: list[TargetItem] = yield Read(lambda: scene.target.read_items(keys, fields=scene.read_too))
        if found:
            self._read_to = max(self._read_to, max(number_of(item.key) for item in found))
        ours = [item for item in found if self._is_ours(item)]
        pairs = [(scene.items[item.mark.id], item) for item in ours if item.mark and item.mark.id in scene.items]
        for plan, item in pairs:
            if item.key != plan.target_key:
                yield from self._doubled(plan, item)
        pairs = [(plan, item) for plan, item in pairs if item.key == plan.target_key and not plan.verified]
        self._left[first] = len(pairs)
        yield from self._compare(first, pairs)
        self._open -= 1
        self._end_window(first)

    def _is_ours(self, item: TargetItem) -> bool:
        config, mark = self._scene.config, item.mark
        return mark is not None and (mark.organization, mark.project) == (config.organization, config.project)

    def _end_window(self, first: int) -> None:
        """A window is done when its last item is: only then a later slice may pass it over."""
        if not self._left[first]:
            self._scene.remember_checkpoint(windows=[*self._scene.checkpoint.get("windows", []), first])

    def _compare(self, first: int, pairs: list[tuple[PlanItem, TargetItem]]) -> Generator[Step, Any, None]:
        if not pairs:
            return
        scene = self._scene
        ids = [plan.source for plan, _ in pairs]
        items = {item.id: item for item in (yield Read(lambda: scene.source.read_items(ids)))}
        learn_neighbours(scene, texts_of(items.values()))
        rows = rows_by_item(scene.store.effects_of(ids))
        for plan, found in pairs:
            item = items.get(plan.source)
            if item is None:
                self._left[first] -= 1
                self._account(Verdict(plan, [], Checked(), changed=True))
                continue
            verifier = ItemVerifier(scene, plan, item, found, rows.get(plan.source, {}), names=self._names)
            self._spawn(self._verify_item(first, verifier))

    def _verify_item(self, first: int, verifier: ItemVerifier) -> Task:
        yield from verify_one(verifier, self._account)
        self._open -= 1
        self._left[first] -= 1
        self._end_window(first)

    def _account(self, verdict: Verdict) -> None:
        scene, plan = self._scene, verdict.plan
        plan.verified = True
        self._checked.add(verdict.checked)
        if verdict.changed:
            scene.journal.event("changed_since", item=plan.source, key=plan.target_key)
        for difference in verdict.differences:
            scene.journal.difference(difference)
        if verdict.differences:
            _mark_different(scene, plan, verdict.differences)
        scene.journal.item(plan)
        seen = scene.checkpoint.get("changed_since", 0) + verdict.changed
        scene.remember_checkpoint(checked=asdict(self._checked), changed_since=seen)

    # second issues

    def _doubled(self, plan: PlanItem, item: TargetItem) -> Generator[Step, Any, None]:
        """A second issue with one mark: removed when it certainly is a left-over of this run, else reported."""
        scene = self._scene
        if self._repairs and (yield from self._is_left_over(plan, item)) and (yield from self._remove(item)):
            name = scene.name_of(plan.source)
            scene.journal.log(f"✓ {item.key} was a second issue for {name}; removed.", item=plan.source)
            scene.journal.event("double_removed", item=plan.source, key=item.key)
            scene.remember_checkpoint(doubles_removed=scene.checkpoint.get("doubles_removed", 0) + 1)
            return
        difference = Difference(plan.source, item.key, "item", "ITEM_DOUBLED", plan.target_key, item.key)
        scene.journal.difference(difference)
        _mark_different(scene, plan, [difference])
        scene.journal.item(plan)

    def _is_left_over(self, plan: PlanItem, item: TargetItem) -> Generator[Step, Any, bool]:
        """Made after this run first meant to create the item, empty of what follows a create, and touched by nobody."""
        scene = self._scene
        if plan.moved_before or item.comment_total or item.files or item.links:
            return False
        row = scene.store.moved([plan.source]).get(plan.source)
        floor = row.extra.get("floor") if row is not None else None
        if not isinstance(floor, int) or number_of(item.key) <= floor:
            return False
        if any(other.parent == plan.source for other in scene.items.values()):
            return False
        history: dict[str, list[TargetChange]] = yield Read(lambda: scene.target.changes([item.id]))
        me = scene.target_shape.me
        return all(change.author == (me.id if me else "") for change in history.get(item.id, []))

    def _remove(self, item: TargetItem) -> Generator[Step, Any, bool]:
        """Deleting is repeatable: what is gone already counts as deleted."""
        while True:
            try:
                yield Write(lambda: self._scene.target.delete_item(item.id), ())
            except Unclear:
                continue
            except Refused:
                return False
            return True

    # what was not seen

    def _look_again(self) -> Generator[Step, Any, None]:
        """Items not seen in the walk may only be too new: they are read again, by key, for a while. Since when is
        remembered, so that a slice that ends meanwhile does not begin the wait anew."""
        scene = self._scene
        while unseen := self._unseen():
            since = scene.checkpoint.get("unseen_since")
            if since is None:
                since = scene.clock.now()
                scene.remember_checkpoint(unseen_since=since)
            for start in range(0, len(unseen), WINDOW):
                self._spawn(self._again(unseen[start : start + WINDOW], -1 - start))
            while self._open:
                yield Idle()
            if not self._unseen() or scene.clock.now() >= since + VISIBLE_WITHIN:
                return
            yield Until(scene.clock.now() + LOOK_AGAIN)

    def _again(self, plans: list[PlanItem], window: int) -> Task:
        keys, further = [plan.target_key for plan in plans], self._scene.read_too
        found = {item.key: item for item in (yield Read(lambda: self._scene.target.read_items(keys, fields=further)))}
        pairs = [(plan, found[plan.target_key]) for plan in plans if plan.target_key in found]
        self._left[window] = len(pairs) + 1  # never counted as a window of the walk
        yield from self._compare(window, pairs)
        self._open -= 1

    def _unseen(self) -> list[PlanItem]:
        return [plan for plan in self._scene.items.values() if plan.target_key and not plan.verified]

    def _report_missing(self) -> None:
        for plan in self._unseen():
            missing = Difference(plan.source, plan.target_key, "item", "ITEM_MISSING", plan.title, "missing")
            self._account(Verdict(plan, [missing], Checked(items=1)))

    def _summary(self) -> dict[str, Any]:
        plans, checkpoint = self._scene.items.values(), self._scene.checkpoint
        verified = sum(1 for plan in plans if plan.verified)
        different = sum(1 for plan in plans if plan.verified and plan.outcome is Outcome.PARTIAL)
        return {
            "verified": verified,
            "different": different,
            "changedSince": checkpoint.get("changed_since", 0),
            "doublesRemoved": checkpoint.get("doubles_removed", 0),
            "checked": asdict(self._checked),
        }


def _highest(scene: Scene) -> int:
    return max((number_of(plan.target_key) for plan in scene.items.values()), default=0)


def _mark_different(scene: Scene, plan: PlanItem, differences: list[Difference]) -> None:
    """An item that verification finds different is partial."""
    for difference in differences:
        scene.add_problem(plan, difference.code, f"{difference.field}: {difference.target_value or 'differs'}")
    if plan.outcome is not Outcome.FAILED:
        plan.outcome = Outcome.PARTIAL
