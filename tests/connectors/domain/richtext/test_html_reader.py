"""HTML as people's editors leave it: Azure DevOps, Word, Outlook, browsers, and worse."""

import time

import pytest

from connectors.domain.richtext.adf import NodeJson
from connectors.domain.richtext.document import Conversion, Markup, to_document
from connectors.domain.richtext.findings import FindingCode
from connectors.domain.richtext.references import ItemTarget, MentionRef, References
from connectors.domain.richtext.source_words import source_words
from connectors.domain.richtext.words import missing_words, visible_words
from tests.connectors.domain.richtext.corpus import EVERYTHING_MOVED, FILES_MOVED, assert_valid, kinds, nodes

NOTHING_KNOWN = References()


def convert(html: str, resolve: References = NOTHING_KNOWN) -> Conversion:
    return to_document(html, markup=Markup.HTML, resolve=resolve)


def outline(html: str, resolve: References = NOTHING_KNOWN) -> list[object]:
    """Blocks as nested lists; marked text as (text, marks)."""
    conversion = convert(html, resolve)
    assert_valid(conversion.document)
    return [_outline(node) for node in conversion.document["content"]]


def _outline(node: NodeJson) -> object:
    if node["type"] == "text":
        marks = [mark["type"] for mark in node.get("marks", [])]
        return (node["text"], *marks) if marks else node["text"]
    return [node["type"], *(_outline(child) for child in node.get("content", []))]


def codes(html: str) -> set[FindingCode]:
    return {finding.code for finding in convert(html).findings}


P = "paragraph"

STRUCTURE = [
    ("<div>a</div><div>b<div>c</div>d</div>", [[P, "a"], [P, "b"], [P, "c"], [P, "d"]]),
    ("<div><br></div><p>a<br>b</p><div>&nbsp;</div>", [[P, "a", ["hardBreak"], "b"]]),
    ("  a \n\t b  <b> c </b> d", [[P, "a b ", ("c ", "strong"), "d"]]),
    ("10&nbsp;km &nbsp; wide", [[P, "10 km   wide"]]),
    ("<h1>a</h1><h3>b<br></h3><h6></h6>", [["heading", "a"], ["heading", "b"]]),
    ("a<hr>b", [[P, "a"], ["rule"], [P, "b"]]),
    (
        "<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>",
        [["bulletList", ["listItem", [P, "a"], ["orderedList", ["listItem", [P, "b"]]]], ["listItem", [P, "c"]]]],
    ),
    (
        "<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>",
        [["bulletList", ["listItem", [P, "a"], ["bulletList", ["listItem", [P, "b"]]]], ["listItem", [P, "c"]]]],
    ),
    ("<blockquote><div>a</div></blockquote>", [["blockquote", [P, "a"]]]),
    ("<pre>\n  a\n\tb\n\n</pre>", [["codeBlock", "  a\n\tb"]]),
    ("<pre><div>a</div><div>b<br>c</div></pre>", [["codeBlock", "a\nb\nc"]]),
    ("<pre>a&nbsp;<b>b</b></pre>", [["codeBlock", "a b"]]),
    ("use <code>x &lt; y</code>", [[P, "use ", ("x < y", "code")]]),
    (
        "<table><caption>cap</caption><thead><tr><th>h</th></tr></thead><tr><td>a<p>b</td></tr></table>",
        [
            [P, "cap"],
            [
                "table",
                ["tableRow", ["tableHeader", [P, "h"]]],
                ["tableRow", ["tableCell", [P, "a"], [P, "b"]]],
            ],
        ],
    ),
    ("<table><tr><td></td></tr></table>", [["table", ["tableRow", ["tableCell", [P]]]]]),
    ("<details><summary>more</summary>text</details>", [["expand", [P, "text"]]]),
    ("<dl><dt>term<dd>meaning</dl>", [[P, ("term", "strong")], [P, "meaning"]]),
    (
        "<ul><li><input type=checkbox checked> a</li><li><input type='checkbox'>b</li></ul>",
        [["taskList", ["taskItem", "a"], ["taskItem", "b"]]],
    ),
    ("accept <input type=checkbox> this", [[P, "accept ☐ this"]]),
    ("<p>a<o:p></o:p></p><o:p>&nbsp;</o:p>", [[P, "a"]]),
    ("<!--[if gte mso 9]><xml>junk</xml><![endif]--><![if !x]>a<![endif]>", [[P, "a"]]),
    ("<style>p{}</style><script>alert(1)</script>a", [[P, "a"]]),
    ("<p style='white-space:pre-wrap'>a  b\nc</p>", [[P, "a  b", ["hardBreak"], "c"]]),
    ("<b>a</b>b<i>c", [[P, ("a", "strong"), "b", ("c", "em")]]),
    ("&amp;lt; &copy; &#128512; &unknown;", [[P, "&lt; © 😀 &unknown;"]]),
]


