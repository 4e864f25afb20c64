"""Reading and writing the items of an Azure DevOps project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.clients.azure_devops.answers import Code
from connectors.clients.azure_devops.values import Json, as_int, as_list, as_object, as_text, read_moment
from connectors.clients.azure_devops.wire.writing import add_relation, set_field
from connectors.domain.errors import Missing, Refused
from connectors.domain.sides import STATE, SideDraft, SideItem, Value, ValueKind
from connectors.trackers.azure_relations import HYPERLINK
from connectors.trackers.sides.azure_devops_marks import NOTE, mark_address, mark_of
from connectors.trackers.sides.azure_devops_project import AzureDevOpsProject
from connectors.trackers.sides.azure_devops_relations import (
    PARENT,
    item_address,
    read_files,
    read_links,
    read_parent,
)
from connectors.trackers.sides.azure_devops_shape import AzureField
from connectors.trackers.sides.azure_devops_values import identity_id, operations, read_values
from connectors.trackers.sides.state_paths import shortest_path

STATE_UNREACHABLE = "STATE_UNREACHABLE"
_SLACK = timedelta(minutes=5)
"""How far our clock and the service's may be apart when a mark is looked for."""
_NEVER = datetime.fromtimestamp(0, UTC)
_AT_ONCE = 200


