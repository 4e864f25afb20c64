"""Links: only between items that are both paired, of mapped types.

Types without a direction are told as outward from either end, as the sides do.
"""

from __future__ import annotations

from dataclasses import replace

from connectors.domain.sides import SideLink
from sync.engine.actions import AddLink, DropLink
from sync.engine.base import Both, Part, PartKind
from sync.engine.deciding import SIDES, Deciding, View
from sync.engine.mappings import InitialPass, LinkMapping, Position

Links = dict[str, SideLink]


def link_id(link: SideLink) -> str:
    """What a link is called among the parts."""
    return f"{link.type}|{'>' if link.outward else '<'}|{link.other}"


def link_of(identity: str) -> SideLink:
    """The link of such a name."""
    kind, arrow, other = identity.split("|", 2)
    return SideLink(kind, other, arrow == ">")


def decide_links(deciding: Deciding) -> None:
    """Decide the links of a pair."""
    view = deciding.view
    links = Both(*({link_id(each): each for each in view.items.at(side).links} for side in SIDES))
    for part in view.base.of_kind(PartKind.LINK):
        there = [side for side in SIDES if links.at(side).pop(part.ids.at(side), None) is not None]
        kept = _known(deciding, part, there)
        if kept is not None:
            deciding.parts.append(kept)
    for source in SIDES:
        for link in list(links.at(source).values()):
            _add(deciding, link, source, links)


def _mapping(view: View, kind: str, position: Position) -> LinkMapping | None:
    return next((each for each in view.config.links if each.at(position) == kind), None)


def _known(deciding: Deciding, part: Part, there: list[Position]) -> Part | None:
    if not there:
        return part if part.is_young(deciding.view.now) else None
    gone = there[0].other
    if len(there) == len(SIDES):
        return part.seen()
    if not part.ids.at(gone) or part.is_young(deciding.view.now):
        return part
    left = link_of(part.ids.at(gone.other))
    mapping = _mapping(deciding.view, left.type, gone.other)
    is_paired = left.other in deciding.view.partners.at(gone.other)
    if mapping is not None and is_paired and deciding.carries(mapping.direction, gone):
        deciding.actions.append(DropLink(gone.other, left, part))
        return part
    return replace(part, ids=part.ids.replaced(gone, ""), note="deleted")


def _add(deciding: Deciding, link: SideLink, source: Position, links: Both[Links]) -> None:
    view = deciding.view
    mapping = _mapping(view, link.type, source)
    partner = view.partners.at(source).get(link.other)
    if mapping is None or partner is None or link_id(link) not in links.at(source):
        return
    del links.at(source)[link_id(link)]
    wanted = SideLink(mapping.at(source.other), partner, link.outward)
    there = links.at(source.other).pop(link_id(wanted), None)
    if there is not None:
        part = Part(PartKind.LINK, Both.of(source, link_id(link), link_id(there)), source)
        deciding.parts.append(part)
        return
    if view.is_first_look and view.config.initial_pass is InitialPass.NOW:
        deciding.parts.append(Part(PartKind.LINK, Both.of(source, link_id(link), ""), source, note="alone"))
    elif deciding.carries(mapping.direction, source):
        part = Part(PartKind.LINK, Both.of(source, link_id(link), link_id(wanted)), source)
        deciding.actions.append(AddLink(source.other, wanted, part))
