"""The Azure DevOps stand-in's answers against the official description of the service."""

from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.ado.build import build_ado
from tests.sandbox.ado.client import Caller, field, link
from tests.sandbox.ado.description import Description

pytestmark = pytest.mark.contract

WIT, CORE, WORK, PROCESS = (
    "workItemTracking-7.1", "core-7.1", "work-7.1", "workItemTrackingProcess-7.1",
)  # fmt: skip
PROJECT = "Saltwind Booking"
PREVIEW = "7.1-preview.4"
STORY = "WHERE [System.TeamProject] = @project AND [System.WorkItemType] = 'User Story'"
FLAT = {"query": f"SELECT [System.Id], [System.Title] FROM WorkItems {STORY} ORDER BY [System.Id]"}
LINKS = {
    "query": "SELECT [System.Id] FROM WorkItemLinks WHERE [Source].[System.WorkItemType] = 'Epic' AND "
    "[System.Links.LinkType] = 'System.LinkTypes.Hierarchy-Forward' MODE (MustContain)"
}


@dataclass(frozen=True)
class Covered:
    """One operation of the description and a request that reaches it."""

    document: str
    path: str
    method: str
    request: str
    body: Any = None
    version: str = "7.1"
    bare: bool = False
    patch: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.request}"


_ITEMS, _TEAM = "/{project}/_apis/wit/workitems", "/{project}/{team}/_apis/work"
_NODES = "/{project}/_apis/wit/classificationnodes"

