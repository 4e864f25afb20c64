"""The way back: documents as HTML and Markdown, and the same documents again."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings

from connectors.domain.richtext.adf import Document
from connectors.domain.richtext.adf_to_html import adf_to_html
from connectors.domain.richtext.adf_to_markdown import adf_to_markdown
from connectors.domain.richtext.back_references import BackReferences
from connectors.domain.richtext.canonical import canonical
from connectors.domain.richtext.document import Markup, convert_tree, to_document
from connectors.domain.richtext.findings import FindingLog
from connectors.domain.richtext.references import ItemTarget, Media, References
from connectors.domain.richtext.tree import Loose
from connectors.domain.richtext.words import missing_words, visible_words
from tests.connectors.domain.richtext.corpus import assert_valid, real_documents, samples
from tests.connectors.domain.richtext.trees import trees

Writer = Callable[..., str]
WAYS: list[tuple[Writer, Markup]] = [(adf_to_html, Markup.HTML), (adf_to_markdown, Markup.MARKDOWN)]
both_ways = pytest.mark.parametrize(("write", "markup"), WAYS, ids=["html", "markdown"])

FILES = "https://files.example/"
THERE = References(
    image=lambda url: Media(url.rpartition("/")[2].partition("?")[0]) if url.startswith("http") else None
)
BACK = BackReferences(media=lambda media_id: FILES + media_id)


def read(text: str, markup: Markup) -> Document:
    return to_document(text, markup=markup, resolve=THERE).document


def corpus_documents() -> list[Document]:
    html = [read(sample.text, Markup.HTML) for sample in samples("ado-html")[::3]]
    markdown = [read(sample.text, Markup.MARKDOWN) for sample in samples("github-markdown")[::2]]
    return [*html, *markdown, *real_documents()]


@both_ways
def test_no_word_is_lost_on_the_way_back(write: Writer, markup: Markup) -> None:
    for document in corpus_documents():
        back = read(write(document, references=BACK), markup)

        assert_valid(back)
        assert not missing_words(visible_words(document), visible_words(back))


@both_ways
def test_ten_round_trips_change_nothing_after_the_first(write: Writer, markup: Markup) -> None:
    for document in corpus_documents():
        text = write(document, references=BACK)
        first = read(text, markup)
        text = write(first, references=BACK)
        again = read(text, markup)

        assert canonical(again) == canonical(first)
        assert write(again, references=BACK) == text
    for document in corpus_documents()[::40]:
        current = read(write(document, references=BACK), markup)
        first = current
        for _ in range(10):
            current = read(write(current, references=BACK), markup)
        assert canonical(current) == canonical(first)


def test_most_real_texts_come_back_as_they_were() -> None:
    documents = [read(sample.text, Markup.HTML) for sample in samples("ado-html")]
    same = sum(canonical(read(adf_to_html(d, references=BACK), Markup.HTML)) == canonical(d) for d in documents)

    assert same / len(documents) > 0.98


@both_ways
@settings(max_examples=40, deadline=None)
@given(tree=trees)
def test_any_document_settles_after_the_first_round_trip(
    write: Writer, markup: Markup, tree: tuple[Loose, ...]
) -> None:
    document = convert_tree(tree, resolve=THERE, log=FindingLog()).document
    first = read(write(document, references=BACK), markup)
    text = write(first, references=BACK)

    assert_valid(first)
    assert canonical(read(text, markup)) == canonical(first)
    assert write(read(text, markup), references=BACK) == text
    numbered = [word for word in visible_words(document) if word.startswith(("word", "Title"))]
    text = " ".join(visible_words(first))
    assert [word for word in numbered if word not in text] == []


SPECIAL = [
    "1. not a list",
    "- no item",
    "# no heading",
    "> no quote",
    "a * b * c _d_ `e` ~~f~~",
    "<b>no tag</b> &amp; &lt;",
    "[no](link) ![no](picture)",
    "| no | table |",
    "---",
    "===",
    "```",
    "\\ back \\* slash",
    "snake_case_word and __init__",
    "[ ] no task",
    "+ plus",
    "12) no",
    "#12 is a number",
]


@pytest.mark.parametrize("text", SPECIAL)
@both_ways
def test_characters_that_look_like_markup_come_back_as_they_are(text: str, write: Writer, markup: Markup) -> None:
    document: Document = {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": text}]},
            {
                "type": "bulletList",
                "content": [
                    {
                        "type": "listItem",
                        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
                    }
                ],
            },
        ],
    }

    assert canonical(read(write(document), markup)) == canonical(document)


MARKDOWN = [
    "# Head",
    "a **bold** and *em* and ~~gone~~ and `code`",
    "- a\n- b\n  1. c\n  2. d",
    "- [x] done\n- [ ] open",
    "> quoted",
    "> [!WARNING]\n> careful",
    "```py\nx = 1\n```",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "[text](https://a.example/)",
    "<https://a.example/>",
    "![pic](https://files.example/p.png)",
    "line\\\nline",
    "3. three\n4. four",
    "---",
]


@pytest.mark.parametrize("text", MARKDOWN)
def test_plain_markdown_comes_back_letter_by_letter(text: str) -> None:
    assert adf_to_markdown(read(text, Markup.MARKDOWN), references=BACK) == text


HTML = [
    "<p>a <strong>b</strong><br>c</p>",
    "<h2>x</h2><hr>",
    '<ul><li>a<ol start="3"><li>b</li></ol></li></ul>',
    '<pre><code class="language-py">x &lt; 1</code></pre>',
    '<p><a href="https://a.example/">x</a> <span style="color:#ff0000">red</span></p>',
    '<table><tbody><tr><th colspan="2">h</th></tr><tr><td>a</td><td>b</td></tr></tbody></table>',
    "<blockquote><p>q</p></blockquote>",
    "<details><summary>s</summary><p>x</p></details>",
    '<ul><li><input type="checkbox" checked> done</li></ul>',
    "<p>a &nbsp;b</p>",
]


@pytest.mark.parametrize("text", HTML)
def test_plain_html_comes_back_letter_by_letter(text: str) -> None:
    assert adf_to_html(read(text, Markup.HTML), references=BACK) == text


def test_links_to_items_and_mentions_lead_back() -> None:
    document: Document = {
        "type": "doc",
        "version": 1,
        "content": [
            {
                "type": "paragraph",
                "content": [
                    {"type": "mention", "attrs": {"id": "acc", "text": "@Bob"}},
                    {"type": "text", "text": " see "},
                    {
                        "type": "text",
                        "text": "DEMO-5",
                        "marks": [{"type": "link", "attrs": {"href": "https://j.example/browse/DEMO-5"}}],
                    },
                ],
            }
        ],
    }
    references = BackReferences(
        mention=lambda account, _name: "bob" if account == "acc" else None,
        link=lambda address: ItemTarget("#12", "https://s.example/12") if address.endswith("DEMO-5") else None,
    )

    html = adf_to_html(document, references=references)

    assert html == (
        '<p><a href="#" data-vss-mention="version:2.0,bob">@Bob</a> see <a href="https://s.example/12">#12</a></p>'
    )
    assert adf_to_markdown(document, references=references) == "@bob see [#12](https://s.example/12)"


def test_a_document_nested_beyond_reason_is_still_written() -> None:
    document: Document = {"type": "paragraph", "content": [{"type": "text", "text": "deep"}]}
    for _ in range(300):
        document = {"type": "blockquote", "content": [document]}
    document = {"type": "doc", "version": 1, "content": [document]}

    assert "deep" in adf_to_html(document)
    assert "deep" in adf_to_markdown(document)
