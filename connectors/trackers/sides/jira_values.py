"""Field values of a Jira side: from Jira's shapes to plain JSON and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from enum import StrEnum

from connectors.clients.jira.wire.payloads import FieldSchema, Json
from connectors.clients.jira.wire.values import format_time, parse_time
from connectors.domain.errors import Refused
from connectors.domain.sides import Value, ValueKind
from connectors.trackers.jira.describing import SPRINT

MARKUP = "adf"
TEXT_REFUSED = "TEXT_REFUSED"
VALUE_REFUSED = "FIELD_REFUSED"
CHILD = " -> "
"""Between the two names of a cascading choice, as Jira's own files write it."""

_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
_RICH_TYPES = frozenset({f"{_TYPES}textarea"})
_FIXED_TYPES = frozenset({f"{_TYPES}readonlyfield"})
_RICH_FIELDS = frozenset({"description", "environment"})
_TIMES = frozenset({"timeoriginalestimate", "timeestimate", "timespent"})


class Form(StrEnum):
    """How Jira writes the value of a field."""

    TEXT = "text"
    RICH = "rich"
    NUMBER = "number"
    HOURS = "hours"
    DAY = "day"
    MOMENT = "moment"
    NAME = "name"
    OPTION = "option"
    NAMES = "names"
    OPTIONS = "options"
    CASCADE = "cascade"
    PERSON = "person"
    PEOPLE = "people"
    LABELS = "labels"
    STATUS = "status"
    SPRINT = "sprint"

    @property
    def kind(self) -> ValueKind:
        return _CODECS[self].kind

    @property
    def writable(self) -> bool:
        return _CODECS[self].write is not None


def form_of(field_id: str, schema: FieldSchema) -> Form | None:
    """The form of a field by its schema; None for one that holds nothing we can carry (ranks, links, votes)."""
    custom, kind, items = schema.get("custom", ""), schema.get("type", ""), schema.get("items", "")
    if custom == SPRINT:
        return Form.SPRINT
    if custom in _RICH_TYPES or field_id in _RICH_FIELDS:
        return Form.RICH
    if field_id in _TIMES:
        return Form.HOURS
    if kind == "array":
        return _LISTS.get(items)
    return _SINGLE.get(kind)


def is_fixed(schema: FieldSchema) -> bool:
    """Whether the type of a field lets nobody write it."""
    return schema.get("custom", "") in _FIXED_TYPES


def read_value(form: Form, value: Json) -> Value:
    """A value as Jira shows it."""
    return _CODECS[form].read(value)


def write_value(form: Form, value: Value) -> Json:
    """A value as Jira takes it. Raises Refused (TEXT_REFUSED, FIELD_REFUSED) for one that no field of the form can
    hold."""
    write = _CODECS[form].write
    if write is None:
        raise Refused("Jira does not let this field be written.", code=VALUE_REFUSED)
    return write(value)


def read_document(document: Json) -> Value:
    """A rich text, None when nothing is in it."""
    if not isinstance(document, dict) or not document.get("content"):
        return None
    return {"markup": MARKUP, "document": document}


def write_document(value: Value) -> Json:
    """The document of a rich text. Raises Refused (TEXT_REFUSED) for one in another markup."""
    if value is None:
        return None
    document = value.get("document") if isinstance(value, dict) and value.get("markup") == MARKUP else None
    if not isinstance(document, dict):
        raise Refused("A text for Jira has to be a document.", code=TEXT_REFUSED)
    return document


# -- one by one


def _read_text(value: Json) -> Value:
    return str(value) if value not in (None, "") else None


def _read_number(value: Json) -> Value:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _read_hours(value: Json) -> Value:
    """Jira counts seconds; everybody else says hours. None of them is as good as no estimate, which Jira cannot
    be told for one estimate alone."""
    seconds = _read_number(value)
    return seconds / 3600 if isinstance(seconds, int | float) and seconds else None


