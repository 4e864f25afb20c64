"""Trackers as the parameters of a connector wish them: fewer items read, items written in the connector's own way.

What is written differently is read back in the canonical way, so that nothing above notices: a run's verification
and a synchronization compare titles and labels as they were meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from connectors.domain.errors import Refused
from connectors.domain.mapping import defaults
from connectors.domain.mapping.resolve import category_of
from connectors.domain.ports import (
    Created,
    DraftItem,
    ItemChanges,
    ItemFilter,
    SourceTracker,
    TargetItem,
    TargetTracker,
)
from connectors.domain.shapes import Named, SourceShape, TargetField, TargetShape, TargetType
from connectors.domain.wishes import Naming, Selection, Wishes
from connectors.domain.work_items import SourceMark, WorkItem

WINDOW = 200
LONGEST_TITLE = 255
_VERSIONS = "fixVersions"


def selecting(source: SourceTracker, *, selection: Selection, ignored_label: str = "") -> SourceTracker:
    """The source with only the items of the selection, and without those that carry the ignored label."""
    if not selection and not ignored_label:
        return source
    return cast(SourceTracker, _SelectingSource(source, selection, ignored_label))


def writing(target: TargetTracker, wishes: Wishes) -> TargetTracker:
    """The target that writes as wished."""
    return cast(TargetTracker, _WishedTarget(target, wishes)) if wishes.concerns_writing else target


class _SelectingSource:
    """Everything but the listing is the source's own."""

    def __init__(self, source: SourceTracker, selection: Selection, ignored_label: str) -> None:
        self._source = source
        self._selection = selection
        self._ignored = ignored_label

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def list_ids(self, selection: ItemFilter) -> Iterator[list[str]]:
        """As the source lists them, read to be judged: one more request per 200 items of a filtered run."""
        shape = self._source.describe()
        for page in self._source.list_ids(selection):
            taken = [item.id for items in self._read(page) for item in items if self._takes(item, shape)]
            if taken:
                yield taken

    def _read(self, page: Sequence[str]) -> Iterator[list[WorkItem]]:
        for start in range(0, len(page), WINDOW):
            yield self._source.read_items(page[start : start + WINDOW])

    def _takes(self, item: WorkItem, shape: SourceShape) -> bool:
        if self._ignored and self._ignored in {tag.casefold() for tag in item.tags}:
            return False
        return not self._selection or self._selection.takes(item, category_of(shape, item.type, item.state))


