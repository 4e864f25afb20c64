"""Raw HTML as a plain sequence of tags, for pieces of HTML in Markdown and for very deep texts."""

from collections import Counter
from collections.abc import Mapping
from html.parser import HTMLParser

from connectors.domain.richtext.html_elements import ELEMENTS, INLINE
from connectors.domain.richtext.html_sink import HtmlSink

_VOID_NAMES = "area base br col embed frame hr img input link meta param source track wbr"
_VOID = frozenset(_VOID_NAMES.split(" "))


class OpenElements:
    """Keeps starts and ends in balance: ends supply those of inner elements, lone ends are ignored."""

    def __init__(self, sink: HtmlSink) -> None:
        self._sink = sink
        self._open: Counter[str] = Counter()

    def start(self, tag: str, attrs: Mapping[str, str | None], *, void: bool = False) -> None:
        self._sink.start(ELEMENTS.get(tag, INLINE), tag, dict(attrs))
        if void:
            self._sink.end_last()
        else:
            self._open[tag] += 1

    def end(self, tag: str) -> None:
        while self._open[tag]:
            closed = self._sink.end_last()
            self._open[closed] -= 1
            if closed == tag:
                return


class HtmlTokens(HTMLParser):
    """Feeds raw HTML to open elements, without a tree of its own."""

    def __init__(self, sink: HtmlSink, elements: OpenElements) -> None:
        super().__init__(convert_charrefs=True)
        self._sink = sink
        self._elements = elements

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._elements.start(tag, {name: value or "" for name, value in attrs}, void=tag in _VOID)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._elements.end(tag)

    def handle_data(self, data: str) -> None:
        self._sink.text(data)
