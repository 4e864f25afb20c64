"""Workflows from what these credentials may see of them."""

from __future__ import annotations

from connectors.clients.jira.wire.payloads import (
    Transition as WireTransition,
)
from connectors.clients.jira.wire.payloads import (
    TypeStatuses,
    WorkflowDocument,
    WorkflowsAnswer,
    WorkflowStatus,
    WorkflowTransition,
)
from connectors.domain.shapes import TargetStatus, Transition, Workflow
from connectors.trackers.jira.items import category_of, status_from

_REQUIRED_FIELD = "validate-field-value"
"""Part of the rule key of validators that want a field filled in."""


def workflow_from(document: WorkflowDocument, answer: WorkflowsAnswer) -> Workflow:
    """A workflow as `POST /workflows` shows it: statuses and steps refer to each other by `statusReference`."""
    known = {_reference(status): _status(status) for status in answer.get("statuses") or ()}
    used = [use["statusReference"] for use in document.get("statuses") or ()]
    steps = document.get("transitions") or []
    ids = {reference: status.id for reference, status in known.items()}
    transitions = tuple(_transition(step, ids) for step in steps if step.get("toStatusReference") in ids)
    initial = next((step.to for step in transitions if step.initial), "")
    return Workflow(
        statuses=tuple(known[reference] for reference in used if reference in known),
        transitions=transitions,
        initial=initial,
        known=True,
    )


def hidden_workflow(entry: TypeStatuses | None) -> Workflow:
    """What everybody may know of a type's workflow: its statuses, not its steps."""
    statuses = tuple(status_from(status) for status in (entry or {}).get("statuses") or ())
    return Workflow(statuses=statuses, known=False)


def open_step(step: WireTransition) -> Transition:
    """A step open to one issue now. It needs fields when a required one has no default."""
    fields = (step.get("fields") or {}).values()
    return Transition(
        id=str(step["id"]),
        name=step.get("name", ""),
        to=str(step["to"]["id"]),
        sources=None,
        initial=bool(step.get("isInitial")),
        needs_fields=any(field.get("required") and not field.get("hasDefaultValue") for field in fields),
    )


def _transition(step: WorkflowTransition, ids: dict[str, str]) -> Transition:
    kind = step.get("type")
    sources = frozenset(
        ids[link["fromStatusReference"]] for link in step.get("links") or () if link.get("fromStatusReference") in ids
    )
    return Transition(
        id=str(step["id"]),
        name=step.get("name", ""),
        to=ids[step["toStatusReference"]],
        sources=sources if kind == "DIRECTED" else None,
        initial=kind == "INITIAL",
        needs_fields=any(_REQUIRED_FIELD in rule.get("ruleKey", "") for rule in step.get("validators") or ()),
    )


def _reference(status: WorkflowStatus) -> str:
    return str(status.get("statusReference") or status["id"])


def _status(status: WorkflowStatus) -> TargetStatus:
    return TargetStatus(
        id=str(status["id"]), name=status.get("name", ""), category=category_of(status.get("statusCategory"))
    )
