"""Workflows from the vendor's documents."""

from __future__ import annotations

import json
from typing import Any

from connectors.clients.jira.wire.payloads import TypeStatuses, WorkflowRule, WorkflowsAnswer
from connectors.domain.shapes import StatusCategory, TargetStatus, Transition, Workflow
from connectors.trackers.jira.workflows import hidden_workflow, open_step, workflow_from
from tests.shared import shared_path


def documented_answer() -> WorkflowsAnswer:
    """The sample of the vendor's own description of `POST /workflows`."""
    description = json.loads(shared_path("specs/jira-cloud/platform-v3.json").read_text())
    operation = description["paths"]["/rest/api/3/workflows"]["post"]
    answer: WorkflowsAnswer = json.loads(operation["responses"]["200"]["content"]["application/json"]["example"])
    return answer


def test_the_documented_sample_is_read() -> None:
    answer = documented_answer()

    workflow = workflow_from(answer["workflows"][0], answer)

    assert workflow.statuses == (
        TargetStatus("10002", "In Progress", StatusCategory.IN_PROGRESS),
        TargetStatus("10003", "Done", StatusCategory.DONE),
        TargetStatus("10001", "To Do", StatusCategory.TO_DO),
    )
    assert workflow.initial == "10001"
    assert workflow.known
    steps = {step.name: step for step in workflow.transitions}
    assert steps["Create"] == Transition("1", "Create", "10001", initial=True)
    assert steps["Start work"] == Transition("41", "Start work", "10002", sources=frozenset({"10001"}))
    assert steps["Done"] == Transition("31", "Done", "10003", sources=None)


def test_statuses_and_steps_refer_to_each_other_by_reference_not_by_id() -> None:
    answer: WorkflowsAnswer = {
        "statuses": [{"id": "5", "name": "New", "statusCategory": "TODO", "statusReference": "uuid-1"}],
        "workflows": [
            {
                "statuses": [{"statusReference": "uuid-1"}],
                "transitions": [{"id": "1", "name": "Create", "type": "INITIAL", "toStatusReference": "uuid-1"}],
            }
        ],
    }

    assert workflow_from(answer["workflows"][0], answer).initial == "5"


def test_a_step_with_a_required_field_says_so() -> None:
    rule: WorkflowRule = {"ruleKey": "system:validate-field-value", "parameters": {"ruleType": "fieldRequired"}}
    answer: WorkflowsAnswer = {
        "statuses": [{"id": "5", "name": "Done", "statusCategory": "DONE", "statusReference": "5"}],
        "workflows": [
            {
                "statuses": [{"statusReference": "5"}],
                "transitions": [
                    {"id": "2", "name": "Close", "type": "GLOBAL", "toStatusReference": "5", "validators": [rule]},
                ],
            }
        ],
    }

    assert workflow_from(answer["workflows"][0], answer).transitions == (
        Transition("2", "Close", "5", sources=None, needs_fields=True),
    )


def test_a_hidden_workflow_still_has_its_statuses() -> None:
    entry: TypeStatuses = {
        "id": "1",
        "statuses": [{"id": "3", "name": "En cours", "statusCategory": {"key": "indeterminate"}}],
    }

    assert hidden_workflow(entry) == Workflow(
        statuses=(TargetStatus("3", "En cours", StatusCategory.IN_PROGRESS),), known=False
    )
    assert hidden_workflow(None) == Workflow(statuses=(), known=False)


def test_an_open_step_needs_fields_that_have_no_default() -> None:
    def step(**fields: Any) -> Transition:
        return open_step({"id": "31", "name": "Done", "to": {"id": "3"}, "fields": fields})

    assert not step().needs_fields
    assert not step(resolution={"required": True, "hasDefaultValue": True}).needs_fields
    assert not step(comment={"required": False}).needs_fields
    assert step(resolution={"required": True, "hasDefaultValue": False}).needs_fields
