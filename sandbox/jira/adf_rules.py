"""The words the content model of the Atlassian Document Format is written in: attributes, children, marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

AttrCheck = Callable[[object], bool]


def is_number(value: object) -> bool:
    """JSON numbers; Python counts booleans as integers, JSON does not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def text(minimum: int = 0) -> AttrCheck:
    return lambda value: isinstance(value, str) and len(value) >= minimum


def number(low: float | None = None, high: float | None = None) -> AttrCheck:
    def check(value: object) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return (low is None or value >= low) and (high is None or value <= high)

    return check


def one_of(*values: str) -> AttrCheck:
    return lambda value: isinstance(value, str) and value in values


def matching(pattern: str) -> AttrCheck:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.search(value) is not None


def list_of(check: AttrCheck, minimum: int = 0) -> AttrCheck:
    return lambda value: isinstance(value, list) and len(value) >= minimum and all(map(check, value))


def anything(_value: object) -> bool:
    return True


def flag(value: object) -> bool:
    return isinstance(value, bool)


@dataclass(frozen=True)
class Attrs:
    """The attributes of a node or mark: checks by name, and which of them must be there."""

    checks: Mapping[str, AttrCheck]
    required: tuple[str, ...] = ()

    def accepts(self, value: object) -> bool:
        if not isinstance(value, dict):
            return False
        if any(name not in value for name in self.required):
            return False
        return all(name in self.checks and self.checks[name](item) for name, item in value.items())


def attrs(*required: str, **checks: AttrCheck) -> Attrs:
    return Attrs(checks, required)


def located(*required: str, **checks: AttrCheck) -> Attrs:
    """Attributes of the many nodes that may carry a ``localId`` besides their own."""
    return Attrs({"localId": text(), **checks}, required)


Alternatives = tuple[frozenset[str], ...]
"""Sets of marks of which a node may use one; ``ANY_MARKS`` allows whatever is written."""

ANY_MARKS: Alternatives = ()
NO_MARKS: Alternatives = (frozenset(),)
Children = Mapping[str, tuple[str, Alternatives]]
"""Allowed child type -> (name of its node entry, mark alternatives in this place)."""


@dataclass(frozen=True)
class Content:
    """What ``content`` may hold. ``order`` names the children by position (the rest is free)."""

    children: Children
    minimum: int = 0
    maximum: int | None = None
    required: bool = True
    order: tuple[Children, ...] = ()
    unchecked: bool = False


@dataclass(frozen=True)
class Node:
    """One node type: alternatives of attributes, whether they must be there, content, marks."""

    attrs: tuple[Attrs, ...] = ()
    needs_attrs: bool = False
    content: Content | None = None
    has_marks: bool = False
    has_text: bool = False
    open: bool = False
    """True for the one node that tolerates unknown members (``mediaSingle``)."""
