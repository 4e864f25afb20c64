"""From decided drafts to the fields of a create or an edit. Pure: the same draft always becomes the same body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.clients.jira.wire.payloads import CreateBody, Fields
from connectors.domain.ports import DraftItem, ItemChanges
from connectors.domain.shapes import TargetShape
from connectors.trackers.jira.marks import item_mark

_ALWAYS = frozenset({"project", "issuetype", "summary", "parent"})
"""Taken by every create, whatever its screen lists."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What bodies depend on besides the draft: ids that differ per site, and what each create screen shows."""

    project_id: str
    sprint_field: str = ""
    on_screen: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def takes(self, type_id: str, field_id: str) -> bool:
        """Whether a create of this type takes a field. A type whose screen is not known takes everything."""
        screen = self.on_screen.get(type_id)
        return field_id in _ALWAYS or not screen or field_id in screen


def layout_of(shape: TargetShape) -> Layout:
    """The layout of a project's shape."""
    screens = {kind.id: frozenset(kind.fields) for kind in shape.types}
    return Layout(project_id=shape.project_id, sprint_field=shape.sprint_field, on_screen=screens)


def create_body(draft: DraftItem, layout: Layout) -> CreateBody:
    """The element of `issueUpdates` for a draft, mark included.

    Left out is what the create screen does not show: Jira silently drops a description that is off-screen and
    refuses the whole issue for any other field. `after_create` holds exactly the rest.
    """
    wanted = draft_fields(draft, layout)
    fields = {name: value for name, value in wanted.items() if layout.takes(draft.type_id, name)}
    body: CreateBody = {"fields": fields, "properties": [item_mark(draft.mark)]}
    if draft.transition is not None:
        body["transition"] = {"id": draft.transition}
    return body


def after_create(draft: DraftItem, layout: Layout) -> ItemChanges | None:
    """What `create_body` leaves out, as an edit: editing does not look at the create screen."""
    wanted = draft_fields(draft, layout)
    left = {name: value for name, value in wanted.items() if not layout.takes(draft.type_id, name)}
    return ItemChanges(fields=left) if left else None


def draft_fields(draft: DraftItem, layout: Layout) -> Fields:
    """Every field a draft sets, in Jira's value shapes. What a draft leaves empty is not sent at all, so that the
    project's defaults apply."""
    fields: Fields = {
        "project": {"id": layout.project_id},
        "issuetype": {"id": draft.type_id},
        "summary": draft.title,
    }
    if draft.body is not None:
        fields["description"] = draft.body
    if draft.parent_id is not None:
        fields["parent"] = {"id": draft.parent_id}
    if draft.labels:
        fields["labels"] = list(draft.labels)
    if draft.components:
        fields["components"] = [{"id": component} for component in draft.components]
    if draft.priority_id is not None:
        fields["priority"] = {"id": draft.priority_id}
    if draft.assignee_id is not None:
        fields["assignee"] = {"accountId": draft.assignee_id}
    if draft.reporter_id is not None:
        fields["reporter"] = {"accountId": draft.reporter_id}
    if draft.sprint_id is not None and layout.sprint_field:
        fields[layout.sprint_field] = int(draft.sprint_id)
    fields.update(draft.fields)
    return fields


def edit_fields(changes: ItemChanges) -> Fields:
    """The fields of an edit. Empty when there is nothing to change."""
    fields: Fields = {}
    if changes.title is not None:
        fields["summary"] = changes.title
    if changes.body is not None:
        fields["description"] = changes.body
    if changes.labels is not None:
        fields["labels"] = list(changes.labels)
    if changes.components is not None:
        fields["components"] = [{"id": component} for component in changes.components]
    if changes.priority_id is not None:
        fields["priority"] = {"id": changes.priority_id}
    if changes.assignee_id is not None:
        fields["assignee"] = {"accountId": changes.assignee_id}
    if changes.parent_id is not None:
        fields["parent"] = {"id": changes.parent_id}
    fields.update(changes.fields)
    return fields
