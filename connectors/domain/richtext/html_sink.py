"""Collects the elements and texts of an HTML fragment into a loose tree.

Only containers (lists, items, tables, cells, quotes, code, headings, collapsed parts) are kept as nested
blocks. `div`, `p` and the like just end the line that is being collected: editors nest them without
meaning, sometimes thousands deep.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from connectors.domain.richtext.css import NO_EFFECT, StyleEffect, style_effect
from connectors.domain.richtext.findings import FindingCode, FindingLog
from connectors.domain.richtext.html_frames import ElementAttributes, Frame, Mode
from connectors.domain.richtext.tree import (
    Block,
    BlockKind,
    Break,
    Inline,
    Loose,
    Mark,
    MarkKind,
    Marks,
    Text,
)
from connectors.domain.richtext.word_paste import nest_word_items

MAX_CONTAINERS = 60
NO_BREAK_SPACE = "\xa0"

_WHITE_SPACE = re.compile(r"[ \t\n\r\f]+")


@dataclass(slots=True)
class Opened:
    """An element whose end has not come yet, and what to undo then."""

    tag: str
    boundary: bool
    marks: Marks
    frame: Frame | None = None
    hidden: bool = False
    keeps_space: bool = False
    finish: Callable[["HtmlSink", "Opened"], None] | None = None
    run: list[Inline] | None = None
    position: int = 0
    address: str = ""


@dataclass(frozen=True, slots=True)
class ElementRule:
    """What an element does: ends lines, marks text, is never shown, or something of its own."""

    boundary: bool = False
    mark: Mark | None = None
    hidden: bool = False
    begin: Callable[["HtmlSink", Opened, ElementAttributes], None] | None = None


def with_mark(marks: Marks, mark: Mark) -> Marks:
    """Marks with one more; a newer one of the same kind replaces the older."""
    if mark in marks:
        return marks
    return (*(other for other in marks if other.kind is not mark.kind), mark)


class HtmlSink:
    """Receives start, text and end in document order; `content` is the loose tree at the end."""

    def __init__(self, log: FindingLog) -> None:
        self.log = log
        self.root = Frame(BlockKind.DOC)
        self.frames = [self.root]
        self.frame = self.root
        self.marks: Marks = ()
        self._opened: list[Opened] = []
        self._at_space = True
        self._hidden = 0
        self._keeps_space = 0
        self._marker: list[str] = []

    # -- events

    def start(self, rule: ElementRule, tag: str, attrs: ElementAttributes) -> None:
        """An element begins."""
        entry = Opened(tag, rule.boundary, self.marks)
        self._opened.append(entry)
        if self._hidden or rule.hidden:
            self._hide(entry, FindingCode.HIDDEN_REMOVED)
            return
        if rule.boundary:
            self.boundary()
        if rule.mark is not None:
            self.marks = with_mark(self.marks, rule.mark)
        style = attrs.get("style")
        if style:
            self._style(style_effect(style), entry)
        if rule.begin is not None and not entry.hidden:
            rule.begin(self, entry, attrs)

    def end_last(self) -> str:
        """The innermost element ends; its tag."""
        entry = self._opened.pop()
        self._close(entry)
        return entry.tag

    def text(self, data: str) -> None:
        """Characters between elements."""
        if self._hidden:
            self._marker.append(data)
            return
        if self.frame.mode is Mode.CODE:
            self.frame.run.append(Text(data.replace(NO_BREAK_SPACE, " "), self.marks))
            return
        if self._keeps_space:
            self.frame.run.append(Text(data.replace(NO_BREAK_SPACE, " ").replace("\t", "    "), self.marks))
            self._at_space = False
            return
        data = _WHITE_SPACE.sub(" ", data)
        if self._at_space and data[:1] == " ":
            data = data[1:]
        if data:
            self._at_space = data[-1] == " "
            self.frame.run.append(Text(data.replace(NO_BREAK_SPACE, " "), self.marks))

    def content(self) -> tuple[Loose, ...]:
        """The loose tree of everything received."""
        while self._opened:
            self.end_last()
        self.boundary()
        return self._children(self.root)

    # -- what elements do

    def boundary(self) -> None:
        """The line being collected ends here."""
        frame = self.frame
        self._at_space = True
        if not frame.run:
            return
        if frame.mode is Mode.FLOW:
            frame.children.append(Block(BlockKind.PARAGRAPH, tuple(frame.run)))
            frame.run = []
        elif frame.mode is Mode.LINE:
            if not isinstance(frame.run[-1], Break):
                frame.run.append(Break())
        else:
            last = frame.run[-1]
            if not (isinstance(last, Text) and last.text.endswith("\n")):
                frame.run.append(Text("\n"))

    def line_break(self) -> None:
        """A forced line break."""
        if self.frame.mode is Mode.CODE:
            self.frame.run.append(Text("\n"))
        else:
            self.frame.run.append(Break())
        self._at_space = True

    def add_inline(self, inline: Inline) -> None:
        """A picture, mention or sign in the line."""
        self.frame.run.append(inline)
        self._at_space = False

    def add_block(self, block: Block) -> None:
        """A finished block between lines."""
        self.boundary()
        self.frame.children.append(block)

    def open_frame(self, entry: Opened, frame: Frame) -> None:
        """A container begins; beyond the limit it only ends the line."""
        self.boundary()
        if len(self.frames) >= MAX_CONTAINERS:
            self.log.add(FindingCode.NESTING_FLATTENED, frame.kind.value)
            entry.boundary = True
            return
        entry.frame = frame
        self.frames.append(frame)
        self.frame = frame

    def remember_run(self, entry: Opened) -> None:
        """Note where the line stands, so that `since` can tell what an element added to it."""
        entry.run = self.frame.run
        entry.position = len(self.frame.run)

    def since(self, entry: Opened) -> list[Inline] | None:
        """What was added to the line since `remember_run`; None when another line has begun."""
        if entry.run is not self.frame.run:
            return None
        return self.frame.run[entry.position :]

    def change_marks(self, adds: Iterable[Mark], removes: Collection[MarkKind], codes: Iterable[FindingCode]) -> None:
        """Marks for what follows, until the element ends."""
        for code in codes:
            self.log.add(code)
        if removes:
            self.marks = tuple(mark for mark in self.marks if mark.kind not in removes)
        for mark in adds:
            self.marks = with_mark(self.marks, mark)

    def hide(self, entry: Opened) -> None:
        """What is inside the element is never shown."""
        self._hide(entry, FindingCode.HIDDEN_REMOVED)

    def open_keeping_space(self, entry: Opened) -> None:
        """White space counts until the element ends."""
        entry.keeps_space = True
        self._keeps_space += 1

    # -- inside

    def _style(self, effect: StyleEffect, entry: Opened) -> None:
        if effect is NO_EFFECT:
            return
        if effect.word_marker:
            self._marker = []
            self._hide(entry, None)
            entry.finish = _take_marker
            return
        self.change_marks(effect.adds, effect.removes, effect.codes)
        if effect.keeps_space:
            self.open_keeping_space(entry)
        if effect.word_level and entry.boundary:
            self.frame.word_items = True
            item = Frame(BlockKind.LIST_ITEM, attrs={"level": effect.word_level})
            self.open_frame(entry, item)

    def _hide(self, entry: Opened, code: FindingCode | None) -> None:
        if code is not None and not self._hidden:
            self.log.add(code, entry.tag)
        entry.hidden = True
        self._hidden += 1

    def _close(self, entry: Opened) -> None:
        if entry.hidden:
            self._hidden -= 1
            if entry.finish is not None and not self._hidden:
                entry.finish(self, entry)
            return
        if entry.finish is not None:
            entry.finish(self, entry)
        if entry.keeps_space:
            self._keeps_space -= 1
        if entry.boundary or entry.frame is not None:
            self.boundary()
        if entry.frame is not None:
            self._close_frame(entry.frame)
        self.marks = entry.marks

    def _close_frame(self, frame: Frame) -> None:
        while self.frames[-1] is not frame:
            self._store(self.frames.pop())
        self._store(self.frames.pop())
        self.frame = self.frames[-1]

    def _store(self, frame: Frame) -> None:
        kind, attrs = frame.kind, frame.attrs
        if frame.done is not None and kind is BlockKind.LIST_ITEM:
            kind, attrs = BlockKind.TASK_ITEM, {**attrs, "done": frame.done}
        self.frames[-1].children.append(Block(kind, self._children(frame), attrs))

    def _children(self, frame: Frame) -> tuple[Loose, ...]:
        children: list[Loose] = [*frame.children, *frame.run]
        if frame.word_items:
            self.log.add(FindingCode.WORD_LIST)
            children = nest_word_items(children)
        return tuple(children)

    def take_marker(self) -> None:
        """The bullet or number that Word typed before an item says what kind of list it is."""
        marker = "".join(self._marker).replace(NO_BREAK_SPACE, " ").strip()
        for frame in reversed(self.frames):
            if "level" in frame.attrs and frame.kind is BlockKind.LIST_ITEM:
                frame.attrs["ordered"] = bool(re.match(r"^\(?[0-9a-zA-Z]{1,5}[.)]", marker))
                return


def _take_marker(sink: HtmlSink, _entry: Opened) -> None:
    sink.take_marker()
