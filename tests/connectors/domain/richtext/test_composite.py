"""Descriptions of several parts: put together and taken apart without loss."""

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.domain.richtext.adf import Document, NodeJson
from connectors.domain.richtext.canonical import canonical
from connectors.domain.richtext.composite import (
    Section,
    SectionHeading,
    named_values,
    sections,
    source_link,
    split_sections,
)
from connectors.domain.richtext.document import Markup, to_document
from connectors.domain.richtext.words import visible_words
from tests.connectors.domain.richtext.corpus import assert_valid, nodes


def document(text: str) -> Document:
    return to_document(text, markup=Markup.MARKDOWN).document


SOURCE = source_link("Azure DevOps contoso/Fabrikam #12", "https://dev.azure.com/contoso/Fabrikam/_workitems/edit/12")


def test_parts_stand_under_stable_headings_and_the_source_comes_last() -> None:
    parts = [
        Section("", document("Body")),
        Section(SectionHeading.ACCEPTANCE_CRITERIA, document("- one")),
        Section(SectionHeading.REPRO_STEPS, document("")),
    ]

    made = sections(parts, source_line=SOURCE)

    assert_valid(made)
    assert [node["type"] for node in made["content"]] == [
        "paragraph",
        "rule",
        "heading",
        "bulletList",
        "rule",
        "paragraph",
    ]
    assert " ".join(visible_words(made)) == ("Body Acceptance criteria one Source: Azure DevOps contoso/Fabrikam #12")


def test_headings_are_a_stored_format() -> None:
    assert [heading.value for heading in SectionHeading] == [
        "Acceptance criteria",
        "Repro steps",
        "System info",
        "Test steps",
        "Test parameters",
        "Further fields",
        "History",
        "Attachments",
    ]


def test_identifiers_of_tasks_differ_between_parts() -> None:
    tasks = document("- [ ] a\n- [x] b")

    made = sections([Section("", tasks), Section("Notes", tasks)])

    identifiers = [node["attrs"]["localId"] for node in nodes(made) if "task" in node["type"]]
    assert len(identifiers) == 6 == len(set(identifiers))


def test_an_edited_part_does_not_change_the_others() -> None:
    made = sections([Section("", document("Body")), Section("System info", document("old"))], source_line=SOURCE)
    made["content"].insert(3, {"type": "paragraph", "content": [{"type": "text", "text": "edited"}]})

    parts = split_sections(made)

    assert parts.body == document("Body")
    assert visible_words(parts.sections[0].document) == ["edited", "old"]
    assert parts.source_line == SOURCE


def test_a_removed_source_line_is_noticed() -> None:
    made = sections([Section("", document("Body"))], source_line=SOURCE)
    del made["content"][-2:]

    assert split_sections(made).source_line is None


def test_a_body_that_imitates_a_section_stays_one_body() -> None:
    body = document("Text\n\n---\n\n## Acceptance criteria\n\nmine\n\n---\n\nSource: me")

    parts = split_sections(sections([Section("", body)]))

    assert parts.body == body
    assert parts.sections == ()


_BLOCKS: list[NodeJson] = [
    {"type": "rule"},
    {"type": "paragraph", "content": []},
    {"type": "paragraph", "content": [{"type": "text", "text": "text"}]},
    {"type": "paragraph", "content": [{"type": "text", "text": "Source: it"}]},
    {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Repro steps"}]},
    {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Mine"}]},
    {"type": "heading", "attrs": {"level": 3}, "content": [{"type": "text", "text": "History"}]},
]
_bodies = st.lists(st.sampled_from(_BLOCKS), max_size=7).map(
    lambda content: Document(type="doc", version=1, content=content)
)


@settings(max_examples=300, deadline=None)
@given(
    body=_bodies,
    parts=st.lists(st.tuples(st.sampled_from(["Repro steps", "History", "Mine"]), _bodies), max_size=3),
    linked=st.booleans(),
)
def test_taking_apart_is_the_inverse_of_putting_together(
    body: Document, parts: list[tuple[str, Document]], linked: bool
) -> None:
    given_sections = [Section(heading, part) for heading, part in parts]

    made = sections([Section("", body), *given_sections], source_line=SOURCE if linked else None)
    taken = split_sections(made, ["Mine"])

    assert canonical(taken.body) == canonical(body)
    assert list(taken.sections) == [section for section in given_sections if section.document["content"]]
    assert taken.source_line == (SOURCE if linked else None)


def test_named_values_are_a_list_of_lines() -> None:
    made = named_values([("Found in", "1.2"), ("Notes", "a\nb"), ("Empty", " ")])

    assert_valid(made)
    assert visible_words(made) == ["Found", "in:", "1.2", "Notes:", "a", "b", "Empty:"]


def test_a_source_line_without_usable_address_is_text() -> None:
    made = source_link("", "javascript:alert(1)")

    assert_valid(made)
    assert "marks" not in made["content"][0]["content"][1]
