"""Inline content as GitHub Flavored Markdown, escaped so that it reads back as it was."""

import re
from collections.abc import Sequence

from connectors.domain.richtext.adf import NodeJson
from connectors.domain.richtext.back_references import (
    BackReferences,
    attribute,
    inline_text,
    link_address,
    relinked,
)

_ALWAYS_ESCAPED = re.compile(r"([\\`*\[\]<~])")
_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_ENTITY = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
_BLOCK_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|>|[-+=](?=[-+=\s]|$)|:?-+:?(?=\s*\|))")
_NUMBERED = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")
_SPACES = re.compile(r"[ \t\n\r\f\v]+")
_DELIMITERS = {"strong": "**", "em": "*", "strike": "~~"}
_TAGS = {"strong": "strong", "em": "em", "strike": "del", "underline": "ins"}


class MarkdownLine:
    """Writes lines of text, links, pictures and mentions."""

    def __init__(self, references: BackReferences) -> None:
        self._references = references

    def text(self, nodes: Sequence[NodeJson], *, one_line: bool = False) -> str:
        """The Markdown of inline nodes; in one line, line breaks are tags."""
        parts: list[str] = []
        for position, node in enumerate(nodes):
            if node["type"] == "hardBreak":
                parts.append("<br>" if one_line else "\\\n")
            elif node["type"] == "text":
                before = _edge(nodes, position - 1, -1)
                after = _edge(nodes, position + 1, 0)
                parts.append(self._marked(node, before, after))
            else:
                parts.append(self.inline(node))
        made = "".join(parts).strip()
        return "\n".join(escaped_block_start(line) for line in made.split("\n"))

    def inline(self, node: NodeJson) -> str:
        """An inline node that is no text."""
        kind = node["type"]
        if kind == "mention":
            identity = self._references.mention(attribute(node, "id"), attribute(node, "text"))
            return f"@{identity}" if identity else escaped_text(attribute(node, "text"))
        if kind == "inlineCard":
            return f" {self.card(node)} "
        if kind in {"media", "mediaInline"}:
            return self.picture(node)
        return escaped_text(inline_text(node))

    def card(self, node: NodeJson) -> str:
        """A smart link as its address."""
        text, address = relinked(attribute(node, "url"), attribute(node, "url"), self._references)
        return _link(escaped_text(text), text, address)

    def picture(self, node: NodeJson) -> str:
        """A picture, or its name when its file is not on this side."""
        address = attribute(node, "url") or self._references.media(attribute(node, "id"))
        alt = attribute(node, "alt")
        if not address:
            return escaped_text(alt or attribute(node, "id"))
        picture = f"![{escaped_text(' '.join(alt.split()))}]({_target(address)})"
        href = link_address(node)
        return f"[{picture}]({_target(href)})" if href else picture

    def _marked(self, node: NodeJson, before: str, after: str) -> str:
        text, address = relinked(_SPACES.sub(" ", node["text"]), link_address(node), self._references)
        kinds = [mark["type"] for mark in node.get("marks", ())]
        core = text.strip(" ")
        if not core or not kinds:
            return escaped_text(text)
        lead, trail = text[: len(text) - len(text.lstrip(" "))], text[len(text.rstrip(" ")) :]
        made = _code(core) if "code" in kinds else escaped_text(core)
        for mark in node.get("marks", ()):
            if mark["type"] == "subsup":
                tag = "sub" if mark.get("attrs", {}).get("type") == "sub" else "sup"
                made = f"<{tag}>{made}</{tag}>"
        if "underline" in kinds:
            made = f"<ins>{made}</ins>"
        bounded = _opens(core[0], " " if lead else before) and _opens(core[-1], " " if trail else after)
        made = _emphasised(made, kinds, bounded=bounded or bool(address))
        if address:
            made = _link(made, core, address)
        return lead + made + trail


def escaped_text(text: str) -> str:
    """Text in which nothing is markup."""
    made = _ALWAYS_ESCAPED.sub(r"\\\1", text)
    made = _UNDERSCORE.sub(r"\\_", made)
    return _ENTITY.sub("&amp;", made)


def escaped_block_start(line: str) -> str:
    """A line that begins no heading, quote or list by accident."""
    made = _BLOCK_START.sub(r"\1\\\2", line)
    return _NUMBERED.sub(r"\1\\\2", made)


def _edge(nodes: Sequence[NodeJson], position: int, edge: int) -> str:
    """The character beside a text: a space at a line's end, `*` where marked text touches it."""
    if not 0 <= position < len(nodes) or nodes[position]["type"] == "hardBreak":
        return " "
    node = nodes[position]
    if node["type"] != "text":
        return "x"
    return "*" if node.get("marks") else node["text"][edge]


def _emphasised(made: str, kinds: Sequence[str], *, bounded: bool) -> str:
    """Delimiters where CommonMark's flanking rules allow them, else tags."""
    wanted = [kind for kind in ("em", "strong", "strike") if kind in kinds]
    simple = bounded and not {"code", "underline", "subsup"} & set(kinds) and len(wanted) == 1
    for kind in wanted:
        made = f"{_DELIMITERS[kind]}{made}{_DELIMITERS[kind]}" if simple else f"<{_TAGS[kind]}>{made}</{_TAGS[kind]}>"
    return made


def _opens(inner: str, outer: str) -> bool:
    """Whether a delimiter between two characters belongs to the inner one, whatever counts as punctuation."""
    return outer.isspace() or (inner.isalnum() and outer != "*")


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _link(made: str, text: str, address: str) -> str:
    if not address:
        return made
    if text == address and re.match(r"^[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*$", address) and made == escaped_text(text):
        return f"<{address}>"
    return f"[{made}]({_target(address)})"


def _target(address: str) -> str:
    cleaned = address.replace("<", "%3C").replace(">", "%3E").replace("\n", "").strip()
    plain = re.match(r"^[^\s()<>\\]*$", cleaned) and cleaned
    return cleaned if plain else f"<{cleaned.replace(chr(92), '%5C')}>"
