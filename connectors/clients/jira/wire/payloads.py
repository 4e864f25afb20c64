"""Shapes of Jira's JSON, as far as we read or write them. Every member may be missing: Jira leaves out what a
caller may not see."""

from __future__ import annotations

from typing import Any, TypedDict

Json = Any
"""A decoded JSON value whose shape the vendor does not fix."""

Fields = dict[str, Any]
"""Field id to value, in the shapes of Jira's field types."""


class Ref(TypedDict, total=False):
    id: str
    key: str
    name: str
    value: str


class User(TypedDict, total=False):
    accountId: str
    accountType: str
    displayName: str
    emailAddress: str
    active: bool
    timeZone: str


class StatusCategory(TypedDict, total=False):
    id: int
    key: str
    name: str


class Status(TypedDict, total=False):
    id: str
    name: str
    statusCategory: StatusCategory


class IssueType(TypedDict, total=False):
    id: str
    name: str
    subtask: bool
    hierarchyLevel: int


class Project(TypedDict, total=False):
    id: str
    key: str
    name: str
    style: str
    simplified: bool
    issueTypes: list[IssueType]


class FieldSchema(TypedDict, total=False):
    type: str
    items: str
    system: str
    custom: str
    customId: int


class CreateField(TypedDict, total=False):
    fieldId: str
    key: str
    name: str
    required: bool
    hasDefaultValue: bool
    schema: FieldSchema
    operations: list[str]
    allowedValues: list[Ref]


class Scope(TypedDict, total=False):
    type: str
    project: Ref


class FieldInfo(TypedDict, total=False):
    id: str
    name: str
    custom: bool
    schema: FieldSchema
    scope: Scope


class EntityProperty(TypedDict):
    key: str
    value: Json


class Comment(TypedDict, total=False):
    id: str
    author: User
    updateAuthor: User
    body: Json
    created: str
    updated: str
    visibility: Json
    properties: list[EntityProperty]


class CommentPage(TypedDict, total=False):
    startAt: int
    maxResults: int
    total: int
    comments: list[Comment]


class Attachment(TypedDict, total=False):
    id: str
    filename: str
    size: int
    created: str
    content: str
    mimeType: str
    author: User


class LinkType(TypedDict, total=False):
    id: str
    name: str
    inward: str
    outward: str


class History(TypedDict, total=False):
    id: str
    author: User
    created: str


class Changelog(TypedDict, total=False):
    histories: list[History]


class Issue(TypedDict, total=False):
    id: str
    key: str
    fields: Fields
    properties: dict[str, Json]
    changelog: Changelog


class IssueLink(TypedDict, total=False):
    id: str
    type: LinkType
    inwardIssue: Issue
    outwardIssue: Issue


class SearchPage(TypedDict, total=False):
    issues: list[Issue]
    nextPageToken: str
    isLast: bool


class TransitionField(TypedDict, total=False):
    required: bool
    hasDefaultValue: bool


class Transition(TypedDict, total=False):
    id: str
    name: str
    to: Status
    isGlobal: bool
    isInitial: bool
    hasScreen: bool
    fields: dict[str, TransitionField]


class Sprint(TypedDict, total=False):
    id: int
    name: str
    state: str
    startDate: str
    endDate: str
    completeDate: str
    originBoardId: int
    goal: str


class BoardLocation(TypedDict, total=False):
    projectId: int
    projectKey: str


class Board(TypedDict, total=False):
    id: int
    name: str
    type: str
    location: BoardLocation


class AttachmentMeta(TypedDict, total=False):
    enabled: bool
    uploadLimit: int


class CreateBody(TypedDict, total=False):
    fields: Fields
    properties: list[EntityProperty]
    transition: Ref


class BulkProgress(TypedDict, total=False):
    taskId: str
    status: str
    progressPercent: int
    failedAccessibleIssues: dict[str, list[str]]
    processedAccessibleIssues: list[int]
    invalidOrInaccessibleIssueCount: int
    totalIssueCount: int


class WorkflowStatus(TypedDict, total=False):
    id: str
    name: str
    statusCategory: str
    statusReference: str


class WorkflowStatusUse(TypedDict, total=False):
    statusReference: str
    deprecated: bool


class WorkflowLink(TypedDict, total=False):
    fromStatusReference: str


class WorkflowRule(TypedDict, total=False):
    ruleKey: str
    parameters: dict[str, str]


class WorkflowTransition(TypedDict, total=False):
    id: str
    name: str
    type: str
    toStatusReference: str
    links: list[WorkflowLink]
    validators: list[WorkflowRule]


class WorkflowDocument(TypedDict, total=False):
    id: str
    name: str
    statuses: list[WorkflowStatusUse]
    transitions: list[WorkflowTransition]


class WorkflowsAnswer(TypedDict, total=False):
    statuses: list[WorkflowStatus]
    workflows: list[WorkflowDocument]


class TypeStatuses(TypedDict, total=False):
    id: str
    name: str
    subtask: bool
    statuses: list[Status]
