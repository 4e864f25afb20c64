"""Lists and task lists: items in their lists, everything else between them."""

from collections.abc import Iterator, Sequence

from connectors.domain.richtext.adf import NodeJson
from connectors.domain.richtext.content_model import ITEM_STARTS, accepts
from connectors.domain.richtext.findings import FindingCode
from connectors.domain.richtext.scope import BlockWriter, Scope, empty_paragraph, number_attribute
from connectors.domain.richtext.tree import Block, BlockKind, Loose

MAX_ORDER = 2**31 - 1

_LIST_KINDS = frozenset({BlockKind.BULLET_LIST, BlockKind.ORDERED_LIST, BlockKind.TASK_LIST})


class ListWriter:
    """Writes the lists of one document."""

    def __init__(self, writer: BlockWriter) -> None:
        self._writer = writer
        self._task_ids = 0

    def write(self, block: Block, scope: Scope, out: list[NodeJson]) -> None:
        """Append the lists made of one loose list."""
        inner = scope.within("orderedList" if block.kind is BlockKind.ORDERED_LIST else "bulletList")
        nodes: list[NodeJson] = []
        for child in _gathered(block.content):
            if child.kind is BlockKind.LIST_ITEM:
                nodes.extend(self._item(child, inner))
            elif child.kind is BlockKind.TASK_ITEM:
                nodes.extend(self._task_item(child, inner))
            else:
                self._in_list(child, inner, nodes)
        out.extend(self._lists(nodes, block))

    def _in_list(self, child: Block, inner: Scope, nodes: list[NodeJson]) -> None:
        """A child of a list that is no item: part of the item before it, or before the list."""
        code = FindingCode.LIST_HOISTED if child.kind in _LIST_KINDS else FindingCode.LIST_TEXT_MOVED
        as_item = inner.within("listItem")
        built: list[NodeJson] = []
        self._writer.block(child, as_item, built)
        if not built:
            return
        self._writer.log.add(code)
        if nodes and nodes[-1]["type"] == "listItem" and all(as_item.accepts(node["type"]) for node in built):
            nodes[-1]["content"].extend(built)
        elif child.kind in _LIST_KINDS and not nodes:
            for node in built:
                hoisted = node["type"] in {"bulletList", "orderedList"}
                nodes.extend(node["content"] if hoisted else [node])
        else:
            nodes.extend(built)

    def _lists(self, nodes: list[NodeJson], block: Block) -> Iterator[NodeJson]:
        """Lists around runs of items and of tasks; what is neither stands between them."""
        ordered = block.kind is BlockKind.ORDERED_LIST
        order = min(max(number_attribute(block, "order", 1), 0), MAX_ORDER)
        kinds: set[str] = set()
        for name, group in _runs(nodes):
            if name == "listItem":
                made: NodeJson = {"type": "orderedList" if ordered else "bulletList", "content": group}
                if ordered and order != 1:
                    made["attrs"] = {"order": order}
                order = min(order + len(group), MAX_ORDER)
                yield made
            elif name == "taskItem":
                yield self._task_list(group)
            else:
                self._writer.log.add(FindingCode.LIFTED, f"{group[0]['type']} out of list")
                yield from group
                continue
            kinds.add(name)
        if len(kinds) > 1:
            self._writer.log.add(FindingCode.TASK_LIST_SPLIT)

    def _task_list(self, group: list[NodeJson]) -> NodeJson:
        return {"type": "taskList", "attrs": {"localId": self._local_id("tasks")}, "content": group}

    def _local_id(self, prefix: str) -> str:
        self._task_ids += 1
        return f"{prefix}-{self._task_ids}"

    def _item(self, block: Block, inner: Scope) -> list[NodeJson]:
        content = self._writer.blocks(block.content, inner.within("listItem"))
        kept, tail = _before_refused("listItem", content)
        if not kept and tail:
            return tail
        if not kept or kept[0]["type"] not in ITEM_STARTS:
            kept.insert(0, empty_paragraph())
        return [{"type": "listItem", "content": kept}, *tail]

    def _task_item(self, block: Block, inner: Scope) -> list[NodeJson]:
        """A task with its line; lists of tasks follow it in the list, other blocks are lifted."""
        content = self._writer.blocks(block.content, Scope("taskItem", inner, inner.depth + 1))
        line: list[NodeJson] = []
        position = 0
        while position < len(content) and content[position]["type"] == "paragraph":
            if line:
                line.append({"type": "hardBreak"})
            line.extend(content[position].get("content", []))
            position += 1
        state = "DONE" if block.attrs.get("done") else "TODO"
        attrs = {"localId": self._local_id("task"), "state": state}
        return [{"type": "taskItem", "attrs": {**attrs}, "content": line}, *content[position:]]


def _gathered(content: Sequence[Loose]) -> Iterator[Block]:
    """Children of a list as blocks: loose lines become paragraphs."""
    run: list[Loose] = []
    for child in content:
        if isinstance(child, Block):
            if run:
                yield Block(BlockKind.PARAGRAPH, tuple(run))
                run = []
            yield child
        else:
            run.append(child)
    if run:
        yield Block(BlockKind.PARAGRAPH, tuple(run))


def _runs(nodes: list[NodeJson]) -> Iterator[tuple[str, list[NodeJson]]]:
    """Consecutive nodes that go into one list; nested task lists belong to the tasks before them."""
    name = ""
    group: list[NodeJson] = []
    for node in nodes:
        kind = node["type"]
        if kind == "taskList" and name == "taskItem":
            kind = "taskItem"
        elif kind not in {"listItem", "taskItem"}:
            kind = "other"
        if kind != name and group:
            yield name, group
            group = []
        name = kind
        group.append(node)
    if group:
        yield name, group


def _before_refused(kind: str, nodes: list[NodeJson]) -> tuple[list[NodeJson], list[NodeJson]]:
    for position, node in enumerate(nodes):
        if not accepts(kind, node["type"]):
            return nodes[:position], nodes[position:]
    return nodes, []
