"""Everything a Jira side sends is something the vendor's own description knows, and says what repeating it would do."""

from __future__ import annotations

from functools import cache

from connectors.clients.calls import Call
from tests.connectors.trackers.jira.test_vendor_description import faults
from tests.connectors.trackers.sides.contract import SideContract
from tests.connectors.trackers.sides.jira_world import jira_world


@cache
def sent() -> tuple[Call, ...]:
    """Every request of every promise."""
    calls: list[Call] = []
    promises = SideContract()
    for name in sorted(vars(SideContract)):
        if name.startswith("test_"):
            getattr(promises, name)(jira_world(before_send=calls.append))
    return tuple(calls)


def test_every_request_is_as_the_vendor_describes_it() -> None:
    assert sorted({fault for call in sent() for fault in faults(call)}) == []


def test_every_write_says_what_repeating_it_would_do() -> None:
    effects = {(f"{call.method} {call.route}", call.effect.value) for call in sent() if call.method != "GET"}

    assert effects == {
        ("DELETE /rest/api/3/attachment/{attachment}", "idempotent"),
        ("DELETE /rest/api/3/issue/{issue}/comment/{comment}", "idempotent"),
        ("DELETE /rest/api/3/issueLink/{link}", "idempotent"),
        ("POST /rest/api/3/comment/list", "read"),
        ("POST /rest/api/3/issue/bulk", "create"),
        ("POST /rest/api/3/issue/bulkfetch", "read"),
        ("POST /rest/api/3/issue/{issue}/attachments", "create"),
        ("POST /rest/api/3/issue/{issue}/comment", "create"),
        ("POST /rest/api/3/issue/{issue}/transitions", "create"),
        ("POST /rest/api/3/issueLink", "idempotent"),
        ("POST /rest/api/3/jql/parse", "read"),
        ("POST /rest/api/3/search/jql", "read"),
        ("POST /rest/api/3/workflows", "read"),
        ("PUT /rest/api/3/issue/{issue}", "idempotent"),
        ("PUT /rest/api/3/issue/{issue}/comment/{comment}", "idempotent"),
    }


def test_every_write_to_an_issue_is_counted_for_it() -> None:
    """Jira allows 20 writes to one issue in 2 seconds."""
    writes = [call for call in sent() if call.effect.value != "read" and "bulk" not in call.route]

    assert {call.route for call in writes if call.issue is None} == set()
