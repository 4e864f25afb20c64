"""Reads GitHub Flavored Markdown into the loose tree.

markdown-it-py tokenises; its tokens and the HTML inside the text feed the same sink as the HTML reader,
so that `<details>` around Markdown, or `<b>` in a sentence, mean what they mean there.
https://github.github.com/gfm/
"""

import re
from collections.abc import Callable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from connectors.domain.richtext.findings import FindingCode, FindingLog
from connectors.domain.richtext.html_sink import HtmlSink
from connectors.domain.richtext.html_tokens import HtmlTokens, OpenElements
from connectors.domain.richtext.inline import CONTROL_CHARACTERS
from connectors.domain.richtext.plain_reader import linked_text, read_plain
from connectors.domain.richtext.tree import Block, BlockKind, Image, Loose, MarkKind, Mention, Text

MAX_MARKDOWN_NESTING = 60

_PARSER = MarkdownIt("gfm-like", {"linkify": False, "maxNesting": MAX_MARKDOWN_NESTING * 2 + 10})
# Escaped characters stay tokens of their own: `\\[ ]` is no check box.
_PARSER.disable(["linkify", "text_join"])

# Deeper than this the tokenizer stops reading and would lose the rest.
_TOO_DEEP = re.compile(
    rf"^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{{1,9}}[.)](?=[ \t]))){{{MAX_MARKDOWN_NESTING},}}"
    rf"|^[ \t]{{{MAX_MARKDOWN_NESTING * 2},}}(?:>|[-+*][ \t]|\d{{1,9}}[.)][ \t])",
    re.MULTILINE,
)
_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_MENTION = re.compile(rf"@<({_GUID})>")
# Private characters keep Azure DevOps' mentions from being read as HTML tags.
_KEPT_MENTION = re.compile(rf"@\ue000({_GUID})\ue001")
_SIZED_IMAGE = re.compile(r"(!\[[^\]\n]{0,500}\]\([^()\s]{1,2000})[ \t]+=(\d*x\d*)[ \t]*\)")
_SIZE = re.compile(r"^=(\d*)x(\d*)$")
_TASK = re.compile(r"\[([ xX])\](?=\s)\s*")
_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*$", re.IGNORECASE)
_PANELS = {"note": "info", "tip": "success", "important": "note", "warning": "warning", "caution": "error"}
# GitHub shows these tags instead of obeying them (the tagfilter extension).
_FILTERED = re.compile(
    r"<(?=/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)(?:[\s/>]|$))", re.IGNORECASE
)


def read_markdown(text: str, log: FindingLog) -> tuple[Loose, ...]:
    """The loose tree of a Markdown text. Never raises for any text."""
    if CONTROL_CHARACTERS.search(text):
        log.add(FindingCode.CONTROL_CHARACTERS)
        text = CONTROL_CHARACTERS.sub("", text)
    if _TOO_DEEP.search(text):
        log.add(FindingCode.NESTING_FLATTENED, "Markdown")
        return read_plain(text)
    if "@<" in text:
        text = _MENTION.sub("@\ue000\\1\ue001", text)
    if "](" in text and "=" in text:
        text = _SIZED_IMAGE.sub(r'\1 "=\2")', text)
    try:
        tokens = _PARSER.parse(text)
    except RecursionError:
        log.add(FindingCode.NESTING_FLATTENED, "Markdown")
        return read_plain(text)
    return _Reading(log).content(tokens)


