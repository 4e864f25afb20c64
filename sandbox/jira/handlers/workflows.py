"""Workflows as the newer API shows them: statuses by reference, transitions of three types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sandbox.http import Response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import WORKFLOW_SEARCH_REMOVED, refuse, refuse_payload
from sandbox.jira.handlers.lists import show_status
from sandbox.jira.models import KEEP, JsonObject, Transition, Workflow
from sandbox.jira.payload import read_object, strings

endpoints = Endpoints()


@endpoints.platform("POST", "workflows", writes=False)
def read_workflows(ask: Ask) -> Response:
    """Workflows by id, by name, or by project and type."""
    body = read_object(ask.call.request, ("projectAndIssueTypes", "workflowIds", "workflowNames"))
    _administrator(ask)
    ids, names = strings(body, "workflowIds"), strings(body, "workflowNames")
    found: dict[str, Workflow] = {}
    for workflow in ask.state.workflows.values():
        if workflow.id in ids or workflow.name in names:
            found[workflow.id] = workflow
    for workflow in _of_pairs(ask, body.get("projectAndIssueTypes")):
        found[workflow.id] = workflow
    return ask.json(_show(found.values()))


def _of_pairs(ask: Ask, pairs: object) -> Iterable[Workflow]:
    if pairs is None:
        return
    if not isinstance(pairs, list):
        raise refuse_payload()
    for pair in pairs:
        if not isinstance(pair, Mapping) or set(pair) != {"projectId", "issueTypeId"}:
            raise refuse_payload()
        project = ask.state.projects.get(str(pair["projectId"]))
        workflow = project.workflows.get(str(pair["issueTypeId"])) if project else None
        if workflow is not None:
            yield workflow


def _administrator(ask: Ask) -> None:
    if not (ask.caller.may("ADMINISTER") or ask.caller.may("ADMINISTER_PROJECTS")):
        raise refuse(403, "Only administrators can read workflows.")


@endpoints.platform("GET", "workflows/search")
def search_workflows(ask: Ask) -> Response:
    """All workflows in pages."""
    _administrator(ask)
    start, size = ask.window()
    words = (ask.param("queryString") or "").lower()
    found = [w for w in ask.state.workflows.values() if words in w.name.lower()]
    shown = _show(found[start : start + size])
    return ask.json(
        {
            "startAt": start,
            "maxResults": size,
            "total": len(found),
            "isLast": start + size >= len(found),
            "statuses": shown["statuses"],
            "values": shown["workflows"],
        }
    )


@endpoints.platform("GET", "workflow/search")
def old_workflow_search(_ask: Ask) -> Response:
    """Removed in June 2026."""
    raise refuse(410, WORKFLOW_SEARCH_REMOVED)


def _show(workflows: Iterable[Workflow]) -> JsonObject:
    listed = list(workflows)
    statuses = {s.id: s for workflow in listed for s in workflow.statuses}
    return {
        "statuses": [{**show_status(status), "statusReference": status.id} for status in statuses.values()],
        "workflows": [_workflow(workflow) for workflow in listed],
    }


def _workflow(workflow: Workflow) -> JsonObject:
    initial: JsonObject = {
        "id": "1",
        "type": "INITIAL",
        "name": "Create",
        "description": "",
        "toStatusReference": workflow.initial.id,
        "links": [],
        "actions": [],
        "validators": [],
        "triggers": [],
        "properties": {},
    }
    return {
        "id": workflow.id,
        "name": workflow.name,
        "description": workflow.description,
        "isEditable": True,
        "scope": {"type": "GLOBAL"},
        "startPointLayout": {"x": 0.0, "y": 0.0},
        "statuses": [
            {"statusReference": s.id, "deprecated": False, "layout": {"x": 150.0 * i, "y": 0.0}, "properties": {}}
            for i, s in enumerate(workflow.statuses)
        ],
        "transitions": [initial, *(_transition(transition) for transition in workflow.transitions)],
        "version": {"id": workflow.id, "versionNumber": 1},
    }


def _transition(transition: Transition) -> JsonObject:
    made: JsonObject = {
        "id": transition.id,
        "type": "GLOBAL" if transition.sources is None else "DIRECTED",
        "name": transition.name,
        "description": "",
        "toStatusReference": transition.target.id,
        "links": [
            {"fromStatusReference": status.id, "fromPort": 0, "toPort": 1} for status in transition.sources or ()
        ],
        "actions": [],
        "validators": [],
        "triggers": [],
        "properties": {},
    }
    if transition.resolution != KEEP:
        parameters = {"field": "resolution", "value": transition.resolution}
        made["actions"] = [{"ruleKey": "system:update-field", "parameters": parameters}]
    if transition.screen is not None:
        made["transitionScreen"] = {
            "ruleKey": "system:transition-screen",
            "parameters": {"screenId": transition.screen.id},
        }
    if transition.required:
        made["validators"] = [
            {
                "ruleKey": "system:validate-field-value",
                "parameters": {"ruleType": "fieldRequired", "fieldsRequired": ",".join(transition.required)},
            }
        ]
    return made
