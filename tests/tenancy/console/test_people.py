"""Members, invitations, password, tokens and the audit log in the console."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tenancy import audit, member_services, services
from tenancy.models import ApiToken, AuditEntry, Invitation, Membership, Role, User
from tests import recipes
from tests.builders import Cast

PASSWORD = "a long enough passphrase"


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def invite(people: Cast, email: str, role: str = "member") -> str:
    """Through the page; returns the link's path."""
    page = text_of(people.owner.browser.post("/console/members/", {"email": email, "role": role}))
    found = re.search(r'value="http://testserver(/console/invitations/[^"]+)"', page)
    assert found, page
    return found[1]


# --- Members ---------------------------------------------------------------------------------------------------------


def test_everybody_sees_the_members_of_the_organization_only(people: Cast) -> None:
    for person in (people.owner, people.admin, people.member):
        page = text_of(person.browser.get("/console/members/"))
        assert people.member.user.email in page
        assert people.outsider.user.email not in page


@pytest.mark.parametrize("who", ["admin", "member"])
def test_only_owners_may_change_members(people: Cast, who: str) -> None:
    browser = getattr(people, who).browser
    pk = people.member.membership.pk

    assert "Invite somebody" not in text_of(browser.get("/console/members/"))
    for path in ("members/", f"members/{pk}/role/", f"members/{pk}/remove/"):
        response = browser.post(f"/console/{path}", {"role": "owner", "email": "x@example.com"})
        assert response.status_code == 403
        assert "Your role does not permit this. Ask an owner" in text_of(response)
    assert not Invitation.objects.exists()


def test_an_outsider_cannot_touch_the_members(people: Cast) -> None:
    browser = people.outsider.browser
    pk = people.member.membership.pk

    assert browser.post(f"/console/members/{pk}/role/", {"role": "owner"}).status_code == 404
    assert browser.post(f"/console/members/{pk}/remove/").status_code == 404
    assert browser.post(f"/console/members/{2**80}/remove/").status_code == 404
    assert Membership.objects.get(pk=pk).role == Role.MEMBER


def test_a_role_is_changed_and_confirmed(people: Cast) -> None:
    response = people.owner.browser.post(
        f"/console/members/{people.member.membership.pk}/role/", {"role": "admin"}, follow=True
    )

    assert f"{people.member.user.email} is now an administrator." in text_of(response)
    assert Membership.objects.get(pk=people.member.membership.pk).role == Role.ADMIN


def test_the_only_owner_is_told_why_the_role_stays(people: Cast) -> None:
    browser, pk = people.owner.browser, people.owner.membership.pk

    for path in ("role", "remove"):
        page = text_of(browser.post(f"/console/members/{pk}/{path}/", {"role": "member"}, follow=True))
        assert "This is the organization&#x27;s only owner. Make somebody else an owner first." in page
    assert Membership.objects.get(pk=pk).role == Role.OWNER


def test_a_role_that_does_not_exist_is_refused(people: Cast) -> None:
    page = text_of(
        people.owner.browser.post(f"/console/members/{people.member.membership.pk}/role/", {"role": "x"}, follow=True)
    )

    assert "There is no such role. Choose one of the list." in page


def test_a_member_is_removed(people: Cast) -> None:
    people.owner.browser.post(f"/console/members/{people.member.membership.pk}/remove/")

    assert not Membership.objects.filter(pk=people.member.membership.pk).exists()
    assert "You belong to no organization" in text_of(people.member.browser.get("/console/", follow=True))


def test_wrong_invitations_keep_what_was_typed(people: Cast) -> None:
    browser = people.owner.browser

    for email, role, says in (
        ("nobody", "admin", "Enter a valid email address."),
        (people.member.user.email, "admin", "is a member already. Change the role in the list."),
        ("a@example.com", "king", "Select a valid choice."),
    ):
        response = browser.post("/console/members/", {"email": email, "role": role})
        assert response.status_code == 422
        assert says in text_of(response)
        assert f'value="{email}"' in text_of(response)
    assert not Invitation.objects.exists()


