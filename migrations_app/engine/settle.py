"""Finds out what became of calls that have no answer. Never by search: by key range, marks, ids and hashes.

Everything waits `unclear_wait` first, longer than a client's timeout plus a lease, so that a call still under way
in a stopped worker cannot land after it was looked for.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from connectors.domain.ports import Marked
from migrations_app.engine.ports import Effect, EffectKey
from migrations_app.engine.scene import Scene
from migrations_app.engine.state import EffectKind
from migrations_app.engine.steps import Read, Step, Until

WINDOW = 100
"""Keys per bulk read."""
SAFE_GAP = 100
"""Numbers without an item, beyond the creates under way, after which the range is taken to be over."""


def wait_until_clear(scene: Scene, effects: Sequence[Effect]) -> Generator[Step, Any, None]:
    """Until no call behind these intents can still be under way."""
    newest = max((effect.intended_at or scene.clock.now() for effect in effects), default=scene.clock.now())
    yield Until(newest + scene.config.unclear_wait)


def find_created(scene: Scene, effects: Sequence[Effect]) -> Generator[Step, Any, dict[str, Marked]]:
    """Source id -> the item that carries its mark, for every intended create that did happen.

    Walks the key range from the lowest floor until a gap longer than all creates under way plus `SAFE_GAP`. Of two
    items with one mark the first is taken; verification reports the other.
    """
    yield from wait_until_clear(scene, effects)
    wanted = {effect.key.source for effect in effects}
    found: dict[str, Marked] = {}
    number = min(effect.floor for effect in effects) + 1
    last_seen = number - 1
    while number - last_seen <= len(effects) + SAFE_GAP:
        first = number
        marks: dict[int, Marked] = yield Read(lambda first=first: scene.target.read_marks(first, WINDOW))  # type: ignore[misc]
        for position, marked in sorted(marks.items()):
            last_seen = max(last_seen, position)
            if marked.mark is not None and _ours(scene, marked) and marked.mark.id in wanted:
                found.setdefault(marked.mark.id, marked)
            scene.saw_key(marked.key)
        number += WINDOW
    return found


def _ours(scene: Scene, marked: Marked) -> bool:
    mark = marked.mark
    return mark is not None and (mark.organization, mark.project) == (scene.config.organization, scene.config.project)


def item_key(source: str) -> EffectKey:
    return EffectKey(EffectKind.ITEM, source)
