"""GitHub at both ends of a run, through the REST API: a repository into Jira, Azure DevOps into a repository.

The GitHub stand-in throttles as documented, on a clock that both sides share and that only moves when somebody waits.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from connectors import opening
from connectors.clients.limiter import LocalLimiter
from connectors.clients.transport import Surroundings
from migrations_app.engine.state import RunStatus
from migrations_app.models import MigrationRun
from migrations_app.services.sweeping import sweep_runs
from sandbox.build import build_ado, build_jira
from sandbox.clock import Clock
from sandbox.github.build import build_github
from sandbox.github.models import Issue, Repository
from sandbox.github.service import GitHubService
from sandbox.jira.service import JiraService
from sandbox.server import ServerHandle
from sandbox.service import Limits, Service
from tests.builders import Cast
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

BEGINNING = 1_790_000_000.0
MARK = re.compile(r"<!-- isthmus\.source (\{.*?\}) -->")
Serve = Callable[[Service], ServerHandle]


class SharedTime(Clock):
    """The stand-in's frozen clock, as the clients ask for time."""

    def monotonic(self) -> float:
        """The same time: nothing sets it back."""
        return self.now()


class Console:
    """What a person does over REST."""

    def __init__(self, people: Cast, jobs: RecordedJobs, clock: SharedTime) -> None:
        self.client, self.jobs, self.clock = people.admin.client, jobs, clock

    def post(self, address: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
        """The answer, after a look at its status."""
        answer = self.client.post(address, body, format="json")
        assert answer.status_code == status, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def get(self, address: str) -> Any:
        """The answer, after a look at its status."""
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def project(self, source: str, target: str) -> str:
        """A new project's id."""
        body = {"name": "Moving", "sourceSystem": source, "targetSystem": target}
        return str(self.post("/api/projects", body, 201)["id"])

    def run(self, project: str, source: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
        """A FULL run to its end, however often it has to wait for GitHub."""
        body = {"type": "FULL", "enginePayload": {"source": source, "target": target}}
        started = self.post(f"/api/migrations/project/{project}/start", body)
        self.jobs.run_all()
        for _ in range(200):
            run = MigrationRun.objects.get(pk=started["id"])
            if run.status != RunStatus.RUNNING or run.resume_at is None:
                break
            self._let_pass(run)
        found: dict[str, Any] = self.get(f"/api/migrations/{started['id']}")
        return found

    def _let_pass(self, run: MigrationRun) -> None:
        assert run.resume_at is not None
        now = timezone.now()
        self.clock.advance(max(1.0, (run.resume_at - now).total_seconds()))
        MigrationRun.objects.filter(pk=run.pk).update(resume_at=now, enqueued_at=now - timedelta(hours=1))
        assert sweep_runs() == 1
        self.jobs.run_all()

    def proof(self, run: dict[str, Any]) -> Any:
        """What verification found."""
        return self.get(f"/api/migrations/{run['id']}/verification")


@pytest.fixture
def clock() -> SharedTime:
    """The one time of this test."""
    return SharedTime(start=BEGINNING)


@pytest.fixture
def console(people: Cast, jobs: RecordedJobs, clock: SharedTime, open_to_sandbox: object, monkeypatch: Any) -> Console:
    """A person whose installation keeps GitHub's limits, on that time."""
    limiter = LocalLimiter(clock=clock)
    monkeypatch.setattr(opening, "shared_limiter", lambda: limiter)
    monkeypatch.setattr(opening, "Surroundings", partial(Surroundings, clock=clock))
    return Console(people, jobs, clock)


def repository_end(url: str, name: str) -> dict[str, str]:
    """A repository of the stand-in as an end of a run."""
    return {"owner": "contoso", "repository": name, "token": "sandbox-token", "api_url": url}


def jira_end(url: str) -> dict[str, str]:
    """The Jira stand-in's project as a target."""
    return {"base_url": url, "email": "sandbox@example.com", "api_token": "sandbox-token", "project_key": "DEMO"}


def repository_of(github: GitHubService, name: str) -> Repository:
    """What the stand-in holds."""
    found = github.content.repository("contoso", name)
    assert found is not None
    return found


def complaints(repository: Repository, jira: JiraService) -> list[str]:
    """What did not arrive in Jira, or arrived twice, as an outsider sees it. Empty after a faithful run."""
    wanted = {str(issue.number): issue for issue in repository.issues.values() if issue.pull is None}
    made = [issue for issue in jira.content.issues.values() if "isthmus.source" in issue.properties]
    marks = Counter(str(issue.properties["isthmus.source"]["id"]) for issue in made)  # type: ignore[index]
    found = [f"{number}: missing" for number in wanted if number not in marks]
    found += [f"{number}: {count} times" for number, count in marks.items() if count > 1 or number not in wanted]
    for issue in made:
        source = wanted.get(str(issue.properties["isthmus.source"]["id"]))  # type: ignore[index]
        if source is not None and len(issue.comments) != len(source.comments):
            found.append(f"{source.number}: {len(issue.comments)} comments instead of {len(source.comments)}")
    return found


def test_a_repository_of_500_issues_arrives_in_jira_once_and_whole(
    console: Console, serve: Serve, clock: SharedTime
) -> None:
    github = build_github(generate_issues=500, limits=Limits.DOCUMENTED, clock=clock)
    jira = build_jira()
    source, target = repository_end(serve(github).url, "generated"), jira_end(serve(jira).url)
    project = console.project("GITHUB", "JIRA")

    run = console.run(project, source, target)

    assert (run["status"], run["totalItems"], run["successCount"]) == ("COMPLETED", 500, 500)
    assert complaints(repository_of(github, "generated"), jira) == []
    proof = console.proof(run)
    assert (proof["verified"], proof["reconciles"], proof["differenceCount"]) == (True, True, 0)
    assert proof["checked"]["items"] == 500


def test_azure_devops_arrives_in_a_repository_at_the_pace_that_github_allows(
    console: Console, serve: Serve, clock: SharedTime
) -> None:
    ado = build_ado(generate=120, seed=3, decorate=True)
    github = build_github(limits=Limits.DOCUMENTED, clock=clock)
    (name,) = {item.project.name for item in ado.org.items.values()}
    source = {"org": f"{serve(ado).url}/contoso", "project": name, "pat": "sandbox-pat"}
    project = console.project("AZURE_DEVOPS", "GITHUB")

    run = console.run(project, source, repository_end(serve(github).url, "demo"))

    proof = console.proof(run)
    assert (run["status"], proof["differenceCount"], proof["differences"]) == ("COMPLETED", 0, [])
    made = _marked(repository_of(github, "demo"))
    assert made == {str(item.id): 1 for item in ado.org.items.values() if item.visible}
    # 80 writes of content a minute: 120 issues alone take longer than one.
    assert clock.now() - BEGINNING > 60


def _marked(repository: Repository) -> Counter[str]:
    return Counter(_source_id(issue) for issue in repository.issues.values())


def _source_id(issue: Issue) -> str:
    found = MARK.findall(issue.body or "")
    return str(json.loads(found[-1])["id"]) if found else ""
