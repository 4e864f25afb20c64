"""Changes to the relations of a work item: reading, checking, applying on both ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.link_types import ATTACHED_FILE, CHILD, LINK_TYPES, PARENT, LinkType, find_link_type
from sandbox.ado.model import Item, Person, Relation

LINK_LIMIT = 1000
FILE_LIMIT = 100
_TARGET = re.compile(r"/workitems/(\d+)/?$", re.IGNORECASE)
_FILE = re.compile(r"/attachments/([0-9a-f-]{36})", re.IGNORECASE)

FarEnd = tuple[Item, list[Relation], list[Relation]]


@dataclass(frozen=True)
class WantedRelation:
    """A relation to be added, as it was asked for."""

    link_type: LinkType
    target: int | None
    url: str
    comment: str
    name: str
    attributes: Mapping[str, object]


@dataclass
class RelationEdits:
    """Every change of one patch document."""

    added: list[WantedRelation] = field(default_factory=list)
    removed: list[Relation] = field(default_factory=list)
    comments: list[tuple[Relation, str]] = field(default_factory=list)

    def remove(self, relation: Relation) -> None:
        """Take one away; the same one twice is refused."""
        if any(other is relation for other in self.removed):
            raise errors.bad_request("The same relation is removed twice.", "InvalidRelationIndexException")
        self.removed.append(relation)

    def check(self, exchange: Exchange, item: Item | None) -> None:
        """Repeats, limits, the one parent, circles. Raises ApiError."""
        existing = [r for r in (item.relations if item else []) if all(r is not gone for gone in self.removed)]
        taken: set[tuple[str, int | None]] = {(r.rel, r.target) for r in existing if r.target is not None}
        for wanted in self.added:
            if wanted.link_type.is_link:
                self._check_link(exchange, item, wanted, taken)
                taken.add((wanted.link_type.reference, wanted.target))
        files = sum(1 for r in existing if r.rel == ATTACHED_FILE)
        files += sum(1 for w in self.added if w.link_type.reference == ATTACHED_FILE)
        if files > FILE_LIMIT:
            raise errors.link_refused("TF237094", f"A work item can have at most {FILE_LIMIT} attachments.")
        if len(existing) + len(self.added) > LINK_LIMIT:
            raise errors.link_refused("TF237124", f"A work item can have at most {LINK_LIMIT} links.")

    def _check_link(
        self, exchange: Exchange, item: Item | None, wanted: WantedRelation, taken: set[tuple[str, int | None]]
    ) -> None:
        source = item.id if item else 0
        target, reference = wanted.target or 0, wanted.link_type.reference
        if target == source:
            raise errors.link_refused("TF201035", "A work item cannot be linked to itself.")
        if (reference, target) in taken:
            raise errors.bad_request("Relation already exists.", "RelationAlreadyExistsException")
        one_parent = "because a work item can have only one Parent link."
        if reference == PARENT and any(rel == PARENT for rel, _ in taken):
            raise errors.link_refused(
                "TF201036", f"You cannot add a Parent link between work items {source} and {target} {one_parent}"
            )
        if reference == CHILD and exchange.org.items[target].parent not in (None, source):
            raise errors.link_refused(
                "TF201036", f"You cannot add a Child link between work items {source} and {target} {one_parent}"
            )
        if reference in (PARENT, CHILD) and item is not None:
            below, above = (source, target) if reference == PARENT else (target, source)
            _refuse_circle(exchange, below, above)

    def apply(
        self, exchange: Exchange, item: Item, *, by: Person, when: str
    ) -> tuple[list[Relation], list[Relation], list[FarEnd]]:
        """Change both ends; answer what this end gained and lost, and the same for every far end."""
        added: list[Relation] = []
        far_ends: list[FarEnd] = []
        for relation in self.removed:
            if relation.target is None or relation.rel not in LINK_TYPES:
                exchange.org.retire_relation(item, relation, when)
                continue
            far = exchange.org.detach_link(item, relation, by=by, when=when)
            if far is not None:
                far_ends.append((exchange.org.items[relation.target], [], [far]))
        for wanted in self.added:
            near, far = self._add(exchange, item, wanted, by=by, when=when)
            added.append(near)
            if far is not None and wanted.target is not None:
                far_ends.append((exchange.org.items[wanted.target], [far], []))
        for relation, comment in self.comments:
            relation.comment = comment
        return added, list(self.removed), far_ends

    def _add(
        self, exchange: Exchange, item: Item, wanted: WantedRelation, *, by: Person, when: str
    ) -> tuple[Relation, Relation | None]:
        org = exchange.org
        if wanted.link_type.is_link and wanted.target is not None:
            return org.attach_link(item, wanted.link_type, wanted.target, by=by, when=when, comment=wanted.comment)
        if wanted.link_type.reference == ATTACHED_FILE:
            attachment = org.attachments[wanted.url]
            relation = org.file_relation(attachment, when=when, comment=wanted.comment)
            if wanted.name:
                relation.name = wanted.name
        else:
            dates = {"authorizedDate": when, "resourceCreatedDate": when, "resourceModifiedDate": when}
            attributes = {**dates, "id": org.take("relation"), "revisedDate": "9999-01-01T00:00:00Z"}
            relation = Relation(
                wanted.link_type.reference,
                url=wanted.url,
                name=wanted.name,
                comment=wanted.comment,
                attributes=attributes,
                added=when,
            )
        org.add_relation(item, relation)
        return relation, None


def _refuse_circle(exchange: Exchange, below: int, above: int) -> None:
    current: int | None = above
    while current is not None:
        if current == below:
            raise errors.link_refused(
                "TF201035",
                f"You cannot add a Child link between work items {above} and {below} because it would create a "
                "circular relationship.",
            )
        item = exchange.org.items.get(current)
        current = item.parent if item else None


def read_relation(exchange: Exchange, item: Item | None, raw: object) -> WantedRelation:
    """A relation from the value of a patch operation. Raises ApiError when it points at nothing."""
    if not isinstance(raw, Mapping) or not raw.get("rel") or not raw.get("url"):
        raise errors.bad_request("A relation needs a rel and a url.")
    link_type = find_link_type(str(raw["rel"]))
    if link_type is None:
        raise errors.bad_request(
            f"VS402318: The relation type {raw['rel']} is not valid.", "InvalidRelationTypeException"
        )
    attributes = raw.get("attributes")
    details = attributes if isinstance(attributes, Mapping) else {}
    target, url = None, str(raw["url"])
    if link_type.is_link:
        target = _target(exchange, url)
    elif link_type.reference == ATTACHED_FILE:
        url = _file(exchange, url)
    return WantedRelation(
        link_type, target, url, str(details.get("comment", "")), str(details.get("name", "")), details
    )


def _target(exchange: Exchange, url: str) -> int:
    found = _TARGET.search(url)
    item = exchange.org.items.get(int(found.group(1))) if found else None
    if item is None or not item.visible:
        raise errors.item_not_found(found.group(1) if found else url)
    return item.id


def _file(exchange: Exchange, url: str) -> str:
    found = _FILE.search(url)
    guid = found.group(1).lower() if found else ""
    if guid not in exchange.org.attachments:
        raise errors.attachment_not_found(guid or url)
    return guid
