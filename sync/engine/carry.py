"""Values from one side's terms into the other's.

A value is carried onto what the receiving side holds now (`Onto.now`): what already says the same keeps its own
spelling there. Nothing here is remembered; `decide` compares values with their own side's base only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from connectors.domain.sides import TEXT, SideField, SideShape, Value, ValueKind
from sync.engine.base import Both, is_digest
from sync.engine.mappings import FieldMapping, Position, SyncConfig, ValueMapping, ValueMode
from sync.engine.rich import CannotCarry, Files, FilesFirst, RichChange, as_rich, carry_rich, shows_same

__all__ = ["CannotCarry", "Carrier", "Files", "FilesFirst", "Onto", "People"]

_LISTS = frozenset({ValueKind.CHOICES, ValueKind.LABELS})
_TIMES = frozenset({ValueKind.DAY, ValueKind.MOMENT})
_NAMED = frozenset({ValueKind.CHOICE, ValueKind.CHOICES})


@dataclass(frozen=True, slots=True)
class People:
    """People of one side: their accounts on the other one, and how they are called."""

    there: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


NOBODY = Both(People(), People())
NO_FILES = Both(Files(), Files())


@dataclass(frozen=True, slots=True)
class Onto:
    """What the receiving side holds, and, where it did not change, what the sending side held before."""

    now: Value = None
    base: Value = None


@dataclass(frozen=True, slots=True)
class Carrier:
    """Translates the values of one pair. `people` and `files` are by sending side."""

    config: SyncConfig
    shapes: Both[SideShape]
    people: Both[People] = NOBODY
    files: Both[Files] = NO_FILES

    def carry(self, mapping: FieldMapping, source: Position, value: Value, onto: Onto) -> Value:
        """The value in the receiving side's terms. Raises CannotCarry and FilesFirst."""
        ends = self._ends(mapping, source)
        if ends is None:
            raise CannotCarry("FIELD_UNKNOWN", f"A field of the mapping {mapping.id} does not exist any more.")
        origin, target = ends
        if ValueKind.RICH in (origin.kind, target.kind):
            return self._carry_rich(mapping, source, value, onto)
        if value is None or value == []:
            return [] if target.kind in _LISTS else None
        if target.kind in _LISTS:
            return self._carry_list(mapping, source, target, value, onto)
        made = self._carry_one(mapping, source, (origin, target), value)
        return onto.now if alike(target.kind, made, onto.now) else made

    def same(self, mapping: FieldMapping, source: Position, value: Value, now: Value) -> bool:
        """Whether the receiving side, which holds `now`, already says what the value does. Raises FilesFirst."""
        ends = self._ends(mapping, source)
        if ends is None:
            return False
        origin, target = ends
        try:
            if ValueKind.RICH in (origin.kind, target.kind):
                change = self._rich_change(mapping, source, value, Onto(now))
                return shows_same(change, self._markup(mapping, source), self.files.at(source))
            return alike(target.kind, self.carry(mapping, source, value, Onto(now)), now)
        except CannotCarry:
            return False

    def _ends(self, mapping: FieldMapping, source: Position) -> tuple[SideField, SideField] | None:
        origin = self.shapes.at(source).field(mapping.at(source))
        target = self.shapes.at(source.other).field(mapping.at(source.other))
        return (origin, target) if origin and target else None

    # -- rich text

    def _markup(self, mapping: FieldMapping, source: Position) -> str:
        target = self.shapes.at(source.other).field(mapping.at(source.other))
        rich = target is not None and target.kind is ValueKind.RICH
        return self.shapes.at(source.other).markup if rich else "plain"

    def _rich_change(self, mapping: FieldMapping, source: Position, value: Value, onto: Onto) -> RichChange:
        return RichChange(
            as_rich(value),
            as_rich(onto.now),
            None if onto.base is None or is_digest(onto.base) else as_rich(onto.base),
            composite=TEXT in (mapping.first, mapping.second),
        )

    def _carry_rich(self, mapping: FieldMapping, source: Position, value: Value, onto: Onto) -> Value:
        change = self._rich_change(mapping, source, value, onto)
        markup = self._markup(mapping, source)
        made = carry_rich(change, markup, self.files.at(source))
        if made is None:
            return None
        return str(made["text"]) if markup == "plain" else dict(made)

    # -- single values

    def _carry_one(
        self, mapping: FieldMapping, source: Position, ends: tuple[SideField, SideField], value: Value
    ) -> Value:
        origin, target = ends
        values = self.config.value_mapping(mapping.value_mapping)
        if values is not None and values.mode is ValueMode.CORRELATION and values.direction.carries(source):
            return self._offered(target, _correlated(values, source, _as_text(value)))
        if ValueKind.PERSON in (origin.kind, target.kind):
            return self._person(source, origin, target, value)
        if target.kind in _TIMES:
            return _time(target.kind, value)
        if target.kind is ValueKind.NUMBER:
            return _number(value)
        if target.kind is ValueKind.FLAG:
            if isinstance(value, bool):
                return value
            raise CannotCarry("VALUE_UNKNOWN", f"“{value}” is neither true nor false.")
        return self._offered(target, _as_text(value))

    def _person(self, source: Position, origin: SideField, target: SideField, value: Value) -> Value:
        people = self.people.at(source)
        if origin.kind is not ValueKind.PERSON:
            raise CannotCarry("PERSON_UNKNOWN", f"“{value}” is a name, not an account.")
        identity = str(value)
        name = people.names.get(identity, identity)
        if target.kind is not ValueKind.PERSON:
            return name
        if identity not in people.there:
            raise CannotCarry("PERSON_UNKNOWN", f"{name} has no account on the other side.")
        return people.there[identity]

    def _offered(self, target: SideField, text: str) -> Value:
        """The text as the field offers it."""
        if not target.options or target.kind not in _NAMED or text in target.options:
            return text
        alike = [option for option in target.options if option.casefold() == text.casefold()]
        if len(alike) != 1:
            raise CannotCarry("VALUE_UNKNOWN", f"“{target.name}” does not offer “{text}”.")
        return alike[0]

    def _carry_list(
        self, mapping: FieldMapping, source: Position, target: SideField, value: Value, onto: Onto
    ) -> Value:
        """Every element that the receiving side has keeps its spelling there."""
        values = self.config.value_mapping(mapping.value_mapping)
        correlated = values is not None and values.mode is ValueMode.CORRELATION and values.direction.carries(source)
        spelled = {_spelling(each): each for each in _as_list(onto.now)}
        made: dict[str, str] = {}
        for each in _as_list(value):
            text = _correlated(cast("ValueMapping", values), source, each) if correlated else each
            text = _as_text(self._offered(target, text))
            made.setdefault(_spelling(text), spelled.get(_spelling(text), text))
        return sorted(made.values())


