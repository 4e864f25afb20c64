"""Comments: carried once, edited by pairs, deleted where that is asked for.

A carried comment begins with who wrote it and when; the line is not part of it and never goes back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

from connectors.domain.richtext.adf import NodeJson
from connectors.domain.sides import SideComment, Value
from sync.engine.actions import AddComment, DeleteComment, EditComment
from sync.engine.base import NOTHING, Both, Part, PartKind, digest
from sync.engine.carry import CannotCarry, FilesFirst
from sync.engine.deciding import SIDES, Deciding, newest_of, winner_of
from sync.engine.mappings import CommentMapping, InitialPass, Intrusion, Position
from sync.engine.ports import Matter, MatterKind, Take
from sync.engine.rich import RichChange, as_rich, carry_rich, shows_same

_LINE = re.compile(r".{0,200} wrote on \d{4}-\d\d-\d\d \d\d:\d\d UTC:", re.DOTALL)


def comment_mark(scope: str, keys: Both[str], source: Position, comment_id: str) -> str:
    """What is left in the copy of that comment."""
    name = f"{scope}/{keys.first}/{keys.second}/{source.value}/{comment_id}"
    return hashlib.sha256(name.encode()).hexdigest()[:40]


def author_line(comment: SideComment) -> tuple[NodeJson, ...]:
    """The first line of a carried comment."""
    name = comment.author.name if comment.author and comment.author.name else "Somebody"
    if comment.created is None:
        return ()
    when = comment.created.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    text: NodeJson = {"type": "text", "text": f"{name} wrote on {when} UTC:", "marks": [{"type": "em"}]}
    return ({"type": "paragraph", "content": [text]},)


def decide_comments(deciding: Deciding, mapping: CommentMapping, comments: Both[tuple[SideComment, ...]]) -> None:
    """Decide the comments of a pair, oldest first."""
    known: Both[set[str]] = Both(set(), set())
    for part in deciding.view.base.of_kind(PartKind.COMMENT):
        for position in SIDES:
            known.at(position).add(part.ids.at(position))
        kept = _known(deciding, mapping, part, comments)
        if kept is not None:
            deciding.parts.append(kept)
    fresh = Both(*(tuple(c for c in comments.at(side) if c.id not in known.at(side)) for side in SIDES))
    _adopt(deciding, mapping, fresh)


def _find(comments: Sequence[SideComment], comment_id: str) -> SideComment | None:
    return next((each for each in comments if each.id == comment_id), None) if comment_id else None


# -- comments that have a counterpart


def _known(
    deciding: Deciding, mapping: CommentMapping, part: Part, comments: Both[tuple[SideComment, ...]]
) -> Part | None:
    """What is left of a part; None when both comments are gone."""
    found = Both(*(_find(comments.at(side), part.ids.at(side)) for side in SIDES))
    first, second = found.first, found.second
    if first is None and second is None:
        return part if part.is_young(deciding.view.now) else None
    if first is not None and second is not None:
        return _edited(deciding, mapping, part.seen(), Both(first, second))
    gone = Position.FIRST if first is None else Position.SECOND
    if not part.ids.at(gone) or part.is_young(deciding.view.now):
        return part
    if mapping.deletions and deciding.carries(mapping.direction, gone):
        deciding.actions.append(DeleteComment(gone.other, part))
        return part
    return replace(part, ids=part.ids.replaced(gone, ""), note="deleted")


def _edited(deciding: Deciding, mapping: CommentMapping, part: Part, found: Both[SideComment]) -> Part:
    prints = Both(digest(found.first.text), digest(found.second.text))
    place = f"comment:{part.ids.first}"
    changed = Both(prints.first != part.prints.first, prints.second != part.prints.second)
    answer = deciding.answer(place)
    if answer is None and (not mapping.edits or not (changed.first or changed.second)):
        return part
    agreed = replace(part, prints=prints)
    if part.prints == NOTHING:
        return agreed  # a run paired them and did not keep their words: as they stand is as they were left
    if answer is not None and answer.take in {Take.FIRST, Take.SECOND}:
        source = Position.FIRST if answer.take is Take.FIRST else Position.SECOND
        return _edit(deciding, mapping, (part, agreed), found, source)
    if answer is not None and answer.take is Take.AGREE:
        return agreed
    if deciding.is_asked(place, digest([found.first.text, found.second.text])):
        return part
    winner = winner_of(changed, mapping.direction, deciding.view.config.policy, deciding.view.config, _newest(found))
    if winner is Intrusion.ASK:
        values: Both[Value] = Both(found.first.text, found.second.text)
        matter = Matter(MatterKind.CONFLICT, "CONFLICT", "A comment was edited on both sides.", place, values=values)
        deciding.ask(matter, digest([values.first, values.second]))
        return part
    return _edit(deciding, mapping, (part, agreed), found, winner) if isinstance(winner, Position) else agreed


def _newest(found: Both[SideComment]) -> Position:
    return newest_of(
        Both(found.first.modified or found.first.created, found.second.modified or found.second.created),
        Both(first=False, second=False),
    )


def _edit(
    deciding: Deciding, mapping: CommentMapping, parts: tuple[Part, Part], found: Both[SideComment], source: Position
) -> Part:
    """Have the edit carried; `parts` are the part as it was and as it is when both say the same."""
    part, agreed = parts
    if not deciding.carries(mapping.direction, source):
        return agreed
    view, target = deciding.view, source.other
    line = mapping.author_line
    change = RichChange(
        as_rich(found.at(source).text),
        as_rich(found.at(target).text),
        lead=author_line(found.at(source)) if line and part.added_by is source else (),
        drop=_is_line if line and part.added_by is target else None,
    )
    files, markup = view.carrier.files.at(source), view.carrier.shapes.at(target).markup
    try:
        if shows_same(change, markup, files):
            return agreed
        text = carry_rich(change, markup, files)
    except FilesFirst:
        deciding.again = True
        return part
    except CannotCarry as reason:
        values: Both[Value] = Both(found.first.text, found.second.text)
        place = f"comment:{part.ids.first}"
        deciding.ask(
            Matter(MatterKind.ERROR, reason.code, reason.message, place, values=values),
            digest([values.first, values.second]),
        )
        return part
    if text is None:
        return agreed
    deciding.actions.append(EditComment(target, part, digest(found.at(source).text), dict(text)))
    return part


def _is_line(words: str) -> bool:
    return _LINE.fullmatch(words) is not None


# -- comments that have none


def _adopt(deciding: Deciding, mapping: CommentMapping, fresh: Both[tuple[SideComment, ...]]) -> None:
    """Our own copies find their originals again; the others are carried."""
    view = deciding.view
    taken: Both[set[str]] = Both(set(), set())
    for source in SIDES:
        copies = {each.mark: each for each in fresh.at(source.other) if each.mark}
        for comment in fresh.at(source):
            copy = copies.get(comment_mark(view.scope, view.keys, source, comment.id))
            if copy is not None:
                taken.at(source).add(comment.id)
                taken.at(source.other).add(copy.id)
                deciding.parts.append(_pair(source, comment, copy))
    if view.is_first_look:
        _match_alike(deciding, fresh, taken)
    waiting = [(comment, side) for side in SIDES for comment in fresh.at(side) if comment.id not in taken.at(side)]
    for comment, side in sorted(waiting, key=lambda one: (one[0].created is None, one[0].created, one[1])):
        _add(deciding, mapping, comment, side)


def _pair(source: Position, comment: SideComment, copy: SideComment) -> Part:
    return Part(
        PartKind.COMMENT,
        Both.of(source, comment.id, copy.id),
        source,
        Both.of(source, digest(comment.text), digest(copy.text)),
    )


def _match_alike(deciding: Deciding, fresh: Both[tuple[SideComment, ...]], taken: Both[set[str]]) -> None:
    """Items that were paired as they stood: comments that say the same are the same."""
    view = deciding.view
    markup, files = view.carrier.shapes.second.markup, view.carrier.files.first
    for comment in fresh.first:
        for other in fresh.second:
            if comment.id in taken.first or other.id in taken.second:
                continue
            change = RichChange(as_rich(comment.text), as_rich(other.text), drop=_is_line)
            try:
                alike = shows_same(change, markup, files)
            except FilesFirst:
                alike = False
            if alike:
                taken.first.add(comment.id)
                taken.second.add(other.id)
                deciding.parts.append(_pair(Position.FIRST, comment, other))


def _add(deciding: Deciding, mapping: CommentMapping, comment: SideComment, source: Position) -> None:
    view = deciding.view
    if not deciding.carries(mapping.direction, source):
        return
    alone = Part(PartKind.COMMENT, Both.of(source, comment.id, ""), source)
    is_from_before = view.is_first_look and view.config.initial_pass is InitialPass.NOW
    if comment.mark or is_from_before:
        # A copy of ours whose original is gone, or a comment from before the pair: it stays alone.
        deciding.parts.append(replace(alone, note="alone"))
        return
    place = f"comment:{comment.id}"
    deciding.answer(place)
    if deciding.is_asked(place, digest(comment.text)):
        return
    change = RichChange(as_rich(comment.text), None, lead=author_line(comment) if mapping.author_line else ())
    try:
        text = carry_rich(change, view.carrier.shapes.at(source.other).markup, view.carrier.files.at(source))
    except FilesFirst:
        deciding.again = True
        return
    except CannotCarry as reason:
        values: Both[Value] = Both.of(source, comment.text, None)
        matter = Matter(MatterKind.ERROR, reason.code, reason.message, place, values=values)
        deciding.ask(matter, digest(comment.text))
        return
    if text is None:
        deciding.parts.append(replace(alone, note="empty"))
    else:
        deciding.actions.append(AddComment(source.other, comment.id, digest(comment.text), dict(text)))
