"""The admin over organizations: every page opens, and staff of one organization see nothing of another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tenancy import services
from tenancy.admin_base import OrganizationScopedAdmin
from tenancy.member_services import invite
from tenancy.models import ApiToken, AuditEntry, Invitation, Membership, Organization, Role, User
from tenancy.scoping import OrganizationOwned
from tests import recipes
from tests.builders import Cast

OURS = (Organization, User, Membership, ApiToken, AuditEntry, Invitation)


@pytest.fixture
def superuser(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "x"))
    return client


@pytest.fixture
def staff(people: Cast) -> Client:
    """The administrator of one organization as a member of staff with every permission but superuser."""
    people.admin.user.is_staff = True
    people.admin.user.save()
    people.admin.user.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(people.admin.user)
    return client


@pytest.fixture
def foreign_rows(people: Cast) -> list[Model]:
    """Rows of the outsider's organization, one per model, with data that could leak."""
    theirs = people.outsider
    token = services.issue_api_token(theirs.organization, theirs.user, kind=ApiToken.Kind.TOKEN, name="leak").row
    entry = AuditEntry.objects.get(target_id=token.pk)
    invitation = invite("leak@example.com", role=Role.MEMBER, by=theirs.principal).row
    return [theirs.organization, theirs.user, theirs.membership, token, entry, invitation]


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def every_admin() -> Iterator[tuple[type[Model], object]]:
    yield from admin.site._registry.items()


def test_every_admin_of_tenant_owned_rows_is_bound_to_organizations() -> None:
    free = [
        model.__name__
        for model, model_admin in every_admin()
        if issubclass(model, OrganizationOwned) and not isinstance(model_admin, OrganizationScopedAdmin)
    ]

    assert free == []


