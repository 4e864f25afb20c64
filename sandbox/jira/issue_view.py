"""An issue as JSON: which fields are asked for, and what each shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.jira.durations import show_estimate
from sandbox.jira.fields import schema
from sandbox.jira.models import Component, Field, JsonObject, Option, Priority, Resolution, User, Version
from sandbox.jira.records import Issue
from sandbox.jira.state import SiteState
from sandbox.jira.wire import Wire

EMBEDDED_COMMENTS = 100
EMBEDDED_WORKLOGS = 20
_HEAVY = frozenset({"comment", "worklog", "attachment", "timetracking"})
"""Fields that ``*navigable`` leaves out."""


@dataclass(frozen=True)
class IssueView:
    """Renders issues for one caller."""

    state: SiteState
    wire: Wire

    def full(
        self,
        issue: Issue,
        *,
        fields: Sequence[str],
        properties: Sequence[str] = (),
        by_keys: bool = False,
        api: Wire | None = None,
    ) -> JsonObject:
        """One issue with the fields asked for; ``fields`` empty gives id and key only."""
        wire = api or self.wire
        made: JsonObject = {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "id": str(issue.id),
            "self": wire.url(f"issue/{issue.id}"),
            "key": issue.key,
        }
        chosen = self.chosen(fields)
        if chosen:
            made["fields"] = {entry.id: self.value(issue, entry) for entry in chosen if self.exists(issue, entry)}
        if properties:
            wanted = issue.properties if "*all" in properties else set(properties)
            made["properties"] = {key: issue.properties[key] for key in issue.properties if key in wanted}
        return made

    def chosen(self, fields: Sequence[str]) -> list[Field]:
        """The fields a list of names stands for: ``*all``, ``*navigable``, names, ``-name``."""
        picked: dict[str, Field] = {}
        if fields and all(name.startswith("-") for name in fields):
            fields = ("*all", *fields)
        for name in fields:
            if name == "*all":
                picked.update(self._all())
            elif name == "*navigable":
                picked.update({i: f for i, f in self._all().items() if i not in _HEAVY})
            elif name.startswith("-"):
                found = self.state.field_named(name[1:])
                picked.pop(found.id if found else name[1:], None)
            else:
                found = self.state.fields.get(name)
                if found is not None and found.id != "issuekey":
                    picked[found.id] = found
        return list(picked.values())

    def _all(self) -> dict[str, Field]:
        return {i: f for i, f in self.state.fields.items() if i != "issuekey"}

    def exists(self, issue: Issue, entry: Field) -> bool:
        """Whether the issue has the field at all; a parent shows only where there is one."""
        if entry.id == "parent":
            return issue.parent is not None
        return not entry.contexts or entry.context_for(issue.project.id, issue.type.id) is not None

    def value(self, issue: Issue, entry: Field) -> object:
        """What a field shows."""
        shown = _SHOWN.get(entry.id)
        if shown is not None:
            return shown(self, issue)
        if entry.kind == "sprint":
            sprints = issue.parent.sprints if issue.type.level < 0 and issue.parent else issue.sprints
            return [self.wire.sprint_value(sprint) for sprint in sprints] or None
        if entry.kind == "rank":
            return show_rank(issue.rank)
        if entry.kind == "epiclink":
            epic = issue.parent
            return epic.key if epic is not None and epic.type.level == 1 else None
        return self.plain(issue.values.get(entry.id), entry)

    def plain(self, value: object, entry: Field) -> object:
        """A stored value on the wire."""
        if value is None:
            return [] if entry.kind in ("labels", "components", "versions") and not entry.is_custom else None
        if entry.kind == "richtext":
            return self.wire.rich(value)
        if entry.kind == "datetime" and isinstance(value, float):
            return self.wire.time(value)
        if isinstance(value, list):
            return [self._one(item) for item in value]
        if isinstance(value, tuple):
            top, child = value
            made = self.wire.option(top)
            return {**made, "child": self.wire.option(child)} if child else made
        return self._one(value)

    def _one(self, value: object) -> object:
        match value:
            case User():
                return self.wire.user(value)
            case Option():
                return self.wire.option(value)
            case Priority():
                return self.wire.priority(value)
            case Resolution():
                return self.wire.resolution(value)
            case Component():
                return self.wire.component_brief(value)
            case Version():
                return self.wire.version(value)
            case _:
                return value

    def brief(self, issue: object) -> JsonObject:
        """An issue inside another: parent, sub-task, end of a link."""
        if not isinstance(issue, Issue):
            raise TypeError("not an issue")
        priority = issue.values.get("priority")
        return {
            "id": str(issue.id),
            "key": issue.key,
            "self": self.wire.url(f"issue/{issue.id}"),
            "fields": {
                "summary": issue.summary,
                "status": self.wire.status(issue.status),
                "priority": self.wire.priority(priority) if isinstance(priority, Priority) else None,
                "issuetype": self.wire.issue_type(issue.type),
            },
        }

    def names(self, fields: Iterable[Field]) -> dict[str, str]:
        """``expand=names``."""
        return {entry.id: entry.name for entry in fields}

    def schemas(self, fields: Iterable[Field]) -> dict[str, JsonObject]:
        """``expand=schema``."""
        return {entry.id: schema(entry) for entry in fields}


def show_rank(rank: int) -> str:
    """A rank that sorts as text in rank order."""
    return f"0|h{rank:020x}:"


def _comments(view: IssueView, issue: Issue) -> object:
    shown = issue.comments[:EMBEDDED_COMMENTS]
    return {
        "comments": [view.wire.comment(comment) for comment in shown],
        "self": view.wire.url(f"issue/{issue.id}/comment"),
        "maxResults": len(shown),
        "total": len(issue.comments),
        "startAt": 0,
    }


def _worklogs(view: IssueView, issue: Issue) -> object:
    return {
        "startAt": 0,
        "maxResults": EMBEDDED_WORKLOGS,
        "total": len(issue.worklogs),
        "worklogs": [view.wire.worklog(w) for w in issue.worklogs[:EMBEDDED_WORKLOGS]],
    }


def _links(view: IssueView, issue: Issue) -> object:
    return [
        view.wire.link_end(link, seen_from_inward=link.inward.id == issue.id, brief=view.brief) for link in issue.links
    ]


def _time_tracking(_view: IssueView, issue: Issue) -> object:
    shown: JsonObject = {}
    spent = sum(worklog.seconds for worklog in issue.worklogs)
    estimates = {
        "originalEstimate": issue.values.get("timeoriginalestimate"),
        "remainingEstimate": issue.values.get("timeestimate"),
        "timeSpent": spent or None,
    }
    for name, seconds in estimates.items():
        if isinstance(seconds, int):
            shown[name] = show_estimate(seconds)
            shown[f"{name}Seconds"] = seconds
    return shown


def _watches(view: IssueView, issue: Issue) -> object:
    return {
        "self": view.wire.url(f"issue/{issue.key}/watchers"),
        "watchCount": len(issue.watchers),
        "isWatching": issue.creator in issue.watchers,
    }


def _votes(view: IssueView, issue: Issue) -> object:
    return {"self": view.wire.url(f"issue/{issue.key}/votes"), "votes": 0, "hasVoted": False}


def _resolved(view: IssueView, issue: Issue) -> object:
    return view.wire.time(issue.resolved) if issue.resolved is not None else None


_SHOWN: Mapping[str, Callable[[IssueView, Issue], object]] = {
    "issuetype": lambda view, issue: view.wire.issue_type(issue.type),
    "project": lambda view, issue: view.wire.project(issue.project),
    "status": lambda view, issue: view.wire.status(issue.status),
    "statusCategory": lambda view, issue: view.wire.category(issue.status.category),
    "parent": lambda view, issue: view.brief(issue.parent) if issue.parent else None,
    "subtasks": lambda view, issue: [view.brief(child) for child in issue.children if child.type.level < 0],
    "creator": lambda view, issue: view.wire.user(issue.creator),
    "created": lambda view, issue: view.wire.time(issue.created),
    "updated": lambda view, issue: view.wire.time(issue.updated),
    "statuscategorychangedate": lambda view, issue: view.wire.time(issue.category_changed),
    "resolutiondate": _resolved,
    "comment": _comments,
    "worklog": _worklogs,
    "attachment": lambda view, issue: [view.wire.attachment(a) for a in issue.attachments],
    "issuelinks": _links,
    "timetracking": _time_tracking,
    "timespent": lambda _view, issue: sum(w.seconds for w in issue.worklogs) or None,
    "workratio": lambda _view, _issue: -1,
    "watches": _watches,
    "votes": _votes,
}
