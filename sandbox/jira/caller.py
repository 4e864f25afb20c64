"""Who asks, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.jira.errors import Refusal, issue_missing, sign_in_required
from sandbox.jira.models import Project, User
from sandbox.jira.records import Issue
from sandbox.jira.state import SiteState


@dataclass(frozen=True)
class Caller:
    """A signed-in person, or nobody: an anonymous caller may do nothing but ask."""

    user: User | None
    permissions: frozenset[str]

    def may(self, permission: str) -> bool:
        """Whether a permission is granted (on every project alike)."""
        return permission in self.permissions

    @property
    def person(self) -> User:
        """The signed-in person. Raises Refusal 401 for nobody."""
        if self.user is None:
            answer = sign_in_required(wants_json=True)
            raise Refusal(
                401,
                {"message": "Client must be authenticated to access this resource.", "status-code": 401},
                headers=answer.headers,
            )
        return self.user

    def project(self, state: SiteState, key_or_id: str) -> Project | None:
        """A project the caller may see."""
        return state.project(key_or_id) if self.may("BROWSE_PROJECTS") else None

    def issue(self, state: SiteState, key_or_id: str) -> Issue:
        """An issue the caller may see now. Raises Refusal 404, the same for hidden and missing."""
        found = state.issue(key_or_id)
        if found is None or not self.may("BROWSE_PROJECTS") or found.readable_at > state.now():
            raise issue_missing()
        return found
