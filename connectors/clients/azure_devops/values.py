"""Reading single values of Azure DevOps answers: dates, people, tags, paths, addresses. Pure; nothing raises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.domain.work_items import Person

Json = Mapping[str, object]

_GUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_ATTACHMENT = re.compile(rf"/_apis/wit/attachments/({_GUID})", re.IGNORECASE)
_NAMED = re.compile(r"^\s*(?P<name>.*?)\s*<(?P<unique>[^<>]*)>\s*$")
_LAST_NUMBER = re.compile(r"/(\d+)/?(?:[?#].*)?$")
_FOREVER = 9999
_NEVER = 1


def as_object(value: object) -> Json:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The value if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """The value as text; nothing for null."""
    return "" if value is None else str(value)


def as_number(value: object) -> float | None:
    """Numbers come as 8, 8.0 or "8"; booleans are none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        return None


def as_int(value: object) -> int | None:
    """A number without its fraction."""
    number = as_number(value)
    return None if number is None or number != number or abs(number) == float("inf") else int(number)


def read_moment(value: object) -> datetime | None:
    """ISO 8601 with 0 to 7 fraction digits. The sentinels of "still current" and "never" are no dates."""
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment.year in (_FOREVER, _NEVER):
        return None
    return moment.astimezone(UTC)


def read_person(value: object) -> Person | None:
    """Identity objects (api-version 5.0 and later), and the older `Display Name <unique@name>` strings that exports
    and reporting answers still use."""
    if isinstance(value, dict):
        return _person_of_object(value)
    if isinstance(value, str) and value.strip():
        match = _NAMED.match(value)
        name, unique = (match["name"], match["unique"]) if match else (value.strip(), "")
        return Person(id=unique or name, name=name or unique, email=_address(unique))
    return None


def _person_of_object(value: Json) -> Person | None:
    unique = as_text(value.get("uniqueName"))
    name = as_text(value.get("displayName"))
    match = _NAMED.match(unique)
    if match:  # the form with includeIdentityRef: everything in one string, no displayName
        name, unique = name or match["name"], match["unique"]
    identity = as_text(value.get("id")) or as_text(value.get("descriptor")) or unique or name
    if not identity:
        return None
    return Person(id=identity, name=name or unique, email=_address(unique), active=value.get("inactive") is not True)


def _address(unique: str) -> str:
    """`uniqueName` may be an e-mail, DOMAIN\\user or a service's id; only the first is an address."""
    return unique if re.fullmatch(r"[^@\s\\]+@[^@\s\\]+", unique) else ""


def read_tags(value: object) -> tuple[str, ...]:
    """`"a; b; c"`; case is kept, tags that differ only in case are one tag to the service."""
    found: dict[str, str] = {}
    for tag in as_text(value).split(";"):
        text = tag.strip()
        if text:
            found.setdefault(text.casefold(), text)
    return tuple(found.values())


def item_id_of(url: str) -> str | None:
    """The item a relation's address names: its last path segment, whatever host and project stand before it."""
    match = _LAST_NUMBER.search(url)
    return match[1] if match else None


def attachment_id_of(url: str) -> str | None:
    """The GUID of an attachment's address, also the form of old servers; None for other addresses."""
    match = _ATTACHMENT.search(urlsplit_path(url))
    if match:
        return match[1].lower()
    if "attachfilehandler.ashx" in url.lower():
        guid = _query_value(url, "filenameguid")
        return guid.lower() if re.fullmatch(_GUID, guid) else None
    return None


def attachment_name_of(url: str) -> str:
    """The file's name as its address tells it."""
    return _query_value(url, "filename")


def urlsplit_path(url: str) -> str:
    """The decoded path of an address, nothing for one that cannot be read."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """The lower-case host of an address with its port, nothing for relative and unreadable ones."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _query_value(url: str, name: str) -> str:
    try:
        # Addresses are taken out of HTML, where & is written &amp;
        fields = parse_qs(urlsplit(url.replace("&amp;", "&")).query)
    except ValueError:
        return ""
    return next((values[0] for field, values in fields.items() if field.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Node:
    """An area or iteration. `path` is written as items write it: without the group segment of the service."""

    path: str
    start: datetime | None = None
    finish: datetime | None = None


def read_nodes(root: Json) -> Iterator[Node]:
    """A classification tree flattened, parents first. Paths are built from names: the `path` member holds a group
    segment and changes its form between versions."""
    pending: list[tuple[str, Json]] = [("", root)]
    while pending:
        above, node = pending.pop(0)
        name = as_text(node.get("name"))
        path = f"{above}\\{name}" if above else name
        dates = as_object(node.get("attributes"))
        yield Node(path, read_moment(dates.get("startDate")), read_moment(dates.get("finishDate")))
        pending.extend((path, as_object(child)) for child in as_list(node.get("children")))
