"""Values of every kind of field over REST into the Jira stand-in, checked against what both stand-ins hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from migrations_app.models import MigrationRun
from sandbox.ado.dates import parse_date
from sandbox.ado.model import Item
from sandbox.ado.model import Person as Author
from sandbox.ado.service import AdoService
from sandbox.build import build_ado, build_jira
from sandbox.jira.models import Option, User
from sandbox.jira.records import Issue
from sandbox.jira.service import JiraService
from sandbox.jira.site import FieldSpec, SiteSpec
from tests.builders import Cast
from tests.checker import complaints
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.migrations_app.test_real_projects import Migration

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

PROJECT = "Saltwind Booking"
COMMON = "Microsoft.VSTS.Common."
SCHEDULING = "Microsoft.VSTS.Scheduling."


def options(*values: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((value, ()) for value in values)


FIELDS = (
    FieldSpec("Vessel Class", "select", options("Coastal", "Island", "High speed")),
    FieldSpec("Customer note", "textarea"),
    FieldSpec("regulatory_ref", "textfield"),
    FieldSpec("Crossings", "float"),
    FieldSpec("Safety relevant", "radiobuttons", options("Yes", "No")),
    FieldSpec("Reviewed On", "datetime"),
    FieldSpec("Safety Officer", "userpicker"),
    FieldSpec("Severity", "select", options("Critical", "High", "Medium", "Low")),
    FieldSpec("Value Area", "multiselect", options("Business", "Architectural")),
    FieldSpec("Activity", "multicheckboxes", options("Development", "Testing", "Design")),
    FieldSpec("Risk", "labels"),
    FieldSpec("Target date", "datepicker"),
    FieldSpec("Reason", "cascadingselect", options("New", "Work started")),
)


FILLED = {
    COMMON + "ValueArea": "Architectural",
    COMMON + "Activity": "Testing",
    COMMON + "Risk": "2 - Medium",
    SCHEDULING + "TargetDate": "2026-03-04T00:00:00Z",
    SCHEDULING + "DueDate": "2026-05-06T22:30:00Z",
    SCHEDULING + "StartDate": "2026-01-02T00:00:00Z",
    SCHEDULING + "OriginalEstimate": 12.5,
    SCHEDULING + "RemainingWork": 0.75,
    SCHEDULING + "CompletedWork": 3,
    "Microsoft.VSTS.Build.FoundIn": "Build 20260102.3",
}


@pytest.fixture
def ado() -> AdoService:
    """The sample organization; every fifth item fills whatever else the vendor offers."""
    service = build_ado(sample=True)
    for number, item in enumerate(service.org.items.values()):
        if number % 5 == 0:
            item.fields.update(FILLED)
    return service


@pytest.fixture
def begin(people: Cast, jobs: RecordedJobs, serve: Any, ado: AdoService) -> Any:
    def make(site: SiteSpec | None = None) -> tuple[Migration, JiraService]:
        jira = build_jira(site=site or SiteSpec())
        return Migration(people, jobs, serve(ado).url, serve(jira).url, PROJECT), jira

    return make


def pairs(ado: AdoService, jira: JiraService) -> Iterator[tuple[Item, Issue]]:
    for issue in jira.content.issues.values():
        mark = issue.properties["isthmus.source"]
        assert isinstance(mark, dict)
        yield ado.org.items[int(str(mark["id"]))], issue


def value_of(issue: Issue, jira: JiraService, name: str) -> object:
    found = next(field for field in jira.content.fields.values() if field.name == name)
    return issue.values.get(found.id)


def plain(value: object) -> object:
    """A stored value of the stand-in in words."""
    if isinstance(value, Option):
        return value.value
    if isinstance(value, User):
        return value.email
    if isinstance(value, list):
        return [plain(each) for each in value]
    return plain(value[0]) if isinstance(value, tuple) else value


def finished(run: dict[str, Any]) -> None:
    assert run["status"] == "COMPLETED", run
    assert run["failureCount"] == 0


def test_every_kind_of_field_arrives_in_the_field_of_its_name_and_verifies_clean(begin: Any, ado: AdoService) -> None:
    migration, jira = begin(SiteSpec(fields=FIELDS))

    run = migration.run()

    finished(run)
    assert complaints(ado, jira, PROJECT) == []
    seen: dict[str, int] = {}
    accounts = {user.email: user for user in jira.content.users.values() if user.active}
    for item, issue in pairs(ado, jira):
        wanted = _wanted(item, accounts)
        for name, value in wanted.items():
            assert plain(value_of(issue, jira, name)) == value, (item.id, name)
            seen[name] = seen.get(name, 0) + 1
        if item.fields.get("Custom.CustomerNote"):
            assert words(value_of(issue, jira, "Customer note")) == "Heard at the gate: “finally!”"
            assert "Heard at the gate" not in words(issue.values.get("description"))
            seen["Customer note"] = seen.get("Customer note", 0) + 1
        if SCHEDULING + "CompletedWork" in item.fields and "Original estimate" in wanted:
            for shown in ("Completed Work: 3", "Found In: Build 20260102.3", "Start Date: 2026-01-02"):
                assert shown in text_of(issue), item.id
    assert min(seen[name] for name in (*(spec.name for spec in FIELDS[:-1]), "Story Points")) >= 3, seen


def _wanted(item: Item, accounts: dict[str, User]) -> dict[str, object]:
    """What the item's fields must show, worked out from the source stand-in alone."""
    fields, wanted = item.fields, {}
    for reference, name in (("Custom.VesselClass", "Vessel Class"), ("Custom.RegulatoryRef", "regulatory_ref")):
        if fields.get(reference):
            wanted[name] = fields[reference]
    if "Custom.Crossings" in fields:
        wanted["Crossings"] = float(str(fields["Custom.Crossings"]))
    if "Custom.SafetyRelevant" in fields:
        wanted["Safety relevant"] = "Yes" if fields["Custom.SafetyRelevant"] else "No"
    if "Custom.ReviewedOn" in fields:
        wanted["Reviewed On"] = parse_date(str(fields["Custom.ReviewedOn"])).timestamp()
    officer = fields.get("Custom.SafetyOfficer")
    if isinstance(officer, Author) and officer.unique_name in accounts:
        wanted["Safety Officer"] = officer.unique_name
    severity = fields.get(COMMON + "Severity")
    if severity:
        wanted["Severity"] = str(severity).partition(" - ")[2]
    if COMMON + "Risk" in fields and COMMON + "ValueArea" in fields:
        wanted |= {
            "Value Area": ["Architectural"],
            "Activity": ["Testing"],
            "Risk": ["2---Medium"],
            "Target date": "2026-03-04",
            "Due date": "2026-05-06",
            "Original estimate": 45_000,
            "Remaining Estimate": 2_700,
        }
    points = fields.get(SCHEDULING + "StoryPoints", fields.get(SCHEDULING + "Effort"))
    if points is not None:
        wanted["Story Points"] = float(str(points))
    return wanted


