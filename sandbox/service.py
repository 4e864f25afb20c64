"""The shape every stand-in has: latency, fault, authentication, limits, route, log."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from sandbox.clock import Clock
from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.http import Request, Response, html_response, json_response, text_response
from sandbox.log import RequestLog
from sandbox.routing import Match, Router

CONTROL_PREFIX = "/_sandbox/"

SIGN_IN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Sign in</h1></body></html>"


class Limits(StrEnum):
    """Whether the stand-in throttles as the vendor documents."""

    DOCUMENTED = "documented"
    NONE = "none"


@dataclass
class Call:
    """One request on its way to a handler, and what the handler says about it.

    `applied` is worked out from route and status unless the handler sets it, which a partly successful batch
    must do. `item` is what the log shows as the issue; a create sets it to the new key. `delay` holds the answer
    back, as a throttling vendor does; `rule` is the fault that hit the request although it acts.
    """

    request: Request
    route: str
    params: dict[str, str]
    hidden_ms: int = 0
    item: str | None = None
    applied: bool | None = None
    principal: str = ""
    delay: float = 0.0
    rule: FaultRule | None = None
    notes: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.params[name]


Handler: TypeAlias = Callable[[Call], Response]
ServiceRouter: TypeAlias = Router[Handler]


@dataclass(frozen=True)
class Outcome:
    """What becomes of a request on the wire.

    `response` None: the connection closes without an answer. `cut_after`: only that many bytes of the body
    are sent although the length announces all of them. `delay` seconds pass before anything is sent.
    """

    response: Response | None
    cut_after: int | None = None
    delay: float = 0.0
    seq: int = 0


class Service(ABC):
    """A stand-in behind one address.

    Handlers run one at a time under `lock`, so state needs no locks of its own. `handle` never raises.
    """

    name = "service"

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        faults: FaultPlan | None = None,
        limits: Limits = Limits.NONE,
        latency_ms: float = 0,
        ignore_case: bool = False,
    ) -> None:
        self.clock = clock or Clock()
        self.faults = faults or FaultPlan()
        self.log = RequestLog()
        self.limits = limits
        self.latency = latency_ms / 1000
        self.router: ServiceRouter = Router(ignore_case=ignore_case)
        self.lock = threading.RLock()
        self.base_url = ""

    @abstractmethod
    def authenticate(self, call: Call) -> Response | None:
        """Refuse a caller, or set `call.principal` and return None."""

    @abstractmethod
    def unrouted(self, request: Request) -> Response:
        """The vendor's answer to a path (or method) it does not have."""

    @abstractmethod
    def state(self) -> dict[str, object]:
        """A summary of the content, for the control endpoint."""

    @abstractmethod
    def reset_state(self) -> None:
        """Put the content back to what it was after building."""

    def throttle(self, call: Call) -> Response | None:
        """Refuse a request that exceeds the documented limits. Called only when limits are on."""
        return None

    def failure(self, call: Call, status: int, rule: FaultRule) -> Response:
        """The vendor's body for a status that a fault rule asks for."""
        headers = {"Retry-After": str(rule.retry_after)} if status in (429, 503) else {}
        return json_response({"message": f"status {status}", "reason": rule.reason}, status, headers)

    def sign_in_page(self, call: Call) -> Response:
        """What a proxy or an expired session shows instead of JSON."""
        return html_response(SIGN_IN_PAGE)

    def crashed(self, call: Call, error: Exception) -> Response:
        """The answer when a handler has a mistake of its own; tests must notice, so it says what happened."""
        return text_response(f"stand-in failed: {error!r}", 500)

    def decorate(self, call: Call, response: Response) -> Response:
        """Add the headers the vendor puts on every answer."""
        return response

    def control(self, method: str, action: str, request: Request) -> Response | None:
        """Serve a control endpoint of this stand-in only, or None."""
        return None

    def reset(self) -> None:
        """Content, log, faults and clock as after building."""
        with self.lock:
            self.reset_state()
            self.faults = FaultPlan()
            self.log.clear()
            self.clock.reset()

    def handle(self, request: Request) -> Outcome:
        """Act on a request and say what goes over the wire. The caller waits `delay` and sends."""
        match = self.router.match(request.method, request.segments)
        route = match.route.pattern if match else ""
        call = Call(request, route, match.params if match else {})
        if match and match.route.item:
            call.item = match.params.get(match.route.item)
        rule = self.faults.draw(request.method, route, request.path)
        call.rule = rule
        response = self._respond(call, match, rule)
        return self._outcome(call, response, rule)

    def _respond(self, call: Call, match: Match[Handler] | None, rule: FaultRule | None) -> Response | None:
        if rule is not None and not rule.kind.acts:
            call.applied = False
            return self._refused_by_fault(call, rule)
        if rule is not None and rule.kind is FaultKind.HIDDEN:
            call.hidden_ms = rule.hidden_ms
        try:
            response = self._act(call, match)
        except Exception as error:
            call.applied = False if call.applied is None else call.applied
            response = self.crashed(call, error)
        if call.applied is None:
            call.applied = match is not None and match.route.writes and response.status < 400
        return self.decorate(call, response)

    def _act(self, call: Call, match: Match[Handler] | None) -> Response:
        with self.lock:
            refusal = self.authenticate(call)
            if refusal is None and self.limits is Limits.DOCUMENTED:
                refusal = self.throttle(call)
            if refusal is not None:
                call.applied = False
                return refusal
            if match is None:
                return self.unrouted(call.request)
            return match.route.handler(call)

    def _refused_by_fault(self, call: Call, rule: FaultRule) -> Response | None:
        if rule.kind is FaultKind.NOT_SENT:
            return None
        if rule.kind is FaultKind.HTML:
            return self.sign_in_page(call)
        status = rule.kind.status
        return self.decorate(call, self.failure(call, status or 500, rule))

    def _outcome(self, call: Call, response: Response | None, rule: FaultRule | None) -> Outcome:
        kind = rule.kind if rule else None
        sent = None if kind is FaultKind.LOST else response
        cut_after = len(sent.body) // 2 if sent and kind is FaultKind.HALF else None
        seq = self.log.add(
            time=self.clock.now(),
            method=call.request.method,
            route=call.route,
            path=call.request.path,
            issue=call.item,
            status=response.status if response else None,
            applied=bool(call.applied),
            answered=sent is not None and cut_after is None,
        )
        delay = self.latency + call.delay + (rule.delay_ms / 1000 if rule and kind is FaultKind.LATE else 0.0)
        return Outcome(sent, cut_after, delay, seq)
