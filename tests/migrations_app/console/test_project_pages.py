"""Projects in the console: made, led through their steps, changed, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connectors.domain.errors import AccessLost
from connectors.models import Connector, Scan
from connectors.models import Mapping as StoredMapping
from migrations_app.console.steps import StepState, wizard_of
from migrations_app.engine.state import RunStatus, RunType
from migrations_app.models import Project
from migrations_app.queries import find_project
from tests.builders import Cast, Person
from tests.connectors.sources import MemorySource
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import CONFIG, make_project, make_run

pytestmark = pytest.mark.django_db


def url(name: str, project: Project | None = None) -> str:
    return reverse(f"migrations_console:{name}", kwargs={"project": project.pk} if project else None)


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def page(person: Person, address: str) -> str:
    answer = person.browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return words(answer)


def make_connector(people: Cast, system: str = "azure_devops", **fields: Any) -> Connector:
    values = {"name": f"Our {system}", "server": "https://dev.azure.com/contoso", "default_project": "Shop", **fields}
    return Connector.objects.create(organization=people.organization, system=system, **values)


def make_connected(people: Cast, **fields: Any) -> Project:
    source, target = make_connector(people, health="ok"), make_connector(people, "jira", health="ok")
    return make_project(people.organization, source_connector=source, target_connector=target, **fields)


def make_scan(project: Project, status: str = "COMPLETED", **fields: Any) -> Scan:
    values: dict[str, Any] = {
        "system": "azure_devops",
        "server": "https://dev.azure.com/contoso",
        "external_project": "Shop",
        "total_items": 5_847,
        "finished_at": timezone.now(),
        "migration_project": project.pk,
        **fields,
    }
    return Scan.objects.create(organization=project.organization, status=status, **values)


def map_all(project: Project, *, complete: bool = True) -> None:
    StoredMapping.objects.create(
        organization=project.organization,
        migration_project=project.pk,
        name=project.name,
        source_system="azure_devops",
        target_system="jira",
        document={"complete": complete},
    )


def states(project: Project) -> dict[str, StepState]:
    found = find_project(project.organization, project.pk)
    return {step.key: step.state for step in wizard_of(found).steps if step.state is not StepState.OPEN}


# --- The list --------------------------------------------------------------------------------------------------------


def test_an_empty_list_says_what_a_project_is_and_who_can_make_one(people: Cast) -> None:
    assert "A project moves the work items of one source project into one target project" in page(
        people.owner, url("projects")
    )
    assert "Ask an owner or administrator" in page(people.member, url("projects"))


def test_the_list_shows_how_far_each_project_is_and_its_active_run(people: Cast) -> None:
    project = make_connected(people, name="Big move")
    run = make_run(project, status=RunStatus.RUNNING)

    shown = page(people.member, url("projects"))

    assert "Big move" in shown
    assert "Azure DevOps, Our azure_devops" in shown
    assert ">Connected</span>" in shown
    assert reverse("migrations_console:run", kwargs={"run": run.pk}) in shown
    assert "No project matches" in page(people.member, url("projects") + "?q=other")


def test_the_list_takes_as_many_queries_for_three_as_for_one(people: Cast) -> None:
    counts = []
    browser = people.member.browser
    for number in (1, 2, 3):
        make_run(make_connected(people, name=f"P{number}"), status=RunStatus.RUNNING)
        if number != 2:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(url("projects")).status_code == 200
            counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_page_of_a_project_takes_as_many_queries_for_three_runs_as_for_one(people: Cast) -> None:
    project = make_connected(people)
    counts = []
    browser = people.member.browser
    for number in (1, 2, 3):
        make_run(project, status=RunStatus.COMPLETED, started_by=people.owner.user)
        make_scan(project)
        if number != 2:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(url("project", project)).status_code == 200
            counts.append(len(queries))

    assert counts[0] == counts[1]


def test_an_outsider_finds_no_project(people: Cast) -> None:
    project = make_connected(people, name="Hidden name")
    browser = people.outsider.browser

    assert "Hidden name" not in page(people.outsider, url("projects"))
    for name in ("project", "project_edit", "project_delete", "connect", "scan"):
        assert browser.get(url(name, project)).status_code == 404, name
    for name in ("project_edit", "project_delete", "connect", "scan"):
        assert browser.post(url(name, project), {"name": "Mine"}).status_code == 404, name
    project.refresh_from_db()
    assert project.name == "Hidden name"


# --- Making, changing, deleting --------------------------------------------------------------------------------------


def test_a_new_project_goes_on_to_its_connectors(people: Cast) -> None:
    sent = {"name": "Shop", "description": "", "source_system": "AZURE_DEVOPS", "target_system": "JIRA"}

    answer = people.admin.browser.post(url("project_new"), sent)

    project = Project.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url("connect", project))
    assert (project.name, project.organization) == ("Shop", people.organization)


def test_wrong_input_is_named_and_kept(people: Cast) -> None:
    sent = {"name": "", "description": "All of it", "source_system": "JIRA", "target_system": "GITHUB"}

    answer = people.owner.browser.post(url("project_new"), sent)

    shown = words(answer)
    assert answer.status_code == 422
    assert "This field is required." in shown
    assert "JIRA is not one of the available choices." in shown
    assert "All of it</textarea>" in shown
    assert '<option value="GITHUB" selected>' in shown


def test_a_member_looks_and_scans_but_does_not_change(people: Cast) -> None:
    project = make_connected(people)
    browser = people.member.browser

    assert url("project_edit", project) not in page(people.member, url("project", project))
    assert browser.get(url("project_new")).status_code == 403
    for name in ("project_edit", "project_delete", "connect"):
        assert browser.post(url(name, project), {"name": "Mine"}).status_code == 403, name


def test_a_project_gets_another_name(people: Cast) -> None:
    project = make_project(people.organization)

    answer = people.owner.browser.post(url("project_edit", project), {"name": "Renamed", "description": "Why"})

    project.refresh_from_db()
    assert answer.status_code == 303
    assert (project.name, project.description) == ("Renamed", "Why")
    assert people.owner.browser.post(url("project_edit", project), {"name": ""}).status_code == 422


def test_deleting_says_what_goes_and_what_stays(people: Cast) -> None:
    project = make_project(people.organization, name="Obsolete")
    make_run(project, status=RunStatus.COMPLETED)

    assert "Its 1 run with logs and reports, its mapping and its scans are removed." in page(
        people.owner, url("project_delete", project)
    )
    answer = people.owner.browser.post(url("project_delete", project), follow=True)

    assert answer.redirect_chain == [(url("projects"), 303)]
    assert "The project Obsolete is deleted." in words(answer)
    assert not Project.objects.exists()


def test_a_project_whose_run_is_active_is_not_deleted_and_the_page_says_why(people: Cast) -> None:
    project = make_project(people.organization)
    run = make_run(project, status=RunStatus.RUNNING)

    answer = people.owner.browser.post(url("project_delete", project))

    shown = words(answer)
    assert answer.status_code == 409
    assert "Not deleted. A run of this project is active: cancel it first." in shown
    assert reverse("migrations_console:run", kwargs={"run": run.pk}) in shown
    assert Project.objects.exists()


# --- The steps -------------------------------------------------------------------------------------------------------


def test_a_new_project_begins_with_its_connectors(people: Cast) -> None:
    project = make_project(people.organization)

    shown = page(people.member, url("project", project))

    assert states(project) == {"connect": StepState.NEXT}
    assert "Choose a connector for Azure DevOps and one for Jira Cloud." in shown
    assert "Choose connectors" in shown


def test_each_finished_step_makes_the_following_one_the_next(people: Cast) -> None:
    done = {"connect": StepState.DONE}
    project = make_connected(people)
    assert states(project) == done | {"scan": StepState.NEXT}

    make_scan(project)
    done["scan"] = StepState.DONE
    assert states(project) == done | {"map": StepState.NEXT}

    map_all(project)
    done["map"] = StepState.DONE
    assert states(project) == done | {"preview": StepState.NEXT}

    dry = {**CONFIG, "options": {"dry_run": True}}
    make_run(project, status=RunStatus.COMPLETED, config=dry)
    done["preview"] = StepState.DONE
    assert states(project) == done | {"run": StepState.NEXT}

    run = make_run(project, status=RunStatus.RUNNING)
    assert states(project) == done | {"run": StepState.BUSY}

    run.status = RunStatus.COMPLETED.value
    run.save()
    assert states(project) == done | {"run": StepState.DONE, "verify": StepState.DONE}


def test_the_page_follows_what_is_going_on_and_stands_still_otherwise(people: Cast) -> None:
    project = make_connected(people)
    run = make_run(project, status=RunStatus.RUNNING)
    assert 'hx-trigger="every 5s"' in page(people.member, url("project", project))

    run.status = RunStatus.COMPLETED.value
    run.save()

    assert 'hx-trigger="every 5s"' not in page(people.member, url("project", project))


def test_a_run_may_be_made_without_the_steps_before_it(people: Cast) -> None:
    project = make_connected(people)
    make_run(project, status=RunStatus.COMPLETED)

    assert states(project) == {"connect": StepState.DONE, "run": StepState.DONE, "verify": StepState.DONE}


def test_after_a_sample_the_full_run_is_next(people: Cast) -> None:
    project = make_connected(people)
    make_run(project, status=RunStatus.COMPLETED, type=RunType.SAMPLE.value, total=10)

    assert states(project)["run"] is StepState.NEXT
    assert "A sample of 10 items was moved. The rest is still to come." in page(people.member, url("project", project))


@pytest.mark.parametrize(
    ("status", "fields", "text"),
    [
        (RunStatus.PAUSED, {"reason_message": "The token has expired."}, "The run is paused. The token has expired."),
        (RunStatus.PARTIAL, {"created": 1_200, "failed": 3}, "1,200 items were moved, 3 need a look."),
        (RunStatus.FAILED, {"reason_message": "No type fits."}, "The last run failed: No type fits."),
        (RunStatus.CANCELLED, {}, "The last run was cancelled."),
    ],
)
def test_a_run_that_needs_somebody_says_so(people: Cast, status: RunStatus, fields: dict[str, Any], text: str) -> None:
    project = make_connected(people)
    make_run(project, status=status, **fields)

    assert states(project)["run"] is StepState.WRONG
    assert text in page(people.member, url("project", project))


def test_a_connector_that_fails_comes_before_everything_else(people: Cast) -> None:
    project = make_connected(people)
    Connector.objects.filter(system="jira").update(health="failing")
    make_scan(project)

    assert states(project) == {"connect": StepState.WRONG, "scan": StepState.DONE}
    assert "Our jira cannot be used as it is." in page(people.member, url("project", project))


def test_a_failed_scan_is_no_step_taken(people: Cast) -> None:
    project = make_connected(people)
    make_scan(project, "FAILED", error_message="No project Shop")

    assert states(project)["scan"] is StepState.WRONG


def test_scans_of_other_projects_of_the_connector_are_not_the_projects(people: Cast) -> None:
    project = make_connected(people)
    make_scan(project, migration_project=None, connector=project.source_connector, external_project="Warehouse")
    assert "scan" not in {key for key, state in states(project).items() if state is StepState.DONE}

    make_scan(project, migration_project=None, connector=project.source_connector, external_project="SHOP")

    assert states(project)["scan"] is StepState.DONE


def test_only_connectors_of_the_right_system_and_organization_are_offered(people: Cast) -> None:
    make_connector(people, name="A source")
    make_connector(people, "jira", name="A target")
    Connector.objects.create(organization=people.outsider.organization, name="Foreign", system="azure_devops")
    project = make_project(people.organization)

    source, target = page(people.owner, url("connect", project)).split('name="target"')

    assert "A source" in source
    assert "A target" not in source
    assert "A target" in target
    assert "Foreign" not in source + target


def test_chosen_connectors_are_tested_on_the_page(people: Cast) -> None:
    source, target = make_connector(people), make_connector(people, "jira", health="ok")
    project = make_project(people.organization)

    answer = people.owner.browser.post(url("connect", project), {"source": source.pk, "target": target.pk}, follow=True)

    project.refresh_from_db()
    shown = words(answer)
    assert (project.source_connector, project.target_connector) == (source, target)
    assert "The connectors are saved." in shown
    tests = [part.split('"')[0] for part in shown.split('hx-trigger="load"')]
    assert len(tests) == 2, "only the one that was never tested is tested by itself"
    assert "Next: Scan." in shown


def test_connectors_cannot_change_under_an_active_run(people: Cast) -> None:
    project = make_connected(people)
    other = make_connector(people, name="Another")
    make_run(project, status=RunStatus.RUNNING)

    answer = people.owner.browser.post(
        url("connect", project), {"source": other.pk, "target": project.target_connector_id}
    )

    assert answer.status_code == 409
    assert "A run of this project is active: cancel it first" in words(answer)
    project.refresh_from_db()
    assert project.source_connector_id != other.pk


def test_a_scan_of_the_project_is_started_watched_and_found_again(
    people: Cast, jobs: RecordedJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    MemorySource(size=12).install(monkeypatch)
    project = make_connected(people)
    browser = people.member.browser

    started = browser.post(url("scan", project))

    assert (started.status_code, started["Location"]) == (303, url("scan", project))
    assert "0 of 12 work items read" in page(people.member, url("scan", project))
    assert Scan.objects.get().migration_project == project.pk

    jobs.run_all()

    shown = page(people.member, url("scan", project))
    assert "12 work items counted on" in shown
    assert reverse("connectors_console:scan", kwargs={"scan": Scan.objects.get().pk}) in shown
    assert "Next: Map." in shown


def test_a_refused_scan_is_told_in_the_platforms_words(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise AccessLost("The token is not accepted", code="CREDENTIALS_REFUSED")

    source = MemorySource(on_list=refuse)
    monkeypatch.setattr(source, "probe", refuse)
    source.install(monkeypatch)
    project = make_connected(people)

    answer = people.owner.browser.post(url("scan", project))

    shown = words(answer)
    assert answer.status_code == 422
    assert "The scan could not begin: The token is not accepted" in shown
    assert "Make a new token on the platform and enter it in the connector." in shown


def test_without_a_source_there_is_nothing_to_scan(people: Cast) -> None:
    project = make_project(people.organization)

    assert "Choose the connector of the source first." in page(people.owner, url("scan", project))
    answer = people.owner.browser.post(url("scan", project))
    assert answer["Location"] == url("connect", project)
