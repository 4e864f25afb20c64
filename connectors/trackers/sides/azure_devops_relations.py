"""Relations of an Azure DevOps item as a side tells them: links, files, the parent. Pure.

Which end of a link is its first one follows the other systems: the one that blocks, that duplicates, that is tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from connectors.clients.azure_devops.values import (
    Json,
    as_int,
    as_list,
    as_object,
    as_text,
    attachment_id_of,
    attachment_name_of,
    item_id_of,
    read_moment,
)
from connectors.domain.sides import SideFile, SideLink
from connectors.domain.work_items import LinkKind
from connectors.trackers.azure_relations import ATTACHED_FILE, KINDS, REMOTE_PREFIX, kind_of
from connectors.trackers.sides.azure_devops_shape import HIERARCHY, stem_of

PARENT = f"{HIERARCHY}-Reverse"
_FIRST_ENDS = frozenset(
    {LinkKind.BLOCKS, LinkKind.DUPLICATES, LinkKind.TESTED_BY, LinkKind.AFFECTS, LinkKind.REFERENCES, LinkKind.RELATES}
)


@dataclass(frozen=True, slots=True)
class Place:
    """A relation and where it stands in its item's list."""

    index: int
    reference: str
    url: str

    @property
    def other(self) -> str:
        """The item at the other end."""
        return item_id_of(self.url) or ""


def places(raw: Json) -> list[Place]:
    """An item's relations in the order that removing goes by; an item without any has no such member."""
    entries = [as_object(entry) for entry in as_list(raw.get("relations"))]
    return [Place(at, as_text(entry.get("rel")), as_text(entry.get("url"))) for at, entry in enumerate(entries)]


def read_links(raw: Json) -> tuple[SideLink, ...]:
    """Links to other items of the organization, in an order that does not change."""
    found = [_link(place) for place in places(raw)]
    return tuple(sorted(filter(None, found), key=lambda link: (link.type, link.outward, int(link.other))))


def _link(place: Place) -> SideLink | None:
    stem = stem_of(place.reference)
    names_item = "/workitems/" in place.url.lower() and bool(place.other)
    if not names_item or stem == HIERARCHY or place.reference.startswith(REMOTE_PREFIX):
        return None
    return SideLink(stem, place.other, outward=_is_first_end(place.reference))


def _is_first_end(reference: str) -> bool:
    kind = kind_of(reference)
    return not reference.endswith("-Reverse") if kind is LinkKind.OTHER else kind in _FIRST_ENDS


def reference_of(link: SideLink, stems: Mapping[str, bool]) -> str | None:
    """The relation that a link is on its own item, None for an unknown type."""
    if link.type not in stems:
        return None
    if not stems[link.type]:
        return link.type
    ends = (f"{link.type}-Forward", f"{link.type}-Reverse")
    return next(end for end in ends if _is_first_end(end) == link.outward)


def known_stems() -> dict[str, bool]:
    """The vendor's own kinds of links, for which nobody has to be asked."""
    return {stem_of(reference): stem_of(reference) != reference for reference in KINDS}


def read_parent(raw: Json) -> str | None:
    """The item above."""
    return next((place.other for place in places(raw) if place.reference == PARENT), None)


def read_files(raw: Json, *, base_url: str) -> tuple[SideFile, ...]:
    """The files among the relations. Their size may be unknown: missing, or 0 for files of other programs."""
    found: dict[str, SideFile] = {}
    for entry in map(as_object, as_list(raw.get("relations"))):
        if entry.get("rel") != ATTACHED_FILE:
            continue
        url, about = as_text(entry.get("url")), as_object(entry.get("attributes"))
        guid = attachment_id_of(url)
        if guid is None:
            continue
        name = as_text(about.get("name")) or attachment_name_of(url) or guid
        created = read_moment(about.get("resourceCreatedDate")) or read_moment(about.get("authorizedDate"))
        reference = file_address(guid, name, base_url=base_url)
        size = as_int(about.get("resourceSize")) or None
        found.setdefault(guid, SideFile(guid, name, size, created, reference=reference))
    return tuple(found.values())


def file_address(guid: str, name: str, *, base_url: str) -> str:
    """The address that shows a file inside a text."""
    return f"{base_url}/_apis/wit/attachments/{guid}?fileName={quote(name)}"


def item_address(key: str, *, base_url: str) -> str:
    """The address that a relation names an item by."""
    return f"{base_url}/_apis/wit/workItems/{key}"


def lost_between(before: Sequence[Place], after: Iterable[Place], *, but: Place) -> list[Place]:
    """Relations that are gone and should not be: somebody changed the list while one was removed by its index."""
    left = {(place.reference, place.url) for place in after}
    return [place for place in before if place != but and (place.reference, place.url) not in left]
