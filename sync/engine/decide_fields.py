"""Fields, states and parents: three ways each, with both sides' own base.

A field that a person was asked about waits until either value changes or the answer is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.domain.sides import STATE, SideItem, SideShape, Value
from sync.engine.actions import MoveState, SetParent, WriteFields
from sync.engine.base import PARENT_KEY, STATE_KEY, Both, digest, equals_base, is_digest
from sync.engine.carry import CannotCarry, FilesFirst, Onto
from sync.engine.config_problems import type_of
from sync.engine.deciding import SIDES, Deciding, newest_of, raw_equal, winner_of
from sync.engine.mappings import Direction, FieldMapping, InitialPass, Intrusion, Policy, Position, WorkflowMapping
from sync.engine.ports import Answer, Force, Matter, MatterKind, Take
from sync.engine.rich import foreign_parts


class _NotCarried(Exception):
    """This value means nothing to the other side, and nobody has to know."""


@dataclass(frozen=True, slots=True)
class _Channel:
    """One thing that both sides hold. `carry` gives a side's value in the other one's terms, `act` has it written
    there; `write` has a value written on one side without taking it for agreed."""

    key: str
    direction: Direction
    policy: Policy
    values: Both[Value]
    same: Callable[[], bool]
    carry: Callable[[Position, Onto], Value]
    act: Callable[[Position, Value], None]
    write: Callable[[Position, Value], None]


def decide_fields(deciding: Deciding) -> None:
    """Decide all mapped fields, the state and the parent of a pair."""
    view = deciding.view
    writing = _Writing(deciding)
    first_type, second_type = view.items.first.type, view.items.second.type
    for mapping in view.config.fields_for(first_type):
        direction = usable(mapping, view.carrier.shapes, view.items)
        if direction is not None and _is_meant(view.force, mapping.id):
            _look_for_foreign(deciding, mapping)
            _consider(deciding, writing.field(mapping, direction))
    writing.finish()
    workflow = view.config.workflow(first_type, second_type)
    if workflow is not None and _is_meant(view.force, STATE_KEY):
        _consider(deciding, _state(deciding, workflow))
    if view.config.parents and view.force is None:
        _consider(deciding, _parent(deciding))


def _is_meant(force: Force | None, key: str) -> bool:
    return force is None or (force.state if key == STATE_KEY else key in force.fields)


def usable(mapping: FieldMapping, shapes: Both[SideShape], items: Both[SideItem]) -> Direction | None:
    """The direction in which a mapping can be carried between these two items: fields must exist and be writable."""
    writable = []
    for position in SIDES:
        shape, item = shapes.at(position), items.at(position)
        offered = shape.field(mapping.at(position))
        of_type = type_of(shape, item.type)
        if offered is None or (of_type is not None and of_type.fields and offered.id not in of_type.fields):
            return None
        writable.append(offered.writable and mapping.direction.carries(position.other))
    if all(writable):
        return Direction.BOTH
    if not any(writable):
        return None
    return Direction.SECOND_TO_FIRST if writable[0] else Direction.FIRST_TO_SECOND


# -- what is carried


class _Writing:
    """Collects the values that go to either side: one write per side."""

    def __init__(self, deciding: Deciding) -> None:
        self._deciding = deciding
        self._values: dict[Position, dict[str, Value]] = {position: {} for position in SIDES}
        self._agreed: dict[Position, dict[str, Both[Value]]] = {position: {} for position in SIDES}

    def field(self, mapping: FieldMapping, direction: Direction) -> _Channel:
        view = self._deciding.view
        carrier = view.carrier
        values = Both(
            view.items.first.values.get(mapping.first),
            view.items.second.values.get(mapping.second),
        )

        def same() -> bool:
            return any(
                direction.carries(source) and carrier.same(mapping, source, values.at(source), values.at(source.other))
                for source in SIDES
            )

        def act(source: Position, made: Value) -> None:
            target = source.other
            self._values[target][mapping.at(target)] = made
            self._agreed[target][mapping.id] = Both.of(target, made, values.at(source))

        def write(target: Position, value: Value) -> None:
            self._values[target][mapping.at(target)] = value

        return _Channel(
            mapping.id,
            direction,
            view.config.policy_of(mapping),
            values,
            same,
            lambda source, onto: carrier.carry(mapping, source, values.at(source), onto),
            act,
            write,
        )

    def finish(self) -> None:
        for position in SIDES:
            if self._values[position]:
                self._deciding.actions.append(WriteFields(position, self._values[position], self._agreed[position]))


def _state(deciding: Deciding, workflow: WorkflowMapping) -> _Channel:
    view = deciding.view
    values: Both[Value] = Both(view.items.first.values.get(STATE), view.items.second.values.get(STATE))
    forced = view.force is not None and view.force.state

    def target(source: Position) -> str:
        step = next((each for each in workflow.steps(source) if each.origin == values.at(source)), None)
        if step is None:
            raise _NotCarried
        return step.target

    def leads(source: Position) -> bool:
        return any((each.origin, each.target) == _along(values, source) for each in workflow.steps(source))

    def act(source: Position, made: Value) -> None:
        agreed = Both.of(source, values.at(source), made)
        deciding.actions.append(MoveState(source.other, str(made), agreed, force=forced))

    def write(target: Position, value: Value) -> None:
        if isinstance(value, str):
            deciding.actions.append(MoveState(target, value, None))

    return _Channel(
        STATE_KEY,
        workflow.direction,
        view.config.policy,
        values,
        lambda: any(workflow.direction.carries(source) and leads(source) for source in SIDES),
        lambda source, _onto: target(source),
        act,
        write,
    )


def _along(values: Both[Value], source: Position) -> tuple[Value, Value]:
    return values.at(source), values.at(source.other)


def _parent(deciding: Deciding) -> _Channel:
    """Parents count only when they are paired themselves."""
    view = deciding.view

    def known(position: Position) -> str | None:
        parent = view.items.at(position).parent
        return parent if parent is not None and parent in view.partners.at(position) else None

    values: Both[Value] = Both(known(Position.FIRST), known(Position.SECOND))

    def partner(source: Position) -> Value:
        parent = values.at(source)
        return None if parent is None else view.partners.at(source)[str(parent)]

    def act(source: Position, made: Value) -> None:
        agreed = Both.of(source, values.at(source), made)
        deciding.actions.append(SetParent(source.other, None if made is None else str(made), agreed, values))

    def write(target: Position, value: Value) -> None:
        deciding.actions.append(SetParent(target, str(value) if value else None, None, values))

    return _Channel(
        PARENT_KEY,
        Direction.BOTH,
        view.config.policy,
        values,
        lambda: partner(Position.FIRST) == values.second,
        lambda source, _onto: partner(source),
        act,
        write,
    )


# -- who wins


def _consider(deciding: Deciding, channel: _Channel) -> None:
    """Decide one channel. Files that a text shows go first (`again`)."""
    try:
        _decide(deciding, channel)
    except FilesFirst:
        deciding.again = True
    except _NotCarried:
        deciding.fields[channel.key] = channel.values
        deciding.asked.pop(channel.key, None)


def _decide(deciding: Deciding, channel: _Channel) -> None:
    view, key, values = deciding.view, channel.key, channel.values
    base = deciding.fields.get(key)
    answer = deciding.answer(key)
    if answer is not None and answer.take is not Take.RETRY:
        _obey(deciding, channel, answer)
        return
    if view.force is not None:
        _force(deciding, channel, view.force, base)
        return
    changed = _changed(deciding, base, values)
    if not changed.first and not changed.second:
        deciding.asked.pop(key, None)
        return
    if deciding.is_asked(key, digest([values.first, values.second])):
        return
    is_new = base is None and view.origin is None and view.config.initial_pass is InitialPass.NOW
    if is_new or channel.same():
        _agree(deciding, channel)
        return
    winner = winner_of(changed, channel.direction, channel.policy, view.config, _newest(deciding))
    if winner is Intrusion.ASK:
        _ask(deciding, channel, MatterKind.CONFLICT, "CONFLICT", "Both sides were changed.")
    elif isinstance(winner, Position):
        _carry(deciding, channel, winner, is_aligned=not changed.at(winner.other))
    else:
        _agree(deciding, channel)


def _changed(deciding: Deciding, base: Both[Value] | None, values: Both[Value]) -> Both[bool]:
    origin = deciding.view.origin
    if base is None:
        return Both(first=True, second=True) if origin is None else Both.of(origin, True, False)
    return Both(not equals_base(base.first, values.first), not equals_base(base.second, values.second))


def _newest(deciding: Deciding) -> Position:
    view = deciding.view
    first, second = view.items.first, view.items.second
    return newest_of(
        Both(first.changed, second.changed),
        Both(view.is_me(Position.FIRST, first.changed_by), view.is_me(Position.SECOND, second.changed_by)),
    )


def _agree(deciding: Deciding, channel: _Channel) -> None:
    deciding.fields[channel.key] = channel.values
    deciding.asked.pop(channel.key, None)


def _ask(deciding: Deciding, channel: _Channel, kind: MatterKind, code: str, message: str) -> None:
    matter = Matter(kind, code, message, channel.key, base=deciding.fields.get(channel.key), values=channel.values)
    deciding.ask(matter, digest([channel.values.first, channel.values.second]))


def _carry(deciding: Deciding, channel: _Channel, source: Position, *, is_aligned: bool) -> None:
    """Have the source's value written on the other side, onto what stands there."""
    now = channel.values.at(source.other)
    base = deciding.fields.get(channel.key)
    past = base.at(source) if is_aligned and base is not None and not is_digest(base.at(source)) else None
    if not deciding.carries(channel.direction, source):
        _agree(deciding, channel)
        return
    try:
        made = channel.carry(source, Onto(now, past))
    except CannotCarry as reason:
        _ask(deciding, channel, MatterKind.ERROR, reason.code, reason.message)
        return
    if raw_equal(made, now):
        _agree(deciding, channel)
        return
    deciding.asked.pop(channel.key, None)
    channel.act(source, made)


