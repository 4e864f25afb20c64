import hashlib

import pytest

from sandbox.ado.routes.attachments import SIZE_LIMIT
from sandbox.ado.service import AdoService
from tests.sandbox.ado.client import HOST, Caller, add_item, builder_of, field, small_service

NODES = "P/_apis/wit/classificationnodes"


def test_without_depth_only_the_root_comes_back(service: AdoService, caller: Caller) -> None:
    builder_of(service).area("P\\North\\Pier")

    roots = caller.get(NODES)["value"]
    root = caller.get(f"{NODES}/areas")
    deep = caller.get(f"{NODES}/Areas?$depth=2")

    assert [(r["structureType"], r["hasChildren"], "children" in r) for r in roots] == [
        ("area", True, False), ("iteration", True, False),
    ]  # fmt: skip
    assert "children" not in root
    assert deep["children"][0]["children"][0]["name"] == "Pier"


def test_node_paths_hold_the_group_that_fields_leave_out(service: AdoService, caller: Caller) -> None:
    sprint = caller.get(f"{NODES}/iterations/Sprint%201")

    assert sprint["path"] == "\\P\\Iteration\\Sprint 1"
    assert sprint["attributes"] == {"startDate": "2025-06-09T00:00:00Z", "finishDate": "2025-06-20T00:00:00Z"}
    assert add_item(service, **{"System.IterationPath": "P\\Sprint 1"}).fields["System.IterationPath"] == "P\\Sprint 1"


@pytest.mark.parametrize("path", ["areas/North", "areas/%5CNorth", "Areas/north"])
def test_nodes_are_found_by_path(caller: Caller, path: str) -> None:
    assert caller.get(f"{NODES}/{path}")["name"] == "North"


def test_nodes_are_created_moved_renamed_and_deleted(service: AdoService, caller: Caller) -> None:
    pier = caller.send("POST", f"{NODES}/areas", json={"name": "Pier"})
    moved = caller.send("POST", f"{NODES}/areas/North", json={"id": pier.json()["id"]})
    item = add_item(service, **{"System.AreaPath": "P\\North\\Pier"})
    renamed = caller.send("PATCH", f"{NODES}/areas/North", json={"name": "South"})
    root = caller.get(f"{NODES}/areas")["id"]

    assert (pier.status_code, moved.status_code, renamed.status_code) == (201, 200, 200)
    assert moved.json()["path"] == "\\P\\Area\\North\\Pier"
    assert (item.fields["System.AreaPath"], len(item.revisions)) == ("P\\South\\Pier", 1)
    assert caller.send("DELETE", f"{NODES}/areas/South").status_code == 400
    assert caller.send("DELETE", f"{NODES}/areas/South?$reclassifyId={root}").status_code == 204
    assert item.fields["System.AreaPath"] == "P"


@pytest.mark.parametrize(
    "name", ["", "a/b", "a\\b", "a?b", "a*b", "a:b", 'a"b', "a&b", "a<b", "a#b", "a%b", "a|b", "a\tb"]
)
def test_names_of_nodes_have_forbidden_characters(caller: Caller, name: str) -> None:
    assert caller.send("POST", f"{NODES}/areas", json={"name": name}).status_code == 400


def test_a_name_is_given_once_under_a_parent(caller: Caller) -> None:
    assert caller.send("POST", f"{NODES}/areas", json={"name": "north"}).status_code == 409


def test_depth_ends_at_fourteen(service: AdoService, caller: Caller) -> None:
    path = "\\".join(["P", *(f"L{n}" for n in range(2, 15))])
    builder_of(service).area(path)

    below = "/".join(f"L{n}" for n in range(2, 15))

    assert caller.send("POST", f"{NODES}/areas/{below}", json={"name": "L15"}).status_code == 400


def test_nodes_by_ids_may_leave_nulls(caller: Caller) -> None:
    root = caller.get(f"{NODES}/areas")["id"]

    shown = caller.get(f"{NODES}?ids={root},9999&errorPolicy=omit")

    assert [entry and entry["id"] for entry in shown["value"]] == [root, None]
    assert caller.send("GET", f"{NODES}?ids=9999").status_code == 404


def test_types_tell_states_transitions_and_fields(caller: Caller) -> None:
    shown = caller.get("P/_apis/wit/workitemtypes/Bug")

    assert [s["name"] for s in shown["states"]] == ["New", "Active", "Resolved", "Closed"]
    assert [s["category"] for s in shown["states"]] == ["Proposed", "InProgress", "Resolved", "Completed"]
    assert shown["transitions"][""] == [{"to": "New", "actions": None}]
    assert "Microsoft.VSTS.TCM.ReproSteps" in {f["referenceName"] for f in shown["fieldInstances"]}


