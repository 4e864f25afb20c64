"""From what a caller sends to the value a field holds, or the refusal the service gives.

Each reader raises FieldFault with the text that goes under the field's key in ``errors``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.jira import adf, errors
from sandbox.jira.durations import is_calendar_date, parse_estimate, parse_stamp
from sandbox.jira.errors import FieldFault
from sandbox.jira.models import (
    Component,
    Context,
    Field,
    IssueType,
    JsonObject,
    Named,
    Option,
    Project,
    Sprint,
    SprintState,
    Version,
)
from sandbox.jira.records import Issue
from sandbox.jira.state import SiteState

SUMMARY_LIMIT = 255
TEXT_FIELD_LIMIT = 255


@dataclass(frozen=True)
class WriteContext:
    """Where a value is about to be written. ``text_bodies``: version 2, where rich text is plain."""

    state: SiteState
    project: Project
    type: IssueType
    text_bodies: bool = False

    def options(self, field: Field) -> Context | None:
        """The context of a field here."""
        return field.context_for(self.project.id, self.type.id)


def read_value(context: WriteContext, field: Field, raw: object) -> object:
    """The value of a field. Raises FieldFault."""
    reader = _READERS.get(field.kind)
    if reader is None:
        raise FieldFault(errors.cannot_be_set(field.id))
    if raw is None and field.kind != "summary":
        return None
    return reader(context, field, raw)


def read_rich_text(raw: object, *, text_bodies: bool, fault: str) -> JsonObject | None:
    """A document within the text limit. Raises FieldFault with ``fault`` when it is not one."""
    if text_bodies:
        if not isinstance(raw, str):
            raise FieldFault("Operation value must be a string")
        if len(raw) > adf.TEXT_LIMIT:
            raise FieldFault(errors.TOO_LONG)
        return adf.from_plain_text(raw) if raw.strip() else None
    if not isinstance(raw, dict) or adf.document_fault(raw) is not None:
        raise FieldFault(fault)
    if adf.text_length(raw) > adf.TEXT_LIMIT:
        raise FieldFault(errors.TOO_LONG)
    return adf.stored_form(raw)


def _summary(_context: WriteContext, _field: Field, raw: object) -> object:
    if raw is None:
        raise FieldFault(errors.NO_SUMMARY)
    if not isinstance(raw, str):
        raise FieldFault("Operation value must be a string")
    text = raw.strip()
    if not text:
        raise FieldFault(errors.NO_SUMMARY)
    if "\n" in text or "\r" in text:
        raise FieldFault(errors.SUMMARY_LINES)
    if len(text) > SUMMARY_LIMIT:
        raise FieldFault(errors.LONG_SUMMARY)
    return text


def _rich_text(context: WriteContext, _field: Field, raw: object) -> object:
    return read_rich_text(raw, text_bodies=context.text_bodies, fault=errors.NOT_A_DOCUMENT)


def _text(_context: WriteContext, _field: Field, raw: object) -> object:
    if not isinstance(raw, str):
        raise FieldFault("Operation value must be a string")
    if len(raw) > TEXT_FIELD_LIMIT:
        raise FieldFault("The entered text is too long. It exceeds the allowed limit of 255 characters.")
    return raw or None


def _url(_context: WriteContext, _field: Field, raw: object) -> object:
    if not isinstance(raw, str):
        raise FieldFault("Operation value must be a string")
    if not raw.startswith(("http://", "https://", "ftp://", "mailto:")) or " " in raw:
        raise FieldFault("Not a valid URL")
    return raw


def _number(_context: WriteContext, _field: Field, raw: object) -> object:
    if not isinstance(raw, int | float) or isinstance(raw, bool):
        raise FieldFault("Operation value must be a number")
    if abs(raw) > 1e14:
        raise FieldFault("The entered number is too large")
    return float(raw)


def _date(_context: WriteContext, _field: Field, raw: object) -> object:
    if not isinstance(raw, str) or not is_calendar_date(raw):
        raise FieldFault("Error parsing date string: " + str(raw))
    return raw


def _datetime(_context: WriteContext, _field: Field, raw: object) -> object:
    moment = parse_stamp(raw) if isinstance(raw, str) else None
    if moment is None:
        raise FieldFault("Error parsing date string: " + str(raw))
    return moment


def _user(context: WriteContext, field: Field, raw: object) -> object:
    if not isinstance(raw, Mapping):
        raise FieldFault(errors.BAD_VALUE)
    account = raw.get("accountId", raw.get("id"))
    if account is None:
        return None
    user = context.state.users.get(str(account))
    if user is None:
        raise FieldFault("Specify a valid user" if field.id != "reporter" else "The reporter specified is not a user.")
    if field.id == "assignee" and not (user.active and user.assignable):
        raise FieldFault(f"User '{user.account_id}' cannot be assigned issues.")
    if field.id == "reporter" and not user.active:
        raise FieldFault("The reporter specified is not a user.")
    return user


def _users(context: WriteContext, field: Field, raw: object) -> object:
    return [_user(context, field, item) for item in _list(raw)]


def _list(raw: object) -> list[object]:
    if not isinstance(raw, list):
        raise FieldFault("data was not an array")
    return raw


def _labels(_context: WriteContext, _field: Field, raw: object) -> object:
    labels: list[str] = []
    for item in _list(raw):
        if not isinstance(item, str):
            raise FieldFault("string expected at index 0")
        if any(character.isspace() for character in item):
            raise FieldFault(f"The label '{item}' contains spaces which is invalid.")
        if len(item) > 255:
            raise FieldFault(f"The label '{item}' exceeds the maximum length of 255 characters.")
        if item and item not in labels:
            labels.append(item)
    return sorted(labels)


def _named(table: Mapping[str, Named], field: Field, raw: object) -> object:
    if not isinstance(raw, Mapping):
        raise FieldFault(f"Specify a valid 'id' or 'name' for {field.name}")
    found = table.get(str(raw["id"])) if "id" in raw else None
    if found is None and "name" in raw:
        found = next((entry for entry in table.values() if entry.name == raw["name"]), None)
    if found is None:
        raise FieldFault(f"Specify a valid 'id' or 'name' for {field.name}")
    return found


def _priority(context: WriteContext, field: Field, raw: object) -> object:
    return _named(context.state.priorities, field, raw)


def _resolution(context: WriteContext, field: Field, raw: object) -> object:
    return _named(context.state.resolutions, field, raw)


def _components(context: WriteContext, _field: Field, raw: object) -> object:
    return [_part(context.project.components, "Component", item) for item in _list(raw)]


def _versions(context: WriteContext, _field: Field, raw: object) -> object:
    return [_one_version(context, item) for item in _list(raw)]


def _version(context: WriteContext, _field: Field, raw: object) -> object:
    return _one_version(context, raw)


def _one_version(context: WriteContext, raw: object) -> object:
    version = _part(context.project.versions, "Version", raw)
    if isinstance(version, Version) and version.archived:
        raise FieldFault(f"Version '{version.name}' is archived and cannot be assigned.")
    return version


def _part(parts: list[Component] | list[Version], what: str, raw: object) -> Component | Version:
    if not isinstance(raw, Mapping):
        raise FieldFault("expected Object")
    for part in parts:
        if ("id" in raw and part.id == str(raw["id"])) or ("id" not in raw and part.name == raw.get("name")):
            return part
    if "id" in raw:
        raise FieldFault(f"{what} id '{raw['id']}' is not valid")
    raise FieldFault(f"{what} name '{raw.get('name')}' is not valid")


def _select(context: WriteContext, field: Field, raw: object) -> object:
    return _option(context, field, raw, parent=None)


def _multiselect(context: WriteContext, field: Field, raw: object) -> object:
    return [_option(context, field, item, parent=None) for item in _list(raw)]


def _cascade(context: WriteContext, field: Field, raw: object) -> object:
    top = _option(context, field, raw, parent=None)
    child = raw.get("child") if isinstance(raw, Mapping) else None
    return (top, None if child is None else _option(context, field, child, parent=top))


def _option(context: WriteContext, field: Field, raw: object, *, parent: Option | None) -> Option:
    if not isinstance(raw, Mapping) or not ("id" in raw or "value" in raw):
        raise FieldFault(f"Specify a valid 'id' or 'name' for {field.name}")
    where = context.options(field)
    for option in where.options.values() if where else ():
        if option.parent is not parent or option.disabled:
            continue
        if ("id" in raw and option.id == str(raw["id"])) or ("id" not in raw and option.value == raw["value"]):
            return option
    if "id" in raw:
        raise FieldFault(f"Option id '{raw['id']}' is not valid")
    raise FieldFault(f"Option value '{raw['value']}' is not valid")


def _sprint(context: WriteContext, _field: Field, raw: object) -> object:
    number = int(raw) if isinstance(raw, str) and raw.isdigit() else raw
    if not isinstance(number, int) or isinstance(number, bool):
        raise FieldFault("Number value expected as the Sprint id.")
    sprint = context.state.sprints.get(number)
    if sprint is None:
        raise FieldFault(f"Sprint with ID '{number}' does not exist or you do not have permission to view it.")
    return check_sprint(sprint, context.type)


def check_sprint(sprint: Sprint, issue_type: IssueType) -> Sprint:
    """Sprints take standard issues while they are open. Raises FieldFault."""
    if sprint.state is SprintState.CLOSED:
        raise FieldFault("Issues can be assigned to active or future sprints only.")
    if issue_type.level < 0:
        raise FieldFault(
            "Sub-tasks cannot be associated to a sprint. It's associated to the same sprint as its parent."
        )
    return sprint


def _issue_reference(context: WriteContext, _field: Field, raw: object) -> object:
    """Parent and epic link: the issue named; whether it may be one is decided with the hierarchy."""
    key: object = raw
    if isinstance(raw, Mapping):
        key = raw.get("id", raw.get("key"))
    issue: Issue | None = context.state.issue(str(key)) if key is not None else None
    if issue is None:
        raise FieldFault(errors.BAD_PARENT)
    return issue


def _time_tracking(_context: WriteContext, _field: Field, raw: object) -> object:
    if not isinstance(raw, Mapping):
        raise FieldFault("expected Object")
    read: dict[str, int] = {}
    for name in ("originalEstimate", "remainingEstimate"):
        if raw.get(name) is None:
            continue
        seconds = parse_estimate(str(raw[name]))
        if seconds is None:
            raise FieldFault(f"Invalid time duration '{raw[name]}' entered for {name}.")
        read[name] = seconds
    return read


_READERS: Mapping[str, Callable[[WriteContext, Field, object], object]] = {
    "summary": _summary,
    "richtext": _rich_text,
    "text": _text,
    "url": _url,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "user": _user,
    "users": _users,
    "labels": _labels,
    "priority": _priority,
    "resolution": _resolution,
    "components": _components,
    "versions": _versions,
    "version": _version,
    "select": _select,
    "multiselect": _multiselect,
    "cascade": _cascade,
    "sprint": _sprint,
    "epiclink": _issue_reference,
    "parent": _issue_reference,
    "timetracking": _time_tracking,
}
