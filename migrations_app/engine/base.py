"""What we last wrote of an item, as digests per part: how an incremental run tells our own writing from people's.

The digests are kept with the item's ledger row. A part whose digest in the target is still ours may be updated; one
that differs was edited by somebody and is left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.domain.mapping.values import comparable
from connectors.domain.ports import Document, DraftItem, TargetItem
from migrations_app.engine.ports import Difference
from migrations_app.engine.texts import canonical_text

Base = dict[str, str]

PARTS = ("parent", "title", "body", "status", "priority", "assignee", "labels", "components")


def base_of_draft(draft: DraftItem, *, status: str, parent: str | None) -> Base:
    """Digests of everything a draft sets, with the status the item is brought to and its parent's key."""
    return {
        "parent": digest(parent),
        "title": digest(draft.title),
        "body": digest_of_body(draft.body),
        "status": digest(status),
        "priority": digest(draft.priority_id),
        "assignee": digest(draft.assignee_id),
        "labels": digest(sorted(draft.labels)),
        "components": digest(sorted(draft.components)),
        **{name: digest(comparable(value)) for name, value in draft.fields.items()},
    }


def base_of_item(found: TargetItem, names: Iterable[str]) -> Base:
    """The same digests of an item as it stands now, for the parts in `names`."""
    standing: dict[str, Any] = {
        "parent": found.parent_key,
        "title": found.title,
        "status": found.status_id,
        "priority": found.priority,
        "assignee": found.assignee,
        "labels": sorted(found.labels),
        "components": sorted(found.components),
    }
    digests = {name: digest(standing[name]) for name in names if name in standing}
    digests |= {name: digest(comparable(found.fields.get(name))) for name in names if name not in PARTS}
    if "body" in names:
        digests["body"] = digest_of_body(found.body)
    return digests


def edited_parts(base: Mapping[str, str], found: TargetItem) -> frozenset[str]:
    """Parts that no longer are as we wrote them."""
    standing = base_of_item(found, base)
    return frozenset(name for name, wrote in base.items() if standing.get(name) != wrote)


def changed_parts(base: Mapping[str, str], wanted: Mapping[str, str]) -> frozenset[str]:
    """Parts that the source says otherwise now."""
    return frozenset(name for name, value in wanted.items() if base.get(name) != value)


def without_edits(differences: Sequence[Difference], base: Mapping[str, str], found: TargetItem) -> list[Difference]:
    """The differences that are not the work of people who edited the item in the target since it was moved."""
    edited = edited_parts(base, found)
    return [found for found in differences if PART_OF.get(found.field, found.field) not in edited]


PART_OF = {"description": "body", "resolution": "status", "component": "components"}
"""The part of an item that a difference's field belongs to, where they are called differently."""


def digest(value: object) -> str:
    """Short and stable; numbers compare as numbers, nothing equals nothing."""
    if isinstance(value, bool) or value in (None, "", [], ()):
        text = json.dumps(value or None)
    elif isinstance(value, int | float):
        text = repr(float(value))
    else:
        text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest_of_body(body: Document | None) -> str:
    return digest(canonical_text(body) if body and body.get("content") else None)
