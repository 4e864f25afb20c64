"""Organizations, people, tokens: what the services guarantee."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from tenancy import services
from tenancy.audit import without_secrets
from tenancy.errors import NotPermitted
from tenancy.models import ApiToken, AuditEntry, Membership, Organization, Role, User
from tests import recipes
from tests.builders import Cast

pytestmark = pytest.mark.django_db


def test_finding_an_organization_makes_it_once() -> None:
    first = services.find_or_create_organization("Acme GmbH")
    second = services.find_or_create_organization("Acme GmbH")

    assert first == second
    assert first.code.startswith("ACMEGM")
    assert Organization.objects.count() == 1


@pytest.mark.parametrize("name", ["東京", "42", "!", "a" * 200])
def test_any_name_gives_a_usable_code_and_slug(name: str) -> None:
    made = services.create_organization(name)

    made.full_clean()
    assert made.code.isalnum()


def test_finding_a_user_sets_the_password() -> None:
    first = services.find_or_create_user("Ann@Example.com", password="one one one")
    second = services.find_or_create_user("ann@example.com", password="two two two")

    second.refresh_from_db()
    assert first == second
    assert second.check_password("two two two")


def test_addresses_differ_by_more_than_case() -> None:
    recipes.user.make(email="ann@example.com")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ANN@example.com")


def test_a_changed_role_is_audited_and_an_unchanged_one_is_not(people: Cast) -> None:
    user = people.member.user
    for _ in range(2):
        services.set_membership(people.organization, user, role=Role.ADMIN, by=people.owner.user)

    entry = AuditEntry.objects.get()
    assert Membership.objects.get(user=user).role == Role.ADMIN
    assert (entry.actor_email, entry.action) == (people.owner.user.email, "membership.set")
    assert (entry.before, entry.after) == ({"role": "member"}, {"role": "admin", "user": user.email})


def test_issuing_a_token_is_audited_without_its_text(people: Cast) -> None:
    issued = services.issue_api_token(people.organization, people.member.user, kind=ApiToken.Kind.TOKEN)

    entry = AuditEntry.objects.values().get()
    assert all(issued.secret not in str(value) for value in entry.values())


@pytest.mark.parametrize(("who", "allowed"), [("member", True), ("owner", True), ("admin", False), ("outsider", False)])
def test_a_token_is_revoked_by_its_user_or_an_owner(people: Cast, who: str, allowed: bool) -> None:
    row = services.issue_api_token(people.organization, people.member.user, kind=ApiToken.Kind.TOKEN).row

    if allowed:
        services.revoke_api_token(row, by=getattr(people, who).principal)
    else:
        with pytest.raises(NotPermitted):
            services.revoke_api_token(row, by=getattr(people, who).principal)

    row.refresh_from_db()
    assert (row.revoked_at is not None) is allowed


def test_an_audit_entry_cannot_be_changed(people: Cast) -> None:
    services.set_membership(people.organization, people.member.user, role=Role.ADMIN)
    entry = AuditEntry.objects.get()

    with pytest.raises(TypeError):
        entry.save()


def test_an_audit_entry_outlives_the_account_it_names(people: Cast) -> None:
    services.set_membership(people.organization, people.member.user, role=Role.ADMIN, by=people.admin.user)
    email = people.admin.user.email
    people.admin.user.delete()

    assert AuditEntry.objects.values_list("actor", "actor_email").get() == (None, email)


def test_secrets_are_masked_at_any_depth_and_paths_are_not() -> None:
    masked = without_secrets(
        {"params": [{"alm_pass": "x", "name": "y"}], "personal_access_token": "x", "pat": "x", "path": "/a", "note": ""}
    )

    assert masked == {
        "params": [{"alm_pass": "********", "name": "y"}],
        "personal_access_token": "********",
        "pat": "********",
        "path": "/a",
        "note": "",
    }
