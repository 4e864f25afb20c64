"""Descriptions put together from several fields, and taken apart again.

Azure DevOps keeps acceptance criteria, repro steps and more in fields of their own; in Jira they stand in
the description, each under a stable heading behind a ruler. On the way back only the first part belongs
to the source's description, so taking apart is the exact inverse of putting together. A body that itself
contains a ruler with such a heading gets an empty line between the two, and loses it again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from connectors.domain.richtext.addresses import usable_href
from connectors.domain.richtext.adf import Document, MarkJson, NodeJson

HEADING_LEVEL = 2
SOURCE_LINE_START = "Source: "


class SectionHeading(StrEnum):
    """The headings that separate the parts of a description. Stored in Jira: never reword one."""

    ACCEPTANCE_CRITERIA = "Acceptance criteria"
    REPRO_STEPS = "Repro steps"
    SYSTEM_INFO = "System info"
    TEST_STEPS = "Test steps"
    TEST_PARAMETERS = "Test parameters"
    FIELDS = "Further fields"
    HISTORY = "History"
    ATTACHMENTS = "Attachments"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a description; the first part, the item's own description, has no heading."""

    heading: str
    document: Document


@dataclass(frozen=True, slots=True)
class Parts:
    """A description taken apart. `source_line` tells whether the link back to the source is still there."""

    body: Document
    sections: tuple[Section, ...]
    source_line: Document | None


STANDARD_HEADINGS = tuple(heading.value for heading in SectionHeading)


def sections(parts: Sequence[Section], *, source_line: Document | None = None) -> Document:
    """One document of all parts in their order; parts without content are left out.

    `source_line` comes last, see `source_link`.
    """
    content: list[NodeJson] = []
    for position, part in enumerate(parts):
        inner = _protected(part.document.get("content", []))
        if part.heading and inner:
            content.extend(({"type": "rule"}, _heading(part.heading)))
        content.extend(_renumbered(node, position) for node in inner)
    if source_line is not None:
        content.extend(({"type": "rule"}, *source_line.get("content", [])))
    return {"type": "doc", "version": 1, "content": content}


def split_sections(document: Document, headings: Iterable[str] = STANDARD_HEADINGS) -> Parts:
    """The parts of a description that `sections` made, however people edited inside them.

    `headings` must name every heading that was used beside the standard ones.
    """
    content, source_line, borders = _borders(document, headings)
    starts = borders[:-1]
    body = content[: borders[0]]
    found = tuple(
        Section(_text_of(content[start + 1]), _document(_unprotected(content[start + 2 : end])))
        for start, end in zip(starts, borders[1:], strict=True)
    )
    return Parts(_document(_unprotected(body)), found, source_line)


def own_length(document: Document, headings: Iterable[str] = STANDARD_HEADINGS) -> int:
    """How many of the top-level nodes belong to the first part, the item's own description."""
    return _borders(document, headings)[2][0]


def _borders(document: Document, headings: Iterable[str]) -> tuple[list[NodeJson], Document | None, list[int]]:
    """The content without the source line, that line, and where sections start and the content ends."""
    known = {*headings, *STANDARD_HEADINGS}
    content = list(document.get("content", []))
    source_line: Document | None = None
    if len(content) > 1 and content[-2]["type"] == "rule" and _is_source_line(content[-1]):
        source_line = _document([content[-1]])
        del content[-2:]
    starts = [position for position in range(len(content) - 1) if _starts_section(content, position, known)]
    return content, source_line, [*starts, len(content)]


def source_link(title: str, url: str) -> Document:
    """The last line of a description: where it came from."""
    text: NodeJson = {"type": "text", "text": title.strip() or url}
    href = usable_href(url)
    if href:
        link: MarkJson = {"type": "link", "attrs": {"href": href}}
        text["marks"] = [link]
    return _document([{"type": "paragraph", "content": [{"type": "text", "text": SOURCE_LINE_START}, text]}])