def alike(kind: ValueKind, made: Value, now: Value) -> bool:
    """Whether two values of one field, neither of them rich text, say the same."""
    if made is None or now is None or made == now:
        return made == now and isinstance(made, bool) == isinstance(now, bool)
    if kind in _LISTS:
        return {_spelling(each) for each in _as_list(made)} == {_spelling(each) for each in _as_list(now)}
    if kind in _TIMES:
        try:
            return _moment(made) == _moment(now)
        except ValueError:
            return False
    if isinstance(made, str) and isinstance(now, str):
        return made.split() == now.split()
    return False


def _as_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return ", ".join(value) if isinstance(value, list) else str(value)


def _as_list(value: Value) -> list[str]:
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list) else [_as_text(value)]


def _spelling(text: str) -> str:
    """Platforms differ in what a label may consist of: case, spaces, hyphens."""
    return "-".join(text.casefold().replace("_", " ").replace("-", " ").split())


def _correlated(values: ValueMapping, source: Position, text: str) -> str:
    for pair in values.pairs:
        own, other = (pair.first, pair.second) if source is Position.FIRST else (pair.second, pair.first)
        if own == text:
            return other
    raise CannotCarry("VALUE_UNKNOWN", f"The value mapping “{values.name}” does not have “{text}”.")


def _number(value: Value) -> Value:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        number = float(_as_text(value))
    except ValueError:
        raise CannotCarry("VALUE_UNKNOWN", f"“{value}” is no number.") from None
    return int(number) if number.is_integer() else number


def _moment(value: Value) -> datetime:
    moment = datetime.fromisoformat(str(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time(kind: ValueKind, value: Value) -> Value:
    try:
        moment = _moment(value)
    except ValueError:
        raise CannotCarry("VALUE_UNKNOWN", f"“{value}” is no time.") from None
    if kind is ValueKind.DAY:
        return moment.astimezone(UTC).date().isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
