"""Every real text: valid, complete, structured and marked as its source, but for the documented rules."""

import json
from collections import Counter

import pytest

from connectors.domain.richtext.document import Conversion, Markup, find_references, to_document
from connectors.domain.richtext.findings import FindingCode
from connectors.domain.richtext.source_words import source_words
from connectors.domain.richtext.words import visible_words
from tests.connectors.domain.richtext.corpus import EVERYTHING_MOVED, FILES_MOVED, Sample, assert_valid, samples
from tests.connectors.domain.richtext.counting import (
    marked_characters_of_document,
    marked_characters_of_source,
    parsed,
    structure_of_document,
    structure_of_source,
    without_own_links,
)

CORPORA = [("ado-html", Markup.HTML), ("github-markdown", Markup.MARKDOWN)]
both_corpora = pytest.mark.parametrize(("name", "markup"), CORPORA)

# The closed list of what may differ in these texts, and what explains it.
STRUCTURE_RULES = {
    "headings": {FindingCode.HEADING_AS_STRONG},
    "items": {FindingCode.LIST_HOISTED},
    "code blocks": {FindingCode.CODE_BLOCK_JOINED},
    "rules": {FindingCode.LIFTED},
}
MARK_RULES = {
    "strong": {FindingCode.CODE_WITH_MARKS, FindingCode.HEADING_AS_STRONG},
    "em": {FindingCode.CODE_WITH_MARKS},
    "underline": {FindingCode.CODE_WITH_MARKS},
    "pre": {FindingCode.CODE_BLOCK_WITH_MARKS},
    "link": {FindingCode.CODE_BLOCK_WITH_MARKS, FindingCode.LINK_REFUSED},
}


def _converted(sample: Sample, markup: Markup) -> Conversion:
    return to_document(sample.text, markup=markup, resolve=FILES_MOVED)


def _codes(conversion: Conversion) -> set[FindingCode]:
    return {finding.code for finding in conversion.findings}


@both_corpora
def test_every_text_becomes_a_valid_document(name: str, markup: Markup) -> None:
    for sample in samples(name):
        assert_valid(to_document(sample.text, markup=markup).document)
        assert_valid(to_document(sample.text, markup=markup, resolve=EVERYTHING_MOVED).document)


@both_corpora
def test_every_word_arrives_in_its_order(name: str, markup: Markup) -> None:
    for sample in samples(name):
        words = source_words(sample.text, markup=markup)

        assert visible_words(_converted(sample, markup).document) == words, sample.id


@both_corpora
def test_every_word_arrives_when_items_have_moved(name: str, markup: Markup) -> None:
    for sample in samples(name):
        document = to_document(sample.text, markup=markup, resolve=EVERYTHING_MOVED).document

        assert visible_words(document) == source_words(sample.text, markup=markup, resolve=EVERYTHING_MOVED), sample.id


@both_corpora
def test_structure_is_that_of_the_source_but_for_the_rules(name: str, markup: Markup) -> None:
    unexplained: list[tuple[str, str, int, int]] = []
    for sample in samples(name):
        conversion = _converted(sample, markup)
        source = structure_of_source(parsed(sample.text, markdown=markup is Markup.MARKDOWN))
        document = structure_of_document(conversion.document)
        for what in source.keys() | document.keys():
            explained = STRUCTURE_RULES.get(what, set()) & _codes(conversion)
            if source[what] != document[what] and not explained:
                unexplained.append((sample.id, what, source[what], document[what]))

    assert unexplained == []


@both_corpora
def test_marks_are_those_of_the_source_but_for_the_rules(name: str, markup: Markup) -> None:
    unexplained: list[tuple[str, str, Counter[str]]] = []
    for sample in samples(name):
        conversion = _converted(sample, markup)
        source = marked_characters_of_source(parsed(sample.text, markdown=markup is Markup.MARKDOWN))
        document = without_own_links(marked_characters_of_document(conversion.document), source)
        differing = {mark for (mark, _), _ in ((source - document) + (document - source)).items()}
        for mark in differing:
            if not MARK_RULES.get(mark.partition(" ")[0], set()) & _codes(conversion):
                lost = Counter({key[1]: count for key, count in (source - document).items() if key[0] == mark})
                unexplained.append((sample.id, mark, lost))

    assert unexplained == []


@both_corpora
def test_the_same_text_gives_the_same_document(name: str, markup: Markup) -> None:
    for sample in samples(name)[::7]:
        first, second = (json.dumps(_converted(sample, markup).document) for _ in range(2))

        assert first == second


@both_corpora
def test_references_found_beforehand_are_those_met_in_the_conversion(name: str, markup: Markup) -> None:
    for sample in samples(name):
        found = find_references(sample.text, markup=markup)
        conversion = _converted(sample, markup)

        assert (found.images, found.items, found.mentions) == (
            conversion.images,
            conversion.item_references,
            conversion.mentions,
        )


def test_no_finding_hides_a_large_part_of_the_corpus() -> None:
    counts: Counter[FindingCode] = Counter()
    for sample in samples("ado-html"):
        counts.update(_codes(_converted(sample, Markup.HTML)))

    assert counts[FindingCode.LINK_REFUSED] == 0
    assert counts[FindingCode.NESTING_FLATTENED] == 0
    assert sum(counts.values()) - counts[FindingCode.COLOR_OF_TEXT_DEFAULT] < 60
