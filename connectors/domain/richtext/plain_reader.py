"""Reads plain text: blank lines separate paragraphs, addresses become links."""

import re

from connectors.domain.richtext.addresses import usable_href
from connectors.domain.richtext.tree import Block, BlockKind, Inline, Loose, Mark, MarkKind, Text

_BLANK_LINES = re.compile(r"(?:\r\n|\r|\n)[ \t]*(?:(?:\r\n|\r|\n)[ \t]*)+")
_ADDRESS = re.compile(r"(?:https?://|(?<![\w./])www\.)[^\s<>\"]*[^\s<>\"'.,;:!?)\]}]")


def read_plain(text: str) -> tuple[Loose, ...]:
    """Paragraphs of a plain text, every character kept."""
    return tuple(Block(BlockKind.PARAGRAPH, linked_text(part)) for part in _BLANK_LINES.split(text) if part.strip())


def linked_text(text: str) -> tuple[Inline, ...]:
    """A line with the addresses in it as links."""
    inlines: list[Inline] = []
    position = 0
    for match in _ADDRESS.finditer(text):
        if usable_href(match.group()) is None:
            continue
        if match.start() > position:
            inlines.append(Text(text[position : match.start()]))
        inlines.append(Text(match.group(), (Mark(MarkKind.LINK, match.group()),)))
        position = match.end()
    if position < len(text):
        inlines.append(Text(text[position:]))
    return tuple(inlines)
