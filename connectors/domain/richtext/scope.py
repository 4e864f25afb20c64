"""Where in a document something is being built, and what the parts of the builder ask of each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from connectors.domain.richtext.adf import NodeJson
from connectors.domain.richtext.content_model import accepts
from connectors.domain.richtext.findings import FindingLog
from connectors.domain.richtext.tree import Block, Loose

_UNSPLITTABLE = frozenset({"tableCell", "tableHeader", "doc"})


@dataclass(frozen=True, slots=True)
class Scope:
    """The container being filled and those around it."""

    kind: str
    parent: "Scope | None" = None
    depth: int = 0

    def within(self, kind: str) -> "Scope":
        return Scope(kind, self, self.depth + 1)

    def accepts(self, child: str) -> bool:
        return accepts(self.kind, child)

    def lifts(self, child: str) -> bool:
        """Whether a child finds a place here or above without splitting what cannot be split."""
        scope: Scope | None = self
        while scope is not None:
            if accepts(scope.kind, child):
                return True
            if scope.kind in _UNSPLITTABLE:
                return False
            scope = scope.parent
        return False


class BlockWriter(Protocol):
    """Builds what stands inside a list item or a cell."""

    log: FindingLog

    def blocks(self, children: Sequence[Loose], scope: Scope) -> list[NodeJson]:
        """Nodes of loose children; some may be refused by `scope` and belong further up."""

    def block(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        """Append the nodes of one block."""


def empty_paragraph() -> NodeJson:
    """A line without text, where the model asks for a line."""
    return {"type": "paragraph", "content": []}


def number_attribute(block: Block, name: str, default: int) -> int:
    """A whole number among the attributes of a block."""
    value = block.attrs.get(name, default)
    return value if isinstance(value, int) else default
