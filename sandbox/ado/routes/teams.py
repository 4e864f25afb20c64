"""Teams and their work: settings, sprints, areas, boards.

https://learn.microsoft.com/rest/api/azure/devops/work
"""

from __future__ import annotations

from sandbox.ado import errors
from sandbox.ado.dates import parse_date
from sandbox.ado.exchange import Exchange
from sandbox.ado.model import Board, BoardColumn, Node, Project, Team
from sandbox.ado.render import person_ref
from sandbox.ado.routes.classification import node_url
from sandbox.ado.routes.registry import ORG_ONLY, TEAM_TOO, Endpoints, Scope
from sandbox.http import Response

endpoints = Endpoints(scope=Scope.WORK_LIST)


def _team_base(exchange: Exchange) -> str:
    return f"{exchange.base}/{exchange.project.id}/{exchange.team.id}/_apis/work"


def _links(exchange: Exchange, own: str) -> dict[str, object]:
    project, team = exchange.project, exchange.team
    return {
        "self": {"href": own},
        "project": {"href": exchange.url("_apis", "projects", project.id)},
        "team": {"href": exchange.url("_apis", "projects", project.id, "teams", team.id)},
    }


@endpoints.on("GET", "work/teamsettings", TEAM_TOO, scope=Scope.WORK)
def get_settings(exchange: Exchange) -> Response:
    project, own = exchange.project, f"{_team_base(exchange)}/teamsettings"
    root = project.iterations
    return exchange.json(
        {
            "backlogIteration": {
                "id": root.identifier,
                "name": root.name,
                "path": "",
                "url": node_url(exchange, root),
            },
            "bugsBehavior": exchange.team.bugs_behavior,
            "workingDays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "backlogVisibilities": {
                "Microsoft.EpicCategory": True,
                "Microsoft.FeatureCategory": True,
                "Microsoft.RequirementCategory": True,
            },
            "defaultIteration": None,
            "defaultIterationMacro": "@currentIteration",
            "url": own,
            "_links": _links(exchange, own),
        }
    )


@endpoints.on("GET", "work/teamsettings/iterations", TEAM_TOO)
def list_iterations(exchange: Exchange) -> Response:
    wanted = exchange.text("$timeframe").lower()
    shown = [_iteration(exchange, node) for node in exchange.team.iterations]
    if wanted:
        shown = [entry for entry in shown if _time_frame_of(entry) == wanted]
    return exchange.collection(list(shown))


@endpoints.on("GET", "work/teamsettings/iterations/{iteration}", TEAM_TOO, scope=Scope.WORK)
def get_iteration(exchange: Exchange) -> Response:
    for node in exchange.team.iterations:
        if node.identifier == exchange.call["iteration"].lower():
            shown = _iteration(exchange, node)
            return exchange.json({**shown, "_links": _links(exchange, str(shown["url"]))})
    raise errors.node_not_found(exchange.call["iteration"])


def _time_frame_of(entry: dict[str, object]) -> str:
    attributes = entry["attributes"]
    return str(attributes["timeFrame"]) if isinstance(attributes, dict) else ""


def _iteration(exchange: Exchange, node: Node) -> dict[str, object]:
    attributes = {
        "startDate": node.start or None,
        "finishDate": node.finish or None,
        "timeFrame": _time_frame(exchange, node),
    }
    return {
        "id": node.identifier,
        "name": node.name,
        "path": node.field_path,
        "attributes": attributes,
        "url": f"{_team_base(exchange)}/teamsettings/iterations/{node.identifier}",
    }


def _time_frame(exchange: Exchange, node: Node) -> str:
    if not node.start:
        first = next((other for other in exchange.team.iterations if not other.start), node)
        return "current" if first is node and not any(n.start for n in exchange.team.iterations) else "future"
    today = exchange.clock.today().date()
    if parse_date(node.finish).date() < today:
        return "past"
    return "future" if parse_date(node.start).date() > today else "current"


@endpoints.on("GET", "work/teamsettings/teamfieldvalues", TEAM_TOO, scope=Scope.WORK)
def get_areas(exchange: Exchange) -> Response:
    own = f"{_team_base(exchange)}/teamsettings/teamfieldvalues"
    areas = exchange.team.areas
    reference = {"referenceName": "System.AreaPath", "url": exchange.url("_apis", "wit", "fields", "System.AreaPath")}
    return exchange.json(
        {
            "field": reference,
            "defaultValue": areas[0].field_path if areas else None,
            "values": [{"value": area.field_path, "includeChildren": True} for area in areas],
            "url": own,
            "_links": _links(exchange, own),
        }
    )


@endpoints.on("GET", "work/boards", TEAM_TOO)
def list_boards(exchange: Exchange) -> Response:
    base = _team_base(exchange)
    return exchange.collection(
        [{"id": b.id, "name": b.name, "url": f"{base}/boards/{b.id}"} for b in exchange.team.boards]
    )


