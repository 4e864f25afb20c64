"""The parts of a query, and the mistakes it can have."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class WiqlError(Exception):
    """The query cannot be understood or asks for something the service refuses; the text says what."""


class Side(StrEnum):
    """Whose field a condition of a link query names."""

    SELF = ""
    SOURCE = "source"
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field as written, with the side it belongs to."""

    name: str
    side: Side = Side.SELF


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted literal."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A bare number."""

    value: float


@dataclass(frozen=True, slots=True)
class Macro:
    """`@name` with an optional offset in days."""

    name: str
    offset: int = 0
    argument: str = ""


Operand: TypeAlias = "Text | Number | Macro | FieldName"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. `operator` is in upper case, without NOT; `ever` looks at every revision."""

    field: FieldName
    operator: str
    operands: tuple[Operand, ...]
    negated: bool = False
    ever: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Expression, ...]


Expression: TypeAlias = "Condition | Not | And | Or"


@dataclass(frozen=True, slots=True)
class Order:
    """One sort column."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query."""

    columns: tuple[str, ...]
    links: bool
    where: Expression | None
    orders: tuple[Order, ...] = ()
    as_of: str = ""
    mode: str = ""
    extra: tuple[str, ...] = field(default=())
