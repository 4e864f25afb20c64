"""Repositories from captured responses: files of `{"source", "responses": [{"url", "data"}]}`.

Ids, numbers, texts, people and times stay as captured. What refers to an issue that was not captured is counted
in `SiteState.skipped`, by kind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sandbox.errors import BuildError
from sandbox.github.changes import add_issue, set_milestone
from sandbox.github.content import BEGINNING
from sandbox.github.models import (
    Comment,
    Event,
    Issue,
    JsonObject,
    Label,
    Milestone,
    PullRequest,
    Repository,
    Role,
    User,
)
from sandbox.github.payload import read_moment
from sandbox.github.state import FIRST_COMMENT_ID, FIRST_ISSUE_ID, Act, SiteState

_ADDRESS = re.compile(r"/repos/([^/?]+)/([^/?]+)/(issues/comments|issues/events|issues|milestones|pulls)(?:[/?]|$)")
_ORDER = ("milestones", "issues", "pulls", "issues/comments", "issues/events")


def load_files(site: SiteState, paths: Sequence[Path]) -> None:
    """Add what the files hold. Raises BuildError for a file that is not a capture of GitHub responses."""
    captured: list[tuple[str, str, str, JsonObject]] = []
    for path in paths:
        captured += _read(path)
    captured.sort(key=lambda entry: _ORDER.index(entry[2]))
    loader = _Loader(site)
    for owner, name, kind, data in captured:
        try:
            loader.take(owner, name, kind, data)
        except (KeyError, TypeError, ValueError) as error:
            raise BuildError(f"a captured {kind} of {owner}/{name} cannot be read: {error!r}") from error


def _read(path: Path) -> list[tuple[str, str, str, JsonObject]]:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        entries = [(str(entry["url"]), entry["data"]) for entry in raw["responses"]]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise BuildError(f"{path.name}: not a file of captured responses ({error})") from error
    read = []
    for url, data in entries:
        found = _ADDRESS.search(url)
        if found is None:
            raise BuildError(f"{path.name}: {url} is not an address of issues")
        read.append((found[1], found[2], found[3], data))
    return read


@dataclass
class _Loader:
    site: SiteState

    def take(self, owner: str, name: str, kind: str, data: JsonObject) -> None:
        """One captured object."""
        repository = self._repository(owner, name)
        match kind:
            case "milestones":
                self._milestone(repository, data)
            case "issues":
                self._issue(repository, data)
            case "pulls":
                self._pull(repository, data)
            case "issues/comments":
                self._comment(repository, data)
            case "issues/events":
                self._event(repository, data)

    def _repository(self, owner: str, name: str) -> Repository:
        found = self.site.repository(owner, name)
        if found is not None:
            return found
        account = self.site.user(owner) or self.site.add_user(owner, created=BEGINNING)
        made = self.site.add_repository(account, name, moment=BEGINNING)
        self.site.grant(made, self.site.users["sandbox"], Role.ADMIN)
        return made

    def _user(self, raw: object) -> User | None:
        if not isinstance(raw, Mapping):
            return None
        login = str(raw["login"])
        user = self.site.user(login) or self.site.add_user(login, created=BEGINNING)
        user.id, user.type = _whole(raw["id"]), str(raw.get("type", "User"))
        return user

    def _milestone(self, repository: Repository, raw: Mapping[str, object]) -> Milestone:
        number = _whole(raw["number"])
        found = repository.milestones.get(number)
        if found is not None:
            return found
        made = Milestone(
            id=_whole(raw["id"]),
            number=number,
            title=str(raw["title"]),
            creator=self._user(raw.get("creator")),
            created=_moment(raw["created_at"]),
            updated=_moment(raw["updated_at"]),
            description=_text(raw.get("description")),
            state=str(raw["state"]),
            due=_moment_or_none(raw.get("due_on")),
            closed=_moment_or_none(raw.get("closed_at")),
        )
        repository.milestones[number] = made
        repository.last_milestone = max(repository.last_milestone, number)
        self.site.reserve("milestone", made.id, 7_856_000)
        return made

    def _label(self, repository: Repository, raw: Mapping[str, object]) -> Label:
        key = str(raw["name"]).lower()
        found = repository.labels.get(key)
        if found is None or found.id != _whole(raw["id"]):  # one that every new repository has is replaced
            made = Label(_whole(raw["id"]), str(raw["name"]), str(raw["color"]))
            made.description, made.default = _text(raw.get("description")), bool(raw.get("default"))
            found = repository.labels[key] = made
        return found

    def _issue(self, repository: Repository, raw: Mapping[str, object]) -> Issue:
        issue = Issue(
            id=_whole(raw["id"]),
            repository=repository,
            number=_whole(raw["number"]),
            title=str(raw["title"]),
            body=_text(raw.get("body")),
            user=self._user(raw.get("user")),
            created=_moment(raw["created_at"]),
            updated=_moment(raw["updated_at"]),
            state=str(raw["state"]),
            reason=_text(raw.get("state_reason")),
            closed=_moment_or_none(raw.get("closed_at")),
            locked=bool(raw.get("locked")),
            lock_reason=_text(raw.get("active_lock_reason")),
        )
        issue.labels = [self._label(repository, label) for label in _objects(raw.get("labels"))]
        issue.assignees = [user for user in map(self._user, _objects(raw.get("assignees"))) if user]
        for user in issue.assignees:
            self.site.grant(repository, user, repository.roles.get(user.login.lower(), Role.WRITE))
        if isinstance(raw.get("pull_request"), Mapping):
            merged = _moment_or_none(cast(JsonObject, raw["pull_request"]).get("merged_at"))
            issue.pull = PullRequest(self.site.number("pull", 1_203_756_000), f"patch-{issue.number}", merged=merged)
        add_issue(self.site, issue)
        if isinstance(raw.get("milestone"), Mapping):
            milestone = self._milestone(repository, cast(JsonObject, raw["milestone"]))
            set_milestone(self.site, issue, Act(issue.user, issue.updated), milestone)
            issue.events.clear()
            repository.events = [event for event in repository.events if event.issue is not issue]
        self.site.reserve("issue", issue.id, FIRST_ISSUE_ID)
        return issue

    def _pull(self, repository: Repository, raw: Mapping[str, object]) -> None:
        issue = repository.issues.get(_whole(raw["number"]))
        if issue is None or issue.pull is None:
            self._skip("pull requests")
            return
        issue.pull.id = _whole(raw["id"])
        issue.pull.draft = bool(raw.get("draft"))
        issue.pull.merged = _moment_or_none(raw.get("merged_at"))
        issue.pull.head = str(cast(JsonObject, raw["head"])["ref"])
        issue.pull.base = str(cast(JsonObject, raw["base"])["ref"])

    def _comment(self, repository: Repository, raw: Mapping[str, object]) -> None:
        number = str(raw["issue_url"]).rpartition("/")[2]
        issue = repository.issues.get(int(number))
        if issue is None:
            self._skip("comments")
            return
        made = Comment(
            id=_whole(raw["id"]),
            issue=issue,
            user=self._user(raw.get("user")),
            body=str(raw["body"]),
            created=_moment(raw["created_at"]),
            updated=_moment(raw["updated_at"]),
        )
        issue.comments.append(made)
        repository.comments[made.id] = made
        self.site.reserve("comment", made.id, FIRST_COMMENT_ID)

    def _event(self, repository: Repository, raw: Mapping[str, object]) -> None:
        named = raw.get("issue")
        issue = repository.issues.get(_whole(named["number"])) if isinstance(named, Mapping) else None
        if issue is None:
            self._skip("events")
            return
        made = Event(
            _whole(raw["id"]), str(raw["event"]), self._user(raw.get("actor")), _moment(raw["created_at"]), issue
        )
        if isinstance(raw.get("label"), Mapping):
            label = cast(JsonObject, raw["label"])
            made.label = Label(0, str(label["name"]), str(label["color"]))
        made.subject = self._user(raw.get("assignee"))
        made.details = {name: raw[name] for name in ("rename", "state_reason", "lock_reason") if name in raw}
        issue.events.append(made)
        repository.events.append(made)
        self.site.reserve("event", made.id, 18_500_000_000)

    def _skip(self, kind: str) -> None:
        self.site.skipped[kind] = self.site.skipped.get(kind, 0) + 1


def _whole(raw: object) -> int:
    if isinstance(raw, int):
        return raw
    raise ValueError(f"{raw!r} is not a whole number")


def _text(raw: object) -> str | None:
    return None if raw is None else str(raw)


def _moment(raw: object) -> float:
    return read_moment(str(raw))


def _moment_or_none(raw: object) -> float | None:
    return None if raw is None else read_moment(str(raw))


def _objects(raw: object) -> list[Mapping[str, object]]:
    return [entry for entry in raw if isinstance(entry, Mapping)] if isinstance(raw, list) else []
