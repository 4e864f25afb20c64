"""What a field may hold: types, lists, lengths, paths, states."""

from __future__ import annotations

import re

from sandbox.ado import errors
from sandbox.ado.dates import parse_date, stamp
from sandbox.ado.field_table import FieldDef
from sandbox.ado.model import Fields, ItemType, Person, Project, Value
from sandbox.ado.organization import Organization

TITLE_LIMIT = 255
STRING_LIMIT = 255
LONG_TEXT_LIMIT = 1_048_576
TAG_LIMIT = 100
TAG_LENGTH_LIMIT = 400

NAMES_OF_STATE_FIELDS = ("System.State", "System.Reason")
_NUMBER = re.compile(r"-?\d+(\.\d+)?$")
_COMMON = "Microsoft.VSTS.Common."


def coerce(org: Organization, definition: FieldDef, raw: object) -> Value:
    """The value to store for what was sent. Raises ApiError when it has the wrong type."""
    if definition.identity:
        return _identity(org, definition, raw)
    if definition.reference == "System.Tags":
        return normal_tags(str(raw))
    if definition.type == "boolean":
        return _boolean(definition, raw)
    if definition.type in ("integer", "double"):
        return _number(definition, raw)
    if definition.type == "dateTime":
        return _date(definition, raw)
    text = str(raw)
    limit = LONG_TEXT_LIMIT if definition.long_text else STRING_LIMIT
    if definition.type != "treePath" and len(text) > limit:
        raise errors.rule_broken(definition.name, definition.reference, "InvalidTooLong", "invalidTooLong")
    return text


def _identity(org: Organization, definition: FieldDef, raw: object) -> Person:
    person = org.people.find(raw)
    if person is None:
        raise errors.bad_request(
            f"The identity value '{raw}' for field '{definition.name}' is an unknown identity.",
            "UnknownIdentityException",
        )
    return person


def _wrong_type(definition: FieldDef) -> errors.ApiError:
    return errors.rule_broken(definition.name, definition.reference, "InvalidType", "invalidType")


def _boolean(definition: FieldDef, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if str(raw).lower() in ("true", "false", "1", "0"):
        return str(raw).lower() in ("true", "1")
    raise _wrong_type(definition)


def _number(definition: FieldDef, raw: object) -> int | float:
    if isinstance(raw, bool) or not (isinstance(raw, int | float) or _NUMBER.match(str(raw))):
        raise _wrong_type(definition)
    number = float(str(raw))
    if definition.type == "integer":
        if not number.is_integer():
            raise _wrong_type(definition)
        return int(number)
    return number


def _date(definition: FieldDef, raw: object) -> str:
    try:
        return stamp(parse_date(str(raw)))
    except ValueError as error:
        raise _wrong_type(definition) from error


def normal_tags(text: str) -> str:
    """Tags as the service keeps them: no repeats in any case, sorted, joined with a semicolon and a space."""
    kept: dict[str, str] = {}
    for tag in re.split(r"[;,]", text):
        name = tag.strip()
        if name:
            kept.setdefault(name.lower(), name)
    if len(kept) > TAG_LIMIT or any(len(tag) > TAG_LENGTH_LIMIT for tag in kept):
        raise errors.rule_broken("Tags", "System.Tags", "InvalidTags", "invalidTags")
    return "; ".join(sorted(kept.values(), key=str.lower))


def check(
    org: Organization, project: Project, item_type: ItemType, fields: Fields, old: Fields | None, *, item_id: int
) -> None:
    """All rules of the type that a change must keep. Raises ApiError for the first broken one."""
    check_title(fields)
    check_paths(project, fields, item_id)
    check_state(item_type, fields, str(old["System.State"]) if old else None)
    for name, value in fields.items():
        if old is not None and old.get(name) == value:
            continue
        definition = org.fields.by_reference.get(name)
        if definition and definition.allowed and value != "" and str(value) not in definition.allowed:
            raise errors.rule_broken(
                definition.name,
                name,
                "HasValues, LimitedToValues, AllowsOldValue, InvalidListValue",
                "hasValues, limitedToValues, allowsOldValue, invalidListValue",
            )


def check_title(fields: Fields) -> None:
    """A title is required and has a length; no permission to bypass rules changes that."""
    title = str(fields.get("System.Title", "")).strip()
    if not title:
        raise errors.rule_broken("Title", "System.Title", "Required, InvalidEmpty", "required, invalidEmpty")
    if len(str(fields["System.Title"])) > TITLE_LIMIT:
        raise errors.rule_broken("Title", "System.Title", "InvalidTooLong", "invalidTooLong")


def check_paths(project: Project, fields: Fields, item_id: int) -> None:
    """Area and iteration must exist; the stored text takes the case of the node."""
    for name, known in (
        ("System.AreaPath", project.area_paths),
        ("System.IterationPath", project.iteration_paths),
    ):
        path = str(fields.get(name, "")).strip("\\")
        node = known.get(path.lower())
        if node is None:
            raise errors.invalid_tree_name(item_id, name)
        fields[name] = node.field_path


def check_state(item_type: ItemType, fields: Fields, old: str | None) -> None:
    """A state must belong to the type and be one change away; a new item starts in the first state."""
    state = item_type.state(str(fields["System.State"]))
    if state is not None:
        fields["System.State"] = state.name
    known = old is None or item_type.state(old) is not None
    reachable = (item_type.initial.name,) if old is None else item_type.reachable(old)
    if state is None or (known and state.name not in reachable):
        flags = "hasValues, limitedToValues, allowsOldValue, invalidListValue"
        code = "HasValues, LimitedToValues, AllowsOldValue, InvalidListValue"
        raise errors.rule_broken("State", "System.State", code, flags)


def state_consequences(item_type: ItemType, fields: Fields, old: Fields | None, *, by: Person, when: str) -> None:
    """What the service sets itself when the state changes: reason and the dates and people of the change."""
    if old is not None and old.get("System.State") == fields.get("System.State"):
        return
    state = item_type.state(str(fields["System.State"]))
    if state is None:
        return
    if old is None or old.get("System.Reason") == fields.get("System.Reason"):
        fields["System.Reason"] = state.reason or f"Moved to state {state.name}"
    fields[_COMMON + "StateChangeDate"] = when
    stem = {"InProgress": "Activated", "Resolved": "Resolved", "Completed": "Closed"}.get(state.category)
    if stem is not None:
        fields[f"{_COMMON}{stem}Date"] = when
        fields[f"{_COMMON}{stem}By"] = by
    if state.category != "Completed":
        fields.pop(_COMMON + "ClosedDate", None)
        fields.pop(_COMMON + "ClosedBy", None)
