"""What a form consists of, and the reading of one value. The words are those of the documented plug-in schema.

https://docs.sdelements.com/release/latest/api/ describes the schema: sections of fields, each with a type, a default
and the scope it may be set in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

REQUIRED_TEXT = "This field is required."
LONGEST_TEXT = 4_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # a lone half of a character cannot be stored either
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})

Check = Callable[[str], None]
"""Raises ValueError with words for a person; the text is already free of blanks round it."""


class FieldType(StrEnum):
    """How a value is entered and checked. `checkbox` is a comma list of the options."""

    STRING = "string"
    MASKED = "masked_string"
    RADIO = "radio"
    SELECT = "select"
    CHECKBOX = "checkbox"
    BOOLEAN = "boolean"


class Scope(StrEnum):
    """Where a parameter may be set: for the whole connector, or for one project of it."""

    SYSTEM = "system"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    disabled: bool = False


class OptionShown(TypedDict):
    label: str
    value: str
    disabled: bool


class FieldShown(TypedDict):
    """A field as the plug-in endpoints answer it."""

    name: str
    label: str
    description: str
    field_type: str
    default: str
    readonly: bool
    max_length: int | None
    required: bool
    deprecated: bool
    placeholder: str
    scope: list[str]
    help_text: str
    options: list[OptionShown]
    unused: bool


class SectionShown(TypedDict):
    label: str | None
    optional: bool
    fields: list[FieldShown]


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter. `default` is what a form offers; a parameter that is left out changes nothing.

    `unused` says why nothing follows from it here: such a parameter is checked and kept, for the clients that send it.
    """

    name: str
    label: str
    type: FieldType = FieldType.STRING
    description: str = ""
    default: str = ""
    required: bool = False
    max_length: int = 255
    placeholder: str = ""
    help_text: str = ""
    scope: tuple[Scope, ...] = (Scope.SYSTEM, Scope.PROJECT)
    options: tuple[Option, ...] = ()
    deprecated: bool = False
    unused: str = ""
    check: Check | None = None

    @property
    def is_secret(self) -> bool:
        return self.type is FieldType.MASKED

    def read(self, value: object) -> str:
        """The value as text in its normal form. Raises ValueError with words for a person."""
        text = as_text(value, listed=self.type is FieldType.CHECKBOX, structured=self.check is not None)
        if not text:
            if self.required:
                raise ValueError(REQUIRED_TEXT)
            return ""
        if len(text) > self.max_length:
            raise ValueError(f"Ensure this field has no more than {self.max_length} characters.")
        text = _READERS.get(self.type, _plain)(self, text)
        if self.check is not None:
            self.check(text)
        return text

    def shown(self) -> FieldShown:
        """As the plug-in endpoints answer it."""
        closed = self.type in (FieldType.RADIO, FieldType.SELECT, FieldType.CHECKBOX, FieldType.BOOLEAN)
        return {
            "name": self.name,
            "label": self.label,
            "description": self.description,
            "field_type": self.type.value,
            "default": self.default,
            "readonly": False,
            "max_length": None if closed else self.max_length,
            "required": self.required,
            "deprecated": self.deprecated,
            "placeholder": self.placeholder,
            "scope": [scope.value for scope in self.scope],
            "help_text": self.unused or self.help_text,
            "options": [{"label": o.label, "value": o.value, "disabled": o.disabled} for o in self.options],
            "unused": bool(self.unused),
        }


@dataclass(frozen=True, slots=True)
class Section:
    label: str | None
    fields: tuple[Field, ...]
    optional: bool = False

    def shown(self) -> SectionShown:
        return {"label": self.label, "optional": self.optional, "fields": [field.shown() for field in self.fields]}


def as_text(value: object, *, listed: bool = False, structured: bool = False) -> str:
    """A JSON value as the text that parameters are: numbers and truth values as they are written.

    A list is taken as a comma list where `listed`, an object as its JSON where `structured`. Raises ValueError.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if listed and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ",".join(value)
    if structured and isinstance(value, Mapping):
        return json.dumps(value)
    if not isinstance(value, str):
        raise ValueError("Not a valid string.")
    text = value.strip()
    if _CONTROL.search(text):
        raise ValueError("Control characters are not allowed.")
    return text


def split_list(text: str) -> tuple[str, ...]:
    """The entries of a comma list, blanks and empty ones removed, each once."""
    return tuple(dict.fromkeys(word for word in (part.strip() for part in text.split(",")) if word))


def _plain(field: Field, text: str) -> str:
    return text


def _choice(field: Field, text: str) -> str:
    known = [option.value for option in field.options if not option.disabled]
    if text not in known:
        raise ValueError(f'"{text[:60]}" is not a valid choice: use one of {", ".join(known)}.')
    return text


def _choices(field: Field, text: str) -> str:
    return ",".join(_choice(field, word) for word in split_list(text))


def _truth(field: Field, text: str) -> str:
    if text.lower() in _TRUE:
        return "true"
    if text.lower() in _FALSE:
        return "false"
    raise ValueError("Must be a valid boolean.")


def _secret(field: Field, text: str) -> str:
    if not text.isprintable():
        raise ValueError("Only printable characters are allowed.")
    return text


_READERS: Mapping[FieldType, Callable[[Field, str], str]] = {
    FieldType.RADIO: _choice,
    FieldType.SELECT: _choice,
    FieldType.CHECKBOX: _choices,
    FieldType.BOOLEAN: _truth,
    FieldType.MASKED: _secret,
}
