"""Which handler answers a path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

HandlerT = TypeVar("HandlerT")

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Route(Generic[HandlerT]):
    """One pattern and method. `item` names the path parameter that the request log shows as the issue."""

    method: str
    pattern: str
    handler: HandlerT
    writes: bool
    item: str | None = None


@dataclass(frozen=True)
class Match(Generic[HandlerT]):
    """The route that a path reached and the values of its path parameters."""

    route: Route[HandlerT]
    params: dict[str, str]


@dataclass
class _Node(Generic[HandlerT]):
    literals: dict[str, _Node[HandlerT]] = field(default_factory=dict)
    parameters: list[tuple[str, str, str, _Node[HandlerT]]] = field(default_factory=list)
    routes: dict[str, Route[HandlerT]] = field(default_factory=dict)
    rest: dict[str, tuple[str, Route[HandlerT]]] = field(default_factory=dict)


class Router(Generic[HandlerT]):
    """A tree of path segments.

    A pattern segment is a literal, `{name}`, a parameter with fixed text around it such as `${type}`, or, at
    the end only, `{name...}`, which takes one or more remaining segments joined by `/`. Literals win over
    parameters, and a longer fixed text wins over a shorter one.
    """

    def __init__(self, *, ignore_case: bool = False) -> None:
        self._root: _Node[HandlerT] = _Node()
        self._ignore_case = ignore_case

    def route(
        self, method: str, pattern: str, *, writes: bool | None = None, item: str | None = None
    ) -> Callable[[HandlerT], HandlerT]:
        """Register the decorated handler. `writes` defaults to what the method usually means."""

        def register(handler: HandlerT) -> HandlerT:
            self.add(method, pattern, handler, writes=writes, item=item)
            return handler

        return register

    def add(
        self,
        method: str,
        pattern: str,
        handler: HandlerT,
        *,
        writes: bool | None = None,
        item: str | None = None,
    ) -> None:
        """Register a handler for one method and pattern."""
        changes = method not in READING_METHODS if writes is None else writes
        route = Route(method, pattern, handler, changes, item)
        node = self._root
        segments = [segment for segment in pattern.split("/") if segment]
        for segment in segments:
            if segment.endswith("...}"):
                node.rest[method] = (segment[1:-4], route)
                return
            node = self._child(node, segment)
        node.routes[method] = route

    def match(self, method: str, segments: tuple[str, ...]) -> Match[HandlerT] | None:
        """The route for a path, or None. HEAD falls back to GET."""
        found = self._find(self._root, segments, 0, method, {})
        if found is None and method == "HEAD":
            return self._find(self._root, segments, 0, "GET", {})
        return found

    def methods(self, segments: tuple[str, ...]) -> frozenset[str]:
        """The methods some route accepts for a path; empty when the path is unknown."""
        names = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
        return frozenset(name for name in names if self._find(self._root, segments, 0, name, {}))

    def _child(self, node: _Node[HandlerT], segment: str) -> _Node[HandlerT]:
        if "{" not in segment:
            key = segment.lower() if self._ignore_case else segment
            return node.literals.setdefault(key, _Node())
        prefix, _, after = segment.partition("{")
        name, _, suffix = after.partition("}")
        for known_prefix, known_name, known_suffix, child in node.parameters:
            if (known_prefix, known_name, known_suffix) == (prefix, name, suffix):
                return child
        child = _Node()
        node.parameters.append((prefix, name, suffix, child))
        node.parameters.sort(key=lambda entry: -len(entry[0]) - len(entry[2]))
        return child

    def _find(
        self,
        node: _Node[HandlerT],
        segments: tuple[str, ...],
        index: int,
        method: str,
        params: dict[str, str],
    ) -> Match[HandlerT] | None:
        if index == len(segments):
            route = node.routes.get(method)
            return Match(route, params) if route else None
        segment = segments[index]
        literal = node.literals.get(segment.lower() if self._ignore_case else segment)
        if literal is not None:
            found = self._find(literal, segments, index + 1, method, params)
            if found is not None:
                return found
        for prefix, name, suffix, child in node.parameters:
            if not (segment.startswith(prefix) and segment.endswith(suffix)):
                continue
            value = segment[len(prefix) : len(segment) - len(suffix)]
            if value == "":
                continue
            found = self._find(child, segments, index + 1, method, {**params, name: value})
            if found is not None:
                return found
        if method in node.rest:
            name, route = node.rest[method]
            return Match(route, {**params, name: "/".join(segments[index:])})
        return None
