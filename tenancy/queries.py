"""Reads: memberships, tokens, and which organization a request means."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from tenancy.credentials import digest
from tenancy.errors import NotSignedIn, OrganizationNotNamed
from tenancy.models import ApiToken, Membership, User


def memberships_of(user: User) -> QuerySet[Membership]:
    """The user's memberships with both ends loaded; none for an account that is switched off."""
    if not user.is_active:
        return Membership.objects.none()
    return Membership.objects.filter(user=user).select_related("organization", "user")


def membership_in(user_id: uuid.UUID, organization_id: uuid.UUID) -> Membership | None:
    """The membership that a credential bound to both of them stands for, if it still exists."""
    return (
        Membership.objects.filter(user_id=user_id, organization_id=organization_id, user__is_active=True)
        .select_related("organization", "user")
        .first()
    )


def choose_membership(user: User, *, named: str | None) -> Membership:
    """The membership a user acts with: the named one, else the only one.

    `named` is an organization's id, code or slug. Raises NotSignedIn when the user has no membership, or none in the
    named organization (whether that one exists is not revealed), OrganizationNotNamed when there is a choice.
    """
    own = memberships_of(user)
    if named:
        own = own.filter(_names_organization(named.strip()))
    found = list(own[:2])
    if not found:
        raise NotSignedIn("Invalid credentials")
    if len(found) > 1:
        raise OrganizationNotNamed
    return found[0]


def find_api_token(secret: str, *, kind: ApiToken.Kind) -> ApiToken | None:
    """The stored token whose text this is, usable or not."""
    return (
        ApiToken.objects.filter(digest=digest(kind.value, secret), kind=kind)
        .select_related("organization", "user")
        .first()
    )


def _names_organization(named: str) -> Q:
    by_name = Q(organization__code=named) | Q(organization__slug=named)
    try:
        return by_name | Q(organization_id=uuid.UUID(named))
    except ValueError:
        return by_name
