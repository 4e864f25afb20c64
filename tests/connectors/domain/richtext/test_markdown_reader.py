"""GitHub Flavored Markdown, and what Azure DevOps adds to it."""

import time

import pytest

from connectors.domain.richtext.document import Conversion, Markup, to_document
from connectors.domain.richtext.findings import FindingCode
from connectors.domain.richtext.references import MentionRef, References
from connectors.domain.richtext.source_words import source_words
from connectors.domain.richtext.words import missing_words, visible_words
from tests.connectors.domain.richtext.corpus import EVERYTHING_MOVED, FILES_MOVED, assert_valid, kinds, nodes
from tests.connectors.domain.richtext.test_html_reader import NOTHING_KNOWN, _outline

P = "paragraph"


def convert(text: str, resolve: References = NOTHING_KNOWN) -> Conversion:
    conversion = to_document(text, markup=Markup.MARKDOWN, resolve=resolve)
    assert_valid(conversion.document)
    return conversion


STRUCTURE = [
    ("# a\n\nb\nc", [["heading", "a"], [P, "b", ["hardBreak"], "c"]]),
    ("a **b** *c* ~~d~~ `e`", [[P, "a ", ("b", "strong"), " ", ("c", "em"), " ", ("d", "strike"), " ", ("e", "code")]]),
    (
        "- a\n  1. b\n- c",
        [["bulletList", ["listItem", [P, "a"], ["orderedList", ["listItem", [P, "b"]]]], ["listItem", [P, "c"]]]],
    ),
    ("- [x] a\n- [ ] b", [["taskList", ["taskItem", "a"], ["taskItem", "b"]]]),
    ("- [x] a\n  - [ ] b", [["taskList", ["taskItem", "a"], ["taskList", ["taskItem", "b"]]]]),
    ("- [ ]", [["bulletList", ["listItem", [P, "[ ]"]]]]),
    ("> a\n>> b", [["blockquote", [P, "a"], [P, "b"]]]),
    ("> [!WARNING]\n> careful", [["panel", [P, "careful"]]]),
    ("```py\nx = 1\n```", [["codeBlock", "x = 1"]]),
    ("    indented", [["codeBlock", "indented"]]),
    (
        "| a | b |\n|---|---|\n| 1 | `x\\|y` |",
        [
            [
                "table",
                ["tableRow", ["tableHeader", [P, "a"]], ["tableHeader", [P, "b"]]],
                ["tableRow", ["tableCell", [P, "1"]], ["tableCell", [P, ("x|y", "code")]]],
            ]
        ],
    ),
    ("a\n\n---\n\nb", [[P, "a"], ["rule"], [P, "b"]]),
    ("a<br>b <b>c</b> <sub>d</sub>", [[P, "a", ["hardBreak"], "b ", ("c", "strong"), " ", ("d", "subsup")]]),
    (
        "<details><summary>s</summary>\n\n- a\n\n</details>\n\nb",
        [["expand", ["bulletList", ["listItem", [P, "a"]]]], [P, "b"]],
    ),
    ("<!-- hidden -->\n\na <!-- too --> b", [[P, "a b"]]),
    ("see https://a.example/x_y_z.", [[P, "see ", ("https://a.example/x_y_z", "link"), "."]]),
    ("<https://a.example/>", [[P, ("https://a.example/", "link")]]),
    ("[a][1]\n\n[1]: https://a.example/", [[P, ("a", "link")]]),
    ("\\*no\\* &amp; &copy;", [[P, "*no* & ©"]]),
    ("<script>alert(1)</script>", [[P, "<script>alert(1)"]]),
    ("a[^1]\n\n[^1]: note", [[P, "a[^1]"], [P, "[^1]: note"]]),
]


@pytest.mark.parametrize(("text", "expected"), STRUCTURE[:-2])
def test_markdown_becomes_the_blocks_that_it_shows(text: str, expected: list[object]) -> None:
    assert [_outline(node) for node in convert(text).document["content"]] == expected


