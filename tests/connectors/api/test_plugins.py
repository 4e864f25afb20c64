"""The self-describing forms: complete, and true of what the connectors take."""

import pytest

from connectors.domain.forms.catalogue import FORMS
from connectors.domain.systems import SystemId
from tests.builders import cast

pytestmark = pytest.mark.django_db

PLUGINS = "/api/v2/plugins/alm/"
FIELD_KEYS = {
    "name", "label", "description", "field_type", "default", "readonly", "max_length", "required", "deprecated",
    "placeholder", "scope", "help_text", "options", "unused",
}  # fmt: skip
TYPES = {"string", "masked_string", "radio", "select", "checkbox", "boolean"}


@pytest.fixture
def people():
    return cast()


def fields(plugin):
    return [field for section in plugin["sections"] for field in section["fields"]]


def test_every_system_describes_itself(people):
    plugins = people.member.client.get(PLUGINS).json()["results"]

    assert [plugin["id"] for plugin in plugins] == list(SystemId)
    for plugin in plugins:
        assert set(plugin) == {"id", "name", "short_name", "command", "runnable", "sections"}
        assert [section["label"] for section in plugin["sections"]] == [
            None,
            "Connection Details",
            "Credentials",
            "Synchronization",
            "Tasks to Synchronize",
        ]
        for field in fields(plugin):
            assert set(field) == FIELD_KEYS
            assert field["field_type"] in TYPES
            assert set(field["scope"]) <= {"system", "project"}


def test_one_system_has_the_documented_defaults(people):
    plugin = people.member.client.get(f"{PLUGINS}jira/").json()
    defaults = {field["name"]: field["default"] for field in fields(plugin)}

    assert (plugin["name"], plugin["short_name"], plugin["command"], plugin["runnable"]) == (
        "JIRA",
        "JIRA",
        "sync_jira",
        True,
    )
    assert defaults["alm_method"] == "https"
    assert defaults["jira_issue_type"] == "Bug"
    assert defaults["sde_min_priority"] == "7"
    assert defaults["conflict_policy"] == "alm"


def test_names_of_parameters_are_single_and_defaults_are_valid():
    for form in FORMS.values():
        names = [field.name for field in form.fields]
        assert len(names) == len(set(names))
        for field in form.fields:
            if field.default:
                assert field.read(field.default).replace(" ", "") == field.default.replace(" ", "")


def test_the_alias_names_the_same_system(people):
    assert people.member.client.get(f"{PLUGINS}tfs/").json()["id"] == "azure_devops"


def test_an_unknown_system_is_404(people):
    assert people.member.client.get(f"{PLUGINS}clearquest/").status_code == 404


def test_a_form_filled_in_as_described_is_accepted(people):
    for plugin in people.member.client.get(PLUGINS).json()["results"]:
        params = {field["name"]: field["default"] for field in fields(plugin) if field["default"]}
        samples = {"alm_server": "tracker.example", "alm_context_root": "root", "alm_user": "u", "alm_pass": "p"}
        params |= {f["name"]: samples.get(f["name"], "something") for f in fields(plugin) if f["required"]} | samples
        params |= {
            field["name"]: field["default"] for field in fields(plugin) if field["required"] and field["default"]
        }

        answer = people.owner.client.post(
            "/api/v2/connectors/alm/", {"name": plugin["name"], "system": {"id": plugin["id"]}, "params": params}
        )

        assert answer.status_code == 201, (plugin["id"], answer.json())


def test_the_newer_spelling_describes_the_same_form(people):
    new = people.member.client.get("/api/v2/plugins/issue-tracker/jira/").json()
    old = people.member.client.get(f"{PLUGINS}jira/").json()
    by_name = {field["name"]: field for field in fields(new)}

    assert len(fields(new)) == len(fields(old))
    assert "issue_tracker_server" in by_name and not any(name.startswith("alm_") for name in by_name)
    assert by_name["conflict_policy"]["default"] == "issue_tracker"
    assert [option["value"] for option in by_name["conflict_policy"]["options"]] == [
        "issue_tracker",
        "sde",
        "timestamp",
    ]
    assert len(people.member.client.get("/api/v2/plugins/issue-tracker/").json()["results"]) == len(SystemId)
