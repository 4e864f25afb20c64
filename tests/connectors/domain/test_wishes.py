"""What parameters change: every one that is not marked unused changes something, and the list is complete."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.domain.forms.catalogue import FORMS
from connectors.domain.forms.parameters import read_parameters
from connectors.domain.shapes import StateCategory
from connectors.domain.systems import SystemId
from connectors.domain.wishes import Naming, Wishes, wishes_of
from connectors.domain.work_items import WorkItem

ITEM = WorkItem(id="12", rev=1, type="Bug", title="Fix it", state="New", priority=3, tags=("Web", "api"))
NAMING = Naming(application="contoso", project="Shop")
BASE = {
    SystemId.JIRA: {"alm_method": "https", "alm_server": "jira.example", "alm_user": "u", "alm_pass": "p"},
    SystemId.GITHUB: {
        "alm_method": "https",
        "alm_server": "api.github.com",
        "alm_api_token": "t",
        "github_repo_owner": "o",
        "github_duplicate_label": "duplicate",
    },
    SystemId.AZURE_DEVOPS: {
        "alm_method": "https",
        "alm_server": "dev.azure.com",
        "alm_context_root": "contoso",
        "alm_pass": "p",
    },
}
# For each parameter another value than the base's; what follows must differ.
OTHER_VALUES = {
    "alm_method": "http",
    "alm_server": "other.example",
    "alm_context_root": "elsewhere",
    "alm_user": "somebody",
    "alm_pass": "another",
    "alm_api_token": "another",
    "alm_auth_mode": "api_token",
    "alm_project": "SHOP",
    "github_repo_owner": "another",
    "github_duplicate_label": "dup",
    "github_issue_label": "from-azure",
    "alm_group_label": "group",
    "alm_issue_label": "issues",
    "alm_priority_map": '{"1-10": "High"}',
    "conflict_policy": "sde",
    "title_format": "[$task_id] $title",
    "alm_title_format": "$title ($task_id)",
    "alm_context": "Context",
    "alm_custom_fields": '{"Team": "$project"}',
    "alm_project_version": "2.0",
    "sde_statuses_in_scope": "DONE",
    "sde_min_priority": "7",
    "sde_tags_filter": "mobile",
    "selected_tasks": "T99",
}
# Acted upon by the view, not by what is stored: tests/connectors/api/test_alm.py.
ELSEWHERE = {"test_alm"}


def outcome(system, params):
    """Everything that follows from parameters, as one comparable value."""
    read = read_parameters(system, params)
    return replace(read.access), wishes_of(read.settings), read.access.secret


@pytest.mark.parametrize("system", list(BASE))
def test_every_parameter_changes_something_or_says_that_it_is_unused(system):
    for field in FORMS[system].fields:
        if field.name in ELSEWHERE:
            continue
        if field.unused:
            assert field.shown()["unused"] and field.shown()["help_text"] == field.unused
            continue
        base = dict(BASE[system])
        if field.name == "alm_api_token" and system is SystemId.JIRA:
            base |= {"alm_auth_mode": "api_token", "alm_api_token": "t"}
        if field.name == "alm_auth_mode":
            base |= {"alm_api_token": "t"}

        assert outcome(system, base) != outcome(system, base | {field.name: OTHER_VALUES[field.name]}), field.name


@pytest.mark.parametrize("system", [system for system in SystemId if system not in BASE])
def test_of_systems_that_do_not_run_only_address_and_credentials_mean_something(system):
    used = {field.name for field in FORMS[system].fields if not field.unused}

    assert used <= {
        "alm_method",
        "alm_server",
        "alm_context_root",
        "alm_project",
        "alm_user",
        "alm_pass",
        "alm_api_token",
    }


def test_without_parameters_nothing_is_wished():
    wishes = wishes_of({})

    assert wishes == Wishes()
    assert not wishes.concerns_writing
    assert not wishes.selection
    assert wishes.title("Fix it", item="12", naming=NAMING) == "Fix it"


@pytest.mark.parametrize(
    ("template", "written"),
    [
        ("$task_id $title", "12 Fix it"),
        ("${task_id}: ${title}", "12: Fix it"),
        ("[$application/$project] $title ($task_id)", "[contoso/Shop] Fix it (12)"),
        ("$context $task_id $title", "Web 12 Fix it"),
        ("$$5 $task_id $title", "$5 12 Fix it"),
    ],
)
def test_titles_are_written_in_the_format_and_read_back(template, written):
    wishes = wishes_of({"title_format": template, "alm_context": "Web"})

    assert wishes.title("Fix it", item="12", naming=NAMING) == written
    assert wishes.plain_title(written, item="12", naming=NAMING) == "Fix it"
    assert wishes.plain_title("Renamed by hand", item="12", naming=NAMING) == "Renamed by hand"


def test_a_title_with_a_dollar_sign_is_no_template():
    wishes = wishes_of({"title_format": "$task_id $title"})

    assert wishes.title("Costs $5 of $project", item="1", naming=NAMING) == "1 Costs $5 of $project"


@pytest.mark.parametrize(
    ("settings", "category", "taken"),
    [
        ({}, StateCategory.PROPOSED, True),
        ({"sde_statuses_in_scope": "TODO"}, StateCategory.PROPOSED, True),
        ({"sde_statuses_in_scope": "TODO"}, StateCategory.IN_PROGRESS, True),
        ({"sde_statuses_in_scope": "TODO"}, StateCategory.RESOLVED, False),
        ({"sde_statuses_in_scope": "DONE"}, StateCategory.COMPLETED, True),
        ({"sde_statuses_in_scope": "DONE"}, StateCategory.REMOVED, False),
        ({"sde_statuses_in_scope": "TODO,NA"}, StateCategory.REMOVED, True),
        ({"sde_min_priority": "5"}, StateCategory.PROPOSED, True),
        ({"sde_min_priority": "6"}, StateCategory.PROPOSED, False),
        ({"sde_tags_filter": "API, web"}, StateCategory.PROPOSED, True),
        ({"sde_tags_filter": "api,mobile"}, StateCategory.PROPOSED, False),
        ({"selected_tasks": "T12", "sde_min_priority": "10"}, StateCategory.COMPLETED, True),
        ({"selected_tasks": "CT13"}, StateCategory.PROPOSED, False),
    ],
)
def test_selection(settings, category, taken):
    assert wishes_of(settings).selection.takes(ITEM, category) is taken


@pytest.mark.parametrize(
    ("priority", "name"), [(1, "Blocker"), (2, "Critical"), (3, "Major"), (4, "Trivial"), (None, "Major")]
)
def test_priorities_by_the_documented_map_of_jira(priority, name):
    default = FORMS[SystemId.JIRA].find("alm_priority_map").default

    assert wishes_of({"alm_priority_map": default}).priority_name(priority) == name
