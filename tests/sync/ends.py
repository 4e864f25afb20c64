"""Both ends of a synchronization on stand-ins in this process, with somebody at work on each, on one clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from connectors.clients.auth import BasicAuth
from connectors.clients.azure_devops.client import AzureDevOpsClient
from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.answers import read_words
from connectors.clients.limits import AZURE_DEVOPS_LIMITS, JIRA_LIMITS
from connectors.clients.transport import Surroundings, Transport
from connectors.domain.sides import LABELS, TEXT, TITLE, Side, SideDraft, SideItem
from connectors.domain.systems import Access
from connectors.models import Connector
from connectors.trackers.sides.azure_devops import AzureDevOpsSide
from connectors.trackers.sides.github import GitHubSide
from connectors.trackers.sides.jira import JiraSide
from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.organization import Organization
from sandbox.ado.processes import PROCESSES
from sandbox.ado.service import AdoService
from sandbox.clock import Clock
from sandbox.github.build import build_github
from sandbox.github.changes import add_comment, edit_text, set_labels
from sandbox.github.models import Label
from sandbox.github.service import GitHubService
from sandbox.github.state import Act
from sandbox.inprocess import InProcessAdapter
from sandbox.jira.caller import Caller
from sandbox.jira.issue_edit import delete_issue, edit_issue
from sandbox.jira.service import JiraService
from sandbox.jira.site import ACCOUNT, TOKEN, SiteSpec
from sync import doors
from sync.engine.base import Both
from sync.jobs import advance_synchronization
from sync.models import Synchronization, SynchronizationStatus
from sync.services import control
from sync.services.configuration import SideChoice, create_synchronization
from tenancy.principal import Principal
from tests import recipes
from tests.connectors.trackers.azure_stand_in import TOKEN as AZURE_TOKEN
from tests.connectors.trackers.azure_stand_in import SharedClock
from tests.connectors.trackers.github.stand_in import stage
from tests.jobs import RecordedJobs

START = 1_780_000_000.0
PEOPLE = ("ingrid.solberg@saltwind.example", "per.aas@saltwind.example")


@dataclass
class End:
    """A side and the service below it. The deeds are somebody else's than the synchronization's."""

    system: str
    project: str
    type: str
    side: Side
    service: Any
    clock: Clock

    def create(self, title: str, *, text: str = "", labels: Sequence[str] = ()) -> str:
        """A new item; the account does not matter, since it has no partner."""
        values: dict[str, Any] = {TITLE: title, LABELS: list(labels)}
        if text:
            values[TEXT] = rich(self.side, text)
        return self.side.create(SideDraft(f"by hand {self.clock.now()} {title}"[:60], self.type, values))

    def item(self, key: str) -> SideItem:
        """The item as it stands."""
        (found,) = self.side.read([key])
        return found

    def keys(self) -> list[str]:
        """All items."""
        return [key for page in self.side.select("") for key in page]

    def title(self, key: str) -> str:
        """Its title."""
        return str(self.item(key).values[TITLE])

    def comments(self, key: str) -> list[str]:
        """What its comments say, oldest first."""
        return [str(each.text) for each in self.side.comments(key)]

    def edit(self, key: str, **changes: Any) -> None:
        """Somebody edits: title, text, labels."""
        raise NotImplementedError

    def comment(self, key: str, words: str) -> None:
        """Somebody comments."""
        raise NotImplementedError

    def delete(self, key: str) -> None:
        """Somebody deletes an item."""
        raise NotImplementedError

    def applied(self) -> list[str]:
        """Method and route of every write that took effect."""
        entries = self.service.log.as_json(after=0)
        return [f"{e['method']} {e['route']}" for e in entries if e["applied"] and e["method"] != "GET"]


class JiraEnd(End):
    """A Jira project."""

    def edit(self, key: str, **changes: Any) -> None:
        names = {"title": "summary", "text": "description", "labels": "labels"}
        self._do(key, {"fields": {names[name]: value for name, value in changes.items()}})

    def comment(self, key: str, words: str) -> None:
        self._do(key, {"update": {"comment": [{"add": {"body": words}}]}})

    def delete(self, key: str) -> None:
        delete_issue(self.service.content, self._who(), self.service.content.issue(key), with_subtasks=True)

    def _do(self, key: str, body: dict[str, Any]) -> None:
        content = self.service.content
        edit_issue(content, self._who(), content.issue(key), body, text_bodies=True)

    def _who(self) -> Caller:
        users = list(self.service.content.users.values())[1:]
        return Caller(next(user for user in users if user.active and user.assignable), self.service.spec.permissions)


class AzureEnd(End):
    """An Azure DevOps project."""

    def edit(self, key: str, **changes: Any) -> None:
        names = {"title": "System.Title", "text": "System.Description", "labels": "System.Tags"}
        values = {names[n]: "; ".join(v) if n == "labels" else v for n, v in changes.items()}
        org, item = self.service.org, self.service.org.items[int(key)]
        org.record(item, {**item.fields, **values}, by=self._who(), when=self._now())

    def comment(self, key: str, words: str) -> None:
        org = self.service.org
        org.add_comment(org.items[int(key)], f"<p>{words}</p>", by=self._who(), when=self._now())

    def delete(self, key: str) -> None:
        org = self.service.org
        org.delete_item(org.items[int(key)], by=self._who(), when=self._now())

    def _who(self) -> Any:
        return self.service.org.people.find(PEOPLE[1])

    def _now(self) -> str:
        return self.clock.today().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class GitHubEnd(End):
    """A GitHub repository."""

    def edit(self, key: str, **changes: Any) -> None:
        site, issue, act = self.service.content, self._issue(key), self._act()
        if "title" in changes or "text" in changes:
            edit_text(site, issue, act, title=changes.get("title"), body=changes.get("text"))
        if "labels" in changes:
            set_labels(site, issue, act, [self._label(name) for name in changes["labels"]])

    def comment(self, key: str, words: str) -> None:
        add_comment(self.service.content, self._issue(key), self._act(), words)

    def _repository(self) -> Any:
        return self.service.content.repository(*self.project.split("/"))

    def _issue(self, key: str) -> Any:
        return self._repository().issues[int(key)]

    def _label(self, name: str) -> Label:
        labels = self._repository().labels
        return labels.setdefault(name.lower(), Label(9_000 + len(labels), name))

    def _act(self) -> Act:
        content = self.service.content
        return Act(content.user("tomas-k"), content.now())


def jira_end(clock: Clock, host: str = "jira.test", spec: SiteSpec | None = None) -> JiraEnd:
    """An empty Jira project."""
    service = JiraService(spec or SiteSpec(), clock=clock)
    ours = SharedClock(clock)
    around = Surroundings(
        clock=ours, jitter=lambda: 0.5, limits=JIRA_LIMITS, describe=lambda answer: read_words(answer).text
    )
    address = f"http://{host}"
    adapter = InProcessAdapter(service, base_url=address)
    client = JiraClient(Transport(address, BasicAuth(ACCOUNT, TOKEN), surroundings=around, adapter=adapter), clock=ours)
    return JiraEnd("jira", "DEMO", "Task", JiraSide(client, "DEMO"), service, clock)


def azure_end(clock: Clock) -> AzureEnd:
    """An empty Azure DevOps project."""

    def make() -> Organization:
        org = Organization()
        ProjectBuilder(org, "Made", PROCESSES["Agile"])
        for address in PEOPLE:
            org.people.add(address.split("@")[0].replace(".", " ").title(), address)
        org.seal()
        return org

    service = AdoService(make, clock=clock)
    around = Surroundings(clock=SharedClock(clock), limits=AZURE_DEVOPS_LIMITS, jitter=lambda: 0.0)
    adapter = InProcessAdapter(service, base_url="http://ado.test")
    transport = Transport("http://ado.test/contoso", surroundings=around, adapter=adapter)
    side = AzureDevOpsSide(AzureDevOpsClient(transport, AZURE_TOKEN), "Made")
    return AzureEnd("azure_devops", "Made", "Task", side, service, clock)


def github_end(clock: Clock) -> GitHubEnd:
    """A GitHub repository without issues of ours."""
    service: GitHubService = build_github(clock=clock)
    here = stage(service=service)
    return GitHubEnd("github", "contoso/demo", "Task", GitHubSide(here.client), service, clock)


ENDS = {"jira": jira_end, "azure_devops": azure_end, "github": github_end}


def rich(side: Side, words: str) -> dict[str, Any]:
    """A text in the side's own markup."""
    markup = side.describe().markup
    if markup == "adf":
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": words}]}
        return {"markup": "adf", "document": {"type": "doc", "version": 1, "content": [paragraph]}}
    return {"markup": markup, "text": f"<p>{words}</p>" if markup == "html" else words}


