"""How items and comments that we made in Azure DevOps are recognised. Pure.

An item carries a hyperlink among its relations, set by its create. A comment carries an anchor without words at its
end: the service's editor keeps such anchors, as stored texts show, while comments of HTML occur in none of them. The
addresses lead nowhere on purpose: `.invalid` is never anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from connectors.clients.azure_devops.values import Json, as_text

ADDRESS = "https://isthmus.invalid/mark/"
NOTE = "Made by Isthmus"
_HTML = re.compile(rf'<a\b[^>]*?href="{re.escape(ADDRESS)}([^"]*)"[^>]*>\s*</a>')
_MARKDOWN = re.compile(rf"\[\]\(<?{re.escape(ADDRESS)}([^)>\s]*)>?\)")


def mark_address(mark: str) -> str:
    """The address that stands for a mark."""
    return ADDRESS + quote(mark, safe="")


def mark_of(relations: Iterable[Json]) -> str | None:
    """The mark among an item's relations."""
    addresses = (as_text(entry.get("url")) for entry in relations if entry.get("rel") == "Hyperlink")
    return next((unquote(url.removeprefix(ADDRESS)) for url in addresses if url.startswith(ADDRESS)), None)


def join_comment(text: str, mark: str, *, markup: str) -> str:
    """A comment with its mark at the end, where nothing is seen of it."""
    if markup == "markdown":
        return f"{text}\n\n[]({mark_address(mark)})"
    return f'{text}<a href="{mark_address(mark)}"></a>'


def split_comment(stored: str) -> tuple[str, str | None]:
    """Text and mark of a comment; of several marks the last one counts, since a text may quote another comment."""
    found = [*_HTML.finditer(stored), *_MARKDOWN.finditer(stored)]
    if not found:
        return stored, None
    last = max(found, key=lambda match: match.start())
    text = stored[: last.start()].removesuffix("\n\n") + stored[last.end() :]
    return text, unquote(last.group(1))
