"""What `decide` asks for and `apply` carries out. `position` is the side that an action changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.domain.sides import SideFile, SideLink, Value
from sync.engine.base import Both, Part
from sync.engine.mappings import Position


@dataclass(frozen=True, slots=True)
class WriteFields:
    """`agreed` is what either side holds afterwards, by id of the field mapping; without one, and None below, the
    value is a person's and is carried on in the next round."""

    position: Position
    values: Mapping[str, Value]
    agreed: Mapping[str, Both[Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MoveState:
    position: Position
    state: str
    agreed: Both[Value] | None
    force: bool = False


@dataclass(frozen=True, slots=True)
class SetParent:
    """`standing` is what both sides have now: it stays so when the parent is gone."""

    position: Position
    parent: str | None
    agreed: Both[Value] | None
    standing: Both[Value]


@dataclass(frozen=True, slots=True)
class AddComment:
    """`origin` is the comment's id on the other side, `origin_print` the digest of what it says there."""

    position: Position
    origin: str
    origin_print: str
    text: Value


@dataclass(frozen=True, slots=True)
class EditComment:
    """`origin_print` is the digest of what the other side's comment says."""

    position: Position
    part: Part
    origin_print: str
    text: Value


@dataclass(frozen=True, slots=True)
class DeleteComment:
    position: Position
    part: Part


@dataclass(frozen=True, slots=True)
class AddFile:
    """`file` is the other side's."""

    position: Position
    file: SideFile


@dataclass(frozen=True, slots=True)
class DropFile:
    position: Position
    part: Part


@dataclass(frozen=True, slots=True)
class AddLink:
    position: Position
    link: SideLink
    part: Part


@dataclass(frozen=True, slots=True)
class DropLink:
    position: Position
    link: SideLink
    part: Part


Action = (
    WriteFields
    | MoveState
    | SetParent
    | AddComment
    | EditComment
    | DeleteComment
    | AddFile
    | DropFile
    | AddLink
    | DropLink
)


def place_of(action: Action) -> str:
    """Which field of a matter an action is about, should it be refused."""
    match action:
        case WriteFields(agreed=agreed):
            return next(iter(agreed), "") if len(agreed) == 1 else ""
        case MoveState():
            return "state"
        case SetParent():
            return "parent"
        case AddComment(origin=origin):
            return f"comment:{origin}"
        case EditComment(part=part) | DeleteComment(part=part):
            return f"comment:{part.ids.first or part.ids.second}"
        case AddFile(file=file):
            return f"file:{file.id}"
        case DropFile(part=part):
            return f"file:{part.ids.first or part.ids.second}"
        case AddLink(link=link) | DropLink(link=link):
            return f"link:{link.type}:{link.other}"
