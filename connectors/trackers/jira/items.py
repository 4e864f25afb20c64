"""Issues as Jira shows them, in canonical terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from connectors.clients.jira.wire.payloads import Attachment, Comment, CommentPage, Issue, IssueLink, Json, Status, User
from connectors.clients.jira.wire.values import parse_time
from connectors.domain.ports import TargetChange, TargetComment, TargetFile, TargetItem, TargetLink, TargetRemoteLink
from connectors.domain.shapes import StatusCategory, TargetStatus
from connectors.domain.work_items import Person
from connectors.trackers.jira.marks import mark_of, mark_of_comment

READ_FIELDS = (
    "summary",
    "issuetype",
    "status",
    "description",
    "parent",
    "resolution",
    "labels",
    "components",
    "priority",
    "assignee",
    "reporter",
    "comment",
    "attachment",
    "issuelinks",
    "created",
    "updated",
)
"""System fields that verification compares; custom fields in use are added by the tracker."""

_CATEGORIES: Mapping[str, StatusCategory] = {
    "new": StatusCategory.TO_DO,
    "TODO": StatusCategory.TO_DO,
    "undefined": StatusCategory.TO_DO,
    "indeterminate": StatusCategory.IN_PROGRESS,
    "IN_PROGRESS": StatusCategory.IN_PROGRESS,
    "done": StatusCategory.DONE,
    "DONE": StatusCategory.DONE,
}
"""Issues carry keys, workflows an enum; names are localised and free, so they are never compared."""


def category_of(word: str | None) -> StatusCategory:
    """A status category by key or enum; what nobody defined counts as not begun."""
    return _CATEGORIES.get(word or "undefined", StatusCategory.TO_DO)


def status_from(status: Status) -> TargetStatus:
    category = category_of((status.get("statusCategory") or {}).get("key"))
    return TargetStatus(id=str(status["id"]), name=status.get("name", ""), category=category)


def person_from(user: User | None) -> Person | None:
    """A person by account id; name and e-mail only as far as Jira shows them."""
    if not user or not user.get("accountId"):
        return None
    return Person(
        id=user["accountId"],
        name=user.get("displayName", ""),
        email=user.get("emailAddress", ""),
        active=user.get("active", True),
    )


def item_from(issue: Issue, *, sprint_field: str, custom: Iterable[str] = ()) -> TargetItem:
    """A fetched issue. Comments are None when the copy inside the issue was cut."""
    fields = issue.get("fields") or {}
    page: CommentPage = fields.get("comment") or {}
    return TargetItem(
        id=str(issue["id"]),
        key=issue["key"],
        type=_id_of(fields.get("issuetype")) or "",
        title=fields.get("summary") or "",
        status_id=_id_of(fields.get("status")) or "",
        body=fields.get("description"),
        mark=mark_of(issue),
        parent_key=(fields.get("parent") or {}).get("key"),
        resolution=_id_of(fields.get("resolution")),
        labels=tuple(fields.get("labels") or ()),
        components=_ids_of(fields.get("components")),
        sprints=_ids_of(fields.get(sprint_field)) if sprint_field else (),
        priority=_id_of(fields.get("priority")),
        assignee=(fields.get("assignee") or {}).get("accountId"),
        reporter=(fields.get("reporter") or {}).get("accountId"),
        fields={name: fields.get(name) for name in custom},
        comments=_embedded_comments(page),
        comment_total=page.get("total") or 0,
        files=tuple(file_from(attachment) for attachment in fields.get("attachment") or ()),
        links=tuple(link for link in map(link_from, fields.get("issuelinks") or ()) if link is not None),
        created=parse_time(fields.get("created")),
        updated=parse_time(fields.get("updated")),
    )


def comment_from(comment: Comment) -> TargetComment:
    return TargetComment(
        id=str(comment["id"]),
        body=comment.get("body") or {},
        author=person_from(comment.get("author")),
        created=parse_time(comment.get("created")),
        source_id=mark_of_comment(comment),
    )


def file_from(attachment: Attachment) -> TargetFile:
    return TargetFile(
        id=str(attachment["id"]),
        name=attachment.get("filename", ""),
        size=int(attachment.get("size") or 0),
        created=parse_time(attachment.get("created")),
    )


def link_from(link: IssueLink) -> TargetLink | None:
    """A link as seen from its issue: the other issue is under `outwardIssue` when this one is the source end.
    None when the other end is hidden from us."""
    other = link.get("outwardIssue") or link.get("inwardIssue")
    if not other:
        return None
    return TargetLink(
        id=str(link.get("id", "")),
        type=(link.get("type") or {}).get("name", ""),
        other_key=other["key"],
        outward="outwardIssue" in link,
    )


def remote_link_from(link: Json) -> TargetRemoteLink:
    """A link to something outside, ours or somebody's."""
    shown = link.get("object") or {}
    return TargetRemoteLink(
        mark=link.get("globalId") or "",
        url=shown.get("url") or "",
        title=shown.get("title") or "",
        relation=link.get("relationship") or "",
    )


def change_from(history: Json) -> TargetChange:
    """An entry of an issue's history. The bulk read tells the moment in epoch milliseconds."""
    told = history.get("created")
    at = datetime.fromtimestamp(told / 1000, UTC) if isinstance(told, int | float) else parse_time(told)
    author = (history.get("author") or {}).get("accountId") or ""
    return TargetChange(author=author, at=at or datetime.fromtimestamp(0, UTC))


def _embedded_comments(page: CommentPage) -> tuple[TargetComment, ...] | None:
    comments = page.get("comments")
    if comments is None:
        return None
    return tuple(comment_from(comment) for comment in comments) if len(comments) >= page.get("total", 0) else None


def _id_of(reference: Json) -> str | None:
    return str(reference["id"]) if reference else None


def _ids_of(references: Json) -> tuple[str, ...]:
    """Ids of a list of objects. A sprint field is a list of objects on read, whatever is written."""
    return tuple(str(entry["id"]) for entry in references or () if isinstance(entry, dict))
