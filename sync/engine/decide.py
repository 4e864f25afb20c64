"""Decides what a pair needs so that both its items say the same. Pure: the same view gives the same decision, and
the view that the decision leads to gives none.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.domain.sides import SideItem
from sync.engine.base import Both, Part, PartKind, digest
from sync.engine.decide_comments import decide_comments
from sync.engine.decide_fields import decide_fields
from sync.engine.decide_files import coming_files, decide_files
from sync.engine.decide_links import decide_links
from sync.engine.deciding import SIDES, Deciding, Decision, View
from sync.engine.mappings import Position
from sync.engine.ports import Matter, MatterKind
from sync.engine.rich import Files

__all__ = ["Decision", "View", "decide"]

TYPE_KEY = "type"


def decide(view: View) -> Decision:
    """What to do about a pair whose items both exist."""
    if not _types_fit(view):
        return _type_matter(view)
    view = replace(view, carrier=replace(view.carrier, files=_files(view)))
    deciding = Deciding(view)
    deciding.asked.pop(TYPE_KEY, None)
    config = view.config
    looked: set[PartKind] = set()
    if view.force is None:
        if config.attachments is not None:
            looked.add(PartKind.FILE)
            decide_files(deciding, config.attachments)
        if config.comments is not None and view.comments is not None:
            looked.add(PartKind.COMMENT)
            decide_comments(deciding, config.comments, view.comments)
        looked.add(PartKind.LINK)
        decide_links(deciding)
    decide_fields(deciding)
    return deciding.finished(frozenset(looked))


def keys_named(items: Both[SideItem | None]) -> Both[tuple[str, ...]]:
    """Keys of other items that a pair's items name: their partners are needed to decide."""
    found = []
    for side in SIDES:
        item = items.at(side)
        named = {*(link.other for link in item.links), *([item.parent] if item.parent else [])} if item else set()
        found.append(tuple(sorted(named)))
    return Both(found[0], found[1])


def _types_fit(view: View) -> bool:
    return view.config.pairs_types(view.items.first.type, view.items.second.type)


def _type_matter(view: View) -> Decision:
    """The type of an item was changed to one that is not mapped to its partner's: a person decides."""
    items = view.items
    fingerprint = digest([items.first.type, items.second.type])
    message = f"“{items.first.type}” and “{items.second.type}” are not mapped to each other."
    matter = Matter(
        MatterKind.CONFLICT, "TYPES_DIFFER", message, TYPE_KEY, values=Both(items.first.type, items.second.type)
    )
    asked = view.base.asked.get(TYPE_KEY) == fingerprint
    base = replace(view.base, asked={**view.base.asked, TYPE_KEY: fingerprint})
    answered = (TYPE_KEY,) if TYPE_KEY in view.answers else ()
    return Decision(base, matters=() if asked else (matter,), answered=answered)


def _files(view: View) -> Both[Files]:
    """How files are shown, by sending side."""
    files = Both(
        {f.id: f.reference for f in view.items.first.files}, {f.id: f.reference for f in view.items.second.files}
    )
    coming = coming_files(view)
    parts = view.base.of_kind(PartKind.FILE)
    return Both(*(Files.of(_references(parts, files, side), coming.at(side)) for side in SIDES))


def _references(parts: tuple[Part, ...], files: Both[dict[str, str]], source: Position) -> list[tuple[str, str]]:
    return [
        (files.at(source).get(part.ids.at(source), ""), files.at(source.other).get(part.ids.at(source.other), ""))
        for part in parts
    ]
