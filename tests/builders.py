"""People who make requests, ready to use: the owner, a colleague, and an outsider who must see nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client
from rest_framework.test import APIClient

from tenancy.access_tokens import issue_access_token
from tenancy.models import Membership, Organization, Role, User
from tenancy.principal import Principal, Via
from tests import recipes


@dataclass(frozen=True)
class Person:
    """A user in an organization, with a client that is signed in by access token."""

    membership: Membership
    client: APIClient

    @property
    def user(self) -> User:
        """The account."""
        return self.membership.user

    @property
    def organization(self) -> Organization:
        """The tenant."""
        return self.membership.organization

    @property
    def browser(self) -> Client:
        """A new browser that is signed in to the console and works in this organization."""
        client = Client()
        client.force_login(self.user)
        session = client.session
        session["organization"] = str(self.organization.pk)
        session.save()
        return client

    @property
    def principal(self) -> Principal:
        """What services are given for this person."""
        return Principal(self.user, self.organization, Role(self.membership.role), Via.BEARER)


@dataclass(frozen=True)
class Cast:
    """Everybody a test about access needs. The outsider owns another organization."""

    owner: Person
    admin: Person
    member: Person
    outsider: Person

    @property
    def organization(self) -> Organization:
        """The organization of all but the outsider."""
        return self.owner.organization


def person(organization: Organization, *, role: Role) -> Person:
    """A new user with that role in that organization."""
    membership = recipes.membership.make(organization=organization, role=role)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_access_token(membership)}")
    return Person(membership, client)


def cast() -> Cast:
    """Owner, administrator and member of one organization, and the owner of another."""
    ours, theirs = recipes.organization.make(), recipes.organization.make()
    return Cast(
        owner=person(ours, role=Role.OWNER),
        admin=person(ours, role=Role.ADMIN),
        member=person(ours, role=Role.MEMBER),
        outsider=person(theirs, role=Role.OWNER),
    )
