"""Connectors in the console: listed with their health, made by their system's form, tested, deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connectors import opening
from connectors.domain.errors import AccessLost, PlatformError
from connectors.domain.ports import Probe
from connectors.domain.systems import Access
from connectors.models import Connector
from connectors.services import create_connector
from migrations_app.engine.state import RunStatus
from tenancy.models import AuditEntry
from tests.builders import Cast, Person
from tests.connectors.console.conftest import SECRET, MakeConnector
from tests.migrations_app.builders import make_project, make_run

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Shop",
    "alm_method": "https",
    "alm_server": "dev.azure.com",
    "alm_context_root": "contoso",
    "alm_project": "Shop",
    "alm_pass": SECRET,
}
HTMX = {"HX-Request": "true"}


def url(name: str, **key: Any) -> str:
    return reverse(f"connectors_console:{name}", kwargs=key or None)


def page(person: Person, address: str) -> str:
    answer = person.browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def answering(monkeypatch: pytest.MonkeyPatch, result: Probe | PlatformError) -> None:
    """Let every platform answer a test like this."""

    def probe(access: Any) -> Probe:
        if isinstance(result, PlatformError):
            raise result
        return result

    monkeypatch.setattr(opening, "probe", probe)
    monkeypatch.setattr(opening, "probe_server", probe)


# --- The list --------------------------------------------------------------------------------------------------------


def test_an_empty_list_says_what_a_connector_is_and_who_can_add_one(people: Cast) -> None:
    assert "A connector is a server and the credentials to reach it." in page(people.owner, url("connectors"))
    assert "Ask an owner or administrator" in page(people.member, url("connectors"))


def test_the_list_shows_health_with_the_platforms_words_and_what_uses_each(
    people: Cast, make_connector: MakeConnector
) -> None:
    failing = make_connector("Failing one")
    Connector.objects.filter(pk=failing.pk).update(health="failing", health_message="TF400813: not authorized")
    make_project(people.organization, source_connector=failing)

    shown = page(people.member, url("connectors"))

    assert "TF400813: not authorized" in shown
    assert ">Failing</span>" in shown
    assert "1 project" in shown
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=second", {"Second"}),
        ("?q=OTHERPROJECT", {"Second"}),
        ("?system=jira", set()),
        ("?health=failing", {"First"}),
        ("?health=never", {"Third"}),
        ("?q=%00&system=%00&health=%00&page=%00", {"First", "Second", "Third"}),
        ("?system=clearcase&health=splendid", {"First", "Second", "Third"}),
    ],
)
def test_the_list_is_narrowed(people: Cast, make_connector: MakeConnector, query: str, expected: set[str]) -> None:
    first, third = make_connector("First"), make_connector("Third")
    make_connector("Second", alm_project="OtherProject")
    Connector.objects.filter(pk=first.pk).update(health="failing")
    Connector.objects.filter(pk=third.pk).update(inaccessible=True)

    shown = page(people.owner, url("connectors") + query)

    assert {name for name in ("First", "Second", "Third") if f">{name}</a>" in shown} == expected
    if not expected:
        assert "No connector matches" in shown


def test_credentials_that_run_out_are_warned_about(people: Cast, make_connector: MakeConnector) -> None:
    soon, gone = make_connector("Soon"), make_connector("Gone")
    now = timezone.now()
    Connector.objects.filter(pk=soon.pk).update(credentials_expire_at=now + timedelta(days=3))
    Connector.objects.filter(pk=gone.pk).update(credentials_expire_at=now - timedelta(days=3))

    shown = page(people.owner, url("connectors"))

    assert "Credentials expire soon" in shown
    assert "Credentials expired" in shown
    assert "Make a new token on the platform before then" in page(people.owner, url("connector", connector=soon.pk))


def test_the_list_takes_as_many_queries_for_three_as_for_one(people: Cast, make_connector: MakeConnector) -> None:
    counts = []
    browser = people.owner.browser
    for number in (1, 2, 3):
        made = make_connector(f"Connector {number}")
        make_project(people.organization, source_connector=made)
        if number != 2:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(url("connectors")).status_code == 200
            counts.append(len(queries))

    assert counts[0] == counts[1]


# --- Access ----------------------------------------------------------------------------------------------------------


def test_an_outsider_finds_nothing(people: Cast, make_connector: MakeConnector) -> None:
    made = make_connector("Hidden name")

    assert "Hidden name" not in page(people.outsider, url("connectors"))
    for name in ("connector", "connector_edit", "connector_delete"):
        assert people.outsider.browser.get(url(name, connector=made.pk)).status_code == 404, name
    for name in ("connector_test", "connector_edit", "connector_delete"):
        assert people.outsider.browser.post(url(name, connector=made.pk), FORM).status_code == 404, name
    again = url("connector_try_again", system="azure_devops", connector=made.pk)
    assert people.outsider.browser.post(again, FORM).status_code == 404
    assert Connector.objects.filter(pk=made.pk).exists()


def test_a_member_sees_and_tests_but_does_not_change(
    people: Cast, make_connector: MakeConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, Probe("contoso", "Shop", 5))
    made = make_connector()

    shown = page(people.member, url("connector", connector=made.pk))

    assert "Test now" in shown
    assert url("connector_edit", connector=made.pk) not in shown
    assert people.member.browser.get(url("connector_edit", connector=made.pk)).status_code == 403
    assert people.member.browser.post(url("connector_delete", connector=made.pk)).status_code == 403
    tested = people.member.browser.post(url("connector_test", connector=made.pk), headers=HTMX)
    assert "Working" in words(tested)


# --- Making and changing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", ["azure_devops", "jira", "github", "rally", "hp_alm", "rational"])
def test_every_system_has_a_form_of_its_own_schema(people: Cast, system: str) -> None:
    shown = page(people.owner, url("connector_create", system=system))

    assert 'name="alm_server"' in shown
    assert 'name="conflict_policy"' in shown


def test_a_system_nobody_knows_has_no_form(people: Cast) -> None:
    assert people.owner.browser.get(url("connector_create", system="clearcase")).status_code == 404


def test_a_new_connector_is_made_and_tested_on_its_page(people: Cast) -> None:
    answer = people.admin.browser.post(url("connector_create", system="azure_devops"), FORM)

    made = Connector.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"{url('connector', connector=made.pk)}?check=1"
    assert (made.server, made.default_project, made.organization) == (
        "https://dev.azure.com/contoso",
        "Shop",
        people.organization,
    )
    shown = page(people.admin, answer["Location"])
    assert 'hx-trigger="load"' in shown
    assert SECRET not in shown
    assert AuditEntry.objects.filter(action="connector.created", actor=people.admin.user).exists()


def test_what_is_left_empty_changes_nothing_about_what_moves(people: Cast) -> None:
    people.owner.browser.post(url("connector_create", system="azure_devops"), FORM)

    assert Connector.objects.get().settings == {}


def test_a_pasted_address_is_taken_apart(people: Cast) -> None:
    pasted = {**FORM, "alm_server": "https://dev.azure.com/contoso/Shop%20Floor/_boards", "alm_context_root": ""}

    people.owner.browser.post(url("connector_create", system="azure_devops"), {**pasted, "alm_project": ""})

    made = Connector.objects.get()
    assert (made.server, made.default_project) == ("https://dev.azure.com/contoso", "Shop Floor")


def test_wrong_input_is_named_and_kept_but_for_the_secret(people: Cast) -> None:
    wrong = {**FORM, "name": "", "alm_context_root": "", "title_format": "$nothing", "sde_min_priority": "11"}

    answer = people.owner.browser.post(url("connector_create", system="azure_devops"), wrong)

    shown = words(answer)
    assert answer.status_code == 422
    assert "Not saved. Look at the fields marked below." in shown
    assert "Enter the organization: dev.azure.com serves many." in shown
    assert "Unknown name in the title format: nothing." in shown
    assert "Enter a whole number from 1 to 10." in shown
    assert 'value="$nothing"' in shown
    assert 'value="Shop"' in shown
    assert SECRET not in shown
    assert not Connector.objects.exists()


def test_editing_shows_the_mask_and_keeps_the_secret_with_it(people: Cast, make_connector: MakeConnector) -> None:
    made = make_connector()
    form = page(people.owner, url("connector_edit", connector=made.pk))
    assert 'value="********"' in form
    assert SECRET not in form

    changed = {**FORM, "alm_pass": "********", "alm_project": "Warehouse"}
    answer = people.owner.browser.post(url("connector_edit", connector=made.pk), changed)

    made.refresh_from_db()
    assert answer.status_code == 303
    assert made.default_project == "Warehouse"
    assert opening.access_to(made).secret == SECRET


def test_another_server_asks_for_the_secret_again(people: Cast, make_connector: MakeConnector) -> None:
    made = make_connector()
    moved = {**FORM, "alm_pass": "********", "alm_server": "tfs.evil.example"}

    answer = people.owner.browser.post(url("connector_edit", connector=made.pk), moved)

    assert answer.status_code == 422
    assert "Enter it again: the method, server, context root or user has changed." in words(answer)
    made.refresh_from_db()
    assert made.server == "https://dev.azure.com/contoso"


def test_a_new_name_alone_keeps_the_health(people: Cast, make_connector: MakeConnector) -> None:
    made = make_connector()
    Connector.objects.filter(pk=made.pk).update(health="ok")

    people.owner.browser.post(
        url("connector_edit", connector=made.pk), {**FORM, "alm_pass": "********", "name": "Renamed"}
    )

    made.refresh_from_db()
    assert (made.name, made.health) == ("Renamed", "ok")


def test_a_connector_of_another_surface_can_be_edited(people: Cast) -> None:
    made = create_connector(
        by=people.owner.principal,
        name="Site",
        system="jira",
        credentials={
            "base_url": "https://yourorg.atlassian.net",
            "email": "a@example.com",
            "api_token": SECRET,
            "project_key": "PROJ",
        },
    )
    shown = page(people.owner, url("connector_edit", connector=made.pk))
    assert 'value="yourorg.atlassian.net"' in shown

    kept = {
        "name": "Site",
        "alm_method": "https",
        "alm_auth_mode": "basic",
        "alm_server": "yourorg.atlassian.net",
        "alm_user": "a@example.com",
        "alm_pass": "********",
        "alm_project": "NEW",
    }
    assert people.owner.browser.post(url("connector_edit", connector=made.pk), kept).status_code == 303
    made.refresh_from_db()
    assert (made.default_project, opening.access_to(made).secret) == ("NEW", SECRET)


@pytest.mark.parametrize(
    ("mode", "missing"),
    [("basic", {"id_alm_user_error", "id_alm_pass_error"}), ("api_token", {"id_alm_api_token_error"})],
)
def test_what_jira_needs_follows_the_way_of_signing_in(people: Cast, mode: str, missing: set[str]) -> None:
    sent = {"name": "Site", "alm_method": "https", "alm_server": "a.atlassian.net", "alm_auth_mode": mode}

    shown = words(people.owner.browser.post(url("connector_create", system="jira"), sent))

    fields = ("alm_user", "alm_pass", "alm_api_token")
    assert {
        f"id_{name}_error" for name in fields if f'<div class="field__errors" id="id_{name}_error">' in shown
    } == missing


# --- Testing ---------------------------------------------------------------------------------------------------------


def test_a_refusal_is_shown_in_the_platforms_words_with_what_to_do_next(
    people: Cast, make_connector: MakeConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, AccessLost("TF400813: the token has expired", code="CREDENTIALS_REFUSED"))
    made = make_connector()

    shown = words(people.owner.browser.post(url("connector_test", connector=made.pk), headers=HTMX))

    assert "Azure DevOps says: TF400813: the token has expired" in shown
    assert "Make a new token on the platform and enter it in the connector." in shown
    made.refresh_from_db()
    assert (made.health, made.health_code) == ("failing", "CREDENTIALS_REFUSED")


def test_without_scripts_a_test_leads_back_to_the_page(
    people: Cast, make_connector: MakeConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, Probe("contoso", "Shop", 5))
    made = make_connector()

    answer = people.owner.browser.post(url("connector_test", connector=made.pk))

    assert (answer.status_code, answer["Location"]) == (303, url("connector", connector=made.pk))


def test_a_connector_that_is_never_contacted_says_how_to_change_that(
    people: Cast, make_connector: MakeConnector
) -> None:
    made = make_connector()
    Connector.objects.filter(pk=made.pk).update(inaccessible=True)

    shown = words(people.owner.browser.post(url("connector_test", connector=made.pk), headers=HTMX))

    assert "it is never contacted" in shown
    assert "Untick" in shown


def test_what_was_typed_is_tried_without_being_saved(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, Probe("contoso", "Shop", 5_847))
    address = url("connector_try", system="azure_devops")

    shown = words(people.owner.browser.post(address, FORM, headers=HTMX))

    assert "Connection verified. Organization contoso, project Shop, 5,847 items. Nothing is saved yet." in shown
    assert not Connector.objects.exists()


def test_the_address_of_the_test_leads_back_to_the_form(people: Cast, make_connector: MakeConnector) -> None:
    made = make_connector()
    browser = people.owner.browser

    new = browser.get(url("connector_try", system="azure_devops"))
    again = browser.get(url("connector_try_again", system="azure_devops", connector=made.pk))

    assert new["Location"] == url("connector_create", system="azure_devops")
    assert again["Location"] == url("connector_edit", connector=made.pk)


def test_trying_names_what_is_missing_first(people: Cast) -> None:
    address = url("connector_try", system="azure_devops")

    shown = words(people.owner.browser.post(address, {**FORM, "alm_pass": "", "name": ""}, headers=HTMX))

    assert "Not tested. First:" in shown
    assert "Personal access token: This field is required." in shown
    assert "Name" not in shown


def test_the_mask_is_tried_with_the_stored_secret_at_the_stored_place_only(
    people: Cast, make_connector: MakeConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def probe(access: Access) -> Probe:
        tried.append(access.secret)
        return Probe("contoso", "Shop", 5)

    monkeypatch.setattr(opening, "probe", probe)
    made = make_connector()
    address = url("connector_try_again", system="azure_devops", connector=made.pk)

    people.owner.browser.post(address, {**FORM, "alm_pass": "********"}, headers=HTMX)
    moved = people.owner.browser.post(
        address, {**FORM, "alm_pass": "********", "alm_server": "tfs.evil.example"}, headers=HTMX
    )

    assert tried == [SECRET]
    assert "Enter it again" in words(moved)


# --- Deleting --------------------------------------------------------------------------------------------------------


def test_deleting_says_what_uses_the_connector_and_warns_of_an_active_run(
    people: Cast, make_connector: MakeConnector
) -> None:
    made = make_connector()
    project = make_project(people.organization, name="Big move", source_connector=made)
    make_run(project, source_connector=made, status=RunStatus.RUNNING)

    shown = page(people.owner, url("connector_delete", connector=made.pk))

    assert "A run is using it right now." in shown
    assert "It is used by 1 project, 1 run." in shown
    assert reverse("migrations_console:project", kwargs={"project": project.pk}) in shown


def test_a_deleted_connector_is_gone_from_the_list(people: Cast, make_connector: MakeConnector) -> None:
    made = make_connector("Obsolete")
    browser = people.owner.browser

    answer = browser.post(url("connector_delete", connector=made.pk), follow=True)

    assert answer.redirect_chain == [(url("connectors"), 303)]
    assert "The connector Obsolete is deleted. Reports of its scans stay." in words(answer)
    assert not Connector.objects.exists()
