"""Jira's limit on the length of a text: what does not fit continues in an attached file.

The limit of 32,767 counts characters of text, not of the document's JSON. Where exactly Jira counts line
ends is not documented; here every block and line break counts one, and characters outside the basic plane
count two as they do in Java, so the result is never longer than Jira allows.
"""

from collections.abc import Iterator
from typing import NamedTuple

from connectors.domain.richtext.adf import Document, NodeJson
from connectors.domain.richtext.words import shown_text, visible_text

TEXT_LIMIT = 32_767
OVERFLOW_FILENAME = "full-text.txt"
LONGEST_WORD = 1000

_SPLIT_BY_CHILDREN = frozenset(
    {"bulletList", "orderedList", "listItem", "taskList", "blockquote", "panel", "expand", "table"}
)
_LINES = frozenset({"paragraph", "heading", "taskItem", "codeBlock"})


class LimitedText(NamedTuple):
    """A document within the limit and, when it was cut, the rest as plain text."""

    document: Document
    overflow: str | None


def text_length(node: NodeJson) -> int:
    """How many characters a document or node counts for Jira, at most."""
    return sum(_own_length(part) for part in _parts(node))


def limit_text(document: Document, limit: int = TEXT_LIMIT, *, filename: str = OVERFLOW_FILENAME) -> LimitedText:
    """Cut a document at the limit, between blocks where possible, else between words.

    The document then says in its last paragraph that and where the text continues. Kept text and
    overflow together have every word, in order.
    """
    if text_length(document) <= limit:
        return LimitedText(document, None)
    note = _continuation(filename)
    kept, rest = _take_children(document.get("content", []), limit - text_length(note) - 1)
    overflow = visible_text({"type": "doc", "content": rest})
    lines = (line.rstrip() for line in overflow.split("\n"))
    text = "\n".join(line for line in lines if line) + "\n"
    return LimitedText({"type": "doc", "version": 1, "content": [*kept, note]}, text)


def is_continued(document: Document) -> bool:
    """Whether a document was cut by `limit_text`; such a body must never be written back to its source."""
    content = document.get("content", [])
    return any(_is_note(node) for node in content)


_NOTE = "This text is longer than Jira allows. It continues in the attached file "


def _continuation(filename: str) -> NodeJson:
    named: NodeJson = {"type": "text", "text": filename, "marks": [{"type": "strong"}]}
    return {"type": "paragraph", "content": [{"type": "text", "text": _NOTE}, named]}


def _is_note(node: NodeJson) -> bool:
    content = node.get("content") or [{"type": "text", "text": ""}]
    return node["type"] == "paragraph" and content[0].get("text", "").strip() == _NOTE.strip()


def _parts(node: NodeJson) -> Iterator[NodeJson]:
    pending = [node]
    while pending:
        part = pending.pop()
        yield part
        pending.extend(part.get("content", ()))


def _own_length(node: NodeJson) -> int:
    if node["type"] == "text":
        return _characters(node["text"])
    title = node.get("attrs", {}).get("title")
    return 1 + _characters(shown_text(node)) + (_characters(title) if isinstance(title, str) else 0)


def _characters(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _take_children(nodes: list[NodeJson], budget: int) -> tuple[list[NodeJson], list[NodeJson]]:
    """The nodes that fit and the rest; the node at the border is itself split when it can be."""
    kept: list[NodeJson] = []
    for position, node in enumerate(nodes):
        length = text_length(node)
        if length <= budget:
            kept.append(node)
            budget -= length
            continue
        head, tail = _split(node, budget)
        if head is not None:
            kept.append(head)
        return kept, [tail, *nodes[position + 1 :]]
    return kept, []


def _split(node: NodeJson, budget: int) -> tuple[NodeJson | None, NodeJson]:
    if node["type"] in _LINES:
        kept, rest = _take_line(node.get("content", []), budget - 1)
    elif node["type"] in _SPLIT_BY_CHILDREN:
        kept, rest = _take_children(node.get("content", []), budget - _own_length(node))
        if node["type"] == "listItem" and kept and kept[0]["type"] in {"bulletList", "orderedList", "taskList"}:
            kept = []
    else:
        return None, node
    if not kept:
        return None, node
    tail = _with_content(node, rest)
    if node["type"] == "expand":
        tail["attrs"] = {}
    return _with_content(node, kept), tail


def _with_content(node: NodeJson, content: list[NodeJson]) -> NodeJson:
    made: NodeJson = {"type": node["type"], "content": content}
    if "attrs" in node:
        made["attrs"] = node["attrs"]
    if "marks" in node:
        made["marks"] = node["marks"]
    return made


def _take_line(nodes: list[NodeJson], budget: int) -> tuple[list[NodeJson], list[NodeJson]]:
    """Cut behind the last white space or line break that fits, which may be in an earlier text.

    A line that begins with one enormous word is cut inside it; a shorter word moves whole.
    """
    border: tuple[int, int] | None = None
    used = 0
    for position, node in enumerate(nodes):
        length = _own_length(node)
        if node["type"] != "text":
            if used + length > budget:
                break
            border = (position + 1, 0)
        else:
            fitting = _fitting(node["text"], budget - used)
            space = max(fitting.rfind(" "), fitting.rfind("\n"), fitting.rfind("\t"))
            if space >= 0:
                border = (position, space + 1)
            if len(fitting) < len(node["text"]):
                border = border or ((position, len(fitting)) if budget > LONGEST_WORD else None)
                break
        used += length
    return _cut(nodes, border) if border else ([], nodes)


def _fitting(text: str, budget: int) -> str:
    head = text[: max(budget, 0)]
    while _characters(head) > budget:
        head = head[: -max(1, (_characters(head) - budget) // 2)]
    return head


def _cut(nodes: list[NodeJson], border: tuple[int, int]) -> tuple[list[NodeJson], list[NodeJson]]:
    position, offset = border
    if not offset:
        return nodes[:position], nodes[position:]
    text = nodes[position]["text"]
    head, tail = text[:offset], text[offset:]
    rest = [_with_text(nodes[position], tail)] if tail else []
    return [*nodes[:position], _with_text(nodes[position], head)], [*rest, *nodes[position + 1 :]]


def _with_text(node: NodeJson, text: str) -> NodeJson:
    made: NodeJson = {"type": "text", "text": text}
    if "marks" in node:
        made["marks"] = node["marks"]
    return made
