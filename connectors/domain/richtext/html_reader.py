"""Reads HTML fragments as editors leave them into the loose tree.

lxml reads them (libxml2's parser follows the HTML5 tokenizer); texts nested deeper than it allows are
read by the standard library's tokenizer, which keeps no tree.
"""

from lxml import etree

from connectors.domain.richtext.findings import FindingCode, FindingLog
from connectors.domain.richtext.html_elements import ELEMENTS, INLINE
from connectors.domain.richtext.html_sink import HtmlSink
from connectors.domain.richtext.html_tokens import HtmlTokens, OpenElements
from connectors.domain.richtext.inline import CONTROL_CHARACTERS
from connectors.domain.richtext.tree import Loose

# libxml2 gives up at 2,048 levels; fewer tags than that cannot nest so deep.
_SAFE_TAG_COUNT = 2000


def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)


_SHARED_PARSER = _parser()


def read_html(text: str, log: FindingLog) -> tuple[Loose, ...]:
    """The loose tree of an HTML fragment. Never raises for any text."""
    if CONTROL_CHARACTERS.search(text):
        log.add(FindingCode.CONTROL_CHARACTERS)
        text = CONTROL_CHARACTERS.sub("", text)
    if not text or text.isspace():
        return ()
    sink = HtmlSink(log)
    if text.count("<") < _SAFE_TAG_COUNT:
        _feed_tree(text, sink, _SHARED_PARSER)
    elif not _feed_large(text, sink):
        _feed_tokens(text, sink)
    return sink.content()


def _feed_large(text: str, sink: HtmlSink) -> bool:
    parser = _parser()
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.LxmlError:
        return False
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        return False
    _feed_root(root, sink)
    return True


def _feed_tree(text: str, sink: HtmlSink, parser: etree.HTMLParser) -> None:
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.LxmlError:
        return
    _feed_root(root, sink)


def _feed_root(root: etree._Element | None, sink: HtmlSink) -> None:
    if root is None:
        return
    find = ELEMENTS.get
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            tag = element.tag
            sink.start(find(tag, INLINE), tag, element)
            text = element.text
        else:
            sink.end_last()
            text = element.tail
        if text:
            sink.text(text)


def _feed_tokens(text: str, sink: HtmlSink) -> None:
    tokens = HtmlTokens(sink, OpenElements(sink))
    tokens.feed(text)
    tokens.close()
