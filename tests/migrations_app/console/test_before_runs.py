"""The check, the preview and the start of a run: what they say, what they keep, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connectors.console.advice import after_failure
from connectors.credentials import seal_values
from connectors.models import Scan, ScanStatus
from migrations_app.api.start_body import MigrationsOptions
from migrations_app.console.findings import CURES
from migrations_app.console.start_options import OPTIONS
from migrations_app.models import MigrationRun, Project, RunItem
from migrations_app.run_config import engine_config
from sandbox.server import ServerHandle
from tests.builders import Cast, Person
from tests.codes import codes_in
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_project, make_run
from tests.migrations_app.console.sandboxed import Stage, make_repository_project, make_stage

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
FILLED = {
    "type": "FULL",
    "migrate_comments": "on",
    "migrate_attachments": "on",
    "migrate_links": "on",
    "history": "none",
    "people_policy": "fallback",
    "sample_size": "10",
}


@pytest.fixture
def stage(people: Cast, serve: Callable[[Any], ServerHandle]) -> Stage:
    return make_stage(people.organization, serve)


def address(project: Project, name: str) -> str:
    return reverse(f"migrations_console:{name}", kwargs={"project": project.pk})


def plain(content: bytes) -> str:
    return " ".join(content.decode().split())


def check(person: Person, project: Project) -> str:
    answer = person.browser.post(address(project, "preflight"), headers=HTMX)
    assert answer.status_code == 200, answer.content
    return plain(answer.content)


def preview(person: Person, project: Project, **query: str) -> str:
    answer = person.browser.get(address(project, "preview"), query, headers=HTMX)
    assert answer.status_code == 200, answer.content
    return plain(answer.content)


def parent_of(item: Any) -> int:
    return next((int(each.target) for each in item.relations if each.rel.endswith("Hierarchy-Reverse")), 0)


# the check


def test_the_check_says_what_to_mend_where_and_for_which_items(people: Cast, stage: Stage) -> None:
    odd = next(item for item in stage.ado.org.items.values() if item.fields["System.WorkItemType"] == "Bug")
    odd.fields["System.State"] = "Parked"

    shown = check(people.member, stage.project)

    assert "1 finding blocks a run." in shown
    assert shown.index("A status needs a decision") < shown.index("A type is a guess")
    assert f'href="{address(stage.project, "mapping")}?tab=states"' in shown
    assert f'href="{address(stage.project, "preview")}?item={odd.id}"' in shown
    assert "What to do:</strong> Choose the status, or accept the one shown." in shown


def test_a_project_that_is_ready_leads_on_to_the_start(people: Cast, stage: Stage) -> None:
    shown = check(people.member, stage.project)
    again = plain(people.member.browser.get(address(stage.project, "preflight")).content)

    assert "Ready.</strong>" in shown and f'href="{address(stage.project, "start")}"' in shown
    assert "Ready.</strong>" in again and "Check again" in again


def test_the_page_asks_for_the_check_by_itself_and_forgets_it_with_the_mapping(people: Cast, stage: Stage) -> None:
    check(people.member, stage.project)
    body = {"types": [{"source": "Feature", "target": "Story"}]}
    people.admin.client.put(f"/api/projects/{stage.project.pk}/mapping", body, format="json")

    shown = plain(people.member.browser.get(address(stage.project, "preflight")).content)

    assert "Checking both projects" in shown and 'hx-trigger="load"' in shown


def test_a_check_that_cannot_look_says_why_and_what_to_do(people: Cast, stage: Stage) -> None:
    connector = stage.project.source_connector
    assert connector is not None
    connector.sealed_credentials = seal_values(connector, {"secret": "wrong"})
    connector.save()

    shown = check(people.member, stage.project)

    assert "The check could not look at both projects." in shown
    assert "CREDENTIALS_REFUSED" in shown
    assert after_failure("CREDENTIALS_REFUSED") in shown


def test_every_finding_of_a_check_has_a_cure() -> None:
    checks = ["connectors/domain/mapping", "migrations_app/engine/preflight.py"]

    assert codes_in(*checks) - set(CURES) - {"MAPPING_UNCONFIRMED"} == set()


# the preview


def test_an_item_stands_beside_what_it_would_become(people: Cast, stage: Stage) -> None:
    item = next(each for each in stage.ado.org.items.values() if each.fields["System.WorkItemType"] == "User Story")
    item.fields["System.Description"] = "<p>Pay <b>now</b><img src=x onerror=alert(1)></p><script>alert(1)</script>"

    shown = preview(people.member, stage.project, part="item", item=str(item.id))

    assert f"User Story #{item.id}" in shown and "Would become · Story" in shown
    assert "Pay <b>now</b>" in shown and "Pay <strong>now</strong>" in shown
    assert "onerror" not in shown.split("The request as it would be sent")[0]
    assert "<script" not in shown
    assert "migrated-from-ado" in shown and "Origin" in shown
    assert [each for each in stage.jira.log.entries() if each.applied] == []
    assert not RunItem.objects.exists()


def test_a_child_is_composed_below_its_real_parent(people: Cast, stage: Stage) -> None:
    items = stage.ado.org.items
    tasks = [each for each in items.values() if each.fields["System.WorkItemType"] == "Task"]
    above = {task.id: parent_of(task) for task in tasks}
    task, parent = next(
        (number, parent)
        for number, parent in above.items()
        if parent and items[parent].fields["System.WorkItemType"] == "User Story"
    )

    shown = preview(people.member, stage.project, part="item", item=str(task))

    assert "Would become · Sub-task" in shown
    assert f"ADO #{parent}" in shown and "its issue" in shown


def test_an_item_that_was_moved_already_says_so(people: Cast, stage: Stage, jobs: RecordedJobs) -> None:
    people.member.client.post(f"/api/migrations/project/{stage.project.pk}/start", {"type": "SAMPLE"})
    jobs.run_all()
    moved = RunItem.objects.exclude(target_key="").first()
    assert moved is not None

    shown = preview(people.member, stage.project, part="item", item=moved.source)

    assert f"it is <strong>{moved.target_key}</strong>" in shown


def test_items_are_offered_as_a_sample_and_found_by_title_or_number(people: Cast, stage: Stage) -> None:
    item = next(each for each in stage.ado.org.items.values() if each.fields["System.WorkItemType"] == "Bug")
    title = str(item.fields["System.Title"])

    sample = preview(people.member, stage.project, part="items")
    found = preview(people.member, stage.project, part="items", q=title[:25].upper())
    number = preview(people.member, stage.project, part="items", q=f"#{item.id}")
    nothing = preview(people.member, stage.project, part="items", q="zzz <b>")

    assert "two of each type" in sample and sample.count("data-item") > 5
    assert f"#{item.id}<" in found and f"#{item.id}<" in number
    assert "No item has this in its title." in nothing


def test_stepping_through_the_sample_reads_the_source_only_now_and_then(people: Cast, stage: Stage) -> None:
    preview(people.member, stage.project, part="items")
    listed = preview(people.member, stage.project, part="items").split('data-item="')[1:]
    numbers = [each.split('"')[0] for each in listed]
    preview(people.member, stage.project, part="item", item=numbers[0])
    asked = len(stage.ado.log.entries())

    second = preview(people.member, stage.project, part="item", item=numbers[1])

    assert len(stage.ado.log.entries()) == asked
    assert f'data-item="{numbers[0]}"' in second and f'data-item="{numbers[2]}"' in second


def test_an_item_that_cannot_be_read_is_told(people: Cast, stage: Stage) -> None:
    shown = [preview(people.member, stage.project, part="item", item=each) for each in ("987654", "9" * 40, "a\0b")]

    assert "#987654 cannot be read." in shown[0] and "Try another number." in shown[0]
    assert all("cannot be read." in each for each in shown)


def test_an_item_that_cannot_be_composed_leads_to_the_check(people: Cast, stage: Stage) -> None:
    odd = next(item for item in stage.ado.org.items.values() if item.fields["System.WorkItemType"] == "Bug")
    odd.fields["System.State"] = "Parked"

    shown = preview(people.member, stage.project, part="item", item=str(odd.id))

    assert "in state Parked get the status" in shown and "MAPPING_UNCONFIRMED" in shown
    assert f'href="{address(stage.project, "preflight")}"' in shown
    assert "Choose the status, or accept the one shown." in shown
    assert f'href="{address(stage.project, "mapping")}?tab=states"' in shown


def test_an_item_is_shown_although_its_neighbour_in_the_sample_cannot_be_composed(people: Cast, stage: Stage) -> None:
    for item in stage.ado.org.items.values():
        if item.fields["System.WorkItemType"] == "Feature":
            item.fields["System.State"] = "Parked"
    epic = next(each for each in stage.ado.org.items.values() if each.fields["System.WorkItemType"] == "Epic")
    preview(people.member, stage.project, part="items")

    shown = preview(people.member, stage.project, part="item", item=str(epic.id))

    assert "Would become · Epic" in shown


@pytest.mark.parametrize("source", [True, False])
def test_repositories_are_mapped_checked_and_previewed_too(
    people: Cast, serve: Callable[[Any], ServerHandle], source: bool
) -> None:
    project = make_repository_project(people.organization, serve, source=source)

    mapped = people.member.browser.get(address(project, "mapping"), {"look": "1"})
    checked = check(people.member, project)
    number = preview(people.member, project, part="items").split('data-item="')[1].split('"')[0]
    shown = preview(people.member, project, part="item", item=number)

    assert mapped.status_code == 200 and "What each type of item becomes" in plain(mapped.content)
    assert "What types become" in checked
    assert "Would become" in shown and "The request as it would be sent" in shown


# the start


def start(person: Person, project: Project, **fields: Any) -> Any:
    return person.browser.post(address(project, "start"), {**FILLED, **fields})


def test_the_page_offers_every_option_of_the_api_with_its_default(people: Cast, stage: Stage) -> None:
    shown = plain(people.member.browser.get(address(stage.project, "start")).content)

    assert {option.name for option in OPTIONS} == set(MigrationsOptions().fields)
    assert [option.name for option in OPTIONS if f'name="{option.name}"' not in shown] == []
    for name in ("migrate_comments", "migrate_attachments", "migrate_links"):
        assert f'name="{name}" aria-describedby="id_{name}_helptext" id="id_{name}" checked' in shown
    assert 'name="dry_run" aria-describedby="id_dry_run_helptext" id="id_dry_run">' in shown


def test_a_run_starts_with_what_was_chosen(people: Cast, stage: Stage, jobs: RecordedJobs) -> None:
    Scan.objects.create(
        organization=people.organization,
        migration_project=stage.project.pk,
        system="azure_devops",
        server="x",
        external_project="Parts",
        status=ScanStatus.COMPLETED,
        report={"typeCounts": {"Bug": 3, "Epic": 1}, "areaPaths": [{"path": "Parts\\Hull", "itemCount": 2}]},
    )
    offered = plain(people.member.browser.get(address(stage.project, "start")).content)

    answer = start(
        people.member,
        stage.project,
        dry_run="on",
        type_filter=["Bug", "Epic"],
        area_filter="Parts\\Hull",
        history="json",
        state_overrides="Closed = Done\n\nBug:Filed = To Do",
        migrate_links="",
    )

    run = MigrationRun.objects.get()
    config = engine_config(run)
    assert "Bug (3)" in offered and '<option value="Parts\\Hull">' in offered
    assert answer.status_code == 303
    assert answer["Location"] == reverse("migrations_console:run", kwargs={"run": run.pk})
    assert (config.selection.types, config.selection.area) == (("Bug", "Epic"), "Parts\\Hull")
    assert (config.options.dry_run, config.options.history, config.options.migrate_links) == (True, "json", False)
    assert config.options.state_overrides == {"Closed": "Done", "Bug:Filed": "To Do"}
    assert len(jobs.sent) == 1


def test_a_time_is_that_of_the_reader_s_clock(people: Cast, stage: Stage, jobs: RecordedJobs) -> None:
    wall = (
        (timezone.now() + timedelta(days=2)).astimezone(ZoneInfo("America/New_York")).replace(second=0, microsecond=0)
    )

    start(people.member, stage.project, start_at=wall.strftime("%Y-%m-%dT%H:%M"), zone="America/New_York")

    assert MigrationRun.objects.get().resume_at == wall
    assert jobs.sent == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sample_size": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"type": "EVERYTHING"}, "Select a valid choice."),
        ({"people": "anna@example.com"}, "Line 1 must look like: name = target."),
        ({"start_at": "2020-01-01T10:00"}, "This time has passed."),
        ({"start_at": "tomorrow"}, "Enter a valid date/time."),
        ({"type_overrides": f"{'x' * 501} = Bug"}, "Ensure this field has no more than 500 characters."),
        ({"area_filter": "x" * 4001}, "Ensure this value has at most 4000 characters"),
    ],
)
def test_wrong_input_is_explained_and_what_was_typed_stays(
    people: Cast, stage: Stage, fields: dict[str, str], words: str
) -> None:
    answer = start(people.member, stage.project, **{"field_overrides": "Custom.Team = Squad", **fields})

    shown = plain(answer.content)
    assert answer.status_code == 422
    assert "Not started." in shown and words in shown
    assert "Custom.Team = Squad" in shown
    assert not MigrationRun.objects.exists()


def test_a_second_run_is_refused_in_words_and_leads_to_the_first(people: Cast, stage: Stage) -> None:
    active = make_run(stage.project)

    answer = start(people.member, stage.project, area_filter="Parts\\Hull")

    shown = plain(answer.content)
    assert answer.status_code == 409
    assert f"Run {active.pk} of this project is active" in shown
    assert 'value="Parts\\Hull"' in shown
    assert f'href="{reverse("migrations_console:run", kwargs={"run": active.pk})}"' in shown


def test_a_project_without_connectors_says_what_is_missing(people: Cast) -> None:
    project = make_project(people.organization)

    shown = plain(people.member.browser.get(address(project, "start")).content)
    answer = start(people.member, project)

    assert "The project has no connector for one of its ends." in shown
    assert answer.status_code == 422 and "Not started." in plain(answer.content)


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_away_keeps_the_form(people: Cast, stage: Stage, jobs: RecordedJobs) -> None:
    jobs.unreachable = True

    answer = start(people.member, stage.project, area_filter="Parts\\Hull")

    assert answer.status_code == 422
    assert "Could not start migration worker" in plain(answer.content)
    assert 'value="Parts\\Hull"' in plain(answer.content)


@pytest.mark.parametrize("name", ["mapping", "preflight", "preview", "start"])
def test_pages_cost_the_same_queries_whatever_else_there_is(people: Cast, name: str) -> None:
    project, browser = make_project(people.organization), people.member.browser

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert browser.get(address(project, name)).status_code == 200
        return len(caught)

    queries()
    few = queries()
    for _ in range(3):
        make_run(make_project(people.organization))

    assert queries() == few
