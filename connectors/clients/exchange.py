"""One try of one request on the wire: from a call to an answer, or to the retry table's row of what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from requests import PreparedRequest, Response
from requests import exceptions as http
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import LocationParseError, MaxRetryError, NewConnectionError

from connectors.clients.calls import Answer, Call, Effect
from connectors.clients.connections import GuardedAdapter
from connectors.clients.guard import AddressGuard
from connectors.clients.origins import host_and_port
from connectors.clients.retry import Event
from connectors.clients.settings import TransportSettings
from connectors.clients.timing import Clock
from connectors.domain.errors import NotSent, PlatformError, Refused, Unclear

CHUNK = 64 * 1024
_BODY_PATIENCE = 3
"""A body may take this many read timeouts in all; a server that drips a byte at a time is a late one."""


class TryFailed(Exception):
    """A try ended in a row of the retry table. `answer` is there when the platform did answer."""

    def __init__(self, event: Event, message: str, answer: Answer | None = None) -> None:
        super().__init__(message)
        self.event = event
        self.answer = answer


class Download:
    """A body being streamed. Iterating raises NotSent when it breaks off: reading changes nothing, open again."""

    def __init__(self, response: Response, url: str) -> None:
        self._response = response
        self.url = url
        self.status = response.status_code
        self.headers = lower_names(response.headers)
        length = self.headers.get("content-length", "")
        coded = self.headers.get("content-encoding", "identity") != "identity"
        self.size = int(length) if length.isdigit() and not coded else None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_content(CHUNK)
        except (http.RequestException, OSError) as error:
            raise NotSent(f"The file broke off: {type(error).__name__}", code="DOWNLOAD_INTERRUPTED") from None

    def answer(self, limit: int = 1024 * 1024) -> Answer:
        """The body as a whole, cut at `limit`: for refusals."""
        body = bytearray()
        for chunk in self:
            body += chunk
            if len(body) >= limit:
                break
        return Answer(self.status, self.headers, bytes(body[:limit]), self.url)

    def close(self) -> None:
        """Give the connection back."""
        self._response.close()


class Wire:
    """Sends one request, reads one answer. Holds the connection pool."""

    def __init__(
        self, settings: TransportSettings, guard: AddressGuard, clock: Clock, *, adapter: BaseAdapter | None = None
    ) -> None:
        self._settings = settings
        self._guard = guard
        self._clock = clock
        self._adapter = adapter or GuardedAdapter(guard, pool_size=settings.pool_size)
        self._proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else {}
        self._verify: bool | str = settings.ca_bundle or True

    def close(self) -> None:
        """Close pooled connections."""
        self._adapter.close()

    def start(self, call: Call, url: str, headers: Mapping[str, str]) -> Response:
        """Send a request and wait for the answer's head. Raises TryFailed, AddressRefused, Refused."""
        if self._proxies:
            self._check_behind_proxy(url)
        request = _prepared(call, url, headers)
        timeout = (self._settings.connect_timeout, self.patience(call))
        try:
            return self._adapter.send(request, stream=True, timeout=timeout, verify=self._verify, proxies=self._proxies)
        except (http.RequestException, OSError) as error:
            raise _failure(error) from None
        except (LocationParseError, UnicodeError, ValueError) as error:
            raise Refused(f"Not a usable address: {error}", code="ADDRESS_INVALID") from None

    def read(self, call: Call, response: Response) -> Answer:
        """The whole answer. Raises TryFailed for half a body, and when it grows beyond the limit Refused for a read,
        Unclear for a write."""
        deadline = self._clock.monotonic() + self.patience(call) * _BODY_PATIENCE
        body = bytearray()
        try:
            for chunk in response.iter_content(CHUNK):
                body += chunk
                if len(body) > self._settings.max_answer_bytes:
                    raise _too_large(call)
                if self._clock.monotonic() > deadline:
                    raise TryFailed(Event.LATE, "The answer did not end in time")
        except (http.RequestException, OSError) as error:
            raise TryFailed(Event.HALF_BODY, f"The answer broke off: {type(error).__name__}") from None
        finally:
            response.close()
        return Answer(response.status_code, lower_names(response.headers), bytes(body), response.url or "")

    def patience(self, call: Call) -> float:
        """Seconds of silence before a try counts as late."""
        if call.timeout is not None:
            return call.timeout
        settings = self._settings
        return settings.read_timeout if call.effect is Effect.READ else settings.write_timeout

    def _check_behind_proxy(self, url: str) -> None:
        try:
            self._guard.check(*host_and_port(url))
        except OSError as error:
            raise TryFailed(Event.NOT_SENT, f"The name could not be resolved: {error}") from None


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """Header fields by lower-case name."""
    return {name.lower(): value for name, value in headers.items()}


def _prepared(call: Call, url: str, headers: Mapping[str, str]) -> PreparedRequest:
    """A request made by hand: requests' own preparation parses the URL again and guesses at bodies."""
    request = PreparedRequest()
    request.method = call.method
    request.url = url
    request.headers = CaseInsensitiveDict(headers)
    request.hooks = {"response": []}
    if call.upload is not None:
        upload = call.upload()
        request.headers["Content-Type"] = upload.content_type
        if upload.size is not None:
            request.headers["Content-Length"] = str(upload.size)
        request.body = upload.data  # type: ignore[assignment]  # a reader or chunks: http.client takes both
    elif call.body is not None:
        request.headers["Content-Type"] = call.content_type
        request.headers["Content-Length"] = str(len(call.body))
        request.body = call.body
    elif call.method in ("POST", "PUT", "PATCH"):
        request.headers["Content-Length"] = "0"
    return request


def _failure(error: Exception) -> TryFailed:
    """Which row of the table an exception of the HTTP library is."""
    reason = error.args[0] if error.args else None
    cause = reason.reason if isinstance(reason, MaxRetryError) else None
    if isinstance(error, http.ProxyError):
        return TryFailed(Event.NOT_SENT, "The outbound proxy does not let the request through")
    if isinstance(error, http.SSLError):
        sent = "CERTIFICATE_VERIFY_FAILED" not in str(error)
        return TryFailed(Event.LOST if sent else Event.NOT_SENT, f"TLS failed: {cause or error}")
    if isinstance(error, http.ConnectTimeout):
        return TryFailed(Event.NOT_SENT, "No connection in time")
    if isinstance(error, http.ReadTimeout):
        return TryFailed(Event.LATE, "No answer in time")
    if isinstance(cause, NewConnectionError):
        return TryFailed(Event.NOT_SENT, str(cause).rpartition(": ")[2] or "No connection")
    return TryFailed(Event.LOST, "The connection was closed without an answer")


def _too_large(call: Call) -> PlatformError:
    message = f"The answer to {call.method} {call.route} is larger than any expected one"
    if call.effect is Effect.READ:
        return Refused(message, code="ANSWER_TOO_LARGE")
    return Unclear(message, code="ANSWER_TOO_LARGE")
