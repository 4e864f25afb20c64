"""Bulk creates: partial, refused as a whole, lost on the way."""

from __future__ import annotations

import pytest

from connectors.domain.errors import AccessLost, NotSent, PlatformError, Refused, Unclear
from connectors.domain.ports import Created, DraftItem
from connectors.domain.shapes import TargetShape
from connectors.domain.work_items import SourceMark
from connectors.trackers.jira import JiraTracker
from tests.connectors.clients.jira.scripted import LOST, Asked, Reaction, Script, Told, scripted_client

BULK = ("POST", "/rest/api/3/issue/bulk")
SHAPE = TargetShape("https://acme.example", "10000", "DEMO")


def draft(number: int) -> DraftItem:
    return DraftItem(SourceMark("contoso", "Parts", str(number), 1), "10001", f"Item {number}")


def tracker(reaction: Reaction | list[Reaction]) -> tuple[JiraTracker, Script]:
    client, script = scripted_client({BULK: reaction})
    return JiraTracker(client, "DEMO", shape=SHAPE), script


def created(asked: Asked) -> Told:
    titles = [update["fields"]["summary"] for update in asked.json["issueUpdates"]]
    issues = [{"id": title.removeprefix("Item "), "key": f"DEMO-{title.removeprefix('Item ')}"} for title in titles]
    return Told(201, {"issues": issues, "errors": []})


def poisoned(asked: Asked) -> Told:
    """Refuses any call that holds item 3, and does not say which item was to blame."""
    if b'"Item 3"' in asked.body:
        return Told(400, {"errorMessages": ["Invalid request payload."]})
    return created(asked)


def test_one_request_creates_many() -> None:
    target, script = tracker(created)

    entries = target.create_items([draft(n) for n in range(50)])

    assert entries == [Created(str(n), f"DEMO-{n}") for n in range(50)]
    assert len(script.asked) == 1


def test_the_preview_is_what_is_sent() -> None:
    target, script = tracker(created)

    target.create_items([draft(1)])

    assert script.asked[0].json == {"issueUpdates": [target.preview(draft(1))]}


def test_an_item_that_spoils_the_whole_call_stands_alone_in_the_end() -> None:
    target, script = tracker(poisoned)

    entries = target.create_items([draft(n) for n in range(8)])

    assert [entry.key if isinstance(entry, Created) else "refused" for entry in entries] == [
        *(f"DEMO-{n}" for n in range(3)),
        "refused",
        *(f"DEMO-{n}" for n in range(4, 8)),
    ]
    sent = [
        update["fields"]["summary"]
        for a in script.asked
        if poisoned(a).status == 201
        for update in a.json["issueUpdates"]
    ]
    assert sorted(sent) == sorted(f"Item {n}" for n in range(8) if n != 3)


def test_a_missing_permission_refuses_every_draft_with_one_request() -> None:
    target, script = tracker(Told(403, {"errorMessages": ["You do not have permission."], "errors": {}}))

    entries = target.create_items([draft(1), draft(2)])

    assert [entry.code for entry in entries if isinstance(entry, Refused)] == ["PERMISSION_MISSING"] * 2
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "later",
    [
        LOST,
        Told(500),
        Told(429, {}, {"Retry-After": "900", "RateLimit-Reason": "jira-quota-tenant-based"}),
        Told(401, {"message": "Client must be authenticated to access this resource."}),
    ],
)
def test_nothing_happened_is_never_said_once_a_part_was_created(later: Told) -> None:
    whole = Told(400, {"errorMessages": ["Invalid request payload."]})
    target, _ = tracker([whole, created, later])

    with pytest.raises(Unclear):
        target.create_items([draft(1), draft(2)])


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (LOST, Unclear),
        (Told(429, {}, {"Retry-After": "900", "RateLimit-Reason": "jira-quota-tenant-based"}), NotSent),
        (Told(403, {"error": "Failed to parse Connect Session Auth Token"}), AccessLost),
    ],
)
def test_a_create_that_fails_at_once_says_what_is_true(told: Told, error: type[PlatformError]) -> None:
    target, script = tracker(told)

    with pytest.raises(error):
        target.create_items([draft(1), draft(2)])
    assert len(script.asked) == 1


def test_a_refused_first_step_is_told_with_the_created_item() -> None:
    step = {"status": 400, "errorCollection": {"errorMessages": ["Transition id '9' is not valid."], "errors": {}}}
    target, _ = tracker(Told(201, {"issues": [{"id": "1", "key": "DEMO-1", "transition": step}], "errors": []}))

    assert target.create_items([draft(1)]) == [Created("1", "DEMO-1", "Transition id '9' is not valid.")]
