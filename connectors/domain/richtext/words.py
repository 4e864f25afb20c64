"""The visible words of an Atlassian document, for proving that nothing was lost."""

from collections import Counter
from collections.abc import Iterator

from connectors.domain.richtext.adf import Document, NodeJson

_INLINE = frozenset({"text", "mention", "emoji", "status", "date", "placeholder"})


def visible_text(document: Document) -> str:
    """All visible characters; blocks, line breaks and pictures separate words, marks do not."""
    return "".join(_pieces(document))


def visible_words(document: Document) -> list[str]:
    """The words of a document in reading order."""
    return visible_text(document).split()


def missing_words(source: list[str], document: list[str]) -> Counter[str]:
    """Words (with counts) of the source that the document does not have."""
    return Counter(source) - Counter(document)


def _pieces(document: Document) -> Iterator[str]:
    pending: list[NodeJson | str] = [document]
    while pending:
        node = pending.pop()
        if isinstance(node, str):
            yield node
            continue
        kind = node["type"]
        if kind == "text":
            yield node["text"]
        elif kind in _INLINE:
            yield shown_text(node)
        else:
            title = node.get("attrs", {}).get("title") if kind in {"expand", "nestedExpand"} else None
            yield f"\n{title}\n" if isinstance(title, str) else "\n"
            pending.append("\n")
            pending.extend(reversed(node.get("content", ())))


def shown_text(node: NodeJson) -> str:
    """What a mention, emoji, status or date shows."""
    attrs = node.get("attrs", {})
    text = attrs.get("text")
    if not isinstance(text, str) or not text:
        text = attrs.get("shortName") or attrs.get("timestamp") or ""
    return str(text)
