"""Trackers on a stand-in GitHub in this process, on one clock that nobody waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.clients.auth import BearerAuth
from connectors.clients.calls import Call
from connectors.clients.github.client import GitHubClient
from connectors.clients.github.wire.answers import classify, describe
from connectors.clients.github.wire.values import RepoName
from connectors.clients.limiter import Limiter, NoLimiter
from connectors.clients.limits import GITHUB_LIMITS
from connectors.clients.transport import Exchange, Surroundings, Transport
from connectors.domain.ports import Created, DraftItem
from connectors.domain.work_items import SourceMark
from connectors.trackers.github import GitHubSource, GitHubTarget
from sandbox.clock import Clock
from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.github.build import build_github
from sandbox.github.models import Repository
from sandbox.github.service import GitHubService
from sandbox.github.tokens import TOKEN
from sandbox.inprocess import InProcessAdapter

START = 1_790_000_000.0
ADDRESS = "http://github.test"
ENTERPRISE = f"{ADDRESS}/api/v3"


class SharedClock:
    """The stand-in's frozen clock as the product's: waiting on either side moves both."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.slept: list[float] = []

    def now(self) -> float:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.sleep(seconds)


@dataclass
class Stage:
    """A repository of the stand-in, and everything that reaches it."""

    service: GitHubService
    client: GitHubClient
    clock: SharedClock
    seen: list[Exchange] = field(default_factory=list)

    @property
    def source(self) -> GitHubSource:
        return GitHubSource(self.client)

    @property
    def target(self) -> GitHubTarget:
        return GitHubTarget(self.client)

    @property
    def repository(self) -> Repository:
        found = self.service.content.repository(self.client.repo.owner, self.client.repo.name)
        assert found is not None
        return found

    def fail(self, kind: FaultKind, route: str = "*", *, method: str = "*", times: int = 1, **more: Any) -> None:
        self.service.faults = FaultPlan([FaultRule(kind, route=route, method=method, times=times, **more)])

    def requests(self, method: str = "*", route: str = "") -> int:
        return sum(
            1 for each in self.seen if method in ("*", each.method) and (not route or each.route.endswith(route))
        )


def stage(
    repo: str = "contoso/demo",
    *,
    token: str = TOKEN,
    address: str = ADDRESS,
    service: GitHubService | None = None,
    limiter: Limiter | None = None,
    before_send: Callable[[Call], None] | None = None,
    **site: Any,
) -> Stage:
    """Clients of one repository. `site` are arguments of the stand-in's factory."""
    here = service or build_github(clock=Clock(START), **site)
    clock = SharedClock(here.clock)
    seen: list[Exchange] = []
    around = Surroundings(
        clock=clock,
        limiter=limiter or NoLimiter(),
        limits=GITHUB_LIMITS,
        jitter=lambda: 0.0,
        observer=seen.append,
        before_send=before_send,
        describe=describe,
        classify=classify,
    )
    adapter = InProcessAdapter(here, base_url=ADDRESS)
    transport = Transport(address, BearerAuth(token), surroundings=around, adapter=adapter)
    owner, _, name = repo.partition("/")
    return Stage(here, GitHubClient(transport, RepoName(owner, name), clock=clock), clock, seen)


def draft(number: int = 1, kind: str = "label/Story", **more: Any) -> DraftItem:
    mark = SourceMark("contoso", "Parts", str(number), 3)
    return DraftItem(**{"mark": mark, "type_id": kind, "title": f"Item {number}", **more})


def create(target: GitHubTarget, *drafts: DraftItem) -> list[Created]:
    answers = target.create_items(drafts or [draft()])
    made = [answer for answer in answers if isinstance(answer, Created)]
    assert len(made) == len(answers), answers
    return made


def document(*lines: str) -> dict[str, Any]:
    """A rich text of plain paragraphs."""
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in lines]
    return {"type": "doc", "version": 1, "content": paragraphs}
