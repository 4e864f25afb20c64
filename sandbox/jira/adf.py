"""Rich text as the service takes it: the document check, its text, and what is rewritten on storing.

The service refuses what the published model refuses, and a few things more (a link that leads nowhere,
a list item that begins with a list). Vendor page:
https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import cast
from urllib.parse import urlsplit

from sandbox.jira.adf_model import MARKS, NODES
from sandbox.jira.adf_rules import ANY_MARKS, Alternatives, Children, Content, Node

Doc = dict[str, object]

TEXT_LIMIT = 32_767
"""Characters of text a rich-text field or comment may hold; markup does not count."""

_LIST_ITEM_STARTS = frozenset({"paragraph", "mediaSingle", "codeBlock", "taskList", "extension"})
_LINK_SCHEMES = frozenset(
    {"http", "https", "mailto", "ftp", "ftps", "tel", "sms", "file", "smb", "ssh", "jira", "slack", "irc"}
)


def document_fault(document: object) -> str | None:
    """Why the service would refuse the document, or None. The path in the text is for people."""
    fault = model_fault(document)
    if fault is not None:
        return fault
    return _service_fault(cast(Doc, document), "doc")


def model_fault(document: object) -> str | None:
    """Why the document breaks the published content model, or None."""
    if not isinstance(document, dict) or document.get("type") != "doc":
        return "not a document"
    if set(document) - {"type", "version", "content"}:
        return "doc: unknown member"
    version = document.get("version")
    if isinstance(version, bool) or version != 1:
        return "doc: version must be 1"
    content = NODES["doc"].content
    return _content_fault(document.get("content"), content, "doc") if content else None


def _node_fault(node: object, children: Children, path: str) -> str | None:
    if not isinstance(node, dict):
        return f"{path}: not a node"
    kind = node.get("type")
    entry = children.get(kind) if isinstance(kind, str) else None
    if entry is None:
        return f"{path}: {kind} is not allowed here"
    spec = NODES[entry[0]]
    path = f"{path}/{kind}"
    return (
        _member_fault(node, spec, path)
        or _attrs_fault(node, spec, path)
        or _marks_fault(node, spec, entry[1], path)
        or _inner_fault(node, spec, path)
    )


def _member_fault(node: Mapping[str, object], spec: Node, path: str) -> str | None:
    if spec.has_text:
        value = node.get("text")
        if not isinstance(value, str) or not value:
            return f"{path}: text must not be empty"
    if spec.open:
        return None
    known = {"type"}
    if spec.attrs:
        known.add("attrs")
    if spec.content is not None:
        known.add("content")
    if spec.has_marks:
        known.add("marks")
    if spec.has_text:
        known.add("text")
    unknown = node.keys() - known
    return f"{path}: unknown member {sorted(unknown)[0]}" if unknown else None


def _attrs_fault(node: Mapping[str, object], spec: Node, path: str) -> str | None:
    if "attrs" not in node:
        return f"{path}: attrs are required" if spec.needs_attrs else None
    if not spec.attrs or any(alternative.accepts(node["attrs"]) for alternative in spec.attrs):
        return None
    return f"{path}: attrs are not valid"


def _marks_fault(node: Mapping[str, object], spec: Node, allowed: Alternatives, path: str) -> str | None:
    if not spec.has_marks or "marks" not in node:
        return None
    marks = node["marks"]
    if not isinstance(marks, list):
        return f"{path}: marks must be a list"
    if allowed is ANY_MARKS:
        return None
    names = set()
    for mark in marks:
        name = mark.get("type") if isinstance(mark, dict) else None
        if not isinstance(name, str) or name not in MARKS:
            return f"{path}: unknown mark"
        if not _mark_is_valid(cast(Doc, mark), name):
            return f"{path}: mark {name} is not valid"
        names.add(name)
    if any(names <= alternative for alternative in allowed):
        return None
    return f"{path}: marks {', '.join(sorted(names))} are not allowed here"


def _mark_is_valid(mark: Doc, name: str) -> bool:
    attrs = MARKS[name]
    if attrs is None:
        return mark.keys() == {"type"}
    return mark.keys() == {"type", "attrs"} and attrs.accepts(mark["attrs"])


def _inner_fault(node: Mapping[str, object], spec: Node, path: str) -> str | None:
    if spec.content is None:
        return None
    if "content" not in node:
        return f"{path}: content is required" if spec.content.required else None
    return _content_fault(node["content"], spec.content, path)


def _content_fault(value: object, content: Content, path: str) -> str | None:
    if content.unchecked:
        return None
    if not isinstance(value, list):
        return f"{path}: content must be a list"
    if len(value) < content.minimum:
        return f"{path}: content must not be empty"
    if content.maximum is not None and len(value) > content.maximum:
        return f"{path}: too many children"
    for index, child in enumerate(value):
        if content.order:
            if index >= len(content.order):
                break
            children = content.order[index]
        else:
            children = content.children
        fault = _node_fault(child, children, path)
        if fault is not None:
            return fault
    return None


def _service_fault(node: Doc, path: str) -> str | None:
    """What the service refuses beyond the published model."""
    for mark in _items(node, "marks"):
        if mark.get("type") == "link" and not _is_usable_link(mark):
            return f"{path}: link without a usable address"
    for child in _items(node, "content"):
        fault = _service_fault(child, f"{path}/{child.get('type')}")
        if fault is not None:
            return fault
    if node.get("type") == "listItem":
        first = next(_items(node, "content"), {}).get("type")
        if first not in _LIST_ITEM_STARTS:
            return f"{path}: a list item cannot begin with {first}"
    return None


def _is_usable_link(mark: Doc) -> bool:
    attrs = mark.get("attrs")
    href = attrs.get("href") if isinstance(attrs, dict) else None
    if not isinstance(href, str) or not href.strip() or any(c.isspace() for c in href.strip()):
        return False
    if href.startswith(("/", "#")):
        return True
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    if parts.scheme.lower() not in _LINK_SCHEMES:
        return False
    return bool(parts.netloc) if parts.scheme.lower() in {"http", "https", "ftp", "ftps"} else True


def _items(node: Doc, member: str) -> Iterator[Doc]:
    value = node.get(member)
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                yield item


def text_length(document: Doc) -> int:
    """Characters that count against ``TEXT_LIMIT``."""
    total = 0
    stack: list[object] = [document]
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, dict):
            text = node.get("text")
            if isinstance(text, str):
                total += len(text)
            stack.append(node.get("content"))
    return total


_BREAK_AFTER = frozenset({"paragraph", "heading", "codeBlock", "taskItem", "decisionItem", "rule", "caption"})


def plain_text(document: object) -> str:
    """The text of a document: what version 2 of the API returns and what ``text ~`` searches."""
    parts: list[str] = []
    if isinstance(document, dict):
        _collect_text(document, parts)
    return "".join(parts).strip("\n")


def _collect_text(node: Doc, parts: list[str]) -> None:
    kind = node.get("type")
    attrs = node.get("attrs")
    if kind == "text":
        parts.append(str(node.get("text", "")))
    elif kind == "hardBreak":
        parts.append("\n")
    elif kind == "inlineCard" and isinstance(attrs, dict):
        parts.append(str(attrs.get("url", "")))
    elif isinstance(attrs, dict) and isinstance(attrs.get("text"), str):
        parts.append(attrs["text"])
    for child in _items(node, "content"):
        _collect_text(child, parts)
    if kind in _BREAK_AFTER:
        parts.append("\n\n" if kind == "paragraph" else "\n")


def from_plain_text(text: str) -> Doc:
    """The document a text body of version 2 becomes: a paragraph per block, breaks for lines."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip("\n")]
    return {"type": "doc", "version": 1, "content": [_paragraph(block) for block in blocks]}