COVERED = [
    Covered(WIT, _ITEMS + "/{id}", "get", "_apis/wit/workitems/1010?$expand=all"),
    Covered(WIT, _ITEMS + "/{id}", "get", f"{PROJECT}/_apis/wit/workitems/1003"),
    Covered(WIT, _ITEMS + "/{id}", "delete", "_apis/wit/workitems/1020"),
    Covered(WIT, _ITEMS + "/{id}", "patch", "_apis/wit/workitems/1011", [field("System.Title", "x")], patch=True),
    Covered(
        WIT, _ITEMS + "/{id}", "patch", "_apis/wit/workitems/1011", [link("System.LinkTypes.Related", 1040)], patch=True
    ),
    Covered(
        WIT,
        _ITEMS + "/${type}",
        "post",
        f"{PROJECT}/_apis/wit/workitems/$Task",
        [field("System.Title", "x")],
        patch=True,
    ),
    Covered(WIT, _ITEMS + "/${type}", "get", f"{PROJECT}/_apis/wit/workitems/$Bug"),
    Covered(WIT, _ITEMS, "get", "_apis/wit/workitems?ids=1001,1002,1003&$expand=relations"),
    Covered(
        WIT,
        "/{project}/_apis/wit/workitemsbatch",
        "post",
        "_apis/wit/workitemsbatch",
        {"ids": [*range(1001, 1201)], "$expand": "all"},
    ),
    Covered(
        WIT, "/{project}/_apis/wit/workitemsdelete", "post", f"{PROJECT}/_apis/wit/workitemsdelete", {"ids": [1021, 99]}
    ),
    Covered(WIT, "/{project}/{team}/_apis/wit/wiql", "post", f"{PROJECT}/_apis/wit/wiql", FLAT),
    Covered(WIT, "/{project}/{team}/_apis/wit/wiql", "post", f"{PROJECT}/_apis/wit/wiql", LINKS),
    Covered(
        WIT,
        "/{project}/_apis/wit/workItems/{workItemId}/comments",
        "get",
        f"{PROJECT}/_apis/wit/workItems/1005/comments?$expand=all",
        version=PREVIEW,
    ),
    Covered(
        WIT,
        "/{project}/_apis/wit/workItems/{workItemId}/comments",
        "post",
        f"{PROJECT}/_apis/wit/workItems/1005/comments?format=markdown",
        {"text": "x"},
        version=PREVIEW,
    ),
    Covered(
        WIT, "/{project}/_apis/wit/workItems/{id}/revisions", "get", "_apis/wit/workItems/1010/revisions?$expand=all"
    ),
    Covered(
        WIT,
        "/{project}/_apis/wit/workItems/{id}/revisions/{revisionNumber}",
        "get",
        "_apis/wit/workItems/1010/revisions/1",
    ),
    Covered(WIT, "/{project}/_apis/wit/workItems/{id}/updates", "get", "_apis/wit/workItems/1010/updates"),
    Covered(
        WIT, "/{project}/_apis/wit/workItems/{id}/updates/{updateNumber}", "get", "_apis/wit/workItems/1010/updates/1"
    ),
    Covered(
        WIT,
        "/{project}/_apis/wit/reporting/workitemrevisions",
        "get",
        "_apis/wit/reporting/workitemrevisions?$expand=fields",
    ),
    Covered(
        WIT,
        "/{project}/_apis/wit/reporting/workitemrevisions",
        "post",
        "_apis/wit/reporting/workitemrevisions",
        {"types": ["Bug"]},
    ),
    Covered(WIT, "/{project}/_apis/wit/reporting/workitemlinks", "get", f"{PROJECT}/_apis/wit/reporting/workitemlinks"),
    Covered(WIT, "/{project}/_apis/wit/recyclebin", "get", f"{PROJECT}/_apis/wit/recyclebin", bare=True),
    Covered(WIT, "/{project}/_apis/wit/recyclebin/{id}", "get", f"{PROJECT}/_apis/wit/recyclebin/{{deleted}}"),
    Covered(
        WIT,
        "/{project}/_apis/wit/recyclebin/{id}",
        "patch",
        f"{PROJECT}/_apis/wit/recyclebin/{{deleted}}",
        {"isDeleted": False},
    ),
    Covered(WIT, _NODES, "get", f"{PROJECT}/_apis/wit/classificationnodes?$depth=5"),
    Covered(
        WIT,
        _NODES + "/{structureGroup}/{path}",
        "get",
        f"{PROJECT}/_apis/wit/classificationnodes/areas/Harbour?$depth=3",
    ),
    Covered(
        WIT,
        _NODES + "/{structureGroup}/{path}",
        "post",
        f"{PROJECT}/_apis/wit/classificationnodes/areas/Harbour",
        {"name": "New"},
    ),
    Covered(
        WIT,
        _NODES + "/{structureGroup}/{path}",
        "patch",
        f"{PROJECT}/_apis/wit/classificationnodes/areas/Vessel",
        {"name": "Ship"},
    ),
    Covered(WIT, "/{project}/_apis/wit/workitemtypes", "get", f"{PROJECT}/_apis/wit/workitemtypes"),
    Covered(WIT, "/{project}/_apis/wit/workitemtypes/{type}", "get", f"{PROJECT}/_apis/wit/workitemtypes/Bug"),
    Covered(
        WIT, "/{project}/_apis/wit/workitemtypes/{type}/states", "get", f"{PROJECT}/_apis/wit/workitemtypes/Bug/states"
    ),
    Covered(
        WIT,
        "/{project}/_apis/wit/workitemtypes/{type}/fields",
        "get",
        f"{PROJECT}/_apis/wit/workitemtypes/Bug/fields?$expand=all",
    ),
    Covered(
        WIT,
        "/{project}/_apis/wit/workitemtypes/{type}/fields/{field}",
        "get",
        f"{PROJECT}/_apis/wit/workitemtypes/Bug/fields/System.State",
    ),
    Covered(WIT, "/{project}/_apis/wit/workitemtypecategories", "get", f"{PROJECT}/_apis/wit/workitemtypecategories"),
    Covered(
        WIT,
        "/{project}/_apis/wit/workitemtypecategories/{category}",
        "get",
        f"{PROJECT}/_apis/wit/workitemtypecategories/Microsoft.BugCategory",
    ),
    Covered(WIT, "/{project}/_apis/wit/fields", "get", "_apis/wit/fields"),
    Covered(WIT, "/{project}/_apis/wit/fields/{fieldNameOrRefName}", "get", "_apis/wit/fields/System.Title"),
    Covered(WIT, "/_apis/wit/workitemrelationtypes", "get", "_apis/wit/workitemrelationtypes"),
    Covered(WIT, "/_apis/wit/workitemrelationtypes/{relation}", "get", "_apis/wit/workitemrelationtypes/AttachedFile"),
    Covered(WIT, "/{project}/_apis/wit/queries", "get", f"{PROJECT}/_apis/wit/queries?$depth=1&$expand=wiql"),
    Covered(WIT, "/{project}/_apis/wit/tags", "get", f"{PROJECT}/_apis/wit/tags", version="7.1-preview.1"),
    Covered(CORE, "/_apis/projects", "get", "_apis/projects"),
    Covered(CORE, "/_apis/projects/{projectId}", "get", f"_apis/projects/{PROJECT}?includeCapabilities=true"),
    Covered(
        CORE,
        "/_apis/projects/{projectId}/properties",
        "get",
        f"_apis/projects/{PROJECT}/properties",
        version="7.1-preview.1",
    ),
    Covered(CORE, "/_apis/projects/{projectId}/teams", "get", f"_apis/projects/{PROJECT}/teams"),
    Covered(CORE, "/_apis/projects/{projectId}/teams/{teamId}", "get", f"_apis/projects/{PROJECT}/teams/Harbour crew"),
    Covered(
        CORE,
        "/_apis/projects/{projectId}/teams/{teamId}/members",
        "get",
        f"_apis/projects/{PROJECT}/teams/Harbour crew/members",
    ),
    Covered(CORE, "/_apis/teams", "get", "_apis/teams"),
    Covered(CORE, "/_apis/process/processes", "get", "_apis/process/processes"),
    Covered(CORE, "/_apis/process/processes/{processId}", "get", "_apis/process/processes/Agile"),
    Covered(WORK, _TEAM + "/teamsettings", "get", f"{PROJECT}/Harbour crew/_apis/work/teamsettings"),
    Covered(
        WORK, _TEAM + "/teamsettings/iterations", "get", f"{PROJECT}/Harbour crew/_apis/work/teamsettings/iterations"
    ),
    Covered(
        WORK,
        _TEAM + "/teamsettings/teamfieldvalues",
        "get",
        f"{PROJECT}/Harbour crew/_apis/work/teamsettings/teamfieldvalues",
    ),
    Covered(WORK, _TEAM + "/boards", "get", f"{PROJECT}/Harbour crew/_apis/work/boards"),
    Covered(WORK, _TEAM + "/boards/{id}", "get", f"{PROJECT}/Harbour crew/_apis/work/boards/Stories"),
    Covered(
        WORK, _TEAM + "/boards/{board}/columns", "get", f"{PROJECT}/Harbour crew/_apis/work/boards/Stories/columns"
    ),
    Covered(WORK, _TEAM + "/backlogs", "get", f"{PROJECT}/Harbour crew/_apis/work/backlogs"),
    Covered(PROCESS, "/_apis/work/processes", "get", "_apis/work/processes"),
    Covered(
        PROCESS, "/_apis/work/processes/{processId}/workitemtypes", "get", "_apis/work/processes/Agile/workitemtypes"
    ),
    Covered(
        PROCESS,
        "/_apis/work/processes/{processId}/workItemTypes/{witRefName}/states",
        "get",
        "_apis/work/processes/Agile/workitemtypes/Bug/states",
    ),
]


