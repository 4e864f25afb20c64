"""Work items in canonical terms: what every tracker reads from its source and the engines decide upon.

Ids are strings everywhere (Azure DevOps and GitHub use numbers, Jira both numbers and keys).
Times are aware datetimes in UTC. Text keeps the markup it was stored in; `richtext` converts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Scalar = str | int | float | bool | None


class Markup(StrEnum):
    """How a text is written."""

    HTML = "html"
    MARKDOWN = "markdown"
    PLAIN = "plain"
    TEST_STEPS = "test_steps"


class LinkKind(StrEnum):
    """Relations between two items, read as "this item <kind> the other one"."""

    PARENT = "parent"
    CHILD = "child"
    RELATES = "relates"
    BLOCKS = "blocks"
    BLOCKED_BY = "blocked_by"
    DUPLICATES = "duplicates"
    DUPLICATED_BY = "duplicated_by"
    TESTED_BY = "tested_by"
    TESTS = "tests"
    AFFECTS = "affects"
    AFFECTED_BY = "affected_by"
    REFERENCES = "references"
    REFERENCED_BY = "referenced_by"
    OTHER = "other"

    @property
    def inverse(self) -> LinkKind:
        return _INVERSE.get(self, self)


_PAIRS = [
    (LinkKind.PARENT, LinkKind.CHILD),
    (LinkKind.BLOCKS, LinkKind.BLOCKED_BY),
    (LinkKind.DUPLICATES, LinkKind.DUPLICATED_BY),
    (LinkKind.TESTED_BY, LinkKind.TESTS),
    (LinkKind.AFFECTS, LinkKind.AFFECTED_BY),
    (LinkKind.REFERENCES, LinkKind.REFERENCED_BY),
]
_INVERSE = dict(_PAIRS) | {b: a for a, b in _PAIRS}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody a platform names. `id` is the platform's own id; the e-mail may be hidden."""

    id: str
    name: str
    email: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A long text and the markup it is stored in."""

    value: str
    markup: Markup = Markup.HTML


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    text: Text
    author: Person | None = None
    created: datetime | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of an item. `id` is the source's own id (a GUID in Azure DevOps); `size` may be unknown."""

    id: str
    name: str
    url: str
    size: int | None = None
    created: datetime | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One end of a relation to another item. `reference` is the platform's own type name, with direction."""

    kind: LinkKind
    target: str
    reference: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class RemoteLink:
    """A relation to something that is no item here: a web page, commit, pull request, build, other organization."""

    kind: str
    url: str
    title: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One item as its source shows it now, at revision `rev`.

    `texts` holds the long texts by field reference (the description under `DESCRIPTION`), `fields` every other
    field by its own reference name with plain values. `rank` orders the backlog (lower first), None when unranked.
    """

    id: str
    rev: int
    type: str
    title: str
    state: str
    url: str = ""
    parent: str | None = None
    area: str = ""
    iteration: str = ""
    tags: tuple[str, ...] = ()
    priority: int | None = None
    rank: float | None = None
    author: Person | None = None
    assignee: Person | None = None
    created: datetime | None = None
    changed: datetime | None = None
    comment_count: int | None = None
    texts: Mapping[str, Text] = field(default_factory=dict)
    fields: Mapping[str, Scalar | Person] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    remote_links: tuple[RemoteLink, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a revision, before and after, as a person reads it; links are changes of the field `Links`."""

    field: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """Who changed what when. `number` is the source's own; a change of links alone may repeat it."""

    number: int
    author: Person | None
    at: datetime | None
    changes: tuple[Change, ...] = ()


DESCRIPTION = "description"
"""Key of the main description in `WorkItem.texts`, whatever the platform calls it."""


@dataclass(frozen=True, slots=True)
class SourceMark:
    """What every migrated item carries, so that it is recognised without search: the `isthmus.source` mark."""

    organization: str
    project: str
    id: str
    rev: int
