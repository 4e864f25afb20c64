"""Phase 2: creates the items, level by level from the top, in backlog order, fifty in a request.

One create request is under way at a time: the order of keys and ranks is the backlog's, and what an unclear
answer may have made is found in one walk through the key range.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from connectors.domain.errors import Refused, Unclear
from connectors.domain.ports import Created, DraftItem
from connectors.domain.work_items import WorkItem
from migrations_app.engine.base import base_of_draft
from migrations_app.engine.compose import Composed, compose_item
from migrations_app.engine.neighbours import learn_neighbours, texts_of
from migrations_app.engine.ports import Effect, EffectKey, PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.settle import find_created, item_key
from migrations_app.engine.state import EffectKind, EffectState, ItemStage, Outcome
from migrations_app.engine.steps import Idle, Read, Step, Task, Write
from migrations_app.engine.texts import plain_text_document

READ_WINDOW = 200
BACKLOG = 400
"""Created items whose content may wait before the creator pauses: bounds what is held in memory."""
TRIES = 5


@dataclass(slots=True)
class Candidate:
    """An item about to be created; `without` are fields the target refused for it."""

    plan: PlanItem
    item: WorkItem
    without: frozenset[str] = frozenset()


class Creator:
    """`on_created` receives every new item with what has to follow, `on_adopted` items an earlier slice made,
    `on_failed` those that will not exist; `backlog` tells how many are still to be filled."""

    def __init__(
        self,
        scene: Scene,
        *,
        on_created: Callable[[PlanItem, WorkItem, Composed], None],
        on_adopted: Callable[[PlanItem], None],
        on_failed: Callable[[PlanItem], None],
        backlog: Callable[[], int],
    ) -> None:
        self._scene = scene
        self._on_created = on_created
        self._on_adopted = on_adopted
        self._on_failed = on_failed
        self._backlog = backlog

    def run(self) -> Task:
        """Settle what earlier slices left open, then create everything that is still planned."""
        scene = self._scene
        scene.floor = max(scene.floor, (yield Read(scene.target.highest_number)))
        yield from self._settle_open()
        for window in _windows(scene):
            while self._backlog() > BACKLOG:
                yield Idle()
            candidates = yield from self._read(window)
            batch = scene.target_shape.create_batch
            for start in range(0, len(candidates), batch):
                yield from self._create(candidates[start : start + batch])

    def _settle_open(self) -> Generator[Step, Any, None]:
        scene = self._scene
        left = [effect for effect in scene.store.open_effects() if effect.key.kind is EffectKind.ITEM]
        if not left:
            return
        found = yield from find_created(scene, left)
        for effect in left:
            marked = found.get(effect.key.source)
            plan = scene.items.get(effect.key.source)
            if marked is None:
                scene.journal.withdraw(effect.key)
            elif plan is None:
                scene.journal.done(effect, target_id=marked.id, target_key=marked.key)
            else:
                self._adopt(effect, plan, Created(marked.id, marked.key))

    def _adopt(self, effect: Effect, plan: PlanItem, created: Created) -> None:
        """An item that turned out to exist: its content is gone through again from the source."""
        scene = self._scene
        plan.target_id, plan.target_key = created.id, created.key
        plan.stage = ItemStage.CREATED
        scene.born[plan.source] = scene.clock.now()
        scene.saw_key(created.key)
        scene.journal.done(effect, target_id=created.id, target_key=created.key)
        scene.journal.keep(_waiting(EffectKind.BODY, plan))
        scene.journal.keep(_waiting(EffectKind.STATUS, plan))
        scene.journal.item(plan)
        _log_created(scene, plan)
        self._on_adopted(plan)

    def _read(self, window: list[PlanItem]) -> Generator[Step, Any, list[Candidate]]:
        scene = self._scene
        ids = [plan.source for plan in window]
        items = {item.id: item for item in (yield Read(lambda: scene.source.read_items(ids)))}
        learn_neighbours(scene, texts_of(items.values()))
        candidates = []
        for plan in window:
            item = items.get(plan.source)
            if item is None:
                self._fail(plan, "ITEM_UNREADABLE", "The item cannot be read any more; it was deleted or hidden.")
            else:
                plan.rev = item.rev
                candidates.append(Candidate(plan, item))
        return candidates

    def _create(self, candidates: list[Candidate]) -> Generator[Step, Any, None]:
        """One batch until every member is created or has failed."""
        scene = self._scene
        for _ in range(TRIES):
            composed = self._compose(candidates)
            if not composed:
                return
            intents = tuple(self._intent(candidate, item.draft) for candidate, item in composed)
            drafts = [item.draft for _, item in composed]
            try:
                answers = yield Write(lambda drafts=drafts: scene.target.create_items(drafts), intents)  # type: ignore[misc]
            except Unclear:
                candidates = yield from self._settle(composed, intents)
                continue
            except Refused as refusal:
                if len(composed) > 1:
                    yield from self._one_by_one(composed, intents)
                    return
                answers = [refusal]
            candidates = self._accept(composed, intents, answers)
        for candidate in candidates:
            self._fail(candidate.plan, "CREATE_GIVEN_UP", "The target refused the item in every form that was tried.")

    def _one_by_one(
        self, composed: list[tuple[Candidate, Composed]], intents: tuple[Effect, ...]
    ) -> Generator[Step, Any, None]:
        """A whole call was refused: one member spoils it for the others, so each is tried alone."""
        for effect in intents:
            self._scene.journal.withdraw(effect.key)
        for candidate, _ in composed:
            yield from self._create([candidate])

    def _compose(self, candidates: list[Candidate]) -> list[tuple[Candidate, Composed]]:
        composed = []
        for candidate in candidates:
            self._keep_possible(candidate.plan)
            try:
                item = compose_item(candidate.item, candidate.plan, self._scene)
            except Exception as error:  # one item's odd content must not end the run; the reason is kept
                self._fail(candidate.plan, "ITEM_NOT_CONVERTED", f"{type(error).__name__}: {error}")
                continue
            composed.append((candidate, replace(item, draft=_lighten(item.draft, candidate.without))))
        return composed

    def _keep_possible(self, plan: PlanItem) -> None:
        """An item whose parent did not arrive is created without it; a sub-task needs another type then."""
        scene = self._scene
        if plan.parent is None or scene.id_of(plan.parent):
            return
        scene.add_problem(plan, "PARENT_NOT_MOVED", f"The parent {plan.parent} did not arrive.")
        plan.parent = None
        if plan.level < 0 and scene.maps.standard is not None:
            plan.target_type, plan.level = scene.maps.standard.id, scene.maps.standard.level

    def _intent(self, candidate: Candidate, draft: DraftItem) -> Effect:
        """The row also keeps the sprint, as nothing else tells where the item belongs once that is closed, and the
        floor: a second issue above it is a left-over of this create."""
        plan = candidate.plan
        sprint = {"sprint": draft.sprint_id} if draft.sprint_id else {}
        return Effect(
            item_key(plan.source),
            EffectState.INTENDED,
            item=plan.source,
            floor=self._scene.floor,
            extra={"type": plan.target_type, "rev": plan.rev, "floor": self._scene.floor, **sprint},
        )

    def _settle(
        self, composed: list[tuple[Candidate, Composed]], intents: tuple[Effect, ...]
    ) -> Generator[Step, Any, list[Candidate]]:
        """After an unclear answer: adopt what was made, and give back the rest to be created again."""
        now = self._scene.clock.now()
        found = yield from find_created(self._scene, [replace(effect, intended_at=now) for effect in intents])
        again = []
        for (candidate, item), effect in zip(composed, intents, strict=True):
            marked = found.get(candidate.plan.source)
            if marked is None:
                self._scene.journal.withdraw(effect.key)
                again.append(candidate)
            else:
                self._created(candidate, item, effect, Created(marked.id, marked.key))
        return again

    def _accept(
        self,
        composed: list[tuple[Candidate, Composed]],
        intents: tuple[Effect, ...],
        answers: list[Created | Refused],
    ) -> list[Candidate]:
        """Book the answers; give back those worth another try in a lighter form."""
        again = []
        for (candidate, item), effect, answer in zip(composed, intents, answers, strict=True):
            if isinstance(answer, Created):
                self._created(candidate, item, effect, answer)
                continue
            self._scene.journal.withdraw(effect.key)
            lighter = self._without(candidate, answer)
            if lighter is not None:
                again.append(lighter)
            else:
                self._fail(candidate.plan, answer.code, answer.message)
        return again

    def _created(self, candidate: Candidate, composed: Composed, effect: Effect, created: Created) -> None:
        scene, plan = self._scene, candidate.plan
        plan.target_id, plan.target_key = created.id, created.key
        plan.stage = ItemStage.CREATED
        scene.born[plan.source] = scene.clock.now()
        scene.saw_key(created.key)
        for name, words in sorted(created.dropped.items()):
            scene.add_problem(plan, "FIELD_REFUSED", f"{name}: {words}")
        parent = scene.key_of(plan.parent) if plan.parent else None
        base = base_of_draft(composed.draft, status=composed.status, parent=parent)
        composed = replace(
            composed, row=scene.journal.done(effect, target_id=created.id, target_key=created.key, base=base)
        )
        if created.step_refused:
            composed = replace(composed, hops=True)
        if composed.hops:
            scene.journal.keep(_waiting(EffectKind.STATUS, plan))
        if needs_edit(composed):
            scene.journal.keep(_waiting(EffectKind.BODY, plan))
        scene.journal.item(plan)
        _log_created(scene, plan)
        self._on_created(plan, candidate.item, composed)

    def _without(self, candidate: Candidate, refusal: Refused) -> Candidate | None:
        """The candidate in a form the target may take: without the fields it named, each noted as a problem."""
        named = frozenset(refusal.fields) - candidate.without - _ESSENTIAL
        if not named:
            return None
        for name in sorted(named):
            self._scene.add_problem(candidate.plan, "FIELD_REFUSED", f"{name}: {refusal.fields[name]}")
        return replace(candidate, without=candidate.without | named)

    def _fail(self, plan: PlanItem, code: str, words: str) -> None:
        scene = self._scene
        scene.add_problem(plan, code, words)
        plan.stage, plan.outcome = ItemStage.FINISHED, Outcome.FAILED
        scene.journal.item(plan)
        scene.journal.log(f"✗ {scene.name_of(plan.source)} [{plan.type}]: {words}", item=plan.source, code=code)
        self._on_failed(plan)


_ESSENTIAL = frozenset({"summary", "issuetype", "project"})


def needs_edit(composed: Composed) -> bool:
    """True when the item's body must be written once more after its files and neighbours exist."""
    body = composed.body
    return bool(body.images or body.waiting or body.overflow or body.again or composed.later)