class _Reading:
    """Feeds the tokens of one text."""

    def __init__(self, log: FindingLog) -> None:
        self._sink = HtmlSink(log)
        self._elements = OpenElements(self._sink)
        self._links = 0
        self._starts_item = False
        self._starts_quote = False
        self._leaves: dict[str, Callable[[Token], None]] = {
            "text": self._text,
            "code_inline": self._code,
            "fence": self._code_block,
            "code_block": self._code_block,
            "image": self._image,
            "html_inline": self._html,
            "html_block": self._html,
            "hr": self._void,
            "hardbreak": self._break,
            "softbreak": self._break,
        }

    def content(self, tokens: Sequence[Token]) -> tuple[Loose, ...]:
        for token in _leaves_and_tags(tokens):
            if token.nesting > 0:
                self._open(token)
            elif token.nesting < 0:
                self._links -= token.tag == "a"
                self._elements.end(token.tag)
            else:
                self._leaves.get(token.type, self._text)(token)
                self._starts_item = self._starts_quote = False
        return self._sink.content()

    def _open(self, token: Token) -> None:
        attrs: dict[str, str | None] = {name: str(value) for name, value in token.attrs.items() if name != "style"}
        self._links += token.tag == "a"
        self._elements.start(token.tag, attrs)
        if token.tag == "li":
            self._starts_item = True
        elif token.tag == "blockquote":
            self._starts_quote = True
        elif token.tag != "p":
            self._starts_item = self._starts_quote = False

    def _text(self, token: Token) -> None:
        text = token.content
        if self._starts_item:
            text = self._after_task_box(text)
        if self._starts_quote and self._is_alert(text):
            return
        if "\ue000" in text:
            self._with_mentions(text)
        elif self._links or ("://" not in text and "www." not in text):
            self._sink.text(text)
        else:
            self._linked(text)

    def _after_task_box(self, text: str) -> str:
        match = _TASK.match(text)
        if match is None or self._sink.frame.kind is not BlockKind.LIST_ITEM:
            return text
        self._sink.frame.done = match.group(1) in "xX"
        return text[match.end() :]

    def _is_alert(self, text: str) -> bool:
        match = _ALERT.match(text)
        if match is None or self._sink.frame.kind is not BlockKind.QUOTE:
            return False
        self._sink.frame.kind = BlockKind.PANEL
        self._sink.frame.attrs["panelType"] = _PANELS[match.group(1).lower()]
        return True

    def _with_mentions(self, text: str) -> None:
        position = 0
        for match in _KEPT_MENTION.finditer(text):
            self._sink.text(text[position : match.start()])
            self._sink.add_inline(Mention(match.group(1), "", self._sink.marks))
            position = match.end()
        self._sink.text(text[position:])

    def _linked(self, text: str) -> None:
        for inline in linked_text(text):
            if isinstance(inline, Text) and inline.marks:
                self._sink.add_inline(Text(inline.text, (*self._sink.marks, *inline.marks)))
            elif isinstance(inline, Text):
                self._sink.text(inline.text)

    def _code(self, token: Token) -> None:
        self._elements.start("code", {})
        self._sink.text(_restored(token.content))
        self._elements.end("code")

    def _code_block(self, token: Token) -> None:
        language = token.info.strip().split(maxsplit=1)[:1]
        attrs = {"language": language[0]} if language else {}
        self._sink.add_block(Block(BlockKind.CODE_BLOCK, (Text(_restored(token.content)),), attrs))

    def _image(self, token: Token) -> None:
        size = _SIZE.match(str(token.attrs.get("title", "")))
        width, height = (int(part) if part else None for part in size.groups()) if size else (None, None)
        link = next((mark.value for mark in self._sink.marks if mark.kind is MarkKind.LINK), "")
        source = str(token.attrs.get("src", ""))
        self._sink.add_inline(Image(source, _restored(token.content), width, height, link))

    def _html(self, token: Token) -> None:
        tokens = HtmlTokens(self._sink, self._elements)
        tokens.feed(_FILTERED.sub("&lt;", _restored(token.content)))
        tokens.close()

    def _void(self, token: Token) -> None:
        self._elements.start(token.tag, {}, void=True)

    def _break(self, _token: Token) -> None:
        """GitHub and Azure DevOps show line ends in items and comments as they are typed."""
        self._sink.line_break()


def _restored(text: str) -> str:
    return text.replace("\ue000", "<").replace("\ue001", ">") if "\ue000" in text else text


def _leaves_and_tags(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "inline":
            yield from token.children or ()
        else:
            yield token
