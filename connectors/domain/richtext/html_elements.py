"""What each HTML element means for a document: one table.

Elements that are not in it are shown as their text, as browsers do.
"""

import re
from collections.abc import Mapping

from connectors.domain.richtext.css import MarkChanges
from connectors.domain.richtext.findings import FindingCode
from connectors.domain.richtext.html_frames import ElementAttributes, Frame, Mode
from connectors.domain.richtext.html_sink import ElementRule, HtmlSink, Opened, with_mark
from connectors.domain.richtext.tree import Block, BlockKind, Image, Mark, MarkKind, Mention, Text

_IDENTITY = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LANGUAGE = re.compile(r"\b(?:language|lang|highlight-source|brush:)[-\s]?([\w+#.-]+)")
_DIGITS = re.compile(r"\s*([+-]?\d{1,9})")


def _number(value: str | None) -> int | None:
    match = _DIGITS.match(value or "")
    return int(match.group(1)) if match else None


def _link(sink: HtmlSink, entry: Opened, attrs: ElementAttributes) -> None:
    address = attrs.get("href")
    identity = _IDENTITY.search(attrs.get("data-vss-mention") or "")
    sink.remember_run(entry)
    if identity:
        entry.address = identity.group()
        entry.finish = _finish_mention
    elif address is not None:
        entry.address = address.strip()
        if entry.address:
            sink.marks = with_mark(sink.marks, Mark(MarkKind.LINK, entry.address))
            entry.finish = _finish_link


def _finish_link(sink: HtmlSink, entry: Opened) -> None:
    added = sink.since(entry)
    if added is not None and not any(not isinstance(inline, Text) or inline.text.strip() for inline in added):
        sink.log.add(FindingCode.LINK_EMPTY, entry.address)


def _finish_mention(sink: HtmlSink, entry: Opened) -> None:
    added = sink.since(entry)
    if added is None or not all(isinstance(inline, Text) for inline in added):
        return
    name = "".join(inline.text for inline in added if isinstance(inline, Text))
    del sink.frame.run[entry.position :]
    sink.add_inline(Mention(entry.address, name.strip(), sink.marks))
    if name[-1:].isspace():
        sink.add_inline(Text(" ", sink.marks))


def _image(sink: HtmlSink, _entry: Opened, attrs: ElementAttributes) -> None:
    link = next((mark.value for mark in sink.marks if mark.kind is MarkKind.LINK), "")
    sink.add_inline(
        Image(
            (attrs.get("src") or "").strip(),
            attrs.get("alt") or "",
            _positive(attrs.get("width")),
            _positive(attrs.get("height")),
            link,
        )
    )


def _positive(value: str | None) -> int | None:
    if value is None or value.strip().endswith("%"):
        return None
    number = _number(value)
    return number if number is not None and number > 0 else None


def _break(sink: HtmlSink, _entry: Opened, _attrs: ElementAttributes) -> None:
    sink.line_break()


def _rule(sink: HtmlSink, _entry: Opened, _attrs: ElementAttributes) -> None:
    sink.add_block(Block(BlockKind.RULE))


def _font(sink: HtmlSink, _entry: Opened, attrs: ElementAttributes) -> None:
    changes = MarkChanges()
    changes.color_text(attrs.get("color") or "")
    sink.change_marks(changes.adds, changes.removes, changes.codes)


def _code(sink: HtmlSink, _entry: Opened, attrs: ElementAttributes) -> None:
    if sink.frame.mode is not Mode.CODE:
        sink.marks = with_mark(sink.marks, Mark(MarkKind.CODE))
        return
    language = _LANGUAGE.search(attrs.get("class") or "")
    if language and "language" not in sink.frame.attrs:
        sink.frame.attrs["language"] = language.group(1)


def _preformatted(sink: HtmlSink, entry: Opened, attrs: ElementAttributes) -> None:
    if sink.frame.mode is Mode.CODE:
        sink.log.add(FindingCode.CODE_BLOCK_JOINED)
        sink.boundary()
        entry.boundary = True
        return
    frame = Frame(BlockKind.CODE_BLOCK, Mode.CODE)
    language = _LANGUAGE.search(attrs.get("class") or "") or re.match(r"([\w+#.-]+)$", attrs.get("lang") or "")
    if language:
        frame.attrs["language"] = language.group(1)
    sink.open_frame(entry, frame)


def _heading(sink: HtmlSink, entry: Opened, _attrs: ElementAttributes) -> None:
    if entry.frame is None:
        sink.open_frame(entry, Frame(BlockKind.HEADING, Mode.LINE, {"level": int(entry.tag[1])}))


def _ordered_list(sink: HtmlSink, entry: Opened, attrs: ElementAttributes) -> None:
    start = _number(attrs.get("start"))
    sink.open_frame(entry, Frame(BlockKind.ORDERED_LIST, attrs={} if start is None else {"order": start}))


def _task_sign(sink: HtmlSink, _entry: Opened, attrs: ElementAttributes) -> None:
    if (attrs.get("type") or "").strip().lower() != "checkbox":
        value = attrs.get("value")
        if value and (attrs.get("type") or "").lower() in {"button", "submit", "reset"}:
            sink.text(f" {value} ")
        return
    done = attrs.get("checked") is not None
    frame = sink.frame
    blank = not any(not isinstance(inline, Text) or inline.text.strip() for inline in frame.run)
    if frame.kind is BlockKind.LIST_ITEM and frame.done is None and not frame.children and blank:
        frame.done = done
    else:
        sink.log.add(FindingCode.CHECKBOX_AS_SIGN)
        sink.text(" ☑ " if done else " ☐ ")


