"""Sprints: future, started, closed, and which issues are in them."""

from __future__ import annotations

from sandbox.http import Response, empty_response
from sandbox.jira.changes import apply_value
from sandbox.jira.durations import parse_stamp
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import FieldFault, refuse
from sandbox.jira.field_reading import check_sprint
from sandbox.jira.handlers.boards import found_board, list_issues, named_issues, rank_issues, ranked
from sandbox.jira.models import BoardKind, JsonObject, Sprint, SprintState
from sandbox.jira.payload import read_object
from sandbox.jira.wire import page

endpoints = Endpoints()
NAME_LIMIT = 30
UPDATE_MEMBERS = (
    "id", "self", "state", "name", "startDate", "endDate", "completeDate", "createdDate", "originBoardId", "goal",
)  # fmt: skip
_ORDER = {SprintState.CLOSED: 0, SprintState.ACTIVE: 1, SprintState.FUTURE: 2}


@endpoints.agile("GET", "board/{board}/sprint")
def board_sprints(ask: Ask) -> Response:
    """Sprints of a scrum board: closed, active, future."""
    board = found_board(ask)
    if board.kind is not BoardKind.SCRUM:
        raise refuse(400, "The board does not support sprints")
    wanted = ask.listed("state")
    start, size = ask.window()
    found = [s for s in ask.state.sprints.values() if s.board is board and (not wanted or s.state.value in wanted)]
    found.sort(key=lambda sprint: (_ORDER[sprint.state], sprint.id))
    shown = [ask.wire.sprint(sprint) for sprint in found[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


def _may_manage(ask: Ask) -> None:
    if not ask.caller.may("MANAGE_SPRINTS_PERMISSION"):
        raise refuse(403, "You do not have permission to manage sprints.")


def _sprint(ask: Ask) -> Sprint:
    wanted = ask.call["sprint"]
    sprint = ask.state.sprints.get(int(wanted)) if wanted.isdigit() else None
    if sprint is None or not ask.caller.may("BROWSE_PROJECTS"):
        raise refuse(404, "The sprint does not exist or you do not have permission to view it.")
    return sprint


@endpoints.agile("POST", "sprint")
def create_sprint(ask: Ask) -> Response:
    """A future sprint on a scrum board."""
    body = read_object(ask.call.request, ("name", "startDate", "endDate", "goal", "originBoardId"))
    board_id = body.get("originBoardId")
    if not isinstance(board_id, int) or isinstance(board_id, bool):
        raise refuse(400, originBoardId="The originBoardId is required.")
    board = found_board(ask, str(board_id))
    _may_manage(ask)
    if board.kind is not BoardKind.SCRUM:
        raise refuse(400, "Sprints can only be created on a scrum board.")
    name = _name(body.get("name"))
    start, end = _moment(body, "startDate"), _moment(body, "endDate")
    _check_order(start, end)
    sprint = Sprint(
        id=ask.state.number("sprint", 1),
        name=name,
        board=board,
        goal=str(body.get("goal") or ""),
        start=start,
        end=end,
        created=ask.state.now(),
    )
    ask.state.sprints[sprint.id] = sprint
    return ask.json(ask.wire.sprint(sprint), 201)


def _name(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise refuse(400, name="The sprint name is required.")
    if len(raw) > NAME_LIMIT:
        raise refuse(400, name=f"The sprint name must be shorter than {NAME_LIMIT} characters.")
    return raw.strip()


def _moment(body: JsonObject, name: str) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    moment = parse_stamp(value) if isinstance(value, str) else None
    if moment is None:
        raise refuse(400, **{name: f"The date '{value}' must be an ISO 8601 date and time with a zone."})
    return moment


def _check_order(start: float | None, end: float | None) -> None:
    if start is not None and end is not None and start > end:
        raise refuse(400, endDate="The end date of the sprint must be after its start date.")


@endpoints.agile("GET", "sprint/{sprint}")
def get_sprint(ask: Ask) -> Response:
    """One sprint."""
    return ask.json(ask.wire.sprint(_sprint(ask)))


@endpoints.agile("POST", "sprint/{sprint}")
def update_sprint(ask: Ask) -> Response:
    """Change what is given."""
    sprint = _sprint(ask)
    _may_manage(ask)
    body = read_object(ask.call.request, UPDATE_MEMBERS)
    _update(ask, sprint, body)
    return ask.json(ask.wire.sprint(sprint))


@endpoints.agile("PUT", "sprint/{sprint}")
def replace_sprint(ask: Ask) -> Response:
    """Change everything: what is not given is emptied, name and state are a must."""
    sprint = _sprint(ask)
    _may_manage(ask)
    body = read_object(ask.call.request, UPDATE_MEMBERS)
    if "name" not in body or "state" not in body:
        raise refuse(400, "The name and the state of the sprint are required.")
    if sprint.state is not SprintState.CLOSED:
        body = {"startDate": None, "endDate": None, "goal": "", **body}
    _update(ask, sprint, body)
    return ask.json(ask.wire.sprint(sprint))


def _update(ask: Ask, sprint: Sprint, body: JsonObject) -> None:
    name = _name(body["name"]) if "name" in body else sprint.name
    start = _moment(body, "startDate") if "startDate" in body else sprint.start
    end = _moment(body, "endDate") if "endDate" in body else sprint.end
    state = _state(body.get("state"), sprint.state)
    if sprint.state is SprintState.CLOSED and (state is not sprint.state or {"startDate", "endDate"} & body.keys()):
        raise refuse(400, "Only the name and the goal of a closed sprint can be changed.")
    _check_order(start, end)
    if state is not sprint.state:
        _check_step(ask, sprint, state, dated=start is not None and end is not None)
    complete = _moment(body, "completeDate")
    sprint.name, sprint.start, sprint.end = name, start, end
    if "goal" in body:
        sprint.goal = str(body["goal"] or "")
    if state is SprintState.CLOSED and sprint.state is not state:
        sprint.complete = complete if complete is not None else ask.state.now()
        _release_unfinished(ask, sprint)
    sprint.state = state


def _release_unfinished(ask: Ask, sprint: Sprint) -> None:
    """Issues keep a closed sprint in their list of sprints, done or not; only the state changes."""
    for issue in ask.state.issues.values():
        if sprint in issue.sprints:
            ask.state.index(issue, ask.state.search_lag)


def _state(raw: object, current: SprintState) -> SprintState:
    if raw is None:
        return current
    try:
        return SprintState(str(raw).lower())
    except ValueError:
        raise refuse(400, state=f"The state '{raw}' is not valid.") from None


def _check_step(ask: Ask, sprint: Sprint, state: SprintState, *, dated: bool) -> None:
    steps = {(SprintState.FUTURE, SprintState.ACTIVE), (SprintState.ACTIVE, SprintState.CLOSED)}
    if (sprint.state, state) not in steps:
        raise refuse(400, f"A sprint cannot go from {sprint.state.value} to {state.value}.")
    if state is not SprintState.ACTIVE:
        return
    if not dated:
        raise refuse(400, "A sprint needs a start date and an end date to be started.")
    others = [s for s in ask.state.sprints.values() if s.board is sprint.board and s.state is SprintState.ACTIVE]
    if others and not sprint.board.parallel_sprints:
        raise refuse(400, "There is already an active sprint on this board.")


@endpoints.agile("DELETE", "sprint/{sprint}")
def delete_sprint(ask: Ask) -> Response:
    """Remove a sprint; its issues go to the backlog."""
    sprint = _sprint(ask)
    _may_manage(ask)
    for issue in ask.state.issues.values():
        if sprint in issue.sprints:
            issue.sprints = [other for other in issue.sprints if other is not sprint]
    del ask.state.sprints[sprint.id]
    return empty_response(204)


@endpoints.agile("GET", "sprint/{sprint}/issue")
def sprint_issues(ask: Ask) -> Response:
    """Issues of a sprint in rank order."""
    sprint = _sprint(ask)
    return list_issues(ask, [issue for issue in ranked(ask) if sprint in issue.sprints])


@endpoints.agile("GET", "board/{board}/sprint/{sprint}/issue")
def board_sprint_issues(ask: Ask) -> Response:
    """The same by way of the board."""
    found_board(ask)
    return sprint_issues(ask)


@endpoints.agile("POST", "sprint/{sprint}/issue")
def move_to_sprint(ask: Ask) -> Response:
    """Put at most 50 issues into an open sprint; all or none."""
    sprint = _sprint(ask)
    members = ("issues", "rankBeforeIssue", "rankAfterIssue", "rankCustomFieldId")
    body = read_object(ask.call.request, members)
    issues = named_issues(ask, body)
    if not ask.caller.may("EDIT_ISSUES"):
        raise refuse(403, "You do not have permission to move issues into sprints.")
    try:
        for issue in issues:
            check_sprint(sprint, issue.type)
    except FieldFault as fault:
        raise refuse(400, str(fault)) from fault
    entry = ask.state.field_of_kind("sprint")
    for issue in issues:
        ask.state.touch(issue, ask.caller.person, apply_value(ask.state, issue, entry, sprint))
    rank_issues(ask, body, required=False)
    return empty_response(204)
