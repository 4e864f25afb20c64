"""What can be done to an ended run: trying its failures again, taking it back, and going on with its links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from migrations_app.models import LedgerEntry, MigrationRun
from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.model import Item
from sandbox.ado.organization import Organization
from sandbox.ado.processes import PROCESSES
from sandbox.ado.service import AdoService
from sandbox.build import build_ado, build_jira
from sandbox.jira.records import Comment, Issue
from sandbox.jira.service import JiraService
from tenancy.models import AuditEntry
from tests.builders import Cast
from tests.checker import complaints
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.migrations_app.test_real_projects import Migration

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

PROJECT = "Generated"
START = "2026-01-05T08:00:00Z"
Begin = Callable[..., Migration]


@pytest.fixture
def ado() -> AdoService:
    return build_ado(generate=40, seed=3)


@pytest.fixture
def jira() -> JiraService:
    return build_jira()


@pytest.fixture
def begin(people: Cast, jobs: RecordedJobs, serve: Any, ado: AdoService, jira: JiraService) -> Begin:
    addresses = {}

    def make(source: AdoService = ado, project: str = PROJECT) -> Migration:
        for service in (source, jira):
            addresses.setdefault(id(service), "") or addresses.__setitem__(id(service), serve(service).url)
        return Migration(people, jobs, addresses[id(source)], addresses[id(jira)], project)

    return make


def post(migration: Migration, path: str, body: dict[str, Any] | None = None) -> Any:
    return migration.client.post(path, body or {}, format="json")


def issue_of(jira: JiraService, source: int | str) -> Issue:
    marks = {str(i.properties["isthmus.source"]["id"]): i for i in jira.content.issues.values()}  # type: ignore[call-overload, index]
    return marks[str(source)]


# --- retry ---


def refuse_uploads(jira: JiraService) -> Callable[[], None]:
    """The site takes no file of more than ten bytes until the answer is called."""
    before = jira.content.spec
    jira.content.spec = replace(before, upload_limit=10)
    return lambda: setattr(jira.content, "spec", before)


def test_what_failed_is_tried_again_and_nothing_else(
    people: Cast, jobs: RecordedJobs, begin: Begin, ado: AdoService, jira: JiraService
) -> None:
    migration = begin()
    allow = refuse_uploads(jira)
    first = migration.run()
    allow()

    answer = post(migration, f"/api/migrations/{first['id']}/retry-failed")
    jobs.run_all()
    second = migration.get(f"/api/migrations/{answer.json()['id']}")

    assert (first["status"], answer.status_code) == ("PARTIAL", 200)
    assert second["parentRunId"] == first["id"]
    assert (second["status"], second["totalItems"]) == ("COMPLETED", first["failureCount"])
    assert complaints(ado, jira, PROJECT) == []
    assert AuditEntry.objects.filter(action="run.retry", target_id=second["id"]).count() == 1


def test_what_verification_missed_is_made_again(
    people: Cast, jobs: RecordedJobs, begin: Begin, ado: AdoService, jira: JiraService
) -> None:
    migration = begin()
    first = migration.run()
    talked = next(issue for issue in jira.content.issues.values() if issue.comments)
    linked = next(issue for issue in jira.content.issues.values() if issue.links)
    comment = talked.comments.pop()
    del jira.content.comments[comment.id]
    jira.content.remove_link(linked.links[0])
    MigrationRun.objects.filter(pk=first["id"]).update(status="PARTIAL")
    post(migration, f"/api/migrations/{first['id']}/verification")
    jobs.run_all()
    found = migration.get(f"/api/migrations/{first['id']}/verification")
    ids = {difference["id"] for difference in found["differences"]}
    run = MigrationRun.objects.get(pk=first["id"])
    run.items.filter(source__in=ids).update(outcome="partial")

    answer = post(migration, f"/api/migrations/{first['id']}/retry-failed")
    jobs.run_all()

    codes = {difference["code"] for difference in found["differences"]}
    assert "COMMENT_MISSING" in codes and codes <= {"COMMENT_MISSING", "LINK_MISSING", "PARENT_LINK_MISSING"}
    assert migration.get(f"/api/migrations/{answer.json()['id']}")["status"] == "COMPLETED"
    assert complaints(ado, jira, PROJECT) == []


def test_a_run_without_failures_has_nothing_to_retry(begin: Begin) -> None:
    migration = begin()
    run = migration.run()

    answer = post(migration, f"/api/migrations/{run['id']}/retry-failed")

    assert (answer.status_code, answer.json()["code"]) == (400, "NOTHING_TO_RETRY")


# --- rollback ---


def roll_back(migration: Migration, run: dict[str, Any], jobs: RecordedJobs) -> dict[str, Any]:
    answer = post(migration, f"/api/migrations/{run['id']}/rollback", {"confirm": "DEMO"})
    assert answer.status_code == 202, answer.content
    jobs.run_all()
    return migration.get(f"/api/migrations/{run['id']}/rollback")


def test_a_rollback_takes_everything_back_and_a_later_run_makes_it_again(
    people: Cast, jobs: RecordedJobs, begin: Begin, ado: AdoService, jira: JiraService
) -> None:
    migration = begin()
    first = migration.run()
    made = len(jira.content.issues)

    found = roll_back(migration, first, jobs)
    left = (len(jira.content.issues), len(jira.content.sprints), LedgerEntry.objects.count())
    second = migration.run()

    assert (found["status"], found["deleted"], found["kept"]) == ("COMPLETED", made, 0)
    assert found["sprintsDeleted"] >= 1 and left == (0, 0, 0)
    assert second["outcomes"]["created"] == made
    assert complaints(ado, jira, PROJECT) == []
    (entry,) = AuditEntry.objects.filter(action="run.rollback")
    assert (entry.target_id, entry.after["id"]) == (first["id"], found["id"])


def test_what_somebody_changed_stays_and_is_listed(
    people: Cast, jobs: RecordedJobs, begin: Begin, jira: JiraService
) -> None:
    migration = begin()
    run = migration.run()
    somebody = next(user for user in jira.content.users.values() if user is not _caller(jira))
    issues = [issue for issue in jira.content.issues.values() if not issue.children and issue.parent]
    retitled, commented, moved, parent = issues[0], issues[1], issues[2], issues[0].parent
    retitled.values["summary"] = "Ours now"
    comment = Comment(jira.content.id("comment"), commented, somebody, {"type": "doc", "content": []}, 0, 0, somebody)
    commented.comments.append(comment)
    jira.content.touch(moved, somebody, [])
    jira.content.index(moved, 0)
    moved.history.append(_history(jira, somebody))

    found = roll_back(migration, run, jobs)

    kept = {item["targetKey"]: item["code"] for item in found["items"] if item["outcome"] == "kept"}
    assert {retitled.key, commented.key, moved.key} <= set(kept)
    assert {kept[issue.key] for issue in (retitled, commented, moved)} == {"CHANGED_SINCE"}
    assert parent is not None and kept[parent.key] == "HAS_KEPT_CHILDREN"
    assert found["deleted"] + found["kept"] == run["totalItems"]
    assert {issue.key for issue in jira.content.issues.values()} == set(kept)


def _caller(jira: JiraService) -> Any:
    return next(iter(jira.content.issues.values())).creator


def _history(jira: JiraService, author: Any) -> Any:
    by_caller = next(entry for issue in jira.content.issues.values() for entry in issue.history)
    return replace(by_caller, id=jira.content.id("history"), author=author)


def test_a_rollback_leaves_what_other_runs_made(
    people: Cast, jobs: RecordedJobs, begin: Begin, ado: AdoService, jira: JiraService
) -> None:
    migration = begin()
    migration.payload["source"]["type_filter"] = "Bug"
    bugs = migration.run()
    migration.payload["source"]["type_filter"] = None
    rest = migration.run()

    found = roll_back(migration, rest, jobs)

    assert found["deleted"] + found["kept"] == rest["outcomes"]["created"]
    assert len(jira.content.issues) == bugs["outcomes"]["created"] + found["kept"]


@pytest.mark.parametrize("confirm", ["", "demo", "OTHER"])
def test_a_rollback_must_be_confirmed_with_the_project_key(begin: Begin, jira: JiraService, confirm: str) -> None:
    migration = begin()
    run = migration.run()
    before = len(jira.content.issues)

    answer = post(migration, f"/api/migrations/{run['id']}/rollback", {"confirm": confirm})

    assert answer.status_code == 400
    assert answer.json()["code"] in ("ROLLBACK_NOT_CONFIRMED", "VALIDATION_FAILED")
    assert len(jira.content.issues) == before


def test_nothing_starts_while_a_rollback_is_under_way(begin: Begin, jobs: RecordedJobs) -> None:
    migration = begin()
    run = migration.run()
    post(migration, f"/api/migrations/{run['id']}/rollback", {"confirm": "DEMO"})

    again = post(migration, f"/api/migrations/{run['id']}/rollback", {"confirm": "DEMO"})
    verify = post(migration, f"/api/migrations/{run['id']}/verification")
    project = {"name": "P", "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA"}
    other = post(migration, "/api/projects", project).json()
    body = {"type": "FULL", "enginePayload": {**migration.payload, "options": {}}}
    start = post(migration, f"/api/migrations/project/{other['id']}/start", body)

    codes = [(answer.status_code, answer.json()["code"]) for answer in (again, verify, start)]
    assert codes == [(409, "FOLLOW_UP_RUNNING")] * 3


# --- who may, and when ---


PATHS = ("retry-failed", "rollback", "verification")


def test_another_organization_finds_nothing(people: Cast, begin: Begin) -> None:
    migration = begin()
    run = migration.run()

    answers = [
        people.outsider.client.post(f"/api/migrations/{run['id']}/{path}", {"confirm": "DEMO"}, format="json")
        for path in PATHS
    ]
    reads = [people.outsider.client.get(f"/api/migrations/{run['id']}/{path}") for path in ("rollback", "verification")]

    assert {answer.status_code for answer in (*answers, *reads)} == {404}


def test_a_member_retries_and_verifies_but_does_not_roll_back(people: Cast, begin: Begin) -> None:
    migration = begin()
    run = migration.run()
    client = people.member.client

    codes = [
        client.post(f"/api/migrations/{run['id']}/{p}", {"confirm": "DEMO"}, format="json").status_code for p in PATHS
    ]

    assert codes == [400, 403, 202]


def test_a_run_that_has_not_ended_is_left_alone(people: Cast, begin: Begin) -> None:
    migration = begin()
    run = migration.run()
    MigrationRun.objects.filter(pk=run["id"]).update(status="RUNNING")

    answers = [post(migration, f"/api/migrations/{run['id']}/{path}", {"confirm": "DEMO"}) for path in PATHS]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "MIGRATION_NOT_ENDED")}


def test_a_dry_run_left_nothing_to_verify_or_roll_back(begin: Begin) -> None:
    migration = begin()
    run = migration.run(dry_run=True)

    answers = [post(migration, f"/api/migrations/{run['id']}/{p}", {"confirm": "DEMO"}) for p in PATHS[1:]]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, "MIGRATION_WROTE_NOTHING")}


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_queue_starts_nothing(begin: Begin, jobs: RecordedJobs) -> None:
    migration = begin()
    run = migration.run()
    jobs.unreachable = True

    answer = post(migration, f"/api/migrations/{run['id']}/verification")
    jobs.unreachable = False
    found = migration.get(f"/api/migrations/{run['id']}/verification")

    assert (answer.status_code, answer.json()["code"]) == (502, "ENGINE_DISPATCH_FAILED")
    assert (found["requested"]["status"], found["running"], found["verified"]) == ("FAILED", False, True)


def test_the_table_accounts_for_what_the_selection_left_out(begin: Begin, ado: AdoService) -> None:
    migration = begin()
    migration.payload["source"]["type_filter"] = "Bug"
    run = migration.run()

    found = migration.get(f"/api/migrations/{run['id']}/verification")
    page = migration.client.get(f"/api/migrations/{run['id']}/verification.html").content.decode()

    assert found["reconciles"]
    assert sum(row["scanned"] for row in found["types"]) == len(ado.org.items)
    assert sum(row["filtered"] for row in found["types"]) == len(ado.org.items) - run["totalItems"]
    assert "The table reconciles." in page and "<td>Bug</td>" in page


# --- links over several runs ---


def _two_projects() -> tuple[Organization, dict[str, Item]]:
    """Two projects whose items are linked with each other, one of them from one side only."""
    org = Organization()
    made: dict[str, Item] = {}
    for name in ("North", "South"):
        builder = ProjectBuilder(org, name, PROCESSES["Agile"])
        for kind in ("User Story", "Task", "Bug"):
            fields = {"System.WorkItemType": kind, "System.Title": f"{kind} in the {name}", "System.State": "New"}
            made[f"{name} {kind}"] = builder.item({**fields, "System.Reason": "New"}, created=START, by=org.owner)
    builder.link(made["South Bug"], "System.LinkTypes.Related", made["North Bug"].id)
    builder.link(made["North User Story"], "System.LinkTypes.Dependency-Forward", made["South User Story"].id)
    builder.link(made["North Task"], "System.LinkTypes.Related", made["North Bug"].id)
    lonely = made["South User Story"]
    lonely.relations = [
        relation for relation in lonely.relations if relation.rel != "System.LinkTypes.Dependency-Reverse"
    ]
    org.seal()
    return org, made


def test_a_link_waits_for_the_run_that_moves_its_other_end(begin: Begin, jira: JiraService) -> None:
    org, made = _two_projects()
    migration = begin(AdoService(lambda: org), "North")
    migration.payload["source"]["type_filter"] = "Task"
    migration.run()
    before = len(jira.content.links)
    migration.payload["source"]["type_filter"] = "Bug"
    run = migration.run()

    (link,) = jira.content.links.values()
    assert before == 0
    ends = {link.inward, link.outward}
    assert ends == {issue_of(jira, made["North Task"].id), issue_of(jira, made["North Bug"].id)}
    assert migration.get(f"/api/migrations/{run['id']}/verification")["differenceCount"] == 0


def test_links_between_projects_are_completed_when_both_have_moved(begin: Begin, jira: JiraService) -> None:
    org, made = _two_projects()
    source = AdoService(lambda: org)
    first, second = begin(source, "North"), begin(source, "South")
    north, south = first.run(), second.run()

    found = {(link.type.name, link.inward.key, link.outward.key) for link in jira.content.links.values()}
    keys = {name: issue_of(jira, item.id).key for name, item in made.items()}
    assert ("Blocks", keys["North User Story"], keys["South User Story"]) in found
    assert len(found) == len(jira.content.links) == 3
    assert first.get(f"/api/migrations/{north['id']}/verification")["differenceCount"] == 0
    assert second.get(f"/api/migrations/{south['id']}/verification")["differenceCount"] == 0
