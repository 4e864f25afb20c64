"""Tables: rows of cells whose spans fit.

Editors paste tables whose spans reach beyond the table. Jira draws such tables wrongly or refuses them,
so a span is cut to the rows there are and to a width that a table may have.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.domain.richtext.adf import Attributes, NodeJson
from connectors.domain.richtext.findings import FindingCode
from connectors.domain.richtext.scope import BlockWriter, Scope, empty_paragraph, number_attribute
from connectors.domain.richtext.tree import Block, BlockKind, Loose

MAX_COLUMNS = 100

_CELL_KINDS = frozenset({BlockKind.TABLE_CELL, BlockKind.TABLE_HEADER})


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell and what it claims."""

    block: Block
    colspan: int = 1
    rowspan: int = 1


class TableWriter:
    """Writes the tables of one document."""

    def __init__(self, writer: BlockWriter) -> None:
        self._writer = writer

    def write(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        """Append a table, what stood between its rows before it."""
        before: list[Loose] = []
        rows: list[list[Cell]] = []
        for child in block.content:
            if isinstance(child, Block) and child.kind is BlockKind.TABLE_ROW:
                rows.append(_cells(child, before))
            else:
                before.append(child)
        rows = [row for row in rows if row]
        if before:
            self._lift_stray(before, scope, out)
        if not rows:
            return
        if not scope.lifts("table"):
            self._writer.log.add(FindingCode.TABLE_FLATTENED, f"in {scope.kind}")
            self._writer.block(_as_list(rows), scope, out)
            return
        settled, clamped = settle_spans(rows)
        if clamped:
            self._writer.log.add(FindingCode.SPAN_CLAMPED)
        built = [self._row(row, scope.depth + 2) for row in settled]
        out.append({"type": "table", "content": built})

    def _lift_stray(self, stray: list[Loose], scope: Scope, out: list[NodeJson]) -> None:
        lifted = self._writer.blocks(stray, scope.within(scope.kind))
        if lifted:
            self._writer.log.add(FindingCode.TABLE_TEXT_LIFTED)
            out.extend(lifted)

    def _row(self, row: list[Cell], depth: int) -> NodeJson:
        return {"type": "tableRow", "content": [self._cell(cell, depth) for cell in row]}

    def _cell(self, cell: Cell, depth: int) -> NodeJson:
        kind = "tableHeader" if cell.block.kind is BlockKind.TABLE_HEADER else "tableCell"
        content = self._writer.blocks(cell.block.content, Scope(kind, None, depth))
        node: NodeJson = {"type": kind, "content": content or [empty_paragraph()]}
        spans = (("colspan", cell.colspan), ("rowspan", cell.rowspan))
        attrs: Attributes = {name: span for name, span in spans if span > 1}
        if attrs:
            node["attrs"] = attrs
        return node


def settle_spans(rows: Sequence[Sequence[Cell]]) -> tuple[list[list[Cell]], bool]:
    """The rows with spans that fit, and whether any had to be cut.

    A `rowspan` of 0 means "to the end of the table" in HTML.
    """
    if all(cell.colspan == 1 and cell.rowspan == 1 for row in rows for cell in row):
        return [list(row) for row in rows], False
    settled: list[list[Cell]] = []
    clamped = False
    for position, row in enumerate(rows):
        left = len(rows) - position
        fitted: list[Cell] = []
        for cell in row:
            rowspan = left if cell.rowspan == 0 else min(max(cell.rowspan, 1), left)
            colspan = min(max(cell.colspan, 1), MAX_COLUMNS)
            clamped = clamped or (rowspan, colspan) != (cell.rowspan or left, cell.colspan)
            fitted.append(replace(cell, colspan=colspan, rowspan=rowspan))
        settled.append(fitted)
    return settled, clamped


def _cells(row: Block, stray: list[Loose]) -> list[Cell]:
    cells: list[Cell] = []
    for child in row.content:
        if isinstance(child, Block) and child.kind in _CELL_KINDS:
            cells.append(Cell(child, number_attribute(child, "colspan", 1), number_attribute(child, "rowspan", 1)))
        else:
            stray.append(child)
    return cells


def _as_list(rows: list[list[Cell]]) -> Block:
    items = tuple(
        Block(BlockKind.LIST_ITEM, tuple(Block(BlockKind.PARAGRAPH, cell.block.content) for cell in row))
        for row in rows
    )
    return Block(BlockKind.BULLET_LIST, items)
