"""People: on GitHub a login is what identifies, mentions and assigns."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.clients.github.wire.payloads import User
from connectors.domain.work_items import Person


def person_from(user: User | None) -> Person | None:
    """A person by login; name and e-mail only as far as the profile shows them. Deleted accounts are nobody."""
    login = (user or {}).get("login")
    if not user or not login:
        return None
    return Person(id=login, name=user.get("name") or login, email=user.get("email") or "")


def match_person(wanted: Person, among: Iterable[Person]) -> Person | None:
    """The same person among a repository's: by login, then exact e-mail, then the login an e-mail begins with, then
    the name, each only when it is unambiguous."""
    people = list(among)
    local = wanted.email.partition("@")[0].casefold()
    for same in (
        lambda person: person.id.casefold() == wanted.id.casefold(),
        lambda person: bool(wanted.email) and person.email.casefold() == wanted.email.casefold(),
        lambda person: bool(local) and person.id.casefold() == local,
        lambda person: _same_name(person.name, wanted.name),
    ):
        found = [person for person in people if same(person)]
        if len(found) == 1:
            return found[0]
    return None


def _same_name(one: str, other: str) -> bool:
    return bool(one.strip()) and " ".join(one.casefold().split()) == " ".join(other.casefold().split())
