"""Turns a value of the source into the shape a target field takes, and shows it readably where none fits. Pure.

Every function answers None for "does not fit"; the caller then shows the value in the description. Shapes:
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/ (fields of a create)
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.domain.mapping.fields import is_rich
from connectors.domain.mapping.known_fields import ESTIMATES
from connectors.domain.mapping.names import find_option
from connectors.domain.richtext.document import Markup, to_document
from connectors.domain.richtext.words import visible_words
from connectors.domain.shapes import TargetField
from connectors.domain.work_items import Person, Scalar

TEXT_FIELD_LIMIT = 255
LABEL_LIMIT = 255
LARGEST_NUMBER = 1e14
ESTIMATE_PARTS = frozenset(ESTIMATES.values())
_URL = re.compile(r"(?:https?|ftp)://\S+|mailto:\S+", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_MIDNIGHT = "00:00:00"

Value = Scalar | Person


@dataclass(frozen=True, slots=True)
class Conversion:
    """What values need to know of their surroundings: the kind of the source field, how its values are renamed
    (folded source value -> target value), and which account a person has in the target, if any."""

    kind: str
    renamed: Mapping[str, str] = field(default_factory=dict)
    account: Callable[[Person], str | None] = lambda _: None


def convert_value(value: Value, target: TargetField, how: Conversion) -> Any | None:
    """The value in the shape the target field takes, None when it does not fit."""
    if value is None:
        return None
    text = how.renamed.get(shown(value, how.kind).casefold()) or how.renamed.get(str(value).casefold())
    if text is not None:
        value = text
    converter = _CONVERTERS.get(target.kind)
    return converter(value, target, how) if converter else None


def shown(value: Value, kind: str) -> str:
    """A value as a person reads it, without characters that no document holds."""
    if isinstance(value, Person):
        text = f"{value.name} ({value.email})" if value.email and value.email != value.name else value.name
    elif isinstance(value, bool):
        text = "Yes" if value else "No"
    elif isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_NUMBER:
        text = str(int(value))
    else:
        text = "" if value is None else str(value)
    moment = moment_of(text) if kind == "date" else None
    if moment is not None:
        clock = f"{moment:%H:%M:%S}"
        text = f"{moment:%Y-%m-%d}" if clock == _MIDNIGHT else f"{moment:%Y-%m-%d} {clock} UTC"
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def hours_as_estimate(value: Value) -> str | None:
    """Hours as Jira reads them, in whole minutes; None for what is no amount of time."""
    hours = number_of(value)
    if hours is None or hours < 0:
        return None
    return f"{round(hours * 60)}m"


def number_of(value: Value) -> float | int | None:
    """Numbers come as 8, 8.0 or "8"; booleans, words and what no field holds are none."""
    if isinstance(value, bool) or value is None or isinstance(value, Person):
        return None
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            return None
    return value if math.isfinite(value) and abs(value) <= LARGEST_NUMBER else None


def moment_of(value: Value) -> datetime | None:
    """ISO 8601 in UTC; the sentinels of "never" and "still" are no moments."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC) if 1 < moment.year < 9999 else None


# per kind of target field


def _text(value: Value, target: TargetField, how: Conversion) -> object | None:
    text = shown(value, how.kind).strip()
    if not text:
        return None
    if is_rich(target):
        return to_document(text, markup=Markup.PLAIN).document
    if target.custom.endswith(":url"):
        return text if _URL.fullmatch(text) else None
    return text if len(text) <= TEXT_FIELD_LIMIT and "\n" not in text else None


def _number(value: Value, _target: TargetField, _how: Conversion) -> object | None:
    return number_of(value)


def _date(value: Value, _target: TargetField, _how: Conversion) -> object | None:
    moment = moment_of(value)
    return f"{moment:%Y-%m-%d}" if moment else None


def _datetime(value: Value, _target: TargetField, _how: Conversion) -> object | None:
    moment = moment_of(value)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000" if moment else None


def _option(value: Value, target: TargetField, how: Conversion) -> object | None:
    text = shown(value, how.kind).strip()
    if not text:
        return None
    if not target.allowed:
        return {"value": text}
    found = _offered(text, value, target)
    return {"value": found} if found else None


def _offered(text: str, value: Value, target: TargetField) -> str | None:
    candidates = [text]
    if isinstance(value, bool):
        candidates += ["True", "On", "Checked"] if value else ["False", "Off", "Unchecked"]
    return next((found for each in candidates if (found := find_option(each, target.allowed))), None)


def _user(value: Value, _target: TargetField, how: Conversion) -> object | None:
    account = how.account(value) if isinstance(value, Person) else None
    return {"accountId": account} if account else None


def _version(value: Value, target: TargetField, how: Conversion) -> object | None:
    found = find_option(shown(value, how.kind), target.allowed)
    return next(({"id": each} for each, name in target.allowed if name == found), None)


def _array(value: Value, target: TargetField, how: Conversion) -> object | None:
    """Several values stand in one text, separated by semicolons; all of them must fit."""
    if target.items == "user":
        one = _user(value, target, how)
        return [one] if one else None
    if isinstance(value, bool) and target.items == "option":
        return _ticked(value, target)
    parts = [part.strip() for part in shown(value, how.kind).split(";")]
    parts = list(dict.fromkeys(part for part in parts if part))
    if target.items == "string":
        labels = [re.sub(r"\s+", "-", part) for part in parts]
        return sorted(set(labels)) if labels and all(len(label) <= LABEL_LIMIT for label in labels) else None
    convert = {"option": _option, "version": _version}.get(target.items)
    found = [convert(part, target, how) for part in parts] if convert else []
    unique = [each for number, each in enumerate(found) if each not in found[:number]]
    return unique if unique and None not in unique else None


def _ticked(value: bool, target: TargetField) -> object | None:
    """A single checkbox is ticked or not; among several one of the words for the value must be offered."""
    found = _offered("Yes" if value else "No", value, target)
    return [{"value": found}] if found else None


_CONVERTERS: Mapping[str, Callable[[Value, TargetField, Conversion], Any]] = {
    "string": _text,
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "option": _option,
    "option-with-child": _option,
    "user": _user,
    "version": _version,
    "array": _array,
}


# comparing


def comparable(value: Any) -> Any:
    """One form for values that mean the same, sent or read back: options by their words, people by account, versions
    by id, documents by their words, times as moments, estimates in minutes, lists without order."""
    if isinstance(value, Mapping):
        return _comparable_object(value)
    if isinstance(value, list | tuple):
        return sorted((comparable(each) for each in value), key=repr)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    moment = moment_of(value) if isinstance(value, str) and "T" in value else None
    return moment.isoformat() if moment else value


def _comparable_object(value: Mapping[str, Any]) -> Any:
    if value.get("type") == "doc":
        return visible_words(value)  # type: ignore[arg-type]
    if ESTIMATE_PARTS & value.keys():
        return _minutes(value)
    return next((str(value[name]) for name in ("accountId", "value", "id", "name") if value.get(name)), None)


def _minutes(value: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in sorted(ESTIMATE_PARTS):
        seconds = value.get(f"{name}Seconds")
        if isinstance(seconds, int):
            found[name] = seconds // 60
        elif re.fullmatch(r"\d+m", str(value.get(name, ""))):
            found[name] = int(value[name][:-1])
    return found


def same_value(expected: Any, found: Any) -> bool:
    """Whether a field shows what was sent. The target may add an estimate that was not sent."""
    one, other = comparable(expected), comparable(found)
    if isinstance(one, dict) and isinstance(other, dict):
        return all(other.get(name) == amount for name, amount in one.items())
    return bool(one == other)
