"""What an Atlassian document may hold: our own table of the nodes that we write.

A test proves this table equal to the published schema (version 57 of `@atlaskit/adf-schema`). Beside the
schema stands what Jira's editor additionally expects, see `ITEM_STARTS` and `EXCLUDED_BY_LINK`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class AttrKind(StrEnum):
    """JSON types of attribute values; ANY stands for a free structure."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ENUM = "enum"
    LIST = "array"
    OBJECT = "object"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Attr:
    """One attribute: kind, whether it must be there, and its limits."""

    kind: AttrKind
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""
    min_length: int = 0


AttrTable = Mapping[str, Attr]


@dataclass(frozen=True, slots=True)
class NodeModel:
    """What one node holds. Several attribute tables are alternatives; `None` items means no limit."""

    children: frozenset[str] = frozenset()
    min_items: int = 0
    max_items: int | None = None
    attrs: tuple[AttrTable, ...] = ()
    attrs_required: bool = False
    marks: frozenset[str] = field(default=frozenset())


def _kinds(names: str) -> frozenset[str]:
    return frozenset(names.split())


_STRING = Attr(AttrKind.STRING)
_NUMBER = Attr(AttrKind.NUMBER)
_LOCAL: AttrTable = {"localId": _STRING}
_REQUIRED = Attr(AttrKind.STRING, required=True)
_COLOR = "^#[0-9a-fA-F]{6}$"

INLINE = _kinds("text date emoji hardBreak inlineCard mention placeholder status inlineExtension mediaInline")
_LISTS = _kinds("bulletList orderedList taskList")
_PLAIN = _kinds("paragraph codeBlock mediaSingle extension")
_CELL = _kinds(
    "paragraph panel blockquote orderedList bulletList rule heading codeBlock mediaSingle mediaGroup decisionList "
    "taskList blockCard embedCard extension nestedExpand"
)
_EXPAND = _kinds(
    "paragraph panel blockquote orderedList bulletList rule heading codeBlock mediaGroup mediaSingle decisionList "
    "taskList table blockCard embedCard extension nestedExpand"
)
_CELL_ATTRS: AttrTable = {
    "colspan": _NUMBER,
    "rowspan": _NUMBER,
    "colwidth": Attr(AttrKind.LIST),
    "background": _STRING,
    "localId": _STRING,
    "valign": Attr(AttrKind.ENUM, choices=("top", "middle", "bottom")),
}
_LAYOUT = Attr(
    AttrKind.ENUM,
    required=True,
    choices=("wide", "full-width", "center", "wrap-right", "wrap-left", "align-end", "align-start"),
)
_ID = Attr(AttrKind.STRING, min_length=1)
_MEDIA_SIZE: AttrTable = {"localId": _STRING, "alt": _STRING, "height": _NUMBER, "width": _NUMBER}
_MEDIA_MARKS = _kinds("dataConsumer link annotation border")

