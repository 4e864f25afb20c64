"""Test steps and parameters of Azure DevOps as tables."""

import re
from html import unescape

import pytest

from connectors.domain.richtext.adf import Document
from connectors.domain.richtext.document import Markup
from connectors.domain.richtext.findings import FindingCode
from connectors.domain.richtext.source_words import source_words
from connectors.domain.richtext.test_steps import SharedSteps, parameters_to_document, steps_to_document
from connectors.domain.richtext.words import missing_words, visible_text, visible_words
from tests.connectors.domain.richtext.corpus import EVERYTHING_MOVED, assert_valid, samples


def rows(document: Document) -> list[list[str]]:
    """The cells of the only table, as text."""
    (table,) = document["content"]
    return [[" ".join(visible_text(cell).split()) for cell in row["content"]] for row in table["content"]]


def step(action: str, expected: str = "", kind: str = "ActionStep") -> str:
    texts = "".join(
        f'<parameterizedString isformatted="true">{text}</parameterizedString>' for text in (action, expected)
    )
    return f'<step id="2" type="{kind}">{texts}<description/></step>'


HEAD = ["#", "Action", "Expected result"]


def test_steps_become_a_table_of_action_and_expected_result() -> None:
    first = step("&lt;P&gt;Open &lt;B&gt;it&lt;/B&gt;&lt;/P&gt;", "It &amp;amp; me")
    xml = f"<steps id='0'>{first}{step('Close')}</steps>"

    conversion = steps_to_document(xml)

    assert_valid(conversion.document)
    assert rows(conversion.document) == [HEAD, ["1", "Open it", "It & me"], ["2", "Close", ""]]
    assert conversion.findings == ()


def test_shared_steps_are_opened_under_their_title() -> None:
    xml = f'<steps>{step("First")}<compref id="3" ref="42">{step("Last")}</compref></steps>'
    shared = {42: SharedSteps("Sign in", f"<steps>{step('Type name')}{step('Press enter', 'In')}</steps>")}

    conversion = steps_to_document(xml, shared=shared.get, resolve=EVERYTHING_MOVED)

    assert_valid(conversion.document)
    assert rows(conversion.document) == [
        HEAD,
        ["1", "First", ""],
        ["2", "Shared steps: Sign in DEMO-42", ""],
        ["2.1", "Type name", ""],
        ["2.2", "Press enter", "In"],
        ["3", "Last", ""],
    ]


def test_shared_steps_that_cannot_be_read_are_named() -> None:
    conversion = steps_to_document(f'<steps><compref id="3" ref="42">{step("Last")}</compref></steps>')

    assert rows(conversion.document) == [HEAD, ["1", "Shared steps #42", ""], ["2", "Last", ""]]
    assert [finding.code for finding in conversion.findings] == [FindingCode.SHARED_STEPS_MISSING]


def test_shared_steps_that_use_themselves_end() -> None:
    xml = '<steps><compref id="3" ref="42"/></steps>'

    conversion = steps_to_document(xml, shared={42: SharedSteps("Again", xml)}.get)

    assert len(rows(conversion.document)) == 1 + 6


MALFORMED = [
    "<steps><step>Half &lt;B&gt;a&lt;/B&gt; step",
    "no xml at all",
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><steps>&b;</steps>',
    "<steps>" * 3,
]


@pytest.mark.parametrize("xml", MALFORMED)
def test_malformed_steps_are_kept_as_their_text(xml: str) -> None:
    conversion = steps_to_document(xml)

    assert_valid(conversion.document)
    assert FindingCode.STEPS_UNREADABLE in {finding.code for finding in conversion.findings}
    assert not missing_words(source_words(xml, markup=Markup.HTML), visible_words(conversion.document))


def test_no_steps_are_no_table() -> None:
    assert steps_to_document("").document["content"] == []
    assert steps_to_document('<steps id="0" last="0"/>').document["content"] == []


def test_parameters_become_a_table_of_values() -> None:
    parameters = '<parameters><param name="Email" bind="default"/><param name="Size" bind="default"/></parameters>'
    data = (
        "<?xml version='1.0' encoding='utf-16'?><NewDataSet><xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
        "<xs:element name='x'/></xs:schema><Table1><Email>a@b.example</Email></Table1>"
        "<Table1><Size>L</Size><Extra>e</Extra></Table1></NewDataSet>"
    )

    conversion = parameters_to_document(parameters, data)

    assert_valid(conversion.document)
    assert rows(conversion.document) == [["Email", "Size", "Extra"], ["a@b.example", "", ""], ["", "L", "e"]]


@pytest.mark.parametrize("parameters", ["", "<parameters/>"])
def test_no_parameters_are_no_table(parameters: str) -> None:
    assert parameters_to_document(parameters).document["content"] == []


def test_every_real_test_case_keeps_its_words() -> None:
    for sample in samples("ado-teststeps-xml"):
        if sample.field != "Microsoft.VSTS.TCM.Steps":
            assert_valid(parameters_to_document(sample.text).document)
            continue
        conversion = steps_to_document(sample.text)
        texts = re.findall(r"<parameterizedString[^>]*>(.*?)</parameterizedString>", sample.text, re.DOTALL)
        words = [word for text in texts for word in source_words(unescape(text), markup=Markup.HTML)]

        assert_valid(conversion.document)
        assert not missing_words(words, visible_words(conversion.document)), sample.id
        assert len(rows(conversion.document)) >= 1 + sample.text.count("<step ") if words else True
