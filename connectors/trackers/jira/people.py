"""Finding source people among a Jira site's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.project_verbs import USERS_AT_MOST
from connectors.clients.jira.wire.payloads import User
from connectors.clients.jira.wire.values import looks_like_account_id
from connectors.domain.errors import Refused
from connectors.domain.work_items import Person
from connectors.trackers.jira.items import person_from


class Directory:
    """People of one listing, which answers for many. Only a complete one proves that a name is unambiguous."""

    def __init__(self, people: Iterable[Person], *, complete: bool = False) -> None:
        self._people = tuple(people)
        self._by_id = {person.id: person for person in self._people}
        self.complete = complete

    def by_id(self, account_id: str) -> Person | None:
        return self._by_id.get(account_id)

    def by_email(self, email: str) -> Person | None:
        return sole(person for person in self._people if email and person.email.casefold() == email.casefold())

    def by_name(self, name: str) -> Person | None:
        return sole(person for person in self._people if same_name(person.name, name)) if self.complete else None


def read_directory(client: JiraClient, project_key: str) -> Directory:
    """Everybody on a site of up to 1,000 people, those who left included; where the caller may not browse users,
    the people who can be assigned in the project."""
    try:
        users = client.get_all_users()
    except Refused:
        return read_assignable(client, project_key)
    return Directory(humans(users), complete=len(users) < USERS_AT_MOST)


def read_assignable(client: JiraClient, project_key: str) -> Directory:
    """Who can be assigned in the project; nobody where even that may not be asked. It counts as complete: namesakes
    outside it can hold no item, and nobody else could be searched for."""
    try:
        return Directory(humans(client.find_assignable_users(project_key, query="")), complete=True)
    except Refused:
        return Directory((), complete=True)


def find_person(client: JiraClient, person: Person, directory: Directory) -> Person | None:
    """The same person on the site: by account id, then exact e-mail, then unambiguous name.

    One request at most. The directory is asked first; people it does not show (hidden e-mail, large site) are
    searched by the strongest thing known of them. Searching finds active people only.
    """
    known = directory.by_id(person.id) or directory.by_email(person.email)
    if known is not None:
        return known
    if looks_like_account_id(person.id):
        return sole(humans(client.find_users(account_id=person.id)))
    if person.email:
        found = by_email(humans(client.find_users(query=person.email)), person.email)
        return found or directory.by_name(person.name)
    if directory.complete or not person.name.strip():
        return directory.by_name(person.name)
    return sole(found for found in humans(client.find_users(query=person.name)) if same_name(found.name, person.name))


def by_email(found: Sequence[Person], email: str) -> Person | None:
    """The person with exactly this e-mail among the results of a search for it.

    A hidden e-mail is not shown but matches only when it was written in full: a sole result without an e-mail is
    therefore the person. A result that shows another e-mail only begins alike.
    """
    exact = [person for person in found if person.email.casefold() == email.casefold()]
    return sole(exact) or (sole(person for person in found if not person.email) if not exact else None)


def humans(users: Iterable[User]) -> list[Person]:
    """People among users: apps and portal customers share the directory and cannot be assigned."""
    people = [person_from(user) for user in users if user.get("accountType", "atlassian") == "atlassian"]
    return [person for person in people if person is not None]


def same_name(one: str, other: str) -> bool:
    """Whether two display names are the same but for case and spacing."""
    return bool(one.strip()) and " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def sole(found: Iterable[Person]) -> Person | None:
    """The only one, None when there are none or several."""
    people = {person.id: person for person in found}
    return next(iter(people.values())) if len(people) == 1 else None
