"""Lines under construction: equal texts joined, edges trimmed, nothing empty."""

from collections.abc import Callable, Iterator

from connectors.domain.richtext.adf import MarkJson, NodeJson
from connectors.domain.richtext.tree import Mark, MarkKind, Marks

_ATTRIBUTE = {
    MarkKind.LINK: "href",
    MarkKind.SUBSUP: "type",
    MarkKind.TEXT_COLOR: "color",
    MarkKind.BACKGROUND_COLOR: "color",
}


def mark_json(mark: Mark) -> MarkJson:
    """A mark as it stands in a document."""
    attribute = _ATTRIBUTE.get(mark.kind)
    if attribute is None:
        return {"type": mark.kind.value}
    return {"type": mark.kind.value, "attrs": {attribute: mark.value}}


class Line:
    """Inline nodes under construction."""

    __slots__ = ("_marks", "_nodes", "refused_text")

    def __init__(self) -> None:
        self._nodes: list[NodeJson] = []
        self._marks: Marks | None = None
        self.refused_text = ""

    def add_lines(self, text: str, marks: Marks) -> None:
        """Text in which line feeds are line breaks."""
        if "\n" not in text and "\r" not in text:
            self.add_text(text, marks)
            return
        for position, part in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
            if position:
                self.add_break()
            self.add_text(part, marks)

    def add_text(self, text: str, marks: Marks) -> None:
        """Text without line feeds; joined with equal text before it."""
        if not text:
            return
        if self._marks is not None and self._marks == marks:
            self._nodes[-1]["text"] += text
            return
        node: NodeJson = {"type": "text", "text": text}
        if marks:
            node["marks"] = [mark_json(mark) for mark in marks]
        self._nodes.append(node)
        self._marks = marks

    def add_break(self) -> None:
        """A line break."""
        self.add_node({"type": "hardBreak"})

    def add_node(self, node: NodeJson) -> None:
        """Any inline node."""
        self._nodes.append(node)
        self._marks = None

    def finished(self) -> list[NodeJson]:
        """The nodes, edges trimmed."""
        nodes = self._nodes
        _trim(nodes, 0, str.lstrip)
        _trim(nodes, -1, str.rstrip)
        return nodes


def _trim(nodes: list[NodeJson], edge: int, strip: Callable[[str], str]) -> None:
    while nodes:
        node = nodes[edge]
        if node["type"] == "text":
            text = strip(node["text"])
            if text:
                node["text"] = text
                return
        elif node["type"] != "hardBreak":
            return
        del nodes[edge]


def split_at_blank_lines(nodes: list[NodeJson]) -> Iterator[list[NodeJson]]:
    """Two line breaks in a row end a paragraph."""
    part: list[NodeJson] = []
    breaks = 0
    for node in nodes:
        if node["type"] == "hardBreak":
            breaks += 1
            continue
        if node["type"] == "text" and breaks and not node["text"].strip():
            continue
        if part and breaks == 1:
            part.append({"type": "hardBreak"})
        elif part and breaks > 1:
            yield part
            part = []
        breaks = 0
        part.append(node)
    if part:
        yield part
