"""Boards, their configuration, their issues, and rank."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.http import Response, empty_response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import refuse, refuse_payload
from sandbox.jira.fields import AGILE
from sandbox.jira.jql_parser import parse_jql
from sandbox.jira.models import Board, BoardKind, JsonObject, Project, SprintState
from sandbox.jira.payload import read_object, strings
from sandbox.jira.records import Issue
from sandbox.jira.search import find
from sandbox.jira.setup import add_board
from sandbox.jira.wire import page

endpoints = Endpoints()
MOST_ISSUES = 50


@endpoints.agile("GET", "board", anonymous=True)
def boards(ask: Ask) -> Response:
    """Boards in pages, by project, kind and name."""
    start, size = ask.window()
    wanted, kinds, name = ask.param("projectKeyOrId"), ask.listed("type"), (ask.param("name") or "").lower()
    project: Project | None = None
    if wanted is not None:
        project = ask.caller.project(ask.state, wanted)
        if project is None:
            raise refuse(400, f"No project could be found with key or id '{wanted}'.")
    found = [
        board
        for board in (ask.state.boards.values() if ask.caller.may("BROWSE_PROJECTS") else ())
        if (project is None or board.project is project)
        and (not kinds or board.kind.value in kinds)
        and name in board.name.lower()
    ]
    shown = [ask.wire.board(board) for board in found[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


@endpoints.agile("POST", "board")
def create_board(ask: Ask) -> Response:
    """A board over a project."""
    body = read_object(ask.call.request, ("name", "type", "filterId", "location"))
    location = body.get("location")
    key = location.get("projectKeyOrId") if isinstance(location, Mapping) else None
    project = ask.caller.project(ask.state, str(key)) if key is not None else None
    if project is None or body.get("type") not in ("scrum", "kanban") or not body.get("name"):
        raise refuse(400, "A board needs a name, a type and the location of a project.")
    board = add_board(ask.state, project, name=str(body["name"]), kind=str(body["type"]))
    return ask.json(ask.wire.board(board), 201)


def found_board(ask: Ask, board_id: str | None = None) -> Board:
    """The board of the path (or of an id). Raises Refusal 404."""
    wanted = ask.call["board"] if board_id is None else board_id
    board = ask.state.boards.get(int(wanted)) if wanted.isdigit() else None
    if board is None or not ask.caller.may("BROWSE_PROJECTS"):
        raise refuse(
            404,
            "The requested board cannot be viewed because it either does not exist "
            "or you do not have permission to view it.",
        )
    return board


@endpoints.agile("GET", "board/{board}")
def get_board(ask: Ask) -> Response:
    """One board."""
    return ask.json(ask.wire.board(found_board(ask)))


@endpoints.agile("GET", "board/{board}/configuration")
def configuration(ask: Ask) -> Response:
    """Columns with their statuses, what estimates, what ranks."""
    board = found_board(ask)
    made: JsonObject = {
        "id": board.id,
        "name": board.name,
        "type": board.kind.value,
        "self": ask.wire.agile(f"board/{board.id}/configuration"),
        "location": {
            "type": "project",
            "key": board.project.key,
            "id": board.project.id,
            "self": ask.wire.url(f"project/{board.project.id}"),
            "name": board.project.name,
        },
        "filter": {"id": str(10_000 + board.id), "self": ask.wire.url(f"filter/{10_000 + board.id}")},
        "columnConfig": {
            "columns": [
                {
                    "name": name,
                    "statuses": [{"id": s.id, "self": ask.wire.url(f"status/{s.id}")} for s in statuses],
                }
                for name, statuses in board.columns
            ],
            "constraintType": "none",
        },
        "ranking": {"rankCustomFieldId": _number(ask.state.field_of_kind("rank").id)},
    }
    points = next((f for f in ask.state.fields.values() if f.custom_key == AGILE + "jsw-story-points"), None)
    if board.kind is BoardKind.SCRUM and points is not None:
        made["estimation"] = {"type": "field", "field": {"fieldId": points.id, "displayName": points.name}}
    return ask.json(made)


def _number(field_id: str) -> int:
    return int(field_id.removeprefix("customfield_"))


@endpoints.agile("GET", "board/{board}/issue")
def board_issues(ask: Ask) -> Response:
    """Issues of a board in rank order."""
    board = found_board(ask)
    return list_issues(ask, [i for i in ranked(ask) if i.project is board.project])


@endpoints.agile("GET", "board/{board}/backlog")
def backlog(ask: Ask) -> Response:
    """Issues in no open sprint and not done, in rank order."""
    board = found_board(ask)
    waiting = [i for i in ranked(ask) if i.project is board.project and i.type.level == 0 and _is_waiting(i)]
    return list_issues(ask, waiting)


def _is_waiting(issue: Issue) -> bool:
    is_open = any(sprint.state is not SprintState.CLOSED for sprint in issue.sprints)
    return not is_open and issue.status.category.value != "done"


@endpoints.agile("GET", "board/{board}/epic")
def epics(ask: Ask) -> Response:
    """Epics of a board."""
    board = found_board(ask)
    start, size = ask.window()
    found = [i for i in ranked(ask) if i.project is board.project and i.type.level == 1]
    shown = [
        {
            "id": i.id,
            "key": i.key,
            "self": ask.wire.agile(f"epic/{i.id}"),
            "name": i.summary,
            "summary": i.summary,
            "color": {"key": "color_1"},
            "done": i.status.category.value == "done",
        }
        for i in found[start : start + size]
    ]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


@endpoints.agile("GET", "board/{board}/project")
def board_projects(ask: Ask) -> Response:
    """The project of a board."""
    shown = [ask.wire.project(found_board(ask).project)]
    return ask.json(page(shown, start=0, size=50, total=1))


def ranked(ask: Ask) -> list[Issue]:
    """All issues, highest rank first."""
    return sorted(ask.state.issues.values(), key=lambda issue: issue.rank)


def list_issues(ask: Ask, issues: list[Issue]) -> Response:
    """A page of issues, narrowed by ``jql``, with text bodies as the agile API has them."""
    jql = ask.param("jql")
    if jql:
        wanted = {issue.id for issue in find(ask.state, ask.caller.user, parse_jql(jql))}
        issues = [issue for issue in issues if issue.id in wanted]
    start, size = ask.window()
    fields = ask.listed("fields") or ["*navigable"]
    shown = [ask.view.full(issue, fields=fields) for issue in issues[start : start + size]]
    answer = {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(issues), "issues": shown}
    return ask.json(answer)


def named_issues(ask: Ask, body: JsonObject) -> list[Issue]:
    """``issues`` of a body, at most 50. Raises Refusal."""
    names = strings(body, "issues")
    if not names:
        raise refuse(400, "No issues were given.")
    if len(names) > MOST_ISSUES:
        raise refuse(400, "The number of issues must not exceed 50.")
    return [ask.caller.issue(ask.state, name) for name in names]


@endpoints.agile("POST", "backlog/issue")
def move_to_backlog(ask: Ask) -> Response:
    """Take issues out of their open sprints."""
    body = read_object(ask.call.request, ("issues",))
    for issue in named_issues(ask, body):
        issue.sprints = [sprint for sprint in issue.sprints if sprint.state is SprintState.CLOSED]
        ask.state.touch(issue, ask.caller.person, [])
    return empty_response(204)


@endpoints.agile("PUT", "issue/rank")
def rank(ask: Ask) -> Response:
    """Move issues above or below another one; missing ones are told one by one (207)."""
    body = read_object(ask.call.request, ("issues", "rankBeforeIssue", "rankAfterIssue", "rankCustomFieldId"))
    rank_issues(ask, body, required=True)
    names = strings(body, "issues")
    missing = [name for name in names if ask.state.issue(name) is None]
    if not missing:
        return empty_response(204)
    entries: list[JsonObject] = []
    for name in names:
        issue = ask.state.issue(name)
        if issue is None:
            text = "Issue does not exist or you do not have permission to see it."
            entries.append({"issueKey": name, "status": 404, "errors": [text]})
        else:
            entries.append({"issueId": issue.id, "issueKey": issue.key, "status": 200})
    return ask.json({"entries": entries}, 207)


def rank_issues(ask: Ask, body: JsonObject, *, required: bool) -> None:
    """Apply ``rankBeforeIssue`` or ``rankAfterIssue``. Raises Refusal."""
    before, after = body.get("rankBeforeIssue"), body.get("rankAfterIssue")
    anchor_name = before if before is not None else after
    if anchor_name is None:
        if required:
            raise refuse(400, "Either rankBeforeIssue or rankAfterIssue must be given.")
        return
    if before is not None and after is not None:
        raise refuse_payload()
    if not ask.caller.may("SCHEDULE_ISSUES"):
        raise refuse(403, "You do not have permission to rank issues.")
    names = strings(body, "issues")
    if not 1 <= len(names) <= MOST_ISSUES:
        raise refuse(400, "The number of issues must be between 1 and 50.")
    anchor = ask.caller.issue(ask.state, str(anchor_name))
    moved = {i.id: i for name in names if (i := ask.state.issue(name)) is not None and i is not anchor}
    ask.state.rank_beside(list(moved.values()), anchor, before=before is not None)
