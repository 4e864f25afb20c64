"""Configuration conflicts: what a configuration asks for that its sides do not offer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.domain.sides import STATE, SideField, SideShape, SideType, ValueKind
from sync.engine.mappings import (
    DeletionPolicy,
    FieldDefault,
    FieldMapping,
    Position,
    SyncConfig,
    ValueMode,
    WorkflowMapping,
)

_SIDE_NAMES = {Position.FIRST: "first", Position.SECOND: "second"}
_TEXTUAL = frozenset({ValueKind.TEXT, ValueKind.CHOICE, ValueKind.PATH, ValueKind.RICH})
_LISTS = frozenset({ValueKind.CHOICES, ValueKind.LABELS})
_TIMES = frozenset({ValueKind.DAY, ValueKind.MOMENT})


@dataclass(frozen=True, slots=True)
class Problem:
    """One configuration conflict. `where` is its place in the document."""

    code: str
    message: str
    where: str = ""


def problems(config: SyncConfig, first: SideShape, second: SideShape) -> list[Problem]:
    """Everything that keeps this configuration from working between these two sides, in the document's order."""
    shapes = {Position.FIRST: first, Position.SECOND: second}
    return [
        *_types(config, shapes),
        *_fields(config, shapes),
        *_workflows(config, shapes),
        *_links(config, shapes),
        *_files(config, shapes),
        *_defaults(config, shapes),
        *_required(config, shapes),
        *_closing(config, shapes),
    ]


Shapes = dict[Position, SideShape]


def type_of(shape: SideShape, name: str) -> SideType | None:
    """The item type of that name."""
    return next((each for each in shape.types if each.name == name), None)


def compatible(one: ValueKind, other: ValueKind) -> bool:
    """Whether values of these kinds can be carried into each other."""
    return (
        one is other
        or (one in _TEXTUAL and other in _TEXTUAL)
        or (one in _LISTS and other in _LISTS)
        or (one in _TIMES and other in _TIMES)
        or ({one, other} <= {ValueKind.NUMBER, ValueKind.TEXT, ValueKind.CHOICE})
        or ({one, other} <= {ValueKind.PERSON, ValueKind.TEXT})
    )


def _types(config: SyncConfig, shapes: Shapes) -> Iterator[Problem]:
    if not config.types:
        yield Problem("NO_ISSUE_TYPES", "No issue types are mapped, so no item is synchronized.", "issueTypeMappings")
    seen: set[tuple[str, str]] = set()
    for number, mapping in enumerate(config.types):
        where = f"issueTypeMappings[{number}]"
        for position, shape in shapes.items():
            name = mapping.at(position)
            if type_of(shape, name) is None:
                yield Problem(
                    "ISSUE_TYPE_UNKNOWN", f"{shape.project} has no type “{name}”.", f"{where}.{_end(position)}Type"
                )
        if (mapping.first, mapping.second) in seen:
            yield Problem("ISSUE_TYPE_TWICE", f"“{mapping.first}” and “{mapping.second}” are mapped twice.", where)
        seen.add((mapping.first, mapping.second))


def _fields(config: SyncConfig, shapes: Shapes) -> Iterator[Problem]:
    written: dict[tuple[Position, str], list[FieldMapping]] = {}
    for number, mapping in enumerate(config.fields):
        where = f"fieldMappings[{number}]"
        found = {position: shape.field(mapping.at(position)) for position, shape in shapes.items()}
        for position, offered in found.items():
            yield from _one_field(mapping, position, offered, shapes[position], where)
            if mapping.direction.carries(position.other):
                rivals = written.setdefault((position, mapping.at(position)), [])
                if any(_overlap(mapping, rival) for rival in rivals):
                    yield Problem(
                        "FIELD_TWICE",
                        f"“{mapping.at(position)}” of {shapes[position].project} is written twice.",
                        where,
                    )
                rivals.append(mapping)
        first, second = found[Position.FIRST], found[Position.SECOND]
        if first and second:
            yield from _kinds(config, mapping, first, second, where)


def _overlap(one: FieldMapping, other: FieldMapping) -> bool:
    return not one.types or not other.types or bool(set(one.types) & set(other.types))


def _one_field(
    mapping: FieldMapping, position: Position, offered: SideField | None, shape: SideShape, where: str
) -> Iterator[Problem]:
    place = f"{where}.{_end(position)}Field"
    name = mapping.at(position)
    if name == STATE or (offered is not None and offered.kind is ValueKind.STATE):
        yield Problem("STATE_IS_WORKFLOW", "States are carried by workflow mappings, not by field mappings.", place)
    elif offered is None:
        yield Problem("FIELD_UNKNOWN", f"{shape.project} has no field “{name}”.", place)
    elif not offered.writable and mapping.direction.carries(position.other):
        yield Problem("FIELD_READ_ONLY", f"“{offered.name}” of {shape.project} cannot be written.", place)


