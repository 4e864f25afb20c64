"""Changing, moving on and deleting issues.

Vendor pages: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.jira import errors
from sandbox.jira.caller import Caller
from sandbox.jira.changes import apply_parent, apply_transition, apply_value
from sandbox.jira.errors import FieldFault, cannot_be_set, refuse, refuse_fields
from sandbox.jira.field_reading import WriteContext, read_value
from sandbox.jira.hierarchy import parent_fault, type_change_fault
from sandbox.jira.issue_create import CREATE_MEMBERS, FIELD_PERMISSIONS
from sandbox.jira.issue_extras import add_extras, notify_mentions, take_extras
from sandbox.jira.models import Field, IssueType, JsonObject, Transition
from sandbox.jira.payload import check_members, field_operations, properties, updated_value
from sandbox.jira.records import Change, Issue, Notice
from sandbox.jira.state import SiteState

IGNORED = frozenset({"status", "project"})
READ_ONLY_KINDS = frozenset({"readonly", "rank", "attachment", "worklog", "comment", "project"})


class Edit:
    """One edit in the making: values read, parent and type wanted, faults found."""

    def __init__(self, context: WriteContext, issue: Issue) -> None:
        self.context = context
        self.issue = issue
        self.values: dict[Field, object] = {}
        self.parent: Issue | None = issue.parent
        self.type: IssueType | None = None
        self.faults: dict[str, str] = {}

    def read(self, caller: Caller, name: str, raw: object, *, is_update: bool) -> None:
        """Read one field; what is wrong with it goes to ``faults``."""
        if name == "issuetype":
            self._read_type(raw if not is_update else _single_set(raw))
            return
        entry = self.context.state.fields.get(name)
        if entry is None or not self._may_set(caller, entry):
            self.faults[name] = cannot_be_set(name)
            return
        if entry.kind in ("parent", "epiclink"):
            self._read_parent(entry, _single_set(raw) if is_update else raw)
            return
        try:
            value = (
                updated_value(self.context, entry, raw, self.issue)
                if is_update
                else read_value(self.context, entry, raw)
            )
        except FieldFault as fault:
            self.faults[name] = str(fault)
            return
        self.values[entry] = value

    def _may_set(self, caller: Caller, entry: Field) -> bool:
        if entry.kind in READ_ONLY_KINDS or (entry.contexts and self.context.options(entry) is None):
            return False
        permission = FIELD_PERMISSIONS.get(entry.id)
        return permission is None or caller.may(permission)

    def _read_type(self, raw: object) -> None:
        wanted = None
        if isinstance(raw, Mapping):
            for candidate in self.issue.project.types:
                if str(raw.get("id", "")) == candidate.id or raw.get("name") == candidate.name:
                    wanted = candidate
        if wanted is None:
            self.faults["issuetype"] = "Specify a valid issue type"
            return
        self.faults.update(type_change_fault(self.issue, wanted))
        self.type = wanted

    def _read_parent(self, entry: Field, raw: object) -> None:
        if raw is None or (isinstance(raw, Mapping) and raw.get("none") is True):
            self.parent = None
            if self.issue.type.level < 0:
                self.faults["parentId"] = errors.BAD_PARENT
            return
        try:
            found = read_value(self.context, entry, raw)
        except FieldFault as fault:
            self.faults["parentId"] = str(fault)
            return
        self.parent = found if isinstance(found, Issue) else None
        self.faults.update(parent_fault(self.issue.project, self.issue.type, self.parent))

    def commit(self, state: SiteState) -> list[Change]:
        """Apply everything; returns the history items."""
        changes: list[Change] = []
        if self.type is not None and self.type is not self.issue.type:
            old, self.issue.type = self.issue.type, self.type
            changes.append(Change("issuetype", "issuetype", False, old.id, old.name, self.type.id, self.type.name))
        if self.parent is not self.issue.parent:
            changes += apply_parent(self.issue, self.parent)
        for entry, value in self.values.items():
            changes += apply_value(state, self.issue, entry, value)
            if entry.kind == "richtext":
                notify_mentions(state, self.issue, value)
        return changes


def _single_set(raw: object) -> object:
    if isinstance(raw, list) and len(raw) == 1 and isinstance(raw[0], Mapping) and "set" in raw[0]:
        value: object = raw[0]["set"]
        return value
    return {}


def edit_issue(state: SiteState, caller: Caller, issue: Issue, body: JsonObject, *, text_bodies: bool) -> None:
    """Edit fields. Screens are not asked for a caller who may edit. Raises Refusal."""
    check_members(body, CREATE_MEMBERS)
    fields, update = field_operations(body)
    if not caller.may("EDIT_ISSUES"):
        names = [*fields, *update] or ["summary"]
        raise refuse_fields({name: cannot_be_set(name) for name in names})
    update = dict(update)
    extras = take_extras(update)
    kept_properties = properties(body.get("properties"))
    edit = Edit(WriteContext(state, issue.project, issue.type, text_bodies), issue)
    for name, raw in fields.items():
        if name not in IGNORED:
            edit.read(caller, name, raw, is_update=False)
    for name, raw in update.items():
        if name not in IGNORED:
            edit.read(caller, name, raw, is_update=True)
    _keep_required(state, issue, edit)
    if edit.faults:
        raise refuse_fields(edit.faults)
    changes = edit.commit(state)
    issue.properties.update(kept_properties)
    state.touch(issue, caller.person, changes)
    add_extras(state, caller, issue, extras, text_bodies=text_bodies)


def _keep_required(state: SiteState, issue: Issue, edit: Edit) -> None:
    for field_id in issue.project.required.get(issue.type.id, ()):
        entry = state.fields[field_id]
        if entry in edit.values and edit.values[entry] in (None, []):
            edit.faults[field_id] = f"{entry.name} is required."


def available_transitions(caller: Caller, issue: Issue) -> list[Transition]:
    """What the caller may do to the status now; nothing without permission."""
    if not caller.may("TRANSITION_ISSUES"):
        return []
    return issue.project.workflows[issue.type.id].from_status(issue.status)


def move_issue(state: SiteState, caller: Caller, issue: Issue, body: JsonObject, *, text_bodies: bool) -> None:
    """Do a transition, with the fields of its screen. Raises Refusal."""
    check_members(body, CREATE_MEMBERS)
    raw = body.get("transition")
    wanted = raw.get("id") if isinstance(raw, Mapping) else None
    if wanted is None:
        raise refuse(400, errors.NO_TRANSITION)
    transition = next((t for t in available_transitions(caller, issue) if t.id == str(wanted)), None)
    if transition is None:
        raise refuse(400, f"Transition id '{wanted}' is not valid for this issue.")
    fields, update = field_operations(body)
    update = dict(update)
    extras = take_extras(update)
    edit = Edit(WriteContext(state, issue.project, issue.type, text_bodies), issue)
    screen = set(transition.screen.field_ids()) if transition.screen else set()
    for name, value in fields.items():
        _read_on_screen(edit, caller, screen, name=name, raw=value, is_update=False)
    for name, value in update.items():
        _read_on_screen(edit, caller, screen, name=name, raw=value, is_update=True)
    for field_id in transition.required:
        entry = state.fields[field_id]
        if edit.values.get(entry, issue.values.get(field_id)) in (None, []):
            edit.faults.setdefault(field_id, f"{entry.name} is required.")
    if edit.faults:
        raise refuse_fields(edit.faults)
    changes = edit.commit(state)
    changes += apply_transition(state, issue, transition)
    state.touch(issue, caller.person, changes)
    add_extras(state, caller, issue, extras, text_bodies=text_bodies)


def _read_on_screen(edit: Edit, caller: Caller, screen: set[str], *, name: str, raw: object, is_update: bool) -> None:
    if name not in screen:
        edit.faults[name] = cannot_be_set(name)
    else:
        edit.read(caller, name, raw, is_update=is_update)


def delete_issue(state: SiteState, caller: Caller, issue: Issue, *, with_subtasks: bool) -> None:
    """Delete an issue. Raises Refusal 403 without permission, 400 while it has sub-tasks."""
    if not caller.may("DELETE_ISSUES"):
        raise refuse(403, "You do not have permission to delete issues in this project.")
    subtasks = [child for child in issue.children if child.type.level < 0]
    if subtasks and not with_subtasks:
        raise refuse(
            400,
            f"The issue '{issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter "
            "to delete this issue and all its subtasks.",
        )
    for gone in (*subtasks, issue):
        state.notify(Notice("jira:issue_deleted", caller.person, gone))
        state.remove_issue(gone)
