"""How the way back resolves what a Jira document points to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.domain.richtext.adf import AttributeValue, NodeJson
from connectors.domain.richtext.references import ItemTarget
from connectors.domain.richtext.words import shown_text

MAX_BACK_DEPTH = 80


def _no_media(_media_id: str) -> str | None:
    return None


def _no_mention(_account_id: str, _name: str) -> str | None:
    return None


def _no_link(_address: str) -> ItemTarget | None:
    return None


@dataclass(frozen=True, slots=True)
class BackReferences:
    """Pure answers about the other side: `media` gives the address of a file there (none: its name is
    shown), `mention` the identity to mention (none: the plain name), `link` the item there that an
    address in Jira leads to (none: the link stays)."""

    media: Callable[[str], str | None] = _no_media
    mention: Callable[[str, str], str | None] = _no_mention
    link: Callable[[str], ItemTarget | None] = _no_link


def attribute(node: NodeJson, name: str) -> str:
    """An attribute as text, empty when absent."""
    value: AttributeValue = node.get("attrs", {}).get(name)
    return "" if value is None else str(value)


def link_address(node: NodeJson) -> str:
    """The address under a text or picture."""
    for mark in node.get("marks", ()):
        if mark["type"] == "link":
            return str(mark.get("attrs", {}).get("href", ""))
    return ""


def relinked(text: str, address: str, references: BackReferences) -> tuple[str, str]:
    """Text and address of a link, led back to the item of this side when it names one."""
    target = references.link(address) if address else None
    if target is None:
        return text, address
    key = address.rstrip("/").rpartition("/")[2]
    return text.replace(key, target.key) if key else text, target.url


def inline_text(node: NodeJson) -> str:
    """What an inline node without its own notation shows."""
    if node["type"] == "date":
        return _date(attribute(node, "timestamp"))
    if node["type"] == "inlineCard":
        return attribute(node, "url")
    if node["type"] == "mediaInline":
        return attribute(node, "alt")
    return shown_text(node)


def _date(timestamp: str) -> str:
    """Jira keeps a date as milliseconds since 1970, in UTC."""
    try:
        return datetime.fromtimestamp(int(timestamp) / 1000, tz=UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return timestamp
