"""Makes the missing partner of an item: once, by a mark; everything else follows as for any pair."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.domain.errors import Missing, Refused
from connectors.domain.sides import SideDraft, SideItem, Value, ValueKind
from sync.engine.base import EMPTY, PARENT_KEY, Both, PairBase
from sync.engine.carry import CannotCarry, Carrier, Onto
from sync.engine.config_problems import type_of
from sync.engine.deciding import ORIGIN_KEY
from sync.engine.mappings import FieldMapping, Position, TypeMapping
from sync.engine.ports import Effect, EffectKind, Matter, MatterKind
from sync.engine.setting import Setting

EARLIER = timedelta(minutes=10)
"""How much earlier than our clock a platform's may be."""


@dataclass(frozen=True, slots=True)
class Made:
    """A partner: its key and the base of the new pair. Without a key nothing was made: because of a `matter`, before
    `later`, or because items of this type have no partners (neither)."""

    key: str = ""
    base: PairBase = EMPTY
    matter: Matter | None = None
    later: datetime | None = None
    forgotten: tuple[Effect, ...] = ()


def item_name(source: Position, key: str) -> str:
    """What the effect of making an item's partner belongs to."""
    return f"item:{source.value}:{key}"


def create_partner(item: SideItem, source: Position, setting: Setting) -> Made:
    """Make the partner of an item, or find the one that a lost call made."""
    mapping = setting.config.type_mapping(source, item.type)
    if mapping is None:
        return Made()
    name = item_name(source, item.key)
    for effect in setting.store.effects(name):
        settled = _settle(effect, source, setting)
        if settled is None:
            continue
        if settled.later is not None:
            return settled
        # What was sent back then is not known any more: the new item is given everything once more.
        return replace(settled, base=_base(item, source, mapping.at(source.other), {}))
    return _create(item, source, mapping, setting, name)


def _settle(effect: Effect, source: Position, setting: Setting) -> Made | None:
    """What became of an effect; None when it never happened."""
    if effect.done:
        return Made(str(effect.detail["result"]), forgotten=(effect,))
    ripe = (effect.at or setting.now) + setting.unclear_wait
    if setting.now < ripe:
        return Made(later=ripe)
    since = (effect.at or setting.now) - EARLIER
    key = setting.sides.at(source.other).find_mark(effect.mark, since=since)
    if key is None:
        setting.store.withdraw(effect)
        return None
    return Made(key, forgotten=(effect,))


def _create(item: SideItem, source: Position, mapping: TypeMapping, setting: Setting, name: str) -> Made:
    mark = hashlib.sha256(f"{setting.scope}/{name}".encode()).hexdigest()[:40]
    draft, agreed = _draft(item, source, mapping, setting, mark)
    side = setting.sides.at(source.other)
    detail = {"position": source.other.value, "origin": item.key}
    effect = Effect(f"item:{mark}", EffectKind.ITEM, name, mark, detail)
    try:
        try:
            done = setting.once(effect, lambda: side.create(draft))
        except Missing:
            # The parent's partner is gone: the item is made without one.
            alone = replace(draft, parent=None)
            agreed.pop(PARENT_KEY, None)
            done = setting.once(effect, lambda: side.create(alone))
    except Refused as reason:
        said = "; ".join(dict.fromkeys([reason.message, *reason.fields.values()]))
        values: Both[Value] = Both.of(source, item.key, None)
        return Made(matter=Matter(MatterKind.ERROR, reason.code, said, "create", values=values))
    return Made(str(done.detail["result"]), _base(item, source, draft.type, agreed), forgotten=(done,))


def _base(item: SideItem, source: Position, made_as: str, agreed: dict[str, Both[Value]]) -> PairBase:
    """The base of a pair just made: what is not in it goes from the source to the new item."""
    types = Both.of(source, item.type, made_as)
    return PairBase(types, fields=agreed, asked={ORIGIN_KEY: str(source.value)})


def _draft(
    item: SideItem, source: Position, mapping: TypeMapping, setting: Setting, mark: str
) -> tuple[SideDraft, dict[str, Both[Value]]]:
    target = source.other
    carrier = Carrier(setting.config, setting.shapes, setting.directory.people_in(source, item))
    values: dict[str, Value] = {}
    agreed: dict[str, Both[Value]] = {}
    for field_mapping in setting.config.fields_for(mapping.first):
        if not _is_sent(field_mapping, source, mapping.at(target), setting):
            continue
        value = item.values.get(field_mapping.at(source))
        try:
            made = carrier.carry(field_mapping, source, value, Onto())
        except CannotCarry:
            continue  # carried, or told to people, as a change of the pair
        if made is None or made == []:
            continue
        values[field_mapping.at(target)] = made
        if not _shows_files(item, value):
            agreed[field_mapping.id] = Both.of(source, value, made)
    for default in setting.config.defaults(target, mapping.at(target)):
        values.setdefault(default.field, default.value)
    parent = _parent(item, source, setting)
    if parent is not None:
        agreed[PARENT_KEY] = Both.of(source, item.parent, parent)
    return SideDraft(mark, mapping.at(target), values, parent), agreed


def _is_sent(mapping: FieldMapping, source: Position, type_name: str, setting: Setting) -> bool:
    shape = setting.shapes.at(source.other)
    offered = shape.field(mapping.at(source.other))
    of_type = type_of(shape, type_name)
    fits = of_type is None or not of_type.fields or mapping.at(source.other) in of_type.fields
    settable = offered is not None and offered.writable and offered.kind is not ValueKind.STATE
    return mapping.direction.carries(source) and fits and settable


def _shows_files(item: SideItem, value: Value) -> bool:
    """Whether a text names files of its item: then it is written once more when the files are there."""
    return isinstance(value, dict) and any(
        file.reference and file.reference.partition("?")[0] in str(value) for file in item.files
    )


def _parent(item: SideItem, source: Position, setting: Setting) -> str | None:
    if not setting.config.parents or item.parent is None:
        return None
    return setting.store.partners(source, [item.parent]).get(item.parent)