@pytest.mark.parametrize(("html", "expected"), STRUCTURE)
def test_fragments_become_the_blocks_that_they_show(html: str, expected: list[object]) -> None:
    assert outline(html) == expected


MARKS = [
    ("<b>x</b>", ["strong"]),
    ("<em><u>x</u></em>", ["em", "underline"]),
    ("<s>x</s>", ["strike"]),
    ("<span style='font-weight:700;font-style:italic'>x</span>", ["strong", "em"]),
    ("<span style='text-decoration:underline line-through'>x</span>", ["underline", "strike"]),
    ("<b style='font-weight:normal'>x</b>", []),
    ("<b><span style='font-weight:400'>x</span></b>", []),
    ("<span style='color:#f00'>x</span>", ["textColor #ff0000"]),
    ("<font color=red>x</font>", ["textColor #ff0000"]),
    ("<span style='color:rgb(36, 41, 46)'>x</span>", []),
    ("<span style='color:windowtext'>x</span>", []),
    ("<span style='color:hsl(120, 100%, 50%)'>x</span>", ["textColor #00ff00"]),
    ("<span style='color:red'><span style='color:black'>x</span></span>", []),
    ("<span style='background:yellow none'>x</span>", ["backgroundColor #ffff00"]),
    ("<span style='background-color:white'>x</span>", []),
    ("<mark>x</mark>", ["backgroundColor #ffff00"]),
    ("<sub>x</sub>", ["subsup sub"]),
    ("<span style='vertical-align:super'>x</span>", ["subsup sup"]),
    ("<a href='https://a.example/'>x</a>", ["link https://a.example/"]),
    ("<a href='www.a.example'>x</a>", ["link https://www.a.example"]),
    ("<a href='https://a.example/a b'>x</a>", ["link https://a.example/a%20b"]),
    ("<a href='HTTPS://a.example'><b>x</b></a>", ["link HTTPS://a.example", "strong"]),
    ("<a name=anchor>x</a>", []),
]


@pytest.mark.parametrize(("html", "expected"), MARKS)
def test_elements_and_styles_become_marks(html: str, expected: list[str]) -> None:
    conversion = convert(html)

    assert_valid(conversion.document)
    (text,) = conversion.document["content"][0]["content"]
    written = [" ".join([mark["type"], *map(str, mark.get("attrs", {}).values())]) for mark in text.get("marks", [])]
    assert written == expected


def test_spans_that_do_not_fit_are_cut() -> None:
    html = "<table><tr><td rowspan=9 colspan=3>a</td></tr><tr><td rowspan=0>b</td></tr></table>"

    cells = [node for node in nodes(convert(html).document) if node["type"] == "tableCell"]

    assert [cell.get("attrs") for cell in cells] == [{"colspan": 3, "rowspan": 2}, None]
    assert codes(html) == {FindingCode.SPAN_CLAMPED}


