"""Reads: memberships, tokens, and which organization a request means."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from tenancy.credentials import digest
from tenancy.errors import NotSignedIn, OrganizationNotNamed
from tenancy.models import ApiToken, AuditEntry, Invitation, Membership, Organization, User
from tenancy.permissions import Action, may
from tenancy.principal import Principal


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


def members_of(organization: Organization) -> QuerySet[Membership]:
    """Who belongs to the organization, by address."""
    return Membership.objects.for_organization(organization).select_related("user").order_by("user__email")


def open_invitations_of(organization: Organization, *, now: datetime) -> QuerySet[Invitation]:
    """Invitations that can still be accepted, the newest first."""
    rows = Invitation.objects.for_organization(organization).select_related("invited_by")
    return rows.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


def find_invitation(secret: str) -> Invitation | None:
    """The invitation whose link this is the secret part of, usable or not."""
    rows = Invitation.objects.filter(digest=digest("invitation", secret))
    return rows.select_related("organization", "invited_by").first()


def tokens_for(principal: Principal) -> QuerySet[ApiToken]:
    """The tokens that the principal may end: one's own; for those who manage members everybody's. Newest first."""
    rows = ApiToken.objects.for_organization(principal.organization).select_related("user")
    return rows if may(principal, Action.MANAGE_MEMBERS) else rows.filter(user=principal.user)


@dataclass(frozen=True)
class AuditQuery:
    """Which entries of the trail; empty means all. `text` is a part of the object's name, or its id."""

    action: str = ""
    actor: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


def audit_entries(organization: Organization, query: AuditQuery) -> QuerySet[AuditEntry]:
    """Entries of the trail, the newest first."""
    rows = AuditEntry.objects.for_organization(organization)
    if query.action:
        rows = rows.filter(action=query.action)
    if query.actor:
        rows = rows.filter(actor_email=query.actor)
    if query.text:
        rows = rows.filter(Q(target_name__icontains=query.text) | Q(target_id=query.text))
    if query.since:
        rows = rows.filter(created_at__gte=query.since)
    return rows.filter(created_at__lte=query.until) if query.until else rows


def audit_choices(organization: Organization) -> tuple[list[str], list[str]]:
    """The actions and the actors that occur in the trail."""
    rows = AuditEntry.objects.for_organization(organization).order_by()
    actions = rows.values_list("action", flat=True).distinct()
    actors = rows.exclude(actor_email="").values_list("actor_email", flat=True).distinct()
    return sorted(actions), sorted(actors)


def _names_organization(named: str) -> Q:
    by_name = Q(organization__code=named) | Q(organization__slug=named)
    try:
        return by_name | Q(organization_id=uuid.UUID(named))
    except ValueError:
        return by_name
