"""Signing in and out of the console, and choosing an organization."""

from __future__ import annotations

import pytest
from django.test import Client

from tenancy.models import Role
from tenancy.throttling import PER_ACCOUNT
from tests import recipes
from tests.builders import Cast

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough passphrase"


@pytest.fixture
def email(people: Cast) -> str:
    """The member's, who has a password."""
    people.member.user.set_password(PASSWORD)
    people.member.user.save()
    return people.member.user.email


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> object:
    return client.post("/console/login/", {"email": email, "password": password, **more})


def test_a_stranger_is_led_to_sign_in_and_back_again(client: Client, email: str) -> None:
    asked = client.get("/console/audit/?actor=x")
    assert asked.headers["Location"] == "/console/login/?next=%2Fconsole%2Faudit%2F%3Factor%3Dx"
    form = client.get(asked.headers["Location"])
    assert b'name="next" value="/console/audit/?actor=x"' in form.content

    response = sign_in(client, email, next="/console/audit/")

    assert (response.status_code, response.headers["Location"]) == (303, "/console/audit/")
    assert client.get("/console/audit/").status_code == 200


def test_the_root_leads_to_the_console(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/console/"
    assert client.get("/console").headers["Location"] == "/console/"


def test_signing_in_leads_to_no_other_site(client: Client, email: str) -> None:
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        response = sign_in(Client(), email, next=elsewhere)
        assert response.headers["Location"] == "/"


def test_a_wrong_password_keeps_the_address_and_says_what_to_check(client: Client, email: str) -> None:
    response = sign_in(client, email, "wrong")

    page = response.content.decode()
    assert response.status_code == 422
    assert "E-mail address or password is wrong. Check both" in page
    assert f'value="{email}"' in page
    assert "wrong</" not in page


def test_missing_and_malformed_input_is_said_at_its_field(client: Client) -> None:
    page = client.post("/console/login/", {"email": "no address", "password": ""}).content.decode()

    assert 'value="no address"' in page
    assert 'id="id_email_error"' in page
    assert "Enter a valid email address." in page
    assert 'aria-describedby="id_password_error"' in page
    assert "This field is required." in page


def test_guessing_is_limited(client: Client, email: str) -> None:
    for _ in range(PER_ACCOUNT.attempts):
        assert sign_in(client, email, "wrong").status_code == 422

    response = sign_in(client, email)

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"
    assert "Too many attempts. Try again in 60 seconds." in response.content.decode()
    # Counted together with the API's sign-in.
    answer = client.post("/api/auth/login", {"email": email, "password": PASSWORD}, content_type="application/json")
    assert answer.status_code == 429


def test_an_account_that_is_switched_off_cannot_sign_in(client: Client, people: Cast, email: str) -> None:
    people.member.user.is_active = False
    people.member.user.save()

    assert sign_in(client, email).status_code == 422


def test_a_session_of_an_account_that_is_switched_off_ends(people: Cast) -> None:
    browser = people.member.browser
    people.member.user.is_active = False
    people.member.user.save()

    assert browser.get("/console/").status_code == 302


def test_signing_out_is_a_post_and_ends_the_session(people: Cast) -> None:
    browser = people.member.browser

    assert browser.get("/console/logout/").status_code == 405
    assert browser.post("/console/logout/").headers["Location"] == "/console/login/"
    assert browser.get("/console/").status_code == 302


def test_forms_need_the_token_of_their_page(people: Cast) -> None:
    browser = people.owner.browser
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies

    response = strict.post("/console/members/", {"email": "x@example.com", "role": "owner"})

    assert response.status_code == 403
    assert "The form is out of date" in response.content.decode()


def test_htmx_is_sent_to_sign_in_as_a_whole_page(client: Client) -> None:
    response = client.get("/console/", headers={"HX-Request": "true"})

    assert response.headers["HX-Redirect"] == "/console/login/"


def test_the_organization_is_chosen_and_switched(people: Cast) -> None:
    second = recipes.organization.make(name="Second one")
    recipes.membership.make(organization=second, user=people.member.user, role=Role.OWNER)
    browser = Client()
    browser.force_login(people.member.user)

    led = browser.get("/console/members/")
    assert led.headers["Location"] == "/console/organizations/?next=%2Fconsole%2Fmembers%2F"
    offered = browser.get(led.headers["Location"]).content.decode()
    assert "Second one" in offered
    assert people.organization.name in offered
    assert people.outsider.organization.name not in offered

    chosen = browser.post("/console/organizations/", {"organization": str(second.pk), "next": "/console/members/"})
    assert chosen.headers["Location"] == "/console/members/"
    assert "Invite somebody" in browser.get("/console/members/").content.decode()  # an owner there

    browser.post("/console/organizations/", {"organization": str(people.organization.pk)})
    assert "Invite somebody" not in browser.get("/console/members/").content.decode()  # a member here


def test_a_foreign_organization_cannot_be_chosen(people: Cast) -> None:
    browser = people.member.browser

    browser.post("/console/organizations/", {"organization": str(people.outsider.organization.pk)})

    page = browser.get("/console/members/").content.decode()
    assert people.outsider.user.email not in page
    assert people.owner.user.email in page


def test_after_leaving_an_organization_one_works_in_the_other(people: Cast) -> None:
    browser = people.member.browser
    second = recipes.organization.make(name="Second one")
    recipes.membership.make(organization=second, user=people.member.user)
    people.member.membership.delete()

    page = browser.get("/console/").content.decode()

    assert "Second one" in page
    # Scripts of the page ask the API with the same session.
    assert browser.get("/api/docs/").status_code == 200


def test_somebody_without_an_organization_is_told_what_to_do(people: Cast) -> None:
    browser = people.member.browser
    people.member.membership.delete()

    response = browser.get("/console/", follow=True)

    assert "You belong to no organization" in response.content.decode()
    assert "Ask an owner of your organization for an invitation link" in response.content.decode()


def test_an_installation_without_accounts_says_how_to_make_one(client: Client) -> None:
    assert "manage.py bootstrap --organization" in client.get("/console/login/").content.decode()


def test_an_installation_with_accounts_does_not(client: Client, people: Cast) -> None:
    assert "bootstrap" not in client.get("/console/login/").content.decode()
