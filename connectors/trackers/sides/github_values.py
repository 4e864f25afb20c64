"""Values of GitHub issues as a side tells them, and back into the body of an edit. Pure.

What is hidden at the end of an issue's text (marks, lines that stand for links) is no part of its description, and
stays where it is when that is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.clients.github.wire.payloads import Issue
from connectors.clients.github.wire.values import is_pull, label_names, login_of, number_in, parse_time
from connectors.domain.richtext.document import Markup, to_document
from connectors.domain.sides import (
    ASSIGNEE,
    LABELS,
    PRIORITY,
    STATE,
    TEXT,
    TITLE,
    SideField,
    SideLink,
    Value,
    ValueKind,
)
from connectors.trackers.github.marks import Body, Relation, split_body
from connectors.trackers.github.source_items import Neighbours
from connectors.trackers.github.target_shape import BLOCKS, DUPLICATE, RELATES
from connectors.trackers.github.texts import markdown_of
from connectors.trackers.github.vocabulary import (
    PRIORITY_PREFIX,
    Status,
    distinct,
    priority_label,
    sort_labels,
    status_of,
)

MILESTONE, AUTHOR, CREATED, CLOSED, LOCKED = "milestone", "author", "created_at", "closed_at", "locked"
STATES: Mapping[str, str] = {
    "open": Status.OPEN,
    "closed: completed": Status.COMPLETED,
    "closed: not_planned": Status.NOT_PLANNED,
    "closed: duplicate": Status.DUPLICATE,
}
_STATE_NAMES = {status: name for name, status in STATES.items()}
LINK_TYPES = (BLOCKS, RELATES, DUPLICATE)
_LINKS = {
    Relation.RELATED: (RELATES, True),
    Relation.DUPLICATES: (DUPLICATE, True),
    Relation.DUPLICATED_BY: (DUPLICATE, False),
}


def side_fields(*, priorities: Sequence[str], milestones: Sequence[str]) -> tuple[SideField, ...]:
    """The fields that every issue has. Of several assignees the first is told, and writing replaces all of them."""
    return (
        SideField(TITLE, "Title", ValueKind.TEXT, required=True),
        SideField(TEXT, "Description", ValueKind.RICH),
        SideField(STATE, "State", ValueKind.STATE, options=tuple(STATES)),
        SideField(ASSIGNEE, "Assignee", ValueKind.PERSON),
        SideField(PRIORITY, "Priority", ValueKind.CHOICE, options=tuple(priorities)),
        SideField(LABELS, "Labels", ValueKind.LABELS),
        SideField(MILESTONE, "Milestone", ValueKind.CHOICE, options=tuple(milestones)),
        SideField(AUTHOR, "Author", ValueKind.PERSON, writable=False),
        SideField(CREATED, "Created", ValueKind.MOMENT, writable=False),
        SideField(CLOSED, "Closed", ValueKind.MOMENT, writable=False),
        SideField(LOCKED, "Locked", ValueKind.FLAG, writable=False),
    )


def read_values(issue: Issue, body: Body) -> dict[str, Value]:
    """Every field of the shape. Labels that stand for the type and the priority are told as such; a title is told
    without the outer spaces that old ones have and new ones lose."""
    labels = sort_labels(label_names(issue.get("labels") or ()))
    people = [login for login in map(login_of, issue.get("assignees") or ()) if login]
    return {
        TITLE: (issue.get("title") or "").strip() or None,
        TEXT: {"markup": "markdown", "text": body.text} if body.text.strip() else None,
        STATE: _STATE_NAMES[status_of(issue)],
        ASSIGNEE: next(iter(people), None),
        PRIORITY: next((priority_name(label) for label in labels.priorities), None),
        LABELS: sorted((*labels.others, *labels.areas)),
        MILESTONE: (issue.get("milestone") or {}).get("title") or None,
        AUTHOR: login_of(issue.get("user")) or None,
        CREATED: _moment(issue.get("created_at")),
        CLOSED: _moment(issue.get("closed_at")),
        LOCKED: bool(issue.get("locked")),
    }


def priority_name(label: str) -> str:
    """The priority that a label stands for."""
    return label[len(PRIORITY_PREFIX) :].strip()


def _moment(value: object) -> str | None:
    moment = parse_time(value)
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def labels_with(values: Mapping[str, Value], standing: Sequence[str]) -> list[str]:
    """All labels of an issue once labels and priority are written, type labels kept."""
    now = sort_labels(standing)
    wanted = values.get(LABELS)
    others = list(wanted) if isinstance(wanted, list) else [*now.others, *now.areas]
    if LABELS in values and wanted is None:
        others = []
    priorities = list(now.priorities)
    if PRIORITY in values:
        priority = values[PRIORITY]
        priorities = [priority_label(str(priority))] if priority else []
    return distinct([*now.types, *others, *priorities])


def markdown_in(value: Value) -> str:
    """A rich text in Markdown: as it is when it is written so, else by way of a document."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    if value.get("markup") == "markdown":
        return str(value.get("text") or "")
    if value.get("markup") == "adf":
        return markdown_of(value.get("document"))
    markup = Markup(str(value.get("markup") or "plain"))
    document: Any = to_document(str(value.get("text") or ""), markup=markup).document
    return markdown_of(document)


def read_parent(issue: Issue, body: Body) -> str | None:
    """The issue above in this repository: by the hierarchy, else by the line that stands for it."""
    address = issue.get("parent_issue_url")
    own = issue.get("repository_url") or ""
    number = number_in(address) if address and str(address).rpartition("/issues/")[0] == own else None
    return str(number or body.parent) if number or body.parent else None


def read_links(body: Body, neighbours: Neighbours) -> tuple[SideLink, ...]:
    """Dependencies, and the links that stand in the text, in an order that does not change."""
    found = [SideLink(BLOCKS, str(number), outward=True) for number in neighbours.blocking]
    found += [SideLink(BLOCKS, str(number), outward=False) for number in neighbours.blocked_by]
    for relation, number in body.links:
        if relation in _LINKS:
            kind, outward = _LINKS[relation]
            found.append(SideLink(kind, str(number), outward))
    return tuple(sorted(found, key=lambda link: (link.type, link.outward, int(link.other))))


def content_of(issue: Issue) -> str:
    """A digest of what an edit can set."""
    told = {
        "title": issue.get("title"),
        "body": issue.get("body") or "",
        "state": status_of(issue),
        "labels": sorted(label_names(issue.get("labels") or ())),
        "assignees": [login_of(user) for user in issue.get("assignees") or ()],
        "milestone": (issue.get("milestone") or {}).get("number"),
        "type": (issue.get("type") or {}).get("name"),
        "locked": bool(issue.get("locked")),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def version_of(issue: Issue) -> str:
    """Times have seconds only, and two edits fit into one: the content is part of the version. So are the relations,
    which move no time."""
    counts = issue.get("issue_dependencies_summary") or {}
    about = (
        issue.get("comments") or 0,
        counts.get("total_blocked_by") or 0,
        counts.get("total_blocking") or 0,
        number_in(issue.get("parent_issue_url")) or 0,
    )
    return f"{issue.get('updated_at')}/{content_of(issue)}/{'.'.join(map(str, about))}"


def is_item(issue: Issue) -> bool:
    """Pull requests share lists and numbers with issues, and are none."""
    return not is_pull(issue)


def body_of(issue: Issue) -> Body:
    """The text of an issue taken apart."""
    return split_body(issue.get("body"))
