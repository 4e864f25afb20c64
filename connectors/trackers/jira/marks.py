"""Marks: how items and comments that we made are recognised again, without search."""

from __future__ import annotations

from connectors.clients.jira.wire.payloads import Comment, EntityProperty, Issue, Json
from connectors.domain.work_items import SourceMark

MARK = "isthmus.source"
"""Key of the issue property and of the comment property."""


def item_mark(mark: SourceMark) -> EntityProperty:
    """The property a create stores atomically with its issue."""
    value = {"organization": mark.organization, "project": mark.project, "id": mark.id, "rev": mark.rev}
    return {"key": MARK, "value": value}


def comment_mark(source_id: str) -> EntityProperty:
    """The property a create stores atomically with its comment."""
    return {"key": MARK, "value": {"id": source_id}}


def mark_of(issue: Issue) -> SourceMark | None:
    """The mark of a fetched issue; None when it has none or somebody wrote something else there."""
    return read_mark((issue.get("properties") or {}).get(MARK))


def read_mark(value: Json) -> SourceMark | None:
    """A stored mark, None when it is not one."""
    if not isinstance(value, dict):
        return None
    texts = [value.get(name) for name in ("organization", "project", "id")]
    rev = value.get("rev")
    if not all(isinstance(text, str) for text in texts) or not isinstance(rev, int):
        return None
    organization, project, item = (str(text) for text in texts)
    return SourceMark(organization=organization, project=project, id=item, rev=rev)


def mark_of_comment(comment: Comment) -> str | None:
    """The source id of a comment that we made."""
    for entry in comment.get("properties") or ():
        value = entry.get("value")
        if entry.get("key") == MARK and isinstance(value, dict) and isinstance(value.get("id"), str):
            return str(value["id"])
    return None
