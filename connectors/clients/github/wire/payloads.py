"""The parts of GitHub's documents that we read. Members of older servers may be absent.

https://docs.github.com/rest/issues
"""

from __future__ import annotations

from typing import Any, TypedDict

Json = Any
"""A decoded JSON value."""


class User(TypedDict, total=False):
    id: int
    login: str
    type: str
    name: str | None
    email: str | None


class Label(TypedDict, total=False):
    id: int
    name: str
    color: str
    description: str | None


class Milestone(TypedDict, total=False):
    id: int
    number: int
    title: str
    state: str
    description: str | None
    due_on: str | None
    created_at: str
    closed_at: str | None
    open_issues: int
    closed_issues: int


class IssueType(TypedDict, total=False):
    id: int
    name: str
    is_enabled: bool


class Dependencies(TypedDict, total=False):
    """`total_*` count closed issues too."""

    blocked_by: int
    total_blocked_by: int
    blocking: int
    total_blocking: int


class Issue(TypedDict, total=False):
    """`id` is global and what sub-issue and dependency calls want; `number` is the repository's, shared with pulls."""

    id: int
    number: int
    url: str
    repository_url: str
    html_url: str
    title: str
    body: str | None
    body_html: str
    user: User | None
    labels: list[Label | str]
    state: str
    state_reason: str | None
    type: IssueType | None
    locked: bool
    assignee: User | None
    assignees: list[User]
    milestone: Milestone | None
    comments: int
    created_at: str
    updated_at: str
    closed_at: str | None
    closed_by: User | None
    parent_issue_url: str | None
    issue_dependencies_summary: Dependencies
    pull_request: Json


class Comment(TypedDict, total=False):
    id: int
    html_url: str
    issue_url: str
    body: str | None
    body_html: str
    user: User | None
    created_at: str
    updated_at: str


class Permissions(TypedDict, total=False):
    admin: bool
    maintain: bool
    push: bool
    triage: bool
    pull: bool


class Repository(TypedDict, total=False):
    id: int
    name: str
    full_name: str
    owner: User
    html_url: str
    has_issues: bool
    archived: bool
    disabled: bool
    permissions: Permissions
    open_issues_count: int


class TimelineEvent(TypedDict, total=False):
    """An entry of an issue's timeline; which members it has depends on `event`, and 2012's have few."""

    id: int
    event: str
    actor: User | None
    user: User | None
    created_at: str
    label: Label
    milestone: Json
    assignee: User | None
    rename: Json
    state_reason: str | None
    source: Json
    sub_issue: Json
    parent_issue: Json


class NewIssue(TypedDict, total=False):
    """The body of a create, and with fewer members of an edit."""

    title: str
    body: str
    labels: list[str]
    assignees: list[str]
    milestone: int | None
    type: str | None
    state: str
    state_reason: str | None
