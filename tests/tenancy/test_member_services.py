"""Invitations, roles and removal of members, and one's own password."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tenancy import member_services, services
from tenancy.errors import AccountExists, AlreadyMember, InvitationUnusable, LastOwner, NotPermitted, NotSignedIn
from tenancy.models import ApiToken, AuditEntry, Invitation, Membership, Role, User
from tests.builders import Cast

PASSWORD = "a long enough passphrase"


def invited(people: Cast, email: str = "new@example.com", role: Role = Role.MEMBER) -> tuple[Invitation, str]:
    issued = member_services.invite(email, role=role, by=people.owner.principal)
    return issued.row, issued.secret


def roles(people: Cast) -> dict[str, str]:
    rows = Membership.objects.for_organization(people.organization)
    return {row.user.email: row.role for row in rows.select_related("user")}


def test_an_invited_person_gets_an_account_and_the_role(people: Cast) -> None:
    _, secret = invited(people, "New@Example.com", Role.ADMIN)

    made = member_services.join_with_new_account(
        member_services.usable_invitation(secret), password=PASSWORD, name=" Nora "
    )

    assert (made.role, made.user.email, made.user.name) == (Role.ADMIN, "new@example.com", "Nora")
    assert made.organization == people.organization
    assert made.user.check_password(PASSWORD)


def test_the_secret_is_stored_as_a_digest_only(people: Cast) -> None:
    row, secret = invited(people)

    assert secret not in str(Invitation.objects.filter(pk=row.pk).values().get())
    assert len(row.digest) == 64


def test_a_link_works_once(people: Cast) -> None:
    row, secret = invited(people)
    member_services.join_with_new_account(row, password=PASSWORD)

    with pytest.raises(InvitationUnusable):
        member_services.usable_invitation(secret)
    with pytest.raises(InvitationUnusable):
        member_services.join(row, User.objects.get(email="new@example.com"))


def test_two_who_accept_at_once_get_one_membership(people: Cast) -> None:
    row, _ = invited(people)
    stale = Invitation.objects.get(pk=row.pk)
    member_services.join_with_new_account(row, password=PASSWORD)
    User.objects.filter(email="new@example.com").update(email="renamed@example.com")

    with pytest.raises(InvitationUnusable):
        member_services.join_with_new_account(stale, password=PASSWORD)

    assert not User.objects.filter(email="new@example.com").exists()


def test_expired_and_revoked_links_do_not_work(people: Cast) -> None:
    late, late_secret = invited(people, "late@example.com")
    Invitation.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    gone, gone_secret = invited(people, "gone@example.com")
    member_services.revoke_invitation(gone, by=people.owner.principal)

    for secret in (late_secret, gone_secret, "isth_invitation_unknown"):
        with pytest.raises(InvitationUnusable):
            member_services.usable_invitation(secret)
    for row in (late, gone):
        with pytest.raises(InvitationUnusable):
            member_services.join_with_new_account(row, password=PASSWORD)
    assert not User.objects.filter(email__in=("late@example.com", "gone@example.com")).exists()


def test_a_second_link_takes_the_place_of_the_first(people: Cast) -> None:
    _, first = invited(people)
    _, second = invited(people)

    with pytest.raises(InvitationUnusable):
        member_services.usable_invitation(first)
    assert member_services.usable_invitation(second).email == "new@example.com"


def test_an_existing_account_joins_as_itself_only(people: Cast) -> None:
    row, _ = invited(people, people.outsider.user.email, Role.ADMIN)

    with pytest.raises(AccountExists):
        member_services.join_with_new_account(row, password=PASSWORD)
    with pytest.raises(InvitationUnusable):
        member_services.join(row, people.member.user)
    member_services.join(row, people.outsider.user)

    assert roles(people)[people.outsider.user.email] == Role.ADMIN
    assert not people.outsider.user.check_password(PASSWORD)


def test_members_are_not_invited_again(people: Cast) -> None:
    with pytest.raises(AlreadyMember, match="is a member already"):
        invited(people, people.member.user.email.upper())


def test_only_owners_manage_members(people: Cast) -> None:
    row, _ = invited(people)
    for person in (people.admin, people.member):
        with pytest.raises(NotPermitted):
            member_services.invite("x@example.com", role=Role.MEMBER, by=person.principal)
        with pytest.raises(NotPermitted):
            member_services.revoke_invitation(row, by=person.principal)
        with pytest.raises(NotPermitted):
            member_services.change_role(person.membership, role=Role.OWNER, by=person.principal)
        with pytest.raises(NotPermitted):
            member_services.remove_member(people.owner.membership, by=person.principal)


def test_the_only_owner_stays(people: Cast) -> None:
    with pytest.raises(LastOwner):
        member_services.change_role(people.owner.membership, role=Role.ADMIN, by=people.owner.principal)
    with pytest.raises(LastOwner):
        member_services.remove_member(people.owner.membership, by=people.owner.principal)
    member_services.change_role(people.admin.membership, role=Role.OWNER, by=people.owner.principal)
    member_services.change_role(people.owner.membership, role=Role.MEMBER, by=people.owner.principal)

    assert roles(people)[people.owner.user.email] == Role.MEMBER


def test_a_removed_member_loses_tokens_and_sign_ins(people: Cast) -> None:
    people.member.user.set_password(PASSWORD)
    people.member.user.save()
    token = services.issue_api_token(people.organization, people.member.user, kind=ApiToken.Kind.TOKEN)
    signed_in = services.login(people.member.user.email, PASSWORD)

    member_services.remove_member(people.member.membership, by=people.owner.principal)

    token.row.refresh_from_db()
    assert token.row.revoked_at is not None
    with pytest.raises(NotSignedIn):
        services.refresh(signed_in.refresh_token)
    assert people.member.user.email not in roles(people)
    assert User.objects.filter(pk=people.member.user.pk).exists()


def test_a_new_password_ends_the_sign_ins_made_with_the_old_one(people: Cast) -> None:
    people.member.user.set_password("the old one")
    people.member.user.save()
    signed_in = services.login(people.member.user.email, "the old one")

    member_services.set_own_password(PASSWORD, by=people.member.principal)

    with pytest.raises(NotSignedIn):
        services.refresh(signed_in.refresh_token)
    assert services.login(people.member.user.email, PASSWORD)


def test_every_change_is_in_the_trail(people: Cast) -> None:
    row, _ = invited(people)
    member_services.join_with_new_account(row, password=PASSWORD)
    other, _ = invited(people, "other@example.com")
    member_services.revoke_invitation(other, by=people.owner.principal)
    member_services.revoke_invitation(other, by=people.owner.principal)
    member_services.change_role(people.member.membership, role=Role.ADMIN, by=people.owner.principal)
    member_services.remove_member(people.member.membership, by=people.owner.principal)
    member_services.set_own_password(PASSWORD, by=people.owner.principal)

    entries = AuditEntry.objects.for_organization(people.organization).order_by("pk")
    assert list(entries.values_list("action", flat=True)) == [
        "invitation.issued",
        "membership.set",
        "invitation.issued",
        "invitation.revoked",
        "membership.set",
        "membership.removed",
        "account.password_changed",
    ]
    assert PASSWORD not in str(list(entries.values()))
