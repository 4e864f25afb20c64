"""The content of the site with the indexes that keep requests from scanning."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.jira.models import (
    Board,
    Field,
    IssueType,
    LinkType,
    Option,
    Priority,
    Project,
    Resolution,
    Screen,
    Sprint,
    Status,
    User,
    Workflow,
)
from sandbox.jira.records import Attachment, Change, Comment, History, Issue, IssueLink, Notice, Worklog
from sandbox.jira.site import SiteSpec

RANK_GAP = 1 << 32


@dataclass
class BulkTask:
    """An asynchronous bulk operation: it acts when its time has come."""

    id: str
    submitted: float
    due: float
    by: User
    issues: list[Issue]
    invalid: int
    act: Callable[[Issue], None]
    finished: float | None = None
    done: list[int] = field(default_factory=list)
    failed: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class SiteState:
    """Everything one site holds. Numbers of issues and ids are never given twice."""

    spec: SiteSpec
    clock: Clock
    users: dict[str, User] = field(default_factory=dict)
    types: dict[str, IssueType] = field(default_factory=dict)
    statuses: dict[str, Status] = field(default_factory=dict)
    priorities: dict[str, Priority] = field(default_factory=dict)
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    link_types: dict[str, LinkType] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    options: dict[str, Option] = field(default_factory=dict)
    screens: dict[str, Screen] = field(default_factory=dict)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    boards: dict[int, Board] = field(default_factory=dict)
    sprints: dict[int, Sprint] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    issue_by_key: dict[str, Issue] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    worklogs: dict[str, Worklog] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    media: dict[str, Attachment] = field(default_factory=dict)
    links: dict[str, IssueLink] = field(default_factory=dict)
    tasks: dict[str, BulkTask] = field(default_factory=dict)
    notifications: list[dict[str, str]] = field(default_factory=list)
    search_lag: float = 0.0
    tell: Callable[[Notice], None] | None = None
    _counters: dict[str, int] = field(default_factory=dict)
    _ranks: list[tuple[int, int]] = field(default_factory=list)

    def number(self, kind: str, start: int = 10_000) -> int:
        """The next number of a kind."""
        value = self._counters.get(kind, start)
        self._counters[kind] = value + 1
        return value

    def id(self, kind: str, start: int = 10_000) -> str:
        """The same as text."""
        return str(self.number(kind, start))

    def now(self) -> float:
        """The site's time, to the millisecond it shows."""
        return round(self.clock.now(), 3)

    def project(self, key_or_id: str) -> Project | None:
        """A project by id, or by key in any case."""
        found = self.projects.get(key_or_id)
        if found is not None:
            return found
        key = key_or_id.upper()
        return next((p for p in self.projects.values() if p.key == key), None)

    def issue(self, key_or_id: str) -> Issue | None:
        """An issue by id or key; keys it had before a move still lead to it."""
        if key_or_id.isdigit():
            return self.issues.get(int(key_or_id))
        return self.issue_by_key.get(key_or_id) or self.issue_by_key.get(key_or_id.upper())

    def field_named(self, name: str) -> Field | None:
        """A field by id, or the first of a name in any case."""
        found = self.fields.get(name)
        if found is not None:
            return found
        lowered = name.lower()
        return next((f for f in self.fields.values() if f.name.lower() == lowered), None)

    def field_of_kind(self, kind: str) -> Field:
        """The one field of a kind that exists once per site (sprint, rank)."""
        return next(f for f in self.fields.values() if f.kind == kind)

    def add_issue(self, issue: Issue) -> None:
        """Put a new issue into the indexes."""
        self.issues[issue.id] = issue
        self.issue_by_key[issue.key] = issue
        insort(self._ranks, (issue.rank, issue.id))
        if issue.parent is not None:
            issue.parent.children.append(issue)

    def remove_issue(self, issue: Issue) -> None:
        """Take an issue with its links out of the indexes; its number stays used."""
        del self.issues[issue.id]
        for key in [key for key, found in self.issue_by_key.items() if found is issue]:
            del self.issue_by_key[key]
        self._ranks.remove((issue.rank, issue.id))
        if issue.parent is not None:
            issue.parent.children.remove(issue)
        for child in issue.children:
            child.parent = None
        for link in list(issue.links):
            self.remove_link(link)
        for comment in issue.comments:
            del self.comments[comment.id]
        for worklog in issue.worklogs:
            del self.worklogs[worklog.id]
        for attachment in issue.attachments:
            del self.attachments[attachment.id]
            del self.media[attachment.media_id]

    def remove_link(self, link: IssueLink) -> None:
        """Undo a link on both ends."""
        del self.links[link.id]
        link.inward.links.remove(link)
        if link.outward is not link.inward:
            link.outward.links.remove(link)

    def last_rank(self) -> int:
        """The rank of a new issue: below all others."""
        return self._ranks[-1][0] + RANK_GAP if self._ranks else RANK_GAP

    def rank_beside(self, issues: Iterable[Issue], anchor: Issue, *, before: bool) -> None:
        """Move issues in the given order directly above or below another one."""
        moved = list(issues)
        for issue in moved:
            self._ranks.remove((issue.rank, issue.id))
        place = bisect_left(self._ranks, (anchor.rank, anchor.id)) + (0 if before else 1)
        low = self._ranks[place - 1][0] if place else 0
        high = self._ranks[place][0] if place < len(self._ranks) else low + RANK_GAP * (len(moved) + 1)
        step = (high - low) // (len(moved) + 1)
        if step < 1:
            self._spread_ranks()
            for issue in moved:
                insort(self._ranks, (issue.rank, issue.id))
            self.rank_beside(moved, anchor, before=before)
            return
        for index, issue in enumerate(moved, start=1):
            issue.rank = low + step * index
            insort(self._ranks, (issue.rank, issue.id))

    def _spread_ranks(self) -> None:
        spread = []
        for index, (_, issue_id) in enumerate(self._ranks, start=1):
            self.issues[issue_id].rank = index * RANK_GAP
            spread.append((index * RANK_GAP, issue_id))
        self._ranks = spread

    def touch(self, issue: Issue, author: User, items: list[Change]) -> None:
        """Record an edit: history, update time, and when search learns of it."""
        moment = self.now()
        issue.updated = moment
        if items:
            issue.history.append(History(self.id("history"), author, moment, items))
            self.notify(Notice("jira:issue_updated", author, issue, history=issue.history[-1]))
        self.index(issue, self.search_lag)

    def notify(self, notice: Notice) -> None:
        """Tell whoever listens for webhooks."""
        if self.tell is not None:
            self.tell(notice)

    def index(self, issue: Issue, lag: float) -> None:
        """Let search see the issue as it is now, but only after a time."""
        if lag <= 0 and not issue.indexed:
            return
        snapshot = copy(issue)
        snapshot.values = dict(issue.values)
        snapshot.sprints = list(issue.sprints)
        due = self.now() + lag
        if issue.indexed:
            due = max(due, issue.indexed[-1][0])
        issue.indexed.append((due, snapshot))

    def as_indexed(self, issue: Issue) -> Issue | None:
        """The issue as search sees it at this moment; None while it is not yet known there."""
        if not issue.indexed:
            return issue
        moment = self.now()
        known = [entry for entry in issue.indexed if entry[0] <= moment]
        if not known:
            return None
        if len(known) == len(issue.indexed) and self.search_lag <= 0:
            issue.indexed = []
            return issue
        issue.indexed = [known[-1], *issue.indexed[len(known) :]]
        return known[-1][1]
