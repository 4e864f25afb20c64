"""Whether the sides offer what a configuration names: asked live now and then, answered from what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.domain.errors import DomainError, PlatformError, Refused
from connectors.domain.sides import Side, SideShape
from sync.doors import opened
from sync.engine.config import Problem, problems, read_config
from sync.models import Synchronization, SynchronizationSide
from sync.queries import sides_of
from sync.shapes import describe, stored_shape

QUERY_REFUSED = "QUERY_REFUSED"
_NAMES = {1: "first", 2: "second"}


def find_problems(
    synchronization: Synchronization, document: Mapping[str, Any] | None = None, *, fresh: bool = False
) -> list[Problem]:
    """What keeps the configuration (or another document) from working. A side that cannot be asked is a problem too.

    Raises DomainError CONFIGURATION_INVALID for a document that cannot be read.
    """
    config = read_config(synchronization.configuration if document is None else document)
    found: list[Problem] = []
    shapes: list[SideShape] = []
    for side in sides_of(synchronization):
        shape = _shape(side, fresh=fresh, found=found)
        if shape is not None:
            shapes.append(shape)
    if len(shapes) == 2:
        found += problems(config, shapes[0], shapes[1])
    return found


def shape_of(side: SynchronizationSide, *, fresh: bool = False) -> SideShape:
    """What a side offers. Raises PlatformError and DomainError as `sync.doors.opened`."""
    stored = None if fresh else stored_shape(side)
    if stored is not None:
        return stored
    with opened(side) as live:
        return describe(side, live)


def check_query(side: SynchronizationSide, query: str) -> None:
    """Ask the side whether it can read a filter. Raises DomainError QUERY_REFUSED, and as `shape_of`."""
    if not query:
        return
    try:
        with opened(side) as live:
            live.check_query(query)
    except Refused as error:
        raise DomainError(QUERY_REFUSED, error.message, errors={"jql": [error.message]}) from error


def _shape(side: SynchronizationSide, *, fresh: bool, found: list[Problem]) -> SideShape | None:
    name = _NAMES[side.position]
    stored = None if fresh else stored_shape(side)
    if stored is not None:
        return stored
    try:
        with opened(side) as live:
            shape = describe(side, live)
            _check(lambda: _ask(live, side.query), f"{name}.query", found)
            return shape
    except (DomainError, PlatformError) as error:
        found.append(Problem(error.code, f"{side.key}: {error.message}", name))
        return stored_shape(side, fresh_only=False)


def _ask(live: Side, query: str) -> None:
    if query:
        live.check_query(query)


def _check(ask: Callable[[], None], where: str, found: list[Problem]) -> None:
    try:
        ask()
    except Refused as error:
        found.append(Problem(QUERY_REFUSED, error.message, where))