def _waiting(kind: EffectKind, plan: PlanItem) -> Effect:
    return Effect(EffectKey(kind, plan.source), EffectState.WAITING, item=plan.source, target_id=plan.target_id)


def _windows(scene: Scene) -> Iterator[list[PlanItem]]:
    """Planned items in creation order, never two levels in one window: a parent exists before its children."""
    for _, group in groupby(list(scene.items.values()), key=lambda plan: plan.level):
        level = [plan for plan in group if plan.stage is ItemStage.PLANNED]
        for start in range(0, len(level), READ_WINDOW):
            # settled or failed meanwhile: looked at again when the window's turn comes
            window = [plan for plan in level[start : start + READ_WINDOW] if plan.stage is ItemStage.PLANNED]
            if window:
                yield window


def _lighten(draft: DraftItem, without: frozenset[str]) -> DraftItem:
    """The draft without refused fields. A refused description is sent as plain words."""
    if not without:
        return draft
    changes: dict[str, Any] = {"fields": {name: v for name, v in draft.fields.items() if name not in without}}
    for name, attribute in _ATTRIBUTES.items():
        if name in without:
            changes[attribute] = () if attribute in ("labels", "components") else None
    if draft.sprint_id is not None and any(name.startswith("customfield_") for name in without):
        changes["sprint_id"] = None
    if "description" in without and draft.body is not None:
        changes["body"] = plain_document(draft.body)
    return replace(draft, **changes)


_ATTRIBUTES = {
    "assignee": "assignee_id",
    "reporter": "reporter_id",
    "priority": "priority_id",
    "components": "components",
    "labels": "labels",
    "parent": "parent_id",
    "parentId": "parent_id",
    "transition": "transition",
}


def plain_document(document: dict[str, Any]) -> dict[str, Any]:
    """The words of a document in plain paragraphs: the last form in which a refused text is tried."""
    lines: list[str] = []
    for block in document.get("content", []):
        lines.append(" ".join(_texts(block)))
    return plain_text_document("\n\n".join(filter(None, lines)))


def _texts(node: dict[str, Any]) -> Iterator[str]:
    if "text" in node:
        yield str(node["text"])
    for child in node.get("content", []):
        yield from _texts(child)


def _log_created(scene: Scene, plan: PlanItem) -> None:
    name, key = scene.name_of(plan.source), plan.target_key
    scene.journal.log(f"✓ {name} [{plan.type}] → {key}", item=plan.source, key=key)
