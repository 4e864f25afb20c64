"""What was written is read back: what the platform made of it becomes the writing side's base.

That holds where it says the same as what was written, and for rich text where nobody but us changed the item since;
otherwise the written value stays the base, and what differs is a change that is carried.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.domain.sides import STATE, SideComment, SideItem, Value, ValueKind
from sync.engine.actions import Action, WriteFields
from sync.engine.base import PARENT_KEY, STATE_KEY, Both, PairBase, Part, PartKind, digest, is_digest
from sync.engine.carry import alike
from sync.engine.mappings import Position
from sync.engine.rich import RichChange, as_rich, shows_same
from sync.engine.rich_reading import Files
from sync.engine.setting import Setting


def confirm_fields(
    base: PairBase, position: Position, item: SideItem, written: set[str], last: type[Action] | None, setting: Setting
) -> PairBase:
    """The base after an item was read back."""
    me = setting.shapes.at(position).me
    is_ours = me is not None and item.changed_by == me.id and last is WriteFields
    fields = dict(base.fields)
    for key in written:
        if key == PARENT_KEY or key not in fields:
            continue
        kind, now = _value(key, position, item, setting)
        sent = fields[key].at(position)
        if now == sent:
            continue
        if kind is ValueKind.RICH:
            taken = is_ours or _shows(sent, now)
        else:
            taken = alike(kind, sent, now)
        if taken:
            fields[key] = fields[key].replaced(position, now)
    versions = base.versions.replaced(position, item.version)
    return replace(base, fields=fields, versions=versions)


def _value(key: str, position: Position, item: SideItem, setting: Setting) -> tuple[ValueKind, Value]:
    if key == STATE_KEY:
        return ValueKind.STATE, item.values.get(STATE)
    mapping = setting.config.field_mapping(key)
    name = mapping.at(position) if mapping else ""
    offered = setting.shapes.at(position).field(name)
    return (offered.kind if offered else ValueKind.TEXT), item.values.get(name)


def _shows(sent: Value, now: Value) -> bool:
    """Whether a side shows what was sent, in whatever notation."""
    if is_digest(sent):
        return False
    return shows_same(RichChange(as_rich(sent), as_rich(now)), "html", Files())


def confirm_comments(
    base: PairBase, position: Position, comments: list[SideComment], texts: dict[tuple[Position, str], Value]
) -> PairBase:
    """The base after comments were read back; `texts` are those that were written."""
    found = {comment.id: comment for comment in comments}
    parts = [_confirmed(part, position, found, texts) for part in base.parts]
    return replace(base, parts=tuple(parts))


def _confirmed(
    part: Part, position: Position, found: dict[str, SideComment], texts: dict[tuple[Position, str], Value]
) -> Part:
    identity = part.ids.at(position)
    sent, comment = texts.get((position, identity)), found.get(identity)
    if part.kind is not PartKind.COMMENT or sent is None or comment is None:
        return part
    if comment.text != sent and not _shows(sent, comment.text):
        return part
    prints: Both[str] = part.prints.replaced(position, digest(comment.text))
    return replace(part.seen(), prints=prints)