@pytest.mark.parametrize(
    ("process", "names"),
    [
        ("Agile", ["Epic", "Feature", "User Story", "Bug", "Task", "Issue"]),
        ("Scrum", ["Epic", "Feature", "Product Backlog Item", "Bug", "Task", "Impediment"]),
        ("CMMI", ["Epic", "Feature", "Requirement", "Bug", "Task", "Change Request", "Issue", "Review", "Risk"]),
        ("Basic", ["Epic", "Issue", "Task"]),
    ],
)
def test_each_process_has_its_types(process: str, names: list[str]) -> None:
    caller = Caller(small_service(process))
    tests = ["Test Case", "Test Plan", "Test Suite", "Shared Steps", "Shared Parameter"]

    shown = caller.get("P/_apis/wit/workitemtypes")["value"]

    assert [t["name"] for t in shown] == names + tests
    categories = {c["referenceName"] for c in caller.get("P/_apis/wit/workitemtypecategories")["value"]}
    assert {"Microsoft.EpicCategory", "Microsoft.RequirementCategory", "Microsoft.TaskCategory"} <= categories
    template = caller.get("_apis/projects/P?includeCapabilities=true")["capabilities"]["processTemplate"]
    assert template["templateName"] == process


def test_fields_of_a_type_list_their_values_when_expanded(service: AdoService, caller: Caller) -> None:
    plain = caller.get("P/_apis/wit/workitemtypes/Bug/fields")["value"]
    expanded = caller.get("P/_apis/wit/workitemtypes/Bug/fields?$expand=all")["value"]

    by_name = {f["referenceName"]: f for f in expanded}
    assert all("allowedValues" not in f for f in plain)
    assert by_name["System.State"]["allowedValues"] == ["New", "Active", "Resolved", "Closed"]
    assert by_name["Microsoft.VSTS.Common.Severity"]["defaultValue"] == "3 - Medium"
    assert by_name["System.AssignedTo"]["allowedValues"][0]["displayName"] == "Sandbox Migrator"


def test_fields_say_what_they_are(caller: Caller) -> None:
    shown = {f["referenceName"]: f for f in caller.get("_apis/wit/fields")["value"]}

    assert (shown["System.Description"]["type"], shown["System.Id"]["readOnly"]) == ("html", True)
    assert shown["System.AssignedTo"]["isIdentity"]
    assert caller.get("_apis/wit/fields/System.Title")["name"] == "Title"
    assert caller.send("GET", "_apis/wit/fields/No.Such").status_code == 404


def test_link_types_name_their_opposites(caller: Caller) -> None:
    shown = {t["referenceName"]: t["attributes"] for t in caller.get("_apis/wit/workitemrelationtypes")["value"]}

    assert shown["System.LinkTypes.Hierarchy-Forward"]["oppositeEndReferenceName"].endswith("-Reverse")
    assert shown["AttachedFile"]["usage"] == "resourceLink"
    for reference, attributes in shown.items():
        if attributes["usage"] == "workItemLink":
            assert shown[attributes["oppositeEndReferenceName"]]["oppositeEndReferenceName"] == reference


def test_projects_page_through_a_header(service: AdoService, caller: Caller) -> None:
    for name in ("Q", "R"):
        service.org.add_project(name, service.org.processes["Scrum"])

    first = caller.send("GET", "_apis/projects?$top=2")
    rest = caller.send("GET", f"_apis/projects?$top=2&continuationToken={first.headers['x-ms-continuationtoken']}")

    assert [p["name"] for p in first.json()["value"] + rest.json()["value"]] == ["P", "Q", "R"]
    assert "x-ms-continuationtoken" not in rest.headers


def test_teams_have_sprints_areas_boards_and_people(caller: Caller) -> None:
    teams = caller.get("_apis/projects/P/teams")["value"]
    base = "P/P%20Team/_apis/work"
    sprints = caller.get(f"{base}/teamsettings/iterations")["value"]
    boards = caller.get(f"{base}/boards")["value"]
    columns = caller.get(f"{base}/boards/Stories/columns")["value"]

    assert [t["name"] for t in teams] == ["P Team"]
    assert [(s["path"], s["attributes"]["timeFrame"]) for s in sprints] == [("P\\Sprint 1", "current")]
    assert [b["name"] for b in boards] == ["Epics", "Features", "Stories"]
    assert [(c["name"], c["columnType"]) for c in columns] == [
        ("New", "incoming"), ("Active", "inProgress"), ("Resolved", "inProgress"), ("Closed", "outgoing"),
    ]  # fmt: skip
    assert caller.get(f"{base}/teamsettings")["bugsBehavior"] == "asRequirements"
    assert caller.get(f"{base}/teamsettings/teamfieldvalues")["values"][0]["value"] == "P"
    assert caller.get(f"_apis/projects/P/teams/{teams[0]['id']}/members")["count"] == 1
    assert caller.send("GET", "P/Nobody/_apis/work/teamsettings").status_code == 404


@pytest.mark.parametrize(
    ("day", "frame"), [("2025-06-01", "future"), ("2025-06-20", "current"), ("2025-07-01", "past")]
)
def test_time_frames_follow_the_clock(caller: Caller, day: str, frame: str) -> None:
    caller.session.post(f"{HOST}/_sandbox/clock", json={"set": f"{day}T12:00:00+00:00"})

    (sprint,) = caller.get("P/_apis/work/teamsettings/iterations")["value"]

    assert sprint["attributes"]["timeFrame"] == frame


