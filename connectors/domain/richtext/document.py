"""From a text of any tracker to an Atlassian document.

The engine first asks `find_references` what a text points to, uploads files and looks up keys, and then
calls `to_document` with the answers. Both are pure and give the same result for the same input.
"""

from dataclasses import dataclass
from enum import StrEnum

from connectors.domain.richtext.adf import Document
from connectors.domain.richtext.builder import Builder
from connectors.domain.richtext.findings import Finding, FindingLog
from connectors.domain.richtext.html_reader import read_html
from connectors.domain.richtext.markdown_reader import read_markdown
from connectors.domain.richtext.plain_reader import read_plain
from connectors.domain.richtext.references import FoundReferences, ImageRef, MentionRef, References
from connectors.domain.richtext.tree import Loose


class Markup(StrEnum):
    """The notation of a text; Azure DevOps says it per field (`multilineFieldsFormat`) and comment."""

    HTML = "html"
    MARKDOWN = "markdown"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A document and everything worth knowing about how it was made.

    `images`, `mentions` and `item_references` are what the text points to, resolved or not, each once.
    """

    document: Document
    findings: tuple[Finding, ...]
    images: tuple[ImageRef, ...]
    mentions: tuple[MentionRef, ...]
    item_references: tuple[int, ...]


NO_REFERENCES = References()


def to_document(text: str, *, markup: Markup, resolve: References = NO_REFERENCES) -> Conversion:
    """The document of a text. Never raises: a text that cannot be read well is read as it stands.

    The document is valid by the published schema and holds every visible word of the text; deviations
    in structure are listed in `findings`.
    """
    log = FindingLog()
    return convert_tree(read(text, markup=markup, log=log), resolve=resolve, log=log)


def convert_tree(tree: tuple[Loose, ...], *, resolve: References, log: FindingLog) -> Conversion:
    """The document of a loose tree, see `to_document`."""
    builder = Builder(resolve, log)
    document = builder.document(tree)
    return Conversion(
        document=document,
        findings=log.findings(),
        images=builder.images.met,
        mentions=tuple(builder.inline.mentions),
        item_references=tuple(builder.inline.items),
    )


def read(text: str, *, markup: Markup, log: FindingLog) -> tuple[Loose, ...]:
    """The loose tree of a text."""
    if markup is Markup.HTML:
        return read_html(text, log)
    if markup is Markup.MARKDOWN:
        return read_markdown(text, log)
    return read_plain(text)


def find_references(text: str, *, markup: Markup, source_addresses: tuple[str, ...] = ()) -> FoundReferences:
    """What a text points to, so that files can be uploaded before the document is built."""
    found = to_document(text, markup=markup, resolve=References(source_addresses=source_addresses))
    return FoundReferences(found.images, found.item_references, found.mentions)