class ItemAccess(AzureDevOpsProject):
    """See `connectors.domain.sides.Side` for what each verb promises."""

    # reading

    def read(self, keys: Sequence[str]) -> list[SideItem]:
        found = {as_text(raw.get("id")): raw for raw in self._raw_items(keys)}
        return [self._item(found[key]) for key in dict.fromkeys(keys) if key in found]

    def _raw_items(self, keys: Iterable[str]) -> list[Json]:
        numbers = [int(key) for key in dict.fromkeys(keys) if key.isascii() and key.isdigit()]
        found: list[Json] = []
        for start in range(0, len(numbers), _AT_ONCE):
            found += self.client.read_items(self.project, numbers[start : start + _AT_ONCE])
        for raw in found:
            self.remember(raw)
        return found

    def raw_item(self, key: str) -> Json:
        """One item as it is answered. Raises Missing."""
        found = self._raw_items([key])
        if not found:
            raise Missing(f"Work item {key} does not exist or is hidden", code=Code.ITEM_NOT_FOUND, status=404)
        return found[0]

    def _item(self, raw: Json) -> SideItem:
        fields = as_object(raw.get("fields"))
        relations = [as_object(entry) for entry in as_list(raw.get("relations"))]
        return SideItem(
            key=as_text(raw.get("id")),
            version=as_text(raw.get("rev")),
            type=as_text(fields.get("System.WorkItemType")),
            changed=read_moment(fields.get("System.ChangedDate")) or _NEVER,
            changed_by=identity_id(fields.get("System.ChangedBy")) or "",
            values=read_values(raw, self.fields(), base_url=self.client.base_url),
            parent=read_parent(raw),
            links=read_links(raw),
            files=read_files(raw, base_url=self.client.base_url),
            comment_count=as_int(fields.get("System.CommentCount")) or 0,
            mark=mark_of(relations),
        )

    # creating

    def create(self, draft: SideDraft) -> str:
        """Fields, parent and mark in one request. A text given in Markdown makes its field a Markdown one."""
        values = {name: value for name, value in draft.values.items() if value not in (None, [])}
        markdown = {field.reference: "markdown" for field in self.fields() if _is_markdown(field, values)}
        made = operations(values, self._by_id(), formats=markdown, person=self.person_text)
        made.append(add_relation(HYPERLINK, mark_address(draft.mark), comment=NOTE))
        if draft.parent is not None:
            made.append(add_relation(PARENT, item_address(draft.parent, base_url=self.client.base_url)))
        raw = self.client.create_item(self.project, draft.type, made)
        self.remember(raw)
        return as_text(raw.get("id"))

    def find_mark(self, mark: str, *, since: datetime) -> str | None:
        """Among what queries know to be made since, then by id among the latest: a query may not know an item yet."""
        made = self.client.marked_items(self.project, since - _SLACK)
        found = self._marked(mark, made)
        if found is not None:
            return found
        latest = self.client.newest_items(since - _SLACK)
        highest = max(latest, default=0) or self.client.highest_item(self.project)
        lowest = min(latest, default=highest + 1)
        return self._marked(mark, sorted(set(range(lowest, highest + _AT_ONCE + 1)) - set(made)))

    def _marked(self, mark: str, numbers: Sequence[int]) -> str | None:
        for start in range(0, len(numbers), _AT_ONCE):
            for raw in self._raw_items(map(str, numbers[start : start + _AT_ONCE])):
                if mark_of([as_object(entry) for entry in as_list(raw.get("relations"))]) == mark:
                    return as_text(raw.get("id"))
        return None

    # writing

    def write(self, key: str, values: Mapping[str, Value]) -> None:
        """All in one patch. Raises Refused with the service's words by field."""
        if not values:
            return
        made = operations(values, self._by_id(), formats=self._formats_of(key, values), person=self.person_text)
        self.remember(self.client.update_item(self.project, number_of(key), made))

    def _formats_of(self, key: str, values: Mapping[str, Value]) -> Mapping[str, str]:
        """How the texts that are written are stored; an item that was not read lately is read."""
        known = self.formats_known(key)
        if known is not None or not any(isinstance(value, dict) for value in values.values()):
            return known or {}
        self.raw_item(key)
        return self.formats_known(key) or {}

    def _by_id(self) -> dict[str, AzureField]:
        return {field.id: field for field in self.fields()}

    # states

    def move(self, key: str, state: str, *, force: bool = False) -> None:
        """Along the type's own table of changes. `force` changes nothing: there are no screens here."""
        fields = as_object(self.raw_item(key).get("fields"))
        here, kind = as_text(fields.get("System.State")), as_text(fields.get("System.WorkItemType"))
        if here.casefold() == state.casefold():
            return
        for step in self._steps(kind, here, state):
            try:
                self.client.update_item(self.project, number_of(key), [set_field("System.State", step)])
            except Refused as refused:
                if isinstance(refused, Missing):
                    raise
                words = f"{kind} {key} cannot go to {step}: {refused.message}"
                raise Refused(words, code=STATE_UNREACHABLE, status=refused.status, fields=refused.fields) from None

    def _steps(self, kind: str, here: str, state: str) -> Sequence[str]:
        """The states to go through. Raises Refused (STATE_UNREACHABLE)."""
        entry = next((each for each in self.types() if as_text(each.get("name")) == kind), {})
        states = [as_text(as_object(each).get("name")) for each in as_list(entry.get("states"))]
        known = next((each for each in states if each.casefold() == state.casefold()), None)
        if known is None:
            words = f"{kind} has no state {state}"
            raise Refused(words, code=STATE_UNREACHABLE, fields={STATE: words})
        table = {
            name: tuple(as_text(as_object(step).get("to")) for step in as_list(steps))
            for name, steps in as_object(entry.get("transitions")).items()
        }
        if here not in table:
            return (known,)
        steps = shortest_path(table, here, known)
        if steps is None:
            words = f"{kind} has no way from {here} to {known}"
            raise Refused(words, code=STATE_UNREACHABLE, fields={STATE: words})
        return steps


def _is_markdown(field: AzureField, values: Mapping[str, Value]) -> bool:
    value = values.get(field.id)
    return field.kind is ValueKind.RICH and isinstance(value, dict) and value.get("markup") == "markdown"


def number_of(key: str) -> int:
    """Raises Missing for a key that cannot be an id."""
    if not (key.isascii() and key.isdigit()):
        raise Missing(f"{key!r} is no work item id", code=Code.ITEM_NOT_FOUND, status=404)
    return int(key)