class _WishedTarget:
    """Everything else is the target's own."""

    def __init__(self, target: TargetTracker, wishes: Wishes) -> None:
        self._target = target
        self._wishes = wishes
        self._shape: TargetShape | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def describe(self) -> TargetShape:
        """The shape with the wished priorities under the names that the maps look for.

        Raises Refused (PRIORITY_UNKNOWN) for a name that the project does not have: before the first write.
        """
        shape = self._target.describe()
        self._shape = shape
        if not self._wishes.priorities or not shape.priorities:
            return shape
        return replace(shape, priorities=self._renamed(shape))

    def create_items(self, drafts: Sequence[DraftItem]) -> list[Created | Refused]:
        """A draft that cannot be written as wished is refused by itself; the others are created."""
        wished = [self._wished_or_refused(draft) for draft in drafts]
        sent = [draft for draft in wished if isinstance(draft, DraftItem)]
        answers = iter(self._target.create_items(sent) if sent else [])
        return [draft if isinstance(draft, Refused) else next(answers) for draft in wished]

    def preview(self, draft: DraftItem) -> dict[str, Any]:
        return self._target.preview(self._wished(draft))

    def after_create(self, draft: DraftItem) -> ItemChanges | None:
        return self._target.after_create(self._wished(draft))

    def edit_item(self, item_id: str, changes: ItemChanges) -> None:
        """A new title is written in the format, which needs the item's mark; labels keep the connector's own."""
        if changes.title is not None and self._wishes.title_format:
            found = self._target.read_items([item_id])
            mark = found[0].mark if found else None
            changes = replace(changes, title=self._title(changes.title, mark))
        if changes.labels is not None:
            changes = replace(changes, labels=self._labelled(changes.labels))
        self._target.edit_item(item_id, changes)

    def read_items(self, keys: Sequence[str], *, fields: Sequence[str] = ()) -> list[TargetItem]:
        return [self._plain(item) for item in self._target.read_items(keys, fields=fields)]

    def _wished_or_refused(self, draft: DraftItem) -> DraftItem | Refused:
        try:
            return self._wished(draft)
        except Refused as refusal:
            return refusal

    def _wished(self, draft: DraftItem) -> DraftItem:
        fields = {**self._fields(draft), **draft.fields}
        return replace(
            draft, title=self._title(draft.title, draft.mark), labels=self._labelled(draft.labels), fields=fields
        )

    def _title(self, title: str, mark: SourceMark | None) -> str:
        """A title that has no room for the format, or an item without a mark, stays as it is."""
        if mark is None:
            return title
        written = self._wishes.title(title, item=mark.id, naming=_naming(mark))
        return written if len(written) <= LONGEST_TITLE else title

    def _labelled(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*labels, *self._wishes.labels)))

    def _plain(self, item: TargetItem) -> TargetItem:
        if item.mark is None:
            return item
        title = self._wishes.plain_title(item.title, item=item.mark.id, naming=_naming(item.mark))
        labels = tuple(label for label in item.labels if label not in self._wishes.labels)
        return replace(item, title=title, labels=labels)

    def _fields(self, draft: DraftItem) -> dict[str, Any]:
        """The wished fields that the draft's type has, by id, in the field's own shape."""
        values = self._wishes.field_values(_naming(draft.mark))
        if not values and not self._wishes.version:
            return {}
        kind = self._type(draft.type_id)
        by_name = {name: field for field in kind.fields.values() for name in (field.id, field.name.casefold())}
        found: dict[str, Any] = {}
        for name, text in values.items():
            field = by_name.get(name) or by_name.get(name.casefold())
            if field is None:
                raise Refused(f"The type {kind.name} has no field {name}", code="FIELD_UNKNOWN")
            found[field.id] = _shaped(field, text)
        if self._wishes.version:
            found[_VERSIONS] = [{"name": self._wishes.version}]
        return found

    def _type(self, type_id: str) -> TargetType:
        shape = self._shape or self.describe()
        return next((each for each in shape.types if each.id == type_id), TargetType(type_id, type_id, 0))

    def _renamed(self, shape: TargetShape) -> tuple[Named, ...]:
        by_name = {priority.name.casefold(): priority.id for priority in shape.priorities}
        wanted = {number: self._wishes.priority_name(number) for number in defaults.PRIORITIES}
        if unknown := sorted({name for name in wanted.values() if name.casefold() not in by_name}):
            offered = ", ".join(priority.name for priority in shape.priorities)
            raise Refused(
                f"The connector maps priorities to {', '.join(unknown)}, which the project does not have "
                f"(it has {offered}). Change alm_priority_map.",
                code="PRIORITY_UNKNOWN",
            )
        return tuple(
            Named(by_name[wanted[number].casefold()], names[0]) for number, names in defaults.PRIORITIES.items()
        )


def _naming(mark: SourceMark) -> Naming:
    return Naming(application=mark.organization, project=mark.project)


def _shaped(field: TargetField, text: str) -> Any:
    """A text as the field takes it.

    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post
    """
    if field.kind == "number":
        try:
            return float(text)
        except ValueError:
            raise Refused(f"{field.name} takes a number, not {text!r}", code="FIELD_REFUSED") from None
    if field.allowed:
        chosen = next((value for value, name in field.allowed if text.casefold() in (name.casefold(), value)), None)
        if chosen is None:
            raise Refused(f"{field.name} does not offer {text!r}", code="FIELD_REFUSED")
        return [{"id": chosen}] if field.kind == "array" else {"id": chosen}
    if field.kind == "array":
        return [text]
    if field.custom.endswith(":textarea"):
        return _paragraph(text)
    return text


def _paragraph(text: str) -> Mapping[str, Any]:
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }
