"""The loose tree that readers produce and the builder turns into a valid document.

Readers put anything into anything (a table in a list item, a heading in a quote, an image in the middle
of a sentence), because that is what people's texts do. Only the builder knows what Jira accepts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class MarkKind(StrEnum):
    """Marks of a text, by their names in an Atlassian document."""

    LINK = "link"
    STRONG = "strong"
    EM = "em"
    UNDERLINE = "underline"
    STRIKE = "strike"
    CODE = "code"
    SUBSUP = "subsup"
    TEXT_COLOR = "textColor"
    BACKGROUND_COLOR = "backgroundColor"


class BlockKind(StrEnum):
    """Blocks, by their names in an Atlassian document."""

    DOC = "doc"
    PARAGRAPH = "paragraph"
    HEADING = "heading"
    BULLET_LIST = "bulletList"
    ORDERED_LIST = "orderedList"
    LIST_ITEM = "listItem"
    TASK_LIST = "taskList"
    TASK_ITEM = "taskItem"
    QUOTE = "blockquote"
    CODE_BLOCK = "codeBlock"
    RULE = "rule"
    PANEL = "panel"
    EXPAND = "expand"
    TABLE = "table"
    TABLE_ROW = "tableRow"
    TABLE_CELL = "tableCell"
    TABLE_HEADER = "tableHeader"


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark; `value` is the address of a link, the colour, or `sub`/`sup`."""

    kind: MarkKind
    value: str = ""


Marks = tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Visible characters under marks; a line feed inside is a line break."""

    text: str
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Break:
    """A line break inside a paragraph."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture by its address; `data:` addresses carry the picture themselves."""

    source: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A person named in the text; `name` is as shown, usually with a leading `@`."""

    identity: str
    name: str
    marks: Marks = ()


Inline = Text | Break | Image | Mention

BlockAttribute = str | int | bool
_NOTHING: Mapping[str, BlockAttribute] = MappingProxyType({})


def _no_attributes() -> Mapping[str, BlockAttribute]:
    return _NOTHING


@dataclass(frozen=True, slots=True)
class Block:
    """A block with anything inside.

    Attributes by kind: heading `level`; orderedList `order`; codeBlock `language`; expand `title`;
    panel `panelType`; taskItem `done`; cells `colspan` and `rowspan`.
    """

    kind: BlockKind
    content: tuple["Block | Inline", ...] = ()
    attrs: Mapping[str, BlockAttribute] = field(default_factory=_no_attributes)


Loose = Block | Inline


def lines_below(block: Block) -> Iterator[Inline | None]:
    """All inlines below a block in order, `None` where a line ends; no recursion, whatever the depth."""
    pending: list[Loose | None] = [block]
    while pending:
        node = pending.pop()
        if not isinstance(node, Block):
            yield node
            continue
        yield None
        title = node.attrs.get("title")
        if isinstance(title, str) and title:
            yield Text(title)
            yield None
        pending.append(None)
        pending.extend(reversed(node.content))