def test_scripts_are_shown_and_not_obeyed_as_on_github() -> None:
    assert visible_words(convert("<script>alert(1)</script>").document) == ["<script>alert(1)</script>"]


def test_a_code_block_keeps_its_language() -> None:
    (node,) = convert("~~~ python title=x\na\n~~~").document["content"]

    assert node["attrs"] == {"language": "python"}


def test_alerts_become_panels_of_their_kind() -> None:
    text = "\n\n".join(f"> [!{name}]\n> x" for name in ("NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"))

    panels = [node["attrs"]["panelType"] for node in convert(text).document["content"]]

    assert panels == ["info", "success", "note", "warning", "error"]


GUIDS = ["d3e8ce72-5a35-689e-b035-29cd59698d84", "03e8ce72-5a35-689e-b035-29cd59698d84"]


@pytest.mark.parametrize("guid", GUIDS)
def test_mentions_of_azure_devops_are_names(guid: str) -> None:
    named = References(person=lambda identity: "Bob B" if identity == guid else None)
    text = f"ask @<{guid}> and `@<{guid}>`"

    conversion = convert(text, named)

    assert " ".join(visible_words(conversion.document)) == f"ask @Bob B and @<{guid}>"
    assert conversion.mentions == (MentionRef(guid, ""),)


def test_sized_pictures_of_azure_devops_are_pictures() -> None:
    conversion = convert("![shot](https://i.example/p.png =300x200) text", References(image=lambda _: None))
    media = list(nodes(convert("![s](https://i.example/p.png =300x)", FILES_MOVED).document))[-1]

    assert conversion.images[0].source == "https://i.example/p.png"
    assert media["type"] == "media"


def test_references_are_rewritten_but_not_in_code() -> None:
    conversion = convert("see #12 and `#13`", EVERYTHING_MOVED)

    assert visible_words(conversion.document) == ["see", "DEMO-12", "and", "#13"]


HOSTILE = [
    "> " * 3_000 + "deep",
    "- " * 500 + "deep",
    "\n".join("  " * level + "- item" for level in range(200)),
    "*" * 20_000 + "x",
    "[" * 3_000 + "x",
    "`" * 20_000,
    "<div>" * 3_000 + "\n\ntext",
    "</div>" * 500 + "\n\n- a </details> b",
    "<details>\n\n- a\n\n<b>b\n\n> c",
    "a\x00b \ud800",
    "| a |\n|---|\n" + "| x |\n" * 3_000,
    "x" * 40_000,
    "*a <b>b* c</b> **d",
    "- a\n\n  | x |\n  |---|\n  | y |\n\n  after\n- b",
    "> # h\n> - > q\n>   ***\n>   1. x",
    "- # heading\n- > quote\n- ---\n- ```\n  code\n  ```",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_markdown_is_converted_quickly_with_every_word(text: str) -> None:
    started = time.process_time()
    conversion = convert(text, EVERYTHING_MOVED)
    elapsed = time.process_time() - started

    words = source_words(text, markup=Markup.MARKDOWN)
    if FindingCode.NESTING_FLATTENED not in {finding.code for finding in conversion.findings}:
        assert not missing_words(words, visible_words(conversion.document))
    else:
        assert not missing_words(words, [word.lstrip("->") for word in visible_words(conversion.document)])
    assert elapsed < 3


def test_deviations_in_markdown_leave_findings() -> None:
    text = "- # heading\n- > quote\n- a\n\n  | x |\n  |---|\n  | y |\n"

    conversion = convert(text)

    assert {finding.code for finding in conversion.findings} == {
        FindingCode.HEADING_AS_STRONG,
        FindingCode.QUOTE_UNWRAPPED,
        FindingCode.LIFTED,
    }
    assert kinds(conversion.document)["table"] == 1
