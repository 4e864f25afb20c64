"""Generated loose trees: anything inside anything, every word different."""

from itertools import count

from hypothesis import strategies as st

from connectors.domain.richtext.tree import (
    Block,
    BlockKind,
    Break,
    Image,
    Loose,
    Mark,
    MarkKind,
    Mention,
    Text,
)

_ADDRESSES = [
    "https://a.example/x",
    "http://b.example/?q=1&r=(2)",
    "mailto:someone@example.com",
    "javascript:alert(1)",
    "file:///c:/secret.txt",
    "/relative",
    "#anchor",
    "",
    "https://dev.azure.com/contoso/p/_workitems/edit/7",
]
_VALUES = {
    MarkKind.LINK: st.sampled_from(_ADDRESSES),
    MarkKind.SUBSUP: st.sampled_from(["sub", "sup", "odd"]),
    MarkKind.TEXT_COLOR: st.sampled_from(["#ff0000", "red", "#12"]),
    MarkKind.BACKGROUND_COLOR: st.sampled_from(["#00ff00", ""]),
}
_marks = st.lists(
    st.sampled_from(MarkKind).flatmap(lambda kind: st.builds(Mark, st.just(kind), _VALUES.get(kind, st.just("")))),
    max_size=4,
).map(tuple)
_fill = st.sampled_from(["", " ", "\n", "é", "\U0001f600", "\x00", "\u202e", "*_`[", "<b>&amp;", "#12 ", "\t"])
_texts = st.builds(lambda a, b, marks: Text(f" {a}word{b} ", marks), _fill, _fill, _marks)
_blank = st.builds(Text, st.sampled_from(["", " ", "\n", "  \n "]), _marks)
_inlines = st.one_of(
    _texts,
    _texts,
    _blank,
    st.just(Break()),
    st.builds(
        Image, st.sampled_from(["https://i.example/p.png", "cid:1", "", "data:image/png;base64,aGk="]), st.just("")
    ),
    st.builds(lambda marks: Mention("guid", " @name ", marks), _marks),
)


def _attributes(kind: BlockKind) -> st.SearchStrategy[dict[str, str | int | bool]]:
    choices: dict[BlockKind, dict[str, st.SearchStrategy[str | int | bool]]] = {
        BlockKind.HEADING: {"level": st.integers(-1, 9)},
        BlockKind.ORDERED_LIST: {"order": st.integers(-5, 10**12)},
        BlockKind.CODE_BLOCK: {"language": st.sampled_from(["", "python"])},
        BlockKind.EXPAND: {"title": st.sampled_from(["", "Title"])},
        BlockKind.PANEL: {"panelType": st.sampled_from(["info", "nonsense"])},
        BlockKind.TASK_ITEM: {"done": st.booleans()},
        BlockKind.TABLE_CELL: {"colspan": st.integers(-1, 2000), "rowspan": st.integers(0, 9)},
        BlockKind.TABLE_HEADER: {"colspan": st.integers(0, 3)},
    }
    return st.fixed_dictionaries({}, optional=choices.get(kind, {}))


def _block(children: st.SearchStrategy[Loose]) -> st.SearchStrategy[Loose]:
    contents = st.lists(children, max_size=4).map(tuple)
    return st.sampled_from(BlockKind).flatmap(lambda kind: st.builds(Block, st.just(kind), contents, _attributes(kind)))


trees = st.lists(st.recursive(_inlines, _block, max_leaves=25), max_size=5).map(tuple).map(lambda tree: numbered(tree))


def numbered(tree: tuple[Loose, ...]) -> tuple[Loose, ...]:
    """The tree with a number behind every word and title, so that none can stand in for another."""
    numbers = count(1)

    def renamed(node: Loose) -> Loose:
        if isinstance(node, Text):
            return Text(node.text.replace("word", f"word{next(numbers)}"), node.marks)
        if isinstance(node, Mention):
            return Mention(node.identity, f" @name{next(numbers)} ", node.marks)
        if not isinstance(node, Block):
            return node
        attrs = dict(node.attrs)
        if attrs.get("title"):
            attrs["title"] = f"Title{next(numbers)}"
        return Block(node.kind, tuple(renamed(child) for child in node.content), attrs)

    return tuple(renamed(node) for node in tree)


def words_of(tree: tuple[Loose, ...]) -> list[str]:
    """The numbered words and titles of a tree, in order."""
    found: list[str] = []
    pending: list[Loose] = list(reversed(tree))
    while pending:
        node = pending.pop()
        if isinstance(node, Text) and "word" in node.text:
            found.append(node.text)
        elif isinstance(node, Mention):
            found.append(node.name)
        elif isinstance(node, Block):
            title = node.attrs.get("title")
            found.extend([title] if isinstance(title, str) else [])
            pending.extend(reversed(node.content))
    return [word.translate({0: None}) for text in found for word in text.split() if any(map(str.isdigit, word))]