def test_board_columns_show_on_items(service: AdoService, caller: Caller) -> None:
    item = add_item(service, kind="User Story")

    fields = caller.patch(f"_apis/wit/workitems/{item.id}", field("System.State", "Active")).json()["fields"]

    assert (fields["System.BoardColumn"], fields["System.BoardColumnDone"]) == ("Active", False)


def test_people_who_left_are_found_and_marked(service: AdoService, caller: Caller) -> None:
    service.org.people.add("Dana Left", "dana@contoso.example", active=False)

    (found,) = caller.get("_apis/identities?searchFilter=General&filterValue=Dana%20Left")["value"]
    users = caller.get("_apis/graph/users", version="7.1-preview.1")["value"]

    assert (found["providerDisplayName"], found["isActive"]) == ("Dana Left", False)
    assert [u["displayName"] for u in users] == ["Sandbox Migrator"]


def upload(caller: Caller, name: str, body: bytes) -> dict[str, str]:
    answer = caller.send(
        "POST",
        f"P/_apis/wit/attachments?fileName={name}",
        data=body,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


def test_a_file_goes_up_onto_an_item_and_down(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    stored = upload(caller, "a%20b.txt", b"content")
    relation = {"rel": "AttachedFile", "url": stored["url"], "attributes": {"comment": "log"}}

    shown = caller.patch(
        f"_apis/wit/workitems/{item.id}", {"op": "add", "path": "/relations/-", "value": relation}
    ).json()
    got = caller.session.get(shown["relations"][0]["url"] + "?fileName=a.txt&download=true&api-version=7.1")

    attributes = shown["relations"][0]["attributes"]
    assert (attributes["name"], attributes["resourceSize"], attributes["comment"]) == ("a b.txt", 7, "log")
    assert (got.content, got.headers["Content-Type"]) == (b"content", "application/octet-stream")
    assert shown["rev"] == 2


def test_two_files_may_share_a_name(caller: Caller) -> None:
    assert upload(caller, "a.txt", b"1")["id"] != upload(caller, "a.txt", b"1")["id"]


def test_a_file_over_the_limit_is_refused(caller: Caller) -> None:
    answer = caller.send(
        "POST",
        "_apis/wit/attachments?fileName=a",
        data=b"\x00" * (SIZE_LIMIT + 1),
        headers={"Content-Type": "application/octet-stream"},
    )

    assert answer.status_code == 400
    assert "TF237082" in answer.text
    assert "60.000 MB(s)" in answer.text


def test_files_go_up_in_chunks(caller: Caller) -> None:
    made = caller.send("POST", "_apis/wit/attachments?fileName=big.bin&uploadType=chunked", data=b"")
    path = f"_apis/wit/attachments/{made.json()['id']}?uploadType=chunked"

    first = caller.send("PUT", path, data=b"abc", headers={"Content-Range": "bytes 0-2/5"})
    wrong = caller.send("PUT", path, data=b"de", headers={"Content-Range": "bytes 9-10/5"})
    last = caller.send("PUT", path, data=b"de", headers={"Content-Range": "bytes 3-4/5"})

    assert [a.status_code for a in (made, first, wrong, last)] == [202, 200, 400, 201]
    assert caller.session.get(f"{HOST}/contoso/_apis/wit/attachments/{made.json()['id']}").content == b"abcde"


def test_files_nobody_uploaded_have_the_size_they_say_and_stay_the_same(service: AdoService, caller: Caller) -> None:
    stored = service.org.add_file("photo.jpg", size=12_345, seed="s")
    url = f"{HOST}/contoso/_apis/wit/attachments/{stored.id}"

    first, second = (hashlib.sha256(caller.session.get(url).content).hexdigest() for _ in range(2))

    assert first == second
    assert len(caller.session.get(url).content) == 12_345
    assert caller.send("GET", "_apis/wit/attachments/00000000-0000-0000-0000-000000000000").status_code == 404


def test_more_than_a_hundred_files_on_an_item_are_refused(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    stored = service.org.add_file("a.txt", content=b"x")
    for _ in range(100):
        builder_of(service).relation(item, service.org.file_relation(stored, when="2024-03-01T10:00:00Z"))
    relation = {"rel": "AttachedFile", "url": f"{HOST}/contoso/_apis/wit/attachments/{stored.id}"}

    answer = caller.patch(f"_apis/wit/workitems/{item.id}", {"op": "add", "path": "/relations/-", "value": relation})

    assert answer.status_code == 400


def test_tags_of_a_project_are_listed_once(service: AdoService, caller: Caller) -> None:
    add_item(service, **{"System.Tags": "b; A"})
    add_item(service, **{"System.Tags": "a"})

    assert [t["name"] for t in caller.get("P/_apis/wit/tags", version="7.1-preview.1")["value"]] == ["A", "b"]
