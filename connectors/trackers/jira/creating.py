"""Bulk creates that one bad item cannot spoil."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.answers import NewIssue
from connectors.clients.jira.wire.payloads import CreateBody
from connectors.domain.errors import Refused, Unclear

_SPLITTABLE = frozenset({400, 413, 422})
"""Refusals of a whole call that a single item in it may have caused."""


def create_all(client: JiraClient, items: Sequence[CreateBody]) -> list[NewIssue | Refused]:
    """One entry per item, in order.

    When the call as a whole is refused, nothing exists and nothing says which item was to blame: the halves are
    sent apart until it stands alone. Raises Unclear once any part was created and a later part got no answer,
    whatever the later error was: "nothing happened" would not be true of the call any more.
    """
    try:
        return client.create_issues(items)
    except Refused as error:
        if len(items) == 1 or error.status not in _SPLITTABLE:
            return [error] * len(items)
    middle = len(items) // 2
    first = create_all(client, items[:middle])
    try:
        return first + create_all(client, items[middle:])
    except Unclear:
        raise
    except Exception as error:  # a lease that ran out too: no error of the second half takes back the first
        if any(isinstance(entry, NewIssue) for entry in first):
            raise Unclear("A part of the items was created before the rest could be sent.") from error
        raise
