"""Workflow steps: resolutions that a screen lacks, and bulk tasks that end well, badly or never."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.domain.errors import AccessLost, Refused, Unclear
from connectors.domain.shapes import TargetShape
from connectors.trackers.jira import JiraTracker
from tests.connectors.clients.jira.scripted import LOST, Reaction, Script, Told, scripted_client

STEP = ("POST", "/rest/api/3/issue/1/transitions")
EDIT = ("PUT", "/rest/api/3/issue/1")
BULK = ("POST", "/rest/api/3/bulk/issues/transition")
QUEUE = ("GET", "/rest/api/3/bulk/queue/77")
TASK = Told(201, {"taskId": "77"})
RUNNING = Told(body={"taskId": "77", "status": "RUNNING", "progressPercent": 40})


def tracker(reactions: dict[tuple[str, str], Reaction | list[Reaction]]) -> tuple[JiraTracker, Script]:
    client, script = scripted_client(reactions)
    return JiraTracker(client, "DEMO", shape=TargetShape("https://acme.example", "10000", "DEMO")), script


def complete(**more: Any) -> Told:
    return Told(body={"taskId": "77", "status": "COMPLETE", "progressPercent": 100, **more})


def test_a_step_sets_the_resolution_on_its_screen() -> None:
    target, script = tracker({STEP: Told(204)})

    target.transition("1", "31", resolution="10000")

    assert script.asked[0].json == {"transition": {"id": "31"}, "fields": {"resolution": {"id": "10000"}}}


def test_where_the_screen_has_no_resolution_it_is_set_afterwards() -> None:
    no_field = Told(400, {"errorMessages": [], "errors": {"resolution": "Field 'resolution' cannot be set."}})
    target, script = tracker({STEP: [no_field, Told(204)], EDIT: Told(204)})

    target.transition("1", "31", resolution="10000")

    assert [asked.json for asked in script.asked[1:]] == [
        {"transition": {"id": "31"}},
        {"fields": {"resolution": {"id": "10000"}}},
    ]


def test_a_step_that_is_not_open_is_refused() -> None:
    words = "Transition id '31' is not valid for this issue."
    target, script = tracker({STEP: Told(400, {"errorMessages": [words], "errors": {}})})

    with pytest.raises(Refused, match="not valid for this issue"):
        target.transition("1", "31", resolution="10000")
    assert len(script.asked) == 1


def test_a_lost_answer_to_a_step_is_unclear_and_the_step_not_repeated() -> None:
    target, script = tracker({STEP: LOST})

    with pytest.raises(Unclear):
        target.transition("1", "31")
    assert len(script.asked) == 1


def test_many_steps_are_one_task_awaited_to_its_end() -> None:
    done = complete(processedAccessibleIssues=[1, 2], failedAccessibleIssues={"3": ["Not allowed.", "Ever."]})
    target, script = tracker({BULK: TASK, QUEUE: [RUNNING, RUNNING, done]})

    failed = target.transition_many([("1", "31"), ("2", "31"), ("3", "41")])

    assert failed == {"3": "Not allowed.; Ever."}
    assert len(script.asked) == 4


def test_an_item_the_task_never_saw_counts_as_failed() -> None:
    done = complete(processedAccessibleIssues=[1], failedAccessibleIssues={}, invalidOrInaccessibleIssueCount=1)
    target, _ = tracker({BULK: TASK, QUEUE: done})

    assert set(target.transition_many([("1", "31"), ("2", "31")])) == {"2"}


def test_no_steps_are_no_request() -> None:
    target, script = tracker({})

    assert target.transition_many([]) == {}
    assert script.asked == []


def test_without_the_bulk_change_permission_the_task_is_refused() -> None:
    target, _ = tracker({BULK: Told(403, {"errorMessages": ["No bulk change."], "errors": {}})})

    with pytest.raises(Refused, match="No bulk change") as caught:
        target.transition_many([("1", "31")])
    assert caught.value.code == "PERMISSION_MISSING"


@pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "DEAD"])
def test_a_task_that_ends_badly_is_unclear(status: str) -> None:
    target, _ = tracker({BULK: TASK, QUEUE: Told(body={"status": status})})

    with pytest.raises(Unclear, match=status):
        target.transition_many([("1", "31")])


def test_a_task_that_never_ends_is_given_up_as_unclear() -> None:
    target, script = tracker({BULK: TASK, QUEUE: RUNNING})

    with pytest.raises(Unclear, match="does not end"):
        target.transition_many([("1", "31")])
    assert len(script.asked) < 400


def test_a_task_that_cannot_be_watched_is_unclear_not_undone() -> None:
    quota = Told(429, {}, {"Retry-After": "900", "RateLimit-Reason": "jira-quota-tenant-based"})
    target, _ = tracker({BULK: TASK, QUEUE: [RUNNING, quota]})

    with pytest.raises(Unclear):
        target.transition_many([("1", "31")])


def test_credentials_lost_while_watching_are_said_to_be_lost() -> None:
    myself = ("GET", "/_edge/tenant_info")
    target, _ = tracker({BULK: TASK, QUEUE: Told(401, {"message": "Client must be authenticated."}), myself: Told(404)})

    with pytest.raises(AccessLost):
        target.transition_many([("1", "31")])


def test_a_lost_answer_to_the_task_is_unclear() -> None:
    target, script = tracker({BULK: LOST})

    with pytest.raises(Unclear):
        target.transition_many([("1", "31")])
    assert len(script.asked) == 1
