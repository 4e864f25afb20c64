"""What every site holds: people, an organisation, an empty repository, and repositories that refuse."""

from __future__ import annotations

from sandbox.github.changes import create_issue
from sandbox.github.models import Repository, Role
from sandbox.github.state import Act, SiteState

BEGINNING = 1_767_225_600.0
PEOPLE = (
    ("mona-lisa", "Mona Lisa", "mona.lisa@example.com"),
    ("hubot-jr", "Hubot Junior", None),
    ("tomas-k", "Tomáš Krejčí", "tomas.k@example.com"),
    ("ines-almeida", "Inês Almeida", None),
    ("wei-zhang", "Wei Zhang", "wei.zhang@example.com"),
    ("ola-nordmann", "Ola Nordmann", None),
    ("amara-obi", None, None),
    ("j-doe", "J. Doe", "j.doe@example.com"),
)
OUTSIDERS = (("passer-by", "Passer By", None), ("drive-by-fixer", None, None))


def fill(site: SiteState) -> None:
    """The people and repositories of every site."""
    me = site.add_user("sandbox", name="Sandbox", email="sandbox@example.com", created=BEGINNING)
    site.add_user("reader", name="Reader", created=BEGINNING)
    for login, name, email in (*PEOPLE, *OUTSIDERS):
        site.add_user(login, name=name, email=email, created=BEGINNING)
    site.add_user("dependabot[bot]", type="Bot", created=BEGINNING)
    site.add_user("ghost", name="Deleted user", created=BEGINNING)
    org = site.add_organization("contoso")
    org.members = {login: user for login, _, _ in PEOPLE[:4] if (user := site.user(login))}
    org.members["sandbox"] = me
    add_repository(site, "demo", description="An empty repository to migrate to")
    add_repository(site, "old-name")
    site.rename(site.by_name["contoso/old-name"], "new-name")
    add_repository(site, "no-issues", has_issues=False)
    archived = add_repository(site, "archived")
    create_issue(site, archived, Act(me, BEGINNING), title="An issue from before")
    archived.archived = True
    add_repository(site, "vault", private=True)
    add_repository(site, "guarded", sso=True)
    hidden = site.add_repository(org, "secret", moment=BEGINNING, private=True)
    site.grant(hidden, org.members["mona-lisa"], Role.ADMIN)


def add_repository(site: SiteState, name: str, **more: object) -> Repository:
    """A repository of contoso in which the signed-in person is admin and some others may write."""
    org = site.users["contoso"]
    repository = site.add_repository(org, name, moment=BEGINNING, **more)
    site.grant(repository, site.users["sandbox"], Role.ADMIN)
    for login, _, _ in PEOPLE:
        site.grant(repository, site.users[login], Role.WRITE)
    return repository