def _board(exchange: Exchange) -> Board:
    wanted = exchange.call["board"].lower()
    for board in exchange.team.boards:
        if wanted in (board.id, board.name.lower()):
            return board
    raise errors.ApiError(404, "BoardDoesNotExistException", f"TF400509: The board {wanted} does not exist.")


@endpoints.on("GET", "work/boards/{board}", TEAM_TOO, scope=Scope.WORK)
def get_board(exchange: Exchange) -> Response:
    board = _board(exchange)
    url = f"{_team_base(exchange)}/boards/{board.id}"
    columns = [_column(column) for column in board.columns]
    mappings: dict[str, dict[str, list[str]]] = {}
    for column in board.columns:
        table = mappings.setdefault(column.kind[0].upper() + column.kind[1:], {})
        for kind, state in column.states.items():
            table.setdefault(kind, []).append(state)
    shown = {
        "id": board.id,
        "name": board.name,
        "revision": 1,
        "columns": columns,
        "rows": [{"id": "00000000-0000-0000-0000-000000000000", "name": None}],
        "isValid": True,
        "allowedMappings": mappings,
        "canEdit": True,
        "url": url,
    }
    return exchange.json({**shown, "_links": _links(exchange, url)})


@endpoints.on("GET", "work/boards/{board}/columns", TEAM_TOO)
def list_columns(exchange: Exchange) -> Response:
    return exchange.collection([_column(column) for column in _board(exchange).columns])


def _column(column: BoardColumn) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": column.id,
        "name": column.name,
        "itemLimit": column.item_limit,
        "stateMappings": column.states,
        "columnType": column.kind,
    }
    if column.kind == "inProgress":
        shown |= {"isSplit": column.split, "description": ""}
    return shown


@endpoints.on("GET", "work/backlogs", TEAM_TOO)
def list_backlogs(exchange: Exchange) -> Response:
    levels: list[object] = []
    ranks = {"Microsoft.EpicCategory": 3, "Microsoft.FeatureCategory": 2, "Microsoft.RequirementCategory": 1}
    for category, rank in ranks.items():
        names = [t.name for t in exchange.project.process.types.values() if t.category == category]
        if names:
            kind = "requirement" if rank == 1 else "portfolio"
            types = [
                {"name": name, "url": exchange.url(exchange.project.id, "_apis", "wit", "workItemTypes", name)}
                for name in names
            ]
            levels.append(
                {
                    "id": category,
                    "name": names[0],
                    "rank": rank,
                    "type": kind,
                    "isHidden": False,
                    "workItemTypes": types,
                    "defaultWorkItemType": types[0],
                }
            )
    return exchange.collection(levels)


# -- teams of a project ---------------------------------------------------------------------------------


def shown_team(exchange: Exchange, project: Project, team: Team) -> dict[str, object]:
    """A team as the projects area lists it."""
    return {
        "id": team.id,
        "name": team.name,
        "url": exchange.url("_apis", "projects", project.id, "teams", team.id),
        "description": team.description,
        "identityUrl": f"https://vssps.dev.azure.com/{exchange.org.name}/_apis/Identities/{team.id}",
        "projectName": project.name,
        "projectId": project.id,
    }


@endpoints.on("GET", "projects/{project}/teams", ORG_ONLY, scope=Scope.PROJECT)
def list_teams(exchange: Exchange) -> Response:
    skip, top = exchange.page(default=100, most=1000)
    project = exchange.project
    return exchange.collection([shown_team(exchange, project, team) for team in project.teams[skip : skip + top]])


@endpoints.on("GET", "projects/{project}/teams/{team}", ORG_ONLY, scope=Scope.PROJECT)
def get_team(exchange: Exchange) -> Response:
    return exchange.json(shown_team(exchange, exchange.project, exchange.team))


@endpoints.on("GET", "projects/{project}/teams/{team}/members", ORG_ONLY, scope=Scope.PROJECT)
def list_members(exchange: Exchange) -> Response:
    skip, top = exchange.page(default=100, most=1000)
    members = exchange.team.members[skip : skip + top]
    return exchange.collection(
        [{"isTeamAdmin": n == 0 and skip == 0, "identity": person_ref(exchange, p)} for n, p in enumerate(members)]
    )


@endpoints.on("GET", "teams", ORG_ONLY, scope=Scope.PROJECT)
def list_all_teams(exchange: Exchange) -> Response:
    skip, top = exchange.page(default=100, most=1000)
    everything = [(project, team) for project in exchange.org.projects.values() for team in project.teams]
    return exchange.collection([shown_team(exchange, p, t) for p, t in everything[skip : skip + top]])
