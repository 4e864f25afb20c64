"""Giving the people of a source an account here, the way a company's people have one."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.jira.site import Person

MOST = 200


def mirror_people(known: Iterable[tuple[str, str, bool]]) -> tuple[Person, ...]:
    """Accounts for (name, e-mail, active) of a source: of ten, seven visible, two hidden, one who left.

    Identities without an e-mail (groups, services, domain accounts) get none.
    """
    found = {email.lower(): (name, email, active) for name, email, active in known if "@" in email}
    return tuple(
        Person(name, email, email_visible=place % 10 not in (4, 8), active=active and place % 10 != 9)
        for place, (name, email, active) in enumerate(list(found.values())[:MOST])
    )