def _cell(sink: HtmlSink, entry: Opened, attrs: ElementAttributes) -> None:
    frame = Frame(BlockKind.TABLE_HEADER if entry.tag == "th" else BlockKind.TABLE_CELL)
    for name in ("colspan", "rowspan"):
        span = _number(attrs.get(name))
        if span is not None and span != 1:
            frame.attrs[name] = span
    sink.open_frame(entry, frame)


def _summary(sink: HtmlSink, entry: Opened, _attrs: ElementAttributes) -> None:
    if sink.frame.kind is BlockKind.EXPAND and not sink.frame.children:
        sink.remember_run(entry)
        entry.finish = _finish_summary


def _finish_summary(sink: HtmlSink, entry: Opened) -> None:
    added = sink.since(entry)
    if added is None or sink.frame.kind is not BlockKind.EXPAND:
        return
    texts = [inline for inline in added if isinstance(inline, Text)]
    others = [inline for inline in added if isinstance(inline, Image | Mention)]
    title = " ".join("".join(inline.text for inline in texts).split())
    if others or any(inline.marks for inline in texts):
        sink.log.add(FindingCode.EXPAND_TITLE_PLAIN, title)
    sink.frame.attrs["title"] = title
    del sink.frame.run[entry.position :]
    sink.frame.run.extend(others)


def _term(sink: HtmlSink, _entry: Opened, _attrs: ElementAttributes) -> None:
    sink.log.add(FindingCode.DEFINITION_LIST)
    sink.marks = with_mark(sink.marks, Mark(MarkKind.STRONG))


def _embed(sink: HtmlSink, entry: Opened, attrs: ElementAttributes) -> None:
    address = (attrs.get("src") or attrs.get("data") or "").strip()
    if address:
        sink.log.add(FindingCode.EMBED_AS_LINK, address)
        sink.text(" ")
        sink.add_inline(Text(address, with_mark(sink.marks, Mark(MarkKind.LINK, address))))
        sink.text(" ")
    if entry.tag == "iframe":
        sink.hide(entry)


def _quotation(sink: HtmlSink, entry: Opened, _attrs: ElementAttributes) -> None:
    sink.text("“")
    entry.finish = lambda closing, _entry: closing.text("”")


def _frame(kind: BlockKind, mode: Mode = Mode.FLOW) -> ElementRule:
    def begin(sink: HtmlSink, entry: Opened, _attrs: ElementAttributes) -> None:
        sink.open_frame(entry, Frame(kind, mode))

    return ElementRule(begin=begin)


def _mark(kind: MarkKind, value: str = "") -> ElementRule:
    return ElementRule(mark=Mark(kind, value))


def _tags(names: str) -> list[str]:
    return names.split()


INLINE = ElementRule()
_BOUNDARY = ElementRule(boundary=True)
_HIDDEN = ElementRule(hidden=True)
_STRONG = _mark(MarkKind.STRONG)
_EM = _mark(MarkKind.EM)
_STRIKE = _mark(MarkKind.STRIKE)
_CODE = ElementRule(begin=_code)
_EMBED = ElementRule(begin=_embed)

ELEMENTS: Mapping[str, ElementRule] = {
    **dict.fromkeys(
        _tags(
            "address article aside center dd div dl fieldset figcaption figure footer "
            "form header legend main nav option p search section select tbody textarea tfoot thead "
            "optgroup caption"
        ),
        _BOUNDARY,
    ),
    **dict.fromkeys(_tags("script style template title noembed noframes"), _HIDDEN),
    **dict.fromkeys(_tags("b strong"), _STRONG),
    **dict.fromkeys(_tags("i em cite dfn var"), _EM),
    **dict.fromkeys(_tags("u ins"), _mark(MarkKind.UNDERLINE)),
    **dict.fromkeys(_tags("s strike del"), _STRIKE),
    **dict.fromkeys(_tags("code tt kbd samp"), _CODE),
    **dict.fromkeys(_tags("iframe video audio embed object"), _EMBED),
    **dict.fromkeys(_tags("h1 h2 h3 h4 h5 h6"), ElementRule(boundary=True, begin=_heading)),
    **dict.fromkeys(_tags("ul dir menu"), _frame(BlockKind.BULLET_LIST)),
    **dict.fromkeys(_tags("pre listing xmp plaintext"), ElementRule(begin=_preformatted)),
    **dict.fromkeys(_tags("td th"), ElementRule(begin=_cell)),
    "ol": ElementRule(begin=_ordered_list),
    "li": _frame(BlockKind.LIST_ITEM),
    "blockquote": _frame(BlockKind.QUOTE),
    "table": _frame(BlockKind.TABLE),
    "tr": _frame(BlockKind.TABLE_ROW),
    "details": _frame(BlockKind.EXPAND),
    "summary": ElementRule(boundary=True, begin=_summary),
    "dt": ElementRule(boundary=True, begin=_term),
    "sub": _mark(MarkKind.SUBSUP, "sub"),
    "sup": _mark(MarkKind.SUBSUP, "sup"),
    "mark": _mark(MarkKind.BACKGROUND_COLOR, "#ffff00"),
    "a": ElementRule(begin=_link),
    "img": ElementRule(begin=_image),
    "br": ElementRule(begin=_break),
    "hr": ElementRule(begin=_rule),
    "font": ElementRule(begin=_font),
    "input": ElementRule(begin=_task_sign),
    "q": ElementRule(begin=_quotation),
}
