"""Writes: organizations, people, memberships, tokens, and signing in."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from tenancy import audit
from tenancy.access_tokens import issue_access_token
from tenancy.authentication import verify_password
from tenancy.credentials import digest, new_secret, shown_prefix
from tenancy.errors import NotPermitted, NotSignedIn
from tenancy.models import ApiToken, Membership, Organization, RefreshToken, Role, User
from tenancy.permissions import Action, require
from tenancy.principal import Principal
from tenancy.queries import choose_membership, membership_in

REFRESH_LIFETIME = timedelta(days=30)
# Rotated and revoked links are kept as long as a thief could try them, then forgotten.
_CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class IssuedToken:
    """A stored token and its text, which exists only here."""

    row: ApiToken
    secret: str


@dataclass(frozen=True)
class SignIn:
    """What a login or a refresh hands out."""

    access_token: str
    refresh_token: str


# --- Organizations and people ----------------------------------------------------------------------------------------


def create_organization(name: str) -> Organization:
    """A new tenant with a code and a slug of its own.

    The code is made of the name's letters and some chance, so that codes can be read aloud and not be guessed.
    """
    letters = "".join(char for char in slugify(name).upper() if char.isalpha())[:6] or "ORG"
    while True:
        code = letters + "".join(secrets.choice(_CODE_ALPHABET) for _ in range(5))
        slug = f"{slugify(name)[:60] or 'organization'}-{code[-5:].lower()}"
        if not Organization.objects.filter(code=code).exists():
            return Organization.objects.create(name=name, code=code, slug=slug)


def find_or_create_organization(name: str) -> Organization:
    """The organization of that name; two callers at once get the same one."""
    found = Organization.objects.filter(name=name).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return create_organization(name)
    except IntegrityError:
        return Organization.objects.get(name=name)


def find_or_create_user(email: str, *, password: str) -> User:
    """The user with that address, with that password from now on."""
    normal = email.strip().lower()
    try:
        with transaction.atomic():
            user, created = User.objects.get_or_create(email=normal)
    except IntegrityError:
        user, created = User.objects.get(email=normal), False
    if created or not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


@transaction.atomic
def set_membership(organization: Organization, user: User, *, role: Role, by: User | None = None) -> Membership:
    """Make or change a membership, with an audit entry when something changed."""
    membership = Membership.objects.for_organization(organization).filter(user=user).first()
    before = {"role": membership.role} if membership else {}
    if membership is None:
        membership = Membership.objects.create(organization=organization, user=user, role=role)
    elif membership.role != role:
        membership.role = role
        membership.save(update_fields=["role"])
    else:
        return membership
    audit.record(
        organization=organization,
        actor=by,
        action="membership.set",
        target=membership,
        before=before,
        after={"role": role, "user": user.email},
    )
    return membership


# --- API tokens ------------------------------------------------------------------------------------------------------


@transaction.atomic
def issue_api_token(
    organization: Organization,
    user: User,
    *,
    kind: ApiToken.Kind,
    name: str = "",
    expires_at: datetime | None = None,
    by: User | None = None,
) -> IssuedToken:
    """A new token or apikey. Its text is in the answer and nowhere else."""
    secret = new_secret(kind.value)
    row = ApiToken.objects.create(
        organization=organization,
        user=user,
        kind=kind,
        name=name,
        prefix=shown_prefix(kind.value, secret),
        digest=digest(kind.value, secret),
        expires_at=expires_at,
    )
    audit.record(
        organization=organization, actor=by or user, action="api_token.issued", target=row, after={"kind": kind}
    )
    return IssuedToken(row, secret)


@transaction.atomic
def revoke_api_token(token: ApiToken, *, by: Principal) -> None:
    """End a token; again is harmless. Others' tokens are for those who manage members.

    Raises NotPermitted.
    """
    require(by, Action.MANAGE_OWN_TOKENS if token.user_id == by.user.pk else Action.MANAGE_MEMBERS)
    if token.organization_id != by.organization.pk:
        raise NotPermitted
    end_api_token(token, by=by.user)


@transaction.atomic
def end_api_token(token: ApiToken, *, by: User | None) -> None:
    """End a token without asking for a role: the admin has checked its own permissions."""
    changed = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    if changed:
        audit.record(organization=token.organization, actor=by, action="api_token.revoked", target=token)


# --- Login, refresh, logout ------------------------------------------------------------------------------------------


def login(email: str, password: str, *, organization: str | None = None) -> SignIn:
    """Sign in with a password.

    Raises NotSignedIn("Invalid credentials") for whatever is wrong, so that nothing is learned from it, and
    OrganizationNotNamed when the user must choose.
    """
    user = verify_password(email, password)
    if user is None:
        raise NotSignedIn("Invalid credentials")
    membership = choose_membership(user, named=organization)
    return _hand_out(membership, family=uuid.uuid4())


def refresh(secret: str) -> SignIn:
    """Exchange a refresh token for a new pair.

    A token that was exchanged before is in two hands: its whole family is revoked, and the rightful owner signs in
    again. Raises NotSignedIn.
    """
    now = timezone.now()
    row = RefreshToken.objects.filter(digest=digest("refresh", secret)).first()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        raise NotSignedIn
    taken = RefreshToken.objects.filter(pk=row.pk, rotated_at=None, revoked_at=None).update(rotated_at=now)
    if not taken:
        _revoke_family(row.family)
        raise NotSignedIn
    membership = membership_in(row.user_id, row.organization_id)
    if membership is None:
        _revoke_family(row.family)
        raise NotSignedIn
    return _hand_out(membership, family=row.family)


def logout(secret: str) -> None:
    """End the sign-in this refresh token belongs to; an unknown one is nothing to end."""
    row = RefreshToken.objects.filter(digest=digest("refresh", secret)).first()
    if row is not None:
        _revoke_family(row.family)


def forget_expired_sign_ins() -> int:
    """Delete refresh tokens whose time is over; called by the scheduler. Returns how many."""
    deleted, _ = RefreshToken.objects.filter(expires_at__lt=timezone.now()).delete()
    return deleted


def _hand_out(membership: Membership, *, family: uuid.UUID) -> SignIn:
    secret = new_secret("refresh")
    RefreshToken.objects.create(
        organization=membership.organization,
        user=membership.user,
        family=family,
        digest=digest("refresh", secret),
        expires_at=timezone.now() + REFRESH_LIFETIME,
    )
    return SignIn(issue_access_token(membership), secret)


def _revoke_family(family: uuid.UUID) -> None:
    RefreshToken.objects.filter(family=family, revoked_at=None).update(revoked_at=timezone.now())
