"""Issues of a target as they stand, in canonical terms. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.clients.github.wire.payloads import Comment, Issue
from connectors.clients.github.wire.values import is_pull, label_names, login_of, number_in, parse_time
from connectors.domain.ports import Marked, TargetComment, TargetItem, TargetLink
from connectors.domain.shapes import TargetType
from connectors.trackers.github.marks import Body, Relation, split_body, split_comment
from connectors.trackers.github.people import person_from
from connectors.trackers.github.source_items import Neighbours
from connectors.trackers.github.target_shape import BLOCKS, DUPLICATE, RELATES, VERSIONS, versions_of
from connectors.trackers.github.texts import document_of
from connectors.trackers.github.vocabulary import TYPE_PREFIX, Status, sort_labels, status_of

KEY_PREFIX = "#"
_LINKS = {
    Relation.RELATED: (RELATES, True),
    Relation.DUPLICATES: (DUPLICATE, True),
    Relation.DUPLICATED_BY: (DUPLICATE, False),
}


def key_of(number: int) -> str:
    return f"{KEY_PREFIX}{number}"


def number_of(key_or_id: str) -> int:
    """The number in a key or id; 0, which no issue has, in anything else."""
    digits = key_or_id.removeprefix(KEY_PREFIX)
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def marked_from(issue: Issue) -> Marked:
    """Number and mark; a pull request holds a number too."""
    number = issue["number"]
    mark = None if is_pull(issue) else split_body(issue.get("body")).mark
    return Marked(id=str(number), key=key_of(number), mark=mark)


def item_from(issue: Issue, *, types: Sequence[TargetType], neighbours: Neighbours) -> TargetItem:
    """An issue read back, without its comments."""
    body = split_body(issue.get("body"))
    labels = sort_labels(label_names(issue.get("labels") or ()))
    status = status_of(issue)
    milestone = issue.get("milestone")
    return TargetItem(
        id=str(issue["number"]),
        key=key_of(issue["number"]),
        type=_type_id(issue, labels.types, types),
        title=issue.get("title") or "",
        status_id=status,
        body=document_of(body.text),
        mark=body.mark,
        parent_key=_parent_key(issue, body),
        resolution=None if status == Status.OPEN else status,
        labels=labels.others,
        components=labels.areas,
        sprints=(str(milestone["number"]),) if milestone else (),
        priority=next(iter(labels.priorities), None),
        assignee=next((login_of(user) for user in issue.get("assignees") or ()), None),
        reporter=login_of(issue.get("user")) or None,
        fields={VERSIONS: versions_of(milestone)},
        comment_total=issue.get("comments") or 0,
        comments=() if issue.get("comments") == 0 else None,
        links=tuple(_links(body, neighbours)),
        created=parse_time(issue.get("created_at")),
        updated=parse_time(issue.get("updated_at")),
    )


def comment_from(comment: Comment) -> TargetComment:
    text, source_id = split_comment(comment.get("body"))
    return TargetComment(
        id=str(comment["id"]),
        body=document_of(text),
        author=person_from(comment.get("user")),
        created=parse_time(comment.get("created_at")),
        source_id=source_id,
    )


def _type_id(issue: Issue, labels: Sequence[str], types: Sequence[TargetType]) -> str:
    """The id of the issue type, else of the type that a label names; empty for neither."""
    own = (issue.get("type") or {}).get("name")
    named = [f"label/{label[len(TYPE_PREFIX) :]}".casefold() for label in labels]
    wanted = [f"type/{own}".casefold(), *named] if own else named
    return next((kind.id for name in wanted for kind in types if kind.id.casefold() == name), "")


def _parent_key(issue: Issue, body: Body) -> str | None:
    number = number_in(issue.get("parent_issue_url")) or body.parent
    return key_of(number) if number else None


def _links(body: Body, neighbours: Neighbours) -> Iterable[TargetLink]:
    for number in neighbours.blocked_by:
        yield TargetLink(f"blocked_by/{number}", BLOCKS, key_of(number), outward=False)
    for number in neighbours.blocking:
        yield TargetLink(f"blocking/{number}", BLOCKS, key_of(number), outward=True)
    for relation, number in body.links:
        if relation in _LINKS:
            kind, outward = _LINKS[relation]
            yield TargetLink(f"{relation.value}/{number}", kind, key_of(number), outward)
