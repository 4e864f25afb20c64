"""One exchange with a platform as values, free of any HTTP library, so that the wire halves stay pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO
from urllib.parse import quote, urlencode

NO_HEADERS: Mapping[str, str] = {}
JSON_TYPE = "application/json"


class Effect(StrEnum):
    """What repeating a request would do: the column of the retry table."""

    READ = "read"
    IDEMPOTENT = "idempotent"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that is streamed. `data` is a reader or an iterable of chunks; `size` is sent as Content-Length
    when it is known, else the body goes out chunked."""

    content_type: str
    data: IO[bytes] | Iterable[bytes]
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request before it is sent.

    `path` is relative to the transport's base address (already percent-encoded, see `path_of`) or an absolute URL.
    `route` is the path's template: it names the limiter's bucket and the line in request counts, and never holds
    an id. `issue` is set on writes that count against a limit of windows: the issue's, or the account's. `upload`
    makes a fresh body for every try.
    """

    method: str
    path: str
    route: str
    effect: Effect = Effect.READ
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    upload: Callable[[], Upload] | None = None
    content_type: str = JSON_TYPE
    accept: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    issue: str | None = None
    timeout: float | None = None
    """Seconds to wait for the answer instead of the transport's own setting."""

    @property
    def wants_json(self) -> bool:
        """Whether data is asked for, in JSON or one of its dialects; else a file."""
        return self.accept.partition(";")[0].endswith("json")

    @property
    def target(self) -> str:
        """The path with its query string."""
        if not self.query:
            return self.path
        joint = "&" if "?" in self.path else "?"
        return f"{self.path}{joint}{urlencode(self.query, quote_via=quote)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_html(self) -> bool:
        """A page for people where a program asked: a sign-in form, a proxy's or a load balancer's words."""
        return self.headers.get("content-type", "").lower().startswith(("text/html", "application/xhtml"))


def path_of(template: str, **parts: str | int) -> str:
    """`/rest/api/3/issue/{key}` filled in, every part percent-encoded as one path segment."""
    return template.format(**{name: quote(str(value), safe="") for name, value in parts.items()})


def json_body(value: object) -> bytes:
    """Compact UTF-8 JSON, as bytes so that no library guesses an encoding."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
