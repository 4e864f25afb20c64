"""From records to the JSON of answers, for one API version and the address the caller used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from sandbox.jira import adf
from sandbox.jira.durations import stamp, utc_stamp
from sandbox.jira.models import (
    Board,
    Category,
    Component,
    IssueType,
    JsonObject,
    LinkType,
    Option,
    Priority,
    Project,
    Resolution,
    Sprint,
    Status,
    User,
    Version,
)
from sandbox.jira.records import Attachment, Comment, History, IssueLink, RemoteLink, Worklog
from sandbox.jira.site import SiteSpec

CATEGORY_DETAILS = {
    Category.NEW: (2, "blue-gray", "To Do"),
    Category.INDETERMINATE: (4, "yellow", "In Progress"),
    Category.DONE: (3, "green", "Done"),
}
CATEGORY_ENUM = {Category.NEW: "TODO", Category.INDETERMINATE: "IN_PROGRESS", Category.DONE: "DONE"}
_AVATARS = "https://avatar-management--avatars.example/"


@dataclass(frozen=True)
class Wire:
    """How answers look to one caller: addresses, version, time zone.

    ``text_bodies``: rich text is plain text (version 2, ``latest``, agile) instead of a document.
    """

    base: str
    api: str
    spec: SiteSpec
    text_bodies: bool = False
    _people: dict[str, JsonObject] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """An address under this API version."""
        return f"{self.base}/rest/api/{self.api}/{path}"

    def agile(self, path: str) -> str:
        """An address under the agile API."""
        return f"{self.base}/rest/agile/1.0/{path}"

    def time(self, moment: float) -> str:
        """A time stamp in the site's default user zone."""
        return stamp(moment, self.spec.time_zone)

    def rich(self, value: object) -> object:
        """Rich text as this version gives it."""
        return adf.plain_text(value) if self.text_bodies and value is not None else value

    def user(self, user: User | None) -> JsonObject | None:
        """A person as others see them: a hidden e-mail is left out, not empty."""
        if user is None:
            return None
        known = self._people.get(user.account_id)
        if known is None or known["active"] is not user.active:
            known = {
                "self": self.url(f"user?accountId={quote(user.account_id)}"),
                "accountId": user.account_id,
                "accountType": "atlassian",
                "avatarUrls": {
                    size: f"{_AVATARS}{quote(user.account_id)}/{size}" for size in ("16x16", "24x24", "32x32", "48x48")
                },
                "displayName": user.name,
                "active": user.active,
                "timeZone": user.time_zone,
            }
            if user.email_visible and user.email:
                known["emailAddress"] = user.email
            self._people[user.account_id] = known
        return known

    def category(self, category: Category) -> JsonObject:
        """A status category."""
        number, color, name = CATEGORY_DETAILS[category]
        return {
            "self": self.url(f"statuscategory/{number}"),
            "id": number,
            "key": category.value,
            "colorName": color,
            "name": name,
        }

    def status(self, status: Status) -> JsonObject:
        """A status."""
        return {
            "self": self.url(f"status/{status.id}"),
            "description": status.description,
            "iconUrl": f"{self.base}/",
            "name": status.name,
            "id": status.id,
            "statusCategory": self.category(status.category),
        }

    def issue_type(self, issue_type: IssueType) -> JsonObject:
        """A work type with its level."""
        return {
            "self": self.url(f"issuetype/{issue_type.id}"),
            "id": issue_type.id,
            "description": issue_type.description,
            "iconUrl": self.url(f"universal_avatar/view/type/issuetype/avatar/{issue_type.id}?size=medium"),
            "name": issue_type.name,
            "subtask": issue_type.level < 0,
            "avatarId": int(issue_type.id),
            "hierarchyLevel": issue_type.level,
        }

    def priority(self, priority: Priority) -> JsonObject:
        """A priority."""
        return {
            "self": self.url(f"priority/{priority.id}"),
            "iconUrl": f"{self.base}/images/icons/priorities/{priority.name.lower()}.svg",
            "name": priority.name,
            "id": priority.id,
        }

    def resolution(self, resolution: Resolution) -> JsonObject:
        """A resolution."""
        return {
            "self": self.url(f"resolution/{resolution.id}"),
            "id": resolution.id,
            "description": resolution.description,
            "name": resolution.name,
        }

    def project(self, project: Project) -> JsonObject:
        """A project as it appears inside issues and lists."""
        return {
            "self": self.url(f"project/{project.id}"),
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": "software",
            "simplified": project.style == "next-gen",
            "avatarUrls": {
                size: self.url(f"universal_avatar/view/type/project/avatar/10417?size={name}")
                for size, name in (("48x48", "large"), ("24x24", "small"), ("16x16", "xsmall"), ("32x32", "medium"))
            },
        }

    def component(self, component: Component, project: Project) -> JsonObject:
        """A component with its project."""
        made: JsonObject = {
            "self": self.url(f"component/{component.id}"),
            "id": component.id,
            "name": component.name,
            "description": component.description,
            "assigneeType": "PROJECT_DEFAULT",
            "realAssigneeType": "PROJECT_DEFAULT",
            "isAssigneeTypeValid": False,
            "project": project.key,
            "projectId": int(project.id),
        }
        if component.lead is not None:
            made["lead"] = self.user(component.lead)
        return made

    def component_brief(self, component: Component) -> JsonObject:
        """A component inside an issue."""
        return {"self": self.url(f"component/{component.id}"), "id": component.id, "name": component.name}

    def version(self, version: Version) -> JsonObject:
        """A version; inside issues and lists alike."""
        made: JsonObject = {
            "self": self.url(f"version/{version.id}"),
            "id": version.id,
            "description": version.description,
            "name": version.name,
            "archived": version.archived,
            "released": version.released,
        }
        if version.start_date:
            made["startDate"] = version.start_date
        if version.release_date:
            made["releaseDate"] = version.release_date
        return made

    def option(self, option: Option) -> JsonObject:
        """A chosen value of a select field."""
        return {"self": self.url(f"customFieldOption/{option.id}"), "value": option.value, "id": option.id}

    def link_type(self, link_type: LinkType) -> JsonObject:
        """A kind of link."""
        return {
            "id": link_type.id,
            "name": link_type.name,
            "inward": link_type.inward,
            "outward": link_type.outward,
            "self": self.url(f"issueLinkType/{link_type.id}"),
        }

    def comment(self, comment: Comment, *, with_properties: bool = False) -> JsonObject:
        """A comment."""
        made: JsonObject = {
            "self": self.url(f"issue/{comment.issue.id}/comment/{comment.id}"),
            "id": comment.id,
            "author": self.user(comment.author),
            "body": self.rich(comment.body),
            "updateAuthor": self.user(comment.update_author),
            "created": self.time(comment.created),
            "updated": self.time(comment.updated),
            "jsdPublic": True,
        }
        if comment.visibility:
            made["visibility"] = comment.visibility
        if with_properties:
            made["properties"] = [{"key": k, "value": v} for k, v in comment.properties.items()]
        return made

    def worklog(self, worklog: Worklog) -> JsonObject:
        """Time spent."""
        made: JsonObject = {
            "self": self.url(f"issue/{worklog.issue.id}/worklog/{worklog.id}"),
            "author": self.user(worklog.author),
            "updateAuthor": self.user(worklog.author),
            "created": self.time(worklog.created),
            "updated": self.time(worklog.updated),
            "started": self.time(worklog.started),
            "timeSpent": f"{worklog.seconds // 60}m",
            "timeSpentSeconds": worklog.seconds,
            "id": worklog.id,
            "issueId": str(worklog.issue.id),
        }
        if worklog.comment is not None:
            made["comment"] = self.rich(worklog.comment)
        return made

    def attachment(self, attachment: Attachment) -> JsonObject:
        """A file's description; its bytes are elsewhere."""
        return {
            "self": self.url(f"attachment/{attachment.id}"),
            "id": attachment.id,
            "filename": attachment.filename,
            "author": self.user(attachment.author),
            "created": self.time(attachment.created),
            "size": len(attachment.content),
            "mimeType": attachment.mime_type,
            "content": self.url(f"attachment/content/{attachment.id}"),
        }

    def remote_link(self, link: RemoteLink, issue_id: int) -> JsonObject:
        """A link to the outside."""
        made: JsonObject = {
            "id": link.id,
            "self": self.url(f"issue/{issue_id}/remotelink/{link.id}"),
            "application": link.application,
            "object": link.object,
        }
        if link.global_id:
            made["globalId"] = link.global_id
        if link.relationship is not None:
            made["relationship"] = link.relationship
        return made

    def link_end(self, link: IssueLink, *, seen_from_inward: bool, brief: Callable[[object], JsonObject]) -> JsonObject:
        """A link as it shows on one of its issues: the inward one shows the other end as outward."""
        other = link.outward if seen_from_inward else link.inward
        side = "outwardIssue" if seen_from_inward else "inwardIssue"
        return {
            "id": link.id,
            "self": self.url(f"issueLink/{link.id}"),
            "type": self.link_type(link.type),
            side: brief(other),
        }

    def history(self, history: History) -> JsonObject:
        """One entry of the change history."""
        items: list[JsonObject] = []
        for change in history.items:
            item: JsonObject = {"field": change.field, "fieldtype": "custom" if change.custom else "jira"}
            if change.field_id is not None:
                item["fieldId"] = change.field_id
            item.update(
                {"from": change.old, "fromString": change.old_text, "to": change.new, "toString": change.new_text}
            )
            items.append(item)
        return {
            "id": history.id,
            "author": self.user(history.author),
            "created": self.time(history.created),
            "items": items,
        }

    def sprint(self, sprint: Sprint) -> JsonObject:
        """A sprint of the agile API; dates are UTC."""
        made: JsonObject = {
            "id": sprint.id,
            "self": self.agile(f"sprint/{sprint.id}"),
            "state": sprint.state.value,
            "name": sprint.name,
            **_sprint_dates(sprint),
            "createdDate": utc_stamp(sprint.created),
            "originBoardId": sprint.board.id,
            "goal": sprint.goal,
        }
        return made

    def sprint_value(self, sprint: Sprint) -> JsonObject:
        """A sprint as the sprint field of an issue holds it."""
        return {
            "id": sprint.id,
            "name": sprint.name,
            "state": sprint.state.value,
            "boardId": sprint.board.id,
            "goal": sprint.goal,
            **_sprint_dates(sprint),
        }

    def board(self, board: Board) -> JsonObject:
        """A board with where it lives."""
        return {
            "id": board.id,
            "self": self.agile(f"board/{board.id}"),
            "name": board.name,
            "type": board.kind.value,
            "location": {
                "projectId": int(board.project.id),
                "displayName": f"{board.project.name} ({board.project.key})",
                "projectName": board.project.name,
                "projectKey": board.project.key,
                "projectTypeKey": "software",
                "name": f"{board.project.name} ({board.project.key})",
            },
            "isPrivate": False,
        }


def _sprint_dates(sprint: Sprint) -> JsonObject:
    moments = {"startDate": sprint.start, "endDate": sprint.end, "completeDate": sprint.complete}
    return {name: utc_stamp(moment) for name, moment in moments.items() if moment is not None}


def page(values: Sequence[object], *, start: int, size: int, total: int, member: str = "values") -> JsonObject:
    """The platform's page: what was asked, how many there are, whether this was the last."""
    return {
        "maxResults": size,
        "startAt": start,
        "total": total,
        "isLast": start + len(values) >= total,
        member: list(values),
    }
