"""Reading request bodies: JSON objects with known members, and the operations of an issue edit."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from sandbox.http import NotJson, Request
from sandbox.jira import errors
from sandbox.jira.errors import FieldFault, refuse, refuse_fields, refuse_payload
from sandbox.jira.field_reading import WriteContext, read_value
from sandbox.jira.fields import LIST_KINDS
from sandbox.jira.models import Field, JsonObject
from sandbox.jira.records import Issue

PROPERTY_LIMIT = 32_768
PROPERTY_KEY_LIMIT = 255


def read_object(request: Request, members: Collection[str] | None = None) -> JsonObject:
    """The body as an object. Raises Refusal when unreadable or holding a member not defined."""
    try:
        body = request.json()
    except NotJson as error:
        raise refuse_payload(errors.BAD_JSON) from error
    if not isinstance(body, dict):
        raise refuse_payload()
    if members is not None:
        check_members(body, members)
    return body


def check_members(body: Mapping[str, object], members: Collection[str]) -> None:
    """Raises Refusal for a member the operation does not define."""
    if any(name not in members for name in body):
        raise refuse_payload()


def strings(body: Mapping[str, object], name: str) -> list[str]:
    """A list of texts (numbers are taken as texts). Raises Refusal when it is something else."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(
        isinstance(item, str | int) and not isinstance(item, bool) for item in value
    ):
        raise refuse_payload()
    return [str(item) for item in value]


def properties(raw: object) -> dict[str, object]:
    """The ``properties`` of a create. Raises Refusal."""
    if raw is None:
        return {}
    if not isinstance(raw, list):
        raise refuse_payload()
    read: dict[str, object] = {}
    for item in raw:
        if not isinstance(item, Mapping) or not isinstance(item.get("key"), str) or "value" not in item:
            raise refuse_payload()
        check_property(item["key"], item["value"])
        read[item["key"]] = item["value"]
    return read


def check_property(key: str, value: object) -> None:
    """Raises Refusal when a property is too big."""
    if not key or len(key) > PROPERTY_KEY_LIMIT:
        raise refuse(400, "The property key cannot be longer than 255 characters.")
    if len(json.dumps(value, separators=(",", ":"), ensure_ascii=False)) > PROPERTY_LIMIT:
        raise refuse(400, "The property value cannot be longer than 32768 characters.")


def field_operations(body: Mapping[str, object]) -> tuple[JsonObject, JsonObject]:
    """``fields`` and ``update``. Raises Refusal when a field is in both."""
    fields, update = body.get("fields"), body.get("update")
    if (fields is not None and not isinstance(fields, dict)) or (update is not None and not isinstance(update, dict)):
        raise refuse_payload()
    both = sorted(set(fields or {}) & set(update or {}))
    if both:
        text = "Field '{0}' cannot appear in both 'fields' and 'update'"
        raise refuse_fields({name: text.format(name) for name in both})
    return fields or {}, update or {}


def updated_value(context: WriteContext, entry: Field, operations: object, issue: Issue | None) -> object:
    """The value after ``update`` operations on one field. Raises FieldFault."""
    if not isinstance(operations, list):
        raise FieldFault("data was not an array")
    current = issue.values.get(entry.id) if issue is not None else None
    value: object = list(current) if isinstance(current, list) else current
    for operation in operations:
        if not isinstance(operation, Mapping) or len(operation) != 1:
            raise FieldFault("Each operation must be an object with one verb")
        [(verb, raw)] = operation.items()
        if verb == "set" or (verb == "edit" and entry.kind == "timetracking"):
            value = read_value(context, entry, raw)
        elif verb in ("add", "remove") and entry.kind in LIST_KINDS:
            value = _changed_list(context, entry, value, verb, raw)
        else:
            raise FieldFault(f"Unsupported operation: {verb}")
    return value


def _changed_list(context: WriteContext, entry: Field, value: object, verb: str, raw: object) -> object:
    items: list[object] = list(value) if isinstance(value, list) else []
    read = read_value(context, entry, [raw])
    for item in read if isinstance(read, list) else []:
        if verb == "remove" and item in items:
            items.remove(item)
        elif verb == "add" and item not in items:
            items.append(item)
    return sorted(map(str, items)) if entry.kind == "labels" else items
