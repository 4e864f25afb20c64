"""Containers of an HTML fragment while they are being filled."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from connectors.domain.richtext.tree import BlockAttribute, BlockKind, Inline, Loose


class ElementAttributes(Protocol):
    """What a reader asks of an element's attributes; lxml's and a dictionary both answer."""

    def get(self, key: str, default: None = None, /) -> str | None: ...


class Mode(Enum):
    """How a container takes lines: as paragraphs, as one line, or as characters kept as they are."""

    FLOW = "flow"
    LINE = "line"
    CODE = "code"


@dataclass(slots=True)
class Frame:
    """A container being filled."""

    kind: BlockKind
    mode: Mode = Mode.FLOW
    attrs: dict[str, BlockAttribute] = field(default_factory=dict)
    children: list[Loose] = field(default_factory=list)
    run: list[Inline] = field(default_factory=list)
    done: bool | None = None
    word_items: bool = False
