import pytest

from sandbox.ado.service import AdoService
from sandbox.ado.wiql.parse import parse_query
from sandbox.ado.wiql.syntax import WiqlError
from tests.sandbox.ado.client import HOST, Caller, add_item, builder_of, small_service


@pytest.fixture
def filled() -> Caller:
    """Four items: 1 epic, 2 story under it, 3 bug, 4 task under the story."""
    service = small_service()
    ann = service.org.people.add("Ann Smith", "ann@contoso.example")
    epic = add_item(service, "Alpha epic", kind="Epic", created="2024-03-01T10:00:00Z")
    story = add_item(
        service, "Beta story's", kind="User Story", created="2024-03-02T10:00:00Z",
        **{"System.AreaPath": "P\\North", "System.Tags": "red; Blue Sky", "System.AssignedTo": ann},
    )  # fmt: skip
    add_item(
        service, "Gamma bug", kind="Bug", created="2024-03-02T23:30:00Z",
        **{"System.State": "Active", "Microsoft.VSTS.Common.Priority": 1, "System.Description": "ferry at the quay"},
    )  # fmt: skip
    task = add_item(service, "Delta task", created="2024-03-03T00:00:00.5Z", **{"System.IterationPath": "P\\Sprint 1"})
    builder = builder_of(service)
    builder.link(story, "System.LinkTypes.Hierarchy-Reverse", epic.id)
    builder.link(task, "System.LinkTypes.Hierarchy-Reverse", story.id)
    return Caller(service)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("[System.Id] > 2", [3, 4]),
        ("[System.Id] IN (1, 4, 99)", [1, 4]),
        ("NOT [System.Id] IN (1, 4)", [2, 3]),
        ("[System.Id] NOT IN (1, 4)", [2, 3]),
        ("[System.TeamProject] = @project", [1, 2, 3, 4]),
        ("[System.TeamProject] = 'other'", []),
        ("[System.WorkItemType] = 'user story'", [2]),
        ("[Work Item Type] <> 'Bug' AND [ID] < 4", [1, 2]),
        ("[System.WorkItemType] IN ('Epic', 'Bug')", [1, 3]),
        ("[System.WorkItemType] IN GROUP 'Microsoft.RequirementCategory'", [2]),
        ("[System.Title] CONTAINS 'a EPIC'", [1]),
        ("[System.Title] NOT CONTAINS 'a'", []),
        ("[System.Title] = 'Beta story''s'", [2]),
        ("[System.Description] CONTAINS WORDS 'quay ferry'", [3]),
        ("[System.Tags] CONTAINS 'blue sky'", [2]),
        ("[System.Tags] CONTAINS 'blue'", []),
        ("[System.Tags] NOT CONTAINS 'red'", [1, 3, 4]),
        ("[System.AssignedTo] = 'Ann Smith'", [2]),
        ("[System.AssignedTo] = 'ann@contoso.example'", [2]),
        ("[System.AssignedTo] = ''", [1, 3, 4]),
        ("[System.AssignedTo] <> ''", [2]),
        ("[System.AssignedTo] <> 'Ann Smith'", [1, 3, 4]),
        ("[System.CreatedBy] = @me", [1, 2, 3, 4]),
        ("[System.AreaPath] UNDER 'P'", [1, 2, 3, 4]),
        ("[System.AreaPath] UNDER 'p\\north'", [2]),
        ("[System.AreaPath] NOT UNDER 'P\\North'", [1, 3, 4]),
        ("[System.IterationPath] = 'P\\Sprint 1'", [4]),
        ("[Microsoft.VSTS.Common.Priority] >= 1", [3]),
        ("[Microsoft.VSTS.Common.Priority] = 1 OR [System.Id] = 1", [1, 3]),
        ("([System.Id] = 1 OR [System.Id] = 2) AND NOT ([System.WorkItemType] = 'Epic')", [2]),
        ("[System.CreatedDate] = '2024-03-02'", [2, 3]),
        ("[System.CreatedDate] > '2024-03-02'", [4]),
        ("[System.CreatedDate] >= '2024-03-02' AND [System.CreatedDate] < '2024-03-03'", [2, 3]),
        ("[System.CreatedDate] < @today - 1", [1, 2, 3, 4]),
        ("[System.ChangedDate] > @startOfYear", []),
        ("[System.Parent] = 1", [2]),
        ("[System.Parent] IS EMPTY", [1, 3]),
        ("[System.Parent] IS NOT EMPTY", [2, 4]),
        ("[System.State] EVER 'New'", None),
        ("EVER [System.State] = 'Active'", [3]),
        ("[System.CreatedDate] = [System.ChangedDate]", [1, 2, 3, 4]),
    ],
)
def test_conditions(filled: Caller, where: str, expected: list[int] | None) -> None:
    query = f"SELECT [System.Id] FROM WorkItems WHERE {where}"

    if expected is None:
        assert filled.wiql(query).status_code == 400
    else:
        assert filled.found(query) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", [1, 2, 3, 4]),
        ("ORDER BY [System.Id] DESC", [4, 3, 2, 1]),
        ("ORDER BY [System.Title]", [1, 2, 4, 3]),
        ("ORDER BY [System.AssignedTo] DESC, [System.Id] ASC", [2, 1, 3, 4]),
        ("order by [Microsoft.VSTS.Common.Priority] desc, [System.CreatedDate] desc", [3, 4, 2, 1]),
    ],
)
def test_orders(filled: Caller, order: str, expected: list[int]) -> None:
    assert filled.found(f"select [System.Id] from workitems {order}") == expected


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("", "must contain a query"),
        ("SELECT [System.Id]", "Expecting FROM"),
        ("SELECT [System.Id] FROM Things", "Expecting WorkItems"),
        ("SELECT [No.Such] FROM WorkItems", "TF51005"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] LIKE 1", "comparison operator"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] = ", "Expecting a value"),
        ("SELECT [System.Id] FROM WorkItems WHERE ([System.Id] = 1", "Expecting )"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] = 'x'", "not a number"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.ChangedDate] > 'soon'", "not a date"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.ChangedDate] > '2024-03-01T10:00:00Z'", "date precision"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Description] = 'x'", "long text"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Title] UNDER 'P'", "UNDER"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.AreaPath] UNDER 'P\\None'", "TF51011"),
        ("SELECT [System.Id] FROM WorkItems WHERE [System.Id] = @nonsense", "not supported"),
        ("SELECT [System.Id] FROM WorkItems extra", "Unexpected text"),
    ],
)
def test_mistakes_are_400_and_named(filled: Caller, query: str, part: str) -> None:
    answer = filled.wiql(query)

    assert answer.status_code == 400
    assert part in answer.json()["message"]


