"""The document check, rule by rule; agreement with the published schema is a contract test."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.jira.adf import document_fault, from_plain_text, plain_text, text_length

TEXT = {"type": "text", "text": "x"}
PARAGRAPH = {"type": "paragraph", "content": [TEXT]}


def marked(*marks: str, **attrs: object) -> dict[str, Any]:
    return {"type": "text", "text": "x", "marks": [{"type": m, **({"attrs": attrs} if attrs else {})} for m in marks]}


def node(kind: str, *content: object, **attrs: object) -> dict[str, Any]:
    made: dict[str, Any] = {"type": kind}
    if content:
        made["content"] = list(content)
    if attrs:
        made["attrs"] = attrs
    return made


def document(*content: object) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


def paragraph(*content: object) -> dict[str, Any]:
    return node("paragraph", *content)


GOOD: dict[str, dict[str, Any]] = {
    "nothing": document(),
    "code with a link": document(
        paragraph({**TEXT, "marks": [{"type": "code"}, {"type": "link", "attrs": {"href": "https://a.example"}}]})
    ),
    "a list in a list": document(
        node("bulletList", node("listItem", PARAGRAPH, node("orderedList", node("listItem", PARAGRAPH))))
    ),
    "a panel in a cell": document(
        node("table", node("tableRow", node("tableCell", node("panel", PARAGRAPH, panelType="info"))))
    ),
    "a nested expand in a cell": document(
        node("table", node("tableRow", node("tableHeader", node("nestedExpand", PARAGRAPH, title="t"))))
    ),
    "an outside picture": document(
        node("mediaSingle", node("media", type="external", url="https://a.example/a.png"), layout="center")
    ),
    "a relative link": document(paragraph(marked("link", href="/browse/DEMO-1"))),
}
BAD: dict[str, Any] = {
    "a text": "plain",
    "no version": {"type": "doc", "content": []},
    "version 2": {"type": "doc", "version": 2, "content": []},
    "an empty text": document(paragraph({"type": "text", "text": ""})),
    "code with strong": document(paragraph(marked("code", "strong"))),
    "marks in a code block": document(node("codeBlock", marked("strong"))),
    "heading 7": document(node("heading", TEXT, level=7)),
    "heading 0": document(node("heading", TEXT, level=0)),
    "a list item that begins with a list": document(
        node("bulletList", node("listItem", node("bulletList", node("listItem", PARAGRAPH))))
    ),
    "an empty list": document({"type": "bulletList", "content": []}),
    "text in a cell": document(node("table", node("tableRow", node("tableCell", TEXT)))),
    "a table in a table": document(
        node(
            "table", node("tableRow", node("tableCell", node("table", node("tableRow", node("tableCell", PARAGRAPH)))))
        )
    ),
    "a panel in a panel": document(node("panel", node("panel", PARAGRAPH, panelType="info"), panelType="info")),
    "an unknown panel": document(node("panel", PARAGRAPH, panelType="loud")),
    "a nested expand outside": document(node("nestedExpand", PARAGRAPH, title="t")),
    "a block inside inline": document(paragraph(PARAGRAPH)),
    "an empty link": document(paragraph(marked("link", href=""))),
    "a link to nowhere": document(paragraph(marked("link", href="example"))),
    "a link that runs scripts": document(paragraph(marked("link", href="javascript:alert(1)"))),
    "an unknown node": document(node("marquee", TEXT)),
    "an unknown member": document({**PARAGRAPH, "style": "x"}),
    "a colour by name": document(paragraph(marked("textColor", color="red"))),
    "a task without an id": document(node("taskList", node("taskItem", TEXT, state="TODO"), localId="a")),
}


@pytest.mark.parametrize("name", GOOD)
def test_good_documents_are_taken(name: str) -> None:
    assert document_fault(GOOD[name]) is None


@pytest.mark.parametrize("name", BAD)
def test_bad_documents_are_refused(name: str) -> None:
    assert document_fault(BAD[name]) is not None


def test_only_text_counts_against_the_limit() -> None:
    assert text_length(document(paragraph(marked("strong")), node("rule"), PARAGRAPH)) == 2


def test_plain_text_survives_the_way_in_and_out() -> None:
    text = "One\ntwo\n\nThree"

    assert plain_text(from_plain_text(text)) == text
    assert document_fault(from_plain_text(text)) is None
