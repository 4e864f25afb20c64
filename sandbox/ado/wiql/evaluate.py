"""Conditions as functions of an item's revision."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from sandbox.ado.computed import computed_value
from sandbox.ado.dates import has_time, parse_date
from sandbox.ado.field_table import FieldDef
from sandbox.ado.model import Item, Person, Project, Revision, Value
from sandbox.ado.organization import Organization
from sandbox.ado.wiql.syntax import (
    And,
    Condition,
    Expression,
    FieldName,
    Macro,
    Not,
    Number,
    Operand,
    Or,
    Text,
    WiqlError,
)

Predicate: TypeAlias = Callable[[Item, Revision], bool]
Getter: TypeAlias = Callable[[Item, Revision], "Value | None"]
Comparable: TypeAlias = "str | float | datetime"

_ORDERED: dict[str, Callable[[Comparable, Comparable], bool]] = {
    ">": lambda a, b: a > b,  # type: ignore[operator]
    "<": lambda a, b: a < b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
}


@dataclass(frozen=True)
class Context:
    """What a query is asked in: by whom, where, when."""

    org: Organization
    project: Project | None
    now: datetime
    time_precision: bool = False


def getter(context: Context, definition: FieldDef) -> Getter:
    """How to read a field of a revision."""
    reference, org = definition.reference, context.org
    if reference == "System.Id":
        return lambda item, revision: item.id
    if definition.computed:
        return lambda item, revision: computed_value(org, item, revision, reference)
    if reference == "System.History":
        return lambda item, revision: "\n".join(c.current.text for c in item.comments if not c.deleted)
    return lambda item, revision: revision.fields.get(reference)


def find_field(context: Context, name: str) -> FieldDef:
    """The field a query names. Raises WiqlError."""
    definition = context.org.fields.find(name)
    if definition is None:
        raise WiqlError(
            f"TF51005: The query references a field that does not exist. The error is caused by «[{name}]»."
        )
    return definition


def predicate(context: Context, expression: Expression | None) -> Predicate:
    """A whole WHERE clause. Raises WiqlError for what cannot be compared."""
    if expression is None:
        return lambda item, revision: True
    if isinstance(expression, And):
        parts = [predicate(context, part) for part in expression.parts]
        return lambda item, revision: all(part(item, revision) for part in parts)
    if isinstance(expression, Or):
        parts = [predicate(context, part) for part in expression.parts]
        return lambda item, revision: any(part(item, revision) for part in parts)
    if isinstance(expression, Not):
        inner = predicate(context, expression.part)
        return lambda item, revision: not inner(item, revision)
    return _condition(context, expression)


def _condition(context: Context, condition: Condition) -> Predicate:
    definition = find_field(context, condition.field.name)
    positive = _comparison(context, condition, definition)
    chosen: Predicate = positive
    if condition.ever:
        chosen = _ever(positive)
    if condition.negated:
        return lambda item, revision: not chosen(item, revision)
    return chosen


def _ever(positive: Predicate) -> Predicate:
    return lambda item, revision: any(positive(item, past) for past in item.revisions)


def _comparison(context: Context, condition: Condition, definition: FieldDef) -> Predicate:
    operator, read = condition.operator, getter(context, definition)
    if operator == "IS EMPTY":
        return lambda item, revision: read(item, revision) in (None, "")
    if operator == "IN GROUP":
        return _in_group(context, condition)
    if operator == "UNDER":
        return _under(context, condition.operands[0], read, definition)
    if operator == "CONTAINS" and definition.reference == "System.Tags":
        return _tag(context, condition.operands[0], read)
    if operator in ("CONTAINS", "CONTAINS WORDS"):
        return _contains(context, condition.operands[0], read, words=operator == "CONTAINS WORDS")
    if definition.long_text:
        raise WiqlError(f"The operator {operator} cannot be used with the long text field {definition.name}.")
    if isinstance(condition.operands[0], FieldName):
        return _two_fields(context, condition, definition, read)
    if operator == "IN":
        parts = [_equals(context, operand, definition, read) for operand in condition.operands]
        return lambda item, revision: any(part(item, revision) for part in parts)
    if operator == "=":
        return _equals(context, condition.operands[0], definition, read)
    return _ordered(context, condition.operands[0], definition, read, operator)


def _equals(context: Context, operand: Operand, definition: FieldDef, read: Getter) -> Predicate:
    raw = _plain(context, operand)
    if raw == "":
        return lambda item, revision: read(item, revision) in (None, "")
    if isinstance(raw, Person):
        return lambda item, revision: read(item, revision) is raw
    if definition.identity:
        person, text = context.org.people.find(raw), str(raw).lower()
        return lambda item, revision: _same_person(read(item, revision), person, text)
    wanted = _literal(context, definition, raw)
    return lambda item, revision: _comparable(context, definition, read(item, revision)) == wanted


def _same_person(value: Value | None, person: Person | None, text: str) -> bool:
    if not isinstance(value, Person):
        return False
    return value is person or text in (value.name.lower(), value.unique_name.lower())


def _ordered(context: Context, operand: Operand, definition: FieldDef, read: Getter, operator: str) -> Predicate:
    wanted, compare = _literal(context, definition, _plain(context, operand)), _ORDERED[operator]

    def matches(item: Item, revision: Revision) -> bool:
        value = _comparable(context, definition, read(item, revision))
        return value is not None and type(value) is type(wanted) and compare(value, wanted)

    return matches


def _two_fields(context: Context, condition: Condition, definition: FieldDef, read: Getter) -> Predicate:
    operand = condition.operands[0]
    other = find_field(context, operand.name if isinstance(operand, FieldName) else "")
    read_other = getter(context, other)

    def matches(item: Item, revision: Revision) -> bool:
        left = _comparable(context, definition, read(item, revision))
        right = _comparable(context, other, read_other(item, revision))
        if condition.operator == "=":
            return left == right
        return left is not None and right is not None and _ORDERED[condition.operator](left, right)

    return matches


def _under(context: Context, operand: Operand, read: Getter, definition: FieldDef) -> Predicate:
    if definition.type != "treePath":
        raise WiqlError(f"The operator UNDER cannot be used with the field {definition.name}.")
    path = str(_plain(context, operand)).strip("\\").lower()
    known = {**context.project.area_paths, **context.project.iteration_paths} if context.project else None
    if known is not None and path not in known and not _anywhere(context, path):
        raise WiqlError(f"TF51011: The specified {definition.name} does not exist. The error is caused by «{path}».")

    def matches(item: Item, revision: Revision) -> bool:
        value = str(read(item, revision) or "").lower()
        return value == path or value.startswith(path + "\\")

    return matches


def _anywhere(context: Context, path: str) -> bool:
    projects = context.org.projects.values()
    return any(path in project.area_paths or path in project.iteration_paths for project in projects)


def _tag(context: Context, operand: Operand, read: Getter) -> Predicate:
    wanted = str(_plain(context, operand)).strip().lower()
    return lambda item, revision: wanted in str(read(item, revision) or "").lower().split("; ")


def _contains(context: Context, operand: Operand, read: Getter, *, words: bool) -> Predicate:
    wanted = str(_plain(context, operand)).lower()
    if words:
        patterns = [re.compile(rf"\b{re.escape(word.strip('*'))}") for word in wanted.split()]
        return lambda item, revision: all(p.search(str(read(item, revision) or "").lower()) for p in patterns)

    def matches(item: Item, revision: Revision) -> bool:
        value = read(item, revision)
        return wanted in (value.text if isinstance(value, Person) else str(value or "")).lower()

    return matches


def _in_group(context: Context, condition: Condition) -> Predicate:
    group = str(_plain(context, condition.operands[0])).lower()

    def matches(item: Item, revision: Revision) -> bool:
        found = item.project.process.find(str(revision.fields["System.WorkItemType"]))
        return found is not None and found.category.lower() == group

    return matches


def _plain(context: Context, operand: Operand) -> str | float | Person:
    """A literal, or what a macro stands for. Raises WiqlError for macros that need what is not there."""
    if isinstance(operand, Text | Number):
        return operand.value
    if not isinstance(operand, Macro):
        raise WiqlError("Expecting a value instead of a field name.")
    today = context.now.replace(hour=0, minute=0, second=0, microsecond=0)
    match operand.name:
        case "project":
            if context.project is None:
                raise WiqlError("TF51011: The macro @project needs a project in the address.")
            return context.project.name
        case "me":
            return context.org.owner
        case "today" | "startofday":
            return (today + timedelta(days=operand.offset)).strftime("%Y-%m-%d")
        case "startofweek":
            start = today - timedelta(days=(today.weekday() + 1) % 7)
            return (start + timedelta(weeks=operand.offset)).strftime("%Y-%m-%d")
        case "startofmonth":
            return today.replace(day=1).strftime("%Y-%m-%d")
        case "startofyear":
            return today.replace(month=1, day=1).strftime("%Y-%m-%d")
    raise WiqlError(f"The macro @{operand.name} is not supported. The error is caused by «@{operand.name}».")


def _literal(context: Context, definition: FieldDef, raw: str | float | Person) -> Comparable:
    """A literal in the terms of a field. Raises WiqlError when it has the wrong form."""
    if isinstance(raw, Person):
        return raw.text.lower()
    if definition.type in ("integer", "double"):
        try:
            return float(raw)
        except ValueError as error:
            raise WiqlError(f"The value «{raw}» is not a number, which {definition.name} needs.") from error
    if definition.type == "dateTime":
        return _date_literal(context, definition, str(raw))
    if definition.type == "treePath":
        return str(raw).strip("\\").lower()
    return str(raw).lower()


def _date_literal(context: Context, definition: FieldDef, text: str) -> datetime:
    try:
        moment = parse_date(text)
    except ValueError as error:
        raise WiqlError(f"The value «{text}» is not a date, which {definition.name} needs.") from error
    if context.time_precision:
        return moment
    if has_time(text):
        raise WiqlError(
            "You cannot supply a time with the date when running a query using date precision. "
            f"The error is caused by «'{text}'»."
        )
    return moment


def _comparable(context: Context, definition: FieldDef, value: Value | None) -> Comparable | None:
    """A stored value in the terms its field is compared in: dates by day unless time counts."""
    if value is None:
        return None
    if isinstance(value, Person):
        return value.text.lower()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return float(value)
    if definition.type == "dateTime":
        moment = parse_date(value)
        if context.time_precision:
            return moment
        return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    return value.lower()
