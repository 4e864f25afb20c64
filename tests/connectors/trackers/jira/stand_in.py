"""A tracker on a stand-in site, in this process or over sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connectors.clients.auth import BasicAuth
from connectors.clients.calls import Call
from connectors.clients.guard import AddressGuard
from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.answers import read_words
from connectors.clients.limits import JIRA_LIMITS
from connectors.clients.transport import Surroundings, Transport
from connectors.domain.ports import Created, DraftItem
from connectors.domain.shapes import TargetShape, TargetType
from connectors.domain.work_items import SourceMark
from connectors.trackers.jira import JiraTracker
from sandbox.clock import Clock
from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.inprocess import InProcessAdapter
from sandbox.jira.service import JiraService
from sandbox.jira.site import ACCOUNT, TOKEN, SiteSpec
from sandbox.server import start_server

START = 1_780_000_000.0
ADDRESS = "http://jira.test"


class SharedClock:
    """The stand-in's frozen clock as the product's: waiting on either side moves both."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)


@dataclass
class Stage:
    """A tracker and the site it works on."""

    service: JiraService
    client: JiraClient
    tracker: JiraTracker

    @property
    def shape(self) -> TargetShape:
        return self.tracker.shape

    def type(self, name: str) -> TargetType:
        return next(kind for kind in self.shape.types if kind.name == name)

    def draft(self, number: int = 1, kind: str = "Story", **more: Any) -> DraftItem:
        mark = SourceMark("contoso", "Parts", str(number), 3)
        return DraftItem(**{"mark": mark, "type_id": self.type(kind).id, "title": f"Item {number}", **more})

    def create(self, *drafts: DraftItem) -> list[Created]:
        answers = self.tracker.create_items(drafts or [self.draft()])
        made = [answer for answer in answers if isinstance(answer, Created)]
        assert len(made) == len(answers), answers
        return made

    def fail(self, kind: FaultKind, route: str, *, method: str = "POST", times: int = 1, **more: Any) -> None:
        self.service.faults = FaultPlan([FaultRule(kind, route=route, method=method, times=times, **more)])

    def requests(self, method: str = "*", route: str = "") -> int:
        return self.service.log.count(method, route)


def stage(
    spec: SiteSpec | None = None,
    *,
    account: str = ACCOUNT,
    token: str = TOKEN,
    key: str = "DEMO",
    before_send: Callable[[Call], None] | None = None,
) -> Stage:
    """A tracker and a stand-in in one process, on one clock that nobody waits for."""
    clock = Clock(START)
    service = JiraService(spec or SiteSpec(), clock=clock)
    around = Surroundings(
        clock=SharedClock(clock), jitter=lambda: 0.5, limits=JIRA_LIMITS, describe=_said, before_send=before_send
    )
    adapter = InProcessAdapter(service, base_url=ADDRESS)
    transport = Transport(ADDRESS, BasicAuth(account, token), surroundings=around, adapter=adapter)
    client = JiraClient(transport, clock=SharedClock(clock))
    return Stage(service, client, JiraTracker(client, key))


@contextmanager
def stage_over_sockets(spec: SiteSpec | None = None, *, token: str = TOKEN) -> Iterator[Stage]:
    """The same with real connections and the address guard open for just this port."""
    service = JiraService(spec or SiteSpec())
    server = start_server(service)
    try:
        guard = AddressGuard(allowed=[server.url.removeprefix("http://")])
        around = Surroundings(limits=JIRA_LIMITS, describe=_said, guard=guard)
        client = JiraClient(Transport(server.url, BasicAuth(ACCOUNT, token), surroundings=around))
        try:
            yield Stage(service, client, JiraTracker(client, "DEMO"))
        finally:
            client.close()
    finally:
        server.stop()


def _said(answer: Any) -> str:
    return read_words(answer).text


def document(*lines: str) -> dict[str, Any]:
    """A rich text of plain paragraphs."""
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    return {"type": "doc", "version": 1, "content": paragraphs}


class Bytes:
    """A file of a source."""

    def __init__(self, *chunks: bytes, size: int | None = -1) -> None:
        self._chunks = chunks
        self.size = sum(map(len, chunks)) if size == -1 else size

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)
