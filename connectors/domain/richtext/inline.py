"""Lines of text: marks, links, references to items and people, as inline nodes that Jira accepts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from connectors.domain.richtext.addresses import item_of_address, shown_address, usable_href
from connectors.domain.richtext.adf import NodeJson
from connectors.domain.richtext.findings import FindingCode, FindingLog
from connectors.domain.richtext.line import Line
from connectors.domain.richtext.references import ItemTarget, MentionRef, References
from connectors.domain.richtext.tree import Break, Mark, MarkKind, Marks, Mention, Text

LineInline = Text | Break | Mention

CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ITEM_IN_TEXT = re.compile(
    r"(?P<url>(?:https?://[^\s<>\"'()]{1,500}?/_workitems|vstfs:///WorkItemTracking/WorkItem)[^\s<>\"'(),;]*[^\s<>\"'(),;.:!?])"
    r"|(?<![\w&#/.=-])#(?P<number>\d{1,10})(?![\w-])",
    re.IGNORECASE,
)
_COLOR = re.compile(r"^#[0-9a-fA-F]{6}$")
_BESIDE_CODE = frozenset({MarkKind.CODE, MarkKind.LINK})
_ORDER = {kind: position for position, kind in enumerate(MarkKind)}


@dataclass(frozen=True, slots=True)
class _Settled:
    """Marks after all rules: what is written, the address that was refused, the rules that applied."""

    marks: Marks
    refused: str | None
    codes: tuple[FindingCode, ...]


@lru_cache(maxsize=8192)
def _settle(marks: Marks) -> _Settled:
    by_kind = {mark.kind: mark for mark in marks}
    codes: list[FindingCode] = []
    refused: str | None = None
    link = by_kind.get(MarkKind.LINK)
    if link is not None:
        href = usable_href(link.value)
        if href is None:
            refused = by_kind.pop(MarkKind.LINK).value
        else:
            by_kind[MarkKind.LINK] = Mark(MarkKind.LINK, href)
    if MarkKind.CODE in by_kind and not by_kind.keys() <= _BESIDE_CODE:
        codes.append(FindingCode.CODE_WITH_MARKS)
        by_kind = {kind: mark for kind, mark in by_kind.items() if kind in _BESIDE_CODE}
    if MarkKind.LINK in by_kind and MarkKind.TEXT_COLOR in by_kind:
        del by_kind[MarkKind.TEXT_COLOR]
        codes.append(FindingCode.COLOR_ON_LINK)
    for kind in (MarkKind.TEXT_COLOR, MarkKind.BACKGROUND_COLOR):
        if kind in by_kind and not _COLOR.match(by_kind[kind].value):
            del by_kind[kind]
            codes.append(FindingCode.COLOR_UNKNOWN)
    if MarkKind.SUBSUP in by_kind and by_kind[MarkKind.SUBSUP].value not in {"sub", "sup"}:
        del by_kind[MarkKind.SUBSUP]
    ordered = tuple(sorted(by_kind.values(), key=lambda mark: _ORDER[mark.kind]))
    return _Settled(ordered, refused, tuple(codes))


def link_of(marks: Marks) -> str:
    """The address under a text, or an empty text."""
    for mark in marks:
        if mark.kind is MarkKind.LINK:
            return mark.value
    return ""


class InlineWriter:
    """Turns runs of text into inline nodes and remembers the items and people met on the way."""

    def __init__(self, references: References, log: FindingLog) -> None:
        self._references = references
        self._log = log
        self.items: dict[int, None] = {}
        self.mentions: dict[MentionRef, None] = {}

    def nodes(self, run: Sequence[LineInline]) -> list[NodeJson]:
        """Inline nodes of a run: adjacent equal texts joined, edges trimmed, nothing empty."""
        line = Line()
        for position, inline in enumerate(run):
            if isinstance(inline, Text):
                following = run[position + 1] if position + 1 < len(run) else None
                self._text(inline, following, line)
            elif isinstance(inline, Break):
                line.add_break()
            else:
                self._mention(inline, line)
        return line.finished()

    def plain(self, run: Sequence[LineInline]) -> str:
        """The characters of a run without any mark, for code blocks."""
        parts: list[str] = []
        for position, inline in enumerate(run):
            if isinstance(inline, Break):
                parts.append("\n")
                continue
            parts.append(self.cleaned(inline.text if isinstance(inline, Text) else self.shown_name(inline)))
            address = link_of(inline.marks)
            following = run[position + 1] if position + 1 < len(run) else None
            if address and not _continues_link(following, address) and parts[-1].strip() != address:
                parts.append(f" ({shown_address(address)})")
            if inline.marks:
                self._log.add(FindingCode.CODE_BLOCK_WITH_MARKS, parts[-1])
        return "".join(parts)

    def cleaned(self, text: str) -> str:
        """The text without characters that neither XML nor Jira can hold."""
        if CONTROL_CHARACTERS.search(text) is None:
            return text
        self._log.add(FindingCode.CONTROL_CHARACTERS)
        return CONTROL_CHARACTERS.sub("", text)

    def shown_name(self, mention: Mention) -> str:
        """How a person is named in the text when nobody is to be notified."""
        self.mentions[MentionRef(mention.identity, mention.name)] = None
        if mention.name.strip():
            return mention.name
        return "@" + (self._references.person(mention.identity) or mention.identity)

    def _mention(self, mention: Mention, line: Line) -> None:
        name = self.cleaned(self.shown_name(mention))
        account = self._references.mention(mention.identity, name)
        if account:
            line.add_node({"type": "mention", "attrs": {"id": account, "text": name}})
        else:
            line.add_text(name, self._settled(mention.marks).marks)

    def _text(self, inline: Text, following: LineInline | None, line: Line) -> None:
        text = self.cleaned(inline.text)
        if not inline.marks and "#" not in text and "/_work" not in text and "vstfs" not in text:
            line.add_lines(text, ())
            return
        address = link_of(inline.marks)
        target = self._item(item_of_address(address, self._references.source_addresses)) if address else None
        if target is not None:
            self._item_link(inline.marks, text, address=address, target=target, line=line)
            return
        settled = self._settled(inline.marks)
        if settled.refused is not None:
            line.refused_text += text
        if address or any(mark.kind is MarkKind.CODE for mark in settled.marks):
            line.add_lines(text, settled.marks)
        else:
            self._text_with_items(text, settled.marks, line)
        if settled.refused is not None and not _continues_link(following, address):
            self._show_refused(settled.refused, line)

    def _settled(self, marks: Marks) -> _Settled:
        settled = _settle(marks)
        for code in settled.codes:
            self._log.add(code)
        return settled

    def _show_refused(self, address: str, line: Line) -> None:
        shown = shown_address(self.cleaned(address))
        self._log.add(FindingCode.LINK_REFUSED, shown)
        text = " ".join(line.refused_text.split())
        line.refused_text = ""
        if text and shown and not shown.startswith("#") and shown not in text:
            line.add_text(f" ({shown})", ())

    def _item(self, item_id: int | None) -> ItemTarget | None:
        if item_id is None:
            return None
        self.items[item_id] = None
        return self._references.item(item_id)

    def _item_link(self, marks: Marks, text: str, *, address: str, target: ItemTarget, line: Line) -> None:
        item_id = item_of_address(address, self._references.source_addresses)
        if text.strip() == address.strip():
            text = text.replace(text.strip(), target.key)
        else:
            text = re.sub(rf"(?<!\w)#{item_id}(?!\w)", lambda _: target.key, text)
        line.add_lines(text, self._settled(_linked(marks, target.url)).marks)

    def _text_with_items(self, text: str, marks: Marks, line: Line) -> None:
        position = 0
        for match in _ITEM_IN_TEXT.finditer(text):
            target = self._item(self._item_id(match))
            if target is None:
                continue
            line.add_lines(text[position : match.start()], marks)
            line.add_text(target.key, self._settled(_linked(marks, target.url)).marks)
            position = match.end()
        line.add_lines(text[position:], marks)

    def _item_id(self, match: re.Match[str]) -> int | None:
        number = match.group("number")
        if number is not None:
            return int(number)
        return item_of_address(match.group("url"), self._references.source_addresses)


def _linked(marks: Marks, address: str) -> Marks:
    others = tuple(mark for mark in marks if mark.kind is not MarkKind.LINK)
    return (Mark(MarkKind.LINK, address), *others) if address else others


def _continues_link(following: LineInline | None, address: str) -> bool:
    return isinstance(following, Text | Mention) and link_of(following.marks) == address
