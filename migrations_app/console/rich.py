"""Rich text of strangers as HTML that is safe to show: a closed list of elements, and nothing that loads or runs.

What an item's author wrote is read the way browsers read it and written anew, element by element. Pictures are never
fetched: their names stand in their place.
"""

from __future__ import annotations

from html import escape
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from connectors.domain.ports import Document
from connectors.domain.richtext.adf import Document as RichDocument
from connectors.domain.richtext.adf_to_html import adf_to_html
from connectors.domain.richtext.references import References
from connectors.domain.work_items import Markup, Text
from migrations_app.engine.texts import convert


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


KEPT = _names(
    "a b blockquote br caption code dd del details div dl dt em hr i ins kbd li ol p pre s samp small span strike "
    "strong sub summary sup table tbody td tfoot th thead tr u ul"
)
HEADINGS = {f"h{level}": "h3" if level < 3 else "h4" if level < 5 else "h5" for level in range(1, 7)}
"""A text's headings stand below those of the page."""
DROPPED = _names(
    "applet audio base canvas embed frame frameset head iframe link math meta noembed noframes noscript object param "
    "plaintext script source style svg template title track video xmp"
)
"""Left out with everything in them."""
VOID = frozenset({"br", "hr"})
ADDRESSES = ("http", "https", "mailto")
SPANS = frozenset({"colspan", "rowspan"})
LARGEST_SPAN = 100
DEEPEST = 60
LONGEST_TEXT = 200_000
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def show_text(text: Text) -> SafeString:
    """A text of the source as its author sees it there."""
    value, rest = text.value[:LONGEST_TEXT], text.value[LONGEST_TEXT:]
    match text.markup:
        case Markup.HTML:
            shown = cleaned(value)
        case Markup.MARKDOWN:
            shown = cleaned(_MARKDOWN.render(value))
        case Markup.PLAIN:
            shown = mark_safe(f"<pre>{escape(value)}</pre>")  # noqa: S308 - escaped here
        case Markup.TEST_STEPS:
            shown = show_document(convert(text, References()).document)
    more = "<p><em>The text goes on; the rest is not shown here.</em></p>" if rest else ""
    return mark_safe(shown + more)  # noqa: S308 - both parts are ours


def show_document(document: Document) -> SafeString:
    """A document of the target as Jira shows it."""
    return cleaned(adf_to_html(cast(RichDocument, document)))


def cleaned(html: str) -> SafeString:
    """Any HTML with only what is known to be harmless."""
    read = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    return mark_safe("".join(_inside(read, 0)))  # noqa: S308 - every part below is escaped or from a closed list


def _inside(element: Element, depth: int) -> list[str]:
    """The element's content; what is nested deeper than anybody writes is only its words."""
    if depth > DEEPEST:
        return [escape("".join(element.itertext()))]
    parts = [escape(element.text or "")]
    for child in element:
        parts.extend(_drawn(child, depth + 1))
        parts.append(escape(child.tail or ""))
    return parts


def _drawn(element: Element, depth: int) -> list[str]:
    tag: Any = element.tag
    if not isinstance(tag, str):
        return []  # a comment
    name = tag.rpartition("}")[2].lower()
    if name in DROPPED or tag.startswith("{"):
        return []
    if name == "img":
        return [f'<span class="picture">{escape(_picture(element))}</span>']
    if name == "input":
        is_box = element.get("type", "").lower() == "checkbox"
        return [("☑ " if element.get("checked") is not None else "☐ ") if is_box else ""]
    if name in HEADINGS:
        name = HEADINGS[name]
    elif name not in KEPT:
        return _inside(element, depth)
    opened = f"<{name}{_attributes(name, element)}>"
    return [opened] if name in VOID else [opened, *_inside(element, depth), f"</{name}>"]


def _attributes(name: str, element: Element) -> str:
    if name == "a":
        address = _address(element.get("href") or "")
        return f' href="{escape(address)}" rel="noopener noreferrer nofollow" target="_blank"' if address else ""
    if name in ("td", "th"):
        found = ((span, element.get(span) or "") for span in sorted(SPANS))
        return "".join(f' {span}="{value}"' for span, value in found if _is_number(value))
    start = element.get("start") or ""
    return f' start="{start}"' if name == "ol" and _is_number(start, most=100_000) else ""


def _is_number(text: str, *, most: int = LARGEST_SPAN) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7 and 0 < int(text) <= most


def _address(text: str) -> str:
    """The address when it leads to another page or an e-mail; nothing that runs."""
    address = "".join(character for character in text if character.isprintable()).strip()
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return ""
    return address if scheme in ADDRESSES and address.lower().startswith(f"{scheme}:") else ""


def _picture(element: Element) -> str:
    """Its description, else the name of its file."""
    alt = (element.get("alt") or "").strip()
    source = element.get("src") or ""
    if not alt and not source.startswith("data:"):
        try:
            parts = urlsplit(source)
        except ValueError:
            return "Picture"
        named = [value for value in parts.query.split("&") if value.lower().startswith("filename=")]
        alt = unquote(named[0].partition("=")[2]) if named else unquote(parts.path.rpartition("/")[2])
    return f"Picture: {alt[:200]}" if alt else "Picture"
