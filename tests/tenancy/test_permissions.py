"""The table of roles, and the permission that reads it."""

from __future__ import annotations

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from tenancy.access_tokens import issue_access_token
from tenancy.errors import NotPermitted
from tenancy.models import Membership, Role
from tenancy.permissions import ALLOWED, Action, May, may, require
from tests.builders import Cast, Person

ADMINISTRATION = {
    "manage_connectors",
    "manage_projects",
    "manage_mappings",
    "manage_synchronizations",
    "roll_back",
    "delete_sync_information",
    "manage_webhooks",
    "manage_prices",
}
OWNERSHIP = {"manage_members", "export_organization", "delete_organization"}
EVERYBODY = {"see", "operate_runs", "scan", "resync", "resolve_conflicts", "manage_own_tokens"}


def actions_of(role: Role) -> set[str]:
    return {action.value for action, roles in ALLOWED.items() if role in roles}


def test_the_table_is_the_documented_one() -> None:
    assert {role: actions_of(role) for role in Role} == {
        Role.OWNER: EVERYBODY | ADMINISTRATION | OWNERSHIP,
        Role.ADMIN: EVERYBODY | ADMINISTRATION,
        Role.MEMBER: EVERYBODY,
    }


def test_every_action_is_decided() -> None:
    assert set(ALLOWED) == set(Action)


def test_require_refuses_what_may_says_no_to(people: Cast) -> None:
    assert may(people.admin.principal, Action.MANAGE_MEMBERS) is False
    with pytest.raises(NotPermitted):
        require(people.admin.principal, Action.MANAGE_MEMBERS)
    require(people.owner.principal, Action.MANAGE_MEMBERS)


class GuardedView(APIView):
    """A view that lets administrators write, everybody read, and says nothing about deleting."""

    permission_classes = (May,)
    allowed_actions = {"get": Action.SEE, "post": Action.MANAGE_CONNECTORS}  # noqa: RUF012

    def get(self, request: Request) -> Response:
        """Read."""
        return Response()

    post = delete = get


@pytest.mark.parametrize(
    ("who", "method", "status"),
    [
        ("member", "get", 200),
        ("member", "post", 403),
        ("admin", "post", 200),
        ("owner", "post", 200),
        ("owner", "delete", 403),  # nobody decided
        ("owner", "put", 405),  # does not exist
    ],
)
def test_a_view_declares_what_its_methods_need(people: Cast, who: str, method: str, status: int) -> None:
    someone: Person = getattr(people, who)
    token = issue_access_token(Membership.objects.get(user=someone.user))
    request = getattr(APIRequestFactory(), method)("/api/x", HTTP_AUTHORIZATION=f"Bearer {token}")

    response = GuardedView.as_view()(request)

    assert response.status_code == status


def test_without_a_principal_everything_is_refused() -> None:
    response = GuardedView.as_view()(APIRequestFactory().get("/api/x"))

    assert response.status_code == 401
