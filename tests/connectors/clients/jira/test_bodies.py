"""Request bodies as Jira wants them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from connectors.clients.jira.wire import bodies


def test_trap_9_the_inward_issue_is_the_source_end_of_a_link() -> None:
    body = bodies.issue_link("Blocks", source_key="DEMO-1", target_key="DEMO-2")

    assert body == {"type": {"name": "Blocks"}, "inwardIssue": {"key": "DEMO-1"}, "outwardIssue": {"key": "DEMO-2"}}


def test_search_sends_only_members_the_operation_defines() -> None:
    first = bodies.search('project = "DEMO"', fields=("id",))
    next_one = bodies.search('project = "DEMO"', fields=("id",), properties=("isthmus.source",), token="t", page_size=5)

    assert first == {"jql": 'project = "DEMO"', "fields": ["id"], "maxResults": 100}
    assert next_one == {
        "jql": 'project = "DEMO"',
        "fields": ["id"],
        "maxResults": 5,
        "properties": ["isthmus.source"],
        "nextPageToken": "t",
    }


def test_an_edit_takes_a_parent_away_by_update_only() -> None:
    assert bodies.edit({"parent": None, "summary": "s"}) == {
        "fields": {"summary": "s"},
        "update": {"parent": [{"set": {"none": True}}]},
    }
    assert bodies.edit({"parent": {"id": "1"}}) == {"fields": {"parent": {"id": "1"}}}


def test_bulk_transitions_are_grouped_by_step_and_quiet() -> None:
    assert bodies.bulk_transition([("1", "11"), ("2", "21"), ("3", "11")]) == {
        "bulkTransitionInputs": [
            {"selectedIssueIdsOrKeys": ["1", "3"], "transitionId": "11"},
            {"selectedIssueIdsOrKeys": ["2"], "transitionId": "21"},
        ],
        "sendBulkNotification": False,
    }


def test_sprint_dates_are_utc_and_only_sent_when_known() -> None:
    start = datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=2)))

    assert bodies.sprint("S 1", board="7", start=start, finish=datetime(2026, 1, 19, tzinfo=UTC)) == {
        "name": "S 1",
        "originBoardId": 7,
        "startDate": "2026-01-05T07:00:00.000Z",
        "endDate": "2026-01-19T00:00:00.000Z",
    }
    assert bodies.sprint("S 1", board="7", start=None, finish=None) == {"name": "S 1", "originBoardId": 7}


def test_a_remote_link_without_a_title_shows_its_address() -> None:
    body = bodies.remote_link(global_id="g", url="https://x.example/1", title="", relationship="")

    assert body == {"globalId": "g", "object": {"url": "https://x.example/1", "title": "https://x.example/1"}}
