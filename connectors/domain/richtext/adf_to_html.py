"""Jira documents as HTML, as Azure DevOps' editor keeps it."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

from connectors.domain.richtext.adf import Document, MarkJson, NodeJson
from connectors.domain.richtext.back_references import (
    MAX_BACK_DEPTH,
    BackReferences,
    attribute,
    inline_text,
    link_address,
    relinked,
)
from connectors.domain.richtext.words import visible_text

_NO_REFERENCES = BackReferences()
_TAGS = {"strong": "strong", "em": "em", "underline": "u", "strike": "s", "code": "code"}
_CARDS = frozenset({"blockCard", "embedCard"})


def adf_to_html(document: Document, *, references: BackReferences = _NO_REFERENCES) -> str:
    """The HTML of a document. Every visible word is kept; what HTML has no element for is its text.

    Reading the result gives the same document again, but for panels (quotes), pictures that `references`
    does not know (their names) and what has no counterpart outside Jira (cards, statuses, extensions).
    """
    return _Writer(references).blocks(document.get("content", []))


class _Writer:
    def __init__(self, references: BackReferences) -> None:
        self._references = references
        self._depth = 0
        self._handlers: Mapping[str, Callable[[NodeJson], str]] = {
            "paragraph": lambda node: f"<p>{self.line(node) or '<br>'}</p>",
            "heading": self._heading,
            "bulletList": lambda node: self._around("ul", node),
            "orderedList": self._ordered_list,
            "listItem": lambda node: f"<li>{self._item(node)}</li>",
            "taskList": lambda node: self._around("ul", node),
            "taskItem": self._task,
            "blockTaskItem": self._task,
            "decisionList": lambda node: self._around("ul", node),
            "decisionItem": lambda node: f"<li>{self.line(node)}</li>",
            "blockquote": lambda node: self._around("blockquote", node),
            "panel": lambda node: self._around("blockquote", node),
            "codeBlock": self._code_block,
            "rule": lambda _node: "<hr>",
            "expand": self._expand,
            "nestedExpand": self._expand,
            "table": lambda node: f"<table><tbody>{self.blocks(node.get('content', []))}</tbody></table>",
            "tableRow": lambda node: self._around("tr", node),
            "tableCell": lambda node: self._cell("td", node),
            "tableHeader": lambda node: self._cell("th", node),
            "media": self._media,
            "caption": lambda node: f"<p>{self.line(node)}</p>",
        }

    def blocks(self, nodes: Sequence[NodeJson]) -> str:
        """The HTML of nodes one after another."""
        return "".join(self._block(node) for node in nodes)

    def _block(self, node: NodeJson) -> str:
        if self._depth > MAX_BACK_DEPTH:
            return f"<p>{escape(' '.join(visible_text(node).split()), quote=False)}</p>"
        self._depth += 1
        try:
            handler = self._handlers.get(node["type"])
            return handler(node) if handler else self._unknown(node)
        finally:
            self._depth -= 1

    def _unknown(self, node: NodeJson) -> str:
        """Media groups and layouts are their content; cards their link; extensions their text."""
        if node["type"] in _CARDS:
            return f"<p>{self._card(node)}</p>"
        if "content" in node:
            return self.blocks(node["content"])
        text = inline_text(node) or node.get("text", "")
        return f"<p>{escape(text, quote=False)}</p>" if text else ""

    def _around(self, tag: str, node: NodeJson) -> str:
        return f"<{tag}>{self.blocks(node.get('content', []))}</{tag}>"

    def _heading(self, node: NodeJson) -> str:
        level = attribute(node, "level")
        tag = f"h{level}" if level in {"1", "2", "3", "4", "5", "6"} else "h6"
        return f"<{tag}>{self.line(node)}</{tag}>"

    def _ordered_list(self, node: NodeJson) -> str:
        order = attribute(node, "order")
        start = f' start="{escape(order)}"' if order not in {"", "1"} else ""
        return f"<ol{start}>{self.blocks(node.get('content', []))}</ol>"

    def _item(self, node: NodeJson) -> str:
        """One line stands directly in its item, as the editor writes it."""
        content = node.get("content", [])
        if content and content[0]["type"] == "paragraph":
            lines = sum(child["type"] == "paragraph" for child in content)
            if lines == 1:
                return self.line(content[0]) + self.blocks(content[1:])
        return self.blocks(content)

    def _task(self, node: NodeJson) -> str:
        checked = " checked" if attribute(node, "state") == "DONE" else ""
        inner = self.blocks(node.get("content", [])) if node["type"] == "blockTaskItem" else self.line(node)
        return f'<li><input type="checkbox"{checked}> {inner}</li>'

    def _code_block(self, node: NodeJson) -> str:
        language = attribute(node, "language")
        named = f' class="language-{escape(language)}"' if language else ""
        text = "".join(child.get("text", "") for child in node.get("content", []))
        return f"<pre><code{named}>{escape(text, quote=False)}</code></pre>"

    def _expand(self, node: NodeJson) -> str:
        title = escape(attribute(node, "title"), quote=False)
        return f"<details><summary>{title}</summary>{self.blocks(node.get('content', []))}</details>"

    def _cell(self, tag: str, node: NodeJson) -> str:
        spans = "".join(
            f' {name}="{escape(attribute(node, name))}"'
            for name in ("colspan", "rowspan")
            if attribute(node, name) not in {"", "1"}
        )
        content = node.get("content", [])
        single = len(content) == 1 and content[0]["type"] == "paragraph"
        return f"<{tag}{spans}>{self.line(content[0]) if single else self.blocks(content)}</{tag}>"

    def _media(self, node: NodeJson) -> str:
        return f"<p>{self._picture(node)}</p>"

    def _picture(self, node: NodeJson) -> str:
        address = attribute(node, "url") or self._references.media(attribute(node, "id"))
        alt = attribute(node, "alt")
        if not address:
            return escape(alt or attribute(node, "id"), quote=False)
        size = "".join(
            f' {name}="{escape(attribute(node, name))}"' for name in ("width", "height") if attribute(node, name)
        )
        picture = f'<img src="{escape(address)}" alt="{escape(alt)}"{size}>'
        href = link_address(node)
        return f'<a href="{escape(href)}">{picture}</a>' if href else picture

    def _card(self, node: NodeJson) -> str:
        text, address = relinked(attribute(node, "url"), attribute(node, "url"), self._references)
        return f'<a href="{escape(address)}">{escape(text, quote=False)}</a>' if address else ""

    # -- lines

    def line(self, node: NodeJson) -> str:
        """The inline content of a block; spaces that HTML would join are kept apart."""
        parts: list[str] = []
        after_space = True
        for child in node.get("content", []):
            if child["type"] == "hardBreak":
                parts.append("<br>")
                after_space = True
                continue
            if child["type"] == "text":
                parts.append(self._text(child, after_space=after_space))
                after_space = child["text"].endswith((" ", "\xa0"))
                continue
            parts.append(self._inline(child))
            after_space = False
        return "".join(parts)

    def _inline(self, node: NodeJson) -> str:
        kind = node["type"]
        if kind == "mention":
            return self._mention(node)
        if kind == "inlineCard":
            return f" {self._card(node)} "
        if kind in {"mediaInline", "media"}:
            return self._picture(node)
        return escape(inline_text(node), quote=False)

    def _mention(self, node: NodeJson) -> str:
        name = escape(attribute(node, "text"), quote=False)
        identity = self._references.mention(attribute(node, "id"), attribute(node, "text"))
        if identity is None:
            return name
        return f'<a href="#" data-vss-mention="version:2.0,{escape(identity)}">{name}</a>'

    def _text(self, node: NodeJson, *, after_space: bool) -> str:
        text, address = relinked(node["text"], link_address(node), self._references)
        made = escape(_spaced(text, after_space=after_space), quote=False)
        made = made.replace("\xa0", "&nbsp;").replace("\r\n", "\n").replace("\n", "<br>")
        for mark in reversed(node.get("marks", [])):
            made = _marked(made, mark, address)
        return made


def _spaced(text: str, *, after_space: bool) -> str:
    """The text with every space that follows another as a no-break space."""
    if "  " not in text and not (after_space and text[:1] == " "):
        return text
    kept: list[str] = []
    for character in text:
        kept.append("\xa0" if character == " " and after_space else character)
        after_space = character in " \xa0"
    return "".join(kept)


def _marked(made: str, mark: MarkJson, address: str) -> str:
    kind = mark["type"]
    attrs = mark.get("attrs", {})
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>{made}</{_TAGS[kind]}>"
    if kind == "link":
        return f'<a href="{escape(address)}">{made}</a>'
    if kind == "subsup":
        tag = "sub" if attrs.get("type") == "sub" else "sup"
        return f"<{tag}>{made}</{tag}>"
    if kind in {"textColor", "backgroundColor"}:
        name = "color" if kind == "textColor" else "background-color"
        return f'<span style="{name}:{escape(str(attrs.get("color", "")))}">{made}</span>'
    return made