def _paragraph(block: str) -> Doc:
    content: list[object] = []
    for number, line in enumerate(block.strip("\n").split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


_LOCAL_IDS = frozenset({"table", "expand", "nestedExpand", "extension", "bodiedExtension"})
_DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "table": {"isNumberColumnEnabled": False, "layout": "default"},
    "tableCell": {},
    "tableHeader": {},
    "orderedList": {"order": 1},
    "expand": {"title": ""},
}


def stored_form(document: Doc) -> Doc:
    """The document as the service gives it back: defaults filled in, a ``localId`` on some nodes.

    Clients must compare canonical forms, never the JSON they sent.
    """
    return cast(Doc, _stored(document))


def _stored(value: object) -> object:
    if isinstance(value, list):
        return [_stored(item) for item in value]
    if not isinstance(value, dict):
        return value
    node = dict(value)
    kind = str(node.get("type"))
    content = node.get("content")
    if content is not None:
        node["content"] = _stored(content)
    if kind in _DEFAULTS or kind in _LOCAL_IDS:
        given = node.get("attrs")
        attrs: Doc = {**_DEFAULTS.get(kind, {}), **(given if isinstance(given, dict) else {})}
        if kind in _LOCAL_IDS:
            attrs.setdefault("localId", str(uuid.uuid4()))
        node["attrs"] = attrs
    return node


def mentioned(document: object) -> Iterator[str]:
    """Account ids mentioned in the document, in reading order."""
    if not isinstance(document, dict):
        return
    attrs = document.get("attrs")
    if document.get("type") == "mention" and isinstance(attrs, dict):
        yield str(attrs.get("id", ""))
    for child in _items(document, "content"):
        yield from mentioned(child)