def words(document: object) -> str:
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            found.extend([node["text"]] if "text" in node else [])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(document)
    return " ".join(" ".join(found).split())


def text_of(issue: Issue) -> str:
    return words(issue.values.get("description"))


def test_values_without_a_field_stand_in_the_description(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()

    finished(migration.run())

    shown = 0
    for item, issue in pairs(ado, jira):
        text = text_of(issue)
        for reference, name in (
            ("Custom.VesselClass", "Vessel Class"),
            ("Custom.RegulatoryRef", "Regulatory Ref"),
            ("Custom.Crossings", "Crossings"),
            (COMMON + "Severity", "Severity"),
            ("System.Reason", "Reason"),
        ):
            if item.fields.get(reference) not in (None, ""):
                assert f"{name}: {' '.join(str(item.fields[reference]).split())}" in text, (item.id, name)
                shown += 1
    assert shown > 100
    assert "Changed By" not in text


def test_fields_are_made_with_options_and_screens_when_asked(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()
    before = set(jira.content.fields)

    finished(migration.run(create_missing_fields=True))

    made = {field.name: field for name, field in jira.content.fields.items() if name not in before}
    assert {"Vessel Class", "Customer Note", "Crossings", "Safety Officer", "Severity"} <= set(made)
    vessel = made["Vessel Class"].contexts[0]
    assert {option.value for option in vessel.options.values()} == {"Coastal", "Island", "High speed"}
    project = next(iter(jira.content.projects.values()))
    assert all(made["Vessel Class"].id in screen.field_ids() for screen in project.create_screens.values())
    arrived = [
        plain(issue.values.get(made["Vessel Class"].id)) == item.fields["Custom.VesselClass"]
        for item, issue in pairs(ado, jira)
        if item.fields.get("Custom.VesselClass")
    ]
    assert len(arrived) > 10 and all(arrived)
    assert not any("Vessel Class:" in text_of(issue) for _, issue in pairs(ado, jira))


def test_fields_are_not_asked_for_without_the_right_to_make_them(begin: Any) -> None:
    migration, jira = begin(SiteSpec(denied=frozenset({"ADMINISTER"})))

    run = migration.run(create_missing_fields=True)

    assert (run["status"], run["reason"]["code"]) == ("FAILED", "PERMISSIONS_MISSING")
    assert "administer the site" in run["reason"]["message"]
    assert not [entry for entry in jira.log.entries() if entry.applied]


def test_a_second_run_makes_no_second_field(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()
    finished(migration.run(create_missing_fields=True))
    made = set(jira.content.fields)

    again = migration.run(create_missing_fields=True)

    assert again["skippedCount"] == again["totalItems"]
    assert set(jira.content.fields) == made


def test_overrides_lead_fields_to_others_off_screen_too(begin: Any, ado: AdoService) -> None:
    hidden = FieldSpec("Paragraph", "textfield", on_screen=False)
    migration, jira = begin(SiteSpec(fields=(hidden,)))
    overrides = {"Custom.RegulatoryRef": "Paragraph", "Crossings": "none", "Custom.VesselClass": "description"}

    finished(migration.run(field_overrides=overrides))

    filled = [item for item, _ in pairs(ado, jira) if item.fields.get("Custom.RegulatoryRef")]
    assert len(filled) > 10
    for item, issue in pairs(ado, jira):
        assert value_of(issue, jira, "Paragraph") == item.fields.get("Custom.RegulatoryRef")
        assert "Crossings:" not in text_of(issue)


def test_iterations_become_versions_with_their_dates(begin: Any, ado: AdoService) -> None:
    migration, jira = begin(SiteSpec(boards=()))

    finished(migration.run(field_overrides={"System.IterationPath": "version", "System.AreaPath": "collapsed"}))

    project = next(iter(jira.content.projects.values()))
    assert len(project.versions) > 3
    assert any(version.release_date and version.released for version in project.versions)
    for item, issue in pairs(ado, jira):
        path = str(item.fields["System.IterationPath"])
        versions = issue.values.get("fixVersions") or []
        assert isinstance(versions, list)
        assert len(versions) == (1 if "\\" in path else 0)
        if versions:
            assert versions[0].name.split(" / ")[-1] == path.split("\\")[-1]
        area = str(item.fields["System.AreaPath"]).split("\\")
        components = issue.values.get("components") or []
        assert isinstance(components, list)
        assert [component.name for component in components] == area[1:2]


def test_the_history_is_attached_as_a_file(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()

    finished(migration.run(history="json"))

    for item, issue in pairs(ado, jira):
        (file,) = [each for each in issue.attachments if each.filename == "history.json"]
        told = json.loads(file.content)
        assert told["item"]["id"] == str(item.id)
        assert len(told["revisions"]) == len(item.updates)
        assert told["revisions"][0]["author"]["name"] == item.updates[0].by.name
        assert {"field": "Title", "before": "", "after": item.revisions[0].fields["System.Title"]} in told["revisions"][
            0
        ]["changes"]


def test_the_history_stands_in_the_description_as_a_table(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()

    finished(migration.run(history="table", migrate_attachments=False))

    for item, issue in pairs(ado, jira):
        document = issue.values["description"]
        assert isinstance(document, dict)
        headings = [node["content"][0]["text"] for node in document["content"] if node["type"] == "heading"]
        assert "History" in headings
        assert item.updates[0].by.name in text_of(issue)


def test_the_start_s_people_win_over_what_was_found(begin: Any, ado: AdoService) -> None:
    migration, jira = begin()
    chosen = next(user for user in jira.content.users.values() if user.name == "Person 01")
    assignee = next(
        item.fields["System.AssignedTo"]
        for item in ado.org.items.values()
        if item.project.name == PROJECT and isinstance(item.fields.get("System.AssignedTo"), Author)
    )

    finished(migration.run(people={assignee.unique_name: chosen.account_id}))

    for item, issue in pairs(ado, jira):
        if item.fields.get("System.AssignedTo") is assignee:
            assert issue.values["assignee"] is chosen


@pytest.mark.parametrize(
    ("asked", "code", "named"),
    [
        ({"field_overrides": {"Custom.VesselClass": "Nowhere"}}, "FIELD_NOT_IN_TARGET", "Nowhere"),
        ({"field_overrides": {"Custom.SafetyOfficer": "duedate"}}, "FIELD_NOT_MAPPABLE", "Safety Officer"),
        ({"field_overrides": {"System.Title": "description"}}, "FIELD_NOT_MAPPABLE", "System.Title"),
        ({"field_overrides": {"System.IterationPath": "fridge"}}, "FIELD_NOT_MAPPABLE", "fridge"),
        ({"people": {"ingrid.solberg@saltwind.example": "nobody"}}, "PERSON_NOT_IN_TARGET", "nobody"),
        ({"type_overrides": {"Bug": "Incident"}}, "TYPE_NOT_IN_TARGET", "Incident"),
        ({"state_overrides": {"Active": "Parked"}}, "STATUS_NOT_IN_TARGET", "Parked"),
    ],
)
def test_what_does_not_exist_stops_the_run_before_its_first_write(
    begin: Any, asked: dict[str, Any], code: str, named: str
) -> None:
    migration, jira = begin()

    run = migration.run(**asked)

    assert (run["status"], run["reason"]["code"]) == ("FAILED", code)
    assert named in run["reason"]["message"]
    assert any(character.isdigit() for character in run["reason"]["message"]) or code == "FIELD_NOT_MAPPABLE"
    assert not [entry for entry in jira.log.entries() if entry.applied]
    assert MigrationRun.objects.count() == 1


def test_a_required_field_that_the_mapping_fills_is_no_obstacle(begin: Any, ado: AdoService) -> None:
    ref = FieldSpec("Why", "textfield")
    site = SiteSpec(fields=(ref,), required={"*": ("Why",)})
    migration, jira = begin(site)

    refused = migration.run()
    filled = migration.run(field_overrides={"System.Reason": "Why"})

    assert refused["reason"]["code"] == "REQUIRED_FIELD_EMPTY"
    finished(filled)
    assert all(value_of(issue, jira, "Why") for _, issue in pairs(ado, jira))
