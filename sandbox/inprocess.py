"""A `requests` transport that reaches a stand-in without a socket, for fast client tests."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests import Response as ClientResponse
from requests.adapters import BaseAdapter
from requests.exceptions import ConnectionError as ClientConnectionError
from requests.exceptions import ReadTimeout
from urllib3 import HTTPHeaderDict, HTTPResponse

from sandbox.control import answer_control, is_control
from sandbox.http import Headers, Request, Response
from sandbox.service import Outcome, Service


class InProcessAdapter(BaseAdapter):
    """Mount it on a session for the stand-in's address.

    Cut answers raise requests' ConnectionError, an answer later than the read timeout raises ReadTimeout
    without waiting for it, and half a body surfaces when the body is read, as on a real connection.
    """

    def __init__(self, service: Service, *, base_url: str = "http://sandbox.test") -> None:
        super().__init__()
        self._service = service
        service.base_url = service.base_url or base_url

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> ClientResponse:
        """Hand the request to the stand-in and build the client's view of what came back."""
        received = _received(request)
        if is_control(received):
            return _answer(request, answer_control(self._service, received), None)
        with self._service.log.in_flight():
            outcome = self._service.handle(received)
            self._wait(request, outcome, timeout)
        if outcome.response is None:
            raise ClientConnectionError("connection closed without an answer", request=request)
        answer = _answer(request, outcome.response, outcome.cut_after)
        if not stream:
            _ = answer.content
        return answer

    def close(self) -> None:
        """Nothing is held open."""

    def _wait(
        self,
        request: PreparedRequest,
        outcome: Outcome,
        timeout: float | tuple[float, float] | tuple[float, None] | None,
    ) -> None:
        patience = timeout[1] if isinstance(timeout, tuple) else timeout
        if patience is not None and outcome.delay > patience:
            self._service.log.mark_unanswered(outcome.seq)
            raise ReadTimeout("no answer in time", request=request)
        self._service.clock.sleep(outcome.delay)


def _received(request: PreparedRequest) -> Request:
    parts = urlsplit(request.url or "/")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {name: value if isinstance(value, str) else value.decode() for name, value in request.headers.items()}
    headers.setdefault("Host", parts.netloc)
    return Request(request.method or "GET", target, Headers(headers), _body_bytes(request.body))


def _body_bytes(body: object) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    read = getattr(body, "read", None)
    if callable(read):
        data: object = read()
        return data if isinstance(data, bytes) else str(data).encode()
    if hasattr(body, "__iter__"):
        return b"".join(part if isinstance(part, bytes) else str(part).encode() for part in body)
    raise TypeError(f"cannot send a body of type {type(body).__name__}")


def _answer(request: PreparedRequest, response: Response, cut_after: int | None) -> ClientResponse:
    body = response.body if cut_after is None else response.body[:cut_after]
    if request.method == "HEAD":
        body = b""
    headers = HTTPHeaderDict({**response.headers, "Content-Length": str(len(response.body))})
    raw = HTTPResponse(
        body=BytesIO(body),
        headers=headers,
        status=response.status,
        preload_content=False,
        enforce_content_length=request.method != "HEAD",
        request_method=request.method,
    )
    answer = ClientResponse()
    answer.status_code = response.status
    answer.headers.update(headers)
    answer.encoding = "utf-8" if "utf-8" in headers.get("Content-Type", "").lower() else None
    answer.raw = raw
    answer.url = request.url or ""
    answer.request = request
    return answer
