"""The content of the site with the indexes that keep requests from scanning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.clock import Clock
from sandbox.github.models import (
    Asset,
    Comment,
    Event,
    Issue,
    IssueType,
    JsonObject,
    Label,
    Milestone,
    Repository,
    Role,
    User,
)

FIRST_ISSUE_ID = 3_235_984_940
FIRST_COMMENT_ID = 2_104_770_211
USUAL_LABELS = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)
USUAL_TYPES = (
    ("Task", "yellow", "A specific piece of work"),
    ("Bug", "red", "An unexpected problem or behavior"),
    ("Feature", "blue", "A request, idea, or new functionality"),
)


@dataclass(frozen=True)
class Act:
    """Somebody does something at a moment; every change is made by one."""

    actor: User | None
    moment: float
    hidden_until: float = 0.0


@dataclass(frozen=True)
class Notice:
    """Something happened that a webhook may tell."""

    event: str
    action: str
    repository: Repository
    act: Act
    issue: Issue | None = None
    comment: Comment | None = None
    label: Label | None = None
    milestone: Milestone | None = None
    subject: User | None = None
    type: IssueType | None = None
    changes: JsonObject | None = None


@dataclass
class SiteState:
    """Everything one site holds. Ids and numbers are never given twice."""

    clock: Clock
    users: dict[str, User] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    by_name: dict[str, Repository] = field(default_factory=dict)
    renamed: dict[str, Repository] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    search_lag: float = 0.0
    tell: Callable[[Notice], None] | None = None
    _counters: dict[str, int] = field(default_factory=dict)

    def number(self, kind: str, start: int = 1_000) -> int:
        """The next id of a kind."""
        value = self._counters.get(kind, start)
        self._counters[kind] = value + 1
        return value

    def reserve(self, kind: str, used: int, start: int = 1_000) -> None:
        """Let new ids of a kind be above one that was loaded."""
        self._counters[kind] = max(self._counters.get(kind, start), used + 1)

    def user(self, login: str) -> User | None:
        """An account by login in any case."""
        return self.users.get(login.lower())

    def add_user(self, login: str, **more: object) -> User:
        """A new account; `more` holds its other attributes."""
        user = User(id=self.number("user", 44_700_000), login=login)
        for name, value in more.items():
            setattr(user, name, value)
        self.users[login.lower()] = user
        return user

    def add_organization(self, login: str) -> User:
        """An organisation with the usual issue types."""
        owner = self.add_user(login, type="Organization", name=login.title())
        owner.issue_types = [
            IssueType(self.number("type"), name, color, text, owner.created) for name, color, text in USUAL_TYPES
        ]
        return owner

    def add_repository(self, owner: User, name: str, *, moment: float, **more: object) -> Repository:
        """A new repository with the labels that every new one has; `more` holds its other attributes."""
        made = Repository(self.number("repository", 950_000_000), owner, name, moment, moment)
        for attribute, value in more.items():
            setattr(made, attribute, value)
        for label, color, text in USUAL_LABELS:
            made.labels[label] = Label(self.number("label"), label, color, text, default=True)
        for member in owner.members.values():
            made.people[member.login.lower()] = member
        self.repositories[made.id] = made
        self.by_name[made.full_name.lower()] = made
        return made

    def repository(self, owner: str, name: str) -> Repository | None:
        """A repository by its present name in any case."""
        return self.by_name.get(f"{owner}/{name}".lower())

    def rename(self, repository: Repository, name: str) -> None:
        """Give a repository another name; the old one goes on leading to it."""
        old = repository.full_name.lower()
        del self.by_name[old]
        self.renamed[old] = repository
        repository.name = name
        self.by_name[repository.full_name.lower()] = repository
        self.renamed.pop(repository.full_name.lower(), None)

    def remove_repository(self, repository: Repository) -> None:
        """Forget a repository with all it holds."""
        del self.repositories[repository.id]
        del self.by_name[repository.full_name.lower()]
        for old in [name for name, found in self.renamed.items() if found is repository]:
            del self.renamed[old]
        for issue in repository.issues.values():
            del self.issues[issue.id]

    def grant(self, repository: Repository, user: User, role: Role) -> None:
        """Make somebody a collaborator."""
        repository.roles[user.login.lower()] = role
        repository.people[user.login.lower()] = user

    def assignable(self, repository: Repository) -> list[User]:
        """Who issues can be given to: the owner, members of its organisation, collaborators who may triage."""
        people = {} if repository.owner.is_organization else {repository.owner.login.lower(): repository.owner}
        for login, user in repository.people.items():
            role = repository.roles.get(login)
            if login in repository.owner.members or (role is not None and role.rank >= Role.TRIAGE.rank):
                people[login] = user
        return [people[login] for login in sorted(people)]

    def now(self) -> float:
        """The site's time in whole seconds: it shows no finer one."""
        return float(int(self.clock.now()))

    def notify(self, notice: Notice) -> None:
        """Tell whoever listens for webhooks."""
        if self.tell is not None and notice.repository.hooks:
            self.tell(notice)

    def record(self, issue: Issue, act: Act, kind: str, **more: object) -> Event:
        """Add a line to an issue's history."""
        event = Event(self.number("event", 18_500_000_000), kind, act.actor, act.moment, issue)
        for name, value in more.items():
            setattr(event, name, value)
        issue.events.append(event)
        issue.repository.events.append(event)
        return event
