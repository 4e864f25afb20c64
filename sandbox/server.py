"""A small threaded HTTP/1.1 server for stand-ins.

It keeps connections alive, can cut an answer anywhere, and parses headers by hand: the standard library's
request handler spends more time in the e-mail parser than a stand-in spends on its answer.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from io import BufferedReader

from sandbox.control import answer_control, is_control
from sandbox.http import Headers, Request, Response
from sandbox.service import Outcome, Service

MAX_HEADER_BYTES = 65_536
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class _BadRequest(Exception):
    """The bytes on the wire are not an HTTP request."""


@dataclass(frozen=True)
class ServerHandle:
    """A running server."""

    url: str
    service: Service
    _server: _Server

    def stop(self) -> None:
        """Stop accepting, close every open connection, and wait for the accepting thread."""
        self._server.stop()


def start_server(service: Service, host: str = "127.0.0.1", port: int = 0) -> ServerHandle:
    """Serve a stand-in on an address; port 0 takes a free one. Returns once it is listening."""
    server = _Server(service, host, port)
    service.base_url = server.url
    server.start()
    return ServerHandle(server.url, service, server)


class _Server:
    def __init__(self, service: Service, host: str, port: int) -> None:
        self._service = service
        self._listener = socket.create_server((host, port), backlog=256)
        bound_host, bound_port = self._listener.getsockname()[:2]
        self.url = f"http://{bound_host}:{bound_port}"
        self._stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept, name=f"sandbox-{service.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except ConnectionAbortedError:
                continue  # the caller went away before it was accepted: the next one must still be served
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        reader = connection.makefile("rb")
        try:
            while not self._stopping.is_set() and self._exchange(connection, reader):
                pass
        except (OSError, _BadRequest, ValueError):
            pass  # the caller went away or does not speak HTTP: nothing to answer
        finally:
            with self._lock:
                self._open.discard(connection)
            with contextlib.suppress(OSError):
                reader.close()
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _exchange(self, connection: socket.socket, reader: BufferedReader) -> bool:
        request = _read_request(connection, reader)
        if request is None:
            return False
        keep_alive = request.headers.get("connection", "").lower() != "close"
        if is_control(request):
            connection.sendall(_encode(request, answer_control(self._service, request), keep_alive))
            return keep_alive
        service = self._service
        with service.log.in_flight():
            outcome = service.handle(request)
            if outcome.delay:
                service.clock.sleep(outcome.delay)
            try:
                return _send(connection, request, outcome, keep_alive)
            except OSError:
                service.log.mark_unanswered(outcome.seq)
                return False


def _read_request(connection: socket.socket, reader: BufferedReader) -> Request | None:
    line = reader.readline(MAX_HEADER_BYTES)
    while line in (b"\r\n", b"\n"):
        line = reader.readline(MAX_HEADER_BYTES)
    if not line:
        return None
    parts = line.decode("latin-1").split()
    if len(parts) != 3:
        raise _BadRequest(line)
    method, target, _ = parts
    if target.startswith("http"):  # absolute form, as sent through a proxy
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    headers = _read_headers(reader)
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    return Request(method, target, headers, _read_body(reader, headers))


def _read_headers(reader: BufferedReader) -> Headers:
    fields: dict[str, str] = {}
    while True:
        line = reader.readline(MAX_HEADER_BYTES)
        if line in (b"\r\n", b"\n"):
            return Headers(fields)
        if not line:
            raise _BadRequest("headers end early")
        name, _, value = line.decode("latin-1").partition(":")
        key, text = name.strip().lower(), value.strip()
        fields[key] = f"{fields[key]}, {text}" if key in fields else text


def _read_body(reader: BufferedReader, headers: Headers) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _read_chunks(reader)
    length = int(headers.get("content-length", "0") or "0")
    body = reader.read(length) if length else b""
    if len(body) < length:
        raise _BadRequest("the body ends early")
    return body


def _read_chunks(reader: BufferedReader) -> bytes:
    chunks: list[bytes] = []
    while True:
        size = int(reader.readline(MAX_HEADER_BYTES).split(b";")[0], 16)
        if size == 0:
            while reader.readline(MAX_HEADER_BYTES) not in (b"\r\n", b"\n", b""):
                pass
            return b"".join(chunks)
        chunks.append(reader.read(size))
        reader.readline(MAX_HEADER_BYTES)


def _encode(request: Request, response: Response, keep_alive: bool) -> bytes:
    reason = _REASONS.get(response.status, "")
    lines = [f"HTTP/1.1 {response.status} {reason}", f"Date: {_http_date()}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    bodiless = response.status in (204, 304)
    if not bodiless:
        lines.append(f"Content-Length: {len(response.body)}")
    if not keep_alive:
        lines.append("Connection: close")
    head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
    return head if bodiless or request.method == "HEAD" else head + response.body


def _send(connection: socket.socket, request: Request, outcome: Outcome, keep_alive: bool) -> bool:
    if outcome.response is None:
        return False
    data = _encode(request, outcome.response, keep_alive)
    if outcome.cut_after is not None:
        connection.sendall(data[: len(data) - len(outcome.response.body) + outcome.cut_after])
        return False
    connection.sendall(data)
    return keep_alive


_date_cache: tuple[int, str] = (0, "")


def _http_date() -> str:
    global _date_cache
    second = int(time.time())
    if _date_cache[0] != second:
        _date_cache = (second, formatdate(second, usegmt=True))
    return _date_cache[1]