def test_lists_pasted_from_word_are_lists_without_typed_bullets() -> None:
    def item(level: int, marker: str, text: str) -> str:
        return (
            f"<p class=MsoListParagraph style='margin-left:.5in;mso-list:l0 level{level} lfo1'>"
            f"<![if !supportLists]><span style='mso-list:Ignore'>{marker}<span>&nbsp;&nbsp; </span></span>"
            f"<![endif]>{text}<o:p></o:p></p>"
        )

    html = item(1, "1.", "First") + item(2, "o", "Inner") + item(1, "2.", "Second") + "<p>after</p>"

    assert outline(html) == [
        [
            "orderedList",
            ["listItem", [P, "First"], ["bulletList", ["listItem", [P, "Inner"]]]],
            ["listItem", [P, "Second"]],
        ],
        [P, "after"],
    ]
    assert codes(html) == {FindingCode.WORD_LIST}
    assert source_words(html, markup=Markup.HTML) == ["First", "Inner", "Second", "after"]


MENTION = '<a href="#" data-vss-mention="version:2.0,d3e8ce72-5a35-689e-b035-29cd59698d84">@Bob B</a>&nbsp;hi'


def test_a_mention_is_a_plain_name_unless_an_account_is_given() -> None:
    conversion = convert(MENTION)

    assert outline(MENTION) == [[P, "@Bob B hi"]]
    assert conversion.mentions == (MentionRef("d3e8ce72-5a35-689e-b035-29cd59698d84", "@Bob B"),)


def test_a_mention_of_a_known_account_is_a_mention() -> None:
    conversion = convert(MENTION, References(mention=lambda identity, name: f"acc-{identity[:4]}{len(name)}"))

    assert_valid(conversion.document)
    (mention, text) = conversion.document["content"][0]["content"]
    assert mention == {"type": "mention", "attrs": {"id": "acc-d3e86", "text": "@Bob B"}}
    assert text["text"] == " hi"


SOURCE = "https://dev.azure.com/contoso"
ITEM_CASES = [
    ("see #12.", "see DEMO-12."),
    (f"<a href='{SOURCE}/p/_workitems/edit/13'>#13: Title</a>", "DEMO-13: Title"),
    (f"<a href='{SOURCE}/p/_workitems/edit/13'>{SOURCE}/p/_workitems/edit/13</a>", "DEMO-13"),
    (f"at {SOURCE}/p/_workitems/edit/15, ok", "at DEMO-15, ok"),
    (f"<a href='{SOURCE}/p/_workitems?id=16&x=1'>it</a>", "it"),
    ("<a href='/contoso/p/_workitems/edit/17'>#17</a>", "DEMO-17"),
    ("<code>#14</code> a#1 &amp;#35; #x #1a https://x.example/#5", "#14 a#1 &#35; #x #1a https://x.example/#5"),
    ("<a href='https://other.example/pull/4'>#4</a>", "#4"),
    ("<a href='https://dev.azure.com/fabrikam/p/_workitems/edit/4'>#4</a>", "#4"),
    ("#999", "#999"),
]


@pytest.mark.parametrize(("html", "text"), ITEM_CASES)
def test_references_to_moved_items_are_rewritten(html: str, text: str) -> None:
    moved = References(
        item=lambda number: None if number > 99 else ItemTarget(f"DEMO-{number}", f"https://j.example/{number}"),
        source_addresses=(SOURCE,),
    )

    conversion = convert(html, moved)

    assert_valid(conversion.document)
    assert " ".join(visible_words(conversion.document)) == text
    assert source_words(html, markup=Markup.HTML, resolve=moved) == text.split()
    for node in nodes(conversion.document):
        for mark in node.get("marks", ()):
            assert "contoso" not in str(mark.get("attrs"))


