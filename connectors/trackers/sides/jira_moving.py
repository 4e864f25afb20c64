"""Bringing an issue into a state through the steps its workflow offers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.payloads import Json, Transition
from connectors.domain.errors import Missing, Refused, Unclear
from connectors.domain.shapes import Workflow
from connectors.trackers.sides.jira_shape import JiraLayout, JiraType

STATE_UNREACHABLE = "STATE_UNREACHABLE"
_LOST_ANSWERS = 2
_BLIND_STEPS = 6
"""How far an issue is led through a workflow that these credentials may not read."""
_UNKNOWN = JiraType("", "")


@dataclass(frozen=True, slots=True)
class _Step:
    id: str
    to: str
    name: str
    fields: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an issue stands."""

    type: str
    status: str
    name: str


def move_issue(client: JiraClient, layout: JiraLayout, key: str, state: str, *, force: bool) -> None:
    """See `Side.move`. Looks where the issue stands before every step, so that one whose answer was lost is not taken
    twice. Raises Missing, Refused (STATE_UNREACHABLE), Unclear."""
    place = _place_of(client, key)
    if same(place.name, state):
        return
    kind = layout.types.get(place.type.casefold(), _UNKNOWN)
    targets = {status.id for status in kind.workflow.statuses if same(status.name, state)}
    if kind.workflow.statuses and not targets:
        raise _unreachable(key, place, state, "its workflow does not have it")
    _walk(client, kind.workflow, key, place, state, force=force)


def _walk(client: JiraClient, workflow: Workflow, key: str, place: _Place, state: str, *, force: bool) -> None:
    far = distances(workflow, state, asking=force)
    if workflow.known and place.status not in far:
        far = distances(workflow, state, asking=True)
    if workflow.known and place.status not in far:
        raise _unreachable(key, place, state, "no steps lead there")
    been, lost = {place.status}, 0
    for _ in range(len(workflow.statuses) + _BLIND_STEPS):
        step = _next_step(client.get_transitions(key), state, far, been, force=force)
        if step is None:
            raise _unreachable(key, place, state, "the steps that are left ask for more, or are not open to us")
        try:
            client.do_transition(key, step.id, step.fields)
            place = _Place(place.type, step.to, step.name)
        except Unclear:
            lost += 1
            if lost > _LOST_ANSWERS:
                raise
            place = _place_of(client, key)
        been.add(place.status)
        if same(place.name, state):
            return
    raise _unreachable(key, place, state, "the steps lead in circles")


def _next_step(
    open_steps: Iterable[Transition], state: str, far: Mapping[str, int], been: Iterable[str], *, force: bool
) -> _Step | None:
    """The open step that comes nearest. Where the workflow cannot be read, one that leads there, else a new one."""
    steps = [step for step in (_usable(each, force=force) for each in open_steps) if step is not None]
    direct = [step for step in steps if same(step.name, state)]
    if direct:
        return min(direct, key=lambda step: len(step.fields))
    fresh = [step for step in steps if step.to not in been and (not far or step.to in far)]
    return min(fresh, key=lambda step: (far.get(step.to, 0), len(step.fields)), default=None)


def _usable(step: Transition, *, force: bool) -> _Step | None:
    """A step that asks for nothing; by force also one whose every question has a default, and a resolution always
    has one: the first that is offered."""
    asked = {name: entry for name, entry in (step.get("fields") or {}).items() if entry.get("required")}
    if asked and not force:
        return None
    answers: dict[str, Json] = {}
    for name, entry in asked.items():
        details: Json = entry
        if details.get("hasDefaultValue") and "defaultValue" not in details:
            continue  # Jira fills it in by itself
        offered = [{"id": str(value["id"])} for value in details.get("allowedValues") or () if "id" in value]
        if "defaultValue" in details:
            answers[name] = details["defaultValue"]
        elif name == "resolution" and offered:
            answers[name] = offered[0]
        else:
            return None
    to = step.get("to") or {}
    return _Step(str(step["id"]), str(to.get("id", "")), to.get("name", ""), answers)


def distances(workflow: Workflow, state: str, *, asking: bool) -> dict[str, int]:
    """Status id -> number of steps to the state, those that ask for something among them or not; empty where the
    steps are not known. Whether a step is really open only the issue itself tells."""
    if not workflow.known:
        return {}
    far = {status.id: 0 for status in workflow.statuses if same(status.name, state)}
    waiting = deque(far)
    while waiting:
        here = waiting.popleft()
        for step in workflow.transitions:
            if step.to == here and not step.initial and (asking or not step.needs_fields):
                sources = step.sources if step.sources is not None else [each.id for each in workflow.statuses]
                for source in sources:
                    if source not in far:
                        far[source] = far[here] + 1
                        waiting.append(source)
    return far


def _place_of(client: JiraClient, key: str) -> _Place:
    found = client.bulk_fetch_issues([key], fields=("issuetype", "status"))
    if not found:
        raise Missing(f"Jira has no issue {key}, or does not show it.", status=404)
    fields = found[0].get("fields") or {}
    status = fields.get("status") or {}
    return _Place((fields.get("issuetype") or {}).get("name", ""), str(status.get("id", "")), status.get("name", ""))


def same(one: str, other: str) -> bool:
    """Whether two names of states are the same but for case."""
    return one.strip().casefold() == other.strip().casefold()


def _unreachable(key: str, place: _Place, state: str, why: str) -> Refused:
    return Refused(f"{key} cannot be brought from {place.name} to {state}: {why}.", code=STATE_UNREACHABLE)
