"""The engine's way to rich text: canonical texts in, documents and words out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors.domain.ports import Document
from connectors.domain.richtext.adf import Document as RichDocument
from connectors.domain.richtext.canonical import canonical
from connectors.domain.richtext.composite import Section, sections, source_link
from connectors.domain.richtext.document import Markup, to_document
from connectors.domain.richtext.findings import Finding
from connectors.domain.richtext.limits import limit_text
from connectors.domain.richtext.references import ImageRef, References
from connectors.domain.richtext.source_words import source_words
from connectors.domain.richtext.test_steps import SharedSteps, parameters_to_document, steps_to_document
from connectors.domain.richtext.words import visible_words
from connectors.domain.work_items import Markup as CanonicalMarkup
from connectors.domain.work_items import Text


@dataclass(frozen=True, slots=True)
class Converted:
    document: Document
    images: tuple[ImageRef, ...]
    findings: tuple[Finding, ...] = ()


def convert(text: Text, resolve: References, *, shared: Mapping[str, tuple[str, str]] | None = None) -> Converted:
    """A text of any markup as a document. `shared` holds shared steps by item id: their title and their own steps."""
    if text.markup is CanonicalMarkup.TEST_STEPS:
        known = shared or {}

        def look_up(item: int) -> SharedSteps | None:
            return SharedSteps(*known[str(item)]) if str(item) in known else None

        conversion = steps_to_document(text.value, shared=look_up, resolve=resolve)
    else:
        conversion = to_document(text.value, markup=Markup(text.markup.value), resolve=resolve)
    return Converted(cast(Document, conversion.document), conversion.images, conversion.findings)


def convert_parameters(parameters: str, values: str) -> Converted:
    """The parameters of a test case and their values as one table."""
    conversion = parameters_to_document(parameters, values)
    return Converted(cast(Document, conversion.document), conversion.images, conversion.findings)


def join_sections(parts: Sequence[tuple[str, Document]], *, limit: int, filename: str) -> tuple[Document, str | None]:
    """One document of all parts under their headings (the first has none), and what did not fit."""
    joined = sections([Section(heading, cast(RichDocument, document)) for heading, document in parts])
    limited = limit_text(joined, limit, filename=filename)
    return cast(Document, limited.document), limited.overflow


def limit(document: Document, characters: int, *, filename: str) -> tuple[Document, str | None]:
    limited = limit_text(cast(RichDocument, document), characters, filename=filename)
    return cast(Document, limited.document), limited.overflow


def source_line(title: str, url: str) -> Document:
    """The link back to the source item."""
    return cast(Document, source_link(title, url))


def plain_text_document(text: str) -> Document:
    return cast(Document, to_document(text, markup=Markup.PLAIN).document)


def canonical_text(document: Document) -> str:
    """One text for documents that mean the same, whatever the target adds of its own."""
    return json.dumps(canonical(cast(RichDocument, document)), sort_keys=True)


def words_of_source(text: Text, resolve: References) -> Counter[str]:
    """The words a text must show in the target, references to moved items included; read by an extractor that shares
    no code with the converter."""
    if text.markup is CanonicalMarkup.TEST_STEPS:
        return _words_of_steps(text.value, resolve)
    return Counter(source_words(text.value, markup=Markup(text.markup.value), resolve=resolve))


def words_of_plain(text: str) -> Counter[str]:
    return Counter(text.split())


def words_in(document: Document | None) -> Counter[str]:
    return Counter(visible_words(cast(RichDocument, document))) if document else Counter()


def _words_of_steps(xml: str, resolve: References) -> Counter[str]:
    """Actions and expected results: each holds an escaped HTML fragment. Unreadable XML counts as HTML."""
    words: Counter[str] = Counter()
    try:
        root = fromstring(xml)
    except (ParseError, DefusedXmlException, ValueError):
        return Counter(source_words(xml, markup=Markup.HTML, resolve=resolve))
    for part in root.iter("parameterizedString"):
        words += Counter(source_words("".join(part.itertext()), markup=Markup.HTML, resolve=resolve))
    return words
