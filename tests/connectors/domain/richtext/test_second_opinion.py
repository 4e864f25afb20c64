"""Markdown compared with an independent converter (md-adf); every difference has a reason."""

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import cast

import md_adf
import pytest

from connectors.domain.richtext.adf import Document
from connectors.domain.richtext.document import Markup, to_document
from connectors.domain.richtext.words import missing_words, visible_words
from tests.connectors.domain.richtext.corpus import Sample, kinds, samples

_HTML = re.compile(r"<!--|</?[a-zA-Z]")
_EMPTY_ITEM = re.compile(r"^[-*+][ \t]*$", re.MULTILINE)
_MIXED_TASKS = re.compile(r"^[-*+] \[[ x]\] .*\n(?:.*\n)*?[-*+] (?!\[)|^[-*+] (?!\[).*\n[-*+] \[[ x]\]", re.MULTILINE)

# A kind of node may differ in number only where its reason holds.
REASONS: dict[str, list[tuple[str, Callable[[str], bool]]]] = {
    "hardBreak": [("line ends are shown, as GitHub and Azure DevOps do in items", lambda text: "\n" in text.strip())],
    "paragraph": [
        ("HTML is obeyed or hidden, md-adf shows it", lambda text: bool(_HTML.search(text))),
        ("text behind an empty item is no part of it", lambda text: bool(_EMPTY_ITEM.search(text))),
        ("a task is a line, not a paragraph", lambda text: "[x]" in text or "[ ]" in text),
    ],
    "bulletList": [
        ("HTML lists are lists", lambda text: "<ul" in text),
        ("text behind an empty item splits the list", lambda text: bool(_EMPTY_ITEM.search(text))),
        ("tasks among items are a list of their own", lambda text: bool(_MIXED_TASKS.search(text))),
    ],
    "listItem": [
        ("HTML lists are lists", lambda text: "<li" in text),
        ("tasks among items are tasks", lambda text: bool(_MIXED_TASKS.search(text))),
    ],
    "taskList": [("tasks among items are tasks", lambda text: bool(_MIXED_TASKS.search(text)))],
    "taskItem": [("tasks among items are tasks", lambda text: bool(_MIXED_TASKS.search(text)))],
}


every_eighth_or_all = pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.full)])


@cache
def _second_opinion(text: str) -> Document:
    return cast(Document, md_adf.markdown_to_adf(text).value)


def _ours(sample: Sample) -> Document:
    return to_document(sample.text, markup=Markup.MARKDOWN).document


@every_eighth_or_all
def test_structure_differs_only_for_reasons(step: int) -> None:
    unexplained: list[tuple[str, str, int, int]] = []
    for sample in samples("github-markdown")[::step]:
        ours, theirs = kinds(_ours(sample)), kinds(_second_opinion(sample.text))
        for kind in (ours.keys() | theirs.keys()) - {"text"}:
            explained = any(holds(sample.text.replace("\r", "")) for _, holds in REASONS.get(kind, []))
            if ours[kind] != theirs[kind] and not explained:
                unexplained.append((sample.id, kind, ours[kind], theirs[kind]))

    assert unexplained == []


@every_eighth_or_all
def test_words_differ_only_for_html_and_the_names_of_pictures(step: int) -> None:
    for sample in samples("github-markdown")[::step]:
        ours, theirs = visible_words(_ours(sample)), visible_words(_second_opinion(sample.text))
        lost, more = missing_words(theirs, ours), missing_words(ours, theirs)

        assert not lost or _HTML.search(sample.text) or "[ ]" in sample.text or "[x]" in sample.text, sample.id
        assert not more or _HTML.search(sample.text) or "![" in sample.text, sample.id


PLAIN = [
    "# a\n\nb **c** *d* `e`",
    "- a\n- b\n  - c",
    "1. a\n2. b",
    "> a\n>\n> b",
    "```py\nx\n```",
    "| a | b |\n|---|---|\n| c | d |",
    "[a](https://a.example/) and <https://b.example/>",
    "- [ ] a\n- [x] b",
    "a\n\n---\n\nb",
    "~~a~~ ***b***",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_markdown_is_read_alike(text: str) -> None:
    ours = to_document(text, markup=Markup.MARKDOWN).document
    theirs = _second_opinion(text)

    def marks(document: Document) -> Counter[str]:
        return Counter(
            mark["type"] for node in _nodes(document) for mark in node.get("marks", ()) for _ in node.get("text", "")
        )

    assert kinds(ours) == kinds(theirs)
    assert visible_words(ours) == visible_words(theirs)
    assert marks(ours) == marks(theirs)


def _nodes(document: Document) -> list[Document]:
    found = [document]
    for child in document.get("content", []):
        found.extend(_nodes(child))
    return found
