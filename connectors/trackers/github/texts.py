"""Texts between canonical documents and GitHub's Markdown. Pure.

What was typed in another tracker must not mean something here: `@name` would notify a stranger and `#12` would point
to whatever issue has that number. An empty HTML comment after the sign takes the meaning and shows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from connectors.clients.github.wire.answers import Code
from connectors.domain.errors import Refused
from connectors.domain.ports import Document
from connectors.domain.richtext.adf import Document as RichDocument
from connectors.domain.richtext.adf_to_markdown import adf_to_markdown
from connectors.domain.richtext.back_references import BackReferences
from connectors.domain.richtext.document import Markup, to_document

MOST_CHARACTERS = 65_536
MOST_BYTES = 262_144
_QUIET = "\ue010"
"""Stands for the empty comment until the Markdown is written: a private character is never escaped."""
_SIGNS = re.compile(r"(?<![\w@])@(?=[A-Za-z0-9])|#(?=\d)|\bGH-(?=\d)", re.IGNORECASE)
_UNTOUCHED = frozenset({"code", "link"})


def _identity(account: str, _name: str) -> str:
    return account


def markdown_of(document: Document | None) -> str:
    """The Markdown that shows a document's words and calls nobody but those it mentions."""
    if document is None:
        return ""
    written = adf_to_markdown(cast(RichDocument, _quiet(document)), references=BackReferences(mention=_identity))
    return written.replace(_QUIET, "<!-- -->").strip("\n")


def document_of(markdown: str) -> Document:
    """The document that a Markdown text reads as."""
    return cast(Document, to_document(markdown, markup=Markup.MARKDOWN).document)


def as_stored(document: Document) -> Document:
    """The document as it is read back. Colours and the like have no notation; doing it twice changes nothing."""
    return document_of(markdown_of(document))


def fitting(text: str, *, field: str) -> str:
    """The text when GitHub takes it. Raises Refused (TEXT_TOO_LONG) naming the field.

    The limit is told in characters and was measured in bytes: both are kept.
    """
    if len(text) <= MOST_CHARACTERS and len(text.encode()) <= MOST_BYTES:
        return text
    words = f"The text has {len(text):,} characters of Markdown, GitHub takes {MOST_CHARACTERS:,}."
    raise Refused(words, code=Code.TEXT_TOO_LONG, status=422, fields={field: words})


def _quiet(node: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which the signs of plain texts are defused."""
    made = dict(node)
    if made.get("type") == "codeBlock":
        return made
    marks = {mark.get("type") for mark in made.get("marks", ())}
    if "text" in made and not marks & _UNTOUCHED:
        made["text"] = _SIGNS.sub(lambda match: match.group() + _QUIET, str(made["text"]).replace(_QUIET, ""))
    if "content" in made:
        made["content"] = [_quiet(child) for child in made["content"]]
    return made