def _force(deciding: Deciding, channel: _Channel, force: Force, base: Both[Value] | None) -> None:
    """A resync: what the source has goes over, changed or not."""
    config = deciding.view.config
    is_foreign = channel.policy is Policy.RESPONSIBLE and config.responsible is not force.source
    if (is_foreign and not force.responsibility) or not channel.direction.carries(force.source):
        return
    if channel.same():
        _agree(deciding, channel)
        return
    aligned = base is not None and equals_base(base.at(force.source.other), channel.values.at(force.source.other))
    _carry(deciding, channel, force.source, is_aligned=aligned)


def _obey(deciding: Deciding, channel: _Channel, answer: Answer) -> None:
    """Carry out what a person decided."""
    if answer.take is Take.AGREE:
        _agree(deciding, channel)
    elif answer.take is Take.VALUE:
        _write_answer(deciding, channel, answer)
    else:
        _carry(deciding, channel, Position.FIRST if answer.take is Take.FIRST else Position.SECOND, is_aligned=False)


def _write_answer(deciding: Deciding, channel: _Channel, answer: Answer) -> None:
    """The edited value goes to its own side first; from there it is carried in the next round, like any change."""
    own = answer.position
    deciding.fields[channel.key] = Both.of(own, None, channel.values.at(own.other))
    if raw_equal(answer.value, channel.values.at(own)):
        _carry(deciding, channel, own, is_aligned=False)
        return
    channel.write(own, answer.value)
    deciding.again = True


# -- parts of a description that belong to other fields


def _look_for_foreign(deciding: Deciding, mapping: FieldMapping) -> None:
    """Tell about edits in parts of a description that stand in fields of their own on the other side."""
    base = deciding.fields.get(mapping.id)
    place = f"{mapping.id}:parts"
    deciding.answer(place)
    for position in SIDES:
        now = deciding.view.items.at(position).values.get(mapping.at(position))
        other = deciding.view.carrier.shapes.at(position.other).markup
        past = base.at(position) if base is not None else None
        if other == "adf" or not isinstance(now, Mapping) or not isinstance(past, Mapping) or is_digest(past):
            continue
        if foreign_parts(now) == foreign_parts(past):
            continue
        message = "A part of the description was edited that belongs to another field on the other side."
        values: Both[Value] = Both.of(position, now, None)
        deciding.ask(
            Matter(MatterKind.CONFLICT, "FOREIGN_PART_EDITED", message, place, base=base, values=values),
            digest(foreign_parts(now)),
        )