def _write_hours(value: Value) -> Json:
    """A whole number of minutes, the smallest that Jira keeps; an estimate is emptied by 0."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Refused(f"{value!r} is no number of hours.", code=VALUE_REFUSED)
    return f"{round((value or 0) * 60)}m"


def _read_moment(value: Json) -> Value:
    moment = parse_time(value)
    return format_time(moment) if moment else None


def _write_moment(value: Value) -> Json:
    if value is None:
        return None
    moment = parse_time(value)
    if moment is None:
        raise Refused(f"{value!r} is no moment.", code=VALUE_REFUSED)
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def _read_name(value: Json) -> Value:
    return _read_text(value.get("name")) if isinstance(value, dict) else None


def _read_option(value: Json) -> Value:
    return _read_text(value.get("value")) if isinstance(value, dict) else None


def _read_person(value: Json) -> Value:
    return _read_text(value.get("accountId")) if isinstance(value, dict) else None


def _read_cascade(value: Json) -> Value:
    top = _read_option(value)
    child = _read_option(value.get("child")) if isinstance(value, dict) else None
    return f"{top}{CHILD}{child}" if top and child else top


def _write_cascade(value: Value) -> Json:
    if value is None:
        return None
    top, _, child = str(value).partition(CHILD)
    return {"value": top, "child": {"value": child}} if child else {"value": top}


def _read_sprint(value: Json) -> Value:
    """The name of the sprint that counts now: the active one, else the next, else the last one."""
    sprints = [entry for entry in value or () if isinstance(entry, dict)]
    for state in ("active", "future"):
        for sprint in sprints:
            if sprint.get("state") == state:
                return _read_text(sprint.get("name"))
    return _read_text(sprints[-1].get("name")) if sprints else None


def _read_labels(value: Json) -> Value:
    return sorted(str(label) for label in value or ())


def _write_labels(value: Value) -> Json:
    """Jira's labels hold no spaces."""
    return sorted({"-".join(label.split()) for label in _texts(value)} - {""})


def _texts(value: Value) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _as_it_is(value: Value) -> Json:
    return value


def _within(member: str) -> Callable[[Value], Json]:
    """A writer of one named thing."""
    return lambda value: None if value is None else {member: value}


def _each_within(member: str) -> Callable[[Value], Json]:
    return lambda value: [{member: each} for each in _texts(value)]


def _each(read: Callable[[Json], Value]) -> Callable[[Json], Value]:
    """A reader of a list of named things."""

    def read_all(value: Json) -> Value:
        found = (read(entry) for entry in value or ())
        return sorted(str(entry) for entry in found if entry is not None)

    return read_all


@dataclass(frozen=True, slots=True)
class _Codec:
    kind: ValueKind
    read: Callable[[Json], Value]
    write: Callable[[Value], Json] | None = None


_CODECS: Mapping[Form, _Codec] = {
    Form.TEXT: _Codec(ValueKind.TEXT, _read_text, _as_it_is),
    Form.RICH: _Codec(ValueKind.RICH, read_document, write_document),
    Form.NUMBER: _Codec(ValueKind.NUMBER, _read_number, _as_it_is),
    Form.HOURS: _Codec(ValueKind.NUMBER, _read_hours, _write_hours),
    Form.DAY: _Codec(ValueKind.DAY, _read_text, _as_it_is),
    Form.MOMENT: _Codec(ValueKind.MOMENT, _read_moment, _write_moment),
    Form.NAME: _Codec(ValueKind.CHOICE, _read_name, _within("name")),
    Form.OPTION: _Codec(ValueKind.CHOICE, _read_option, _within("value")),
    Form.NAMES: _Codec(ValueKind.CHOICES, _each(_read_name), _each_within("name")),
    Form.OPTIONS: _Codec(ValueKind.CHOICES, _each(_read_option), _each_within("value")),
    Form.CASCADE: _Codec(ValueKind.PATH, _read_cascade, _write_cascade),
    Form.PERSON: _Codec(ValueKind.PERSON, _read_person, _within("accountId")),
    Form.PEOPLE: _Codec(ValueKind.CHOICES, _each(_read_person), _each_within("accountId")),
    Form.LABELS: _Codec(ValueKind.LABELS, _read_labels, _write_labels),
    Form.STATUS: _Codec(ValueKind.STATE, _read_name),
    Form.SPRINT: _Codec(ValueKind.CHOICE, _read_sprint),
}
_SINGLE: Mapping[str, Form] = {
    "string": Form.TEXT,
    "number": Form.NUMBER,
    "date": Form.DAY,
    "datetime": Form.MOMENT,
    "user": Form.PERSON,
    "priority": Form.NAME,
    "resolution": Form.NAME,
    "version": Form.NAME,
    "option": Form.OPTION,
    "option-with-child": Form.CASCADE,
    "status": Form.STATUS,
}
_LISTS: Mapping[str, Form] = {
    "component": Form.NAMES,
    "version": Form.NAMES,
    "option": Form.OPTIONS,
    "user": Form.PEOPLE,
    "string": Form.LABELS,
}
