"""A Jira that says what the test tells it to, for answers no well-behaved stand-in gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ConnectionError as ClientConnectionError
from urllib3 import HTTPHeaderDict, HTTPResponse

from connectors.clients.auth import BasicAuth
from connectors.clients.jira.client import JiraClient
from connectors.clients.transport import Surroundings, Transport

SITE = "https://acme.example"
GATEWAY = "https://gateway.example"


@dataclass(frozen=True)
class Asked:
    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Told:
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


LOST = Told(status=0)
"""Acted upon, never answered."""

Reaction = Told | Callable[[Asked], Told]


class Script(BaseAdapter):
    """Answers by method and path; of several reactions to one request each is used once, the last one again."""

    def __init__(self, reactions: Mapping[tuple[str, str], Reaction | list[Reaction]]) -> None:
        super().__init__()
        self._reactions = {name: list(told) if isinstance(told, list) else [told] for name, told in reactions.items()}
        self.asked: list[Asked] = []

    def routes(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        asked = _asked(request)
        self.asked.append(asked)
        left = self._reactions.get((asked.method, asked.path))
        if left is None:
            raise AssertionError(f"unexpected {asked.method} {asked.path}")
        reaction = left.pop(0) if len(left) > 1 else left[0]
        told = reaction(asked) if callable(reaction) else reaction
        if told is LOST:
            raise ClientConnectionError("gone", request=request)
        return _response(request, told)

    def close(self) -> None:
        pass


class StillClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


def scripted_client(reactions: Mapping[tuple[str, str], Reaction | list[Reaction]]) -> tuple[JiraClient, Script]:
    script = Script(reactions)
    clock = StillClock()
    around = Surroundings(clock=clock, jitter=lambda: 0.5)
    transport = Transport(SITE, BasicAuth("jo@acme.example", "s3cret-token"), surroundings=around, adapter=script)
    return JiraClient(transport, gateway=GATEWAY, clock=clock), script


def _asked(request: PreparedRequest) -> Asked:
    parts = urlsplit(request.url or "")
    body = request.body
    if body is None:
        data = b""
    elif isinstance(body, bytes):
        data = body
    else:
        data = b"".join(body)  # type: ignore[arg-type]
    headers = {name: str(value) for name, value in request.headers.items()}
    return Asked(request.method or "", parts.netloc, parts.path, dict(parse_qsl(parts.query)), headers, data)


def _response(request: PreparedRequest, told: Told) -> Response:
    if isinstance(told.body, bytes):
        data = told.body
    else:
        data = b"" if told.body is None else json.dumps(told.body).encode()
    headers = HTTPHeaderDict({"Content-Type": "application/json;charset=UTF-8", **told.headers})
    answer = Response()
    answer.status_code = told.status
    answer.headers.update(headers)
    answer.raw = HTTPResponse(body=BytesIO(data), headers=headers, status=told.status, preload_content=False)
    answer.url = request.url or ""
    answer.request = request
    return answer
