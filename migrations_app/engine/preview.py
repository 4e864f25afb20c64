"""A dry run: everything is read, decided and composed, nothing is written; the exact payloads are kept."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

from connectors.domain.richtext.findings import RULES, Finding, FindingCode
from connectors.domain.work_items import WorkItem
from migrations_app.engine.compose import compose_item
from migrations_app.engine.ports import PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.state import ItemStage, Outcome, Phase
from migrations_app.engine.steps import Commit, Read, Task

WINDOW = 200


class PreviewStage:
    """Every item ends skipped, with its payload, or failed with the reason why it could not be composed."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._windows: deque[list[PlanItem]] | None = None

    def next_task(self) -> Task | None:
        if self._windows is None:
            plans = [plan for plan in self._scene.items.values() if not plan.outcome]
            self._windows = deque(plans[start : start + WINDOW] for start in range(0, len(plans), WINDOW))
            self._scene.journal.phase(Phase.WORK_ITEMS)
        return self._preview(self._windows.popleft()) if self._windows else None

    def finished(self) -> bool:
        return not self._windows

    def _preview(self, plans: list[PlanItem]) -> Task:
        scene = self._scene
        ids = [plan.source for plan in plans]
        items = {item.id: item for item in (yield Read(lambda: scene.source.read_items(ids)))}
        for plan in plans:
            item = items.get(plan.source)
            if item is None:
                self._fail(plan, "ITEM_UNREADABLE", "The item cannot be read any more.")
            else:
                self._keep(plan, item)
        yield Commit()

    def _keep(self, plan: PlanItem, item: WorkItem) -> None:
        scene = self._scene
        try:
            composed = compose_item(item, plan, scene)
            payload = scene.target.preview(composed.draft)
        except Exception as error:  # one item's odd content must not end the dry run; the reason is shown
            self._fail(plan, "ITEM_NOT_CONVERTED", f"{type(error).__name__}: {error}")
            return
        kept = {"payload": payload, "parent": plan.parent, "parentLink": plan.parent_link}
        scene.journal.preview(plan.source, {**kept, "findings": told(composed.body.findings)})
        plan.stage, plan.outcome = ItemStage.FINISHED, Outcome.SKIPPED
        scene.journal.item(plan)

    def _fail(self, plan: PlanItem, code: str, words: str) -> None:
        self._scene.add_problem(plan, code, words)
        plan.stage, plan.outcome = ItemStage.FINISHED, Outcome.FAILED
        self._scene.journal.item(plan)


def told(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The rules by which an item's texts became something else, each once. Pictures are left out: their files are
    there only in a real run."""
    counts = Counter[FindingCode]()
    for finding in findings:
        counts[finding.code] += finding.count
    del counts[FindingCode.IMAGE_AS_LINK]
    return [{"code": code.value, "message": RULES[code], "count": count} for code, count in counts.items()]
