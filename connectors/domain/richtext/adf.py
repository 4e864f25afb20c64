"""The shape of an Atlassian document as plain dictionaries.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from typing import Required, TypedDict

AttributeValue = str | int | float | bool | list[str] | list[int] | None
Attributes = dict[str, AttributeValue]


class MarkJson(TypedDict, total=False):
    """One mark of a text, link or media node."""

    type: Required[str]
    attrs: Attributes


class NodeJson(TypedDict, total=False):
    """One node. Which members are present depends on `type`; `content_model` says which."""

    type: Required[str]
    version: int
    attrs: Attributes
    content: list["NodeJson"]
    marks: list[MarkJson]
    text: str


Document = NodeJson


def empty_document() -> Document:
    """A document without any content; Jira accepts it and shows nothing."""
    return {"type": "doc", "version": 1, "content": []}
