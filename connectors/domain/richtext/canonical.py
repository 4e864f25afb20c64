"""One form for documents that mean the same, to compare what was sent with what Jira stored.

Jira adds identifiers and defaults of its own and joins or reorders what has no order; none of it is a
difference.
"""

import json

from connectors.domain.richtext.adf import Attributes, AttributeValue, Document, MarkJson, NodeJson

_NEVER_COMPARED = frozenset(
    {"localId", "uniqueId", "occurrenceKey", "collection", "accessLevel", "userType", "colwidth"}
)
_DEFAULTS: dict[str, dict[str, AttributeValue]] = {
    "orderedList": {"order": 1},
    "tableCell": {"colspan": 1, "rowspan": 1, "background": "", "valign": "top"},
    "tableHeader": {"colspan": 1, "rowspan": 1, "background": "", "valign": "top"},
    "table": {"layout": "default", "isNumberColumnEnabled": False, "displayMode": "default"},
    "codeBlock": {"language": "", "wrap": False, "hideLineNumbers": False},
    "hardBreak": {"text": "\n"},
    "expand": {"title": ""},
    "nestedExpand": {"title": ""},
    "media": {"alt": "", "width": None, "height": None},
    "mediaSingle": {"layout": "center", "width": None, "widthType": "percentage"},
    "link": {"title": ""},
}
_ALIGNMENTS_ALIKE = {"align-start": "center", "align-end": "center"}


def canonical(document: Document) -> Document:
    """A copy without identifiers, defaults and empty members; marks sorted, equal neighbours joined."""
    made = _node(document)
    made["version"] = 1
    return made


def same_content(one: Document, other: Document) -> bool:
    """Whether two documents show the same."""
    return canonical(one) == canonical(other)


def _node(node: NodeJson) -> NodeJson:
    kind = node["type"]
    made: NodeJson = {"type": kind}
    if "text" in node:
        made["text"] = node["text"]
    attrs = _attributes(kind, node.get("attrs", {}))
    if kind == "table":
        attrs.pop("width", None)
    if attrs:
        made["attrs"] = attrs
    marks = [_mark(mark) for mark in node.get("marks", ())]
    if marks:
        made["marks"] = sorted(marks, key=lambda mark: json.dumps(mark, sort_keys=True))
    content = _joined([_node(child) for child in node.get("content", ())])
    if content:
        made["content"] = content
    return made


def _attributes(kind: str, attrs: Attributes) -> Attributes:
    defaults = _DEFAULTS.get(kind, {})
    kept: Attributes = {}
    for name, value in attrs.items():
        settled = int(value) if isinstance(value, float) and value.is_integer() else value
        if kind == "mediaSingle" and name == "layout":
            settled = _ALIGNMENTS_ALIKE.get(str(settled), settled)
        if settled is None or name in _NEVER_COMPARED:
            continue
        if name in defaults and settled == defaults[name]:
            continue
        kept[name] = settled
    return kept


def _mark(mark: MarkJson) -> MarkJson:
    attrs = _attributes(mark["type"], mark.get("attrs", {}))
    made: MarkJson = {"type": mark["type"]}
    if attrs:
        made["attrs"] = {name: _folded(name, value) for name, value in attrs.items()}
    return made


def _folded(name: str, value: AttributeValue) -> AttributeValue:
    return value.lower() if name == "color" and isinstance(value, str) else value


def _joined(nodes: list[NodeJson]) -> list[NodeJson]:
    out: list[NodeJson] = []
    for node in nodes:
        last = out[-1] if out else None
        if last is not None and last["type"] == node["type"] == "text" and last.get("marks") == node.get("marks"):
            last["text"] += node["text"]
        else:
            out.append(node)
    return out
