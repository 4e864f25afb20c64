"""Carries out the actions of one decision, one at a time, and keeps the base in step with what happened."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from connectors.domain.errors import Missing, Refused
from connectors.domain.sides import Value
from sync.engine.actions import (
    Action,
    AddComment,
    AddFile,
    AddLink,
    DeleteComment,
    DropFile,
    DropLink,
    EditComment,
    MoveState,
    SetParent,
    WriteFields,
    place_of,
)
from sync.engine.base import PARENT_KEY, STATE_KEY, Both, PairBase, Part, digest
from sync.engine.decide_comments import comment_mark
from sync.engine.mappings import Position
from sync.engine.ports import NONE_YET, Effect, EffectKind, Matter, MatterKind
from sync.engine.setting import Setting
from sync.engine.settle import part_of, with_part

_ORDER = (
    AddFile,
    DropFile,
    AddComment,
    EditComment,
    DeleteComment,
    DropLink,
    AddLink,
    SetParent,
    WriteFields,
    MoveState,
)
"""Files first, since texts show them; fields before states, since a step may ask for a field."""


@dataclass(slots=True)
class Performing:
    """The actions of one pair being carried out. `written` are keys of fields by the side that they were written on,
    `alone` the sides whose last change of ours was a write of fields."""

    setting: Setting
    name: str
    keys: Both[str]
    base: PairBase
    carried: Both[int] = NONE_YET
    matters: list[Matter] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    written: Both[set[str]] = field(default_factory=lambda: Both(set(), set()))
    texts: dict[tuple[Position, str], Value] = field(default_factory=dict)
    last: dict[Position, type[Action]] = field(default_factory=dict)
    held: bool = False
    again: bool = False

    def run(self, actions: Sequence[Action]) -> None:
        """Carry them out until one is refused: then the pair is held back. All other errors go on to the caller."""
        for action in sorted(actions, key=lambda each: _ORDER.index(type(each))):
            place = place_of(action)
            try:
                if not isinstance(action, AddComment | AddFile):
                    self.setting.store.before_call()
                self._perform(action)
            except Missing as reason:
                if self._missing(action, place, reason):
                    continue
                return
            except Refused as reason:
                self._refused(action, place, reason)
                return
            self.last[action.position] = type(action)
            source = action.position.other
            self.carried = self.carried.replaced(source, self.carried.at(source) + 1)

    def _missing(self, action: Action, place: str, reason: Refused) -> bool:
        """Something is gone since it was read, or not there yet: look again. The second time a link or parent to what
        is gone is left alone, and anything else told to a person. Answers whether the other actions go on."""
        key = f"vanished:{place}"
        is_elsewhere = isinstance(action, AddLink | SetParent)
        if key not in self.base.asked:
            self.base = replace(self.base, asked={**self.base.asked, key: self.setting.now.isoformat()})
            self.again = True
        elif isinstance(action, AddLink):
            alone = replace(action.part, ids=action.part.ids.replaced(action.position, ""), note="gone")
            self.base = with_part(self.base, alone)
        elif isinstance(action, SetParent):
            self.base = replace(self.base, fields={**self.base.fields, PARENT_KEY: action.standing})
        else:
            self._refused(action, place, reason)
        return is_elsewhere

    def _refused(self, action: Action, place: str, reason: Refused) -> None:
        values = None
        if isinstance(action, WriteFields):
            place = self._field_refused(action, reason) or place
            values = action.agreed.get(place)
        elif isinstance(action, MoveState | SetParent):
            values = action.agreed
        said = "; ".join(dict.fromkeys([reason.message, *reason.fields.values()]))
        base = self.base.fields.get(place)
        self.matters.append(Matter(MatterKind.ERROR, reason.code, said, place, base=base, values=values))
        self.held = True

    def _field_refused(self, action: WriteFields, reason: Refused) -> str:
        for mapping in self.setting.config.fields:
            if mapping.id in action.agreed and mapping.at(action.position) in reason.fields:
                return mapping.id
        return ""

    def _perform(self, action: Action) -> None:
        key = self.keys.at(action.position)
        side = self.setting.sides.at(action.position)
        match action:
            case WriteFields(values=values, agreed=agreed):
                side.write(key, values)
                self.base = replace(self.base, fields={**self.base.fields, **agreed})
                self.written.at(action.position).update(agreed)
            case MoveState(state=state, agreed=both, force=force):
                side.move(key, state, force=force)
                self._agree(STATE_KEY, both, action.position)
            case SetParent(parent=parent, agreed=both):
                side.set_parent(key, parent)
                self._agree(PARENT_KEY, both, action.position)
            case AddComment():
                self._add_comment(action)
            case EditComment(part=part, text=text):
                side.edit_comment(key, part.ids.at(action.position), text)
                prints = Both.of(action.position, digest(text), action.origin_print)
                self.texts[action.position, part.ids.at(action.position)] = text
                self._swap(part, replace(part.seen(), prints=prints))
            case DeleteComment(part=part):
                side.delete_comment(key, part.ids.at(action.position))
                self._swap(part, None)
            case AddFile():
                self._add_file(action)
            case DropFile(part=part):
                side.drop_file(key, part.ids.at(action.position))
                self._swap(part, None)
            case AddLink(link=link, part=part):
                side.link(key, link)
                self.base = with_part(self.base, part.made(self.setting.now))
            case DropLink(link=link, part=part):
                side.unlink(key, link)
                self._swap(part, None)

    def _agree(self, key: str, both: Both[Value] | None, position: Position) -> None:
        if both is not None:
            self.base = replace(self.base, fields={**self.base.fields, key: both})
            self.written.at(position).add(key)

    def _swap(self, part: Part, other: Part | None) -> None:
        kept = [each for each in self.base.parts if (each.kind, each.ids) != (part.kind, part.ids)]
        self.base = replace(self.base, parts=(*kept, *([other] if other else [])))

    def _add_comment(self, action: AddComment) -> None:
        source = action.position.other
        mark = comment_mark(self.setting.scope, self.keys, source, action.origin)
        detail = {
            "position": action.position.value,
            "origin": action.origin,
            "origin_print": action.origin_print,
            "print": digest(action.text),
        }
        side, key = self.setting.sides.at(action.position), self.keys.at(action.position)
        effect = Effect(f"comment:{mark}", EffectKind.COMMENT, self.name, mark, detail)
        done = self.setting.once(effect, lambda: side.add_comment(key, action.text, mark=mark))
        self.texts[action.position, str(done.detail["result"])] = action.text
        self._took(done)

    def _add_file(self, action: AddFile) -> None:
        target, file = action.position, action.file
        sides, keys = self.setting.sides, self.keys
        name = f"{self.setting.scope}/{keys.first}/{keys.second}/{target.value}/{file.id}"
        mark = hashlib.sha256(name.encode()).hexdigest()[:40]
        detail = {"position": target.value, "origin": file.id, "name": file.name, "size": file.size}

        def send() -> str:
            with sides.at(target.other).open_file(keys.at(target.other), file.id) as content:
                return sides.at(target).add_file(keys.at(target), file.name, content).id

        self._took(self.setting.once(Effect(f"file:{mark}", EffectKind.FILE, self.name, mark, detail), send))

    def _took(self, done: Effect) -> None:
        self.effects.append(done)
        self.base = with_part(self.base, part_of(done, str(done.detail["result"]), self.setting.now))
