"""The mapping of a project over REST: proposals, decisions, versions, export and import, people as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from connectors.credentials import seal_values
from connectors.models import Connector, Mapping
from migrations_app.models import MigrationRun, Project
from sandbox.ado.service import AdoService
from sandbox.build import build_ado, build_jira
from sandbox.jira.service import JiraService
from sandbox.jira.site import FieldSpec, SiteSpec
from sandbox.server import ServerHandle
from tests.builders import Cast
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_project, make_run

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

Serve = Callable[[Any], ServerHandle]
SITE = SiteSpec(
    fields=(
        FieldSpec("Ship class", "select", (("Coastal", ()), ("Island", ()), ("High speed", ()))),
        FieldSpec("Severity", "select", (("Blocker", ()), ("High", ()), ("Medium", ()))),
    )
)


@pytest.fixture
def ado() -> AdoService:
    return build_ado(sample=True)


@pytest.fixture
def jira() -> JiraService:
    return build_jira(site=SITE)


@pytest.fixture
def sample(people: Cast, serve: Serve, ado: AdoService, jira: JiraService) -> Project:
    source = Connector(
        name="From", system="azure_devops", server=f"{serve(ado).url}/contoso", default_project="Saltwind Booking"
    )
    target = Connector(
        name="To", system="jira", server=serve(jira).url, account="sandbox@example.com", default_project="DEMO"
    )
    for connector, secret in ((source, "sandbox-pat"), (target, "sandbox-token")):
        connector.organization = people.organization
        connector.save()
        connector.sealed_credentials = seal_values(connector, {"secret": secret})
        connector.save()
    return make_project(people.organization, source_connector=source, target_connector=target)


def address(project: Project, more: str = "") -> str:
    return f"/api/projects/{project.pk}/mapping{more}"


def read(people: Cast, project: Project) -> dict[str, Any]:
    answer = people.member.client.get(address(project))
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def put(people: Cast, project: Project, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = people.admin.client.put(address(project), body, format="json")
    assert answer.status_code == status, answer.content
    found: dict[str, Any] = answer.json()
    return found


def entry(entries: list[dict[str, Any]], source: str, **more: str) -> dict[str, Any]:
    (found,) = [each for each in entries if each["source"] == source and more.items() <= each.items()]
    return found


def test_everything_in_use_is_shown_with_a_target_a_confidence_and_a_reason(people: Cast, sample: Project) -> None:
    shown = read(people, sample)

    assert (shown["version"], shown["checked"]) == (0, True)
    assert entry(shown["types"], "Epic")["target"] == "Epic"
    assert entry(shown["types"], "Epic")["confidence"] == 1.0
    assert entry(shown["states"], "Closed", type="Bug")["target"] == "Done"
    assert {each["source"] for each in shown["priorities"]} >= {"1", "2", "3"}
    assert entry(shown["fields"], "Custom.Crossings")["target"] == "description"
    assert {each["reason"] for each in shown["areas"]["entries"]} == {"a new component"}
    assert shown["iterations"]["as"] == "sprint"
    assert all(each["reason"] and 0 <= each["confidence"] <= 1 for part in ("types", "states") for each in shown[part])
    counts = sum(each["count"] for each in shown["types"])
    assert counts == sum(each["count"] for each in shown["states"]) > 250


def test_a_field_that_offers_the_values_in_use_is_proposed_but_not_used(people: Cast, sample: Project) -> None:
    vessel = entry(read(people, sample)["fields"], "Custom.VesselClass")

    assert vessel["target"] == "description"
    assert vessel["proposal"].startswith("customfield_")
    assert "100% of the values" in vessel["reason"]


def test_decisions_are_stored_with_a_version_and_used_by_runs(
    people: Cast, jobs: RecordedJobs, sample: Project, jira: JiraService
) -> None:
    proposed = entry(read(people, sample)["fields"], "Custom.VesselClass")["proposal"]

    stored = put(
        people,
        sample,
        {
            "version": 0,
            "types": [{"source": "Feature", "target": "Story"}],
            "fields": [{"source": "Custom.VesselClass", "target": proposed}],
            "severities": [{"source": "1 - Critical", "target": "Blocker"}],
            "areas": {"as": "collapsed"},
        },
    )
    started = people.member.client.post(f"/api/migrations/project/{sample.pk}/start", {"type": "FULL"}, format="json")
    jobs.run_all()

    assert stored["version"] == 1
    assert entry(stored["types"], "Feature") | {"count": 0} == {
        "source": "Feature",
        "target": "Story",
        "confidence": 1.0,
        "reason": "decided",
        "count": 0,
        "confirmed": True,
    }
    run = people.member.client.get(f"/api/migrations/{started.json()['id']}").json()
    assert (run["status"], run["failureCount"]) == ("COMPLETED", 0), run
    issues = list(jira.content.issues.values())
    assert sum(1 for issue in issues if issue.values.get(proposed)) > 10
    severity = next(field.id for field in jira.content.fields.values() if field.name == "Severity")
    assert {getattr(issue.values.get(severity), "value", None) for issue in issues} >= {"Blocker", "Medium"}
    assert {issue.type.name for issue in issues} == {"Epic", "Story", "Task", "Bug", "Sub-task"}


def test_what_a_start_call_decides_wins(people: Cast, jobs: RecordedJobs, sample: Project) -> None:
    put(people, sample, {"types": [{"source": "Feature", "target": "Story"}, {"source": "Bug", "target": "Task"}]})
    put(people, sample, {"states": [{"type": "Bug", "source": "Closed", "target": "To Do"}]})
    options = {"type_overrides": {"feature": "Epic"}, "state_overrides": {"Closed": "In Review"}}

    body = {"type": "FULL", "enginePayload": {"options": options}}
    answer = people.member.client.post(f"/api/migrations/project/{sample.pk}/start", body, format="json")

    run = MigrationRun.objects.get(pk=answer.json()["id"])
    assert run.config["options"]["type_overrides"] == {"Bug": "Task", "feature": "Epic"}
    assert run.config["options"]["state_overrides"] == {"Closed": "In Review"}


def test_an_old_version_is_refused(people: Cast, sample: Project) -> None:
    put(people, sample, {"version": 0, "types": [{"source": "Feature", "target": "Story"}]})

    refused = put(people, sample, {"version": 0, "types": []}, 409)

    assert refused["code"] == "MAPPING_CHANGED"
    assert put(people, sample, {"version": 1, "types": []})["version"] == 2
    assert put(people, sample, {"types": []})["version"] == 3


def test_parts_that_are_left_out_stay(people: Cast, sample: Project) -> None:
    put(people, sample, {"types": [{"source": "Feature", "target": "Story"}]})

    after = put(people, sample, {"priorities": [{"source": "1", "target": "High"}]})

    assert entry(after["types"], "Feature")["target"] == "Story"
    assert entry(after["priorities"], "1")["target"] == "High"


def test_an_answer_can_be_sent_back_as_it_is(people: Cast, sample: Project) -> None:
    before = put(people, sample, {"types": [{"source": "Feature", "target": "Story"}], "areas": {"as": "path"}})

    after = put(people, sample, before)

    assert after == {**before, "version": 2}


def test_a_mapping_without_open_entries_makes_the_project_mapped(people: Cast, sample: Project) -> None:
    after = put(people, sample, {"version": 0})

    assert (after["complete"], after["open"]) == (True, 0)
    assert people.member.client.get(f"/api/projects/{sample.pk}").json()["status"] == "MAPPED"


def test_what_nothing_makes_likely_must_be_decided_before_a_run(
    people: Cast, jobs: RecordedJobs, sample: Project, ado: AdoService, jira: JiraService
) -> None:
    odd = next(item for item in ado.org.items.values() if item.fields["System.WorkItemType"] == "Bug")
    odd.fields["System.State"] = "Parked"
    blocked = put(people, sample, {"version": 0})

    started = people.member.client.post(f"/api/migrations/project/{sample.pk}/start", {"type": "FULL"}, format="json")
    jobs.run_all()
    run = people.member.client.get(f"/api/migrations/{started.json()['id']}").json()
    decided = put(people, sample, {"states": [{"type": "Bug", "source": "Parked", "target": "To Do"}]})

    parked = entry(blocked["states"], "Parked")
    assert (blocked["open"], parked["confidence"], parked["confirmed"]) == (1, 0.3, False)
    assert people.member.client.get(f"/api/projects/{sample.pk}").json()["status"] == "FAILED"
    assert run["reason"]["code"] == "MAPPING_UNCONFIRMED"
    assert not [logged for logged in jira.log.entries() if logged.applied]
    assert (decided["open"], decided["complete"]) == (0, True)


def test_what_the_target_does_not_have_is_told(people: Cast, sample: Project) -> None:
    after = put(people, sample, {"types": [{"source": "Bug", "target": "Incident"}]})

    assert entry(after["types"], "Bug")["reason"] == "decided, but Incident does not exist"
    assert after["complete"] is False
    assert "TYPE_NOT_IN_TARGET" in {found["code"] for found in after["findings"] if found["severity"] == "blocking"}


def test_a_mapping_is_exported_and_imported_into_another_project(people: Cast, sample: Project) -> None:
    put(
        people,
        sample,
        {
            "types": [{"source": "Feature", "target": "Story"}],
            "states": [{"source": "Closed", "target": "Done"}],
            "fields": [{"source": "Custom.VesselClass", "target": "Ship class", "values": []}],
            "severities": [{"source": "1 - Critical", "target": "Blocker"}],
            "iterations": {"as": "version", "entries": [{"source": "Saltwind Booking\\2024", "target": "none"}]},
            "people": [{"source": "ingrid.solberg@saltwind.example", "target": "someone"}],
        },
    )
    other = make_project(people.organization)

    exported = people.member.client.get(address(sample, "/export"))
    put(people, other, exported.json())
    again = people.member.client.get(address(other, "/export"))

    assert "attachment" in exported["Content-Disposition"]
    assert again.json() == exported.json()
    document = Mapping.objects.get(migration_project=other.pk).document
    assert document["iterations"] == {"as": "version", "names": {"Saltwind Booking\\2024": ""}}
    assert document["values"] == {"Microsoft.VSTS.Common.Severity": {"1 - Critical": "Blocker"}}


def test_people_go_out_and_come_back_as_a_table(people: Cast, sample: Project, jira: JiraService) -> None:
    answer = people.member.client.get(address(sample, "/people.csv"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    somebody = next(user for user in jira.content.users.values() if user.name == "Person 01")
    rows[0] |= {"account_id": somebody.account_id, "confirmed": "yes"}
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)

    after = people.admin.client.put(address(sample, "/people.csv?version=0"), text.getvalue(), content_type="text/csv")

    assert answer["Content-Type"].startswith("text/csv")
    assert {row["reason"] for row in rows} >= {"same e-mail"}
    assert after.status_code == 200, after.content
    confirmed = [each for each in after.json()["people"] if each["confirmed"]]
    assert [(each["source"], each["target"]) for each in confirmed] == [(rows[0]["source"], somebody.account_id)]


@pytest.mark.parametrize(
    ("table", "named"),
    [("", "source"), ("source\nx", "account_id"), ('source,account_id\n"a', "line"), (b"\xff\xfe", "UTF-8")],
)
def test_an_unreadable_table_is_refused(people: Cast, project: Project, table: str | bytes, named: str) -> None:
    answer = people.admin.client.put(address(project, "/people.csv"), table, content_type="text/csv")

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_FAILED")
    assert named in answer.content.decode()


@pytest.mark.parametrize(
    "body",
    [
        {"types": "x"},
        {"types": [{"source": "Bug"}]},
        {"areas": {"as": "fridge"}},
        {"linkTypes": [{"source": "hates", "target": "Relates"}]},
        {"priorities": [{"source": "urgent", "target": "High"}]},
        {"version": -1},
    ],
)
def test_malformed_decisions_are_refused(people: Cast, project: Project, body: dict[str, Any]) -> None:
    assert put(people, project, body, 400)["code"] == "VALIDATION_FAILED"
    assert not Mapping.objects.exists()


def test_a_project_without_connectors_keeps_decisions_unchecked(people: Cast, project: Project) -> None:
    stored = put(people, project, {"types": [{"source": "Feature", "target": "Story"}]})

    assert (stored["version"], stored["checked"], stored["complete"]) == (1, False, False)
    assert "no source connector" in stored["problem"]
    assert people.member.client.get(address(project)).json()["code"] == "PROJECT_NOT_CONNECTED"


def test_a_mapping_is_not_changed_under_a_run(people: Cast, project: Project) -> None:
    make_run(project)

    assert put(people, project, {}, 409)["code"] == "PROJECT_BUSY"


def test_members_read_and_administrators_change(people: Cast, project: Project) -> None:
    assert people.member.client.put(address(project), {}, format="json").status_code == 403
    assert people.member.client.put(address(project, "/people.csv"), "", content_type="text/csv").status_code == 403
    assert people.member.client.get(address(project, "/export")).status_code == 200
    assert people.owner.client.put(address(project), {}, format="json").status_code == 200


def test_a_foreign_mapping_is_not_found(people: Cast, project: Project) -> None:
    put(people, project, {"types": [{"source": "Feature", "target": "Story"}]})
    client = people.outsider.client

    answers = [
        client.get(address(project)),
        client.get(address(project, "/export")),
        client.get(address(project, "/people.csv")),
        client.put(address(project), {}, format="json"),
        client.put(address(project, "/people.csv"), "source,account_id\n", content_type="text/csv"),
        client.get("/api/projects/none-such/mapping"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
    assert not any(b"Story" in answer.content for answer in answers)
