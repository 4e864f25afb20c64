"""Comparing what was sent with what Jira stored."""

import json

import pytest

from connectors.domain.richtext.adf import Document, NodeJson
from connectors.domain.richtext.canonical import canonical, same_content
from tests.connectors.domain.richtext.corpus import nodes, real_documents


def doc(*content: NodeJson) -> Document:
    return {"type": "doc", "version": 1, "content": list(content)}


def text(value: str, *marks: str) -> NodeJson:
    return {"type": "text", "text": value, "marks": [{"type": mark} for mark in marks]}


ALIKE = [
    (
        doc({"type": "paragraph", "content": [text("a")]}),
        doc({"type": "paragraph", "attrs": {"localId": "x"}, "content": [{"type": "text", "text": "a"}]}),
    ),
    (
        doc({"type": "paragraph", "content": [text("a", "em", "strong")]}),
        doc({"type": "paragraph", "content": [text("a", "strong", "em")]}),
    ),
    (
        doc({"type": "paragraph", "content": [text("ab", "em")]}),
        doc({"type": "paragraph", "content": [text("a", "em"), text("b", "em")]}),
    ),
    (doc({"type": "orderedList", "attrs": {"order": 1}}), doc({"type": "orderedList"})),
    (doc({"type": "heading", "attrs": {"level": 2.0}}), doc({"type": "heading", "attrs": {"level": 2}})),
    (
        doc({"type": "table", "attrs": {"layout": "default", "isNumberColumnEnabled": False, "localId": "1"}}),
        doc({"type": "table"}),
    ),
    (doc({"type": "paragraph"}), doc({"type": "paragraph", "content": []})),
]


@pytest.mark.parametrize(("sent", "stored"), ALIKE)
def test_what_shows_the_same_is_the_same(sent: Document, stored: Document) -> None:
    assert same_content(sent, stored)


DIFFERENT = [
    (doc({"type": "paragraph", "content": [text("a")]}), doc({"type": "paragraph", "content": [text("a", "em")]})),
    (doc({"type": "heading", "attrs": {"level": 1}}), doc({"type": "heading", "attrs": {"level": 2}})),
    (doc({"type": "orderedList", "attrs": {"order": 2}}), doc({"type": "orderedList"})),
    (doc({"type": "tableCell", "attrs": {"colspan": 2}}), doc({"type": "tableCell"})),
    (doc({"type": "paragraph"}), doc()),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_shows_something_else_differs(one: Document, other: Document) -> None:
    assert not same_content(one, other)


def test_the_canonical_form_is_stable_and_leaves_its_input_alone() -> None:
    for document in real_documents():
        before = json.dumps(document)
        once = canonical(document)

        assert canonical(once) == once
        assert json.dumps(document) == before
        assert all("localId" not in node.get("attrs", {}) for node in nodes(once))
