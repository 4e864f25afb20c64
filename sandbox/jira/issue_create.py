"""Creating issues: everything is checked before anything is kept, except the number, which is gone.

Vendor page: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-post
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.jira import errors
from sandbox.jira.caller import Caller
from sandbox.jira.changes import apply_transition, apply_value
from sandbox.jira.errors import FieldFault, Refusal, cannot_be_set, refuse, refuse_fields
from sandbox.jira.field_reading import WriteContext, read_value
from sandbox.jira.hierarchy import parent_fault
from sandbox.jira.issue_extras import add_extras, notify_mentions, take_extras
from sandbox.jira.models import Field, IssueType, JsonObject, Project, Transition
from sandbox.jira.payload import check_members, field_operations, properties, updated_value
from sandbox.jira.records import Issue, Notice
from sandbox.jira.state import SiteState

CREATE_MEMBERS = frozenset({"fields", "update", "properties", "transition", "historyMetadata"})
ALWAYS = frozenset({"project", "issuetype", "parent"})
DROPPED_OFF_SCREEN = frozenset({"description"})
FIELD_PERMISSIONS = {
    "reporter": "MODIFY_REPORTER",
    "assignee": "ASSIGN_ISSUES",
    "duedate": "SCHEDULE_ISSUES",
    "issuelinks": "LINK_ISSUES",
}


@dataclass
class Draft:
    """A create that was read; ``faults`` are the field errors found so far."""

    project: Project
    type: IssueType
    values: dict[str, object] = field(default_factory=dict)
    parent: Issue | None = None
    faults: dict[str, str] = field(default_factory=dict)


def create_issue(
    state: SiteState, caller: Caller, body: JsonObject, *, text_bodies: bool
) -> tuple[Issue, Transition | None]:
    """Create one issue. Raises Refusal; a number is used up once the project is known."""
    if not body:
        raise refuse(400, "No Issue Create payload supplied")
    check_members(body, CREATE_MEMBERS)
    fields, update = field_operations(body)
    project = _project(state, caller, fields.get("project"))
    number = project.next_number
    project.next_number += 1
    draft = Draft(project, _type(state, project, fields.get("issuetype")))
    if not caller.may("CREATE_ISSUES"):
        raise refuse(400, "You do not have permission to create issues in this project.")
    context = WriteContext(state, project, draft.type, text_bodies)
    update = dict(update)
    extras = take_extras(update)
    _read_fields(context, caller, draft, {**fields, **{name: _Ops(ops) for name, ops in update.items()}})
    _check_required(state, draft)
    draft.faults.update(parent_fault(project, draft.type, draft.parent) if "parentId" not in draft.faults else {})
    if draft.faults:
        raise refuse_fields(draft.faults)
    kept_properties = properties(body.get("properties"))
    transition = _transition(state, draft, body.get("transition"))
    issue = _keep(state, caller, draft, number)
    issue.properties = kept_properties
    if transition is not None:
        apply_transition(state, issue, transition)
    add_extras(state, caller, issue, extras, text_bodies=text_bodies)
    notify_mentions(state, issue, issue.values.get("description"))
    state.notify(Notice("jira:issue_created", caller.person, issue))
    return issue, transition


@dataclass(frozen=True)
class _Ops:
    """Marks a value that came from ``update``."""

    operations: object


def _project(state: SiteState, caller: Caller, raw: object) -> Project:
    named = raw.get("id", raw.get("key")) if isinstance(raw, Mapping) else None
    project = caller.project(state, str(named)) if named is not None else None
    if project is None or project.archived:
        raise refuse(400, project=errors.BAD_PROJECT)
    return project


def _type(state: SiteState, project: Project, raw: object) -> IssueType:
    if not isinstance(raw, Mapping) or not ("id" in raw or "name" in raw):
        raise refuse(400, issuetype=errors.BAD_TYPE)
    for issue_type in project.types:
        if ("id" in raw and issue_type.id == str(raw["id"])) or ("id" not in raw and issue_type.name == raw["name"]):
            return issue_type
    raise refuse(400, issuetype="Specify a valid issue type")


def _read_fields(context: WriteContext, caller: Caller, draft: Draft, given: Mapping[str, object]) -> None:
    screen = set(draft.project.create_screens[draft.type.id].field_ids())
    for name, raw in given.items():
        if name in ("project", "issuetype"):
            continue
        entry = context.state.fields.get(name)
        if entry is not None and entry.id not in screen and entry.id in DROPPED_OFF_SCREEN:
            continue
        if entry is None or not _may_set(context, caller, entry, screen):
            draft.faults[name] = cannot_be_set(name)
            continue
        try:
            value = (
                updated_value(context, entry, raw.operations, None)
                if isinstance(raw, _Ops)
                else read_value(context, entry, raw)
            )
        except FieldFault as fault:
            draft.faults["parentId" if entry.kind == "parent" else name] = str(fault)
            continue
        _place(draft, entry, value)


def _place(draft: Draft, entry: Field, value: object) -> None:
    if entry.kind in ("parent", "epiclink"):
        draft.parent = value if isinstance(value, Issue) else draft.parent
    elif value is not None:
        draft.values[entry.id] = value


def _may_set(context: WriteContext, caller: Caller, entry: Field, screen: set[str]) -> bool:
    if entry.id not in ALWAYS and entry.id not in screen and entry.kind != "epiclink":
        return False
    if entry.contexts and context.options(entry) is None:
        return False
    permission = FIELD_PERMISSIONS.get(entry.id)
    return permission is None or caller.may(permission)


def _check_required(state: SiteState, draft: Draft) -> None:
    if "summary" not in draft.values and "summary" not in draft.faults:
        draft.faults["summary"] = errors.NO_SUMMARY
    for field_id in draft.project.required.get(draft.type.id, ()):
        if draft.values.get(field_id) in (None, []) and field_id not in draft.faults:
            draft.faults[field_id] = f"{state.fields[field_id].name} is required."


def _transition(state: SiteState, draft: Draft, raw: object) -> Transition | None:
    if raw is None:
        return None
    wanted = raw.get("id") if isinstance(raw, Mapping) else None
    if wanted is None:
        raise refuse(400, errors.NO_TRANSITION)
    workflow = draft.project.workflows[draft.type.id]
    for transition in workflow.transitions:
        if transition.id == str(wanted) and (transition.sources is None or workflow.initial in transition.sources):
            missing = {
                field_id: f"{state.fields[field_id].name} is required."
                for field_id in transition.required
                if draft.values.get(field_id) in (None, [])
            }
            if missing:
                raise refuse_fields(missing)
            return transition
    raise refuse(400, f"Transition id '{wanted}' is not valid for this issue.")


def _keep(state: SiteState, caller: Caller, draft: Draft, number: int) -> Issue:
    moment = state.now()
    person = caller.person
    issue = Issue(
        id=state.number("issue", 10_001),
        key=f"{draft.project.key}-{number}",
        project=draft.project,
        type=draft.type,
        status=draft.project.workflows[draft.type.id].initial,
        creator=person,
        created=moment,
        updated=moment,
        rank=state.last_rank(),
        parent=draft.parent,
        category_changed=moment,
        watchers=[person],
        number=number,
        readable_at=moment + state.spec.late_read_ms / 1000,
    )
    priorities = list(state.priorities.values())
    issue.values = {"reporter": person, "priority": priorities[len(priorities) // 2]}
    for field_id, value in draft.values.items():
        apply_value(state, issue, state.fields[field_id], value)
    state.add_issue(issue)
    return issue


def created_refusal(error: Refusal) -> JsonObject:
    """A refusal as the ``elementErrors`` of a bulk create."""
    body = error.body if isinstance(error.body, dict) else {}
    return {"errorMessages": body.get("errorMessages", []), "errors": body.get("errors", {})}
