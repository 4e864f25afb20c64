"""Everything one organisation holds, in one piece: for an auditor who wants to count without asking the API."""

from __future__ import annotations

import hashlib

from sandbox.ado.blobs import content_of
from sandbox.ado.model import Attachment, Item, JsonObject, Person, Relation
from sandbox.ado.organization import Organization


def inventory(org: Organization) -> JsonObject:
    """Readable items with their comments and relations, and every stored file by hash."""
    return {
        "items": [_item(item) for item in org.items.values() if item.visible],
        "files": {guid.lower(): _file(stored) for guid, stored in org.attachments.items()},
    }


def _item(item: Item) -> JsonObject:
    return {
        "id": item.id,
        "project": item.project.name,
        "type": item.type,
        "rev": item.current.rev,
        "parent": item.parent,
        "fields": {name: value.text if isinstance(value, Person) else value for name, value in item.fields.items()},
        "comments": [
            {"id": comment.id, "text": comment.current.text} for comment in item.comments if not comment.deleted
        ],
        "relations": [_relation(relation) for relation in item.relations],
    }


def _relation(relation: Relation) -> JsonObject:
    return {"rel": relation.rel, "target": relation.target, "url": relation.url, "name": relation.name}


def _file(stored: Attachment) -> JsonObject:
    content = content_of(stored)
    return {"name": stored.name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
