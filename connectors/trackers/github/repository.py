"""The repository that a tracker works on, and what is known of it: readings that many verbs stand on, made once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

from connectors.clients.github.client import GitHubClient
from connectors.clients.github.wire.answers import Code
from connectors.clients.github.wire.payloads import Issue, IssueType, Repository, User
from connectors.clients.github.wire.values import login_of
from connectors.domain.errors import AccessLost, Missing, Refused
from connectors.domain.ports import Probe
from connectors.domain.work_items import Person
from connectors.trackers.github.people import person_from
from connectors.trackers.github.reading import IssueReader
from connectors.trackers.github.source_items import Neighbours

Result = TypeVar("Result")
ARCHIVED = "REPOSITORY_ARCHIVED"
MOST_PROFILES = 200


class GitHubRepository:
    """Client, reader and the profiles of people met so far, shared by all threads."""

    def __init__(self, client: GitHubClient) -> None:
        self.client = client
        self.reader = IssueReader(client)
        self._profiles: dict[str, User] = {}
        self._assignable: list[Person] | None = None
        self._knowing = threading.Lock()
        self._listing = threading.Lock()

    @property
    def organization(self) -> str:
        """The owner, as the repository's name begins."""
        return self.client.repo.owner

    def repository(self) -> Repository:
        """The repository. Raises Missing (REPOSITORY_NOT_FOUND, ISSUES_DISABLED)."""
        found = self.client.get_repository()
        if found.get("has_issues") is False:
            words = f"Issues are switched off in {self.client.repo.full}."
            raise Missing(words, code=Code.ISSUES_DISABLED, status=410)
        return found

    def probe(self) -> Probe:
        """Test token and repository, and count the issues, with the precise reason when it fails.

        Raises AccessLost (CREDENTIALS_REFUSED, SSO_REQUIRED), Missing (REPOSITORY_NOT_FOUND, ISSUES_DISABLED),
        Refused (PERMISSION_MISSING), NotSent, AddressRefused.
        """
        server = self.probe_server()
        repository = self.repository()
        try:
            next(self.client.list_issues(newest_first=True), None)
        except Refused as error:
            words = f"The token lacks the right Issues (Read) in {self.client.repo.full}: {error.message}"
            raise Refused(words, code=Code.PERMISSION_MISSING, status=error.status) from None
        return Probe(
            server.organisation,
            repository.get("full_name") or self.client.repo.full,
            self._count(),
            person=server.person,
            expires=server.expires,
        )

    def probe_server(self) -> Probe:
        """See ServerProbe. An app's token is nobody's: only the repository tells whether it works."""
        host = urlsplit(self.client.site).netloc
        try:
            caller = self.client.get_current_user()
        except Refused:
            return Probe(host, "", 0)
        return Probe(host, "", 0, person=login_of(caller.user), expires=caller.expires)

    def me(self) -> Person | None:
        """Whose token this is, None for an app's."""
        try:
            return person_from(self.client.get_current_user().user)
        except Refused:
            return None

    def issue_types(self) -> list[IssueType]:
        """The issue types that may be used; none in people's repositories."""
        types = self.optional(self.client.get_issue_types) or []
        return [kind for kind in types if kind.get("is_enabled", True) and kind.get("name")]

    def known_person(self, user: User | None) -> Person | None:
        """A person with the name and e-mail of the public profile, which lists leave out."""
        login = login_of(user)
        if not login:
            return None
        with self._knowing:
            profile = self._profiles.get(login)
        if profile is None:
            profile = self.optional(lambda: self.client.find_user(login)) or user or {}
            with self._knowing:
                self._profiles[login] = profile
        return person_from(profile)

    def assignable(self) -> list[Person]:
        """Everybody who can be assigned, with the names and e-mails of their profiles while they are not too many."""
        with self._listing:
            if self._assignable is None:
                users = list(self.client.get_assignees())
                known = self.known_person if len(users) <= MOST_PROFILES else person_from
                self._assignable = [person for person in map(known, users) if person is not None]
            return self._assignable

    def neighbours_of(self, issue: Issue) -> Neighbours:
        """Dependencies, asked for only where the issue says that there are some."""
        counts = issue.get("issue_dependencies_summary") or {}
        number, home = issue["number"], issue.get("repository_url")
        return Neighbours(
            blocked_by=_numbers(self.client.list_blocked_by(number), home) if counts.get("total_blocked_by") else (),
            blocking=_numbers(self.client.list_blocking(number), home) if counts.get("total_blocking") else (),
        )

    def optional(self, read: Callable[[], Result]) -> Result | None:
        """What makes the answer better but is not needed: a token may lack the right, a server the resource."""
        try:
            return read()
        except (Refused, AccessLost):
            return None

    def _count(self) -> int:
        """How many issues there are: by search, else, as where the index is off, the highest number in use."""
        counted = self.optional(self.client.count_issues)
        return self.reader.newest() if counted is None else counted


def _numbers(issues: Iterator[Issue], home: str | None) -> tuple[int, ...]:
    """Numbers of the issues of one repository; a dependency may lie in another."""
    return tuple(other["number"] for other in issues if other.get("repository_url") == home)
