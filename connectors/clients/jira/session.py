"""The one way to a Jira site: every request leaves here, every answer is judged here."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit

from connectors.clients.auth import NoAuth
from connectors.clients.calls import Answer, Call, Effect, json_body, path_of
from connectors.clients.exchange import Download
from connectors.clients.jira.wire.answers import NOT_JSON, identity_refused, parse_json, read_words, refusal
from connectors.clients.jira.wire.paging import OffsetWalk
from connectors.clients.jira.wire.payloads import Json
from connectors.clients.timing import Clock, SystemClock
from connectors.clients.transport import Transport
from connectors.domain.errors import Missing, PlatformError, Refused, Unclear

logger = logging.getLogger(__name__)

GATEWAY = "https://api.atlassian.com"
_CLOUD_HOST = ".atlassian.net"
TENANT_INFO = "/_edge/tenant_info"
_CONFIRM_AFTER = 1.0
_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Query:
    """Query parameters of one call; None leaves one out, a list repeats it."""

    values: Mapping[str, str | int | Sequence[str] | None]

    def pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, each) for name, value in self.values.items() for each in _texts(value))


class JiraSession:
    """Requests to one site with one set of credentials, safe for many threads.

    A scoped API token is refused at the site's own address (401) and works at the gateway only: the first refusal
    looks up the site's cloud id and, when the gateway accepts the credentials, everything goes there from then on
    (https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/).
    The gateway of an atlassian.net site is api.atlassian.com, any other address (a stand-in) is its own. `site`
    stays the address that people open.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        gateway: str = "",
        clock: Clock | None = None,
    ) -> None:
        self.site = transport.base_url
        self._transport = transport
        self._gateway = gateway.rstrip("/") or gateway_of(self.site)
        self.clock = clock or SystemClock()
        self._moving = threading.Lock()
        self._settled = False

    @property
    def address(self) -> str:
        """Where requests go now: the site, or the gateway's address of it."""
        return self._transport.base_url

    def close(self) -> None:
        """Close pooled connections."""
        self._transport.close()

    # -- one request ----------------------------------------------------------------------------------------------

    def _exchange(self, call: Call) -> Answer:
        """The successful answer to a call, or the error that says why there is none. Raises every PlatformError."""
        answer = self._sent(call)
        if answer.ok and identity_refused(answer.headers) is None:
            return answer
        raise self._refusal(answer)

    def _sent(self, call: Call) -> Answer:
        """The answer whatever its status; a 401 at the site is asked again at the gateway when that one accepts."""
        used = self._transport
        answer = used.send(call)
        if answer.status == 401 and self._moved_to_gateway(used):
            return self._transport.send(call)
        if answer.ok:
            self._settled = True
        return answer

    def _refusal(self, answer: Answer) -> PlatformError:
        text = answer.body.decode("utf-8", "replace")
        scrubbed = replace(answer, body=self._transport.redactor.scrub(text).encode())
        hidden = identity_refused(answer.headers) if answer.ok else None
        return hidden or refusal(scrubbed)

    def _json(self, call: Call) -> Json:
        """The decoded answer, None for an empty one. Raises Unclear when it is no JSON document."""
        return self._decoded(self._exchange(call))

    def _decoded(self, answer: Answer) -> Json:
        if not answer.body:
            return None
        try:
            return parse_json(answer.body)
        except ValueError as error:
            said = self._transport.redactor.scrub(read_words(answer).text)
            raise Unclear(f"Jira answered {said!r} instead of JSON.", code=NOT_JSON, status=answer.status) from error

    def _get(self, route: str, parts: Mapping[str, str] | None = None, query: Query | None = None) -> Json:
        return self._json(self._call("GET", route, parts, query=query))

    def _call(
        self,
        method: str,
        route: str,
        parts: Mapping[str, str] | None = None,
        *,
        effect: Effect = Effect.READ,
        query: Query | None = None,
        body: Json = None,
        issue: str | None = None,
    ) -> Call:
        return Call(
            method=method,
            path=path_of(route, **parts) if parts else route,
            route=route,
            effect=effect,
            query=query.pairs() if query else (),
            body=None if body is None else json_body(body),
            issue=issue,
        )

    def _streamed(self, call: Call, follow: Callable[[str], bool] | None = None) -> AbstractContextManager[Download]:
        return self._transport.open(call, follow=follow)

    # -- listings and second looks ----------------------------------------------------------------------------------

    def _pages(
        self,
        route: str,
        parts: Mapping[str, str] | None = None,
        *,
        entries: str = "values",
        page_size: int = 50,
        query: Mapping[str, str | int | None] | None = None,
    ) -> Iterator[list[Json]]:
        """Pages of a listing by `startAt`, however short the platform cuts them."""
        walk = OffsetWalk()
        more = True
        while more:
            page = self._get(route, parts, Query({**(query or {}), "startAt": walk.start, "maxResults": page_size}))
            found = page.get(entries) or []
            yield found
            more = walk.advance(page, len(found))

    def _confirmed(self, read: Callable[[], _Read]) -> _Read:
        """A read whose 403 or 404 counts only when it happens twice: one-off refusals of existing objects have
        been seen, and what follows from "the project is gone" is not small."""
        try:
            return read()
        except Missing:
            pass
        except Refused as error:
            if error.status != 403:
                raise
        self.clock.sleep(_CONFIRM_AFTER)
        return read()

    # -- the gateway ------------------------------------------------------------------------------------------------

    def _moved_to_gateway(self, refused: Transport) -> bool:
        """Whether requests go to the gateway after `refused` answered 401. Looked up once, and never after a success:
        some operations answer 401 for a missing permission. A 401 means that nothing was done, so the caller may
        send again."""
        with self._moving:
            if self._transport is not refused:
                return True
            if self._settled:
                return False
            self._settled = True
            other = self._gateway_transport()
            if other is None:
                return False
            logger.info("jira: the site refuses these credentials, its gateway address takes them")
            self._transport = other
            return True

    def _gateway_transport(self) -> Transport | None:
        """The site's gateway address when it accepts our credentials. Any failure here leaves the first 401 as the
        answer: it is the one the person can act upon."""
        try:
            answer = self._transport.sibling(auth=NoAuth()).send(self._call("GET", TENANT_INFO))
            cloud_id = str(parse_json(answer.body)["cloudId"])
            other = self._transport.sibling(base_url=f"{self._gateway}{path_of('/ex/jira/{id}', id=cloud_id)}")
            accepted = other.send(self._call("GET", "/rest/api/3/myself")).ok
        except (PlatformError, ValueError, KeyError, TypeError):
            return None
        return other if accepted else None


def _texts(value: str | int | Sequence[str] | None) -> Sequence[str]:
    if value is None:
        return ()
    return (str(value),) if isinstance(value, str | int) else value


def gateway_of(site: str) -> str:
    """Where a site's gateway is."""
    return GATEWAY if (urlsplit(site).hostname or "").endswith(_CLOUD_HOST) else site
