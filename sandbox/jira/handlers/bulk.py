"""Bulk operations: transitions and field edits of many issues, done a little later."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.http import Response
from sandbox.jira.bulk_edit import read_bulk_edit
from sandbox.jira.bulk_tasks import bulk_refusal, find_task, show_task, submit
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.issue_edit import available_transitions, edit_issue, move_issue
from sandbox.jira.models import JsonObject
from sandbox.jira.payload import read_object, strings
from sandbox.jira.records import Issue

endpoints = Endpoints()
EDIT_MEMBERS = ("editedFieldsInput", "selectedActions", "selectedIssueIdsOrKeys", "sendBulkNotification")


@endpoints.platform("GET", "bulk/issues/transition")
def offered(ask: Ask) -> Response:
    """Transitions that groups of issues share."""
    names = ask.listed("issueIdsOrKeys")
    if not names:
        raise bulk_refusal(400, "The issueIdsOrKeys query parameter must be provided.")
    groups: dict[tuple[str, str], list[Issue]] = {}
    for name in names:
        issue = ask.state.issue(name)
        if issue is None:
            raise bulk_refusal(400, f"The issue '{name}' does not exist.")
        workflow = issue.project.workflows[issue.type.id]
        groups.setdefault((workflow.id, issue.status.id), []).append(issue)
    shown = [
        {
            "issues": [issue.key for issue in issues],
            "isTransitionsFiltered": False,
            "transitions": [
                {
                    "transitionId": int(t.id),
                    "transitionName": t.name,
                    "to": {"statusId": int(t.target.id), "statusName": t.target.name},
                }
                for t in available_transitions(ask.caller, issues[0])
            ],
        }
        for issues in groups.values()
    ]
    return ask.json({"availableTransitions": shown})


@endpoints.platform("POST", "bulk/issues/transition")
def transition(ask: Ask) -> Response:
    """Queue transitions; each issue is told apart in the task's result."""
    body = read_object(ask.call.request, ("bulkTransitionInputs", "sendBulkNotification"))
    wanted = _wanted_transitions(body)
    caller, state, text_bodies = ask.caller, ask.state, ask.text_bodies
    by_issue = {issue.id: way for name, way in wanted.items() if (issue := state.issue(name)) is not None}

    def act(issue: Issue) -> None:
        step: JsonObject = {"transition": {"id": by_issue[issue.id]}}
        move_issue(state, caller, issue, step, text_bodies=text_bodies)

    task = submit(state, caller, wanted, act)
    return ask.json({"taskId": task.id}, 201)


def _wanted_transitions(body: JsonObject) -> dict[str, str]:
    inputs = body.get("bulkTransitionInputs")
    if not isinstance(inputs, list) or not inputs:
        raise bulk_refusal(400, "bulkTransitionInputs must not be empty.")
    wanted: dict[str, str] = {}
    for item in inputs:
        if not isinstance(item, Mapping) or not item.get("transitionId"):
            raise bulk_refusal(400, "Each input needs a transitionId.")
        for name in strings(item, "selectedIssueIdsOrKeys"):
            wanted[name] = str(item["transitionId"])
    return wanted


@endpoints.platform("POST", "bulk/issues/fields")
def edit(ask: Ask) -> Response:
    """Queue the same field values for many issues."""
    body = read_object(ask.call.request, EDIT_MEMBERS)
    names = strings(body, "selectedIssueIdsOrKeys")
    changes = read_bulk_edit(ask.state, body)
    caller, state, text_bodies = ask.caller, ask.state, ask.text_bodies

    def act(issue: Issue) -> None:
        edit_issue(state, caller, issue, changes.body_for(issue), text_bodies=text_bodies)

    task = submit(state, caller, names, act)
    return ask.json({"taskId": task.id}, 201)


@endpoints.platform("GET", "bulk/queue/{task}")
def progress(ask: Ask) -> Response:
    """How far a task is."""
    task = find_task(ask.state, ask.call["task"])
    return ask.json(show_task(task, ask.wire, now=ask.state.now()))
