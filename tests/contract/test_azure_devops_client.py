"""Microsoft's own Python client against the Azure DevOps stand-in, over a real socket."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from azure.devops import client as client_module
from azure.devops import connection as connection_module
from azure.devops.connection import Connection
from azure.devops.exceptions import AzureDevOpsAuthenticationError, AzureDevOpsServiceError
from azure.devops.v7_1.work.models import TeamContext
from azure.devops.v7_1.work_item_tracking.models import CommentCreate, JsonPatchOperation, Wiql, WorkItemBatchGetRequest
from msrest.authentication import BasicAuthentication

from sandbox.ado.build import build_ado
from sandbox.faults import FaultPlan
from sandbox.server import ServerHandle, start_server

pytestmark = pytest.mark.contract

PROJECT = "Generated"
FORWARD = "System.LinkTypes.Hierarchy-Forward"


@pytest.fixture(autouse=True)
def _no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client keeps what it discovers in files of the user; here it keeps nothing."""
    for cache in (client_module.OPTIONS_FILE_CACHE, connection_module.RESOURCE_FILE_CACHE):
        monkeypatch.setattr(cache, "file_name", "")
        monkeypatch.setattr(cache, "data", {})
        monkeypatch.setattr(cache, "initial_load_occurred", True)


@pytest.fixture
def server() -> Iterator[ServerHandle]:
    handle = start_server(build_ado(generate=280))
    yield handle
    handle.stop()


def connect(server: ServerHandle, token: str = "sandbox-pat") -> Connection:
    made = Connection(base_url=f"{server.url}/contoso", creds=BasicAuthentication("", token))
    made._config.retry_policy.retries = 0
    return made


def tracking(server: ServerHandle, token: str = "sandbox-pat") -> Any:
    made = connect(server, token).clients_v7_1.get_work_item_tracking_client()
    made.config.retry_policy.retries = 0
    return made


def add(path: str, value: object) -> JsonPatchOperation:
    return JsonPatchOperation(op="add", path=path, value=value)


def ids_of(client: Any) -> list[int]:
    query = f"SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = '{PROJECT}' ORDER BY [System.Id]"
    return [reference.id for reference in client.query_by_wiql(Wiql(query=query)).work_items]


def test_it_reads_more_than_250_items_page_by_page(server: ServerHandle) -> None:
    client = tracking(server)
    ids = ids_of(client)

    read = [
        item
        for start in range(0, len(ids), 200)
        for item in client.get_work_items_batch(
            WorkItemBatchGetRequest(ids=ids[start : start + 200], fields=["System.Title", "System.AssignedTo"])
        )
    ]

    assert len(ids) == 280
    assert [item.id for item in read] == ids
    assert read[0].fields["System.AssignedTo"]["displayName"] == "Person 01"


def test_it_creates_updates_and_reads(server: ServerHandle) -> None:
    client = tracking(server)

    made = client.create_work_item([add("/fields/System.Title", "By the client")], PROJECT, "User Story")
    changed = client.update_work_item([add("/fields/System.State", "Active")], made.id)
    read = client.get_work_item(made.id, expand="all")

    assert (made.rev, changed.rev, read.fields["System.State"]) == (1, 2, "Active")
    assert read.fields["System.Title"] == "By the client"
    assert [r.rev for r in client.get_revisions(made.id)] == [1, 2]
    assert client.get_updates(made.id)[1].fields["System.State"].new_value == "Active"


def test_it_links(server: ServerHandle) -> None:
    client = tracking(server)
    parent = client.create_work_item([add("/fields/System.Title", "above")], PROJECT, "Feature")
    child = client.create_work_item([add("/fields/System.Title", "below")], PROJECT, "User Story")

    client.update_work_item([add("/relations/-", {"rel": FORWARD, "url": child.url})], parent.id)

    (relation,) = client.get_work_item(child.id, expand="relations").relations
    assert relation.rel == "System.LinkTypes.Hierarchy-Reverse"
    assert relation.url.endswith(f"/{parent.id}")


