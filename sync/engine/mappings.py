"""What a synchronization is told to keep alike, and how: its configuration, parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from connectors.domain.sides import Value


class Position(IntEnum):
    """Which of the two sides."""

    FIRST = 1
    SECOND = 2

    @property
    def other(self) -> Position:
        return Position.SECOND if self is Position.FIRST else Position.FIRST


class Direction(StrEnum):
    """Which way changes are carried."""

    BOTH = "BOTH"
    FIRST_TO_SECOND = "FIRST_TO_SECOND"
    SECOND_TO_FIRST = "SECOND_TO_FIRST"

    def carries(self, source: Position) -> bool:
        """Whether what changes on that side goes to the other one."""
        return self is Direction.BOTH or (self is Direction.FIRST_TO_SECOND) == (source is Position.FIRST)


class Policy(StrEnum):
    """Who wins where both sides changed the same field. `RESPONSIBLE`: only one side may change anything."""

    NEWEST = "newest"
    FIRST = "first"
    SECOND = "second"
    RESPONSIBLE = "responsible"
    ASK = "ask"


class Intrusion(StrEnum):
    """What becomes of a change on the side that is not responsible."""

    REVERT = "revert"
    ASK = "ask"


class DeletionPolicy(StrEnum):
    """What becomes of an item whose partner is gone, or is no longer within the filter."""

    NEVER = "never"
    CLOSE = "close"
    FLAG = "flag"


class InitialPass(StrEnum):
    """What happens first. `PAIRED`: only items that are paired already are made alike; `CREATE`: missing ones are
    made too; `NOW`: everything stays as it stands, and only later changes are carried."""

    PAIRED = "paired"
    CREATE = "create"
    NOW = "now"


class ValueMode(StrEnum):
    """`PASSTHROUGH`: both sides have the same values; `CORRELATION`: pairs of values."""

    PASSTHROUGH = "passthrough"
    CORRELATION = "correlation"


class FileMode(StrEnum):
    """Whether the named MIME types are kept out, or are the only ones let in."""

    BLACKLIST = "blacklist"
    WHITELIST = "whitelist"


@dataclass(frozen=True, slots=True)
class TypeMapping:
    """Items of one type are made as items of the other. Decides which items are synchronized at all. Of several for one
    type the first decides how new items are made; the others let pairs be that are of those types already."""

    id: str
    first: str
    second: str
    direction: Direction = Direction.BOTH

    def at(self, position: Position) -> str:
        return self.first if position is Position.FIRST else self.second


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Two fields kept alike; `types` are first types, empty means all. `policy` None: the synchronization's."""

    id: str
    first: str
    second: str
    direction: Direction = Direction.BOTH
    types: tuple[str, ...] = ()
    value_mapping: str | None = None
    policy: Policy | None = None

    def at(self, position: Position) -> str:
        return self.first if position is Position.FIRST else self.second


@dataclass(frozen=True, slots=True)
class ValuePair:
    """Two names of one thing, or two states."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class ValueMapping:
    id: str
    name: str = ""
    mode: ValueMode = ValueMode.PASSTHROUGH
    pairs: tuple[ValuePair, ...] = ()
    direction: Direction = Direction.BOTH


@dataclass(frozen=True, slots=True)
class Step:
    """A state of the sending side and the state the receiving side is brought into."""

    origin: str
    target: str


@dataclass(frozen=True, slots=True)
class WorkflowMapping:
    """States of one pair of types, each way on its own. A state that is not named is not carried."""

    id: str
    first_type: str
    second_type: str
    first_to_second: tuple[Step, ...] = ()
    second_to_first: tuple[Step, ...] = ()
    direction: Direction = Direction.BOTH

    def steps(self, source: Position) -> tuple[Step, ...]:
        return self.first_to_second if source is Position.FIRST else self.second_to_first


@dataclass(frozen=True, slots=True)
class LinkMapping:
    id: str
    first: str
    second: str
    direction: Direction = Direction.BOTH

    def at(self, position: Position) -> str:
        return self.first if position is Position.FIRST else self.second


@dataclass(frozen=True, slots=True)
class CommentMapping:
    """`author_line`: carried comments begin with who wrote them and when."""

    id: str
    direction: Direction = Direction.BOTH
    edits: bool = True
    deletions: bool = False
    author_line: bool = True


@dataclass(frozen=True, slots=True)
class AttachmentMapping:
    """Files; a deletion is carried only from the side that the file was added on."""

    id: str
    direction: Direction = Direction.BOTH
    deletions: bool = False
    max_size_mb: float | None = None
    mode: FileMode = FileMode.BLACKLIST
    mime_types: tuple[str, ...] = ()
    name_pattern: str = ""


@dataclass(frozen=True, slots=True)
class FieldDefault:
    """A value for a field of new items that nothing else fills; `types` are types of its own side, empty all."""

    id: str
    field: str
    value: Value
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncConfig:
    """The configuration of a synchronization."""

    types: tuple[TypeMapping, ...] = ()
    fields: tuple[FieldMapping, ...] = ()
    values: tuple[ValueMapping, ...] = ()
    workflows: tuple[WorkflowMapping, ...] = ()
    links: tuple[LinkMapping, ...] = ()
    parents: bool = False
    comments: CommentMapping | None = None
    attachments: AttachmentMapping | None = None
    first_defaults: tuple[FieldDefault, ...] = ()
    second_defaults: tuple[FieldDefault, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)
    policy: Policy = Policy.NEWEST
    responsible: Position = Position.FIRST
    intrusion: Intrusion = Intrusion.REVERT
    deletion: DeletionPolicy = DeletionPolicy.NEVER
    first_close_state: str = ""
    second_close_state: str = ""
    initial_pass: InitialPass = InitialPass.PAIRED
    poll_seconds: float | None = None

    def field_mapping(self, mapping_id: str) -> FieldMapping | None:
        return next((each for each in self.fields if each.id == mapping_id), None)

    def fields_for(self, first_type: str) -> tuple[FieldMapping, ...]:
        """The field mappings of items of that first type."""
        return tuple(each for each in self.fields if not each.types or first_type in each.types)

    def value_mapping(self, mapping_id: str | None) -> ValueMapping | None:
        return next((each for each in self.values if each.id == mapping_id), None)

    def workflow(self, first_type: str, second_type: str) -> WorkflowMapping | None:
        return next(
            (each for each in self.workflows if (each.first_type, each.second_type) == (first_type, second_type)), None
        )

    def type_mapping(self, source: Position, type_name: str) -> TypeMapping | None:
        """How new items of that type are made on the other side; None when they are not."""
        return next(
            (each for each in self.types if each.at(source) == type_name and each.direction.carries(source)), None
        )

    def pairs_types(self, first_type: str, second_type: str) -> bool:
        """Whether items of these types may be a pair, either way."""
        return any((each.first, each.second) == (first_type, second_type) for each in self.types)

    def defaults(self, position: Position, type_name: str) -> tuple[FieldDefault, ...]:
        """Default values of new items of that type on that side."""
        given = self.first_defaults if position is Position.FIRST else self.second_defaults
        return tuple(each for each in given if not each.types or type_name in each.types)

    def close_state(self, position: Position) -> str:
        return self.first_close_state if position is Position.FIRST else self.second_close_state

    def policy_of(self, mapping: FieldMapping | None) -> Policy:
        return (mapping.policy if mapping else None) or self.policy