def test_a_text_over_the_limit_is_refused() -> None:
    with pytest.raises(WiqlError, match="32000"):
        parse_query("SELECT [System.Id] FROM WorkItems WHERE [System.Title] = '" + "x" * 32_000 + "'")


def test_time_counts_only_when_asked_for(filled: Caller) -> None:
    query = "SELECT [System.Id] FROM WorkItems WHERE [System.CreatedDate] >= '2024-03-02T23:30:00Z'"

    assert filled.found(query, path="P/_apis/wit/wiql?timePrecision=true") == [3, 4]


def test_only_ids_come_back_whatever_is_selected(filled: Caller) -> None:
    answer = filled.wiql("SELECT [System.Id], [Title] FROM WorkItems WHERE [System.Id] = 1 ORDER BY [System.Id]")

    shown = answer.json()
    assert shown["workItems"] == [{"id": 1, "url": f"{HOST}/contoso/_apis/wit/workItems/1"}]
    assert [c["referenceName"] for c in shown["columns"]] == ["System.Id", "System.Title"]
    assert (shown["queryType"], shown["queryResultType"]) == ("flat", "workItem")
    assert shown["sortColumns"][0]["field"]["referenceName"] == "System.Id"
    assert answer.headers["X-Total-Count"] == "1"
    assert "continuationToken" not in shown


