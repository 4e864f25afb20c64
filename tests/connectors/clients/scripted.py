"""A network that answers from a script, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from connectors.clients.transport import Exchange, Surroundings, Transport


@dataclass
class FakeClock:
    """Starts at a fixed moment; sleeping is moving. Monotonic time is another number, as on a machine."""

    moment: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.moment

    def monotonic(self) -> float:
        return self.moment - 1_799_999_000.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds


@dataclass(frozen=True)
class Scripted:
    """An answer to give. `cut` sends only so many bytes of the body that was announced."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    cut: int | None = None


def json_answer(value: object, status: int = 200, **headers: str) -> Scripted:
    fields = {"Content-Type": "application/json; charset=utf-8"}
    fields.update({name.replace("_", "-"): text for name, text in headers.items()})
    return Scripted(status, fields, json.dumps(value).encode())


def page(status: int = 200) -> Scripted:
    return Scripted(status, {"Content-Type": "text/html; charset=utf-8"}, b"<html><title>Sign In</title></html>")


Step = Scripted | Exception | Callable[[PreparedRequest], Scripted]


class ScriptedAdapter(BaseAdapter):
    """Gives one step after the other and remembers what was asked; the last step repeats."""

    def __init__(self, *steps: Step) -> None:
        super().__init__()
        self.steps = list(steps)
        self.requests: list[PreparedRequest] = []

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: object = None,
    ) -> Response:
        self.requests.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return _response(request, step if isinstance(step, Scripted) else step(request))

    def close(self) -> None:
        """Nothing is open."""


def _response(request: PreparedRequest, step: Scripted) -> Response:
    headers = HTTPHeaderDict({**step.headers, "Content-Length": str(len(step.body))})
    response = Response()
    response.status_code = step.status
    response.headers.update(headers)
    response.raw = HTTPResponse(
        body=BytesIO(step.body if step.cut is None else step.body[: step.cut]),
        headers=headers,
        status=step.status,
        preload_content=False,
        enforce_content_length=True,
        request_method=request.method,
    )
    response.url = request.url or ""
    return response


@dataclass
class Bench:
    """A transport over a script with everything observable."""

    transport: Transport
    adapter: ScriptedAdapter
    clock: FakeClock
    seen: list[Exchange]


def bench(*steps: Step, base_url: str = "https://tracker.example", **around: object) -> Bench:
    """`around` replaces parts of the surroundings; jitter is 0 unless given."""
    clock = FakeClock()
    seen: list[Exchange] = []
    adapter = ScriptedAdapter(*steps)
    parts: dict[str, object] = {"clock": clock, "jitter": lambda: 0.0, "observer": seen.append, **around}
    transport = Transport(base_url, surroundings=Surroundings(**parts), adapter=adapter)  # type: ignore[arg-type]
    return Bench(transport, adapter, clock, seen)
