"""The mapping editor: what it shows first, single and many decisions, conflicts, files, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from connectors.models import Mapping
from migrations_app.models import Project
from sandbox.server import ServerHandle
from tests.builders import Cast, Person
from tests.connectors.conftest import open_to_sandbox, serve
from tests.migrations_app.builders import make_project, make_run
from tests.migrations_app.console.sandboxed import Stage, make_stage

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def stage(people: Cast, serve: Callable[[Any], ServerHandle]) -> Stage:
    return make_stage(people.organization, serve)


def address(project: Project, name: str = "mapping") -> str:
    return reverse(f"migrations_console:{name}", kwargs={"project": project.pk})


def plain(content: bytes) -> str:
    return " ".join(content.decode().split())


def editor(person: Person, project: Project, **query: str) -> str:
    answer = person.browser.get(address(project), query, headers=HTMX)
    assert answer.status_code == 200, answer.content
    return plain(answer.content)


def key(part: str, source: str, type_name: str = "", field: str = "") -> str:
    return json.dumps([part, source, type_name, field])


def post(person: Person, project: Project, **fields: Any) -> Any:
    return person.browser.post(address(project), {"version": "0", **fields}, headers=HTMX)


def decisions(project: Project) -> dict[str, Any]:
    found: dict[str, Any] = Mapping.objects.get(migration_project=project.pk).document
    return found


def test_the_page_comes_at_once_and_fetches_the_editor(people: Cast, stage: Stage) -> None:
    first = plain(people.owner.browser.get(address(stage.project), {"tab": "states"}).content)
    fetched = editor(people.owner, stage.project, tab="states")
    again = plain(people.owner.browser.get(address(stage.project), {"tab": "states"}).content)

    assert "Reading both projects" in first
    assert 'hx-trigger="load"' in first and "tab=states" in first
    assert "Nothing is left to decide." in fetched
    assert "<html" not in fetched
    assert "Reading both projects" not in again and "Nothing is left to decide." in again


TABS = {
    "types": ["User Story", "default", "100 %"],
    "states": ["Status for Closed, Bug"],
    "priorities": ["Highest"],
    "severities": ["1 - Critical", "Not mapped"],
    "fields": ["Custom.VesselClass", "Use Ship class", "A line in the description"],
    "links": ["Link type"],
    "iterations": ["a new sprint", "Sprints"],
    "areas": ["a new component"],
    "people": ["same e-mail", "datalist"],
}


def test_every_tab_shows_suggestions_with_reasons(people: Cast, stage: Stage) -> None:
    shown = {tab: editor(people.owner, stage.project, tab=tab) for tab in TABS}

    assert {tab: [word for word in words if word not in shown[tab]] for tab, words in TABS.items()} == {
        tab: [] for tab in TABS
    }


def test_what_must_be_decided_stands_first_and_is_counted(people: Cast, stage: Stage) -> None:
    odd = next(item for item in stage.ado.org.items.values() if item.fields["System.WorkItemType"] == "Bug")
    odd.fields["System.State"] = "Parked"

    shown = editor(people.owner, stage.project)

    assert "1 name needs a decision before a run may write." in shown
    rows = shown.split("<tbody")[1:]
    assert "Parked" in rows[0] and "To decide" in rows[0] and "nothing tells what this state means" in rows[0]


def test_a_row_is_decided_and_taken_back(people: Cast, stage: Stage) -> None:
    decided = post(people.admin, stage.project, action="decide", key=key("types", "Feature"), target="Story")
    reset = post(people.admin, stage.project, action="reset", key=key("types", "Feature"), version="1")

    shown = plain(decided.content)
    assert decided.status_code == 200
    assert '<option value="Story" selected>' in shown and "Decided" in shown
    assert 'id="mapping-version" name="version" value="1"' in shown and "hx-swap-oob" in shown
    assert "Reset Feature" in shown
    for name in ("import-version", "people-version"):
        assert f'id="{name}" name="version" value="1" hx-swap-oob="true"' in shown
    assert "Suggested" in plain(reset.content)
    assert decisions(stage.project)["types"] == {}


def test_a_value_of_a_field_is_decided_and_drawn_with_its_field(people: Cast, stage: Stage) -> None:
    proposed = editor(people.owner, stage.project, tab="fields")
    field = proposed.split('"target": "')[1].split('"')[0].encode().decode("unicode_escape")
    post(people.admin, stage.project, action="decide", key=key("fields", "Custom.VesselClass"), target=field)
    value = key("values", "High speed", field="Custom.VesselClass")

    shown = plain(post(people.admin, stage.project, action="decide", key=value, target="Island", version="1").content)

    assert "Custom.VesselClass" in shown and "<details" in shown and " open>" in shown
    assert decisions(stage.project)["values"] == {"Custom.VesselClass": {"High speed": "Island"}}


def test_all_above_a_confidence_and_selected_ones_are_accepted_at_once(people: Cast, stage: Stage) -> None:
    many = post(people.admin, stage.project, action="accept", tab="priorities", above="90")
    picked = [key("types", "Epic"), key("types", "Bug")]
    two = post(people.admin, stage.project, action="accept", tab="types", selected=picked, version="1")

    assert "rows are decided now." in plain(many.content)
    assert "2 rows are decided now." in plain(two.content)
    assert decisions(stage.project)["types"] == {"Bug": "Bug", "Epic": "Epic"}
    assert decisions(stage.project)["priorities"]["1"] == "Highest"


def test_accepting_nothing_says_what_to_do(people: Cast, stage: Stage) -> None:
    shown = plain(post(people.admin, stage.project, action="accept", tab="types").content)

    assert "Not saved. Select rows first, or choose a confidence that some of them reach." in shown
    assert not Mapping.objects.exists()


def test_somebody_who_was_faster_is_told_kindly_and_nothing_is_overwritten(people: Cast, stage: Stage) -> None:
    post(people.admin, stage.project, action="decide", key=key("types", "Feature"), target="Story")

    late = post(people.owner, stage.project, action="decide", key=key("types", "Feature"), target="Task")

    shown = plain(late.content)
    assert late.status_code == 200 and late["HX-Retarget"] == "#mapping"
    assert "Somebody else saved this mapping while you worked." in shown
    assert 'name="version" value="1"' in shown
    assert decisions(stage.project)["types"] == {"Feature": "Story"}


def test_a_mapping_that_a_run_uses_is_left_alone(people: Cast, stage: Stage) -> None:
    make_run(stage.project)

    shown = plain(
        post(people.admin, stage.project, action="decide", key=key("types", "Feature"), target="Story").content
    )

    assert "A run uses this mapping now. Change it when the run has ended" in shown
    assert "It can be changed when the run has ended." in shown and "Open the run" in shown
    assert not Mapping.objects.exists()


def test_a_person_is_found_by_name_and_nobody_keeps_what_was_typed(people: Cast, stage: Stage) -> None:
    somebody = next(user for user in stage.jira.content.users.values() if user.name == "Person 01")
    row = key("people", "ingrid.solberg@saltwind.example")

    found = post(people.admin, stage.project, action="decide", key=row, target="Person 01")
    nobody = post(people.admin, stage.project, action="decide", key=row, target="Nobody <at all>", version="1")

    assert found.status_code == 200
    assert decisions(stage.project)["people"] == {"ingrid.solberg@saltwind.example": somebody.account_id}
    shown = plain(nobody.content)
    assert 'value="Nobody &lt;at all&gt;"' in shown
    assert "Nobody in the target is called Nobody &lt;at all&gt;." in shown
    assert 'aria-invalid="true"' in shown


def test_iterations_become_versions_with_one_choice(people: Cast, stage: Stage) -> None:
    answer = post(people.admin, stage.project, action="place", part="iterations", choice="version", tab="iterations")

    assert "a new version" in plain(answer.content)
    assert decisions(stage.project)["iterations"]["as"] == "version"


WRONG: tuple[dict[str, str], ...] = (
    {"action": "decide", "key": "nonsense", "target": "Story"},
    {"action": "decide", "key": '["fridge", "Bug", "", ""]', "target": "Story"},
    {"action": "decide", "key": '["types", "B\\u0000ug", "", ""]', "target": "Story"},
    {"action": "decide", "key": '["types", "B\\ud800ug", "", ""]', "target": "Story"},
    {"action": "decide", "key": '["types", "Bug", "", ""]', "target": ""},
    {"action": "decide", "key": '["types", "Bug", "", ""]', "target": "St\0ry"},
    {"action": "place", "part": "iterations", "choice": "fridge"},
    {"action": "accept", "tab": "types", "above": "many"},
    {},
)


def test_wrong_input_is_refused_and_nothing_is_stored(people: Cast, stage: Stage) -> None:
    for fields in WRONG:
        answer = post(people.admin, stage.project, **fields)

        assert answer.status_code == 200, fields
        assert "Not saved." in plain(answer.content), fields
    assert not Mapping.objects.exists()


def test_a_decision_that_the_target_lacks_stands_first_and_can_be_taken_back(people: Cast, stage: Stage) -> None:
    body = {"types": [{"source": "Bug", "target": "Incident"}]}
    people.admin.client.put(f"/api/projects/{stage.project.pk}/mapping", body, format="json")

    shown = editor(people.admin, stage.project, tab="types")
    post(people.admin, stage.project, action="reset", key=key("types", "Bug"), version="1")

    assert "decided, but Incident does not exist" in shown.split("<tbody")[1]
    assert "Reset Bug" in shown
    assert decisions(stage.project)["types"] == {}


def test_search_and_filter_narrow_the_rows(people: Cast, stage: Stage) -> None:
    found = editor(people.owner, stage.project, tab="types", q="feat")
    nothing = editor(people.owner, stage.project, tab="types", q="<b>zzz")

    assert found.count("<tbody") == 1 and "Feature" in found
    assert "Nothing matches" in nothing and "&lt;b&gt;zzz" in nothing


def test_a_member_looks_and_changes_nothing(people: Cast, stage: Stage) -> None:
    shown = editor(people.member, stage.project, tab="types")
    answer = post(people.member, stage.project, action="decide", key=key("types", "Feature"), target="Story")

    assert "Your role may look at the mapping." in shown and "<select id=" not in shown.split("<table")[1]
    assert answer.status_code == 403
    assert not Mapping.objects.exists()


@pytest.mark.parametrize("name", ["mapping", "mapping-export", "mapping-people", "preflight", "preview", "start"])
def test_another_organization_s_project_does_not_exist(people: Cast, name: str) -> None:
    project = make_project(people.organization)

    assert people.outsider.browser.get(address(project, name)).status_code == 404


def test_a_project_that_cannot_be_read_shows_what_is_decided_and_what_to_do(people: Cast) -> None:
    project = make_project(people.organization)
    Mapping.objects.create(
        organization=people.organization,
        name="x",
        migration_project=project.pk,
        source_system="azure_devops",
        target_system="jira",
        document={"types": {"Feature": "Story"}},
    )

    shown = editor(people.owner, project, tab="types")

    assert "The project has no source connector yet" in shown
    assert "Choose a connector for each end of the project, then come back." in shown
    assert "Feature" in shown and "Choose connectors" in shown


def test_decisions_go_out_and_come_in_as_a_file(people: Cast, stage: Stage) -> None:
    post(people.admin, stage.project, action="decide", key=key("types", "Feature"), target="Story")
    exported = people.member.browser.get(address(stage.project, "mapping-export"))
    other, browser = make_project(people.organization, name="Other"), people.admin.browser

    answer = browser.post(
        address(other, "mapping-import"), {"file": SimpleUploadedFile("m.json", exported.content), "version": "0"}
    )

    assert "attachment" in exported["Content-Disposition"]
    assert answer.status_code == 303
    assert decisions(other)["types"] == {"Feature": "Story"}
    assert "Imported, but not checked." in plain(browser.get(address(other)).content)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mapping-import", b"{", "The file is not JSON."),
        ("mapping-import", b'{"types": [{"source": "Bug"}]}', "types.1.target: This field is required."),
        ("mapping-import", b"\xff\xfe", "The file must be written in UTF-8."),
        ("mapping-people", b"name\nAnna", "The column source is missing."),
        ("mapping-people", None, "Choose a file first."),
    ],
)
def test_a_file_that_cannot_be_read_is_explained(people: Cast, name: str, content: bytes | None, words: str) -> None:
    project, browser = make_project(people.organization), people.admin.browser
    fields = {"file": SimpleUploadedFile("f", content)} if content is not None else {}

    answer = browser.post(address(project, name), fields)
    shown = plain(browser.get(address(project)).content)

    assert answer.status_code == 303
    assert "Nothing was imported." in shown and words in shown
    assert not Mapping.objects.exists()


def test_people_come_back_from_a_spreadsheet(people: Cast, stage: Stage) -> None:
    somebody = next(user for user in stage.jira.content.users.values() if user.name == "Person 01")
    table = people.member.browser.get(address(stage.project, "mapping-people"))
    text = f"source,account_id\ningrid.solberg@saltwind.example,{somebody.account_id}\n".encode()

    people.admin.browser.post(
        address(stage.project, "mapping-people"), {"file": SimpleUploadedFile("p.csv", text), "version": "0"}
    )

    assert "ingrid.solberg@saltwind.example" in table.content.decode()
    assert decisions(stage.project)["people"] == {"ingrid.solberg@saltwind.example": somebody.account_id}
