"""The digest of an item's history: who changed what when, as a file for programs or a table for people. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.domain.ports import Document
from connectors.domain.work_items import Change, Person, Revision, WorkItem

HISTORY_FILE = "history.json"
LONGEST_SHOWN = 200
"""Characters of a value in the table; the file holds all of them."""
_HEADER = ("When", "Who", "What")
_TAG = re.compile(r"<[^<>]{1,500}>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def history_as_json(item: WorkItem, revisions: Sequence[Revision]) -> bytes:
    """Everything, in one stable form: the same history is the same file."""
    document = {
        "item": {"id": item.id, "type": item.type, "title": item.title, "url": item.url},
        "revisions": [_as_json(revision) for revision in revisions],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def history_as_table(revisions: Sequence[Revision]) -> Document:
    """A table with one row for each revision that changed something; long texts are named, not repeated."""
    rows = [_row(_HEADER, cell="tableHeader")]
    rows += [
        _row((_moment(revision.at), _name(revision.author), "\n".join(_line(change) for change in revision.changes)))
        for revision in revisions
        if revision.changes
    ]
    content: list[dict[str, Any]] = [{"type": "table", "content": rows}] if len(rows) > 1 else []
    return {"type": "doc", "version": 1, "content": content}


def _as_json(revision: Revision) -> dict[str, Any]:
    author = revision.author
    return {
        "revision": revision.number,
        "at": revision.at.astimezone(UTC).isoformat() if revision.at else None,
        "author": {"name": author.name, "email": author.email} if author else None,
        "changes": [{"field": each.field, "before": each.before, "after": each.after} for each in revision.changes],
    }


def _line(change: Change) -> str:
    before, after = _short(change.before), _short(change.after)
    if not before:
        return f"{change.field}: {after}"
    return f"{change.field}: {before} → {after}" if after else f"{change.field}: {before} → (empty)"


def _short(value: str) -> str:
    text = " ".join(_CONTROL.sub("", _TAG.sub(" ", value)).split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1].rstrip() + "…"


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""


def _name(person: Person | None) -> str:
    if person is None:
        return ""
    return f"{person.name} ({person.email})" if person.email and person.email != person.name else person.name


def _row(cells: Iterable[str], *, cell: str = "tableCell") -> dict[str, Any]:
    return {"type": "tableRow", "content": [{"type": cell, "content": _paragraphs(text)} for text in cells]}


def _paragraphs(text: str) -> list[dict[str, Any]]:
    lines = [line for line in text.split("\n") if line]
    made = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    return made or [{"type": "paragraph", "content": []}]
