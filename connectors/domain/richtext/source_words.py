"""The words of a source text, found without any of the code that converts it.

Verification compares them with the words of the document in Jira. A mistake in a reader must not be
repeated here, so this module has its own parser (html5lib), its own list of elements that separate words
and its own patterns; it shares only the answers about items and people.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import Required, TypedDict, cast

from html5lib._tokenizer import HTMLTokenizer
from html5lib.constants import tokenTypes
from markdown_it import MarkdownIt

from connectors.domain.richtext.document import Markup
from connectors.domain.richtext.references import References

_NOT_IN_ANY_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_SEPARATING_NAMES = (
    "address article aside audio blockquote br caption center dd details dialog dir div dl dt embed fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr iframe img input legend li listing main menu nav "
    "object ol optgroup option p plaintext pre search section select summary table tbody td textarea tfoot th thead "
    "tr ul video xmp"
)
_SEPARATING = frozenset(_SEPARATING_NAMES.split(" "))
_NEVER_SHOWN = frozenset(["script", "style", "template", "title", "noembed", "noframes", "iframe"])
_TYPED_BULLET = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)
_ITEM_NUMBER = re.compile(r"(?<![\w&#/.=-])#(\d{1,10})(?![\w-])")
_ITEM_ADDRESS = re.compile(r"[^\s<>\"'(),;]{0,300}/_workitems/edit/(\d{1,10})(?:[/?#][^\s<>\"'(),;]*)?", re.IGNORECASE)
_FOLLOWABLE = re.compile(
    r"(?:https?|ftps?)://[^/\s]|(?:mailto|tel|sip|skype|callto|facetime|irc|onenote):.|www\.", re.IGNORECASE
)
_START, _END, _EMPTY = tokenTypes["StartTag"], tokenTypes["EndTag"], tokenTypes["EmptyTag"]
_CHARACTERS = frozenset([tokenTypes["Characters"], tokenTypes["SpaceCharacters"]])
_READ = _CHARACTERS | {_START, _END, _EMPTY}
_CODE = frozenset(["pre", "code", "tt", "kbd", "samp", "listing", "xmp", "plaintext"])


# A tokenizer alone cannot know that these hold no markup; the tree construction of HTML5 tells it.
_RAW = frozenset(["script", "style", "xmp", "noembed", "noframes", "iframe"])
_RAW_WITH_ENTITIES = frozenset(["title", "textarea"])


class _Token(TypedDict, total=False):
    """A token of html5lib: characters and comments have text, tags have attributes."""

    type: Required[int]
    name: str
    data: Required[str | dict[str, str]]


class _Around:
    """What surrounds the text at one moment."""

    def __init__(self) -> None:
        self.hidden_by = ""
        self.hidden_depth = 0
        self.code = 0
        self.link = ""
        self.linked: list[str] = []


def source_words(text: str, *, markup: Markup, resolve: References | None = None) -> list[str]:
    """The words a reader of the source sees, in order.

    With `resolve`, references to items that moved are read as their new keys, as the document shows them.
    """
    cleaned = _NOT_IN_ANY_TEXT.sub("", text)
    references = resolve or References()
    if markup is Markup.PLAIN:
        return _with_new_keys(cleaned, "", references).split()
    html = _markdown_as_html(cleaned, references) if markup is Markup.MARKDOWN else cleaned
    return "".join(_shown(html, references)).split()


_MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False, "maxNesting": 150})
_NAMED_BY_ID = re.compile(r"@<([0-9a-fA-F-]{36})>")
_IMAGE_SIZE = re.compile(r"(!\[[^\]\n]*\]\([^()\s]+)[ \t]+=\d*x\d*[ \t]*\)")
_CHECK_BOX = re.compile(r"(<li>\s*(?:<p>)?)\[[ xX]\](?=\s)")
_ALERT_TITLE = re.compile(
    r"(<blockquote>\s*<p>)\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?=\n|</p>)", re.IGNORECASE
)
_SHOWN_TAGS = re.compile(
    r"<(?=/?(?:title|textarea|style|xmp|iframe|noembed|noframes|script|plaintext)[\s/>])", re.IGNORECASE
)


def _markdown_as_html(text: str, references: References) -> str:
    """What a Markdown service would show, in HTML; check boxes and alert titles are shown as signs there."""

    def name(match: re.Match[str]) -> str:
        return "@" + (references.person(match.group(1)) or match.group(1))

    prepared = _IMAGE_SIZE.sub(r"\1)", _NAMED_BY_ID.sub(name, text))
    try:
        rendered: str = _MARKDOWN.render(prepared)
    except RecursionError:
        return escape(text)
    return _ALERT_TITLE.sub(r"\1", _CHECK_BOX.sub(r"\1", _SHOWN_TAGS.sub("&lt;", rendered)))


def _shown(html: str, references: References) -> Iterator[str]:
    tokenizer = HTMLTokenizer(html)
    around = _Around()
    characters: list[str] = []
    for token in _tokens(tokenizer):
        kind = token["type"]
        data = token["data"]
        if isinstance(data, str) and kind in _CHARACTERS:
            characters.append("" if around.hidden_by else data)
            continue
        yield _rewritten("".join(characters), around, references)
        characters.clear()
        yield from _unfollowable(token["name"], around, references)
        if kind == _END:
            _leave(token["name"], around)
            yield from _separator(token)
        elif isinstance(data, dict):
            yield from _separator(token)
            _enter(token["name"], data, around)
            _switch(tokenizer, token["name"])
    yield _rewritten("".join(characters), around, references)


def _tokens(tokenizer: HTMLTokenizer) -> Iterator[_Token]:
    for token in cast(Iterator[_Token], tokenizer):
        if token["type"] in _READ:
            yield token


def _switch(tokenizer: HTMLTokenizer, name: str) -> None:
    if name in _RAW:
        tokenizer.state = tokenizer.rawtextState
    elif name in _RAW_WITH_ENTITIES:
        tokenizer.state = tokenizer.rcdataState
    elif name == "plaintext":
        tokenizer.state = tokenizer.plaintextState


def _separator(token: _Token) -> Iterator[str]:
    if token["name"] == "q":
        yield "”" if token["type"] == _END else "“"
    elif token["name"] in _SEPARATING:
        yield "\n"


def _enter(name: str, attrs: dict[str, str], around: _Around) -> None:
    if around.hidden_by:
        around.hidden_depth += name == around.hidden_by
        return
    if name in _NEVER_SHOWN or _TYPED_BULLET.search(attrs.get("style", "")):
        around.hidden_by, around.hidden_depth = name, 1
    around.code += name in _CODE
    if name == "a":
        mentions = "data-vss-mention" in attrs
        around.linked = []
        around.link = "" if mentions else attrs.get("href", "").strip()


def _leave(name: str, around: _Around) -> None:
    if name == around.hidden_by:
        around.hidden_depth -= 1
        if not around.hidden_depth:
            around.hidden_by = ""
    if name in _CODE:
        around.code = max(0, around.code - 1)
    if name == "a":
        around.link = ""


def _unfollowable(name: str, around: _Around, references: References) -> Iterator[str]:
    """The address that a document shows beside a link that nobody can follow."""
    if name != "a" or not around.link:
        return
    moved = _ITEM_ADDRESS.fullmatch(around.link)
    if moved and references.item(int(moved.group(1))):
        return
    address = " ".join(re.sub(r"[\x00-\x1f\x7f]+", "", around.link).split())
    shown = address if len(address) <= 200 else address[:199] + "…"
    text = " ".join("".join(around.linked).split())
    if text and not _FOLLOWABLE.match(address) and not address.startswith("#") and shown not in text:
        yield f" ({shown})"


def _rewritten(text: str, around: _Around, references: References) -> str:
    text = _NOT_IN_ANY_TEXT.sub("", text)
    if around.link:
        around.linked.append(text)
        return _with_new_keys(text, around.link, references)
    return text if around.code else _with_new_keys(text, "", references)


def _with_new_keys(text: str, address: str, references: References) -> str:
    """Texts under a link change only when the link itself leads to an item that moved."""

    def is_foreign(place: str) -> bool:
        own = ("#", "/", *references.source_addresses)
        return bool(references.source_addresses) and not place.startswith(own)

    def new_key(match: re.Match[str]) -> str:
        target = references.item(int(match.group(1)))
        return match.group() if target is None or is_foreign(match.group()) else target.key

    if not address:
        if "/_workitems/" in text.lower():
            text = _ITEM_ADDRESS.sub(new_key, text)
        return _ITEM_NUMBER.sub(new_key, text)
    linked = _ITEM_ADDRESS.fullmatch(address)
    if linked is None or is_foreign(address):
        return text
    if text.strip() == address:
        return _ITEM_ADDRESS.sub(new_key, text)
    return re.sub(rf"(?<!\w)#({linked.group(1)})(?!\w)", new_key, text)
