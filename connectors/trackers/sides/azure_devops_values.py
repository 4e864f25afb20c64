"""Values of Azure DevOps fields as a side tells them, and back into a patch. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import cast

from connectors.clients.azure_devops.values import (
    Json,
    as_number,
    as_object,
    as_text,
    host_of,
    read_moment,
    read_tags,
)
from connectors.clients.azure_devops.wire.writing import Operation, set_field, set_format
from connectors.domain.errors import Refused
from connectors.domain.richtext.adf import Document
from connectors.domain.richtext.adf_to_html import adf_to_html
from connectors.domain.richtext.adf_to_markdown import adf_to_markdown
from connectors.domain.richtext.document import Markup, to_document
from connectors.domain.sides import Value, ValueKind
from connectors.trackers.sides.azure_devops_shape import PRIORITY_FIELD, AzureField

HTML, MARKDOWN = "html", "markdown"
FIELD_UNKNOWN = "FIELD_UNKNOWN"
_VENDOR, _OLD_VENDOR = ("dev.azure.com",), ".visualstudio.com"
_FILE_ADDRESS = re.compile(
    r"https?://[^\s\"'<>()\[\]]{1,300}?/_apis/wit/attachments/"
    r"(?P<guid>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})",
    re.IGNORECASE,
)


def read_values(raw: Json, fields: Iterable[AzureField], *, base_url: str) -> dict[str, Value]:
    """Every field of the shape; the empty ones are absent in an answer. Files of the organization are shown by one
    form of their address, whichever the text was written with."""
    stored, formats = as_object(raw.get("fields")), as_object(raw.get("multilineFieldsFormat"))
    found = {field.id: _value(field, stored.get(field.reference), formats) for field in fields}
    return {name: _with_own_files(value, base_url) for name, value in found.items()}


def _with_own_files(value: Value, base_url: str) -> Value:
    if not isinstance(value, dict):
        return value
    return {**value, "text": own_files(str(value["text"]), base_url=base_url)}


def own_files(text: str, *, base_url: str) -> str:
    """A text with the addresses of the organization's files as `SideFile.reference` writes them: stored ones may have
    the project, or an old name of the organization, in them."""

    def own(match: re.Match[str]) -> str:
        ours = host_of(match.group()) in (host_of(base_url), *_VENDOR) or host_of(match.group()).endswith(_OLD_VENDOR)
        return f"{base_url}/_apis/wit/attachments/{match['guid'].lower()}" if ours else match.group()

    return _FILE_ADDRESS.sub(own, text)


def formats_of(raw: Json) -> dict[str, str]:
    """Which long texts are written in Markdown."""
    return {name: as_text(word).lower() for name, word in as_object(raw.get("multilineFieldsFormat")).items()}


def _value(field: AzureField, stored: object, formats: Json) -> Value:
    if field.kind is ValueKind.LABELS:
        return sorted(read_tags(stored))
    if stored is None or stored == "":
        return None
    if field.kind is ValueKind.RICH:
        markdown = as_text(formats.get(field.reference)).lower() == MARKDOWN
        return {"markup": MARKDOWN if markdown else HTML, "text": as_text(stored)}
    if field.kind is ValueKind.PERSON:
        return identity_id(stored)
    if field.kind is ValueKind.MOMENT:
        return moment_value(stored)
    if field.kind is ValueKind.FLAG:
        return stored is True or as_text(stored).lower() == "true"
    if field.kind is ValueKind.NUMBER or (field.whole and field.kind is ValueKind.CHOICE):
        number = _plain_number(stored)
        return as_text(number) if field.kind is ValueKind.CHOICE else number
    return as_text(stored)


def _plain_number(stored: object) -> int | float | None:
    """8, 8.0 and "8" are one number."""
    number = as_number(stored)
    return int(number) if number is not None and number.is_integer() else number


def moment_value(stored: object) -> str | None:
    """ISO 8601 in UTC, without a fraction that is none."""
    moment = read_moment(stored)
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def identity_id(stored: object) -> str | None:
    """The account's own id; old versions and exports name people by text."""
    if isinstance(stored, dict):
        return as_text(stored.get("id")) or as_text(stored.get("descriptor")) or None
    return as_text(stored) or None


def identity_text(stored: Json) -> str:
    """A person as a field takes one: `Name <unique name>`."""
    unique, name = as_text(stored.get("uniqueName")), as_text(stored.get("displayName"))
    return f"{name} <{unique}>" if name and unique else unique or name


def operations(
    values: Mapping[str, Value],
    fields: Mapping[str, AzureField],
    *,
    formats: Mapping[str, str],
    person: Callable[[str], str],
) -> list[Operation]:
    """The patch that sets these values. A text keeps the markup that its field is stored in: Markdown cannot be turned
    back, so that no field is turned by us. Raises Refused (FIELD_UNKNOWN) naming a field that cannot be set."""
    made: list[Operation] = []
    for name, value in values.items():
        field = fields.get(name)
        if field is None or not field.writable or field.kind is ValueKind.STATE:
            raise Refused(f"The field {name} cannot be set here", code=FIELD_UNKNOWN, fields={name: "cannot be set"})
        if field.kind is ValueKind.RICH:
            made += _rich_operations(field, value, formats)
        else:
            made.append(set_field(field.reference, _stored(field, value, person)))
    return made


def _rich_operations(field: AzureField, value: Value, formats: Mapping[str, str]) -> list[Operation]:
    """Without its format in the same document a text counts as HTML."""
    markup = formats.get(field.reference, HTML)
    text = text_in(value, markup)
    change = set_field(field.reference, text)
    return [change, set_format(field.reference, "Markdown")] if markup == MARKDOWN and text else [change]


def _stored(field: AzureField, value: Value, person: Callable[[str], str]) -> object:
    if value is None or value == []:
        return None
    if field.kind is ValueKind.LABELS and isinstance(value, list):
        return "; ".join(value)
    if field.kind is ValueKind.PERSON:
        return person(str(value))
    if field.reference == PRIORITY_FIELD or (field.whole and field.kind is ValueKind.CHOICE):
        number = _plain_number(value)
        return value if number is None else number
    return value


def text_in(value: Value, markup: str) -> str:
    """A rich text in a markup: as it is when it is written so, else by way of a document."""
    if not isinstance(value, dict):
        return escape(as_text(value), quote=False) if markup == HTML else as_text(value)
    written = as_text(value.get("markup"))
    if written == markup:
        return as_text(value.get("text"))
    document = _document(value, written)
    return adf_to_markdown(document) if markup == MARKDOWN else adf_to_html(document)


def _document(value: Mapping[str, object], written: str) -> Document:
    if written == "adf":
        return cast(Document, value.get("document"))
    return to_document(as_text(value.get("text")), markup=Markup(written or "plain")).document
