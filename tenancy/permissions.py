"""Who may do what: the table of roles as data, and DRF permissions that read it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenancy.errors import NotPermitted
from tenancy.models import Role
from tenancy.principal import Principal

if TYPE_CHECKING:
    # DRF's views read the settings that name this module while they are themselves imported.
    from rest_framework.views import APIView


class Action(Enum):
    """Something a role may or may not do."""

    SEE = "see"
    OPERATE_RUNS = "operate_runs"  # start, pause, resume, cancel, retry
    SCAN = "scan"
    RESYNC = "resync"
    RESOLVE_CONFLICTS = "resolve_conflicts"
    MANAGE_CONNECTORS = "manage_connectors"
    MANAGE_PROJECTS = "manage_projects"
    MANAGE_MAPPINGS = "manage_mappings"
    MANAGE_SYNCHRONIZATIONS = "manage_synchronizations"
    ROLL_BACK = "roll_back"
    DELETE_SYNC_INFORMATION = "delete_sync_information"
    MANAGE_WEBHOOKS = "manage_webhooks"
    MANAGE_PRICES = "manage_prices"
    MANAGE_OWN_TOKENS = "manage_own_tokens"
    MANAGE_MEMBERS = "manage_members"
    EXPORT_ORGANIZATION = "export_organization"
    DELETE_ORGANIZATION = "delete_organization"


EVERYBODY = frozenset(Role)
ADMINISTRATION = frozenset({Role.OWNER, Role.ADMIN})
OWNERS = frozenset({Role.OWNER})

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.SEE: EVERYBODY,
    Action.OPERATE_RUNS: EVERYBODY,
    Action.SCAN: EVERYBODY,
    Action.RESYNC: EVERYBODY,
    Action.RESOLVE_CONFLICTS: EVERYBODY,
    Action.MANAGE_CONNECTORS: ADMINISTRATION,
    Action.MANAGE_PROJECTS: ADMINISTRATION,
    Action.MANAGE_MAPPINGS: ADMINISTRATION,
    Action.MANAGE_SYNCHRONIZATIONS: ADMINISTRATION,
    Action.ROLL_BACK: ADMINISTRATION,
    Action.DELETE_SYNC_INFORMATION: ADMINISTRATION,
    Action.MANAGE_WEBHOOKS: ADMINISTRATION,
    Action.MANAGE_PRICES: ADMINISTRATION,
    Action.MANAGE_OWN_TOKENS: EVERYBODY,
    Action.MANAGE_MEMBERS: OWNERS,
    Action.EXPORT_ORGANIZATION: OWNERS,
    Action.DELETE_ORGANIZATION: OWNERS,
}


def may(principal: Principal, action: Action) -> bool:
    """Whether the principal's role allows the action."""
    return principal.role in ALLOWED[action]


def require(principal: Principal, action: Action) -> None:
    """Raise NotPermitted unless the role allows the action. Services call it too: they have four doors."""
    if not may(principal, action):
        raise NotPermitted


class IsMember(BasePermission):
    """Any principal. A session without a membership, or no credential at all, is refused."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Signed in, whatever the role."""
        return isinstance(request.auth, Principal)


class May(IsMember):
    """The actions a view needs, by its DRF action (viewsets) or HTTP method (plain views).

    The view declares `allowed_actions`, for example `{"list": Action.SEE, "create": Action.MANAGE_PROJECTS}`; what
    it leaves out is refused, so a new method is closed until somebody decides who may use it.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Look up what the view declares for this call."""
        if not isinstance(request.auth, Principal):
            return False
        method = (request.method or "").lower()
        if not hasattr(view, method) or method == "options":
            return True  # answered with 405, or with the description of what is there
        table: dict[str, Action] = getattr(view, "allowed_actions", {})
        action = table.get(getattr(view, "action", None) or method)
        return action is not None and may(request.auth, action)
