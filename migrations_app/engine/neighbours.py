"""Items that texts name: moved by an earlier run, or from another project of the same organization."""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors.domain.work_items import WorkItem
from migrations_app.engine.scene import Scene

NAMED_ITEM = re.compile(r"(?:#|&#35;|/_workitems/edit/|/(?:issues|pull)/)(\d{1,10})(?![\w-])", re.IGNORECASE)


def numbers_named(text: str) -> list[str]:
    """Numbers by which a text may name other items, in order, each once."""
    return list(dict.fromkeys(NAMED_ITEM.findall(text)))


def learn_neighbours(scene: Scene, texts: Iterable[str]) -> None:
    """Have the scene know where the items are that the texts name; one query however many."""
    named = {number for text in texts for number in numbers_named(text)}
    unknown = [number for number in named if number not in scene.items and number not in scene.elsewhere]
    if unknown:
        scene.elsewhere.update(scene.store.neighbours(sorted(unknown)))


def texts_of(items: Iterable[WorkItem]) -> list[str]:
    """All long texts of items."""
    return [text.value for item in items for text in item.texts.values()]
