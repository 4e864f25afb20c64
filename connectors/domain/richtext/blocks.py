"""Texts cut into their top-level blocks, each with its original notation, so that an edit in one block leaves the
notation of the others alone.

Whatever stands between two blocks belongs to the one before. The pieces of a text are always the whole text, and
reading them one by one gives what reading the text gives; where that does not hold the text is one piece.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from connectors.domain.richtext.adf import Document, NodeJson
from connectors.domain.richtext.canonical import canonical
from connectors.domain.richtext.document import Markup

Reader = Callable[[str], Document]

_PARSER = MarkdownIt("gfm-like", {"linkify": False})
_PARSER.disable("linkify")
_BLOCK_NAMES = (
    "address article aside blockquote center dd details dir div dl dt fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hr li main menu nav ol p pre section table tbody td tfoot th thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split(" "))
_WRAPPERS = frozenset({"div", "section", "article", "main"})
_VOID_NAMES = "area base br col embed hr img input link meta source track wbr"
_VOID = frozenset(_VOID_NAMES.split(" "))
_BLANK_LINES = re.compile(r"\n[ \t\r]*\n\s*")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^>]*?(/?)>")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A block in its original notation and what it shows. `content` is never empty but in a text without content."""

    original: str
    content: tuple[NodeJson, ...]


@dataclass(frozen=True, slots=True)
class Blocks:
    """A text in blocks; `prefix` and `suffix` are a wrapper around all of them."""

    blocks: tuple[TextBlock, ...]
    prefix: str = ""
    suffix: str = ""


def split_text(text: str, *, markup: Markup, read: Reader) -> Blocks:
    """The blocks of a text. `read` turns a text of this notation into a document."""
    whole = tuple(read(text).get("content", []))
    if markup is Markup.PLAIN:
        prefix, pieces, suffix = "", _plain_pieces(text), ""
    elif markup is Markup.MARKDOWN:
        prefix, pieces, suffix = "", _markdown_pieces(text), ""
    else:
        prefix, pieces, suffix = _html_pieces(text)
    blocks = _gathered([(piece, tuple(read(piece).get("content", []))) for piece in pieces])
    together = [node for block in blocks for node in block.content]
    if content_key(together) != content_key(whole):
        return Blocks((TextBlock(text, whole),))
    return Blocks(blocks, prefix, suffix)


def split_document(document: Document) -> list[tuple[NodeJson, ...]]:
    """The blocks of a document; empty paragraphs belong to the block before."""
    groups: list[tuple[NodeJson, ...]] = []
    for node in document.get("content", []):
        if groups and node["type"] == "paragraph" and not node.get("content"):
            groups[-1] = (*groups[-1], node)
        else:
            groups.append((node,))
    return groups


def content_key(nodes: Sequence[NodeJson]) -> str:
    """The same for nodes that show the same."""
    made = canonical({"type": "doc", "version": 1, "content": list(nodes)})
    return json.dumps(made.get("content", []), sort_keys=True)


def _gathered(pieces: list[tuple[str, tuple[NodeJson, ...]]]) -> tuple[TextBlock, ...]:
    """Pieces that show nothing belong to the block before, the first ones to the block behind."""
    blocks: list[TextBlock] = []
    lead = ""
    for text, content in pieces:
        if content:
            blocks.append(TextBlock(lead + text, content))
            lead = ""
        elif blocks:
            blocks[-1] = TextBlock(blocks[-1].original + text, blocks[-1].content)
        else:
            lead += text
    return tuple(blocks) if blocks else (TextBlock(lead, ()),)


def _plain_pieces(text: str) -> list[str]:
    borders = [match.end() for match in _BLANK_LINES.finditer(text)]
    return [text[start:end] for start, end in itertools.pairwise([0, *borders, len(text)]) if start < end]


# -- Markdown


def _markdown_pieces(text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    try:
        tokens = _PARSER.parse(text)
    except RecursionError:
        return [text]
    starts: list[int] = []
    open_tags = 0
    for token in tokens:
        if token.level or token.map is None or token.nesting < 0:
            continue
        if not open_tags:
            starts.append(token.map[0])
        if token.type == "html_block":
            open_tags = max(0, open_tags + _unclosed(token.content))
    if not starts or "".join(lines).count("\n") != text.count("\n"):
        return [text]
    borders = [0, *starts[1:], len(lines)]
    return ["".join(lines[start:end]) for start, end in itertools.pairwise(borders) if start < end]


def _unclosed(html: str) -> int:
    """How many more elements a piece of HTML opens than it closes."""
    count = 0
    for match in _TAG.finditer(html):
        if match.group(2).lower() in _VOID or match.group(3):
            continue
        count += -1 if match.group(1) else 1
    return count


# -- HTML


def _html_pieces(text: str) -> tuple[str, list[str], str]:
    """Prefix, pieces, suffix. Lone wrappers around everything are opened."""
    start, end = 0, len(text)
    for _ in range(8):
        borders, wrapper = _scan(text[start:end])
        if wrapper is None:
            break
        start, end = start + wrapper[0], start + wrapper[1]
    inner = text[start:end]
    borders, _ = _scan(inner)
    if not borders:
        return "", [text], ""
    edges = [0, *borders, len(inner)]
    return text[:start], [inner[one:other] for one, other in itertools.pairwise(edges)], text[end:]


def _scan(text: str) -> tuple[list[int], tuple[int, int] | None]:
    """Where top-level blocks begin and end, and the inside of a lone wrapper."""
    scanner = _Scanner(text)
    scanner.feed(text)
    scanner.close()
    borders = sorted({border for border in scanner.borders if text[:border].strip() and text[border:].strip()})
    return borders, scanner.wrapper if not borders else None


class _Scanner(HTMLParser):
    """Finds the borders of the top-level blocks of one text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.borders: list[int] = []
        self.wrapper: tuple[int, int] | None = None
        self._text = text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self._open: list[str] = []
        self._inside = 0

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        here = self._here()
        end = here + len(self.get_starttag_text() or "")
        if not self._open and tag in _BLOCKS:
            self.borders.append(here)
            self._inside = end
            if tag in _VOID:
                self.borders.append(end)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        bottom = self._open[0]
        while self._open.pop() != tag:
            pass
        if not self._open and bottom in _BLOCKS:
            here = self._here()
            self.borders.append(self._text.find(">", here) + 1 or len(self._text))
            if bottom in _WRAPPERS:
                self.wrapper = (self._inside, here)
