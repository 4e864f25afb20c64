"""What happened to issues. https://docs.github.com/rest/issues/events and /rest/issues/timeline"""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.http import Response

endpoints = Endpoints()


@endpoints.route("GET", "issues/events", "issues/events#list-issue-events-for-a-repository")
def of_repository(ask: Ask) -> Response:
    """All events of a repository, newest first, each with its issue."""
    repository = ask.issues_of(ask.repository())
    found = sorted(repository.events, key=lambda event: (event.created, event.id), reverse=True)
    return ask.paged(found, lambda event: ask.history.event(event, with_issue=True))


@endpoints.route("GET", "issues/events/{event}", "issues/events#get-an-issue-event")
def get(ask: Ask) -> Response:
    """One event."""
    repository = ask.issues_of(ask.repository())
    text = ask.call["event"]
    for event in repository.events:
        if str(event.id) == text:
            return ask.json(ask.history.event(event, with_issue=True))
    raise errors.not_found()


@endpoints.route("GET", "issues/{number}/events", "issues/events#list-issue-events")
def of_issue(ask: Ask) -> Response:
    """An issue's events, oldest first."""
    found = [event for event in ask.issue().events if event.source is None]
    return ask.paged(found, lambda event: ask.history.event(event, with_issue=False))


@endpoints.route("GET", "issues/{number}/timeline", "issues/timeline#list-timeline-events-for-an-issue")
def timeline(ask: Ask) -> Response:
    """Events, comments and cross-references together."""
    return ask.paged(ask.history.timeline(ask.issue()), lambda line: line)
