"""Writes: invitations, roles of members, and one's own password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenancy import audit
from tenancy.credentials import digest, new_secret
from tenancy.errors import AccountExists, AlreadyMember, InvitationUnusable, LastOwner
from tenancy.models import ApiToken, Invitation, Membership, Organization, RefreshToken, Role, User
from tenancy.permissions import Action, require
from tenancy.principal import Principal
from tenancy.queries import find_invitation
from tenancy.services import set_membership

INVITATION_LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class IssuedInvitation:
    """A stored invitation and the secret part of its link, which exists only here."""

    row: Invitation
    secret: str


# --- Invitations -----------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(email: str, *, role: Role, by: Principal) -> IssuedInvitation:
    """A link for one person. It takes the place of an earlier one for the same address.

    Raises NotPermitted, AlreadyMember.
    """
    require(by, Action.MANAGE_MEMBERS)
    normal = email.strip().lower()
    if Membership.objects.for_organization(by.organization).filter(user__email=normal).exists():
        raise AlreadyMember(normal)
    now = timezone.now()
    earlier = Invitation.objects.for_organization(by.organization).filter(email=normal)
    earlier.filter(accepted_at=None, revoked_at=None).update(revoked_at=now)
    secret = new_secret("invitation")
    row = Invitation.objects.create(
        organization=by.organization,
        email=normal,
        role=role,
        digest=digest("invitation", secret),
        invited_by=by.user,
        expires_at=now + INVITATION_LIFETIME,
    )
    audit.record(
        organization=by.organization, actor=by.user, action="invitation.issued", target=row, after={"role": role}
    )
    return IssuedInvitation(row, secret)


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: Principal) -> None:
    """Take a link back; again is harmless. Raises NotPermitted."""
    require(by, Action.MANAGE_MEMBERS)
    rows = Invitation.objects.for_organization(by.organization).filter(pk=invitation.pk)
    if rows.filter(accepted_at=None, revoked_at=None).update(revoked_at=timezone.now()):
        audit.record(organization=by.organization, actor=by.user, action="invitation.revoked", target=invitation)


def usable_invitation(secret: str) -> Invitation:
    """The invitation behind a link. Raises InvitationUnusable."""
    found = find_invitation(secret)
    if found is None or not found.is_usable(timezone.now()):
        raise InvitationUnusable
    return found


@transaction.atomic
def join_with_new_account(invitation: Invitation, *, password: str, name: str = "") -> Membership:
    """Make an account for the invited address, and a member of it. Raises InvitationUnusable, AccountExists."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(invitation.email, password, name=name.strip())
    except IntegrityError as error:
        raise AccountExists(invitation.email) from error
    return _join(invitation, user)


@transaction.atomic
def join(invitation: Invitation, user: User) -> Membership:
    """Make the invited person's account a member. Raises InvitationUnusable, also for another person's account."""
    if user.email != invitation.email:
        raise InvitationUnusable
    return _join(invitation, user)


def _join(invitation: Invitation, user: User) -> Membership:
    now = timezone.now()
    open_still = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=now)
    if not open_still.update(accepted_at=now):
        raise InvitationUnusable
    organization = invitation.organization
    member = Membership.objects.for_organization(organization).filter(user=user).first()
    # Somebody who became a member in another way keeps that role.
    return member or set_membership(organization, user, role=Role(invitation.role), by=user)


# --- Members ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_role(membership: Membership, *, role: Role, by: Principal) -> None:
    """Give a member another role. Raises NotPermitted, LastOwner."""
    require(by, Action.MANAGE_MEMBERS)
    if role is not Role.OWNER:
        _keep_an_owner(by.organization, without=membership)
    set_membership(by.organization, membership.user, role=role, by=by.user)


@transaction.atomic
def remove_member(membership: Membership, *, by: Principal) -> None:
    """End a membership, with its tokens and sign-ins. The account stays. Raises NotPermitted, LastOwner."""
    require(by, Action.MANAGE_MEMBERS)
    _keep_an_owner(by.organization, without=membership)
    now = timezone.now()
    own = {"organization": by.organization, "user": membership.user, "revoked_at": None}
    ApiToken.objects.filter(**own).update(revoked_at=now)
    RefreshToken.objects.filter(**own).update(revoked_at=now)
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="membership.removed",
        target=membership,
        before={"role": membership.role, "user": membership.user.email},
    )
    membership.delete()


def _keep_an_owner(organization: Organization, *, without: Membership) -> None:
    # Two owners who demote each other at once wait for each other here.
    Organization.objects.select_for_update().get(pk=organization.pk)
    owners = Membership.objects.for_organization(organization).filter(role=Role.OWNER)
    if not owners.exclude(pk=without.pk).exists():
        raise LastOwner


# --- One's own account -----------------------------------------------------------------------------------------------


@transaction.atomic
def set_own_password(new: str, *, by: Principal) -> None:
    """Sign in with another password from now on: sign-ins made with the old one end, tokens stay."""
    user = by.user
    user.set_password(new)
    user.save(update_fields=["password"])
    RefreshToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    audit.record(organization=by.organization, actor=user, action="account.password_changed", target=user)
