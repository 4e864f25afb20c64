"""The query parameters that choose issues of a list."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.github import errors
from sandbox.github.endpoints import Ask
from sandbox.github.models import Issue, Repository


@dataclass(frozen=True)
class IssueFilter:
    """What a list of issues shall hold; None takes all."""

    state: str
    since: float | None
    labels: frozenset[str]
    milestone: str | None
    assignee: str | None
    creator: str | None
    mentioned: str | None
    type: str | None

    @staticmethod
    def of(ask: Ask, repository: Repository | None) -> IssueFilter:
        """The filter of a request. Raises Refusal 422 for values that name nothing."""
        wanted = IssueFilter(
            state=ask.choice("state", "open", "closed", "all"),
            since=ask.since(),
            labels=frozenset(name.strip().lower() for name in (ask.param("labels") or "").split(",") if name.strip()),
            milestone=ask.param("milestone") if repository else None,
            assignee=ask.param("assignee") if repository else None,
            creator=ask.param("creator") if repository else None,
            mentioned=ask.param("mentioned") if repository else None,
            type=ask.param("type"),
        )
        if wanted.milestone not in (None, "*", "none") and not str(wanted.milestone).isdigit():
            raise errors.validation_failed(errors.fault("Issue", "milestone", "invalid", value=wanted.milestone))
        for name, login in (("assignee", wanted.assignee), ("creator", wanted.creator)):
            if login not in (None, "*", "none") and ask.site.user(str(login)) is None:
                raise errors.validation_failed(errors.fault("Issue", name, "invalid", value=login))
        return wanted

    def takes(self, issue: Issue) -> bool:
        """Whether an issue belongs into the list."""
        return (
            self.state in ("all", issue.state)
            and (self.since is None or issue.updated >= self.since)
            and self.labels <= {label.name.lower() for label in issue.labels}
            and self._takes_milestone(issue)
            and self._takes_assignee(issue)
            and (self.creator is None or (issue.user is not None and issue.user.login.lower() == self.creator.lower()))
            and (self.mentioned is None or f"@{self.mentioned.lower()}" in (issue.body or "").lower())
            and self._takes_type(issue)
        )

    def _takes_milestone(self, issue: Issue) -> bool:
        match self.milestone:
            case None:
                return True
            case "*":
                return issue.milestone is not None
            case "none":
                return issue.milestone is None
            case number:
                return issue.milestone is not None and issue.milestone.number == int(number)

    def _takes_assignee(self, issue: Issue) -> bool:
        match self.assignee:
            case None:
                return True
            case "*":
                return bool(issue.assignees)
            case "none":
                return not issue.assignees
            case login:
                return any(user.login.lower() == login.lower() for user in issue.assignees)

    def _takes_type(self, issue: Issue) -> bool:
        match self.type:
            case None:
                return True
            case "*":
                return issue.type is not None
            case "none":
                return issue.type is None
            case name:
                return issue.type is not None and issue.type.name.lower() == name.lower()
