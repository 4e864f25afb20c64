"""What a source text holds, counted by a parser of its own, to compare with the document."""

import re
from collections import Counter
from xml.etree import ElementTree

import html5lib
from markdown_it import MarkdownIt

from connectors.domain.richtext.adf import Document
from tests.connectors.domain.richtext.corpus import nodes

_MARKS = {
    "b": "strong",
    "strong": "strong",
    "i": "em",
    "em": "em",
    "u": "underline",
    "ins": "underline",
    "s": "strike",
    "del": "strike",
    "strike": "strike",
    "code": "code",
}
_MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
Marks = frozenset[str]


def parsed(text: str, *, markdown: bool = False) -> ElementTree.Element:
    html = _MARKDOWN.render(text) if markdown else text
    tree: ElementTree.Element = html5lib.parseFragment(html, namespaceHTMLElements=False)
    return tree


def structure_of_source(tree: ElementTree.Element) -> Counter[str]:
    """Headings, items, cells, code blocks and pictures of a source."""
    counts: Counter[str] = Counter()
    for element in tree.iter():
        tag = str(element.tag)
        if re.fullmatch(r"h[1-6]", tag) and "".join(element.itertext()).strip():
            counts["headings"] += 1
        elif tag == "li":
            counts["items"] += 1
        elif tag in {"td", "th"}:
            counts["cells"] += 1
        elif tag == "pre" and "".join(element.itertext()).strip():
            counts["code blocks"] += 1
        elif tag == "img":
            counts["pictures"] += 1
        elif tag == "hr":
            counts["rules"] += 1
    return counts


_COUNTED = {
    "heading": "headings",
    "listItem": "items",
    "taskItem": "items",
    "tableCell": "cells",
    "tableHeader": "cells",
    "codeBlock": "code blocks",
    "media": "pictures",
    "rule": "rules",
}


def structure_of_document(document: Document) -> Counter[str]:
    """The same of a document."""
    return Counter(_COUNTED[node["type"]] for node in nodes(document) if node["type"] in _COUNTED)


def marked_characters_of_source(tree: ElementTree.Element) -> Counter[tuple[str, str]]:
    """How often each character stands under each mark; the address is part of a link's name."""
    counts: Counter[tuple[str, str]] = Counter()
    pending: list[tuple[ElementTree.Element | str, Marks]] = [(tree, frozenset())]
    while pending:
        node, marks = pending.pop()
        if isinstance(node, str):
            counts.update((mark, character) for mark in marks for character in node if not character.isspace())
            continue
        inner = _inner_marks(node, marks)
        if node.text:
            pending.append((node.text, inner))
        for child in node:
            pending.append((child, inner))
            if child.tail:
                pending.append((child.tail, inner))
    return counts


def _inner_marks(element: ElementTree.Element, marks: Marks) -> Marks:
    tag = str(element.tag)
    if tag == "pre":
        return frozenset({"pre"})
    if "pre" in marks:
        return marks
    inner = set(marks)
    if tag in _MARKS:
        inner.add(_MARKS[tag])
    if tag == "a" and element.get("href", "").strip() and element.get("data-vss-mention") is None:
        inner = {mark for mark in inner if not mark.startswith("link ")} | {f"link {element.get('href', '').strip()}"}
    _add_style(element.get("style", "").lower(), inner)
    return frozenset(inner)


def _add_style(style: str, inner: set[str]) -> None:
    weight = re.search(r"font-weight:\s*(\w+)", style)
    if weight:
        bold = weight.group(1) in {"bold", "bolder", "600", "700", "800", "900"}
        inner.add("strong") if bold else inner.discard("strong")
    if re.search(r"font-style:\s*italic", style):
        inner.add("em")
    elif re.search(r"font-style:\s*normal", style):
        inner.discard("em")
    if re.search(r"text-decoration[^;]*underline", style):
        inner.add("underline")
    if re.search(r"text-decoration[^;]*line-through", style):
        inner.add("strike")


def marked_characters_of_document(document: Document) -> Counter[tuple[str, str]]:
    """The same of a document, code blocks as `pre`; colours left out."""
    counts: Counter[tuple[str, str]] = Counter()
    for node in nodes(document):
        if node["type"] == "codeBlock":
            text = "".join(child["text"] for child in node.get("content", []))
            counts.update(("pre", character) for character in text if not character.isspace())
        elif node["type"] == "text":
            for mark in node.get("marks", ()):
                name = mark["type"]
                if name.endswith("Color"):
                    continue
                if name == "link":
                    name = f"link {mark['attrs']['href']}"
                counts.update((name, character) for character in node["text"] if not character.isspace())
    return counts


def without_own_links(document: Counter[tuple[str, str]], source: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Leaves out addresses in plain text that became links to themselves, as GitHub shows them."""
    known = {mark for mark, _ in source}
    own: set[str] = set()
    for mark in {mark for mark, _ in document} - known:
        address = Counter(mark.removeprefix("link ").removeprefix("https://"))
        shown = Counter({key[1]: count for key, count in document.items() if key[0] == mark})
        if mark.startswith("link ") and not address - shown:
            own.add(mark)
    return Counter({key: count for key, count in document.items() if key[0] not in own})
