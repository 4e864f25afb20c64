"""The input of a bulk edit, which has shapes of its own, as an ordinary edit per issue.

Vendor page: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-bulk-operations/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.jira.bulk_tasks import bulk_refusal
from sandbox.jira.errors import refuse_payload
from sandbox.jira.models import JsonObject
from sandbox.jira.payload import strings
from sandbox.jira.records import Issue
from sandbox.jira.state import SiteState

MOST_FIELDS = 200


@dataclass
class BulkEdit:
    """Values to set, and lists to add to, take from, or replace."""

    values: dict[str, object] = field(default_factory=dict)
    lists: dict[str, tuple[str, list[object]]] = field(default_factory=dict)

    def body_for(self, _issue: Issue) -> JsonObject:
        """The edit of one issue."""
        update: dict[str, object] = {}
        for field_id, (verb, items) in self.lists.items():
            if verb in ("REPLACE", "REMOVE_ALL"):
                update[field_id] = [{"set": items if verb == "REPLACE" else []}]
            else:
                update[field_id] = [{verb.lower(): item} for item in items]
        return {"fields": dict(self.values), "update": update}


_ONE: Mapping[str, Callable[[JsonObject], object]] = {
    "clearableNumberFields": lambda raw: raw.get("value"),
    "singleLineTextFields": lambda raw: raw.get("text"),
    "urlFields": lambda raw: raw.get("url"),
    "datePickerFields": lambda raw: _inside(raw, "date").get("formattedDate"),
    "dateTimePickerFields": lambda raw: _inside(raw, "dateTime").get("formattedDateTime"),
    "richTextFields": lambda raw: _inside(raw, "richText").get("adfValue"),
    "singleSelectFields": lambda raw: {"id": str(_inside(raw, "option").get("optionId"))},
    "singleSelectClearableUserPickerFields": lambda raw: {"accountId": _inside(raw, "user").get("accountId")},
    "multipleSelectFields": lambda raw: [{"id": str(i.get("optionId"))} for i in _inner_list(raw, "options")],
}
_LISTS: Mapping[str, tuple[str, Callable[[JsonObject], object]]] = {
    "labelsFields": ("labels", lambda raw: raw.get("name")),
    "multipleVersionPickerFields": ("versions", lambda raw: {"id": str(raw.get("versionId"))}),
}


def read_bulk_edit(state: SiteState, body: JsonObject) -> BulkEdit:
    """The edit a body describes. Only fields named in ``selectedActions`` count. Raises Refusal."""
    actions = strings(body, "selectedActions")
    given = body.get("editedFieldsInput")
    if not actions or len(actions) > MOST_FIELDS or not isinstance(given, dict):
        raise bulk_refusal(400, "selectedActions and editedFieldsInput must be given.")
    unknown = [name for name in actions if name not in state.fields]
    if unknown:
        raise bulk_refusal(400, f"The field '{unknown[0]}' does not exist.")
    edit = BulkEdit()
    for name, raw in given.items():
        _read_one(edit, name, raw)
    for table in (edit.values, edit.lists):
        for field_id in [key for key in table if key not in actions]:
            del table[field_id]
    if not edit.values and not edit.lists:
        raise bulk_refusal(400, "No field of selectedActions has a value in editedFieldsInput.")
    return edit


def _read_one(edit: BulkEdit, name: str, raw: object) -> None:
    if name in _ONE:
        for item in _objects(raw):
            edit.values[_field_id(item)] = _ONE[name](item)
    elif name in _LISTS:
        member, convert = _LISTS[name]
        for item in _objects(raw):
            edit.lists[_field_id(item)] = (_verb(item), [convert(i) for i in _inner_list(item, member)])
    elif name == "multiselectComponents":
        item = _object(raw)
        ids = [{"id": str(i.get("componentId"))} for i in _inner_list(item, "components")]
        edit.lists["components"] = (_verb(item), list(ids))
    elif name == "priority":
        edit.values["priority"] = {"id": str(_object(raw).get("priorityId"))}
    elif name == "originalEstimateField":
        edit.values["timetracking"] = {"originalEstimate": _object(raw).get("originalEstimateField")}
    elif name == "issueType":
        edit.values["issuetype"] = {"id": str(_object(raw).get("issueTypeId"))}
    else:
        raise refuse_payload()


def _field_id(item: JsonObject) -> str:
    field_id = item.get("fieldId")
    if not isinstance(field_id, str):
        raise refuse_payload()
    return field_id


def _verb(item: JsonObject) -> str:
    verb = item.get("bulkEditMultiSelectFieldOption")
    if verb not in ("ADD", "REMOVE", "REPLACE", "REMOVE_ALL"):
        raise refuse_payload()
    return str(verb)


def _object(raw: object) -> JsonObject:
    if not isinstance(raw, dict):
        raise refuse_payload()
    return raw


def _objects(raw: object) -> list[JsonObject]:
    if not isinstance(raw, list):
        raise refuse_payload()
    return [_object(item) for item in raw]


def _inside(raw: JsonObject, name: str) -> JsonObject:
    return _object(raw.get(name) or {})


def _inner_list(raw: JsonObject, name: str) -> list[JsonObject]:
    return _objects(raw.get(name) or [])