def test_the_list_costs_the_same_with_more_rows(
    people: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = people.owner.browser
    member_services.invite("one@example.com", role=Role.MEMBER, by=people.owner.principal)
    with django_assert_num_queries(5):
        browser.get("/console/members/")
    for number in range(3):
        recipes.membership.make(organization=people.organization)
        member_services.invite(f"more{number}@example.com", role=Role.MEMBER, by=people.owner.principal)

    with django_assert_num_queries(5):
        page = text_of(browser.get("/console/members/"))
    assert "more2@example.com" in page


# --- Invitations -----------------------------------------------------------------------------------------------------


def test_an_invited_person_makes_an_account_and_is_signed_in(people: Cast, client: Client) -> None:
    path = invite(people, "nora@example.com", "admin")

    shown = text_of(client.get(path))
    assert f"Join {people.organization.name}" in shown
    response = client.post(path, {"name": "Nora", "password": PASSWORD, "again": PASSWORD}, follow=True)

    assert f"You are now a member of {people.organization.name}." in text_of(response)
    assert Membership.objects.get(user__email="nora@example.com").role == Role.ADMIN
    assert client.get(path).status_code == 404


def test_a_bad_password_is_explained_and_the_name_kept(people: Cast, client: Client) -> None:
    path = invite(people, "nora@example.com")

    for password, again, says in (
        ("short", "short", "This password is too short."),
        ("password123", "password123", "This password is too common."),
        ("nora@example.com", "nora@example.com", "too similar to the"),
        (PASSWORD, "another one", "The two passwords differ. Type the same one twice."),
        (PASSWORD, "", "This field is required."),
    ):
        response = client.post(path, {"name": "Nora", "password": password, "again": again})
        assert response.status_code == 422
        assert says in text_of(response)
        assert 'value="Nora"' in text_of(response)
        assert PASSWORD not in text_of(response)
    assert not User.objects.filter(email="nora@example.com").exists()


def test_an_existing_account_signs_in_and_joins(people: Cast) -> None:
    path = invite(people, people.outsider.user.email)
    stranger = Client()

    assert f'href="/console/login/?next={path}"' in text_of(stranger.get(path))
    taken = stranger.post(path, {"name": "x", "password": PASSWORD, "again": PASSWORD})
    assert taken.status_code == 422
    assert "This address has an account. Sign in with it, then join." in text_of(taken)

    joined = people.outsider.browser.post(path, follow=True)
    assert f"You are now a member of {people.organization.name}." in text_of(joined)
    assert people.member.user.email in text_of(joined.client.get("/console/members/"))


def test_somebody_else_cannot_use_the_link(people: Cast) -> None:
    path = invite(people, "nora@example.com")
    browser = people.outsider.browser

    shown = text_of(browser.get(path))
    assert f"You are signed in as {people.outsider.user.email}, and the invitation is for nora@example.com" in shown
    assert browser.post(path).status_code == 422
    assert Membership.objects.filter(user=people.outsider.user).count() == 1
    left = browser.post("/console/logout/", {"next": path})
    assert left.headers["Location"] == path


def test_a_link_that_was_taken_back_says_so(people: Cast, client: Client) -> None:
    path = invite(people, "nora@example.com")
    row = Invitation.objects.get()
    browser = people.owner.browser
    assert "nora@example.com" in text_of(browser.get("/console/members/"))

    said = text_of(browser.post(f"/console/members/invitations/{row.pk}/revoke/", follow=True))

    assert "The invitation for nora@example.com was taken back. Its link no longer works." in said
    response = client.get(path)
    assert response.status_code == 404
    assert "This invitation is not valid: it was used, taken back, or has expired. Ask for a new link." in text_of(
        response
    )


def test_an_outsider_cannot_take_an_invitation_back(people: Cast) -> None:
    invite(people, "nora@example.com")

    response = people.outsider.browser.post(f"/console/members/invitations/{Invitation.objects.get().pk}/revoke/")

    assert response.status_code == 404
    assert Invitation.objects.get().revoked_at is None


def test_the_link_is_not_stored_by_browsers_and_not_in_the_trail(people: Cast) -> None:
    response = people.owner.browser.post("/console/members/", {"email": "nora@example.com", "role": "member"})

    secret = re.search(r"/console/invitations/([^/\"]+)/", text_of(response))
    assert secret is not None
    assert response.headers["Cache-Control"] == "no-store"
    assert secret[1] not in str(list(AuditEntry.objects.values()))


# --- Password --------------------------------------------------------------------------------------------------------


def test_the_password_is_changed_and_this_session_stays(people: Cast) -> None:
    user = people.member.user
    user.set_password("the old password")
    user.save()
    browser, elsewhere = people.member.browser, people.member.browser

    response = browser.post(
        "/console/password/", {"current": "the old password", "new": PASSWORD, "again": PASSWORD}, follow=True
    )

    assert "Your password was changed." in text_of(response)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert elsewhere.get("/console/password/").status_code == 302  # ended


def test_a_wrong_present_password_changes_nothing_and_is_counted(people: Cast) -> None:
    people.member.user.set_password("the old password")
    people.member.user.save()
    browser = people.member.browser
    body = {"current": "wrong", "new": PASSWORD, "again": PASSWORD}

    response = browser.post("/console/password/", body)
    assert "This is not your present password." in text_of(response)
    for _ in range(10):
        response = browser.post("/console/password/", body)
    assert response.status_code == 429
    people.member.user.refresh_from_db()
    assert people.member.user.check_password("the old password")


# --- Tokens ----------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_works(people: Cast, client: Client) -> None:
    browser = people.member.browser

    made = browser.post("/console/tokens/", {"name": "Nightly", "kind": "token", "lifetime": "30"})
    found = re.search(r'value="(isth_token_[^"]+)"', text_of(made))

    assert found
    assert made.headers["Cache-Control"] == "no-store"
    assert client.get("/api/connectors", headers={"Authorization": f"Token {found[1]}"}).status_code == 200
    listed = text_of(browser.get("/console/tokens/"))
    assert "Nightly" in listed
    assert found[1] not in listed


def test_a_revoked_token_stops_working(people: Cast) -> None:
    browser = people.member.browser
    browser.post("/console/tokens/", {"name": "Nightly", "kind": "apikey", "lifetime": "never"})
    token = ApiToken.objects.get()
    assert token.expires_at is None

    page = text_of(browser.post(f"/console/tokens/{token.pk}/revoke/", follow=True))

    assert "The token Nightly was revoked. Whatever uses it is refused from now on." in page
    assert "Revoked" in page
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_needs_a_name_and_keeps_the_choices(people: Cast) -> None:
    response = people.member.browser.post("/console/tokens/", {"name": "", "kind": "apikey", "lifetime": "365"})

    page = text_of(response)
    assert response.status_code == 422
    assert "This field is required." in page
    assert '<option value="365" selected>' in page
    assert not ApiToken.objects.exists()


def test_members_see_their_own_tokens_and_owners_everybodys(people: Cast) -> None:
    for person in (people.owner, people.member, people.outsider):
        services.issue_api_token(
            person.organization, person.user, kind=ApiToken.Kind.TOKEN, name=f"of {person.user.email}"
        )

    of_member = text_of(people.member.browser.get("/console/tokens/"))
    of_owner = text_of(people.owner.browser.get("/console/tokens/"))

    assert f"of {people.owner.user.email}" not in of_member
    assert f"of {people.member.user.email}" in of_member
    assert f"of {people.member.user.email}" in of_owner
    assert f"of {people.outsider.user.email}" not in of_owner


@pytest.mark.parametrize(("who", "status"), [("owner", 303), ("admin", 404), ("outsider", 404)])
def test_who_may_end_a_members_token(people: Cast, who: str, status: int) -> None:
    token = services.issue_api_token(people.organization, people.member.user, kind=ApiToken.Kind.TOKEN).row

    assert getattr(people, who).browser.post(f"/console/tokens/{token.pk}/revoke/").status_code == status

    token.refresh_from_db()
    assert (token.revoked_at is not None) == (status == 303)


def test_the_list_of_tokens_costs_the_same_with_more_rows(
    people: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = people.owner.browser
    services.issue_api_token(people.organization, people.member.user, kind=ApiToken.Kind.TOKEN)
    with django_assert_num_queries(5):
        browser.get("/console/tokens/")
    for person in (people.owner, people.admin, people.member):
        services.issue_api_token(people.organization, person.user, kind=ApiToken.Kind.TOKEN)

    with django_assert_num_queries(5):
        browser.get("/console/tokens/")


# --- Audit log -------------------------------------------------------------------------------------------------------


def note(people: Cast, action: str, **changes: object) -> None:
    audit.record(
        organization=people.organization,
        actor=people.admin.user,
        action=action,
        target=people.member.user,
        before=changes,
        after=dict.fromkeys(changes, "new"),
    )


def test_the_trail_shows_who_changed_what(people: Cast) -> None:
    note(people, "connector.updated", server="old.example", same="new", token="sesame")

    page = text_of(people.member.browser.get("/console/audit/"))

    assert "connector.updated" in page
    assert people.admin.user.email in page
    assert "<del>old.example</del> → <ins>new</ins>" in page
    assert "sesame" not in page
    assert "<dt>same</dt>" not in page


def test_the_trail_of_another_organization_is_not_shown(people: Cast) -> None:
    note(people, "connector.updated")

    page = text_of(people.outsider.browser.get("/console/audit/"))

    assert "connector.updated" not in page
    assert "Nothing has been changed yet" in page


def test_the_trail_is_filtered(people: Cast) -> None:
    note(people, "connector.updated")
    note(people, "run.started")
    browser = people.owner.browser
    row = '<td data-label="What"><span class="key">{}</span></td>'

    for query, shown, hidden in (
        ("action=run.started", "run.started", "connector.updated"),
        (f"text={people.member.user.email[:6]}", "run.started", None),
        ("text=no+such+thing", None, "run.started"),
        ("since=2020-01-01&until=9999-12-31", "run.started", None),
        ("until=2020-01-01", None, "run.started"),
        (f"actor={people.admin.user.email}", "run.started", None),
    ):
        page = text_of(browser.get(f"/console/audit/?{query}"))
        assert shown is None or row.format(shown) in page, query
        assert hidden is None or row.format(hidden) not in page, query
    assert "Widen the dates or clear a filter." in text_of(browser.get("/console/audit/?text=nothing"))


def test_a_filter_that_cannot_be_read_is_said_at_its_field(people: Cast) -> None:
    note(people, "run.started")

    page = text_of(people.owner.browser.get("/console/audit/?since=yesterday&text=%00"))

    assert "Enter a valid date." in page
    assert 'value="yesterday"' in page
    assert "run.started" in page


def test_the_trail_has_pages_that_keep_the_filter(people: Cast) -> None:
    for _ in range(51):
        note(people, "run.started")
    browser = people.owner.browser

    first = text_of(browser.get("/console/audit/?action=run.started"))
    second = text_of(browser.get("/console/audit/?action=run.started&page=2"))

    assert "1 to 50 of 51" in first
    assert "?action=run.started&amp;page=2" in first
    assert "51 to 51 of 51" in second
    assert browser.get("/console/audit/?page=nonsense").status_code == 200


def test_the_trail_costs_the_same_with_more_rows(
    people: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    note(people, "run.started")
    browser = people.owner.browser
    with django_assert_num_queries(7):
        browser.get("/console/audit/")
    for _ in range(3):
        note(people, "run.started")

    with django_assert_num_queries(7):
        browser.get("/console/audit/")


# --- The menu --------------------------------------------------------------------------------------------------------


def test_the_menu_marks_where_one_is(people: Cast) -> None:
    page = text_of(people.member.browser.get("/console/audit/"))

    assert f'<a href="{reverse("tenancy_console:audit")}" aria-current="page">Audit log</a>' in page
    assert page.count('aria-current="page"') == 1
