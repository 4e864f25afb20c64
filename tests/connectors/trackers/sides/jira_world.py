"""A Jira side on a stand-in site, and people who work there too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.clients.auth import BasicAuth
from connectors.clients.calls import Call
from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.answers import read_words
from connectors.clients.limiter import LocalLimiter, NoLimiter
from connectors.clients.limits import JIRA_LIMITS
from connectors.clients.transport import Surroundings, Transport
from connectors.domain.work_items import Person
from connectors.trackers.sides.jira import JiraSide
from sandbox.clock import Clock
from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.inprocess import InProcessAdapter
from sandbox.jira.caller import Caller
from sandbox.jira.issue_edit import delete_issue, edit_issue
from sandbox.jira.records import Issue
from sandbox.jira.service import JiraService
from sandbox.jira.setup import account_id
from sandbox.jira.site import ACCOUNT, TOKEN, SiteSpec
from sandbox.service import Limits
from tests.connectors.trackers.jira.stand_in import START, SharedClock
from tests.connectors.trackers.sides.contract import COMMENT, CREATE, World

ADDRESS = "http://jira.test"
ROUTES = {CREATE: "issue/bulk$", COMMENT: "{key}/comment$"}


class SkewedClock(SharedClock):
    """A clock of ours that goes wrong by some seconds."""

    def __init__(self, clock: Clock, ahead: float) -> None:
        super().__init__(clock)
        self._ahead = ahead

    def now(self) -> float:
        return super().now() + self._ahead


@dataclass(kw_only=True)
class JiraWorld(World):
    """A world whose stand-in can be reached into."""

    service: JiraService

    @property
    def jira(self) -> JiraSide:
        assert isinstance(self.side, JiraSide)
        return self.side

    def issue(self, key: str) -> Issue:
        found = self.service.content.issue(key)
        assert found is not None
        return found

    def edit(self, key: str, by: str = "ada@contoso.example", **fields: Any) -> None:
        """Somebody else edits an issue."""
        content = self.service.content
        who = Caller(content.users[account_id(by)], self.service.spec.permissions)
        edit_issue(content, who, self.issue(key), {"fields": fields}, text_bodies=False)

    def fail(self, kind: FaultKind, route: str, *, times: int = 1, **more: Any) -> None:
        self.service.faults = FaultPlan([FaultRule(kind, route=route, times=times, **more)])


def jira_world(
    spec: SiteSpec | None = None,
    *,
    ahead: float = 0,
    key: str = "DEMO",
    before_send: Callable[[Call], None] | None = None,
    limits: Limits = Limits.NONE,
) -> JiraWorld:
    """Side and stand-in in one process on one clock; ours may go `ahead` of it."""
    from_spec = spec or SiteSpec()
    clock = Clock(START)
    service = JiraService(from_spec, clock=clock, limits=limits)
    ours = SkewedClock(clock, ahead)
    around = Surroundings(
        clock=ours,
        jitter=lambda: 0.5,
        limits=JIRA_LIMITS,
        limiter=NoLimiter() if limits is Limits.NONE else LocalLimiter(clock=ours),
        describe=lambda answer: read_words(answer).text,
        before_send=before_send,
    )
    adapter = InProcessAdapter(service, base_url=ADDRESS)
    client = JiraClient(Transport(ADDRESS, BasicAuth(ACCOUNT, TOKEN), surroundings=around, adapter=adapter), clock=ours)
    content = service.content
    other = next(user for user in list(content.users.values())[1:] if user.active and user.assignable)

    def lose(what: str) -> None:
        service.faults = FaultPlan([FaultRule(FaultKind.LOST, route=ROUTES[what], method="POST", times=1)])

    def delete(item: str) -> None:
        issue = content.issue(item)
        assert issue is not None
        delete_issue(content, Caller(other, from_spec.permissions), issue, with_subtasks=True)

    return JiraWorld(
        side=JiraSide(client, key),
        type="Story",
        state="In Progress",
        query="labels = kept",
        bad_query="labels = (",
        now=ours.now,
        pause=clock.sleep,
        requests=lambda: service.log.count("*", ""),
        lose_answer=lose,
        delete=delete,
        person=Person(other.account_id, other.name, other.email),
        parent_type="Epic",
        service=service,
    )
