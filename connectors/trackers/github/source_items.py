"""GitHub issues, comments and timelines in canonical terms. Pure but for `known`, which may look a person up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.clients.github.wire.payloads import Comment as CommentPayload
from connectors.clients.github.wire.payloads import Issue, Json, TimelineEvent, User
from connectors.clients.github.wire.values import label_names, login_of, number_in, parse_time
from connectors.domain.work_items import (
    DESCRIPTION,
    Change,
    Comment,
    Link,
    LinkKind,
    Markup,
    Person,
    RemoteLink,
    Revision,
    Scalar,
    Text,
    WorkItem,
)
from connectors.trackers.github.marks import Body, Relation, split_body, split_comment
from connectors.trackers.github.vocabulary import state_of, type_of

KnownPerson = Callable[[User | None], Person | None]
ASSIGNEES, CLOSED_AT, LOCKED = "assignees", "closed_at", "locked"
FIELDS: Mapping[str, tuple[str, str]] = {
    ASSIGNEES: ("All assignees", "string"),
    CLOSED_AT: ("Closed", "dateTime"),
    LOCKED: ("Locked", "boolean"),
}
"""Fields without a place of their own in a canonical item -> name and type. Who closed an issue is not among them:
lists leave it out, and the history tells it."""
_KINDS = {
    Relation.RELATED: LinkKind.RELATES,
    Relation.DUPLICATES: LinkKind.DUPLICATES,
    Relation.DUPLICATED_BY: LinkKind.DUPLICATED_BY,
}


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Numbers of the issues of this repository that an issue depends on, and that depend on it."""

    blocked_by: tuple[int, ...] = ()
    blocking: tuple[int, ...] = ()


def read_item(issue: Issue, *, project: str, neighbours: Neighbours, known: KnownPerson) -> WorkItem:
    """An issue. It has no revisions: `rev` is the second of its last change."""
    body = split_body(issue.get("body"))
    changed = parse_time(issue.get("updated_at"))
    people = [person for person in map(known, issue.get("assignees") or ()) if person is not None]
    milestone = (issue.get("milestone") or {}).get("title")
    texts = {DESCRIPTION: Text(body.text, Markup.MARKDOWN)} if body.text.strip() else {}
    return WorkItem(
        id=str(issue["number"]),
        rev=int(changed.timestamp()) if changed else 0,
        type=type_of(issue),
        title=issue.get("title") or "",
        state=state_of(issue),
        url=issue.get("html_url") or "",
        parent=_parent(issue, body),
        area=project,
        iteration=f"{project}\\{milestone}" if milestone else project,
        tags=label_names(issue.get("labels") or ()),
        author=known(issue.get("user")),
        assignee=people[0] if people else known(issue.get("assignee")),
        created=parse_time(issue.get("created_at")),
        changed=changed,
        comment_count=issue.get("comments"),
        texts=texts,
        fields=_fields(issue, people),
        links=tuple(_links(body, neighbours)),
        remote_links=tuple(RemoteLink(link.relation, link.url, link.title) for link in body.remote_links),
    )


def read_comment(comment: CommentPayload, *, known: KnownPerson) -> Comment:
    text, _ = split_comment(comment.get("body"))
    return Comment(
        id=str(comment["id"]),
        text=Text(text, Markup.MARKDOWN),
        author=known(comment.get("user")),
        created=parse_time(comment.get("created_at")),
        modified=parse_time(comment.get("updated_at")),
    )


def _parent(issue: Issue, body: Body) -> str | None:
    """A parent in another repository is no item here."""
    address = issue.get("parent_issue_url")
    own = issue.get("repository_url") or ""
    number = number_in(address) if address and str(address).rpartition("/issues/")[0] == own else None
    return str(number or body.parent) if number or body.parent else None


def _fields(issue: Issue, people: Sequence[Person]) -> dict[str, Scalar | Person]:
    found: dict[str, Scalar | Person] = {}
    if len(people) > 1:
        found[ASSIGNEES] = ", ".join(person.name for person in people)
    if issue.get("closed_at"):
        found[CLOSED_AT] = issue["closed_at"]
    if issue.get("locked"):
        found[LOCKED] = True
    return found


def _links(body: Body, neighbours: Neighbours) -> Iterable[Link]:
    for number in neighbours.blocked_by:
        yield Link(LinkKind.BLOCKED_BY, str(number), "blocked_by")
    for number in neighbours.blocking:
        yield Link(LinkKind.BLOCKS, str(number), "blocking")
    for relation, number in body.links:
        if relation in _KINDS:
            yield Link(_KINDS[relation], str(number), relation.value)


# history

_UNTOLD = frozenset({"subscribed", "unsubscribed", "mentioned", "commented", "line-commented", "reviewed"})


def read_revisions(events: Iterable[TimelineEvent], *, known: KnownPerson) -> list[Revision]:
    """What a timeline tells of changes, oldest first. Numbers are places: events have ids of several kinds."""
    found: list[Revision] = []
    for event in events:
        change = _change(event)
        if change is not None:
            author = known(event.get("actor") or event.get("user"))
            found.append(Revision(len(found) + 1, author, parse_time(event.get("created_at")), (change,)))
    return found


def is_change(event: TimelineEvent) -> bool:
    """Whether an entry of a timeline means that somebody changed the issue."""
    return _change(event) is not None


def _change(event: TimelineEvent) -> Change | None:
    kind = event.get("event") or ""
    label = str((event.get("label") or {}).get("name") or "")
    milestone = str((event.get("milestone") or {}).get("title") or "")
    person = login_of(event.get("assignee"))
    rename: Json = event.get("rename") or {}
    reason = (event.get("state_reason") or "").replace("_", " ")
    told = {
        "labeled": Change("Labels", "", label),
        "unlabeled": Change("Labels", label, ""),
        "milestoned": Change("Milestone", "", milestone),
        "demilestoned": Change("Milestone", milestone, ""),
        "assigned": Change("Assignees", "", person),
        "unassigned": Change("Assignees", person, ""),
        "renamed": Change("Title", str(rename.get("from") or ""), str(rename.get("to") or "")),
        "closed": Change("State", "open", f"closed ({reason})" if reason else "closed"),
        "reopened": Change("State", "closed", "open"),
        "locked": Change("Locked", "no", "yes"),
        "unlocked": Change("Locked", "yes", "no"),
    }
    if kind in told:
        return told[kind]
    if not kind or kind in _UNTOLD:
        return None
    return Change("Links" if _concerns_links(kind) else kind.replace("_", " ").capitalize(), "", _other(event))


_LINKING = ("cross-referenced", "connected", "disconnected", "marked_as_duplicate", "unmarked_as_duplicate")


def _concerns_links(kind: str) -> bool:
    return kind in _LINKING or kind.startswith(("sub_issue_", "parent_issue_", "blocked_by_", "blocking_"))


def _other(event: TimelineEvent) -> str:
    """The issue at the other end, where the entry names one."""
    source: Json = (event.get("source") or {}).get("issue") or {}
    other: Json = event.get("sub_issue") or event.get("parent_issue") or source
    number = other.get("number")
    kind = (event.get("event") or "").replace("_", " ")
    return f"{kind} #{number}" if number else kind
