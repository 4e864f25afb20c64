"""Phases 2 to 4 together: items are created in order, and each is filled and linked as soon as it can be."""

from __future__ import annotations

from collections import deque

from connectors.domain.work_items import WorkItem
from migrations_app.engine.compose import Composed
from migrations_app.engine.content import Filler
from migrations_app.engine.create import READ_WINDOW, Creator, needs_edit
from migrations_app.engine.links import LinkQueue
from migrations_app.engine.neighbours import learn_neighbours, texts_of
from migrations_app.engine.part import Ledger
from migrations_app.engine.ports import Effect, EffectKey, PlanItem
from migrations_app.engine.resolutions import Resolutions
from migrations_app.engine.scene import Scene
from migrations_app.engine.state import EffectKind, EffectState, ItemStage, Phase
from migrations_app.engine.statuses import Hop, StatusMover
from migrations_app.engine.steps import Commit, Read, Task


class MoveStage:
    """Ends when every item has an outcome and every link that can be written is."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._to_fill: deque[tuple[PlanItem, WorkItem, Ledger]] = deque()
        self._to_read: deque[PlanItem] = deque()
        self._postponed: list[PlanItem] = []
        self._filling = 0
        self._unfilled = 0
        self._reading = self._started = self._creating = self._creates_done = False

    def _start(self) -> None:
        """Deferred until the preparation has filled the scene."""
        scene = self._scene
        self._started = True
        self._links = LinkQueue(scene)
        self._mover = StatusMover(scene, on_arrived=self._on_arrived)
        self._resolutions = Resolutions(scene)
        self._creator = Creator(
            scene,
            on_created=self._on_created,
            on_adopted=self._to_read.append,
            on_failed=self._on_failed,
            backlog=self._backlog,
        )
        self._unfilled = sum(1 for plan in scene.items.values() if plan.stage < ItemStage.FILLED)
        self._to_read.extend(plan for plan in scene.items.values() if plan.stage is ItemStage.CREATED)

    def next_task(self) -> Task | None:
        if not self._started:
            self._start()
        if not self._creating:
            self._creating = True
            return self._create()
        if len(self._mover) and not self._mover.running:
            return self._mover.run()
        if self._to_fill:
            return self._fill()
        if self._to_read and not self._reading:
            return self._read()
        return self._links.next_task()

    def finished(self) -> bool:
        if not self._creates_done:
            return False
        return not (self._to_fill or self._to_read or len(self._mover)) and self._links.empty

    def _backlog(self) -> int:
        return len(self._to_fill) + len(self._to_read) + len(self._mover) + self._filling

    # creating

    def _create(self) -> Task:
        yield from self._creator.run()
        self._creates_done = True
        self._to_read.extend(self._postponed)
        self._postponed.clear()
        self._enter_phase()

    def _on_created(self, plan: PlanItem, item: WorkItem, composed: Composed) -> None:
        ledger = _fresh_ledger(plan, composed)
        if composed.hops:
            self._mover.add(Hop(plan, composed.status, (item, ledger)))
        else:
            self._to_fill.append((plan, item, ledger))

    def _on_failed(self, plan: PlanItem) -> None:
        self._unfilled -= 1
        self._links.item_finished(plan)

    def _on_arrived(self, hop: Hop) -> None:
        item, ledger = hop.carry
        self._to_fill.append((hop.plan, item, ledger))

    # filling

    def _read(self) -> Task:
        """Items whose content is open but not in memory: after a restart, or after waiting for their neighbours."""
        self._reading = True
        try:
            yield Commit()
            scene = self._scene
            plans = [self._to_read.popleft() for _ in range(min(len(self._to_read), READ_WINDOW))]
            ids = [plan.source for plan in plans]
            ledgers = _ledgers(scene, ids)
            items = {item.id: item for item in (yield Read(lambda: scene.source.read_items(ids)))}
            learn_neighbours(scene, texts_of(items.values()))
            for plan in plans:
                item = items.get(plan.source)
                if item is None:
                    self._gone(plan)
                    continue
                self._sort(plan, item, ledgers.get(plan.source, {}))
        finally:
            self._reading = False

    def _sort(self, plan: PlanItem, item: WorkItem, ledger: Ledger) -> None:
        status = ledger.get(EffectKey(EffectKind.STATUS, plan.source))
        goal = self._scene.maps.statuses.get((item.type, item.state, plan.target_type), "")
        if goal and status is not None and status.state in (EffectState.WAITING, EffectState.INTENDED):
            self._mover.add(Hop(plan, goal, (item, ledger)))
        else:
            self._to_fill.append((plan, item, ledger))

    def _gone(self, plan: PlanItem) -> None:
        """Deleted or hidden in the source since it was created: what is there stays as it is."""
        self._scene.add_problem(plan, "ITEM_UNREADABLE", "The item vanished from the source before it was complete.")
        plan.stage, plan.outcome = ItemStage.FILLED, Filler.outcome_of(plan)
        self._scene.journal.item(plan)
        self._on_filled(plan, finished=True)

    def _fill(self) -> Task:
        plan, item, ledger = self._to_fill.popleft()
        self._filling += 1
        filler = Filler(
            self._scene,
            plan,
            item,
            ledger,
            creates_done=self._creates_done,
            resolutions=self._resolutions,
        )
        try:
            finished = yield from filler.run()
        finally:
            self._filling -= 1
        self._on_filled(plan, finished=finished)

    def _on_filled(self, plan: PlanItem, *, finished: bool) -> None:
        if finished:
            self._unfilled -= 1
            self._links.item_finished(plan)
            self._enter_phase()
        elif self._creates_done:
            self._to_read.append(plan)
        else:
            self._postponed.append(plan)

    def _enter_phase(self) -> None:
        if self._creates_done:
            self._scene.journal.phase(Phase.CONTENT if self._unfilled else Phase.LINKS)


def _fresh_ledger(plan: PlanItem, composed: Composed) -> Ledger:
    """The rows of an item created just now: its own, and what is still to come."""
    ledger: Ledger = {} if composed.row is None else {composed.row.key: composed.row}
    if needs_edit(composed):
        key = EffectKey(EffectKind.BODY, plan.source)
        ledger[key] = Effect(key, EffectState.WAITING, item=plan.source, target_id=plan.target_id)
    return ledger


def _ledgers(scene: Scene, ids: list[str]) -> dict[str, Ledger]:
    found: dict[str, Ledger] = {}
    for effect in scene.store.effects_of(ids):
        found.setdefault(effect.item, {})[effect.key] = effect
    return found
