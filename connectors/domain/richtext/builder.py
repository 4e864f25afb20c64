"""Builds a valid Atlassian document from any loose tree.

Whatever the content model would refuse is lifted out, split or wrapped, never dropped; every deviation
leaves a finding. Containers are built inside out: a container keeps the children that it may hold and
hands the others up, split in two around them, until something above may hold them. Table cells are never
split: `Scope.lifts` says beforehand whether a block can leave, else it takes another form in place.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from connectors.domain.richtext.adf import Document, NodeJson
from connectors.domain.richtext.content_model import accepts
from connectors.domain.richtext.findings import FindingCode, FindingLog
from connectors.domain.richtext.images import ImageWriter
from connectors.domain.richtext.inline import InlineWriter, LineInline
from connectors.domain.richtext.line import split_at_blank_lines
from connectors.domain.richtext.list_writer import ListWriter
from connectors.domain.richtext.references import References
from connectors.domain.richtext.scope import Scope, empty_paragraph, number_attribute
from connectors.domain.richtext.table_writer import TableWriter
from connectors.domain.richtext.tree import (
    Block,
    BlockKind,
    Image,
    Loose,
    Mark,
    MarkKind,
    Mention,
    Text,
    lines_below,
)

MAX_DEPTH = 40

Make = Callable[[list[NodeJson]], NodeJson]

_ORPHANS = {
    BlockKind.LIST_ITEM: BlockKind.BULLET_LIST,
    BlockKind.TASK_ITEM: BlockKind.TASK_LIST,
    BlockKind.TABLE_ROW: BlockKind.TABLE,
    BlockKind.TABLE_CELL: BlockKind.TABLE_ROW,
    BlockKind.TABLE_HEADER: BlockKind.TABLE_ROW,
}
_PANEL_TYPES = frozenset({"info", "note", "tip", "warning", "error", "success"})


class Builder:
    """Builds one document. `images`, `inline.items` and `inline.mentions` are what was met on the way."""

    def __init__(self, references: References, log: FindingLog) -> None:
        self.log = log
        self.inline = InlineWriter(references, log)
        self.images = ImageWriter(references, log)
        lists = ListWriter(self)
        tables = TableWriter(self)
        self._handlers: dict[BlockKind, Callable[[Block, Scope, list[NodeJson]], None]] = {
            BlockKind.DOC: self._transparent,
            BlockKind.PARAGRAPH: self._transparent,
            BlockKind.HEADING: self._heading,
            BlockKind.BULLET_LIST: lists.write,
            BlockKind.ORDERED_LIST: lists.write,
            BlockKind.TASK_LIST: lists.write,
            BlockKind.QUOTE: self._quote,
            BlockKind.PANEL: self._panel,
            BlockKind.EXPAND: self._expand,
            BlockKind.CODE_BLOCK: self._code_block,
            BlockKind.RULE: self._rule,
            BlockKind.TABLE: tables.write,
        }

    def document(self, content: Sequence[Loose]) -> Document:
        """The document of a loose tree; valid by the content model whatever the tree."""
        return {"type": "doc", "version": 1, "content": self.blocks(content, Scope("doc"))}

    # -- flow

    def blocks(self, children: Sequence[Loose], scope: Scope) -> list[NodeJson]:
        """Nodes of loose children; some may be refused by `scope` and belong further up."""
        out: list[NodeJson] = []
        run: list[LineInline] = []
        orphans: list[Block] = []
        for child in children:
            if orphans and not (isinstance(child, Block) and child.kind is orphans[0].kind):
                self._wrap_orphans(orphans, scope, out)
            if isinstance(child, Block):
                self._flush(run, out)
                if child.kind in _ORPHANS:
                    orphans.append(child)
                else:
                    self.block(child, scope, out)
            elif isinstance(child, Image):
                self._image(child, scope, run=run, out=out)
            else:
                _append_apart(run, child)
        self._wrap_orphans(orphans, scope, out)
        self._flush(run, out)
        return out

    def block(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        """Append the nodes of one block."""
        if scope.depth >= MAX_DEPTH:
            self.log.add(FindingCode.NESTING_FLATTENED, block.kind.value)
            out.extend(self._flattened(block, scope))
            return
        if block.kind in _ORPHANS:
            self._wrap_orphans([block], scope, out)
        else:
            self._handlers[block.kind](block, scope, out)

    def _transparent(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        out.extend(self.blocks(block.content, Scope(scope.kind, scope.parent, scope.depth + 1)))

    def _flattened(self, block: Block, scope: Scope) -> list[NodeJson]:
        """Paragraphs with all lines below a block."""
        run: list[LineInline] = []
        out: list[NodeJson] = []
        for inline in lines_below(block):
            if inline is None:
                self._flush(run, out)
            elif isinstance(inline, Image):
                self._image(inline, scope, run=run, out=out)
            else:
                _append_apart(run, inline)
        self._flush(run, out)
        return out

    def _wrap_orphans(self, orphans: list[Block], scope: Scope, out: list[NodeJson]) -> None:
        if orphans:
            kind = _ORPHANS[orphans[0].kind]
            self.log.add(FindingCode.ORPHAN_WRAPPED, orphans[0].kind.value)
            wrapped = Block(kind, tuple(orphans))
            if kind is BlockKind.TABLE_ROW:
                wrapped = Block(BlockKind.TABLE, (wrapped,))
            orphans.clear()
            self.block(wrapped, scope, out)

    def _flush(self, run: list[LineInline], out: list[NodeJson]) -> None:
        if not run:
            return
        nodes = self.inline.nodes(run)
        if not nodes:
            if any(isinstance(inline, Text | Mention) and inline.marks for inline in run):
                self.log.add(FindingCode.MARKS_ON_BLANK)
        elif len(nodes) == 1:
            out.append({"type": "paragraph", "content": nodes})
        else:
            out.extend({"type": "paragraph", "content": part} for part in split_at_blank_lines(nodes))
        run.clear()

    def _image(self, image: Image, scope: Scope, *, run: list[LineInline], out: list[NodeJson]) -> None:
        node = self.images.node(image)
        if node is None or not scope.lifts("mediaSingle"):
            for inline in self.images.fallback(image):
                _append_apart(run, inline, apart=True)
            return
        if run:
            self.log.add(FindingCode.IMAGE_MOVED, image.alt)
        self._flush(run, out)
        out.append(node)

    def _split_around(
        self, kind: str, nodes: list[NodeJson], make: Callable[[list[NodeJson]], NodeJson]
    ) -> list[NodeJson]:
        """Containers of `kind` around the nodes that it accepts, the refused ones between them."""
        out: list[NodeJson] = []
        kept: list[NodeJson] = []
        for node in nodes:
            if accepts(kind, node["type"]):
                kept.append(node)
                continue
            self.log.add(FindingCode.LIFTED, f"{node['type']} out of {kind}")
            if kept:
                out.append(make(kept))
                kept = []
            out.append(node)
        if kept:
            out.append(make(kept))
        return out

    # -- text blocks

    def _heading(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        line = [child for child in block.content if not isinstance(child, Block | Image)]
        others = [child for child in block.content if isinstance(child, Block | Image)]
        if not scope.accepts("heading"):
            self.log.add(FindingCode.HEADING_AS_STRONG)
            self._flush([_strong(inline) for inline in line], out)
        else:
            nodes = self.inline.nodes(line)
            level = min(max(number_attribute(block, "level", 1), 1), 6)
            if nodes:
                out.append({"type": "heading", "attrs": {"level": level}, "content": nodes})
        if others:
            if line:
                self.log.add(FindingCode.IMAGE_MOVED, "out of heading")
            out.extend(self.blocks(others, scope.within(scope.kind)))

    def _code_block(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        line = [child for child in block.content if not isinstance(child, Block | Image)]
        others = [child for child in block.content if isinstance(child, Block | Image)]
        text = self.inline.plain(line).replace("\r\n", "\n").replace("\r", "\n")
        text = text.strip("\n").rstrip() if text.strip() else ""
        if text and not scope.lifts("codeBlock"):
            self._flush([Text(text, (Mark(MarkKind.CODE),))], out)
        elif text:
            node: NodeJson = {"type": "codeBlock", "content": [{"type": "text", "text": text}]}
            language = block.attrs.get("language")
            if language:
                node["attrs"] = {"language": str(language)}
            out.append(node)
        if others:
            self.log.add(FindingCode.LIFTED, "out of codeBlock")
            out.extend(self.blocks(others, scope.within(scope.kind)))

    def _rule(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        if scope.lifts("rule"):
            out.append({"type": "rule"})
        if block.content:
            self._transparent(block, scope, out)

    # -- containers

    def _quote(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        if not scope.accepts("blockquote"):
            self.log.add(FindingCode.QUOTE_UNWRAPPED, f"in {scope.kind}")
            self._transparent(block, scope, out)
            return
        content = self.blocks(block.content, scope.within("blockquote"))
        out.extend(self._split_around("blockquote", content, lambda nodes: {"type": "blockquote", "content": nodes}))

    def _panel(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        if not scope.accepts("panel"):
            self.log.add(FindingCode.PANEL_UNWRAPPED, f"in {scope.kind}")
            self._transparent(block, scope, out)
            return
        named = str(block.attrs.get("panelType", "info"))
        panel_type = named if named in _PANEL_TYPES else "info"
        content = self.blocks(block.content, scope.within("panel"))
        out.extend(
            self._split_around(
                "panel",
                content,
                lambda nodes: {"type": "panel", "attrs": {"panelType": panel_type}, "content": nodes},
            )
        )

    def _expand(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        title = self.inline.cleaned(str(block.attrs.get("title", "")))
        kind = "nestedExpand" if scope.lifts("nestedExpand") else "expand"
        if not scope.lifts(kind):
            self.log.add(FindingCode.EXPAND_UNWRAPPED, title)
            self._flush([Text(title, (Mark(MarkKind.STRONG),))], out)
            self._transparent(block, scope, out)
            return
        inner = Scope(kind, scope, scope.depth + 1)
        content = self.blocks(block.content, inner) or [empty_paragraph()]
        if not any(accepts(kind, node["type"]) for node in content):
            content.insert(0, empty_paragraph())
        out.extend(
            self._split_around(kind, content, lambda nodes: {"type": kind, "attrs": {"title": title}, "content": nodes})
        )


class _FileName(Text):
    """The shown name of a picture; words around it stay words of their own."""


def _append_apart(run: list[LineInline], inline: LineInline, *, apart: bool = False) -> None:
    """Append to a line, with a space between a file name and the words beside it."""
    if run and isinstance(inline, Text):
        last = run[-1]
        touches = isinstance(last, Text) and not last.text[-1:].isspace() and not inline.text[:1].isspace()
        if touches and (apart or isinstance(last, _FileName)):
            run.append(Text(" "))
    run.append(_FileName(inline.text, inline.marks) if apart and isinstance(inline, Text) else inline)


def _strong(inline: LineInline) -> LineInline:
    if isinstance(inline, Text | Mention):
        return replace(inline, marks=(*inline.marks, Mark(MarkKind.STRONG)))
    return inline