def _kinds(
    config: SyncConfig, mapping: FieldMapping, first: SideField, second: SideField, where: str
) -> Iterator[Problem]:
    values = config.value_mapping(mapping.value_mapping)
    if not compatible(first.kind, second.kind) and not (values and values.mode is ValueMode.CORRELATION):
        yield Problem(
            "FIELD_KINDS_DIFFER",
            f"“{first.name}” holds {first.kind.value}, “{second.name}” {second.kind.value}: "
            "one cannot be carried into the other.",
            where,
        )
    if values is None or values.mode is not ValueMode.CORRELATION:
        return
    for pair in values.pairs:
        for offered, value in ((first, pair.first), (second, pair.second)):
            if offered.options and value not in offered.options:
                yield Problem("VALUE_UNKNOWN", f"“{offered.name}” does not offer “{value}”.", f"{where}.valueMapping")


def _workflows(config: SyncConfig, shapes: Shapes) -> Iterator[Problem]:
    for number, mapping in enumerate(config.workflows):
        where = f"workflowMappings[{number}]"
        if not config.pairs_types(mapping.first_type, mapping.second_type):
            yield Problem(
                "WORKFLOW_WITHOUT_TYPES",
                f"“{mapping.first_type}” and “{mapping.second_type}” are not mapped to each other.",
                where,
            )
        yield from _states(mapping, shapes, where)


def _states(mapping: WorkflowMapping, shapes: Shapes, where: str) -> Iterator[Problem]:
    types = {
        Position.FIRST: type_of(shapes[Position.FIRST], mapping.first_type),
        Position.SECOND: type_of(shapes[Position.SECOND], mapping.second_type),
    }
    for source, name in ((Position.FIRST, "firstToSecond"), (Position.SECOND, "secondToFirst")):
        steps = mapping.steps(source)
        origins = [step.origin for step in steps]
        for number, step in enumerate(steps):
            for position, state in ((source, step.origin), (source.other, step.target)):
                of_type = types[position]
                if of_type is not None and of_type.states and state not in of_type.states:
                    yield Problem(
                        "STATE_UNKNOWN", f"“{of_type.name}” has no state “{state}”.", f"{where}.{name}[{number}]"
                    )
            if step.origin in origins[:number]:
                yield Problem("STATE_TWICE", f"“{step.origin}” is mapped twice.", f"{where}.{name}[{number}]")


def _links(config: SyncConfig, shapes: Shapes) -> Iterator[Problem]:
    for number, mapping in enumerate(config.links):
        for position, shape in shapes.items():
            if mapping.at(position) not in shape.link_types:
                yield Problem(
                    "LINK_TYPE_UNKNOWN",
                    f"{shape.project} has no link type “{mapping.at(position)}”.",
                    f"linkMappings[{number}].{_end(position)}LinkType",
                )


def _files(config: SyncConfig, shapes: Shapes) -> Iterator[Problem]:
    if config.attachments is None:
        return
    for position, shape in shapes.items():
        if config.attachments.direction.carries(position.other) and not shape.takes_files:
            yield Problem(
                "FILES_UNSUPPORTED",
                f"No files can be added to items of {shape.project}.",
                "attachmentMapping.direction",
            )


def _defaults(config: SyncConfig, shapes: Shapes) -> Iterator[Problem]:
    given: dict[Position, tuple[FieldDefault, ...]] = {
        Position.FIRST: config.first_defaults,
        Position.SECOND: config.second_defaults,
    }
    for position, defaults in given.items():
        for number, default in enumerate(defaults):
            offered = shapes[position].field(default.field)
            where = f"fieldDefaults.{_end(position)}[{number}]"
            if offered is None:
                yield Problem("FIELD_UNKNOWN", f"{shapes[position].project} has no field “{default.field}”.", where)
            elif isinstance(default.value, str) and offered.options and default.value not in offered.options:
                yield Problem("VALUE_UNKNOWN", f"“{offered.name}” does not offer “{default.value}”.", where)


def _required(config: SyncConfig, shapes: Shapes) -> Iterator[Problem]:
    """Fields that new items must have and nothing fills."""
    for number, mapping in enumerate(config.types):
        for position, shape in shapes.items():
            of_type = type_of(shape, mapping.at(position))
            if of_type is None or not mapping.direction.carries(position.other):
                continue
            filled = {
                each.at(position) for each in config.fields_for(mapping.first) if each.direction.carries(position.other)
            } | {each.field for each in config.defaults(position, of_type.name)}
            for offered in shape.fields:
                if offered.required and offered.kind is not ValueKind.STATE and offered.id in of_type.fields - filled:
                    yield Problem(
                        "REQUIRED_FIELD_UNFILLED",
                        f"New items “{of_type.name}” of {shape.project} need “{offered.name}”, which nothing fills.",
                        f"issueTypeMappings[{number}]",
                    )


def _closing(config: SyncConfig, shapes: Shapes) -> Iterator[Problem]:
    if config.deletion is not DeletionPolicy.CLOSE:
        return
    for position, shape in shapes.items():
        state = config.close_state(position)
        if not state or not any(state in each.states for each in shape.types):
            yield Problem(
                "CLOSE_STATE_UNKNOWN",
                f"{shape.project} has no state “{state}”."
                if state
                else f"No closing state of {shape.project} is named.",
                f"closeStates.{_end(position)}",
            )


def _end(position: Position) -> str:
    return _SIDE_NAMES[position]
