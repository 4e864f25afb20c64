"""Finds out what became of effects whose answer never came, and takes over those that are known."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.domain.errors import Missing
from connectors.domain.ports import FileContent
from connectors.domain.sides import SideFile
from sync.engine.base import Both, PairBase, Part, PartKind
from sync.engine.mappings import Position
from sync.engine.ports import Effect, EffectKind
from sync.engine.setting import Setting


@dataclass(frozen=True, slots=True)
class Settled:
    """The base with everything in it that is known to have happened; `later`: an intent is too young to be settled."""

    base: PairBase
    effects: tuple[Effect, ...] = ()
    later: datetime | None = None


def settle_effects(name: str, keys: Both[str], base: PairBase, present: Both[bool], setting: Setting) -> Settled:
    """Settle the effects of a pair. Comments by their marks, files by name, size and content. `present`: which of the
    items can be read; what was meant for one that cannot waits."""
    effects = [each for each in setting.store.effects(name) if present.at(Position(int(each.detail["position"])))]
    for effect in effects:
        if not effect.done and setting.now < _ripe(effect, setting):
            return Settled(base, later=_ripe(effect, setting))
    kept: list[Effect] = []
    for effect in effects:
        result = str(effect.detail["result"]) if effect.done else _find(effect, keys, base, setting)
        if result:
            base = with_part(base, part_of(effect, result, setting.now))
            kept.append(effect)
        else:
            setting.store.withdraw(effect)
    return Settled(base, tuple(kept))


def part_of(effect: Effect, result: str, now: datetime) -> Part:
    """The part that an effect made."""
    target = Position(int(effect.detail["position"]))
    kind = PartKind.COMMENT if effect.kind is EffectKind.COMMENT else PartKind.FILE
    origin = str(effect.detail["origin"])
    prints = Both.of(target, str(effect.detail.get("print", "")), str(effect.detail.get("origin_print", "")))
    return Part(kind, Both.of(target, result, origin), target.other, prints).made(now)


def with_part(base: PairBase, part: Part) -> PairBase:
    """The base with a part that it may have already."""
    same = [each for each in base.parts if each.kind is part.kind and _share(each.ids, part.ids)]
    return base if same else replace(base, parts=(*base.parts, part))


def _share(one: Both[str], other: Both[str]) -> bool:
    return bool(one.first and one.first == other.first) or bool(one.second and one.second == other.second)


def _ripe(effect: Effect, setting: Setting) -> datetime:
    return (effect.at or setting.now) + setting.unclear_wait


def _find(effect: Effect, keys: Both[str], base: PairBase, setting: Setting) -> str:
    target = Position(int(effect.detail["position"]))
    kind = PartKind.COMMENT if effect.kind is EffectKind.COMMENT else PartKind.FILE
    known = frozenset(part.ids.at(target) for part in base.of_kind(kind))
    if effect.kind is EffectKind.COMMENT:
        marks = setting.sides.at(target).comment_marks(keys.at(target), known)
        return marks.get(effect.mark, "")
    item = setting.read(target, keys.at(target))
    files = [file for file in item.files if file.id not in known] if item else []
    return _same_file(effect, files, keys, setting)


def _same_file(effect: Effect, files: Sequence[SideFile], keys: Both[str], setting: Setting) -> str:
    target = Position(int(effect.detail["position"]))
    size = effect.detail.get("size")
    alike = [f for f in files if f.name == effect.detail["name"] and (None in {size, f.size} or f.size == size)]
    if not alike:
        return ""
    side = setting.sides.at(target)
    try:
        wanted = _hash(setting.sides.at(target.other).open_file(keys.at(target.other), str(effect.detail["origin"])))
        return next((f.id for f in alike if _hash(side.open_file(keys.at(target), f.id)) == wanted), "")
    except Missing:
        return ""  # deleted meanwhile: whichever is left counts as added by its own side


def _hash(opened: AbstractContextManager[FileContent]) -> str:
    digest = hashlib.sha256()
    with opened as content:
        for chunk in content:
            digest.update(chunk)
    return digest.hexdigest()
