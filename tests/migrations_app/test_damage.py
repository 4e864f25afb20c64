"""Deliberate damage in the target is found by verification, named with item and field, and nothing else is."""

from __future__ import annotations

import random
from typing import Any

import pytest

from sandbox.ado.service import AdoService
from sandbox.build import build_ado, build_jira
from sandbox.jira.service import JiraService
from sandbox.jira.state import SiteState
from tests.builders import Cast
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.migrations_app.damage import KINDS, PARENT_LINKS, Damage, Named
from tests.migrations_app.test_real_projects import Migration

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

PROJECT = "Saltwind Booking"
PLACES = 50
SEED = 20261122


class Proving:
    """The sample project, moved and verified; damaged and verified again."""

    def __init__(self, people: Cast, jobs: RecordedJobs, serve: Any) -> None:
        self.ado, self.jira = build_ado(sample=True), build_jira()
        self.migration = Migration(people, jobs, serve(self.ado).url, serve(self.jira).url, PROJECT)
        self.run = self.migration.run(type_overrides={"Incident Report": "Task"})
        self.jobs = jobs
        self.address = f"/api/migrations/{self.run['id']}/verification"
        PARENT_LINKS.clear()
        PARENT_LINKS.update(_parent_links(self.ado, self.jira))

    @property
    def site(self) -> SiteState:
        return self.jira.content

    def verify(self) -> dict[str, Any]:
        answer = self.migration.client.post(self.address)
        assert answer.status_code == 202, answer.content
        self.jobs.run_all()
        found = self.migration.get(f"{self.address}?limit=1000")
        assert found["requested"]["status"] == "COMPLETED", str(found["requested"])
        return found

    def strike(self, name: str, places: int, chance: random.Random, spared: set[str]) -> list[Damage]:
        """One kind of damage at so many places, or at all there are; items already struck are spared."""
        done: list[Damage] = []
        issues = list(self.site.issues.values())
        chance.shuffle(issues)
        for issue in issues:
            if len(done) == places:
                break
            if "isthmus.source" not in issue.properties or issue.id not in self.site.issues:
                continue
            damage = KINDS[name](self.site, issue, chance)
            if damage is None:
                continue
            if damage.touched & spared:
                damage.undo()
                continue
            spared |= damage.touched
            done.append(damage)
        return done


def _parent_links(ado: AdoService, jira: JiraService) -> set[str]:
    """Links between an item and its parent, where the issue has another parent or none."""
    found = set()
    for link in jira.content.links.values():
        marks = [end.properties.get("isthmus.source") for end in (link.inward, link.outward)]
        a, b = (int(mark["id"]) if isinstance(mark, dict) else 0 for mark in marks)
        if a and b and (ado.org.items[a].parent == b or ado.org.items[b].parent == a):
            found.add(link.id)
    return found


def names(found: dict[str, Any]) -> set[Named]:
    return {(difference["id"], difference["field"]) for difference in found["differences"]}


def judge(name: str, found: dict[str, Any], done: list[Damage]) -> list[str]:
    """What verification missed, and what it made up."""
    reported = names(found)
    wanted = {each for damage in done for each in damage.named}
    touched = {item for damage in done for item in damage.touched}
    missed = [f"{name}: not found: item {item}, {field}" for item, field in sorted(wanted - reported)]
    made_up = [f"{name}: made up: item {i}, {f}" for i, f in sorted(reported - wanted) if i not in touched]
    return missed + made_up


def test_every_kind_of_damage_is_found_and_nothing_else(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    """All kinds at once, each at a few places of its own."""
    proving, chance = Proving(people, jobs, serve), random.Random(SEED)
    clean = proving.verify()
    spared: set[str] = set()
    done = {name: proving.strike(name, 3, chance, spared) for name in reversed(KINDS)}

    found = proving.verify()

    assert (proving.run["status"], clean["differenceCount"], clean["reconciles"]) == ("COMPLETED", 0, True)
    assert [name for name, damages in done.items() if not damages] == []
    everything = [damage for damages in done.values() for damage in damages]
    assert judge("all", found, everything) == []
    assert found["differenceCount"] >= len(everything)


@pytest.mark.full
def test_every_kind_of_damage_is_found_at_fifty_places(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    proving, chance = Proving(people, jobs, serve), random.Random(SEED + 1)
    wrong: list[str] = []
    struck: dict[str, int] = {}

    for name in KINDS:
        done = proving.strike(name, PLACES, chance, set())
        struck[name] = len(done)
        wrong += judge(name, proving.verify(), done)
        for damage in reversed(done):
            damage.undo()
    clean = proving.verify()

    assert wrong == []
    assert clean["differenceCount"] == 0
    assert sum(count == PLACES for count in struck.values()) >= 20, struck
    assert all(struck.values()), struck


def test_a_source_edited_meanwhile_is_no_difference(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    proving = Proving(people, jobs, serve)
    chance, owner = random.Random(SEED), proving.ado.org.owner
    visible = [item for item in proving.ado.org.items.values() if item.visible]
    edited = chance.sample(visible, 30)
    for number, item in enumerate(edited):
        if number % 3:
            fields = {**item.fields, "System.Title": f"Another title {number}", "System.Description": "<p>New</p>"}
            proving.ado.org.record(item, fields, by=owner, when="2026-11-22T00:00:00Z", formats={})
        else:
            proving.ado.org.add_comment(item, "A late remark", by=owner, when="2026-11-22T00:00:00Z", fmt="html")

    found = proving.verify()

    assert found["differences"] == []
    assert found["changedSince"] == len(edited)


def test_verifying_again_writes_nothing(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    proving = Proving(people, jobs, serve)
    before = proving.jira.state()

    proving.verify()

    assert proving.jira.state() == before
