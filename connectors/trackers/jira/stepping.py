"""Taking workflow steps, one issue or many at a time."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.answers import read_failures
from connectors.clients.jira.wire.payloads import BulkProgress
from connectors.domain.errors import AccessLost, PlatformError, Refused, Unclear

_RUNNING = frozenset({"ENQUEUED", "RUNNING"})
_FIRST_LOOK = 0.1
_SLOWEST_LOOK = 3.0
_TASK_PATIENCE = 120.0
"""Seconds after which the statuses are asked instead: a run that is paused does not wait for ever."""


def take_step(client: JiraClient, issue: str, transition_id: str, *, resolution: str | None) -> None:
    """One step of one issue. Where its screen has no resolution, that field is set by an edit after the step: an
    item in a done status without a resolution counts as unresolved in every query."""
    if resolution is None:
        client.do_transition(issue, transition_id)
        return
    fields = {"resolution": {"id": resolution}}
    try:
        client.do_transition(issue, transition_id, fields)
    except Refused as error:
        if "resolution" not in error.fields:
            raise
        client.do_transition(issue, transition_id)
        client.edit_issue(issue, fields)


def run_bulk_transition(client: JiraClient, steps: Sequence[tuple[str, str]]) -> dict[str, str]:
    """(issue id, transition id) pairs in one task, awaited; issue id to Jira's words for each that failed.

    Raises Refused when bulk changes are not allowed and Unclear once the task was accepted and its result could not
    be learned: the statuses tell then.
    """
    if not steps:
        return {}
    task = client.submit_bulk_transition(steps)
    progress = _finished(client, task)
    failed = read_failures(progress.get("failedAccessibleIssues"))
    processed = progress.get("processedAccessibleIssues")
    if processed is None:
        return failed
    done = {str(issue) for issue in processed} | failed.keys()
    unseen = {issue: "Jira did not find this item, or may not change it." for issue, _ in steps if issue not in done}
    return failed | unseen


def _finished(client: JiraClient, task: str) -> BulkProgress:
    waited, pause = 0.0, _FIRST_LOOK
    while waited < _TASK_PATIENCE:
        client.clock.sleep(pause)
        waited += pause
        pause = min(pause * 1.6, _SLOWEST_LOOK)
        progress = _look(client, task)
        status = progress.get("status")
        if status == "COMPLETE":
            return progress
        if status not in _RUNNING:
            raise Unclear(f"Jira's task {task} for a bulk transition ended as {status}.", code="BULK_TASK_FAILED")
    raise Unclear(f"Jira's task {task} for a bulk transition does not end.", code="BULK_TASK_FAILED")


def _look(client: JiraClient, task: str) -> BulkProgress:
    try:
        return client.get_bulk_progress(task)
    except (AccessLost, Unclear):
        raise
    except PlatformError as error:
        raise Unclear(error.message, code=error.code, status=error.status, retry_after=error.retry_after) from error
