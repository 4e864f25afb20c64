"""Listeners of a run's live stream over real connections, many of them in one thread.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SILENCE = 60.0
"""Seconds without even a heartbeat after which a listener gives up."""
DONE = "done"


@dataclass(frozen=True)
class Heard:
    """One event: its number, its kind, a digest of its data."""

    id: int
    kind: str
    digest: str


@dataclass
class Listener:
    """Hears one run to its end, and comes back behind the last event it has whenever it was cut off."""

    url: str
    """Of the stream, with a token."""
    cut_at: frozenset[int] = frozenset()
    """Behind these events the connection is cut."""
    cut_always: bool = False
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0

    async def listen(self) -> None:
        """Until `done`. Raises TimeoutError after a long silence."""
        while not self.heard or self.heard[-1].kind != DONE:
            self.connections += 1
            async for event in self._events():
                self.heard.append(event)
                if event.kind == DONE or self.cut_always or event.id in self.cut_at:
                    break

    async def _events(self) -> AsyncIterator[Heard]:
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        last = self.heard[-1].id if self.heard else 0
        lines = [
            f"GET {parts.path}?{parts.query} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Accept: text/event-stream",
            f"Last-Event-ID: {last}",
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), SILENCE)
            assert head.startswith(b"HTTP/1.1 200 "), head
            async for event in _parsed(_lines(reader)):
                yield event
        finally:
            writer.transport.abort()  # as when a machine goes away: no farewell


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """The body, chunk by chunk, line by line."""
    rest = b""
    while size := int(await asyncio.wait_for(reader.readline(), SILENCE), 16):
        rest += await reader.readexactly(size)
        await reader.readexactly(2)
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line.decode()


async def _parsed(lines: AsyncIterator[str]) -> AsyncIterator[Heard]:
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "event" in fields:
            digest = hashlib.sha256(fields["data"].encode()).hexdigest()
            yield Heard(int(fields["id"]), fields["event"], digest)
        fields = {}


async def hear_all(listeners: list[Listener], *, within: float) -> None:
    """All of them at the same time."""
    async with asyncio.timeout(within), asyncio.TaskGroup() as group:
        for listener in listeners:
            group.create_task(listener.listen())
