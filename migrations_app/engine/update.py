"""Decides what an incremental run changes of an item it or an earlier run made. Pure."""

from __future__ import annotations

from connectors.domain.ports import ItemChanges, TargetItem
from connectors.domain.richtext.references import ImageRef
from connectors.domain.work_items import WorkItem
from migrations_app.engine.base import Base, base_of_draft, changed_parts, digest_of_body, edited_parts
from migrations_app.engine.compose import MediaOf, compose_body, compose_item
from migrations_app.engine.ports import PlanItem
from migrations_app.engine.scene import Scene


class Updater:
    """Three-way per part: what we wrote, what the target shows now, what the source says now.

    `kept` are parts that both sides changed: people's edits win and are reported. `written` are the digests of what
    the changes will have written.
    """

    def __init__(self, scene: Scene, plan: PlanItem, item: WorkItem, base: Base, found: TargetItem) -> None:
        self._scene, self._item = scene, item
        self._composed = compose_item(item, plan, scene)
        parent = scene.key_of(plan.parent) if plan.parent else None
        wanted = base_of_draft(self._composed.draft, status=self._composed.status, parent=parent)
        wanted["body"] = base.get("body", "")
        edited = edited_parts(base, found)
        if found.parent_key is None and plan.parent in scene.checkpoint.get("recreated", ()):
            edited -= {"parent"}  # it went with the deleted issue; nobody took it off
        self._body_edited = "body" in edited
        self._base_body = base.get("body", "")
        changed = changed_parts(base, wanted)
        self.kept = set(changed & edited)
        self._changed = changed - edited
        self.written: Base = {name: wanted[name] for name in self._changed}

    @property
    def status(self) -> str:
        """The status to bring the item to, empty when it stays."""
        return self._composed.status if "status" in self._changed else ""

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """What the new description shows."""
        return self._composed.body.images

    def changes(self, media: MediaOf) -> ItemChanges | None:
        """The edit to make, None when nothing of what an edit can change has changed."""
        draft = self._composed.draft
        body = compose_body(self._item, self._scene, media=media).document
        body_changed = digest_of_body(body) != self._base_body
        if body_changed and self._body_edited:
            self.kept.add("body")
        elif body_changed:
            self.written["body"] = digest_of_body(body)
        fields = {name: value for name, value in draft.fields.items() if name in self._changed}
        changes = ItemChanges(
            title=draft.title if "title" in self._changed else None,
            body=body if body_changed and not self._body_edited else None,
            labels=draft.labels if "labels" in self._changed else None,
            components=draft.components if "components" in self._changed else None,
            priority_id=draft.priority_id if "priority" in self._changed else None,
            assignee_id=draft.assignee_id if "assignee" in self._changed else None,
            parent_id=draft.parent_id if "parent" in self._changed else None,
            fields=fields,
        )
        return changes if changes != ItemChanges() else None
