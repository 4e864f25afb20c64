"""The verbs of GitHub for one repository. Each returns plain wire values; the trackers give them meaning.

Raises the errors of `connectors.domain.errors`; codes are those of `wire.answers.Code`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from connectors.clients.exchange import Download
from connectors.clients.github.following import FollowingVerbs
from connectors.clients.github.session import GitHubSession
from connectors.clients.github.wire import calls
from connectors.clients.github.wire.answers import Code
from connectors.clients.github.wire.payloads import (
    Comment,
    Issue,
    IssueType,
    Json,
    Label,
    Milestone,
    NewIssue,
    Repository,
    TimelineEvent,
    User,
)
from connectors.clients.github.wire.values import token_end
from connectors.domain.errors import Missing, Refused


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token this is, and when it ends where GitHub says so."""

    user: User
    expires: datetime | None = None


class GitHubClient(FollowingVerbs, GitHubSession):
    """Listing verbs are generators over pages and raise while they are walked. Safe for many threads."""

    # who and where

    def get_current_user(self) -> Caller:
        """Raises AccessLost for a wrong token, Refused for an app's token: it is nobody's."""
        answer = self._sent(calls.current_user())
        return Caller(self._answered(answer), token_end(answer.headers))

    def find_user(self, login: str) -> User | None:
        """The public profile, None for nobody."""
        try:
            found: User = self._json(calls.user(login))
        except Missing:
            return None
        return found

    def get_repository(self) -> Repository:
        """With the caller's permissions. Raises Missing (REPOSITORY_NOT_FOUND), also for one hidden from the token."""
        try:
            found: Repository = self._answered(self._polled(calls.repository(self.repo)))
        except Missing as error:
            words = f"The repository {self.repo.full} does not exist, or the token may not see it."
            raise Missing(words, code=Code.REPOSITORY_NOT_FOUND, status=error.status) from None
        return found

    def get_issue_types(self) -> list[IssueType]:
        """The organisation's issue types. Raises Missing for people's repositories and servers without types, Refused
        for tokens without the right."""
        found: list[IssueType] = self._json(calls.issue_types(self.repo.owner)) or []
        return found

    def get_assignees(self) -> Iterator[User]:
        """Everybody who can be assigned in the repository."""
        yield from self._each(calls.assignees(self.repo))

    def is_assignable(self, login: str) -> bool:
        try:
            self._json(calls.assignable(self.repo, login))
        except Missing:
            return False
        return True

    def count_issues(self) -> int:
        """By search, whose index lags a little. Raises Refused where it may not be asked."""
        return int(self._json(calls.count_issues(self.repo))["total_count"])

    # issues

    def list_issues(self, *, since: datetime | None = None, newest_first: bool = False) -> Iterator[list[Issue]]:
        """Pages of all issues by number, pull requests among them. Those changed `since` a moment are polled."""
        first = calls.issues(self.repo, since=since, newest_first=newest_first)
        yield from self._pages(first, polled=since is not None)

    def get_issue(self, number: int, *, full: bool = False) -> Issue:
        """Raises Missing for a deleted, transferred or unknown one. A pull request answers too."""
        found: Issue = self._json(calls.issue(self.repo, number, full=full))
        return found

    def create_issue(self, body: NewIssue) -> Issue:
        """Compare with `dropped_fields`: what the token may not set is left out without a word."""
        made: Issue = self._content(calls.create_issue(self.repo, body))
        return made

    def update_issue(self, number: int, changes: NewIssue) -> Issue:
        """Compare with `dropped_fields`."""
        changed: Issue = self._json(calls.update_issue(self.repo, number, changes))
        return changed

    def get_timeline(self, number: int) -> Iterator[TimelineEvent]:
        yield from self._each(calls.timeline(self.repo, number))

    # comments

    def list_comments(self, number: int, *, full: bool = False) -> Iterator[Comment]:
        """Oldest first."""
        yield from self._each(calls.comments(self.repo, number, full=full))

    def list_comments_since(self, since: datetime) -> Iterator[list[Comment]]:
        """Pages of comments of all issues and pull requests, the longest unchanged first."""
        yield from self._pages(calls.comments_since(self.repo, since), polled=True)

    def create_comment(self, number: int, body: str) -> Comment:
        """Raises Refused (ITEM_LOCKED) for a locked issue."""
        made: Comment = self._content(calls.create_comment(self.repo, number, body))
        return made

    def get_comment(self, comment: str) -> Comment:
        """Raises Missing."""
        found: Comment = self._json(calls.comment(self.repo, comment))
        return found

    def update_comment(self, comment: str, body: str) -> None:
        self._json(calls.update_comment(self.repo, comment, body))

    def delete_comment(self, comment: str) -> None:
        self._json(calls.delete_comment(self.repo, comment))

    # labels and milestones

    def list_labels(self) -> list[Label]:
        return [label for page in self._pages(calls.labels(self.repo), polled=True) for label in page]

    def create_label(self, name: str, *, color: str, description: str = "") -> None:
        """A name that is taken, in whatever case, is as good as made."""
        try:
            self._json(calls.create_label(self.repo, name, color=color, description=description))
        except Refused as error:
            if error.code != Code.NAME_TAKEN:
                raise

    def delete_label(self, name: str) -> None:
        self._json(calls.delete_label(self.repo, name))

    def has_issues_with_label(self, name: str) -> bool:
        return bool(self._json(calls.issues_with_label(self.repo, name)))

    def list_milestones(self) -> list[Milestone]:
        return [entry for page in self._pages(calls.milestones(self.repo), polled=True) for entry in page]

    def create_milestone(self, title: str, *, due: datetime | None, description: str = "") -> Milestone:
        """Raises Refused (NAME_TAKEN)."""
        made: Milestone = self._json(calls.create_milestone(self.repo, title, due=due, description=description))
        return made

    def update_milestone(self, number: str, changes: Mapping[str, Json]) -> None:
        self._json(calls.update_milestone(self.repo, number, changes))

    def delete_milestone(self, number: str) -> None:
        self._json(calls.delete_milestone(self.repo, number))

    def has_issues_in_milestone(self, number: str) -> bool:
        return bool(self._json(calls.issues_of_milestone(self.repo, number)))

    # hierarchy and dependencies

    def list_sub_issues(self, number: int) -> Iterator[Issue]:
        yield from self._each(calls.sub_issues(self.repo, number))

    def find_parent(self, number: int) -> Issue | None:
        """None for an issue without a parent, and on servers without sub-issues."""
        try:
            found: Issue = self._json(calls.parent(self.repo, number))
        except Missing:
            return None
        return found

    def add_sub_issue(self, number: int, *, issue_id: int) -> None:
        """Puts an issue (by id) below another (by number), away from the parent it had. Repeating is harmless."""
        try:
            self._json(calls.add_sub_issue(self.repo, number, issue_id))
        except Refused:
            if all(entry.get("id") != issue_id for entry in self.list_sub_issues(number)):
                raise

    def remove_sub_issue(self, number: int, *, issue_id: int) -> None:
        self._json(calls.remove_sub_issue(self.repo, number, issue_id))

    def list_blocked_by(self, number: int) -> Iterator[Issue]:
        """What blocks this issue."""
        yield from self._each(calls.blocked_by(self.repo, number))

    def list_blocking(self, number: int) -> Iterator[Issue]:
        """What this issue blocks."""
        yield from self._each(calls.blocking(self.repo, number))

    def add_blocked_by(self, number: int, *, issue_id: int) -> None:
        """Repeating is harmless."""
        try:
            self._json(calls.add_blocked_by(self.repo, number, issue_id))
        except Refused:
            if all(entry.get("id") != issue_id for entry in self.list_blocked_by(number)):
                raise

    def remove_blocked_by(self, number: int, *, issue_id: int) -> None:
        """Raises Missing for a dependency that is not there."""
        self._json(calls.remove_blocked_by(self.repo, number, issue_id))

    # files

    def open_file(self, address: str) -> AbstractContextManager[Download]:
        """Stream a file by its address. Raises Missing (FILE_HIDDEN), AddressRefused."""
        return self._opened(address)
