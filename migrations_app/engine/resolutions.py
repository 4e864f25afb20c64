"""Resolutions of done items, where the workflow does not set them by itself."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from connectors.domain.ports import TargetItem
from migrations_app.engine.ports import PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.steps import Read, Step, Until

LOOK_AGAIN = 2.0
"""Seconds until something that is not visible yet is looked for again."""


class Resolutions:
    """Learns per type and status whether the workflow sets the resolution by itself, from the first item there."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._automatic: dict[tuple[str, str], bool] = {}

    def missing(self, plan: PlanItem, *, intended: bool = False) -> Generator[Step, Any, str]:
        """The resolution id this item still needs, empty when it needs none. One that was `intended` before teaches
        nothing about the workflow: what the item shows may be ours."""
        scene = self._scene
        category = scene.maps.categories.get((plan.type, plan.state))
        status = scene.maps.statuses.get((plan.type, plan.state, plan.target_type), "")
        wanted = (
            scene.maps.resolution_removed if category and category.value == "removed" else scene.maps.resolution_done
        )
        if not wanted or not self._is_done(plan, status):
            return ""
        if intended:
            return wanted
        known = self._automatic.get((plan.target_type, status))
        if known is None:
            found = yield from look_for(scene, plan)
            known = self._automatic[plan.target_type, status] = bool(found and found.resolution)
        return "" if known else wanted

    def _is_done(self, plan: PlanItem, status: str) -> bool:
        statuses = self._scene.target_type(plan).workflow.statuses
        return any(found.id == status and found.category.value == "done" for found in statuses)


def look_for(scene: Scene, plan: PlanItem) -> Generator[Step, Any, TargetItem | None]:
    """The item as it stands, looked for until a new one must be visible."""
    while True:
        found: list[TargetItem] = yield Read(lambda: scene.target.read_items([plan.target_key], fields=scene.read_too))
        if found or scene.clock.now() > scene.patience(plan.source):
            return found[0] if found else None
        yield Until(scene.clock.now() + LOOK_AGAIN)
