"""Texts over Jira's limit continue in a file; nothing is lost, nothing is torn apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.domain.richtext.document import Markup, to_document
from connectors.domain.richtext.limits import TEXT_LIMIT, is_continued, limit_text, text_length
from connectors.domain.richtext.words import visible_words
from tests.connectors.domain.richtext.corpus import assert_valid, real_documents

LONG = {
    "one paragraph": "<p>" + " ".join(f"word{n}" for n in range(6_000)) + "</p>",
    "paragraphs": "".join(f"<p>paragraph {n} says something</p>" for n in range(2_000)),
    "list": "<ul>" + "".join(f"<li>item{n} <b>b{n}</b><ul><li>in{n}</li></ul></li>" for n in range(2_000)) + "</ul>",
    "table": "<table>" + "".join(f"<tr><td>a{n}</td><td>some text {n}</td></tr>" for n in range(3_000)) + "</table>",
    "code": "<pre>" + "\n".join(f"line {n} of code" for n in range(4_000)) + "</pre>",
    "quote": "<blockquote>" + "".join(f"<p>quoted {n}</p>" for n in range(5_000)) + "</blockquote>",
    "marks": "<p>" + "".join(f"<b>bold{n}</b>tail{n} " for n in range(4_000)) + "</p>",
    "emoji": "<p>" + "\U0001f600 " * 15_000 + "</p>",
    "details": "<details><summary>s</summary>" + "".join(f"<p>in {n}</p>" for n in range(7_000)) + "</details>",
}


@pytest.mark.parametrize("name", LONG)
def test_a_long_text_is_cut_at_the_limit_and_continues_in_the_file(name: str) -> None:
    document = to_document(LONG[name], markup=Markup.HTML).document

    limited, overflow = limit_text(document, filename="rest.txt")

    assert_valid(limited)
    assert TEXT_LIMIT - 1_000 < text_length(limited) <= TEXT_LIMIT
    assert overflow is not None
    words = visible_words(limited)
    assert words[-1] == "rest.txt"
    kept = words[: -len(visible_words({"type": "doc", "content": limited["content"][-1:]}))]
    assert kept + overflow.split() == visible_words(document)
    assert is_continued(limited)


def test_a_text_within_the_limit_is_the_same_object() -> None:
    document = to_document("<p>short</p>", markup=Markup.HTML).document

    assert limit_text(document) == (document, None)
    assert limit_text(document).document is document
    assert not is_continued(document)


def test_an_enormous_word_is_cut_because_it_must_be() -> None:
    document = to_document("x" * 40_000, markup=Markup.HTML).document

    limited, overflow = limit_text(document)

    assert_valid(limited)
    assert overflow is not None
    assert sum(text.count("x") for text in [visible_words(limited)[0], overflow]) == 40_000


def test_a_word_is_not_torn_where_its_marks_change() -> None:
    text = "<p>" + "a " * 100 + "<b>one</b>word" + " more" * 50 + "</p>"
    document = to_document(text, markup=Markup.HTML).document

    for limit in range(285, 320):
        limited, overflow = limit_text(document, limit)
        assert overflow is not None
        assert "oneword" in " ".join([*visible_words(limited), *overflow.split()])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_real_document_can_be_cut_anywhere(data: st.DataObject) -> None:
    document = data.draw(st.sampled_from(real_documents()))
    limit = data.draw(st.integers(100, 400))

    limited, overflow = limit_text(document, limit)

    assert_valid(limited)
    assert text_length(limited) <= max(limit, text_length(document) if overflow is None else 0)
    if overflow is not None:
        kept = set(visible_words(limited))
        lost = [word for word in visible_words(document) if word not in kept and word not in overflow]
        assert lost == []