@dataclass
class Scene:
    """Two ends, what keeps them alike, and time."""

    first: End
    second: End
    clock: Clock
    row: Synchronization
    by: Principal
    jobs: RecordedJobs

    @property
    def ends(self) -> Both[End]:
        return Both(self.first, self.second)

    def start(self) -> None:
        """Check and go."""
        task = control.start(self.row, by=self.by)
        self.jobs.run_all()
        task.refresh_from_db()
        assert task.completed is not None
        assert not task.has_failed, task.failure_message
        self.row.refresh_from_db()
        assert self.row.status == SynchronizationStatus.RUNNING

    def run(self) -> None:
        """One pass, whatever the time."""
        self.row.refresh_from_db()
        advance_synchronization(str(self.row.pk), self.row.attempt)
        self.row.refresh_from_db()

    def settle(self, *, passes: int = 8, step: float = 31.0) -> None:
        """Let time pass, with a pass now and then, until nothing can be left."""
        for _ in range(passes):
            self.clock.advance(step)
            self.run()
        assert self.row.last_error_code == "", self.row.last_error_message


@contextmanager
def scene(
    systems: tuple[str, str],
    by: Principal,
    jobs: RecordedJobs,
    monkeypatch: pytest.MonkeyPatch,
    configuration: dict[str, Any],
    **clock_options: Any,
) -> Iterator[Scene]:
    """A synchronization between two stand-ins, stopped. Our time is theirs."""
    clock = Clock(START)
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromtimestamp(clock.now(), UTC))
    first = ENDS[systems[0]](clock)
    second = jira_end(clock, "other.test") if systems == ("jira", "jira") else ENDS[systems[1]](clock)
    connectors = [_connector(end, by, number) for number, end in enumerate((first, second))]
    by_server = {connector.server: end for connector, end in zip(connectors, (first, second), strict=True)}

    @contextmanager
    def open_side(access: Access, **_: Any) -> Iterator[Side]:
        yield by_server[access.server].side

    monkeypatch.setattr(doors, "open_side", open_side)
    doors.close_all()
    row = create_synchronization(
        first=SideChoice(connectors[0].pk), second=SideChoice(connectors[1].pk), configuration=configuration, by=by
    )
    yield Scene(first, second, clock, row, by, jobs)
    doors.close_all()


def _connector(end: End, by: Principal, number: int) -> Connector:
    made: Connector = recipes.connector.make(
        organization=by.organization,
        system=end.system,
        server=f"https://{number}.example.net",
        default_project=end.project,
    )
    return made


def mapped(**changes: Any) -> dict[str, Any]:
    """Tasks with title, description and labels, comments included."""
    names = ("title", "description", "labels")
    return {
        "issueTypeMappings": [{"firstType": "Task", "secondType": "Task"}],
        "fieldMappings": [{"firstField": name, "secondField": name} for name in names],
        "commentMapping": {"direction": "BOTH"},
        "initialPass": "create",
        **changes,
    }


__all__ = ["START", "End", "Scene", "azure_end", "github_end", "jira_end", "mapped", "replace", "rich", "scene"]
