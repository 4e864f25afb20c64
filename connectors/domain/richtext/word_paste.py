"""Lists pasted from Word: flat paragraphs, each with its level, as nested lists."""

from collections.abc import Sequence

from connectors.domain.richtext.tree import Block, BlockKind, Loose

WORD_LEVELS = 9


def nest_word_items(children: Sequence[Loose]) -> list[Loose]:
    """Children with every run of Word items nested by their `level`; the rest as it was."""
    out: list[Loose] = []
    run: list[Block] = []
    for child in children:
        if isinstance(child, Block) and child.kind is BlockKind.LIST_ITEM and "level" in child.attrs:
            run.append(child)
            continue
        if run:
            out.extend(_lists(run))
            run = []
        out.append(child)
    if run:
        out.extend(_lists(run))
    return out


def _level(item: Block) -> int:
    level = item.attrs.get("level")
    return min(level, WORD_LEVELS) if isinstance(level, int) else 1


def _lists(items: Sequence[Block]) -> list[Block]:
    """Lists of items at the smallest level; deeper ones go inside the item before them."""
    lists: list[Block] = []
    base = min(_level(item) for item in items)
    position = 0
    while position < len(items):
        head = items[position]
        end = position + 1
        while end < len(items) and _level(items[end]) > base:
            end += 1
        if _level(head) > base:
            lists.extend(_lists(items[position:end]))
        else:
            nested = _lists(items[position + 1 : end]) if end > position + 1 else []
            _append_item(lists, Block(BlockKind.LIST_ITEM, (*head.content, *nested)), ordered=_is_ordered(head))
        position = end
    return lists


def _is_ordered(item: Block) -> bool:
    return item.attrs.get("ordered") is True


def _append_item(lists: list[Block], item: Block, *, ordered: bool) -> None:
    kind = BlockKind.ORDERED_LIST if ordered else BlockKind.BULLET_LIST
    if lists and lists[-1].kind is kind:
        lists[-1] = Block(kind, (*lists[-1].content, item))
    else:
        lists.append(Block(kind, (item,)))
