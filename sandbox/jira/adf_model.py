"""The content model of the Atlassian Document Format, as a table.

Written from the published model (https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/):
for each node which attributes it has, which children it takes in which number, and which marks a child
may carry in that place. The reading of the table is in ``adf``; a contract test compares both with the
published JSON schema.
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.jira.adf_rules import (
    ANY_MARKS,
    NO_MARKS,
    Alternatives,
    Attrs,
    Children,
    Content,
    Node,
    anything,
    attrs,
    flag,
    is_number,
    list_of,
    located,
    matching,
    number,
    one_of,
    text,
)


def _marks(*names: str) -> Alternatives:
    return (frozenset(names),)


def _plain(*types: str, marks: Alternatives = NO_MARKS) -> dict[str, tuple[str, Alternatives]]:
    return {name: (name, marks) for name in types}


COLOR = r"^#[0-9a-fA-F]{6}$"
MARKS: Mapping[str, Attrs | None] = {
    "alignment": attrs("align", align=one_of("center", "end")),
    "annotation": attrs("id", "annotationType", id=text(), annotationType=one_of("inlineComment")),
    "backgroundColor": attrs("color", color=matching(COLOR)),
    "border": attrs("size", "color", size=number(1, 3), color=matching(r"^#[0-9a-fA-F]{8}$|^#[0-9a-fA-F]{6}$")),
    "breakout": attrs("mode", mode=one_of("wide", "full-width"), width=number()),
    "code": None,
    "dataConsumer": attrs("sources", sources=list_of(text(), 1)),
    "em": None,
    "fontSize": attrs("fontSize", fontSize=one_of("small")),
    "fragment": attrs("localId", localId=text(1), name=text()),
    "indentation": attrs("level", level=number(1, 6)),
    "link": attrs("href", href=text(), title=text(), id=text(), collection=text(), occurrenceKey=text()),
    "strike": None,
    "strong": None,
    "subsup": attrs("type", type=one_of("sub", "sup")),
    "textColor": attrs("color", color=matching(COLOR)),
    "underline": None,
}

FORMATTED = frozenset(
    {
        "link",
        "em",
        "strong",
        "strike",
        "subsup",
        "underline",
        "textColor",
        "annotation",
        "backgroundColor",
    }
)
CODE = frozenset({"code", "link", "annotation"})
EXTENSION_MARKS = _marks("dataConsumer", "fragment")
MEDIA_MARKS = _marks("dataConsumer", "link", "annotation", "border")
SMALL: Alternatives = (frozenset({"fontSize"}),)
ALIGNED: Alternatives = (frozenset({"fontSize", "alignment"}),)
ALIGNED_OR_INDENTED: Alternatives = (*ALIGNED, frozenset({"fontSize", "indentation"}))
HEADING_ANY: Alternatives = (frozenset({"alignment"}), frozenset({"indentation"}))

_TEXT = {"text": ("text", (FORMATTED, CODE))}
_INLINE: Children = {
    **_TEXT,
    **_plain("date", "emoji", "hardBreak", "inlineCard", "mention", "placeholder", "status"),
    "inlineExtension": ("inlineExtension", EXTENSION_MARKS),
    "mediaInline": ("mediaInline", MEDIA_MARKS),
}
_CAPTION: Children = {
    **_TEXT,
    **_plain("hardBreak", "mention", "emoji", "date", "placeholder", "inlineCard", "status"),
}
_MEDIA_SINGLE = {"mediaSingle": ("mediaSingle", _marks("link"))}
_EXTENSION = {"extension": ("extension", EXTENSION_MARKS)}
_BODIED = {"bodiedExtension": ("bodiedExtension", EXTENSION_MARKS)}
_TABLE = {"table": ("table", _marks("fragment"))}
_LISTS = _plain("bulletList", "orderedList")
_PARAGRAPH_SMALL = {"paragraph": ("paragraph", SMALL)}

_NOT_NESTABLE: dict[str, tuple[str, Alternatives]] = {
    **_PARAGRAPH_SMALL,
    **_LISTS,
    **_plain("panel", "blockquote", "rule", "heading", "codeBlock", "mediaGroup", "decisionList", "taskList"),
    **_plain("blockCard", "embedCard"),
    **_MEDIA_SINGLE,
    **_TABLE,
    **_EXTENSION,
}
_BLOCK: dict[str, tuple[str, Alternatives]] = {
    **_NOT_NESTABLE,
    "paragraph": ("paragraph", ALIGNED_OR_INDENTED),
    "heading": ("heading", HEADING_ANY),
    "expand": ("expand", NO_MARKS),
    **_BODIED,
}
_DOC: dict[str, tuple[str, Alternatives]] = {
    **_BLOCK,
    "codeBlock": ("codeBlock", _marks("breakout")),
    "expand": ("expand", _marks("breakout")),
    "layoutSection": ("layoutSection", _marks("breakout")),
    "syncBlock": ("syncBlock", _marks("breakout")),
    "bodiedSyncBlock": ("bodiedSyncBlock", _marks("breakout")),
}
_CELL: dict[str, tuple[str, Alternatives]] = {
    **{name: entry for name, entry in _NOT_NESTABLE.items() if name not in {"table", "paragraph", "heading"}},
    "paragraph": ("paragraph", ALIGNED),
    "heading": ("heading", HEADING_ANY),
    "nestedExpand": ("nestedExpand", NO_MARKS),
}
_SYNCED: dict[str, tuple[str, Alternatives]] = {
    **{name: entry for name, entry in _BLOCK.items() if name not in {"extension", "bodiedExtension", "table"}},
    **_TABLE,
    "paragraph": ("paragraph", ANY_MARKS),
    "heading": ("heading", ANY_MARKS),
    "mediaSingle": ("mediaSingle loose", _marks("link")),
    "layoutSection": ("layoutSection loose", _marks("breakout")),
}
_PANEL: Children = {
    **_PARAGRAPH_SMALL,
    **_LISTS,
    **_plain("heading", "blockCard", "mediaGroup", "codeBlock", "taskList", "rule", "decisionList"),
    **_MEDIA_SINGLE,
    **_EXTENSION,
}
_NESTED_EXPAND: Children = {
    **_PARAGRAPH_SMALL,
    **_LISTS,
    **_plain("heading", "mediaGroup", "codeBlock", "taskList", "decisionList", "rule", "panel", "blockquote"),
    **_MEDIA_SINGLE,
    **_EXTENSION,
}
_LIST_ITEM: Children = {
    **_PARAGRAPH_SMALL,
    **_LISTS,
    **_plain("taskList", "codeBlock"),
    **_MEDIA_SINGLE,
    **_EXTENSION,
}
_QUOTE: Children = {
    **_plain("paragraph", "codeBlock", "mediaGroup"),
    **_LISTS,
    **_MEDIA_SINGLE,
    **_EXTENSION,
}
_TASK_BLOCK: Children = {**_PARAGRAPH_SMALL, **_EXTENSION}
_MEDIA: Children = {"media": ("media", MEDIA_MARKS)}

LAYOUTS = one_of("wide", "full-width", "center", "wrap-right", "wrap-left", "align-end", "align-start")
_EXTENSION_ATTRS = Attrs(
    {
        "extensionKey": text(1),
        "extensionType": text(1),
        "parameters": anything,
        "text": text(),
        "layout": one_of("wide", "full-width", "default"),
        "localId": text(1),
    },
    ("extensionKey", "extensionType"),
)
_CELL_ATTRS = located(
    colspan=number(),
    rowspan=number(),
    colwidth=list_of(is_number),
    background=text(),
    valign=one_of("top", "middle", "bottom"),
)
_VIEW = attrs("type", properties=anything, type=text())
_DATASOURCE = attrs("id", "parameters", "views", id=text(), parameters=anything, views=list_of(_VIEW.accepts, 1))
_CODE_BLOCK = located(language=text(), uniqueId=text(), wrap=flag, hideLineNumbers=flag)
_MEDIA_FILE = Attrs(
    {
        "type": one_of("link", "file"),
        "localId": text(),
        "id": text(1),
        "alt": text(),
        "collection": text(),
        "height": number(),
        "occurrenceKey": text(1),
        "width": number(),
    },
    ("type", "id", "collection"),
)
_MEDIA_EXTERNAL = Attrs(
    {
        "type": one_of("external"),
        "localId": text(),
        "alt": text(),
        "height": number(),
        "width": number(),
        "url": text(),
    },
    ("type", "url"),
)
_MEDIA_INLINE = Attrs(
    {
        **_MEDIA_FILE.checks,
        "type": one_of("link", "file", "image"),
        "data": anything,
    },
    ("id", "collection"),
)
_TASK = located("localId", "state", state=one_of("TODO", "DONE"))
_PANEL_ATTRS = located(
    "panelType",
    panelType=one_of("info", "note", "tip", "warning", "error", "success", "custom"),
    panelIcon=text(),
    panelIconId=text(),
    panelIconText=text(),
    panelColor=text(),
)
_MEDIA_SINGLE_ATTRS = (
    located("layout", width=number(0, 100), layout=LAYOUTS, widthType=one_of("percentage")),
    located("width", "widthType", "layout", width=number(0), widthType=one_of("pixel"), layout=LAYOUTS),
)
_TABLE_ATTRS = Attrs(
    {
        "displayMode": one_of("default", "fixed"),
        "isNumberColumnEnabled": flag,
        "layout": one_of("wide", "full-width", "center", "align-end", "align-start", "default"),
        "localId": text(1),
        "width": number(),
    }
)


def _optional(children: Children) -> Content:
    return Content(children, required=False)


def _some(children: Children) -> Content:
    return Content(children, minimum=1)


def _leaf(*alternatives: Attrs, marks: bool = False) -> Node:
    return Node(alternatives, needs_attrs=True, has_marks=marks)


NODES: Mapping[str, Node] = {
    "doc": Node(content=Content(_DOC)),
    "text": Node(has_marks=True, has_text=True),
    # inline
    "date": _leaf(located("timestamp", timestamp=text(1))),
    "emoji": _leaf(located("shortName", shortName=text(), id=text(), text=text())),
    "hardBreak": Node((located(text=one_of("\n")),)),
    "inlineCard": _leaf(located("url", url=text()), located("data", data=anything)),
    "mention": _leaf(
        located("id", id=text(), text=text(), accessLevel=text(), userType=one_of("DEFAULT", "SPECIAL", "APP"))
    ),
    "placeholder": _leaf(located("text", text=text())),
    "status": _leaf(
        located(
            "text",
            "color",
            text=text(1),
            color=matching(r"^(neutral|purple|blue|red|yellow|green|#[0-9a-fA-F]{6})$"),
            style=text(),
        )
    ),
    "inlineExtension": _leaf(
        Attrs(
            {name: check for name, check in _EXTENSION_ATTRS.checks.items() if name != "layout"},
            _EXTENSION_ATTRS.required,
        ),
        marks=True,
    ),
    "mediaInline": _leaf(_MEDIA_INLINE, marks=True),
    # blocks with inline content
    "paragraph": Node((located(),), content=_optional(_INLINE), has_marks=True),
    "heading": Node(
        (located("level", level=number(1, 6)),), needs_attrs=True, content=_optional(_INLINE), has_marks=True
    ),
    "codeBlock": Node((_CODE_BLOCK,), content=_optional({"text": ("text", NO_MARKS)}), has_marks=True),
    "taskItem": Node((_TASK,), needs_attrs=True, content=_optional(_INLINE)),
    "decisionItem": Node((located("localId", "state", state=text()),), needs_attrs=True, content=_optional(_INLINE)),
    "caption": Node((located(),), content=_optional(_CAPTION)),
    # lists, quotes, panels
    "bulletList": Node((located(),), content=_some(_plain("listItem"))),
    "orderedList": Node((located(order=number(0)),), content=_some(_plain("listItem"))),
    "listItem": Node((located(),), content=_some(_LIST_ITEM)),
    "taskList": Node(
        (located("localId"),),
        needs_attrs=True,
        content=_some(_plain("taskItem", "taskList", "blockTaskItem")),
    ),
    "blockTaskItem": Node((_TASK,), needs_attrs=True, content=Content({}, minimum=1, order=(_TASK_BLOCK, _TASK_BLOCK))),
    "decisionList": Node((located("localId"),), needs_attrs=True, content=_some(_plain("decisionItem"))),
    "blockquote": Node((located(),), content=_some(_QUOTE)),
    "panel": Node((_PANEL_ATTRS,), needs_attrs=True, content=_some(_PANEL)),
    "expand": Node(
        (located(title=text()),),
        content=_some({**_NOT_NESTABLE, "nestedExpand": ("nestedExpand", NO_MARKS)}),
        has_marks=True,
    ),
    "nestedExpand": Node((located(title=text()),), needs_attrs=True, content=_some(_NESTED_EXPAND)),
    "rule": Node((located(),)),
    # tables and layouts
    "table": Node((_TABLE_ATTRS,), content=_some(_plain("tableRow")), has_marks=True),
    "tableRow": Node((located(),), content=Content(_plain("tableCell", "tableHeader"))),
    "tableCell": Node((_CELL_ATTRS,), content=_some(_CELL)),
    "tableHeader": Node((_CELL_ATTRS,), content=_some(_CELL)),
    "layoutSection": Node((located(),), content=Content(_plain("layoutColumn"), minimum=2, maximum=3), has_marks=True),
    "layoutSection loose": Node((located(),), content=Content(_plain("layoutColumn")), has_marks=True),
    "layoutColumn": Node(
        (located("width", width=number(0, 100), valign=one_of("top", "middle", "bottom")),),
        needs_attrs=True,
        content=_some(_BLOCK),
    ),
    # media and cards
    "media": _leaf(_MEDIA_FILE, _MEDIA_EXTERNAL, marks=True),
    "mediaGroup": Node(content=_some(_MEDIA)),
    "mediaSingle": Node(
        _MEDIA_SINGLE_ATTRS,
        content=Content({}, minimum=1, maximum=2, order=(_MEDIA, _plain("caption"))),
        has_marks=True,
        open=True,
    ),
    "mediaSingle loose": Node(
        _MEDIA_SINGLE_ATTRS, content=Content({}, required=False, unchecked=True), has_marks=True, open=True
    ),
    "blockCard": _leaf(
        located("datasource", url=text(), datasource=_DATASOURCE.accepts, width=number(), layout=LAYOUTS),
        located("url", url=text()),
        located("data", data=anything),
    ),
    "embedCard": _leaf(
        located(
            "url",
            "layout",
            url=text(),
            layout=LAYOUTS,
            width=number(0, 100),
            originalHeight=number(),
            originalWidth=number(),
        )
    ),
    # extensions
    "extension": _leaf(_EXTENSION_ATTRS, marks=True),
    "bodiedExtension": Node((_EXTENSION_ATTRS,), needs_attrs=True, content=_some(_NOT_NESTABLE), has_marks=True),
    "syncBlock": _leaf(located("resourceId", "localId", resourceId=text()), marks=True),
    "bodiedSyncBlock": Node(
        (located("resourceId", "localId", resourceId=text()),),
        needs_attrs=True,
        content=_some(_SYNCED),
        has_marks=True,
    ),
}
