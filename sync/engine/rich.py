"""Rich text between two sides: converted block by block, and only where it changed.

A block of the receiving side whose counterpart did not change keeps its own notation. What is put together is read
once more before it is written: where it would show anything else than meant, the whole text is converted instead.

Of a description put together from several fields (`connectors.domain.richtext.composite`) only the first part is
carried either way; the others stay as the receiving side has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from connectors.domain.richtext.adf import NodeJson
from connectors.domain.richtext.blocks import content_key
from connectors.domain.richtext.composite import Section, own_length, sections
from connectors.domain.richtext.document import Markup
from connectors.domain.richtext.words import visible_text
from connectors.domain.sides import Value
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

__all__ = ["CannotCarry", "Files", "FilesFirst", "RichChange", "as_rich", "carry_rich", "foreign_parts", "shows_same"]


@dataclass(frozen=True, slots=True)
class RichChange:
    """A text that is carried. `base` is what the sending side held when both agreed; it is given when the receiving
    side, which holds `now`, did not change since.

    `composite`: the text may be put together from several fields. `lead` is put before the sent text (who wrote it);
    `drop` tells a first block that the sent text has and the receiving side does not.
    """

    new: Rich | None
    now: Rich | None
    base: Rich | None = None
    composite: bool = False
    lead: Nodes = ()
    drop: Callable[[str], bool] | None = None

    def sent(self, value: Rich | None, receiving: str, files: Files, *, past: bool = False) -> list[Nodes]:
        """The blocks that the receiving side should show for a value of the sending side."""
        blocks = read_sending(value, receiving, files, past=past, composite=self.composite)
        if blocks and self.drop is not None and self.drop(_words(blocks[0])):
            blocks = blocks[1:]
        return [self.lead, *blocks] if self.lead and blocks else blocks

    def shown(self, value: Rich | None, sending: str, files: Files) -> Shown:
        """A value as the receiving side holds it."""
        return read_receiving(value, sending, files, composite=self.composite)

    def notations(self, markup: str) -> tuple[str, str]:
        """Of the sending and of the receiving side."""
        receiving = str(self.now["markup"]) if self.now else markup
        return str(self.new["markup"]) if self.new else receiving, receiving


def as_rich(value: Value) -> Rich | None:
    """A value as a rich text: simple texts are plain ones."""
    if value is None or value == "":
        return None
    return value if isinstance(value, dict) else {"markup": "plain", "text": str(value)}


def shows_same(change: RichChange, markup: str, files: Files) -> bool:
    """Whether the receiving side already shows what the sending side does, as far as either can."""
    if change.new is None and change.now is None:
        return True
    sending, receiving = change.notations(markup)
    ours = [node for block in change.sent(change.new, receiving, files) for node in block]
    theirs = change.shown(change.now, sending, files).nodes
    our_key, their_key = whole_key(ours), whole_key(theirs)
    return (
        our_key == their_key
        or whole_key(settled(receiving, ours)) == their_key
        or our_key == whole_key(settled(sending, theirs))
    )


def carry_rich(change: RichChange, markup: str, files: Files) -> Rich | None:
    """The receiving side's text with the change in it; `markup` is how a new text is written there.

    Raises CannotCarry (TEXT_WAS_CUT, MEDIA_WOULD_BE_LOST) and FilesFirst.
    """
    sending, receiving = change.notations(markup)
    fresh = change.sent(change.new, receiving, files)
    shown = change.shown(change.now, sending, files)
    plan = _plan(change, fresh, shown, markup, files)
    if change.now is not None and plan == [Kept(number) for number in range(len(shown.contents))]:
        return change.now
    made = _Writing(fresh, shown, receiving, files).by_plan(plan)
    _check_media(change, shown, made, markup, files)
    return made


def foreign_parts(value: Rich | None) -> str:
    """What the parts of a description say that belong to other fields; empty without any."""
    if value is None or value.get("markup") != ADF:
        return ""
    content = value["document"].get("content", [])
    rest = content[own_length(value["document"]) :]
    return content_key(rest) if rest else ""


def _words(nodes: Nodes) -> str:
    return visible_text({"type": "doc", "version": 1, "content": list(nodes)}).strip()


def _past(change: RichChange, receiving: str, files: Files) -> list[Nodes] | None:
    if change.base is None or is_digest(cast("dict[str, Any]", change.base)):
        return None
    return change.sent(change.base, receiving, files, past=True)


def _plan(change: RichChange, fresh: list[Nodes], shown: Shown, markup: str, files: Files) -> Plan:
    sending, receiving = change.notations(markup)
    ours = [block_keys(block, sending, receiving) for block in fresh]
    theirs = [block_keys(block, sending, receiving) for block in shown.contents]
    past = _past(change, receiving, files)
    if past is None:
        return plan_overwrite(ours, theirs)
    return plan_change([block_keys(block, sending, receiving) for block in past], ours, theirs)


def _check_media(change: RichChange, shown: Shown, made: Rich | None, markup: str, files: Files) -> None:
    """A picture may go only when the sending side had it and took it away."""
    pictures = media_of(shown.nodes)
    if not pictures:
        return
    sending, receiving = change.notations(markup)
    lost = pictures - media_of(change.shown(made, sending, files).nodes)
    past = _past(change, receiving, files) or []
    if not lost <= media_of(node for block in past for node in block):
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
            if whole_key(read_receiving(value, self._markup, self._files, composite=False).nodes) == whole_key(meant):
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