@pytest.fixture(scope="module")
def descriptions() -> dict[str, Description]:
    return {name: Description(name) for name in (WIT, CORE, WORK, PROCESS)}


@pytest.fixture(scope="module")
def reader() -> Caller:
    """For requests that change nothing."""
    return Caller(build_ado(sample=True))


@pytest.mark.parametrize("covered", COVERED, ids=str)
def test_answers_are_as_described(covered: Covered, reader: Caller, descriptions: dict[str, Description]) -> None:
    caller = reader if covered.method == "get" else Caller(build_ado(sample=True))
    validator = descriptions[covered.document].validator(covered.path, covered.method, bare=covered.bare)
    deleted = next(item.id for item in caller.service.org.items.values() if item.deletion)
    headers = {"Content-Type": "application/json-patch+json"} if covered.patch else {}

    answer = caller.send(
        covered.method.upper(), covered.request.replace("{deleted}", str(deleted)), version=covered.version,
        json=covered.body, headers=headers,
    )  # fmt: skip

    assert answer.status_code in (200, 201), answer.text
    problems = [f"{'/'.join(map(str, p.instance_path))}: {p.message}" for p in validator.iter_errors(answer.json())]
    assert problems == []


def test_the_adapted_description_still_refuses(descriptions: dict[str, Description]) -> None:
    validator = descriptions[WIT].validator(_ITEMS + "/{id}", "get")

    assert validator.is_valid({"id": 1, "rev": 1, "fields": {"System.Title": "x"}})
    wrongs: list[object] = [{"id": "1"}, {"id": 1, "revision": 1}, {"id": 1, "relations": [{"kind": "x"}]}, []]
    assert [validator.is_valid(wrong) for wrong in wrongs] == [False] * 4
