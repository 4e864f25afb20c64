"""One HTTP exchange as values: what a stand-in receives and what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class NotJson(ValueError):
    """The body of a request is not a JSON document."""


class Headers(Mapping[str, str]):
    """Header fields by name in any case; repeated fields are joined with a comma."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str] = NO_HEADERS) -> None:
        self._fields = {name.lower(): value for name, value in fields.items()}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True)
class Request:
    """A request as it arrived. `segments` are percent-decoded one by one, so `%2F` never splits a path."""

    method: str
    target: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    @cached_property
    def raw_path(self) -> str:
        """The path as sent, still percent-encoded and without the query."""
        return self.target.partition("?")[0]

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The decoded parts of the path, without empty ones."""
        raw = self.raw_path
        if "%" not in raw:
            return tuple(part for part in raw.split("/") if part)
        return tuple(unquote(part) for part in raw.split("/") if part)

    @cached_property
    def path(self) -> str:
        """The decoded path without the query."""
        return unquote(self.raw_path)

    @cached_property
    def query(self) -> Mapping[str, tuple[str, ...]]:
        """Every query parameter with all its values, in the order sent."""
        text = self.target.partition("?")[2]
        if not text:
            return {}
        values: dict[str, tuple[str, ...]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            values[name] = (*values.get(name, ()), value)
        return values

    def param(self, name: str, default: str | None = None) -> str | None:
        """The first value of a query parameter; names are case-sensitive."""
        values = self.query.get(name)
        return values[0] if values else default

    def text_param(self, name: str, default: str = "") -> str:
        """Like `param`, for a parameter whose absence means the same as a default text."""
        values = self.query.get(name)
        return values[0] if values else default

    def json(self) -> object:
        """The body as JSON. Raises NotJson when it is not, or when it is empty."""
        try:
            parsed: object = json.loads(self.body)
        except (ValueError, UnicodeDecodeError) as error:
            raise NotJson(str(error)) from error
        return parsed


@dataclass(frozen=True)
class Response:
    """An answer. `headers` holds what the handler sets; length, date and connection are the server's."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def with_headers(self, extra: Mapping[str, str]) -> Response:
        """The same answer with more headers; those already set win."""
        return Response(self.status, {**extra, **self.headers}, self.body)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def dump_json(data: object) -> bytes:
    """The bytes every stand-in sends for a value: compact, UTF-8."""
    return _encode(data).encode()


def json_response(data: object, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """A JSON answer; a `Content-Type` in `headers` replaces the usual one."""
    return Response(status, {"Content-Type": "application/json;charset=UTF-8", **headers}, dump_json(data))


def text_response(text: str, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """A plain text answer."""
    return Response(status, {"Content-Type": "text/plain; charset=utf-8", **headers}, text.encode())


def html_response(text: str, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """An HTML page."""
    return Response(status, {"Content-Type": "text/html; charset=utf-8", **headers}, text.encode())


def empty_response(status: int = 204, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """An answer without a body."""
    return Response(status, dict(headers), b"")


def redirect_response(location: str, status: int = 302, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """A redirect with the small page browsers show."""
    page = f'<html><head><title>Object moved</title></head><body><a href="{location}">here</a></body></html>'
    return html_response(page, status, {"Location": location, **headers})
