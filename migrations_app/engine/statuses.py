"""Brings items to the status they had, over as many steps as the workflow needs.

Items of one hop are done by the create itself; here come the others, in bulk where the target allows it. A status
is a state, not an event: after any doubt it is read and the rest of the way is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any

from connectors.domain.errors import Refused, Unclear
from connectors.domain.mapping.workflow import shortest_path
from connectors.domain.shapes import Transition, Workflow
from connectors.domain.work_items import WorkItem
from migrations_app.engine.ports import Effect, EffectKey, PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.state import EffectKind, EffectState
from migrations_app.engine.steps import Read, Step, Task, Until, Write

AT_ONCE = 1_000
READ_AT_ONCE = 100
LONGEST_WAY = 12
LOOK_AGAIN = 2.0
"""Seconds until items that are not visible yet are looked for again."""


@dataclass(slots=True)
class Hop:
    """An item under way to a status. `carry` is what its content needs afterwards: the item and its ledger."""

    plan: PlanItem
    goal: str
    carry: tuple[WorkItem, dict[EffectKey, Effect]]
    key: str = ""
    """The ledger key when it is not the item's own: a later update of its status."""
    visited: frozenset[str] = frozenset()
    refused: tuple[str, str] | None = None
    """The status in which a step was refused, and the words. Believed when the item is still there on a second look:
    an earlier step whose answer was lost may have moved it meanwhile."""


class StatusMover:
    """A queue of hops worked off by one task at a time. `on_arrived` receives every item, arrived or stuck."""

    def __init__(self, scene: Scene, *, on_arrived: Callable[[Hop], None]) -> None:
        self._scene = scene
        self._queue: deque[Hop] = deque()
        self._on_arrived = on_arrived
        self._bulk_allowed = True
        self._learned: dict[tuple[str, str], list[Transition]] = {}
        self.running = False

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, hop: Hop) -> None:
        self._queue.append(hop)

    def run(self) -> Task:
        """Works off what is queued now."""
        self.running = True
        try:
            hops = [self._queue.popleft() for _ in range(min(len(self._queue), AT_ONCE))]
            for _ in range(LONGEST_WAY):
                hops = yield from self._one_step(hops)
                if not hops:
                    return
            for hop in hops:
                self._arrived(hop, stuck="the way through the workflow is too long")
        finally:
            self.running = False

    def _one_step(self, hops: list[Hop]) -> Generator[Step, Any, list[Hop]]:
        """Every item one transition further; returns those that have not arrived."""
        current = yield from self._read_statuses(hops)
        steps: list[tuple[Hop, Transition]] = []
        unseen: list[Hop] = []
        for hop in hops:
            here = current.get(hop.plan.target_key, "")
            if not here and self._scene.clock.now() < self._scene.patience(hop.plan.source):
                unseen.append(hop)
                continue
            if here == hop.goal:
                self._arrived(hop)
                continue
            if hop.refused is not None and hop.refused[0] == here:
                self._arrived(hop, stuck=hop.refused[1])
                continue
            step = yield from self._next_step(hop, here)
            if step is None:
                self._arrived(hop, stuck=f"no transition leads from status {here} to {hop.goal}")
            else:
                steps.append((replace(hop, visited=hop.visited | {here}, refused=None), step))
        failed = yield from self._take(steps)
        remaining = []
        for hop in unseen:
            self._queue.append(hop)
        if unseen and not steps:
            yield Until(self._scene.clock.now() + LOOK_AGAIN)
        for hop, _ in steps:
            words = failed.get(hop.plan.target_id)
            here = current[hop.plan.target_key]
            remaining.append(hop if words is None else replace(hop, refused=(here, words)))
        return remaining

    def _read_statuses(self, hops: list[Hop]) -> Generator[Step, Any, dict[str, str]]:
        current: dict[str, str] = {}
        keys = [hop.plan.target_key for hop in hops]
        for start in range(0, len(keys), READ_AT_ONCE):
            part = keys[start : start + READ_AT_ONCE]
            current.update((yield Read(lambda part=part: self._scene.target.statuses(part))))  # type: ignore[misc]
        return current

    def _next_step(self, hop: Hop, here: str) -> Generator[Step, Any, Transition | None]:
        workflow = self._scene.target_type(hop.plan).workflow
        if workflow.known:
            path = shortest_path(workflow, here, hop.goal)
            return path[0] if path else None
        offered = yield from self._offered(hop, here)
        return _towards(workflow, offered, hop)

    def _offered(self, hop: Hop, here: str) -> Generator[Step, Any, list[Transition]]:
        """What the platform offers from this status; asked once per type and status."""
        known = self._learned.get((hop.plan.target_type, here))
        if known is None:
            known = yield Read(lambda: self._scene.target.transitions(hop.plan.target_id))
            self._learned[hop.plan.target_type, here] = known
        return known

    def _take(self, steps: list[tuple[Hop, Transition]]) -> Generator[Step, Any, dict[str, str]]:
        """Item id -> words for each that failed."""
        if not steps:
            return {}
        if self._bulk_allowed and len(steps) > 1:
            calls = [(hop.plan.target_id, step.id) for hop, step in steps]
            try:
                failed: dict[str, str] = yield Write(
                    lambda: self._scene.target.transition_many(calls), tuple(_intent(hop) for hop, _ in steps)
                )
                return failed
            except Unclear:
                return {}
            except Refused:
                self._bulk_allowed = False
        return (yield from self._take_singly(steps))

    def _take_singly(self, steps: list[tuple[Hop, Transition]]) -> Generator[Step, Any, dict[str, str]]:
        failed = {}
        for hop, step in steps:
            try:
                yield Write(
                    lambda hop=hop, step=step: self._scene.target.transition(hop.plan.target_id, step.id),  # type: ignore[misc]
                    (_intent(hop),),
                )
            except Unclear:
                continue
            except Refused as refusal:
                failed[hop.plan.target_id] = refusal.message
        return failed

    def _arrived(self, hop: Hop, *, stuck: str = "") -> None:
        effect = _intent(hop)
        if stuck:
            self._scene.journal.refused(effect, reason=stuck)
            self._scene.add_problem(hop.plan, "STATUS_NOT_REACHED", f"Status not reached: {stuck}.")
        else:
            self._scene.journal.done(effect)
        self._on_arrived(hop)


def _intent(hop: Hop) -> Effect:
    return Effect(
        EffectKey(EffectKind.STATUS, hop.key or hop.plan.source),
        EffectState.INTENDED,
        item=hop.plan.source,
        target_id=hop.plan.target_id,
    )


def _towards(workflow: Workflow, offered: list[Transition], hop: Hop) -> Transition | None:
    """Without a readable workflow: straight to the goal, else to an unvisited status, those of the goal's
    category first."""
    direct = next((step for step in offered if step.to == hop.goal), None)
    if direct is not None:
        return direct
    categories = {status.id: status.category for status in workflow.statuses}
    fresh = [step for step in offered if step.to not in hop.visited and not step.needs_fields]
    fresh.sort(key=lambda step: categories.get(step.to) != categories.get(hop.goal))
    return fresh[0] if fresh else None