CONTENT: Mapping[str, NodeModel] = {
    "doc": NodeModel(
        children=(_EXPAND - {"nestedExpand"}) | _kinds("bodiedExtension expand layoutSection syncBlock bodiedSyncBlock")
    ),
    "paragraph": NodeModel(INLINE, attrs=(_LOCAL,), marks=_kinds("fontSize alignment indentation")),
    "heading": NodeModel(
        INLINE,
        attrs=({"level": Attr(AttrKind.NUMBER, required=True, minimum=1, maximum=6), "localId": _STRING},),
        attrs_required=True,
        marks=_kinds("alignment indentation"),
    ),
    "bulletList": NodeModel(_kinds("listItem"), 1, attrs=(_LOCAL,)),
    "orderedList": NodeModel(
        _kinds("listItem"), 1, attrs=({"order": Attr(AttrKind.NUMBER, minimum=0), "localId": _STRING},)
    ),
    "listItem": NodeModel(_PLAIN | _LISTS, 1, attrs=(_LOCAL,)),
    "taskList": NodeModel(
        _kinds("taskItem taskList blockTaskItem"), 1, attrs=({"localId": _REQUIRED},), attrs_required=True
    ),
    "taskItem": NodeModel(
        INLINE,
        attrs=({"localId": _REQUIRED, "state": Attr(AttrKind.ENUM, required=True, choices=("TODO", "DONE"))},),
        attrs_required=True,
    ),
    "blockquote": NodeModel(_PLAIN | _kinds("orderedList bulletList mediaGroup"), 1, attrs=(_LOCAL,)),
    "codeBlock": NodeModel(
        _kinds("text"),
        attrs=(
            {
                "language": _STRING,
                "uniqueId": _STRING,
                "localId": _STRING,
                "wrap": Attr(AttrKind.BOOLEAN),
                "hideLineNumbers": Attr(AttrKind.BOOLEAN),
            },
        ),
        marks=_kinds("breakout"),
    ),
    "rule": NodeModel(attrs=(_LOCAL,)),
    "panel": NodeModel(
        _kinds(
            "paragraph heading bulletList orderedList blockCard mediaGroup mediaSingle codeBlock taskList rule "
            "decisionList extension"
        ),
        1,
        attrs=(
            {
                "panelType": Attr(
                    AttrKind.ENUM,
                    required=True,
                    choices=("info", "note", "tip", "warning", "error", "success", "custom"),
                ),
                "panelIcon": _STRING,
                "panelIconId": _STRING,
                "panelIconText": _STRING,
                "panelColor": _STRING,
                "localId": _STRING,
            },
        ),
        attrs_required=True,
    ),
    "expand": NodeModel(_EXPAND, 1, attrs=({"title": _STRING, "localId": _STRING},), marks=_kinds("breakout")),
    "nestedExpand": NodeModel(
        _kinds(
            "paragraph heading mediaSingle mediaGroup codeBlock bulletList orderedList taskList decisionList rule "
            "panel blockquote extension"
        ),
        1,
        attrs=({"title": _STRING, "localId": _STRING},),
        attrs_required=True,
    ),
    "table": NodeModel(
        _kinds("tableRow"),
        1,
        attrs=(
            {
                "displayMode": Attr(AttrKind.ENUM, choices=("default", "fixed")),
                "isNumberColumnEnabled": Attr(AttrKind.BOOLEAN),
                "layout": Attr(
                    AttrKind.ENUM,
                    choices=("wide", "full-width", "center", "align-end", "align-start", "default"),
                ),
                "localId": _ID,
                "width": _NUMBER,
            },
        ),
        marks=_kinds("fragment"),
    ),
    "tableRow": NodeModel(_kinds("tableCell tableHeader"), attrs=(_LOCAL,)),
    "tableCell": NodeModel(_CELL, 1, attrs=(_CELL_ATTRS,)),
    "tableHeader": NodeModel(_CELL, 1, attrs=(_CELL_ATTRS,)),
    "mediaSingle": NodeModel(
        _kinds("media caption"),
        1,
        2,
        attrs=(
            {
                "localId": _STRING,
                "width": Attr(AttrKind.NUMBER, minimum=0, maximum=100),
                "layout": _LAYOUT,
                "widthType": Attr(AttrKind.ENUM, choices=("percentage",)),
            },
            {
                "localId": _STRING,
                "width": Attr(AttrKind.NUMBER, required=True, minimum=0),
                "widthType": Attr(AttrKind.ENUM, required=True, choices=("pixel",)),
                "layout": _LAYOUT,
            },
        ),
        marks=_kinds("link"),
    ),
    "media": NodeModel(
        attrs=(
            {
                **_MEDIA_SIZE,
                "type": Attr(AttrKind.ENUM, required=True, choices=("link", "file")),
                "id": Attr(AttrKind.STRING, required=True, min_length=1),
                "collection": _REQUIRED,
                "occurrenceKey": _ID,
            },
            {
                **_MEDIA_SIZE,
                "type": Attr(AttrKind.ENUM, required=True, choices=("external",)),
                "url": _REQUIRED,
            },
        ),
        attrs_required=True,
        marks=_MEDIA_MARKS,
    ),
    "hardBreak": NodeModel(attrs=({"text": Attr(AttrKind.ENUM, choices=("\n",)), "localId": _STRING},)),
    "mention": NodeModel(
        attrs=(
            {
                "id": _REQUIRED,
                "localId": _STRING,
                "text": _STRING,
                "accessLevel": _STRING,
                "userType": Attr(AttrKind.ENUM, choices=("DEFAULT", "SPECIAL", "APP")),
            },
        ),
        attrs_required=True,
    ),
    "text": NodeModel(marks=_kinds("code link annotation em strong strike subsup underline textColor backgroundColor")),
}

MARKS: Mapping[str, AttrTable] = {
    "strong": {},
    "em": {},
    "underline": {},
    "strike": {},
    "code": {},
    "link": {
        "href": _REQUIRED,
        "title": _STRING,
        "id": _STRING,
        "collection": _STRING,
        "occurrenceKey": _STRING,
    },
    "subsup": {"type": Attr(AttrKind.ENUM, required=True, choices=("sub", "sup"))},
    "textColor": {"color": Attr(AttrKind.STRING, required=True, pattern=_COLOR)},
    "backgroundColor": {"color": Attr(AttrKind.STRING, required=True, pattern=_COLOR)},
}

# The schema has two kinds of text: formatted, and code with these marks only.
MARKS_BESIDE_CODE = _kinds("code link annotation")

# Jira's editor shows links in their own colour and refuses another on them (prosemirror mark exclusion).
EXCLUDED_BY_LINK = _kinds("textColor")

# The schema lets an item begin with a list; the editor does not, it needs a line to put the bullet before.
ITEM_STARTS = _kinds("paragraph mediaSingle codeBlock extension")


def accepts(parent: str, child: str) -> bool:
    """Whether a node may stand directly in another."""
    return child in CONTENT[parent].children
