"""What two items held when they last agreed: a value per side, each in its side's own terms.

A side has changed when its value differs from its own base; a value is converted only when it is carried over, and
what was converted is never compared with the original. So nothing grows by going back and forth.

The base of a pair is one JSON document of bounded size; comments, files and links are rows of their own (`Part`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from connectors.domain.sides import Value
from sync.engine.mappings import Position

STATE_KEY = "state"
"""Where the states stand among `PairBase.fields`, whose other keys are ids of field mappings."""
PARENT_KEY = "parent"

MAX_VALUE = 64 * 1024
"""Characters of JSON up to which a value is kept whole. Of a longer one only its digest is: a change is still seen,
and carried block by block against what the receiving side shows."""

LATE = timedelta(seconds=120)
"""How long something that was made may stay invisible."""

_FORMAT = 1
_NEW = "new "

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Both(Generic[Kept]):
    """One thing per side."""

    first: Kept
    second: Kept

    def at(self, position: Position) -> Kept:
        return self.first if position is Position.FIRST else self.second

    def replaced(self, position: Position, value: Kept) -> Both[Kept]:
        return Both(value, self.second) if position is Position.FIRST else Both(self.first, value)

    @staticmethod
    def of(position: Position, value: Kept, other: Kept) -> Both[Kept]:
        """`value` at that position, `other` at the other one."""
        return Both(value, other) if position is Position.FIRST else Both(other, value)


NOTHING = Both("", "")


class PartKind(StrEnum):
    COMMENT = "comment"
    FILE = "file"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Part:
    """A comment, file or link and its counterpart. `added_by` is the side that had it first. An empty id: this side
    was not given it, on purpose (a filter, a comment from before the pair).

    `prints` are digests of what either side showed when they agreed; `note` says why a part stands alone.
    """

    kind: PartKind
    ids: Both[str]
    added_by: Position
    prints: Both[str] = NOTHING
    note: str = ""

    def made(self, now: datetime) -> Part:
        """The part of something just made, which may not be visible yet."""
        return replace(self, note=f"{_NEW}{now.isoformat()}")

    def is_young(self, now: datetime) -> bool:
        """Whether it was made so lately that not seeing it means nothing."""
        return self.note.startswith(_NEW) and now - datetime.fromisoformat(self.note[len(_NEW) :]) < LATE

    def seen(self) -> Part:
        """The part once both ends were seen."""
        return replace(self, note="") if self.note.startswith(_NEW) else self

    def fingerprint(self) -> dict[str, Any]:
        """What a row keeps beside the ids and the side."""
        made: dict[str, Any] = {"first": self.prints.first, "second": self.prints.second}
        return {**made, "note": self.note} if self.note else made

    @staticmethod
    def of_row(kind: str, first_id: str, second_id: str, added_by: int, fingerprint: Mapping[str, Any]) -> Part:
        """The part of a stored row."""
        return Part(
            PartKind(kind),
            Both(first_id, second_id),
            Position(added_by),
            Both(str(fingerprint.get("first", "")), str(fingerprint.get("second", ""))),
            str(fingerprint.get("note", "")),
        )


@dataclass(frozen=True, slots=True)
class PairBase:
    """What a pair last agreed on. `asked` remembers, by field, the values a person was asked about."""

    types: Both[str] = NOTHING
    versions: Both[str] = NOTHING
    fields: Mapping[str, Both[Value]] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The document of everything but the parts and versions, which have columns of their own."""
        return {
            "format": _FORMAT,
            "types": [self.types.first, self.types.second],
            "fields": {key: [bounded(both.first), bounded(both.second)] for key, both in self.fields.items()},
            "asked": dict(self.asked),
        }

    @staticmethod
    def from_json(
        document: Mapping[str, Any] | None, *, parts: Iterable[Part] = (), versions: Both[str] | None = None
    ) -> PairBase:
        """The base of a stored document; None or an empty one is a pair that never agreed on anything."""
        document = document or {}
        types = document.get("types", ["", ""])
        return PairBase(
            types=Both(types[0], types[1]),
            versions=versions or NOTHING,
            fields={key: Both(first, second) for key, (first, second) in document.get("fields", {}).items()},
            asked=dict(document.get("asked", {})),
            parts=tuple(parts),
        )

    def of_kind(self, kind: PartKind) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.kind is kind)


EMPTY = PairBase()
"""What a pair has agreed on that never agreed on anything."""


def digest(value: Any) -> str:
    """A short digest of a value, the same for equal JSON."""
    return hashlib.sha256(_dumped(value).encode()).hexdigest()[:40]


def bounded(value: Value) -> Value:
    """The value, or its digest when it is long."""
    if isinstance(value, str | dict | list) and not is_digest(value) and len(_dumped(value)) > MAX_VALUE:
        return {"digest": digest(value)}
    return value


def is_digest(value: Value) -> bool:
    """Whether only the digest of a value was kept."""
    return isinstance(value, dict) and set(value) == {"digest"}


def equals_base(base: Value, current: Value) -> bool:
    """Whether a side still holds exactly what its base says."""
    if is_digest(base) and not is_digest(current):
        assert isinstance(base, dict)
        return bool(base["digest"] == digest(current))
    return base == current and isinstance(base, bool) == isinstance(current, bool)


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