def test_it_comments_and_pages_through_comments(server: ServerHandle) -> None:
    client = tracking(server)
    item = client.create_work_item([add("/fields/System.Title", "talk")], PROJECT, "Task")
    for number in range(5):
        client.add_comment(CommentCreate(text=f"c{number}"), PROJECT, item.id)

    first = client.get_comments(PROJECT, item.id, top=3, order="asc")
    rest = client.get_comments(PROJECT, item.id, top=3, order="asc", continuation_token=first.continuation_token)

    assert [c.text for c in first.comments + rest.comments] == [f"c{n}" for n in range(5)]
    assert (first.total_count, rest.continuation_token) == (5, None)
    edited = client.update_comment(CommentCreate(text="new"), PROJECT, item.id, first.comments[0].id)
    assert (edited.text, edited.version) == ("new", 2)


def test_it_attaches(server: ServerHandle) -> None:
    client = tracking(server)
    item = client.create_work_item([add("/fields/System.Title", "file")], PROJECT, "Task")

    stored = client.create_attachment(BytesIO(b"some bytes"), file_name="a b.txt")
    changed = client.update_work_item(
        [add("/relations/-", {"rel": "AttachedFile", "url": stored.url, "attributes": {"comment": "x"}})], item.id
    )
    got = b"".join(client.get_attachment_content(stored.id))

    assert got == b"some bytes"
    assert changed.relations[0].attributes["name"] == "a b.txt"


def test_it_knows_the_structure(server: ServerHandle) -> None:
    client = tracking(server)
    core = connect(server).clients_v7_1.get_core_client()
    work = connect(server).clients_v7_1.get_work_client()

    nodes = client.get_classification_node(PROJECT, "iterations", depth=2)
    sprints = work.get_team_iterations(TeamContext(project=PROJECT, team="Generated Team"))

    assert [p.name for p in core.get_projects()] == [PROJECT]
    assert (
        core.get_project(PROJECT, include_capabilities=True).capabilities["processTemplate"]["templateName"] == "Agile"
    )
    assert [t.name for t in core.get_teams(PROJECT)] == ["Generated Team"]
    assert len(nodes.children) == len(sprints) == 10
    assert {t.name for t in client.get_work_item_types(PROJECT)} >= {"Epic", "Bug", "Test Case"}
    assert [s.category for s in client.get_work_item_type_states(PROJECT, "Task")] == [
        "Proposed", "InProgress", "Completed", "Removed",
    ]  # fmt: skip
    assert len(client.get_work_item_fields()) > 80
    assert len(client.get_relation_types()) > 15


def test_it_streams_revisions_and_links(server: ServerHandle) -> None:
    client = tracking(server)

    # The client's model of a batch has no members of its own: what came is beside it.
    batch = client.read_reporting_revisions_get(project=PROJECT, include_latest_only=True).additional_properties
    links = client.get_reporting_links_by_link_type(project=PROJECT).additional_properties

    assert (len(batch["values"]), batch["isLastBatch"]) == (280, True)
    assert {value["rel"] for value in links["values"]} == {"System.LinkTypes.Hierarchy", "System.LinkTypes.Related"}


def test_it_is_refused_with_a_wrong_token(server: ServerHandle) -> None:
    with pytest.raises(AzureDevOpsAuthenticationError):
        tracking(server, "wrong").get_work_item(1)


def test_it_is_refused_without_the_scope(server: ServerHandle) -> None:
    with pytest.raises(AzureDevOpsAuthenticationError):
        tracking(server, "sandbox-pat-noscope").get_work_item(1)


def test_it_is_told_what_is_missing(server: ServerHandle) -> None:
    with pytest.raises(AzureDevOpsServiceError, match="TF401232") as caught:
        tracking(server).get_work_item(99_999)

    assert caught.value.type_key == "WorkItemUnauthorizedAccessException"


def test_it_is_throttled(server: ServerHandle) -> None:
    client = tracking(server)
    client.get_work_item(1)
    server.service.faults = FaultPlan.parse([{"kind": "429", "route": "workitems/{id}"}])

    with pytest.raises(AzureDevOpsServiceError, match="TF400733"):
        client.get_work_item(1)


def test_a_broken_rule_reaches_it_with_its_key(server: ServerHandle) -> None:
    with pytest.raises(AzureDevOpsServiceError, match="TF401320") as caught:
        tracking(server).update_work_item([add("/fields/System.State", "Nonsense")], 1)

    assert caught.value.type_key == "RuleValidationException"
