"""Starts that cannot work and projects that do not fit: a code, words a person can act on, and nothing written."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest

from migrations_app.models import RunEvent
from sandbox.ado.service import AdoService
from sandbox.build import build_ado, build_jira
from sandbox.faults import FaultPlan
from sandbox.jira.models import BoardKind, Category
from sandbox.jira.service import JiraService
from sandbox.jira.site import (
    DEFAULT_TYPES,
    BoardSpec,
    FieldSpec,
    SiteSpec,
    StatusSpec,
    TransitionSpec,
    WorkflowSpec,
)
from tests.builders import Cast
from tests.checker import complaints
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.migrations_app.test_real_projects import Migration

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

PROJECT = "Generated"


@pytest.fixture
def ado() -> AdoService:
    return build_ado(generate=40, seed=3)


@pytest.fixture
def begin(people: Cast, jobs: RecordedJobs, serve: Any, ado: AdoService) -> Any:
    """Makes a migration of the generated project into a site."""

    def make(site: SiteSpec | None = None) -> tuple[Migration, JiraService]:
        jira = build_jira(site=site or SiteSpec())
        return Migration(people, jobs, serve(ado).url, serve(jira).url, PROJECT), jira

    return make


def writes(*services: AdoService | JiraService) -> list[str]:
    """Requests that changed a stand-in."""
    return [f"{entry.method} {entry.route}" for service in services for entry in service.log.entries() if entry.applied]


def failed(migration: Migration, **options: Any) -> tuple[str, str]:
    run = migration.run(**options)
    assert run["status"] == "FAILED", run
    return run["reason"]["code"], run["reason"]["message"]


def test_a_wrong_pat_fails_the_run_before_anything_is_written(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()
    migration.payload["source"]["pat"] = "not-the-pat"

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("CREDENTIALS_REFUSED", [])
    assert "token" in words or "PAT" in words


def test_a_pat_without_the_scope_fails_the_run_with_the_documented_sentence(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()
    migration.payload["source"]["pat"] = "sandbox-pat-noscope"

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("PERMISSION_MISSING", [])
    assert "Work Items (Read)" in words


def test_a_wrong_source_project_is_named(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()
    migration.payload["source"]["project"] = "Nowhere"

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("PROJECT_NOT_FOUND", [])
    assert "Nowhere" in words


def test_a_wrong_target_project_is_named(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()
    migration.payload["target"]["project_key"] = "NOPE"

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("PROJECT_NOT_FOUND", [])
    assert "NOPE" in words


def test_missing_rights_are_listed(begin: Any, ado: AdoService) -> None:
    migration, jira = begin(SiteSpec(denied=frozenset({"CREATE_ISSUES"})))

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("PERMISSION_MISSING", [])
    assert "Create Issues" in words


def test_rights_that_only_some_options_need_are_listed_with_them(begin: Any, ado: AdoService, settings: Any) -> None:
    settings.UNCLEAR_WAIT = 1  # how long an issue that Jira denies is believed to be merely late
    migration, jira = begin(SiteSpec(denied=frozenset({"CREATE_ATTACHMENTS", "LINK_ISSUES"})))

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("PERMISSIONS_MISSING", [])
    assert "Create attachments, Link issues" in words
    run = migration.run(migrate_attachments=False, migrate_links=False)
    assert run["status"] != "FAILED"


def test_an_unreachable_host_is_named_and_tried_again_later(begin: Any, ado: AdoService, settings: Any) -> None:
    migration, jira = begin()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        settings.ALLOW_PRIVATE_TARGETS = (*settings.ALLOW_PRIVATE_TARGETS, address)
        migration.payload["target"]["base_url"] = f"http://{address}"

        run = migration.run()

    (line,) = RunEvent.objects.filter(run=run["id"], kind="log")
    assert (run["status"], line.data["code"]) == ("RUNNING", "PLATFORM_UNREACHABLE")
    assert address in line.data["message"] and "Going on in" in line.data["message"]
    assert writes(ado, jira) == []


def test_an_html_page_instead_of_json_is_called_a_web_page(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()
    ado.faults = FaultPlan.parse([{"kind": "html", "route": "*", "rate": 1.0}])

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("PLATFORM_HTML_PAGE", [])
    assert "a web page came back where data was asked for" in words


def test_a_missing_issue_type_blocks_and_says_how_many_items_need_it(begin: Any, ado: AdoService) -> None:
    types = tuple(spec for spec in DEFAULT_TYPES if spec.name != "Bug")
    migration, jira = begin(SiteSpec(types=types))

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("TYPE_NOT_IN_TARGET", [])
    assert words.startswith("8 items of type Bug need the issue type Bug, which project DEMO does not offer")
    assert "type_overrides" in words


def test_the_same_project_arrives_when_the_type_is_mapped(begin: Any, ado: AdoService) -> None:
    types = tuple(spec for spec in DEFAULT_TYPES if spec.name != "Bug")
    migration, jira = begin(SiteSpec(types=types))

    run = migration.run(type_overrides={"Bug": "Task"})

    assert (run["status"], complaints(ado, jira, PROJECT)) == ("COMPLETED", [])


def test_a_status_override_that_does_not_exist_blocks(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()

    code, words = failed(migration, state_overrides={"Closed": "Shipped"})

    assert (code, writes(ado, jira)) == ("STATUS_NOT_IN_TARGET", [])
    assert "in state Closed need the status Shipped" in words


@pytest.mark.parametrize("boards", [(), (BoardSpec("Flow", BoardKind.KANBAN),)], ids=["none", "kanban"])
def test_a_project_without_a_scrum_board_blocks_unless_sprints_are_left_out(
    begin: Any, ado: AdoService, boards: tuple[BoardSpec, ...]
) -> None:
    migration, jira = begin(SiteSpec(boards=boards))

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("NO_SCRUM_BOARD", [])
    assert "scrum board" in words
    run = migration.run(field_overrides={"System.IterationPath": "none"})
    assert (run["status"], complaints(ado, jira, PROJECT)) == ("COMPLETED", [])


def test_a_required_field_without_a_value_blocks_and_names_field_and_type(begin: Any, ado: AdoService) -> None:
    site = SiteSpec(fields=(FieldSpec("Cost centre", "textfield"),), required={"Bug": ("Cost centre",)})
    migration, jira = begin(site)

    code, words = failed(migration)

    assert (code, writes(ado, jira)) == ("REQUIRED_FIELD_EMPTY", [])
    assert words.startswith("Bug demands the field Cost centre")


def test_an_item_the_pat_cannot_read_is_left_behind_and_the_rest_arrives(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()
    hidden = next(item for item in ado.org.items.values() if item.type == "Bug")
    hidden.unreadable = True

    run = migration.run()

    assert (run["status"], run["totalItems"]) == ("COMPLETED", 39)
    assert complaints(ado, jira, PROJECT) == []
    found = RunEvent.objects.get(run=run["id"], kind="findings").data["findings"]
    assert ("ITEM_UNREADABLE", 1) in [(finding["code"], finding["count"]) for finding in found]


def test_an_attachment_over_the_limit_makes_its_item_partial_and_stays_in_the_source(
    begin: Any, ado: AdoService
) -> None:
    migration, jira = begin(SiteSpec(upload_limit=5_000))

    run = migration.run()

    partial = migration.get(f"/api/migrations/{run['id']}/items?outcome=partial")["items"]
    assert run["status"] == "PARTIAL"
    assert run["failureCount"] == len(partial) == 8
    assert {problem["code"] for item in partial for problem in item["problems"]} == {"ATTACHMENT_TOO_LARGE"}
    assert all("5,000" in problem["message"] for item in partial for problem in item["problems"])
    assert len([words for words in complaints(ado, jira, PROJECT) if "file" not in words]) == 0


def test_a_workflow_without_global_steps_is_walked(begin: Any, ado: AdoService) -> None:
    statuses = (
        StatusSpec("To Do", Category.NEW),
        StatusSpec("In Progress", Category.INDETERMINATE),
        StatusSpec("Done", Category.DONE),
    )
    steps = (
        TransitionSpec("Start", "In Progress", ("To Do",)),
        TransitionSpec("Finish", "Done", ("In Progress",)),
    )
    site = SiteSpec(statuses=statuses, workflows=(WorkflowSpec("Strict", steps, "To Do"),))
    migration, jira = begin(site)

    run = migration.run()

    assert (run["status"], complaints(ado, jira, PROJECT)) == ("COMPLETED", [])
    done = [issue for issue in jira.content.issues.values() if issue.status.name == "Done"]
    assert len(done) == sum(item.fields["System.State"] in ("Resolved", "Closed") for item in ado.org.items.values())
    assert all(issue.values.get("resolution") for issue in done)


def test_fields_missing_on_the_create_screen_are_set_by_an_edit(begin: Any, ado: AdoService) -> None:
    screen = ("summary", "issuetype", "project", "parent")
    site = replace(SiteSpec(), create_screens={spec.name: screen for spec in DEFAULT_TYPES})
    migration, jira = begin(site)

    run = migration.run()

    assert (run["status"], complaints(ado, jira, PROJECT)) == ("COMPLETED", [])
