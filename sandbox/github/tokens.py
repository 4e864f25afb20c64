"""The credentials that open the site, and who asks with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.github.models import Repository, Role, User

TOKEN = "sandbox-token"
READONLY_TOKEN = "sandbox-readonly"
FINE_GRAINED_TOKEN = "sandbox-fine-grained"


@dataclass(frozen=True)
class Token:
    """A personal access token. A classic one has scopes, a fine-grained one rights per subject."""

    login: str
    scopes: tuple[str, ...] = ()
    permissions: dict[str, str] = field(default_factory=dict)
    expires: str | None = None

    @property
    def fine_grained(self) -> bool:
        """Whether the rights are listed one by one."""
        return bool(self.permissions)

    def grants(self, wanted: str) -> bool:
        """Whether the token itself (not its owner) allows something like `issues=write`."""
        if not self.fine_grained or not wanted:
            return True
        subject, _, level = wanted.partition("=")
        held = self.permissions.get(subject, "")
        return held == "write" or held == level


TOKENS = {
    TOKEN: Token("sandbox", ("admin:repo_hook", "read:org", "repo", "user")),
    READONLY_TOKEN: Token("reader", ("public_repo",)),
    FINE_GRAINED_TOKEN: Token(
        "sandbox", permissions={"issues": "read", "metadata": "read"}, expires="2027-07-02 09:51:24 UTC"
    ),
}


@dataclass(frozen=True)
class Caller:
    """A signed-in person with a token, or nobody."""

    user: User | None = None
    token: Token | None = None

    @property
    def principal(self) -> str:
        """Who the rate limit counts: the account, or the address of an anonymous caller."""
        return self.user.login if self.user else ""

    def role(self, repository: Repository) -> Role | None:
        """What the caller may do there; everybody may read a public repository."""
        login = self.user.login.lower() if self.user else ""
        held = Role.ADMIN if login and repository.owner.login.lower() == login else repository.roles.get(login)
        return held or (None if repository.private else Role.READ)

    def at_least(self, repository: Repository, role: Role) -> bool:
        """Whether the caller has a role or more."""
        held = self.role(repository)
        return held is not None and held.rank >= role.rank
