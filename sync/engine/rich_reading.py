"""Texts of either side as blocks that can be compared: files by the receiving side's references, mentions as names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast
from urllib.parse import quote, unquote

from connectors.domain.richtext.adf import Document, NodeJson
from connectors.domain.richtext.adf_to_html import adf_to_html
from connectors.domain.richtext.adf_to_markdown import adf_to_markdown
from connectors.domain.richtext.back_references import BackReferences
from connectors.domain.richtext.blocks import content_key, split_document, split_text
from connectors.domain.richtext.composite import own_length, split_sections
from connectors.domain.richtext.document import Markup, to_document
from connectors.domain.richtext.limits import is_continued
from connectors.domain.richtext.references import Media, References
from connectors.domain.richtext.words import shown_text, visible_text
from sync.engine.alignment import BlockKeys

ADF = "adf"
_STAND_IN = "https://file.invalid/"
"""Files are at this address while a text is only read and compared."""
_MEDIA_MEMBERS = frozenset({"id", "url", "type"})

Rich = Mapping[str, Any]
Nodes = tuple[NodeJson, ...]


class CannotCarry(Exception):
    """A value has no counterpart on the other side: `code` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class FilesFirst(Exception):
    """A text shows files that are about to be carried: it is carried after them."""


@dataclass(frozen=True, slots=True)
class Files:
    """How files are shown: the sending side's reference -> the receiving side's, for files that both have. `coming`
    are the sending side's references of files about to be carried."""

    there: Mapping[str, str] = field(default_factory=dict)
    coming: frozenset[str] = frozenset()
    full: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(pairs: Iterable[tuple[str, str]], coming: Iterable[str] = ()) -> Files:
        """From (sending, receiving) references as the sides give them."""
        known = [(own, other) for own, other in pairs if own and other]
        return Files(
            {bare(own): bare(other) for own, other in known},
            frozenset(bare(each) for each in coming if each),
            {bare(other): other for _, other in known},
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as the receiving side holds it: its blocks as they are written and as they are compared. `rest` are the
    parts of a description that belong to other fields."""

    originals: tuple[Any, ...] = ()
    contents: tuple[Nodes, ...] = ()
    prefix: str = ""
    suffix: str = ""
    rest: Nodes = ()

    @property
    def nodes(self) -> list[NodeJson]:
        return [node for content in self.contents for node in content]


def bare(reference: str) -> str:
    """A reference without what varies from text to text: the parameters of an address."""
    return reference.partition("?")[0].partition("#")[0] if "://" in reference else reference


# -- reading


def read_sending(
    value: Rich | None, receiving: str, files: Files, *, past: bool = False, composite: bool = True
) -> list[Nodes]:
    """The blocks of a text that is sent to a side with the notation `receiving`, files already by that side's
    references. Raises FilesFirst, unless the text is a `past` one, and CannotCarry (TEXT_WAS_CUT)."""
    if value is None:
        return []
    if value["markup"] == ADF:
        document = _own_part(value["document"], split=composite and receiving != ADF)
        return split_document(_document(_sent(document, files, past=past)))

    def image(url: str) -> Media | None:
        known = bare(url)
        if known in files.there:
            return Media(files.there[known])
        if known in files.coming and not past:
            raise FilesFirst
        return _external(url)

    markup = Markup(value["markup"])
    read = _reader(markup, image)
    return [block.content for block in split_text(value["text"], markup=markup, read=read).blocks if block.content]


def read_receiving(value: Rich | None, sending: str, files: Files, *, composite: bool = True) -> Shown:
    """A text as the receiving side holds it. Raises CannotCarry (TEXT_WAS_CUT)."""
    if value is None:
        return Shown()
    if value["markup"] == ADF:
        document: Document = value["document"]
        split = composite and sending != ADF
        own = _own_part(document, split=split)
        length = own_length(document) if split else len(document.get("content", []))
        groups = split_document(own)
        rest = tuple(document.get("content", [])[length:])
        return Shown(tuple(groups), tuple(_plain(group) for group in groups), rest=rest)
    here = frozenset(files.full)
    markup = Markup(value["markup"])
    read = _reader(markup, lambda url: Media(bare(url)) if bare(url) in here else _external(url))
    found = split_text(value["text"], markup=markup, read=read)
    return Shown(
        tuple(block.original for block in found.blocks),
        tuple(block.content for block in found.blocks),
        found.prefix,
        found.suffix,
    )


def _own_part(document: Document, *, split: bool) -> Document:
    """The item's own description, where the other side keeps the further parts in fields of their own."""
    if is_continued(document):
        raise CannotCarry("TEXT_WAS_CUT", "The text was too long for one side and continues in a file.")
    return split_sections(document).body if split else document


def _reader(markup: Markup, image: Callable[[str], Media | None]) -> Callable[[str], Document]:
    resolve = References(image=image)
    return lambda text: to_document(text, markup=markup, resolve=resolve).document


def _stand_in(url: str) -> Media | None:
    return Media(unquote(url[len(_STAND_IN) :])) if url.startswith(_STAND_IN) else _external(url)


def _external(url: str) -> Media | None:
    """A picture that is no file of the item stays where it is."""
    return Media("", url=url) if "://" in url else None


def _document(nodes: Iterable[NodeJson]) -> Document:
    return {"type": "doc", "version": 1, "content": list(nodes)}


def _sent(document: Document, files: Files, *, past: bool) -> list[NodeJson]:
    """The nodes of a document with files by the receiving side's references; others become their names."""

    def media(node: NodeJson) -> NodeJson | None:
        attrs = node.get("attrs", {})
        if attrs.get("url"):
            return node
        known = bare(str(attrs.get("id", "")))
        if known in files.coming and known not in files.there and not past:
            raise FilesFirst
        if known not in files.there:
            return None
        return cast("NodeJson", {**node, "attrs": {**attrs, "id": files.there[known], "collection": ""}})

    return [made for node in document.get("content", []) for made in _rewritten(node, media)]


def _plain(nodes: Sequence[NodeJson]) -> Nodes:
    """Nodes with mentions as names."""
    return tuple(made for node in nodes for made in _rewritten(node, lambda node: node))


def _rewritten(node: NodeJson, media: Callable[[NodeJson], NodeJson | None]) -> list[NodeJson]:
    kind = node["type"]
    if kind == "mention":
        return [{"type": "text", "text": shown_text(node).lstrip("@") or "?"}]
    if kind in {"media", "mediaInline"}:
        made = media(node)
        if made is not None:
            return [made]
        return [{"type": "text", "text": str(node.get("attrs", {}).get("alt") or "image")}]
    if "content" not in node:
        return [node]
    content = [made for child in node["content"] for made in _rewritten(child, media)]
    if kind in {"mediaSingle", "mediaGroup"} and any(child["type"] == "text" for child in content):
        return [
            cast("NodeJson", {"type": "paragraph", "content": [child]})
            if child["type"] == "text"
            else cast("NodeJson", {**node, "content": [child]})
            for child in content
        ]
    return [cast("NodeJson", {**node, "content": content})]


# -- comparing and writing


def settled(markup: str, nodes: Sequence[NodeJson]) -> list[NodeJson]:
    """What these nodes show once they were written in that notation and read again."""
    if markup == ADF:
        return list(nodes)
    text = written(markup, nodes, lambda identity: _STAND_IN + quote(identity, safe=""))
    return list(_reader(Markup(markup), _stand_in)(text).get("content", []))


def written(markup: str, nodes: Sequence[NodeJson], address: Callable[[str], str]) -> str:
    """The nodes as a text; `address` is where a file is, by its reference."""
    if markup == Markup.PLAIN:
        return visible_text(_document(nodes)).strip()
    write = adf_to_html if markup == Markup.HTML else adf_to_markdown
    return write(_document(nodes), references=BackReferences(media=address))


def whole_key(nodes: Iterable[NodeJson]) -> str:
    """The same for texts that show the same, wherever empty lines stand between their blocks."""
    return content_key([_compared(node) for node in _plain(tuple(nodes)) if not _is_empty(node)])


def block_keys(nodes: Sequence[NodeJson], sending: str, receiving: str) -> BlockKeys:
    """What a block shows in either notation, found out only when it is asked for."""
    dumped = json.dumps(nodes)
    return BlockKeys(
        whole_key(nodes), lambda markup: _settled_key(markup, dumped), sending=sending, receiving=receiving
    )


@lru_cache(maxsize=2048)
def _settled_key(markup: str, nodes: str) -> str:
    return whole_key(settled(markup, json.loads(nodes)))


def media_of(nodes: Iterable[NodeJson]) -> set[str]:
    """References of the files that nodes show."""
    found: set[str] = set()
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if node["type"] in {"media", "mediaInline"} and node.get("attrs", {}).get("id"):
            found.add(str(node["attrs"]["id"]))
        pending.extend(node.get("content", []))
    return found


def _is_empty(node: NodeJson) -> bool:
    return node["type"] == "paragraph" and not node.get("content")


def _compared(node: NodeJson) -> NodeJson:
    """A node without how a picture is laid out, which every side decides for itself."""
    kind = node["type"]
    if kind in {"media", "mediaInline"}:
        attrs = {name: value for name, value in node.get("attrs", {}).items() if name in _MEDIA_MEMBERS}
        return {"type": kind, "attrs": attrs}
    if "content" not in node:
        return node
    made = cast("NodeJson", {**node, "content": [_compared(child) for child in node["content"]]})
    if kind == "mediaSingle":
        made.pop("attrs", None)
    return made
