"""Boards and sprints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.clients.calls import Effect
from connectors.clients.jira.session import JiraSession, Query
from connectors.clients.jira.wire import bodies
from connectors.clients.jira.wire.payloads import Board, Json, Sprint


class AgileVerbs(JiraSession):
    """https://developer.atlassian.com/cloud/jira/software/rest/"""

    def get_boards(self, project_key: str) -> Iterator[Board]:
        """Boards that show the project, other projects' boards included.
        https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/"""
        for page in self._pages("/rest/agile/1.0/board", query={"projectKeyOrId": project_key}):
            yield from page

    def get_sprints(self, board: str) -> Iterator[Sprint]:
        """Sprints of a board in every state. Raises Refused (400) for a board without sprints.
        https://developer.atlassian.com/cloud/jira/software/rest/api-group-board/"""
        for page in self._pages("/rest/agile/1.0/board/{board}/sprint", {"board": board}):
            yield from page

    def get_sprint(self, sprint: str) -> Sprint:
        """https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/"""
        found: Sprint = self._get("/rest/agile/1.0/sprint/{sprint}", {"sprint": sprint})
        return found

    def create_sprint(self, name: str, *, board: str, start: datetime | None, finish: datetime | None) -> Sprint:
        """A future sprint; its name is cut to 30 characters. Not idempotent.
        https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/"""
        body = bodies.sprint(name, board=board, start=start, finish=finish)
        made: Sprint = self._json(self._call("POST", "/rest/agile/1.0/sprint", effect=Effect.CREATE, body=body))
        return made

    def update_sprint(self, sprint: str, changes: dict[str, Json]) -> None:
        """Only what is named changes. A closed sprint takes name and goal only.
        https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/"""
        route = "/rest/agile/1.0/sprint/{sprint}"
        self._exchange(self._call("POST", route, {"sprint": sprint}, effect=Effect.IDEMPOTENT, body=changes))

    def has_issues(self, sprint: str) -> bool:
        """Whether any issue is in the sprint. Raises Missing.
        https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/"""
        route, query = "/rest/agile/1.0/sprint/{sprint}/issue", Query({"maxResults": 1, "fields": "issuetype"})
        return bool(self._get(route, {"sprint": sprint}, query).get("issues"))

    def delete_sprint(self, sprint: str) -> None:
        """Open issues of it would go to the backlog. Raises Missing when it is gone already.
        https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/"""
        route = "/rest/agile/1.0/sprint/{sprint}"
        self._exchange(self._call("DELETE", route, {"sprint": sprint}, effect=Effect.IDEMPOTENT))

    def move_issues_to_sprint(self, sprint: str, keys: Sequence[str]) -> None:
        """Up to 50 issues into an open or future sprint.
        https://developer.atlassian.com/cloud/jira/software/rest/api-group-sprint/"""
        route = "/rest/agile/1.0/sprint/{sprint}/issue"
        body = {"issues": list(keys)}
        self._exchange(self._call("POST", route, {"sprint": sprint}, effect=Effect.IDEMPOTENT, body=body))