def test_project_needs_a_project_in_the_path(filled: Caller) -> None:
    query = "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project"

    assert filled.send("POST", "_apis/wit/wiql", json={"query": query}).status_code == 400


@pytest.mark.parametrize(("top", "status", "number"), [("", 400, 0), ("4", 400, 0), ("2", 200, 2), ("3", 400, 0)])
def test_more_than_the_ceiling_is_an_error_unless_top_is_below_it(
    filled: Caller, top: str, status: int, number: int
) -> None:
    filled.session.post(f"{HOST}/_sandbox/query-limit", json={"limit": 3})
    query = f"?$top={top}" if top else ""

    answer = filled.send("POST", f"P/_apis/wit/wiql{query}", json={"query": "SELECT [System.Id] FROM WorkItems"})

    assert answer.status_code == status
    if status == 200:
        assert len(answer.json()["workItems"]) == number
    else:
        assert "VS402337" in answer.text


def test_the_ceiling_is_twenty_thousand(filled: Caller) -> None:
    assert isinstance(filled.service, AdoService)
    assert filled.service.org.query_limit == 20_000


@pytest.mark.parametrize(
    ("mode", "rows"),
    [
        ("MustContain", [(None, 1), (1, 2), (None, 2), (2, 4)]),
        ("MayContain", [(None, 1), (1, 2), (None, 2), (2, 4), (None, 3), (None, 4)]),
        ("DoesNotContain", [(None, 3), (None, 4)]),
        ("Recursive", [(None, 1), (1, 2), (2, 4), (None, 3)]),
    ],
)
def test_link_queries_list_roots_and_their_links(filled: Caller, mode: str, rows: list[tuple[int | None, int]]) -> None:
    query = (
        "SELECT [System.Id] FROM WorkItemLinks WHERE ([Source].[System.TeamProject] = @project) AND "
        "([System.Links.LinkType] = 'System.LinkTypes.Hierarchy-Forward') AND (Target.[System.WorkItemType] <> '') "
        f"ORDER BY [System.Id] MODE ({mode})"
    )

    shown = filled.wiql(query).json()

    found = [(r["source"]["id"] if r["source"] else None, r["target"]["id"]) for r in shown["workItemRelations"]]
    assert found == rows
    assert shown["queryType"] == ("tree" if mode == "Recursive" else "oneHop")
    assert {r["rel"] for r in shown["workItemRelations"]} <= {None, "System.LinkTypes.Hierarchy-Forward"}


def test_saved_queries_run_by_id_and_count_by_head(filled: Caller) -> None:
    assert isinstance(filled.service, AdoService)
    builder_of(filled.service).query("Bugs", "SELECT [System.Id] FROM WorkItems WHERE [System.WorkItemType] = 'Bug'")
    folder = filled.get("P/_apis/wit/queries?$depth=1&$expand=wiql")["value"][0]
    (query,) = folder["children"]

    found = filled.get(f"P/_apis/wit/wiql/{query['id']}")
    counted = filled.send("HEAD", f"P/_apis/wit/wiql/{query['id']}")

    assert [w["id"] for w in found["workItems"]] == [3]
    assert (counted.headers["X-Total-Count"], counted.content) == ("1", b"")
    assert filled.send("GET", "P/_apis/wit/wiql/no-such").status_code == 404


def test_asof_looks_into_the_past(filled: Caller) -> None:
    query = "SELECT [System.Id] FROM WorkItems WHERE [System.Id] > 0 ASOF '2024-03-02T12:00:00Z'"

    assert filled.found(query) == [1, 2]
