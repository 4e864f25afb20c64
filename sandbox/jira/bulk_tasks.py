"""Asynchronous bulk operations: submitted now, done a little later, asked for by task id.

Vendor page: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-bulk-operations/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sandbox.jira.caller import Caller
from sandbox.jira.errors import Refusal, refuse
from sandbox.jira.models import JsonObject
from sandbox.jira.records import Issue
from sandbox.jira.state import BulkTask, SiteState
from sandbox.jira.wire import Wire

MOST_ISSUES = 1_000
CONCURRENT = 5


def submit(state: SiteState, caller: Caller, selected: Iterable[str], act: Callable[[Issue], None]) -> BulkTask:
    """Queue an operation on issues. Raises Refusal for too many issues or too many tasks."""
    if not caller.may("BULK_CHANGE"):
        raise bulk_refusal(403, "You do not have the global permission to make bulk changes.")
    names = list(dict.fromkeys(selected))
    if not 0 < len(names) <= MOST_ISSUES:
        raise bulk_refusal(400, "The number of issues must be between 1 and 1000.")
    if sum(1 for task in state.tasks.values() if task.finished is None) >= CONCURRENT:
        raise bulk_refusal(400, "Too many bulk operations are running. Try again later.")
    found = [issue for name in names if (issue := state.issue(name)) is not None]
    moment = state.now()
    task = BulkTask(
        id=state.id("task"),
        submitted=moment,
        due=moment + state.spec.task_ms / 1000,
        by=caller.person,
        issues=found,
        invalid=len(names) - len(found),
        act=act,
    )
    state.tasks[task.id] = task
    return task


def bulk_refusal(status: int, text: str) -> Refusal:
    """The body bulk operations refuse with."""
    return Refusal(status, {"errors": [{"message": text}]})


def run_due(state: SiteState) -> None:
    """Let every task act whose time has come."""
    for task in state.tasks.values():
        if task.finished is None and task.due <= state.now():
            _run(state, task)


def _run(state: SiteState, task: BulkTask) -> None:
    for issue in task.issues:
        if issue.id not in state.issues:
            task.invalid += 1
            continue
        try:
            task.act(issue)
        except Refusal as refusal:
            task.failed[str(issue.id)] = _texts(refusal)
        else:
            task.done.append(issue.id)
    task.finished = state.now()


def _texts(refusal: Refusal) -> list[str]:
    body = refusal.body if isinstance(refusal.body, dict) else {}
    messages = body.get("errorMessages", [])
    fields = body.get("errors", {})
    texts = [str(text) for text in messages] if isinstance(messages, list) else []
    return texts + ([str(text) for text in fields.values()] if isinstance(fields, dict) else [])


def find_task(state: SiteState, task_id: str) -> BulkTask:
    """A task. Raises Refusal 400 for an unknown one, as the service does."""
    task = state.tasks.get(task_id)
    if task is None:
        raise refuse(400, f"Task with id {task_id} not found.")
    return task


def show_task(task: BulkTask, wire: Wire, *, now: float) -> JsonObject:
    """Progress; moments are epoch milliseconds."""
    running = task.finished is None and now > task.submitted
    status = "COMPLETE" if task.finished is not None else "RUNNING" if running else "ENQUEUED"
    made: JsonObject = {
        "taskId": task.id,
        "status": status,
        "progressPercent": 100 if task.finished is not None else 0,
        "submittedBy": wire.user(task.by),
        "created": _milliseconds(task.submitted),
        "started": _milliseconds(task.submitted),
        "updated": _milliseconds(task.finished if task.finished is not None else now),
        "totalIssueCount": len(task.issues) + task.invalid,
    }
    if task.finished is not None:
        made["processedAccessibleIssues"] = task.done
        made["failedAccessibleIssues"] = task.failed
        made["invalidOrInaccessibleIssueCount"] = task.invalid
    return made


def _milliseconds(moment: float) -> int:
    return int(moment * 1000)
