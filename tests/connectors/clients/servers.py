"""A very small HTTP server for what only a real socket shows."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: _Listener

    def handle(self) -> None:
        self.server.owner.connections += 1
        while True:
            line = self.rfile.readline().decode().strip()
            if not line:
                return
            headers = {}
            while header := self.rfile.readline().decode().strip():
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            self.server.owner.requests.append(line)
            self.server.owner.headers.append(headers)
            self.rfile.read(int(headers.get("content-length", 0)))
            if not self._answer():
                return

    def _answer(self) -> bool:
        owner = self.server.owner
        if owner.redirect_to:
            self.wfile.write(
                f"HTTP/1.1 302 Found\r\nLocation: {owner.redirect_to}\r\nContent-Length: 0\r\n\r\n".encode()
            )
            return True
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(owner.body)}\r\n"
        self.wfile.write((head + "\r\n").encode() + owner.body[: owner.cut])
        return owner.cut is None


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    owner: TinyServer


class TinyServer:
    """Answers every request the same way on loopback and counts. `cut` breaks off the body after so many bytes."""

    def __init__(self, *, redirect_to: str = "", body: bytes = b"{}", cut: int | None = None) -> None:
        self.redirect_to = redirect_to
        self.body = body
        self.cut = cut
        self.connections = 0
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._listener = _Listener(("127.0.0.1", 0), _Handler)
        self._listener.owner = self
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True)

    @property
    def pair(self) -> str:
        return f"127.0.0.1:{self._listener.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.pair}"

    def __enter__(self) -> TinyServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
