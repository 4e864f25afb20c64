"""Which fields a site has: the system's own, and the types custom ones can have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.jira.models import Field, JsonObject

PREFIX = "com.atlassian.jira.plugin.system.customfieldtypes:"
AGILE = "com.pyxis.greenhopper.jira:"


@dataclass(frozen=True)
class SystemField:
    """A field every site has. ``screen``: it can stand on a screen."""

    id: str
    name: str
    kind: str
    clauses: tuple[str, ...] = ()
    navigable: bool = True
    screen: bool = True


SYSTEM_FIELDS = (
    SystemField("summary", "Summary", "summary", ("summary",)),
    SystemField("issuetype", "Issue Type", "issuetype", ("issuetype", "type")),
    SystemField("project", "Project", "project", ("project",)),
    SystemField("parent", "Parent", "parent", ("parent",)),
    SystemField("components", "Components", "components", ("component",)),
    SystemField("description", "Description", "richtext", ("description",)),
    SystemField("fixVersions", "Fix versions", "versions", ("fixVersion",)),
    SystemField("versions", "Affects versions", "versions", ("affectedVersion",)),
    SystemField("priority", "Priority", "priority", ("priority",)),
    SystemField("labels", "Labels", "labels", ("labels",)),
    SystemField("environment", "Environment", "richtext", ("environment",)),
    SystemField("attachment", "Attachment", "attachment", ("attachments",)),
    SystemField("issuelinks", "Linked Issues", "issuelinks", ("issueLink",)),
    SystemField("assignee", "Assignee", "user", ("assignee",)),
    SystemField("reporter", "Reporter", "user", ("reporter",)),
    SystemField("duedate", "Due date", "date", ("due", "duedate")),
    SystemField("timetracking", "Time tracking", "timetracking", (), navigable=False),
    SystemField("resolution", "Resolution", "resolution", ("resolution",)),
    SystemField("comment", "Comment", "comment", ("comment",)),
    SystemField("worklog", "Log Work", "worklog", (), navigable=False),
    SystemField("status", "Status", "readonly", ("status",), screen=False),
    SystemField("statusCategory", "Status Category", "readonly", ("statusCategory",), screen=False),
    SystemField("created", "Created", "readonly", ("created", "createdDate"), screen=False),
    SystemField("updated", "Updated", "readonly", ("updated", "updatedDate"), screen=False),
    SystemField("creator", "Creator", "readonly", ("creator",), screen=False),
    SystemField("resolutiondate", "Resolved", "readonly", ("resolutiondate", "resolved"), screen=False),
    SystemField("statuscategorychangedate", "Status Category Changed", "readonly", (), screen=False),
    SystemField("subtasks", "Sub-tasks", "readonly", ("subtasks",), screen=False),
    SystemField("watches", "Watchers", "readonly", ("watchers",), screen=False),
    SystemField("votes", "Votes", "readonly", ("votes",), screen=False),
    SystemField("timeoriginalestimate", "Original estimate", "readonly", ("originalEstimate",), screen=False),
    SystemField("timeestimate", "Remaining Estimate", "readonly", ("remainingEstimate",), screen=False),
    SystemField("timespent", "Time Spent", "readonly", ("timeSpent",), screen=False),
    SystemField("workratio", "Work Ratio", "readonly", ("workratio",), screen=False),
    SystemField("issuekey", "Key", "readonly", ("key", "issuekey", "id"), screen=False),
)
SYSTEM_BY_ID: Mapping[str, SystemField] = {entry.id: entry for entry in SYSTEM_FIELDS}


@dataclass(frozen=True)
class CustomType:
    """A custom field type: its plugin key, our kind of value, its schema."""

    key: str
    kind: str
    schema: tuple[tuple[str, str], ...]


CUSTOM_TYPES: Mapping[str, CustomType] = {
    "textfield": CustomType(PREFIX + "textfield", "text", (("type", "string"),)),
    "textarea": CustomType(PREFIX + "textarea", "richtext", (("type", "string"),)),
    "url": CustomType(PREFIX + "url", "url", (("type", "string"),)),
    "float": CustomType(PREFIX + "float", "number", (("type", "number"),)),
    "datepicker": CustomType(PREFIX + "datepicker", "date", (("type", "date"),)),
    "datetime": CustomType(PREFIX + "datetime", "datetime", (("type", "datetime"),)),
    "userpicker": CustomType(PREFIX + "userpicker", "user", (("type", "user"),)),
    "multiuserpicker": CustomType(PREFIX + "multiuserpicker", "users", (("type", "array"), ("items", "user"))),
    "select": CustomType(PREFIX + "select", "select", (("type", "option"),)),
    "radiobuttons": CustomType(PREFIX + "radiobuttons", "select", (("type", "option"),)),
    "multiselect": CustomType(PREFIX + "multiselect", "multiselect", (("type", "array"), ("items", "option"))),
    "multicheckboxes": CustomType(PREFIX + "multicheckboxes", "multiselect", (("type", "array"), ("items", "option"))),
    "cascadingselect": CustomType(PREFIX + "cascadingselect", "cascade", (("type", "option-with-child"),)),
    "labels": CustomType(PREFIX + "labels", "labels", (("type", "array"), ("items", "string"))),
    "version": CustomType(PREFIX + "version", "version", (("type", "version"),)),
    "multiversion": CustomType(PREFIX + "multiversion", "versions", (("type", "array"), ("items", "version"))),
    "readonlyfield": CustomType(PREFIX + "readonlyfield", "readonly", (("type", "string"),)),
    "sprint": CustomType(AGILE + "gh-sprint", "sprint", (("type", "array"), ("items", "json"))),
    "rank": CustomType(AGILE + "gh-lexo-rank", "rank", (("type", "any"),)),
    "epiclink": CustomType(AGILE + "gh-epic-link", "epiclink", (("type", "any"),)),
    "storypoints": CustomType(AGILE + "jsw-story-points", "number", (("type", "number"),)),
}
CUSTOM_BY_KEY: Mapping[str, CustomType] = {entry.key: entry for entry in CUSTOM_TYPES.values()}

_SYSTEM_SCHEMAS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "summary": (("type", "string"),),
    "issuetype": (("type", "issuetype"),),
    "project": (("type", "project"),),
    "parent": (("type", "issuelink"),),
    "components": (("type", "array"), ("items", "component")),
    "richtext": (("type", "string"),),
    "versions": (("type", "array"), ("items", "version")),
    "priority": (("type", "priority"),),
    "labels": (("type", "array"), ("items", "string")),
    "attachment": (("type", "array"), ("items", "attachment")),
    "issuelinks": (("type", "array"), ("items", "issuelinks")),
    "user": (("type", "user"),),
    "date": (("type", "date"),),
    "timetracking": (("type", "timetracking"),),
    "resolution": (("type", "resolution"),),
    "comment": (("type", "comments-page"),),
    "worklog": (("type", "array"), ("items", "worklog")),
}
_READONLY_TYPES: Mapping[str, str] = {
    "status": "status",
    "statusCategory": "statusCategory",
    "creator": "user",
    "created": "datetime",
    "updated": "datetime",
    "resolutiondate": "datetime",
    "statuscategorychangedate": "datetime",
    "watches": "watches",
    "votes": "votes",
}
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "labels": ("add", "set", "remove"),
    "components": ("add", "set", "remove"),
    "versions": ("set", "add", "remove"),
    "multiselect": ("add", "set", "remove"),
    "users": ("add", "set", "remove"),
    "issuelinks": ("add", "copy"),
    "attachment": ("set", "copy"),
    "comment": ("add", "edit", "remove"),
    "worklog": ("add", "edit", "remove"),
    "timetracking": ("set", "edit"),
}
LIST_KINDS = frozenset({"labels", "components", "versions", "multiselect", "users"})
"""Kinds whose ``update`` takes add and remove of single values."""


def operations(kind: str) -> list[str]:
    """What ``update`` may do with a field of this kind."""
    return list(OPERATIONS.get(kind, ("set",)))


def schema(field: Field) -> JsonObject:
    """The ``schema`` member that tells clients a field's type."""
    if field.is_custom:
        custom = CUSTOM_BY_KEY[field.custom_key]
        number = int(field.id.removeprefix("customfield_"))
        return {**dict(custom.schema), "custom": field.custom_key, "customId": number}
    if field.kind == "readonly":
        return {"type": _READONLY_TYPES.get(field.id, "number"), "system": field.id}
    return {**dict(_SYSTEM_SCHEMAS[field.kind]), "system": field.id}


def clause_names(field: Field) -> list[str]:
    """The names a field has in JQL."""
    if not field.is_custom:
        return list(SYSTEM_BY_ID[field.id].clauses)
    number = field.id.removeprefix("customfield_")
    return [f"cf[{number}]", field.name]
