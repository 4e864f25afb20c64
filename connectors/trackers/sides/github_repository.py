"""A repository as a side knows it: what it offers, what was read of it a moment ago, and what we wrote."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from connectors.clients.github.client import GitHubClient
from connectors.clients.github.wire.payloads import Issue
from connectors.domain.errors import Missing
from connectors.domain.sides import SideShape, SideType
from connectors.domain.work_items import Person
from connectors.trackers.github import GitHubTarget
from connectors.trackers.github.people import person_from
from connectors.trackers.github.target_shape import PRIORITIES
from connectors.trackers.github.vocabulary import DEFAULT_TYPE, TYPE_PREFIX, TYPES_BY_LABEL, sort_labels
from connectors.trackers.sides.github_values import (
    LINK_TYPES,
    STATES,
    content_of,
    is_item,
    priority_name,
    side_fields,
)

_FRESH_SECONDS = 5.0
_MOST_KEPT = 1_000


class GitHubIssues:
    """Issues by number; what a poll has just told is not asked for again, unless we changed it since."""

    def __init__(self, client: GitHubClient) -> None:
        self.client = client
        self.target = GitHubTarget(client)
        self._keeping = threading.Lock()
        self._told: OrderedDict[int, tuple[float, Issue]] = OrderedDict()
        self._written: OrderedDict[int, str] = OrderedDict()

    def keep(self, issues: Iterable[Issue]) -> None:
        """Issues as a list has just told them."""
        now = self.client.clock.monotonic()
        with self._keeping:
            for issue in issues:
                self._told[issue["number"]] = (now, issue)
                self._told.move_to_end(issue["number"])
            while len(self._told) > _MOST_KEPT:
                self._told.popitem(last=False)

    def forget(self, *numbers: int) -> None:
        """What was told of these is not true any more."""
        with self._keeping:
            for number in numbers:
                self._told.pop(number, None)

    def by_number(self, numbers: Sequence[int]) -> dict[int, Issue]:
        """Those that exist and are no pull requests."""
        oldest = self.client.clock.monotonic() - _FRESH_SECONDS
        with self._keeping:
            kept = [(number, self._told.pop(number)) for number in numbers if number in self._told]
        found = {number: issue for number, (at, issue) in kept if at >= oldest}
        found |= self.target.reader.read_now([number for number in numbers if number not in found])
        return {number: issue for number, issue in found.items() if is_item(issue)}

    def one(self, number: int) -> Issue:
        """An issue as it is at this moment. Raises Missing, also for a pull request."""
        issue = self.client.get_issue(number)
        if not is_item(issue):
            raise Missing(f"#{number} is a pull request", code="ITEM_NOT_FOUND", status=404)
        return issue

    def wrote(self, issue: Issue) -> None:
        """Remember what an issue is like after our write: GitHub does not tell who edited a text."""
        with self._keeping:
            self._told.pop(issue["number"], None)
            self._written[issue["number"]] = content_of(issue)
            if len(self._written) > _MOST_KEPT:
                self._written.popitem(last=False)

    def is_ours(self, issue: Issue) -> bool:
        """Whether an issue still is as we wrote it."""
        with self._keeping:
            return self._written.get(issue["number"]) == content_of(issue)


class GitHubProject(GitHubIssues):
    """See `connectors.domain.sides.Side` for what each verb promises."""

    def __init__(self, client: GitHubClient) -> None:
        super().__init__(client)
        self._me: Person | None = None

    def describe(self) -> SideShape:
        """Five requests."""
        repository = self.target.repository()
        labels = sort_labels(str(label.get("name") or "") for label in self.client.list_labels())
        priorities = [*(each.name for each in PRIORITIES), *map(priority_name, labels.priorities)]
        milestones = [str(entry.get("title") or "") for entry in self.client.list_milestones()]
        fields = side_fields(priorities=_distinct(priorities), milestones=milestones)
        own = [str(kind["name"]) for kind in self.target.issue_types()]
        named = [label[len(TYPE_PREFIX) :].strip() for label in labels.types]
        ids = frozenset(each.id for each in fields)
        return SideShape(
            system="github",
            project=repository.get("full_name") or self.client.repo.full,
            types=tuple(
                SideType(name, tuple(STATES), ids)
                for name in _distinct([DEFAULT_TYPE, *own, *TYPES_BY_LABEL.values(), *named])
            ),
            fields=fields,
            link_types=LINK_TYPES,
            me=self.me(),
            takes_files=False,
            markup="markdown",
        )

    def me(self) -> Person | None:
        """Whose token this is."""
        if self._me is None:
            self._me = self.target.me()
        return self._me

    def item_url(self, key: str) -> str:
        return self.target.item_url(key)

    def find_people(self, people: Sequence[Person]) -> dict[str, Person]:
        """Among those who can be assigned; one listing for all."""
        return self.target.find_people(people)

    def people_of(self, ids: Sequence[str]) -> dict[str, Person]:
        found = {login: person_from(self.client.find_user(login)) for login in dict.fromkeys(ids)}
        return {login: person for login, person in found.items() if person is not None}


def _distinct(names: Iterable[str]) -> list[str]:
    """Each once, whatever its case, as first written."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return list(found.values())


def key_of(number: int) -> str:
    """A side's keys are bare numbers: they stand in addresses, where # begins a fragment."""
    return str(number)


def number_of(key: str) -> int:
    """The number of a key, with or without its sign. Raises Missing for anything else."""
    digits = key.removeprefix("#")
    if not (digits.isascii() and digits.isdigit()):
        raise Missing(f"{key!r} is no issue number", code="ITEM_NOT_FOUND", status=404)
    return int(digits)


def numbered(keys: Iterable[str]) -> dict[str, int]:
    """Keys with their numbers; what cannot be a key of this side is left out."""
    bare = {key: key.removeprefix("#") for key in keys}
    return {key: int(digits) for key, digits in bare.items() if digits.isascii() and digits.isdigit()}
