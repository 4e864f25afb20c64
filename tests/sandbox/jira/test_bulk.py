"""Bulk operations act a little later and tell each issue apart."""

from __future__ import annotations

from typing import Any

from tests.sandbox.jira.asking import Site


def submit(site: Site, *inputs: tuple[list[str], str]) -> Any:
    listed = [{"selectedIssueIdsOrKeys": keys, "transitionId": way} for keys, way in inputs]
    return site.post("bulk/issues/transition", {"bulkTransitionInputs": listed})


def progress(site: Site, task: str) -> dict[str, Any]:
    shown: dict[str, Any] = site.get(f"bulk/queue/{task}").json
    return shown


def test_transitions_happen_when_the_task_is_done(site: Site) -> None:
    keys = [site.create() for _ in range(3)]

    answer = submit(site, (keys[:2], "41"), ([keys[2], "DEMO-77"], "21"))

    task = answer.json["taskId"]
    assert answer.status == 201
    assert progress(site, task)["status"] == "ENQUEUED"
    assert site.issue(keys[0])["status"]["name"] == "To Do"
    site.clock.advance(0.1)
    assert progress(site, task)["status"] == "RUNNING"
    site.clock.advance(0.2)
    assert [site.issue(key)["status"]["name"] for key in keys] == ["Done", "Done", "In Progress"]
    shown = progress(site, task)
    assert (shown["status"], shown["progressPercent"], shown["totalIssueCount"]) == ("COMPLETE", 100, 4)
    assert (shown["processedAccessibleIssues"], shown["invalidOrInaccessibleIssueCount"]) == (
        [10_001, 10_002, 10_003],
        1,
    )
    assert shown["created"] == int(site.clock.now() * 1000) - 300


def test_an_issue_that_cannot_be_moved_is_told_with_its_reason(site: Site) -> None:
    key = site.create()

    task = submit(site, ([key], "999")).json["taskId"]
    site.clock.advance(1)

    assert progress(site, task)["failedAccessibleIssues"] == {
        "10001": ["Transition id '999' is not valid for this issue."]
    }


def test_bulk_operations_need_their_permission_and_have_a_size() -> None:
    site, unable = Site(), Site({"deniedPermissions": ["BULK_CHANGE"]})
    key = site.create()

    refused = submit(unable, ([unable.create()], "41"))
    assert (refused.status, "errors" in refused.json) == (403, True)
    assert submit(site, ([f"DEMO-{n}" for n in range(1_001)], "41")).status == 400
    assert submit(site).status == 400
    assert [submit(site, ([key], "41")).status for _ in range(6)] == [201] * 5 + [400]
    assert site.get("bulk/queue/1").status == 400


def test_offered_transitions_are_grouped_by_workflow_and_status(site: Site) -> None:
    keys = [site.create() for _ in range(3)]
    site.post(f"issue/{keys[2]}/transitions", {"transition": {"id": "41"}})

    shown = site.get("bulk/issues/transition", issueIdsOrKeys=",".join(keys)).json["availableTransitions"]

    assert [group["issues"] for group in shown] == [keys[:2], keys[2:]]
    assert [t["transitionName"] for t in shown[1]["transitions"]] == ["To Do", "In Progress", "In Review"]


def test_fields_are_edited_in_bulk_when_selected(site: Site) -> None:
    keys = [site.create(labels=["old"]) for _ in range(2)]
    body = {
        "selectedIssueIdsOrKeys": keys,
        "selectedActions": ["labels", "priority"],
        "editedFieldsInput": {
            "labelsFields": [
                {"fieldId": "labels", "bulkEditMultiSelectFieldOption": "ADD", "labels": [{"name": "new"}]}
            ],
            "priority": {"priorityId": "1"},
            "datePickerFields": [{"fieldId": "duedate", "date": {"formattedDate": "2026-01-01"}}],
        },
    }

    assert site.post("bulk/issues/fields", body).status == 201
    site.clock.advance(1)

    for key in keys:
        shown = site.issue(key)
        assert (shown["labels"], shown["priority"]["name"], shown["duedate"]) == (["new", "old"], "Highest", None)
    assert site.post("bulk/issues/fields", {**body, "selectedActions": ["nothing"]}).status == 400
