"""Issues as a Jira side shows them."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from connectors.clients.jira.wire.payloads import (
    Attachment,
    Comment,
    CommentPage,
    EntityProperty,
    Issue,
    IssueLink,
    Json,
)
from connectors.clients.jira.wire.values import format_time, parse_time
from connectors.domain.sides import SideComment, SideFile, SideItem, SideLink, Value
from connectors.trackers.jira.items import person_from
from connectors.trackers.sides.jira_shape import JiraLayout
from connectors.trackers.sides.jira_values import read_document

MARK = "isthmus.pair"
"""Key of the property that issues and comments made for a synchronization carry."""

EMBEDDED = ("issuetype", "parent", "comment", "attachment", "issuelinks", "created", "creator", "updated")
"""What an item shows besides its values."""

_BEGINNING = datetime.fromtimestamp(0, UTC)
_SAME_MOMENT = timedelta(seconds=2)
"""An edit, its entry in the history and `updated` are written one after the other."""


def mark_property(mark: str) -> EntityProperty:
    """The property a create stores atomically with its issue or comment."""
    return {"key": MARK, "value": {"mark": mark}}


def read_mark(value: Json) -> str | None:
    """A stored mark; None when somebody wrote something else there."""
    mark = value.get("mark") if isinstance(value, dict) else None
    return mark if isinstance(mark, str) else None


def version_of(issue: Issue) -> str:
    """The moment of the last change, to the millisecond Jira shows: every change moves it."""
    return format_time(changed_at(issue))


def changed_at(issue: Issue) -> datetime:
    return parse_time((issue.get("fields") or {}).get("updated")) or _BEGINNING


def item_from(issue: Issue, layout: JiraLayout) -> SideItem:
    """A fetched issue; marks of comments and references of files are added where they are known."""
    fields = issue.get("fields") or {}
    page: CommentPage = fields.get("comment") or {}
    return SideItem(
        key=issue["key"],
        version=version_of(issue),
        type=str((fields.get("issuetype") or {}).get("name", "")),
        changed=changed_at(issue),
        changed_by=_changed_by(issue),
        values={name: each.read(fields) for name, each in layout.fields.items()},
        parent=(fields.get("parent") or {}).get("key"),
        links=tuple(_links(fields.get("issuelinks") or (), layout)),
        files=tuple(file_from(entry) for entry in fields.get("attachment") or ()),
        comments=_embedded(page),
        comment_count=page.get("total"),
        mark=read_mark((issue.get("properties") or {}).get(MARK)),
    )


def comment_from(comment: Comment, mark: str | None = None) -> SideComment:
    return SideComment(
        id=str(comment["id"]),
        text=read_document(comment.get("body")),
        author=person_from(comment.get("author")),
        created=parse_time(comment.get("created")),
        modified=parse_time(comment.get("updated")),
        mark=mark,
    )


def is_open(comment: Comment) -> bool:
    """Whether everybody who sees the issue may read a comment."""
    return not comment.get("visibility")


def comment_mark(comment: Comment) -> str | None:
    """The mark of a comment that was read with its properties."""
    found = (entry["value"] for entry in comment.get("properties") or () if entry.get("key") == MARK)
    return read_mark(next(found, None))


def file_from(attachment: Attachment, reference: str = "") -> SideFile:
    """A file; `reference` is its media id, the only thing that texts show an uploaded file by."""
    return SideFile(
        id=str(attachment["id"]),
        name=attachment.get("filename", ""),
        size=int(attachment.get("size") or 0),
        created=parse_time(attachment.get("created")),
        author=(attachment.get("author") or {}).get("accountId", ""),
        reference=reference,
    )


def shown_media(values: Iterable[Value]) -> frozenset[str]:
    """Media ids of the uploaded files that texts show."""
    return frozenset(
        str(node["attrs"]["id"])
        for value in values
        if isinstance(value, dict)
        for node in _nodes(value.get("document"))
        if node.get("type") in ("media", "mediaInline") and isinstance((node.get("attrs") or {}).get("id"), str)
    )


def is_picture(file: SideFile) -> bool:
    """Whether a text of the other side may show a file, by its name."""
    return (mimetypes.guess_type(file.name)[0] or "").startswith("image/")


def _nodes(node: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(node, dict):
        yield node
        for child in node.get("content") or ():
            yield from _nodes(child)


def _links(links: Iterable[IssueLink], layout: JiraLayout) -> Iterator[SideLink]:
    """Links whose other end we may see; of one that reads alike from both ends, both are the first."""
    for link in links:
        other = link.get("outwardIssue") or link.get("inwardIssue")
        if other:
            kind = (link.get("type") or {}).get("name", "")
            yield SideLink(kind, other["key"], kind in layout.mutual or "outwardIssue" in link)


def _embedded(page: CommentPage) -> tuple[SideComment, ...] | None:
    """None when the copy inside the issue was cut."""
    comments = page.get("comments")
    if comments is None or len(comments) < page.get("total", 0):
        return None
    return tuple(comment_from(comment) for comment in comments if is_open(comment))


def _changed_by(issue: Issue) -> str:
    """Whose change moved `updated`, as far as history and comments tell: empty after, say, a deleted comment."""
    fields = issue.get("fields") or {}
    page: CommentPage = fields.get("comment") or {}
    acts = [(fields.get("created"), fields.get("creator"))]
    acts += [
        (entry.get("created"), entry.get("author")) for entry in (issue.get("changelog") or {}).get("histories") or ()
    ]
    acts += [(entry.get("updated"), entry.get("updateAuthor")) for entry in page.get("comments") or ()]
    moments = [(moment, who) for told, who in acts if (moment := parse_time(told)) is not None and who]
    if not moments:
        return ""
    latest = max(moment for moment, _ in moments)
    people = {str(who.get("accountId", "")) for moment, who in moments if latest - moment <= _SAME_MOMENT}
    return people.pop() if len(people) == 1 and abs(changed_at(issue) - latest) <= _SAME_MOMENT else ""