def test_a_reference_to_an_item_that_did_not_move_stays_as_it_was() -> None:
    html = f"<a href='{SOURCE}/p/_workitems/edit/13'>#13</a> and #14"

    conversion = convert(html)

    assert " ".join(visible_words(conversion.document)) == "#13 and #14"
    assert conversion.item_references == (13, 14)
    href = conversion.document["content"][0]["content"][0]["marks"][0]["attrs"]["href"]
    assert str(href).endswith("/13")


def test_an_embedded_picture_is_handed_out_as_a_file() -> None:
    html = 'x<img src="data:image/png;base64,iVBORw0KGgo=" alt="shot">y'

    conversion = convert(html)

    (image,) = conversion.images
    assert image.data == b"\x89PNG\r\n\x1a\n"
    assert image.content_type == "image/png"
    assert image.source.startswith("data:image-") and len(image.source) < 60
    assert kinds(convert(html, FILES_MOVED).document)["media"] == 1


def test_a_linked_picture_keeps_its_link_and_size() -> None:
    html = '<a href="https://a.example/"><img src="https://i.example/p.png" width="40" height=30px alt=pic></a>'

    (node,) = convert(html, References(image=lambda url: FILES_MOVED.image(url) and None)).document["content"]
    (media,) = convert(html, FILES_MOVED).document["content"]

    assert node["content"][0]["text"] == "pic (p.png)"
    assert node["content"][0]["marks"][0]["attrs"]["href"] == "https://a.example/"
    assert media["marks"] == [{"type": "link", "attrs": {"href": "https://a.example/"}}]
    assert media["content"][0]["attrs"]["alt"] == "pic"


@pytest.mark.parametrize("source", ["cid:image001.png@01D", "file:///c:/x.png", "", "data:text/html,x", "blob:1"])
def test_a_picture_that_nobody_can_fetch_is_its_description(source: str) -> None:
    conversion = convert(f'a <img src="{source}" alt="diagram"> b', FILES_MOVED)

    assert visible_words(conversion.document) == ["a", "diagram", "b"]
    assert conversion.images == ()
    assert {finding.code for finding in conversion.findings} == {FindingCode.IMAGE_REFUSED}


HOSTILE = [
    "",
    "   \n",
    "<",
    "<<<>>>",
    "<p",
    "<!--",
    "a\x00b\x01c\x1f",
    "lone \ud800 surrogate",
    "x" * 40_000,
    "<p>" + "word " * 8_000 + "</p>",
    "<div>" * 5_000 + "deep" + "</div>" * 5_000,
    "<ul><li>" * 3_000 + "deep",
    "<blockquote>" * 500 + "deep" + "</blockquote>" * 500,
    "<table><tr><td>" * 300 + "deep",
    "<b>" * 5_000 + "deep",
    "</p>" * 5_000 + "text",
    "<a href=x>" * 2_000 + "text",
    "<span style='color:red'>" * 3_000 + "text",
    "<p>x</p>" * 5_000,
    "<td>cell<tr><td>row<li>item</ul></table></div>",
    "<img src='data:image/png;base64,!!!'><img><a>",
    "&#0;&#xD800;&#1114112;&#x80;",
    "<title>not shown</title>shown",
    "<ul>" * 100 + "<li>x" + "</ul>" * 100,
    "\u202eright to left \u200b zero width \U0001f469\u200d\U0001f4bb",
]


@pytest.mark.parametrize("html", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_is_converted_quickly_with_every_word(html: str) -> None:
    started = time.process_time()
    conversion = convert(html, EVERYTHING_MOVED)
    elapsed = time.process_time() - started

    assert_valid(conversion.document)
    words = source_words(html, markup=Markup.HTML, resolve=EVERYTHING_MOVED)
    assert not missing_words(words, visible_words(conversion.document))
    assert elapsed < 2


def test_megabytes_take_seconds() -> None:
    html = "<div><b>some</b> text with <a href='https://a.example/'>a link</a></div>" * 15_000

    started = time.process_time()
    conversion = convert(html)

    assert time.process_time() - started < 10
    assert len(visible_words(conversion.document)) == 75_000
