"""The builder: any tree becomes a valid document, nothing is dropped, every deviation is a finding."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from connectors.domain.richtext.adf import NodeJson
from connectors.domain.richtext.document import Conversion, convert_tree
from connectors.domain.richtext.findings import RULES, FindingCode, FindingLog
from connectors.domain.richtext.references import Media, References
from connectors.domain.richtext.tree import (
    Block,
    BlockKind,
    Break,
    Image,
    Loose,
    Mark,
    MarkKind,
    Text,
)
from connectors.domain.richtext.words import missing_words, visible_words
from tests.connectors.domain.richtext.corpus import FILES_MOVED, assert_valid, kinds, nodes
from tests.connectors.domain.richtext.trees import trees, words_of

NOTHING_KNOWN = References()
K = BlockKind


def build(*tree: Loose, resolve: References = NOTHING_KNOWN) -> Conversion:
    return convert_tree(tree, resolve=resolve, log=FindingLog())


def block(kind: BlockKind, *content: Loose | str, **attrs: str | int | bool) -> Block:
    return Block(kind, tuple(Text(part) if isinstance(part, str) else part for part in content), attrs)


def codes(conversion: Conversion) -> set[FindingCode]:
    return {finding.code for finding in conversion.findings}


def shape(node: NodeJson) -> object:
    """A document as nested lists of types and texts."""
    if node["type"] == "text":
        return node["text"]
    return [node["type"], *(shape(child) for child in node.get("content", []))]


def paragraph(text: str) -> list[str]:
    return ["paragraph", text]


ITEM = block(K.LIST_ITEM, "one")
TABLE = block(K.TABLE, block(K.TABLE_ROW, block(K.TABLE_CELL, "cell")))
TABLE_SHAPE = ["table", ["tableRow", ["tableCell", paragraph("cell")]]]

RULE_CASES = [
    pytest.param(
        block(K.BULLET_LIST, block(K.LIST_ITEM, block(K.HEADING, "head", level=2), "text")),
        [["bulletList", ["listItem", paragraph("head"), paragraph("text")]]],
        {FindingCode.HEADING_AS_STRONG},
        id="heading in item",
    ),
    pytest.param(
        block(K.BULLET_LIST, block(K.LIST_ITEM, "before", TABLE, "after"), ITEM),
        [
            ["bulletList", ["listItem", paragraph("before")]],
            TABLE_SHAPE,
            paragraph("after"),
            ["bulletList", ["listItem", paragraph("one")]],
        ],
        {FindingCode.LIFTED},
        id="table in item",
    ),
    pytest.param(
        block(K.QUOTE, "a", block(K.QUOTE, "b"), TABLE, "c"),
        [["blockquote", paragraph("a"), paragraph("b")], TABLE_SHAPE, ["blockquote", paragraph("c")]],
        {FindingCode.QUOTE_UNWRAPPED, FindingCode.LIFTED},
        id="quote and table in quote",
    ),
    pytest.param(
        block(K.TABLE, block(K.TABLE_ROW, block(K.TABLE_CELL, "x", TABLE))),
        [
            [
                "table",
                ["tableRow", ["tableCell", paragraph("x"), ["bulletList", ["listItem", paragraph("cell")]]]],
            ]
        ],
        {FindingCode.TABLE_FLATTENED},
        id="table in cell",
    ),
    pytest.param(
        block(K.TABLE, "caption", block(K.TABLE_ROW, block(K.TABLE_CELL, "cell"))),
        [paragraph("caption"), TABLE_SHAPE],
        {FindingCode.TABLE_TEXT_LIFTED},
        id="text in table",
    ),
    pytest.param(
        block(K.BULLET_LIST, block(K.BULLET_LIST, ITEM)),
        [["bulletList", ["listItem", paragraph("one")]]],
        {FindingCode.LIST_HOISTED},
        id="list first in list",
    ),
    pytest.param(
        block(K.BULLET_LIST, ITEM, block(K.ORDERED_LIST, ITEM)),
        [["bulletList", ["listItem", paragraph("one"), ["orderedList", ["listItem", paragraph("one")]]]]],
        {FindingCode.LIST_HOISTED},
        id="list behind item",
    ),
    pytest.param(
        block(K.BULLET_LIST, "loose", ITEM, "tail"),
        [paragraph("loose"), ["bulletList", ["listItem", paragraph("one"), paragraph("tail")]]],
        {FindingCode.LIST_TEXT_MOVED, FindingCode.LIFTED},
        id="text in list",
    ),
    pytest.param(
        block(K.BULLET_LIST, ITEM, block(K.TASK_ITEM, "do", done=True)),
        [["bulletList", ["listItem", paragraph("one")]], ["taskList", ["taskItem", "do"]]],
        {FindingCode.TASK_LIST_SPLIT},
        id="task among items",
    ),
    pytest.param(
        block(K.TASK_LIST, block(K.TASK_ITEM, "a", block(K.TASK_LIST, block(K.TASK_ITEM, "b")))),
        [["taskList", ["taskItem", "a"], ["taskList", ["taskItem", "b"]]]],
        set(),
        id="tasks nest as lists",
    ),
    pytest.param(
        block(K.LIST_ITEM, "alone"),
        [["bulletList", ["listItem", paragraph("alone")]]],
        {FindingCode.ORPHAN_WRAPPED},
        id="item without list",
    ),
    pytest.param(
        block(K.EXPAND, block(K.EXPAND, "in", title="inner"), title="outer"),
        [["expand", ["nestedExpand", paragraph("in")]]],
        set(),
        id="expand in expand",
    ),
    pytest.param(
        block(
            K.TABLE, block(K.TABLE_ROW, block(K.TABLE_CELL, block(K.BULLET_LIST, block(K.LIST_ITEM, block(K.RULE)))))
        ),
        [["table", ["tableRow", ["tableCell", ["rule"]]]]],
        {FindingCode.LIFTED},
        id="lifted no further than the cell",
    ),
    pytest.param(
        block(K.BULLET_LIST, block(K.LIST_ITEM)),
        [["bulletList", ["listItem", ["paragraph"]]]],
        set(),
        id="empty item stays an item",
    ),
    pytest.param(
        block(K.BULLET_LIST, block(K.LIST_ITEM, block(K.BULLET_LIST, ITEM))),
        [["bulletList", ["listItem", ["paragraph"], ["bulletList", ["listItem", paragraph("one")]]]]],
        set(),
        id="item that starts with a list gets a line",
    ),
]


@pytest.mark.parametrize(("tree", "expected", "findings"), RULE_CASES)
def test_what_the_model_refuses_is_lifted_split_or_wrapped(
    tree: Block, expected: list[object], findings: set[FindingCode]
) -> None:
    conversion = build(tree)

    assert_valid(conversion.document)
    assert [shape(node) for node in conversion.document["content"]] == expected
    assert codes(conversion) == findings


def test_a_list_that_was_split_continues_its_numbers() -> None:
    items = (block(K.LIST_ITEM, "a"), block(K.LIST_ITEM, "b", block(K.RULE)), block(K.LIST_ITEM, "c"))

    conversion = build(block(K.ORDERED_LIST, *items, order=3))

    lists = [node for node in conversion.document["content"] if node["type"] == "orderedList"]
    assert [node["attrs"] for node in lists] == [{"order": 3}, {"order": 5}]


MARK_CASES = [
    ((MarkKind.STRONG, MarkKind.CODE), ["code"], {FindingCode.CODE_WITH_MARKS}),
    ((MarkKind.LINK, MarkKind.CODE), ["link", "code"], set()),
    ((MarkKind.LINK, MarkKind.TEXT_COLOR), ["link"], {FindingCode.COLOR_ON_LINK}),
    ((MarkKind.STRIKE, MarkKind.STRONG, MarkKind.EM), ["strong", "em", "strike"], set()),
]


@pytest.mark.parametrize(("given_marks", "written", "findings"), MARK_CASES)
def test_marks_follow_the_rules(
    given_marks: tuple[MarkKind, ...], written: list[str], findings: set[FindingCode]
) -> None:
    values = {MarkKind.LINK: "https://a.example/", MarkKind.TEXT_COLOR: "#ff0000"}
    marks = tuple(Mark(kind, values.get(kind, "")) for kind in given_marks)

    conversion = build(Text("x", marks))

    assert_valid(conversion.document)
    (text,) = conversion.document["content"][0]["content"]
    assert [mark["type"] for mark in text["marks"]] == written
    assert codes(conversion) == findings


def test_a_code_block_holds_plain_text_and_shows_addresses() -> None:
    link = Mark(MarkKind.LINK, "https://a.example/")

    conversion = build(block(K.CODE_BLOCK, "run ", Text("this", (link,)), Break(), "\nend\n", language="sh"))

    assert_valid(conversion.document)
    assert conversion.document["content"] == [
        {
            "type": "codeBlock",
            "attrs": {"language": "sh"},
            "content": [{"type": "text", "text": "run this (https://a.example/)\n\nend"}],
        }
    ]
    assert codes(conversion) == {FindingCode.CODE_BLOCK_WITH_MARKS}


HOSTILE = [
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    " JAVASCRIPT:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///c:/secrets.txt",
    "\\\\server\\share",
    "../relative/page",
    "https://",
    "http://[broken",
    "https://host:notaport/",
]


@pytest.mark.parametrize("address", HOSTILE)
def test_a_link_that_must_not_be_followed_is_text_with_its_address(address: str) -> None:
    conversion = build(Text("click", (Mark(MarkKind.LINK, address),)), Text(" now"))

    assert_valid(conversion.document)
    assert "marks" not in json.dumps(conversion.document)
    words = visible_words(conversion.document)
    assert words[0] == "click"
    assert words[-1] == "now"
    assert len(words) > 2
    assert codes(conversion) == {FindingCode.LINK_REFUSED}


def test_the_address_of_a_refused_link_is_shown_once_behind_all_its_words() -> None:
    link = Mark(MarkKind.LINK, "file:///c:/a.txt")

    conversion = build(Text("see ", (link,)), Text("this", (link, Mark(MarkKind.STRONG))), Text("."))

    assert visible_words(conversion.document) == ["see", "this", "(file:///c:/a.txt)."]


def test_an_image_splits_its_paragraph_and_is_a_media_node() -> None:
    conversion = build(Text("a"), Image("https://x.example/p.png", "pic"), Text("b"), resolve=FILES_MOVED)

    assert_valid(conversion.document)
    assert [node["type"] for node in conversion.document["content"]] == ["paragraph", "mediaSingle", "paragraph"]
    assert codes(conversion) == {FindingCode.IMAGE_MOVED}
    assert [image.source for image in conversion.images] == ["https://x.example/p.png"]


def test_an_image_without_file_is_its_file_name_and_never_an_image() -> None:
    source = "https://dev.azure.com/o/_apis/wit/attachments/1?fileName=plan.png"

    conversion = build(Text("see"), Image(source), Text("there"))

    assert visible_words(conversion.document) == ["see", "plan.png", "there"]
    assert kinds(conversion.document)["media"] == 0
    assert codes(conversion) == {FindingCode.IMAGE_AS_LINK}


@pytest.mark.parametrize("stays", [True, False])
def test_a_picture_may_stay_where_it_is_public_but_not_in_azure_devops(stays: bool) -> None:
    host = "pictures.example" if stays else "dev.azure.com"

    conversion = build(
        Image("https://x.example/p.png"), resolve=References(image=lambda _: Media("", url=f"https://{host}/p.png"))
    )

    assert_valid(conversion.document)
    assert kinds(conversion.document)["media"] == stays
    assert visible_words(conversion.document) == ([] if stays else ["p.png"])


def test_two_line_breaks_end_a_paragraph() -> None:
    conversion = build(Text("a"), Break(), Text("b"), Break(), Break(), Text("c"), Break())

    assert [shape(node) for node in conversion.document["content"]] == [
        ["paragraph", "a", ["hardBreak"], "b"],
        ["paragraph", "c"],
    ]


def test_nesting_beyond_the_limit_is_flattened_without_recursion() -> None:
    tree = Block(K.PARAGRAPH, (Text("deep"),))
    for number in range(3000):
        tree = Block(K.QUOTE if number % 2 else K.BULLET_LIST, (tree, Text(f"level{number}")))

    conversion = build(tree)

    assert_valid(conversion.document)
    assert len(visible_words(conversion.document)) == 3001
    assert FindingCode.NESTING_FLATTENED in codes(conversion)


def test_every_rule_is_documented() -> None:
    assert set(RULES) == set(FindingCode)
    assert all(sentence.endswith(".") for sentence in RULES.values())
    page = (Path(__file__).resolve().parents[4] / "docs" / "mapping.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (.+) \|$", page.partition("\n## Texts\n")[2], re.MULTILINE)
    assert dict(listed) == {code.value: sentence for code, sentence in RULES.items()}


@settings(max_examples=80, deadline=None)
@given(tree=trees)
def test_any_tree_becomes_a_valid_document_with_every_word(tree: tuple[Loose, ...]) -> None:
    for resolve in (NOTHING_KNOWN, FILES_MOVED):
        conversion = build(*tree, resolve=resolve)

        assert_valid(conversion.document)
        assert not missing_words(words_of(tree), visible_words(conversion.document))
        assert build(*tree, resolve=resolve) == conversion
        identifiers = [node["attrs"]["localId"] for node in nodes(conversion.document) if "task" in node["type"]]
        assert len(identifiers) == len(set(identifiers))


@pytest.mark.full
@pytest.mark.parametrize("turn", range(5))
@settings(max_examples=1000, deadline=None)
@given(tree=trees)
def test_any_of_very_many_trees_becomes_a_valid_document(turn: int, tree: tuple[Loose, ...]) -> None:
    conversion = build(*tree, resolve=FILES_MOVED)

    assert_valid(conversion.document)
    assert not missing_words(words_of(tree), visible_words(conversion.document))
