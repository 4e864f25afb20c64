"""From decided drafts to the bodies of a create or an edit. Pure: the same draft always becomes the same body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.clients.github.wire.payloads import Issue, NewIssue
from connectors.clients.github.wire.values import label_names
from connectors.domain.ports import DraftItem, ItemChanges
from connectors.trackers.github.marks import Body, join_body, split_body
from connectors.trackers.github.target_shape import VERSIONS
from connectors.trackers.github.texts import fitting, markdown_of
from connectors.trackers.github.vocabulary import distinct, sort_labels, type_label

SUB_ISSUE_OF = "sub_issue_of"
"""The field by which an edit puts an issue below its parent: a create cannot."""
OPENS_ONLY = "GitHub opens every issue; it is closed afterwards."


def create_body(draft: DraftItem) -> NewIssue:
    """The body of a create, mark included. Raises Refused (TEXT_TOO_LONG) naming the description."""
    whole = join_body(Body(markdown_of(draft.body), mark=draft.mark))
    kind, _, name = draft.type_id.partition("/")
    labels = [type_label(name)] if kind == "label" else []
    labels += [*draft.labels, *filter(None, [draft.priority_id]), *draft.components]
    body: NewIssue = {"title": draft.title, "body": fitting(whole, field="description"), "labels": distinct(labels)}
    if kind == "type":
        body["type"] = name
    if draft.assignee_id is not None:
        body["assignees"] = [draft.assignee_id]
    milestone = draft.sprint_id or _version(draft.fields)
    if milestone is not None:
        body["milestone"] = int(milestone)
    return body


def after_create(draft: DraftItem) -> ItemChanges | None:
    """What a create cannot set."""
    return ItemChanges(fields={SUB_ISSUE_OF: draft.parent_id}) if draft.parent_id is not None else None


def edit_body(changes: ItemChanges, issue: Issue) -> NewIssue:
    """The body of an edit of an issue as it stands: lists are replaced whole, and the end of the text is ours.

    Raises Refused (TEXT_TOO_LONG) naming the description.
    """
    body: NewIssue = {}
    if changes.title is not None:
        body["title"] = changes.title
    if changes.body is not None:
        standing = split_body(issue.get("body"))
        whole = Body(markdown_of(changes.body), standing.links, standing.remote_links, standing.mark)
        body["body"] = fitting(join_body(whole), field="description")
    labels = _edited_labels(changes, label_names(issue.get("labels") or ()))
    if labels is not None:
        body["labels"] = labels
    if changes.assignee_id is not None:
        body["assignees"] = [changes.assignee_id]
    milestone = _version(changes.fields)
    if milestone is not None:
        body["milestone"] = int(milestone)
    return body


def _edited_labels(changes: ItemChanges, standing: Iterable[str]) -> list[str] | None:
    if changes.labels is None and changes.components is None and changes.priority_id is None:
        return None
    now = sort_labels(standing)
    others = now.others if changes.labels is None else changes.labels
    areas = now.areas if changes.components is None else changes.components
    priorities = now.priorities if changes.priority_id is None else (changes.priority_id,)
    return distinct([*now.types, *others, *priorities, *areas])


def _version(fields: Mapping[str, Any]) -> str | None:
    """The milestone among versions: an issue has one, so the first counts."""
    versions = fields.get(VERSIONS) or ()
    return next((str(version["id"]) for version in versions if "id" in version), None)
