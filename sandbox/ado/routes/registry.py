"""How an endpoint module says what it serves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from sandbox.ado.exchange import Exchange
from sandbox.http import Response

Endpoint: TypeAlias = Callable[[Exchange], Response]


class Level(Enum):
    """Where in the address an endpoint exists."""

    ORGANIZATION = "/{org}/_apis/"
    PROJECT = "/{org}/{project}/_apis/"
    TEAM = "/{org}/{project}/{team}/_apis/"


ORG_AND_PROJECT = (Level.ORGANIZATION, Level.PROJECT)
PROJECT_ONLY = (Level.PROJECT,)
ORG_ONLY = (Level.ORGANIZATION,)
TEAM_TOO = (Level.PROJECT, Level.TEAM)
EVERYWHERE = (Level.ORGANIZATION, Level.PROJECT, Level.TEAM)


class Scope(Enum):
    """What a token must allow. A token without it is refused, or shown an empty list."""

    NONE = "none"
    PROJECT = "project"
    WORK = "work"
    WORK_LIST = "work list"


@dataclass(frozen=True)
class RouteSpec:
    """One endpoint on every level it exists on."""

    method: str
    path: str
    endpoint: Endpoint
    levels: tuple[Level, ...]
    preview: bool
    writes: bool | None
    item: str | None
    scope: Scope


class Endpoints:
    """The endpoints of one module."""

    def __init__(self, *, scope: Scope = Scope.WORK) -> None:
        self.specs: list[RouteSpec] = []
        self._scope = scope

    def on(
        self,
        method: str,
        path: str,
        levels: tuple[Level, ...] = ORG_AND_PROJECT,
        *,
        preview: bool = False,
        writes: bool | None = None,
        item: str | None = None,
        scope: Scope | None = None,
    ) -> Callable[[Endpoint], Endpoint]:
        """Register the decorated endpoint; `path` is what follows `_apis/`."""

        def register(endpoint: Endpoint) -> Endpoint:
            wanted = scope or self._scope
            self.specs.append(RouteSpec(method, path, endpoint, levels, preview, writes, item, wanted))
            return endpoint

        return register