def named_values(values: Iterable[tuple[str, str]]) -> Document:
    """Names and plain values, one list item each, for fields that have no place of their own."""
    items: list[NodeJson] = []
    for name, value in values:
        line: list[NodeJson] = [{"type": "text", "text": f"{name}:", "marks": [{"type": "strong"}]}]
        lines = value.split("\n") if value.strip() else []
        for position, text in enumerate(lines):
            line.extend([{"type": "hardBreak"}] if position else [])
            shown = text.strip() if position else " " + text.strip()
            line.extend([{"type": "text", "text": shown}] if shown else [])
        items.append({"type": "listItem", "content": [{"type": "paragraph", "content": line}]})
    return _document([{"type": "bulletList", "content": items}] if items else [])


def linked_names(links: Iterable[tuple[str, str]]) -> Document:
    """Names that lead to addresses, one list item each, for what stayed where it was."""
    items: list[NodeJson] = []
    for name, url in links:
        text: NodeJson = {"type": "text", "text": name.strip() or url}
        href = usable_href(url)
        if href:
            text["marks"] = [{"type": "link", "attrs": {"href": href}}]
        items.append({"type": "listItem", "content": [{"type": "paragraph", "content": [text]}]})
    return _document([{"type": "bulletList", "content": items}] if items else [])


def _document(content: list[NodeJson]) -> Document:
    return {"type": "doc", "version": 1, "content": content}


def _heading(text: str) -> NodeJson:
    return {
        "type": "heading",
        "attrs": {"level": HEADING_LEVEL},
        "content": [{"type": "text", "text": text}],
    }


def _text_of(node: NodeJson) -> str:
    return "".join(child.get("text", "") for child in node.get("content", [])).strip()


def _is_source_line(node: NodeJson) -> bool:
    return node["type"] == "paragraph" and _text_of(node).startswith(SOURCE_LINE_START)


def _is_separating_heading(node: NodeJson) -> bool:
    return node["type"] == "heading" and node.get("attrs", {}).get("level") == HEADING_LEVEL


def _starts_section(content: list[NodeJson], position: int, known: set[str]) -> bool:
    heading = content[position + 1]
    return content[position]["type"] == "rule" and _is_separating_heading(heading) and _text_of(heading) in known


def _is_empty_line(node: NodeJson) -> bool:
    return node["type"] == "paragraph" and not node.get("content")


def _imitates(content: list[NodeJson], position: int) -> int:
    """How many empty lines stand between a ruler here and what would be taken for ours; -1 if it is none."""
    if content[position]["type"] != "rule":
        return -1
    follower = position + 1
    while follower < len(content) and _is_empty_line(content[follower]):
        follower += 1
    if follower == len(content):
        return -1
    node = content[follower]
    return follower - position - 1 if _is_separating_heading(node) or _is_source_line(node) else -1


def _protected(content: list[NodeJson]) -> list[NodeJson]:
    out: list[NodeJson] = []
    for position, node in enumerate(content):
        out.append(node)
        if _imitates(content, position) >= 0:
            out.append({"type": "paragraph", "content": []})
    return out


def _unprotected(content: list[NodeJson]) -> list[NodeJson]:
    out: list[NodeJson] = []
    skip = -1
    for position, node in enumerate(content):
        if position == skip:
            continue
        out.append(node)
        if _imitates(content, position) > 0:
            skip = position + 1
    return out


def _renumbered(node: NodeJson, section: int) -> NodeJson:
    """Identifiers of tasks count per part; in one document they must differ."""
    if not section or "content" not in node or node["type"] in {"paragraph", "heading", "codeBlock"}:
        return node
    made = node.copy()
    attrs = node.get("attrs", {})
    if "localId" in attrs:
        made["attrs"] = {**attrs, "localId": f"part{section}-{attrs['localId']}"}
    made["content"] = [_renumbered(child, section) for child in node["content"]]
    return made