@pytest.mark.parametrize("model", OURS)
def test_every_page_opens(superuser: Client, people: Cast, foreign_rows: list[Model], model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None

    statuses = {
        page: superuser.get(url).status_code
        for page, url in {
            "list": address(model, "changelist"),
            "search": address(model, "changelist") + "?q=a",
            "change": address(model, "change", row.pk),
            "history": address(model, "history", row.pk),
        }.items()
    }

    assert statuses == {"list": 200, "search": 200, "change": 200, "history": 200}


@pytest.mark.parametrize("position", range(len(OURS)))
def test_rows_of_another_organization_do_not_exist(
    staff: Client, people: Cast, foreign_rows: list[Model], position: int
) -> None:
    theirs = people.outsider
    row = foreign_rows[position]
    model = type(row)

    listed = staff.get(address(model, "changelist"))
    change = staff.get(address(model, "change", row.pk))
    history = staff.get(address(model, "history", row.pk))

    assert listed.status_code == 200
    assert all(text not in listed.content.decode() for text in (theirs.organization.name, theirs.user.email))
    assert row not in listed.context["cl"].queryset
    assert (change.status_code, history.status_code) == (302, 302)  # back to the index: "doesn't exist"


def test_filters_do_not_name_other_organizations(staff: Client, people: Cast, foreign_rows: list[Model]) -> None:
    recipes.membership.make(organization=people.organization)

    page = staff.get(address(Membership, "changelist")).content.decode()

    assert people.outsider.organization.name not in page


def test_autocompletion_does_not_find_foreign_people(staff: Client, people: Cast) -> None:
    def found(field: str, term: str) -> list[str]:
        parameters = {"app_label": "tenancy", "model_name": "membership", "field_name": field, "term": term}
        return [row["text"] for row in staff.get(reverse("admin:autocomplete"), parameters).json()["results"]]

    assert found("organization", "Organization") == [people.organization.name]
    assert people.outsider.user.email not in found("user", "person")


def test_a_membership_in_a_foreign_organization_cannot_be_made(staff: Client, people: Cast) -> None:
    body = {"organization": people.outsider.organization.pk, "user": people.admin.user.pk, "role": "owner"}

    response = staff.post(address(Membership, "add"), body)

    assert response.status_code == 200  # the form again, with its error
    assert not Membership.objects.filter(user=people.admin.user, role=Role.OWNER).exists()


def test_staff_cannot_make_themselves_superusers(staff: Client, people: Cast) -> None:
    body = {"email": people.admin.user.email, "name": "x", "is_active": "on", "is_staff": "on", "is_superuser": "on"}

    staff.post(address(User, "change", people.admin.user.pk), body)

    people.admin.user.refresh_from_db()
    assert (people.admin.user.name, people.admin.user.is_superuser) == ("x", False)


def test_staff_cannot_take_over_a_superuser(staff: Client, people: Cast) -> None:
    root = User.objects.create_superuser("root@example.com", "x")
    recipes.membership.make(organization=people.organization, user=root)

    response = staff.get(reverse("admin:auth_user_password_change", args=[root.pk]))

    assert response.status_code == 403


def test_an_account_that_another_organization_relies_on_is_not_ours_to_change(staff: Client, people: Cast) -> None:
    shared = people.member.user
    recipes.membership.make(organization=people.outsider.organization, user=shared, role=Role.OWNER)

    changed = staff.post(address(User, "change", shared.pk), {"email": shared.email, "name": "Taken over"})
    password = staff.get(reverse("admin:auth_user_password_change", args=[shared.pk]))
    deleted = staff.post(address(User, "delete", shared.pk), {"post": "yes"})
    listed = staff.post(
        address(User, "changelist"), {"action": "delete_selected", "_selected_action": [str(shared.pk)]}
    )

    assert (changed.status_code, password.status_code, deleted.status_code) == (403, 403, 403)
    assert people.outsider.organization.name not in listed.content.decode()
    shared.refresh_from_db()
    assert shared.name != "Taken over"


def test_the_delete_page_of_an_account_names_what_goes_with_it(staff: Client, people: Cast) -> None:
    shown = staff.get(address(User, "delete", people.member.user.pk))

    assert shown.status_code == 200
    assert people.member.user.email in shown.content.decode()
    assert people.outsider.organization.name not in shown.content.decode()


def test_a_history_names_no_people_of_other_organizations(staff: Client, people: Cast) -> None:
    row = people.member.membership
    for actor, words in ((people.outsider.user, "by a stranger"), (people.owner.user, "by the owner")):
        LogEntry.objects.log_actions(actor.pk, [row], CHANGE, change_message=words, single_object=True)

    shown = staff.get(address(Membership, "history", row.pk)).content.decode()

    assert "by the owner" in shown
    assert "by a stranger" not in shown and people.outsider.user.email not in shown


def test_every_model_has_its_pages(superuser: Client) -> None:
    apart = [
        model.__name__
        for label in ("tenancy", "webhooks", "connectors", "migrations_app")
        for model in apps.get_app_config(label).get_models()
        if not admin.site.is_registered(model)
    ]

    assert apart == []


def test_a_new_organization_gets_its_code(superuser: Client) -> None:
    superuser.post(address(Organization, "add"), {"name": "Acme"})

    assert Organization.objects.get(name="Acme").code.startswith("ACME")


def test_revoking_in_the_admin_is_audited(staff: Client, people: Cast, foreign_rows: list[Model]) -> None:
    own = services.issue_api_token(people.organization, people.member.user, kind=ApiToken.Kind.TOKEN).row
    both = [str(own.pk), str(foreign_rows[3].pk)]

    staff.post(address(ApiToken, "changelist"), {"action": "revoke", "_selected_action": both})

    assert list(ApiToken.objects.exclude(revoked_at=None)) == [own]
    assert AuditEntry.objects.get(action="api_token.revoked").actor == people.admin.user


def test_secrets_appear_on_no_page(superuser: Client, people: Cast) -> None:
    issued = services.issue_api_token(people.organization, people.member.user, kind=ApiToken.Kind.TOKEN)

    pages = [
        superuser.get(address(ApiToken, "changelist")).content.decode(),
        superuser.get(address(ApiToken, "change", issued.row.pk)).content.decode(),
    ]

    assert all(issued.secret not in page and issued.row.digest not in page for page in pages)
