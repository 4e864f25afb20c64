"""Jira documents as GitHub Flavored Markdown."""

import re
from collections.abc import Callable, Mapping, Sequence

from connectors.domain.richtext.adf import Document, NodeJson
from connectors.domain.richtext.adf_to_html import adf_to_html
from connectors.domain.richtext.back_references import MAX_BACK_DEPTH, BackReferences, attribute
from connectors.domain.richtext.markdown_line import MarkdownLine, escaped_block_start, escaped_text
from connectors.domain.richtext.words import visible_text

_NO_REFERENCES = BackReferences()
_LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})
_ALERTS = {
    "info": "NOTE",
    "success": "TIP",
    "tip": "TIP",
    "note": "IMPORTANT",
    "warning": "WARNING",
    "error": "CAUTION",
}
_SEPARATOR = "<!-- -->"
_FENCE = re.compile(r"`{3,}")


def adf_to_markdown(document: Document, *, references: BackReferences = _NO_REFERENCES) -> str:
    """The Markdown of a document. Every visible word is kept.

    Colours have no notation in Markdown. Tables with spans, with blocks in their cells or without a head
    are written as HTML, which GitHub shows.
    """
    return _Writer(references).blocks(document.get("content", []))


class _Writer:
    def __init__(self, references: BackReferences) -> None:
        self._references = references
        self._line = MarkdownLine(references)
        self._depth = 0
        self._handlers: Mapping[str, Callable[[NodeJson], str]] = {
            "paragraph": self._paragraph,
            "heading": self._heading,
            "bulletList": self._list,
            "orderedList": self._list,
            "taskList": self._list,
            "decisionList": self._list,
            "blockquote": lambda node: _prefixed(self.blocks(node.get("content", []))),
            "panel": self._panel,
            "codeBlock": _code_block,
            "rule": lambda _node: "---",
            "expand": self._expand,
            "nestedExpand": self._expand,
            "table": self._table,
            "media": lambda node: self._line.picture(node),
            "caption": self._paragraph,
            "blockCard": self._card,
            "embedCard": self._card,
        }

    def blocks(self, nodes: Sequence[NodeJson], *, tight: bool = False) -> str:
        """Blocks separated by blank lines; neighbours that Markdown would join are kept apart."""
        parts: list[str] = []
        previous = ""
        for node in nodes:
            text = self._block(node)
            if not text:
                continue
            if previous and _would_join(previous, node["type"]):
                parts.append(_SEPARATOR)
            parts.append(text)
            previous = node["type"]
        return ("\n" if tight else "\n\n").join(parts)

    def _block(self, node: NodeJson) -> str:
        if self._depth > MAX_BACK_DEPTH:
            return escaped_block_start(escaped_text(" ".join(visible_text(node).split())))
        self._depth += 1
        try:
            handler = self._handlers.get(node["type"])
            if handler is not None:
                return handler(node)
            return self.blocks(node["content"]) if "content" in node else self._line.inline(node)
        finally:
            self._depth -= 1

    def _paragraph(self, node: NodeJson) -> str:
        return self._line.text(node.get("content", []))

    def _heading(self, node: NodeJson) -> str:
        level = attribute(node, "level")
        marks = "#" * (int(level) if level in {"1", "2", "3", "4", "5", "6"} else 6)
        return f"{marks} {self._line.text(node.get('content', []), one_line=True)}"

    def _card(self, node: NodeJson) -> str:
        return self._line.card(node)

    def _panel(self, node: NodeJson) -> str:
        alert = _ALERTS.get(attribute(node, "panelType"), "NOTE")
        return _prefixed(f"[!{alert}]\n{self.blocks(node.get('content', []))}")

    def _expand(self, node: NodeJson) -> str:
        title = " ".join(attribute(node, "title").split())
        shown = title.replace("&", "&amp;").replace("<", "&lt;")
        return f"<details><summary>{shown}</summary>\n\n{self.blocks(node.get('content', []))}\n\n</details>"

    # -- lists

    def _list(self, node: NodeJson) -> str:
        items = node.get("content", [])
        order = attribute(node, "order")
        number = int(order) if order.isdecimal() else 1
        loose = any(_is_loose(item) for item in items)
        parts: list[str] = []
        for position, item in enumerate(items):
            if item["type"] == "taskList":
                parts.append(_indented(self._list(item), "  ", first="  "))
                continue
            marker = f"{number + position}. " if node["type"] == "orderedList" else "- "
            parts.append(self._item(item, marker))
        return ("\n\n" if loose else "\n").join(parts)

    def _item(self, item: NodeJson, marker: str) -> str:
        content = item.get("content", [])
        if item["type"] in {"taskItem", "decisionItem"}:
            line = self._line.text(content, one_line=True)
            if item["type"] == "taskItem":
                line = f"[{'x' if attribute(item, 'state') == 'DONE' else ' '}] {line}"
            return marker + line
        if item["type"] == "blockTaskItem":
            marker += f"[{'x' if attribute(item, 'state') == 'DONE' else ' '}] "
            return _indented(self.blocks(content), "  ", first=marker)
        if content and content[0]["type"] == "paragraph" and not content[0].get("content"):
            inner = self.blocks(content[1:], tight=True)
            return (
                _indented(inner, " " * len(marker), first=marker.rstrip() + "\n" + " " * len(marker))
                if inner
                else marker.rstrip()
            )
        inner = self.blocks(content, tight=not _is_loose(item))
        return _indented(inner, " " * len(marker), first=marker)

    # -- tables

    def _table(self, node: NodeJson) -> str:
        rows = [row.get("content", []) for row in node.get("content", [])]
        if not _is_plain_table(rows):
            html = adf_to_html({"type": "doc", "content": [node]}, references=self._references)
            return html.replace("\n", "&#10;")
        lines = ["| " + " | ".join(self._cell(cell) for cell in row) + " |" for row in rows]
        lines.insert(1, "|" + " --- |" * len(rows[0]))
        return "\n".join(lines)

    def _cell(self, cell: NodeJson) -> str:
        content = cell.get("content", [])
        line = self._line.text(content[0].get("content", []), one_line=True) if content else ""
        return line.replace("|", "\\|")


