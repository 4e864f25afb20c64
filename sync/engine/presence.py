"""Items that are gone, or no longer within the filter: nothing is carried, and the partner is treated as configured.

An item that cannot be read is not believed to be gone at once: new items become visible late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.domain.errors import Refused
from connectors.domain.sides import LABELS, SideItem
from sync.engine.base import Both, PairBase
from sync.engine.deciding import SIDES
from sync.engine.mappings import DeletionPolicy, Position
from sync.engine.ports import Matter, MatterKind, PairState
from sync.engine.setting import Setting

PATIENCE = timedelta(seconds=60)
GONE_LABEL = "partner-gone"


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether both items can be worked with. Otherwise nothing is done now, or `later` at the earliest."""

    base: PairBase
    ignored: Both[bool]
    is_whole: bool
    later: datetime | None = None
    matters: tuple[Matter, ...] = ()
    acted: Position | None = None


def look_for(state: PairState, base: PairBase, items: Both[SideItem | None], setting: Setting) -> Presence:
    """See whether both items are there, and act on one that has gone. Raises what the sides raise but Refused."""
    asked = dict(base.asked)
    ignored = state.ignored
    gone: list[Position] = []
    for side in SIDES:
        if items.at(side) is None:
            later = _missing(side, base, asked, setting.now)
            if later is not None:
                return Presence(replace(base, asked=asked), ignored, is_whole=False, later=later)
        else:
            asked.pop(_missing_key(side), None)
        if items.at(side) is None or not state.within.at(side):
            gone.append(side)
        elif asked.pop(_gone_key(side), None):
            ignored = ignored.replaced(side, value=False)
    if not gone:
        return Presence(replace(base, asked=asked), ignored, is_whole=True)
    matters: tuple[Matter, ...] = ()
    acted: Position | None = None
    for side in gone:
        if _gone_key(side) not in asked:
            partner = items.at(side.other)
            if partner is not None and len(gone) == 1:
                matters = _act(setting, side.other, partner)
                acted = side.other
            asked[_gone_key(side)] = setting.now.isoformat()
        ignored = ignored.replaced(side, value=True)
    return Presence(replace(base, asked=asked), ignored, is_whole=False, matters=matters, acted=acted)


def _missing_key(side: Position) -> str:
    return f"missing:{side.value}"


def _gone_key(side: Position) -> str:
    return f"gone:{side.value}"


def _missing(side: Position, base: PairBase, asked: dict[str, str], now: datetime) -> datetime | None:
    """Until when an item that cannot be read may still be there; None when it is gone for certain."""
    if _gone_key(side) in asked:
        return None
    since = datetime.fromisoformat(asked.setdefault(_missing_key(side), now.isoformat()))
    patience = PATIENCE if base.versions.at(side) else 2 * PATIENCE
    return since + patience if now < since + patience else None


def _act(setting: Setting, position: Position, partner: SideItem) -> tuple[Matter, ...]:
    config, side = setting.config, setting.sides.at(position)
    if config.deletion is DeletionPolicy.NEVER:
        return ()
    try:
        setting.store.before_call()
        if config.deletion is DeletionPolicy.CLOSE:
            side.move(partner.key, config.close_state(position))
        else:
            return _flag(setting, position, partner)
    except Refused as reason:
        return (Matter(MatterKind.ERROR, reason.code, reason.message, "gone"),)
    return ()


def _flag(setting: Setting, position: Position, partner: SideItem) -> tuple[Matter, ...]:
    """A label where there are labels, else a matter."""
    if setting.shapes.at(position).field(LABELS) is None:
        message = f"The partner of {partner.key} is gone."
        return (Matter(MatterKind.CONFLICT, "PARTNER_GONE", message, "gone"),)
    values: Mapping[str, object] = partner.values
    labels = values.get(LABELS)
    kept = [str(each) for each in labels] if isinstance(labels, list) else []
    if GONE_LABEL not in kept:
        setting.sides.at(position).write(partner.key, {LABELS: sorted([*kept, GONE_LABEL])})
    return ()
