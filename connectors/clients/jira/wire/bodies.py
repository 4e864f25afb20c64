"""Request bodies, as values ready for JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.clients.jira.wire.payloads import CreateBody, EntityProperty, Fields, Json
from connectors.clients.jira.wire.values import fit_sprint_name, format_time

BULK_CREATE_LIMIT = 50
BULK_FETCH_LIMIT = 100
BULK_TRANSITION_LIMIT = 1000
COMMENT_LIST_LIMIT = 1000
SPRINT_ISSUES_LIMIT = 50
SEARCH_PAGE = 100
"""Jira answers about 100 issues a page whenever fields are asked for."""
KEY_PAGE = 5000
"""The same where only ids or keys are asked for."""
RECONCILE_LIMIT = 50
USERS_PER_CALL = 100


def bulk_create(items: Sequence[CreateBody]) -> Json:
    """`POST /issue/bulk`."""
    return {"issueUpdates": list(items)}


def bulk_fetch(
    ids_or_keys: Sequence[str], *, fields: Sequence[str], properties: Sequence[str] = (), expand: Sequence[str] = ()
) -> Json:
    """`POST /issue/bulkfetch`. Fields are always named: without a list every navigable one is sent. `expand` is a
    list here, and a text everywhere else."""
    body: dict[str, Json] = {"issueIdsOrKeys": list(ids_or_keys), "fields": list(fields)}
    if properties:
        body["properties"] = list(properties)
    if expand:
        body["expand"] = list(expand)
    return body


def search(
    jql: str,
    *,
    fields: Sequence[str],
    properties: Sequence[str] = (),
    page_size: int = SEARCH_PAGE,
    token: str | None = None,
    reconcile: Sequence[str] = (),
) -> Json:
    """`POST /search/jql`. Only members the operation defines: an unknown one is refused without naming it.
    `reconcile` lists the ids of up to 50 issues that are searched as they are now, whatever the index knows."""
    body: dict[str, Json] = {"jql": jql, "fields": list(fields), "maxResults": page_size}
    if properties:
        body["properties"] = list(properties)
    if token:
        body["nextPageToken"] = token
    if reconcile:
        body["reconcileIssues"] = [int(number) for number in reconcile]
    return body


def comment(document: Json, properties: Sequence[EntityProperty] = ()) -> Json:
    """`POST /issue/{id}/comment`; properties are stored with the comment atomically."""
    body: dict[str, Json] = {"body": document}
    if properties:
        body["properties"] = list(properties)
    return body


def edit(fields: Fields) -> Json:
    """`PUT /issue/{id}`. A parent is taken away by `update`, the only form that does it; the two halves never share
    a field."""
    kept = {name: value for name, value in fields.items() if not (name == "parent" and value is None)}
    body: dict[str, Json] = {}
    if kept:
        body["fields"] = kept
    if len(kept) != len(fields):
        body["update"] = {"parent": [{"set": {"none": True}}]}
    return body


def issue_link(link_type: str, *, source_key: str, target_key: str) -> Json:
    """`POST /issueLink`, reading "source <outward> target".

    `inwardIssue` is the source end, whatever the names suggest: {Blocks, inwardIssue: A, outwardIssue: B} reads
    "A blocks B" (github.com/atlassian/atlassian-mcp-server/issues/112). The reference disagrees with itself about
    which side a comment would go to, so none is sent.
    """
    return {
        "type": {"name": link_type},
        "inwardIssue": {"key": source_key},
        "outwardIssue": {"key": target_key},
    }


def remote_link(*, global_id: str, url: str, title: str, relationship: str) -> Json:
    """`POST /issue/{id}/remotelink`; with `globalId` an upsert, and what is not sent becomes null."""
    body: dict[str, Json] = {"globalId": global_id, "object": {"url": url, "title": title or url}}
    if relationship:
        body["relationship"] = relationship
    return body


def transition(transition_id: str, fields: Mapping[str, Json] | None = None) -> Json:
    """`POST /issue/{id}/transitions`."""
    body: dict[str, Json] = {"transition": {"id": transition_id}}
    if fields:
        body["fields"] = dict(fields)
    return body


def bulk_transition(steps: Sequence[tuple[str, str]]) -> Json:
    """`POST /bulk/issues/transition` for (issue, transition) pairs; nobody is notified."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for issue, step in steps:
        groups[step].append(issue)
    inputs = [{"selectedIssueIdsOrKeys": issues, "transitionId": step} for step, issues in groups.items()]
    return {"bulkTransitionInputs": inputs, "sendBulkNotification": False}


def workflows_of(project_id: str, type_ids: Sequence[str]) -> Json:
    """`POST /workflows` by project and item type."""
    return {"projectAndIssueTypes": [{"projectId": project_id, "issueTypeId": type_id} for type_id in type_ids]}


def sprint(name: str, *, board: str, start: datetime | None, finish: datetime | None) -> Json:
    """`POST /rest/agile/1.0/sprint`; dates are UTC and only sent when known."""
    body: dict[str, Json] = {"name": fit_sprint_name(name), "originBoardId": int(board)}
    if start is not None:
        body["startDate"] = format_time(start)
    if finish is not None:
        body["endDate"] = format_time(finish)
    return body
