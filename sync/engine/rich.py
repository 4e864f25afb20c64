"""Rich text between two sides: converted block by block, and only where it changed.

A block of the receiving side whose counterpart did not change keeps its own notation. What is put together is read
once more before it is written: where it would show anything else than meant, the whole text is converted instead.

Of a description put together from several fields (`connectors.domain.richtext.composite`) only the first part is
carried either way; the others stay as the receiving side has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from connectors.domain.richtext.adf import NodeJson
from connectors.domain.richtext.blocks import content_key
from connectors.domain.richtext.composite import Section, own_length, sections
from connectors.domain.richtext.document import Markup
from sync.engine.alignment import Fresh, Kept, Plan, plan_change, plan_overwrite
from sync.engine.base import is_digest
from sync.engine.rich_reading import (
    ADF,
    CannotCarry,
    Files,
    FilesFirst,
    Nodes,
    Rich,
    Shown,
    block_keys,
    media_of,
    read_receiving,
    read_sending,
    settled,
    whole_key,
    written,
)

__all__ = ["CannotCarry", "Files", "FilesFirst", "RichChange", "carry_rich", "foreign_parts", "shows_same"]


@dataclass(frozen=True, slots=True)
class RichChange:
    """A text that is carried. `base` is what the sending side held when both agreed; it is given when the receiving
    side, which holds `now`, did not change since."""

    new: Rich | None
    now: Rich | None
    base: Rich | None = None


def shows_same(new: Rich | None, now: Rich | None, files: Files) -> bool:
    """Whether the receiving side already shows what the sending side does, as far as either can."""
    if new is None and now is None:
        return True
    receiving = str((now or new or {})["markup"])
    sending = str((new or now or {})["markup"])
    ours = [node for block in read_sending(new, receiving, files) for node in block]
    theirs = read_receiving(now, sending, files).nodes
    return whole_key(settled(receiving, ours)) == whole_key(theirs) or whole_key(ours) == whole_key(
        settled(sending, theirs)
    )


def carry_rich(change: RichChange, markup: str, files: Files) -> Rich | None:
    """The receiving side's text with the change in it; `markup` is how a new text is written there.

    Raises CannotCarry (TEXT_WAS_CUT, MEDIA_WOULD_BE_LOST) and FilesFirst.
    """
    receiving = str(change.now["markup"]) if change.now else markup
    sending = str(change.new["markup"]) if change.new else receiving
    fresh = read_sending(change.new, receiving, files)
    shown = read_receiving(change.now, sending, files)
    writing = _Writing(fresh, shown, receiving, files)
    made = writing.by_plan(_plan(change, fresh, shown, sending, receiving, files))
    _check_media(change, shown, made, sending, receiving, files)
    return made


def foreign_parts(value: Rich | None) -> str:
    """What the parts of a description say that belong to other fields; empty without any."""
    if value is None or value.get("markup") != ADF:
        return ""
    content = value["document"].get("content", [])
    rest = content[own_length(value["document"]) :]
    return content_key(rest) if rest else ""


def _plan(change: RichChange, fresh: list[Nodes], shown: Shown, sending: str, receiving: str, files: Files) -> Plan:
    ours = [block_keys(block, sending, receiving) for block in fresh]
    theirs = [block_keys(block, sending, receiving) for block in shown.contents]
    if change.base is None or is_digest(cast("dict[str, Any]", change.base)):
        return plan_overwrite(ours, theirs)
    past = read_sending(change.base, receiving, files, past=True)
    return plan_change([block_keys(block, sending, receiving) for block in past], ours, theirs)


def _check_media(
    change: RichChange, shown: Shown, made: Rich | None, sending: str, receiving: str, files: Files
) -> None:
    """A picture may go only when the sending side had it and took it away."""
    kept = media_of(read_receiving(made, sending, files).nodes)
    lost = media_of(shown.nodes) - kept
    if not lost:
        return
    past: set[str] = set()
    if change.base is not None and not is_digest(cast("dict[str, Any]", change.base)):
        past = media_of(node for block in read_sending(change.base, receiving, files, past=True) for node in block)
    if not lost <= past:
        raise CannotCarry("MEDIA_WOULD_BE_LOST", "The text there shows a picture that this side does not have.")


class _Writing:
    """Writes one text of the receiving side."""

    def __init__(self, fresh: list[Nodes], shown: Shown, markup: str, files: Files) -> None:
        self._fresh = fresh
        self._shown = shown
        self._markup = markup
        self._files = files

    def by_plan(self, plan: Plan) -> Rich | None:
        """The text of a plan; converted as a whole where it would show anything else than meant."""
        if self._markup == ADF:
            return self._document([node for step in plan for node in self._nodes_of(step)])
        if any(isinstance(step, Kept) for step in plan):
            text = self._joined(plan)
            meant = [node for step in plan for node in self._meant(step)]
            value = {"markup": self._markup, "text": text}
            if whole_key(read_receiving(value, self._markup, self._files).nodes) == whole_key(meant):
                return value if text.strip() else None
        text = self._written([node for block in self._fresh for node in block])
        return {"markup": self._markup, "text": text} if text.strip() else None

    def _meant(self, step: Kept | Fresh) -> Sequence[NodeJson]:
        if isinstance(step, Kept):
            return self._shown.contents[step.index]
        return settled(self._markup, self._fresh[step.index])

    def _nodes_of(self, step: Kept | Fresh) -> Nodes:
        if isinstance(step, Kept):
            return cast("Nodes", self._shown.originals[step.index])
        return self._fresh[step.index]

    def _document(self, body: list[NodeJson]) -> Rich | None:
        if self._shown.rest:
            document = sections([Section("", {"type": "doc", "version": 1, "content": body})])
            body = document.get("content", [])
        content = _with_own_ids([*body, *self._shown.rest])
        return {"markup": ADF, "document": {"type": "doc", "version": 1, "content": content}} if content else None

    def _joined(self, plan: Plan) -> str:
        """Pieces of the receiving side next to each other as they were, converted ones between them."""
        parts: list[str] = []
        previous: Kept | Fresh | None = None
        fresh: list[NodeJson] = []
        for step in [*plan, None]:
            if isinstance(step, Fresh):
                fresh.extend(self._fresh[step.index])
                previous = step
                continue
            if fresh:
                parts.append(self._apart(parts) + self._written(fresh))
                fresh = []
            if isinstance(step, Kept):
                follows = isinstance(previous, Kept) and previous.index == step.index - 1
                piece = str(self._shown.originals[step.index])
                parts.append(piece if follows or not parts else self._apart(parts) + piece)
            previous = step
        return self._shown.prefix + "".join(parts) + self._shown.suffix

    def _apart(self, parts: list[str]) -> str:
        if self._markup == Markup.HTML or not parts:
            return ""
        end = parts[-1]
        ends = len(end) - len(end.rstrip("\r\n"))
        return "" if end[len(end) - ends :].count("\n") > 1 else "\n" if end.endswith("\n") else "\n\n"

    def _written(self, nodes: Sequence[NodeJson]) -> str:
        return written(self._markup, nodes, lambda identity: self._files.full.get(identity, identity))


def _with_own_ids(nodes: list[NodeJson]) -> list[NodeJson]:
    """Blocks of different origin may bring the same identifiers: later ones get others."""
    seen: set[str] = set()

    def renamed(node: NodeJson) -> NodeJson:
        made = node
        attrs = node.get("attrs", {})
        identity = attrs.get("localId")
        if isinstance(identity, str) and identity:
            name, number = identity, 1
            while name in seen:
                number += 1
                name = f"{identity}-{number}"
            seen.add(name)
            if name != identity:
                made = cast("NodeJson", {**made, "attrs": {**attrs, "localId": name}})
        if "content" in made:
            made = cast("NodeJson", {**made, "content": [renamed(child) for child in made["content"]]})
        return made

    return [renamed(node) for node in nodes]
