"""Before verification: what the selection left out, by type, so that an auditor can account for every item."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from connectors.domain.errors import Refused
from connectors.domain.ports import ItemFilter
from migrations_app.engine.config import RunConfig
from migrations_app.engine.scene import Scene
from migrations_app.engine.state import RunType
from migrations_app.engine.steps import Commit, Read, Step, Task


class SurveyStage:
    """Ends with the counts in the checkpoint as `filtered`. Nothing is asked when everything was selected."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._started = False

    def next_task(self) -> Task | None:
        if self._started:
            return None
        self._started = True
        return self._survey()

    def finished(self) -> bool:
        return self._started

    def _survey(self) -> Task:
        scene = self._scene
        if "filtered" in scene.checkpoint:
            return
        filtered: dict[str, int] = {}
        if is_part(scene.config):
            filtered = yield from self._count()
        scene.remember_checkpoint(filtered=filtered)
        yield Commit()

    def _count(self) -> Generator[Step, Any, dict[str, int]]:
        """Ids by type; those that are items of the run are not among what was left out."""
        scene = self._scene
        counts: dict[str, int] = {}
        for source_type in scene.source_shape.types:
            listing = ItemFilter(types=(source_type.name,))
            try:
                pages: list[list[str]] = yield Read(lambda listing=listing: list(scene.source.list_ids(listing)))  # type: ignore[misc]
            except Refused as refusal:
                scene.journal.log(f"✗ Items of type {source_type.name} cannot be counted: {refusal.message}")
                continue
            left_out = sum(1 for page in pages for source in page if source not in scene.items)
            if left_out:
                counts[source_type.name] = left_out
        return counts


def is_part(config: RunConfig) -> bool:
    """Whether the run was asked for less than the whole project."""
    chosen = bool(config.selection.area or config.selection.types)
    return chosen or config.only is not None or config.type is RunType.SAMPLE
