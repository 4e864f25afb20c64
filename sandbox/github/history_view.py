"""Events and timelines: the same history, told in two shapes."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.github.issue_view import IssueView
from sandbox.github.models import Comment, Event, Issue, JsonObject
from sandbox.github.payload import stamp
from sandbox.github.wire import node_id


@dataclass(frozen=True)
class HistoryView:
    """Renders the history of issues for one request."""

    view: IssueView

    def event(self, event: Event, *, with_issue: bool) -> JsonObject:
        """One event; the lists of a repository name the issue, those of an issue do not."""
        wire, repository = self.view.wire, event.issue.repository
        made: JsonObject = {
            "id": event.id,
            "node_id": node_id("EV", event.id),
            "url": f"{wire.repository_url(repository)}/issues/events/{event.id}",
            "actor": wire.user_or_null(event.actor),
            "event": event.kind,
            "commit_id": None,
            "commit_url": None,
            "created_at": stamp(event.created),
            **event.details,
            "performed_via_github_app": None,
        }
        if event.label is not None:
            made["label"] = {"name": event.label.name, "color": event.label.color}
        if event.subject is not None:
            made["assignee"] = wire.user(event.subject)
            made["assigner"] = wire.user_or_null(event.actor)
        if event.milestone is not None:
            made["milestone"] = {"title": event.milestone}
        if with_issue:
            made["issue"] = self.view.issue(event.issue)
        return made

    def timeline(self, issue: Issue) -> list[JsonObject]:
        """Everything that happened to an issue, oldest first, comments among it."""
        told: list[tuple[float, int, JsonObject]] = [
            (event.created, event.id, self._line(event)) for event in issue.events
        ]
        told += [(comment.created, comment.id, self._commented(comment)) for comment in issue.comments]
        return [line for _, _, line in sorted(told, key=lambda entry: entry[:2])]

    def _line(self, event: Event) -> JsonObject:
        if event.source is None:
            return self.event(event, with_issue=False)
        return {
            "actor": self.view.wire.user_or_null(event.actor),
            "created_at": stamp(event.created),
            "updated_at": stamp(event.created),
            "source": {"type": "issue", "issue": self.view.issue(event.source, with_repository=True)},
            "event": event.kind,
        }

    def _commented(self, comment: Comment) -> JsonObject:
        made = self.view.comment(comment)
        return {**made, "event": "commented", "actor": made["user"]}
