"""The hard project arrives complete and verifies clean."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from migrations_app.engine.files import HashedContent
from migrations_app.models import LedgerEntry
from migrations_app.services import sweep_runs
from sandbox.ado.model import Item
from sandbox.ado.service import AdoService
from sandbox.build import build_jira
from sandbox.jira.records import Issue
from sandbox.jira.service import JiraService
from sandbox.service import Limits
from tests.builders import Cast
from tests.checker import complaints
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.migrations_app.hard_project import LARGE, LONG_TITLE, PROJECT, HardProject
from tests.migrations_app.test_real_projects import Migration

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

TYPES, STATES = {"Incident Report": "Task"}, {"Waiting for Godot": "In Progress"}


class Arrived:
    """The project and what became of it."""

    def __init__(self, people: Cast, jobs: RecordedJobs, serve: Any, hard: HardProject, jira: JiraService) -> None:
        self.hard, self.jira = hard, jira
        self.ado = AdoService(lambda: hard.org)
        self.migration = Migration(people, jobs, serve(self.ado).url, serve(jira).url, PROJECT)
        self.run = self.migration.run(type_overrides=TYPES, state_overrides=STATES, remote_links=True)
        self._wait(jobs)
        assert self.run["status"] != "FAILED", str(self.run["reason"])
        self.verification = self.migration.get(f"/api/migrations/{self.run['id']}/verification?limit=1000")

    def _wait(self, jobs: RecordedJobs) -> None:
        """A platform that asks for a pause gets it; then the sweep orders the next slice."""
        deadline = time.monotonic() + 300
        while self.run["status"] in ("PENDING", "RUNNING") and time.monotonic() < deadline:
            time.sleep(1)
            sweep_runs()
            jobs.run_all()
            self.run = self.migration.get(f"/api/migrations/{self.run['id']}")

    def issue(self, name: str) -> Issue:
        return self.issue_of(self.hard.items[name])

    def issue_of(self, item: Item) -> Issue:
        for issue in self.jira.content.issues.values():
            mark = issue.properties.get("isthmus.source")
            if isinstance(mark, dict) and mark["id"] == str(item.id):
                return issue
        raise AssertionError(f"item {item.id} did not arrive")


@pytest.fixture
def chunks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of what is held of a file at once."""
    sizes: list[int] = []
    real = HashedContent.__iter__

    def counted(self: HashedContent) -> Iterator[bytes]:
        for chunk in real(self):
            sizes.append(len(chunk))
            yield chunk

    monkeypatch.setattr(HashedContent, "__iter__", counted)
    return sizes


def test_everything_hard_arrives_complete_and_verifies_clean(
    people: Cast, jobs: RecordedJobs, serve: Any, chunks: list[int]
) -> None:
    arrived = Arrived(people, jobs, serve, HardProject(), build_jira())

    run, verification = arrived.run, arrived.verification
    assert verification["differences"] == []
    assert (run["status"], run["failureCount"]) == ("COMPLETED", 0)
    assert verification["reconciles"] and verification["checked"]["comments"] >= 300
    assert complaints(arrived.ado, arrived.jira, PROJECT) == []
    assert LONG_TITLE.split()[-1] in str(arrived.issue("long title").values["description"])
    assert max(chunks) <= 1024 * 1024 and sum(chunks) >= 3 * LARGE
    assert len(arrived.issue("talk of the town").comments) == 300


def test_deep_trees_keep_every_parent_as_parent_or_link(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    arrived = Arrived(people, jobs, serve, HardProject(large=1000, comments=3), build_jira())
    kept = {}
    for name, item in arrived.hard.items.items():
        if item.parent is None:
            continue
        child, parent = arrived.issue(name), arrived.issue_of(arrived.hard.org.items[item.parent])
        linked = any(parent in (link.inward, link.outward) for link in child.links)
        kept[name] = "parent" if child.parent is parent else "link" if linked else "lost"

    assert "lost" not in kept.values()
    assert kept["child 0"] == kept["story"] == "parent"
    assert kept["story in story"] == kept["epic in epic"] == "link"


def test_places_with_one_name_stay_apart(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    arrived = Arrived(people, jobs, serve, HardProject(large=1000, comments=3), build_jira())

    sprints = [arrived.issue(f"planned {number}").sprints for number in (1, 2, 3)]
    assert [len(held) for held in sprints] == [1, 1, 1]
    assert len({held[0].id for held in sprints}) == 3
    gates = [arrived.issue(name).values["components"] for name in ("north", "south")]
    assert gates[0] != gates[1]


def test_links_to_the_outside_become_remote_links_and_unknown_ends_wait(
    people: Cast, jobs: RecordedJobs, serve: Any
) -> None:
    arrived = Arrived(people, jobs, serve, HardProject(large=1000, comments=3), build_jira())

    links = arrived.issue("well connected").remote_links
    assert len(links) == 6
    assert {link.relationship for link in links} >= {"web_page", "commit", "pull_request", "build"}
    waiting = LedgerEntry.objects.filter(kind="link", state="waiting").values_list("source", flat=True)
    far = str(arrived.hard.far.id)
    assert len([source for source in waiting if far in source.split("/")]) == 2


@pytest.mark.full
def test_the_limits_of_one_issue_slow_a_run_down_and_lose_nothing(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    """300 comments where an issue takes 100 writes in 30 seconds."""
    hard = HardProject(large=1000, comments=150)
    arrived = Arrived(people, jobs, serve, hard, build_jira(limits=Limits.DOCUMENTED))

    assert (arrived.run["status"], arrived.verification["differences"]) == ("COMPLETED", [])
    assert complaints(arrived.ado, arrived.jira, PROJECT) == []
