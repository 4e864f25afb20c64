"""Sending requests to a platform: one connection pool, the limiter, the retry table, the address guard.

Nobody above this module sees an exception of the HTTP library. `Transport.send` returns a complete answer or raises
one of `connectors.domain.errors.PlatformError`; which one is the retry table's decision (`connectors.clients.retry`).
Credentials go to the base address's own origin and nowhere else; the environment (proxies, .netrc) is not read; no
cookie is kept; redirects are followed only where `open` is told to, hop by hop.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar
from urllib.parse import urljoin

from requests import Response
from requests.adapters import BaseAdapter

from connectors.clients.auth import Auth, NoAuth
from connectors.clients.calls import Answer, Call, Effect
from connectors.clients.connections import permitted_by
from connectors.clients.exchange import Download, TryFailed, Wire, lower_names
from connectors.clients.failures import error_of
from connectors.clients.guard import AddressGuard
from connectors.clients.limiter import Limiter, NoLimiter
from connectors.clients.limits import NO_LIMITS, Limits, Ticket, read_feedback
from connectors.clients.origins import origin_of, site_of
from connectors.clients.redaction import Redactor
from connectors.clients.retry import MAY_ACT, Decision, Event, Outcome, asked_wait, decide, event_of
from connectors.clients.settings import TransportSettings
from connectors.clients.timing import Clock, SystemClock
from connectors.domain.errors import NotSent, PlatformError, Unclear

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LIMITS = frozenset({Event.PRIMARY_LIMIT, Event.SECONDARY_LIMIT})
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One try as the observer sees it. `status` is None when no answer came."""

    host: str
    route: str
    method: str
    status: int | None
    seconds: float
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything a transport stands on besides address and credentials; each part replaceable.

    `before_send` is called right before each try leaves and before every piece of it that is written (a run checks
    its lease there) and may raise what it likes.
    `observer` is called after each try, also failed ones, from any thread, and must not raise. `describe` extracts
    the platform's own words from an answer for messages; `classify` knows answers of this platform that belong into a
    row of the retry table although their status does not say so.
    """

    settings: TransportSettings = field(default_factory=TransportSettings)
    limiter: Limiter = field(default_factory=NoLimiter)
    limits: Limits = NO_LIMITS
    guard: AddressGuard = field(default_factory=AddressGuard)
    clock: Clock = field(default_factory=SystemClock)
    redactor: Redactor = field(default_factory=Redactor)
    jitter: Callable[[], float] = random.random
    observer: Callable[[Exchange], None] | None = None
    before_send: Callable[[Call], None] | None = None
    describe: Callable[[Answer], str] | None = None
    classify: Callable[[Answer], Event | None] | None = None


class Transport:
    """Requests to one base address with one set of credentials. Safe for as many threads as the pool is big.

    `adapter` replaces the network for every address (a stand-in in-process); the guard then has nothing to guard.
    Raises Refused (ADDRESS_INVALID) when the base address is no web address.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth | None = None,
        *,
        surroundings: Surroundings | None = None,
        adapter: BaseAdapter | None = None,
    ) -> None:
        around = surroundings or Surroundings()
        wire = Wire(around.settings, around.guard, around.clock, adapter=adapter)
        self._assemble(base_url, auth or NoAuth(), around=around, wire=wire)

    def _assemble(self, base_url: str, auth: Auth, *, around: Surroundings, wire: Wire) -> None:
        self.base_url = base_url.rstrip("/")
        self.redactor = around.redactor
        self.redactor.add(*auth.secrets)
        self._origin = origin_of(self.base_url)
        self._site = site_of(self.base_url)
        self._auth = auth
        self._around = around
        self._wire = wire

    def sibling(
        self,
        *,
        base_url: str | None = None,
        auth: Auth | None = None,
        describe: Callable[[Answer], str] | None = None,
    ) -> Transport:
        """The same surroundings and connection pool towards another address, with other credentials, or with a
        client's own way to read the platform's words."""
        around = replace(self._around, describe=describe or self._around.describe)
        other = object.__new__(Transport)
        other._assemble(base_url or self.base_url, auth or self._auth, around=around, wire=self._wire)
        return other

    def close(self) -> None:
        """Close pooled connections, those of siblings too."""
        self._wire.close()

    def url_of(self, call: Call) -> str:
        """The address a call goes to."""
        target = call.target
        return target if target.startswith(("http://", "https://")) else f"{self.base_url}{target}"

    def send(self, call: Call) -> Answer:
        """The complete answer to a call, repeated as the retry table says.

        Returns every answer that is the wire half's to decipher: all outside the table, and 409 and 413 once they
        are not repeated any more. Raises NotSent, Throttled, Unclear, AccessLost, AddressRefused.
        """
        return self._repeat(call, self._whole_answer, refused=lambda answer: answer)

    @contextmanager
    def open(self, call: Call, *, follow: Callable[[str], bool] | None = None) -> Iterator[Download]:
        """Stream an answer's body. Opening is repeated like `send`; reading is not: the `Download` raises NotSent
        when the body breaks off, and the caller opens again.

        `follow` says for each redirect target whether to go there; otherwise the redirect itself is the answer.
        Raises as `send`; an answer to decipher is a Download with another status than 200.
        """

        def opened(call: Call) -> Download:
            return self._open_hops(call, follow or _never)

        download = self._repeat(call, opened, refused=None)
        try:
            yield download
        finally:
            download.close()

    def _repeat(
        self, call: Call, once: Callable[[Call], Result], *, refused: Callable[[Answer], Result] | None
    ) -> Result:
        """The loop around one try: the table decides, we wait, the errors are raised."""
        acted = False
        attempt = 0
        while True:
            attempt += 1
            try:
                return once(call)
            except TryFailed as failed:
                acted = acted or (call.effect is not Effect.READ and failed.event in MAY_ACT)
                decision = self._decide(call, failed, attempt=attempt, acted=acted)
                if decision.outcome is Outcome.REFUSED and refused is not None and failed.answer is not None:
                    return refused(failed.answer)
                if decision.outcome is not None:
                    raise self._error(call, failed, decision) from None
                self._around.clock.sleep(decision.wait or 0.0)
            except PlatformError as error:
                # An earlier try may have acted: this one's "nothing happened" is not the whole truth.
                if acted and isinstance(error, NotSent):
                    raise Unclear(error.message, retry_after=error.retry_after) from None
                raise

    def _decide(self, call: Call, failed: TryFailed, *, attempt: int, acted: bool) -> Decision:
        around = self._around
        hint = None
        if failed.answer is not None and (failed.answer.status in (429, 503) or failed.event in _LIMITS):
            hint = asked_wait(failed.event, failed.answer.headers, now=around.clock.now())
        return decide(
            failed.event,
            call.effect,
            attempt=attempt,
            hint=hint,
            jitter=around.jitter(),
            acted=acted,
            backoff=around.settings.backoff,
        )

    def _whole_answer(self, call: Call) -> Answer:
        response, ticket, started = self._start(call, self.url_of(call))
        try:
            answer = self._wire.read(call, response)
        except TryFailed as failed:
            self._observe(ticket, response.status_code, started, failed.event)
            raise
        self._judge(call, answer, ticket, started)
        return answer

    def _open_hops(self, call: Call, follow: Callable[[str], bool]) -> Download:
        url = self.url_of(call)
        for _ in range(MAX_REDIRECTS):
            response, ticket, started = self._start(call, url)
            target = urljoin(url, response.headers.get("Location", ""))
            if response.status_code in _REDIRECTS and "Location" in response.headers and follow(target):
                self._observe(ticket, response.status_code, started, None)
                response.close()
                url = target
                continue
            if self._event(Answer(response.status_code, lower_names(response.headers)), call) is not None:
                self._judge(call, self._wire.read(call, response), ticket, started)
            self._observe(ticket, response.status_code, started, None)
            return Download(response, url)
        raise NotSent(f"More than {MAX_REDIRECTS} redirects for {call.route}", code="TOO_MANY_REDIRECTS")

    def _start(self, call: Call, url: str) -> tuple[Response, Ticket, float]:
        """Wait for the limiter, send, and return the answer's head with what the bookkeeping needs."""
        around = self._around
        ours = origin_of(url) == self._origin
        ticket = self._ticket(call, site=self._site if ours else site_of(url), ours=ours)
        around.limiter.acquire(ticket)
        permit = None if around.before_send is None else partial(around.before_send, call)
        if permit is not None:
            permit()
        started = around.clock.monotonic()
        try:
            with permitted_by(permit):
                response = self._wire.start(call, url, self._headers(call, ours=ours))
        except TryFailed as failed:
            self._observe(ticket, None, started, failed.event)
            raise
        return response, ticket, started

    def _ticket(self, call: Call, *, site: str, ours: bool) -> Ticket:
        limits = self._around.limits
        if not ours:
            return Ticket(site, call.route, call.method)
        writes = call.issue is not None and call.effect is not Effect.READ
        return Ticket(
            site,
            call.route,
            call.method,
            rate=limits.rates.get(call.method),
            issue=call.issue if writes else None,
            windows=limits.issue_windows if writes else (),
        )

    def _headers(self, call: Call, *, ours: bool) -> dict[str, str]:
        headers = {
            "User-Agent": self._around.settings.user_agent,
            "Accept": call.accept,
            "Accept-Encoding": "gzip, deflate" if call.wants_json else "identity",
            **call.headers,
        }
        if ours:
            headers.update(self._auth.headers)
        return headers

    def _judge(self, call: Call, answer: Answer, ticket: Ticket, started: float) -> None:
        """Tell limiter and observer about a complete answer; raise TryFailed when the table has a row for it."""
        around = self._around
        event = self._event(answer, call)
        self._observe(ticket, answer.status, started, event)
        feedback = read_feedback(answer.headers, event, rate=ticket.rate, limits=around.limits, now=around.clock.now())
        if feedback is not None and feedback.hold > 0:
            around.limiter.hold(ticket, scope=feedback.scope, seconds=feedback.hold)
        if feedback is not None and feedback.rate is not None:
            around.limiter.learn(ticket, feedback.rate)
        if event is not None:
            raise TryFailed(event, self._words(answer), answer)

    def _event(self, answer: Answer, call: Call) -> Event | None:
        """The retry table's row of an answer; None when it is for the wire half. A download's head has no body yet."""
        event = self._around.classify(answer) if self._around.classify is not None else None
        page = answer.is_html and call.wants_json and bool(answer.body)
        return event or event_of(answer.status, answer.headers, html=page)

    def _words(self, answer: Answer) -> str:
        said = self._around.describe(answer) if self._around.describe else ""
        return said or f"HTTP status {answer.status}"

    def _observe(self, ticket: Ticket, status: int | None, started: float, event: Event | None) -> None:
        if self._around.observer is not None:
            seconds = self._around.clock.monotonic() - started
            self._around.observer(Exchange(ticket.host, ticket.route, ticket.method, status, seconds, event))

    def _error(self, call: Call, failed: TryFailed, decision: Decision) -> PlatformError:
        """The domain's error for a decision to stop; its message names the site and route, never a credential."""
        message = self.redactor.scrub(f"{self._site}: {failed} ({call.method} {call.route})")
        return error_of(message, failed, decision)


def _never(_url: str) -> bool:
    return False