def _would_join(previous: str, kind: str) -> bool:
    quotes = {"blockquote", "panel"}
    return (previous in _LISTS and kind in _LISTS) or (previous in quotes and kind in quotes)


def _is_loose(item: NodeJson) -> bool:
    """Items with several blocks other than nested lists need blank lines between them."""
    content = item.get("content", [])
    return item["type"] == "listItem" and any(child["type"] not in _LISTS for child in content[1:])


def _is_plain_table(rows: Sequence[Sequence[NodeJson]]) -> bool:
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        return False
    heads = all(cell["type"] == "tableHeader" for cell in rows[0])
    cells = all(cell["type"] == "tableCell" for row in rows[1:] for cell in row)
    return heads and cells and all(_is_plain_cell(cell) for row in rows for cell in row)


def _is_plain_cell(cell: NodeJson) -> bool:
    content = cell.get("content", [])
    spans = any(attribute(cell, name) not in {"", "1"} for name in ("colspan", "rowspan"))
    return not spans and (not content or (len(content) == 1 and content[0]["type"] == "paragraph"))


def _code_block(node: NodeJson) -> str:
    text = "".join(child.get("text", "") for child in node.get("content", []))
    longest = max((len(match) for match in _FENCE.findall(text)), default=2)
    fence = "`" * max(3, longest + 1)
    language = "".join(attribute(node, "language").split()).replace("`", "")
    return f"{fence}{language}\n{text}\n{fence}"


def _prefixed(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _indented(text: str, indent: str, *, first: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *(indent + line if line else "" for line in lines[1:])])
