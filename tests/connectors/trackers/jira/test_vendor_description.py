"""Everything the tracker sends is something the vendor's own description knows: operation, parameters, body."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jsonschema_rs

from connectors.clients.calls import Call
from connectors.domain.ports import ItemChanges
from connectors.domain.shapes import FieldKind, FieldWish
from connectors.domain.work_items import Person
from tests.connectors.trackers.jira.stand_in import Bytes, Stage, document, stage
from tests.shared import shared_path

NOT_IN_THE_DOCUMENTS = {"GET /_edge/tenant_info"}


@cache
def descriptions() -> tuple[dict[str, Any], ...]:
    names = ("platform-v3.json", "software-agile.json")
    return tuple(json.loads(shared_path(f"specs/jira-cloud/{name}").read_text()) for name in names)


def operation(call: Call) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The operation of a call and the document it is in."""
    wanted = re.sub(r"\{[^}]*\}", "{}", call.route)
    for described in descriptions():
        for path, methods in described["paths"].items():
            if re.sub(r"\{[^}]*\}", "{}", path) == wanted and call.method.lower() in methods:
                return methods[call.method.lower()], described
    return None


def faults(call: Call) -> list[str]:
    """What the vendor's description says against a call."""
    name = f"{call.method} {call.route}"
    if name in NOT_IN_THE_DOCUMENTS:
        return []
    found = operation(call)
    if found is None:
        return [f"{name} is no operation"]
    described, whole = found
    known = {parameter["name"] for parameter in described.get("parameters", ()) if parameter.get("in") == "query"}
    wrong = [f"{name} has no parameter {parameter}" for parameter, _ in call.query if parameter not in known]
    content = described.get("requestBody", {}).get("content", {}).get("application/json")
    if call.body is None or content is None:
        return wrong
    validator = jsonschema_rs.Draft7Validator({**content["schema"], "components": whole["components"]})
    problems = validator.iter_errors(json.loads(call.body))
    return wrong + [f"{name}: {error.message} at {error.instance_path}" for error in problems]


def tour(here: Stage) -> None:
    """Every verb once."""
    tracker = here.tracker
    tracker.probe()
    me = here.shape.me
    assert me is not None
    component = tracker.add_component("Engine")
    tracker.add_component("Engine")
    for _ in range(2):
        day = datetime(2026, 1, 5, tzinfo=UTC)
        tracker.add_version("1.0", start=day, finish=day, released=True)
    for kind in FieldKind:
        types = [each.id for each in here.shape.types]
        tracker.add_field(FieldWish(f"Made {kind}", kind, ("A", "B")), type_ids=types)
    monday, friday = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)
    sprint = tracker.add_sprint("S 1", start=monday, finish=friday)
    workflow = here.type("Story").workflow
    doing, done = (step for step in workflow.transitions if step.name in ("In Progress", "Done"))
    (epic,) = here.create(here.draft(1, "Epic"))
    draft = here.draft(
        2,
        body=document("Text"),
        parent_id=epic.id,
        transition=doing.id,
        labels=("a",),
        components=(component,),
        sprint_id=sprint.id,
        priority_id=here.shape.priorities[0].id,
        assignee_id=me.id,
        reporter_id=me.id,
    )
    one, two = here.create(draft, here.draft(3))
    tracker.highest_number()
    tracker.read_marks(1, 100)
    tracker.edit_item(one.id, ItemChanges(title="T", body=document("B"), labels=("b",), fields={"parent": None}))
    comment = tracker.add_comment(one.id, document("C"), source_id="c1")
    tracker.edit_comment(one.id, comment, document("D"))
    tracker.comment_marks(one.id, frozenset())
    file = tracker.upload_file(one.id, "a.txt", Bytes(b"abc"))
    tracker.media_id(file.id)
    tracker.files(one.id)
    with tracker.open_target_file(file.id) as content:
        list(content)
    tracker.link_items("Blocks", one.key, two.key)
    tracker.add_remote_link(one.id, mark="m", url="https://x.example/1", title="T", relation="mentions")
    tracker.add_to_sprint(sprint.id, [two.key])
    for state in ("active", "closed", "closed"):
        tracker.set_sprint_state(sprint, state)
    tracker.transitions(two.id)
    tracker.transition(two.id, done.id, resolution=here.shape.resolutions[0].id)
    tracker.transition_many([(two.id, doing.id)])
    tracker.statuses([one.key])
    tracker.read_items([one.key, two.key])
    tracker.find_people([Person("1", "Nobody", "nobody@x.example"), Person("2", "Nobody")])
    tracker.may_assign(Person("nobody", "Nobody"))
    tracker.delete_item(two.id)


def recorded(calls: list[Call]) -> Stage:
    """A stage that takes down every call on its way out."""
    return stage(before_send=calls.append)


def test_every_request_is_as_the_vendor_describes_it() -> None:
    calls: list[Call] = []

    tour(recorded(calls))

    assert [fault for call in calls for fault in faults(call)] == []
    assert len({(call.method, call.route) for call in calls}) >= 40


def test_the_check_itself_finds_a_wrong_call() -> None:
    body = json.dumps({"bulkTransitionInputs": "all"}).encode()
    wrong = Call("POST", "", "/rest/api/3/bulk/issues/transition", query=(("quiet", "true"),), body=body)

    assert len(faults(wrong)) >= 2
    assert faults(Call("GET", "", "/rest/api/3/nothing")) == ["GET /rest/api/3/nothing is no operation"]


def test_every_write_says_what_repeating_it_would_do() -> None:
    calls: list[Call] = []

    tour(recorded(calls))

    repeated = {f"{call.method} {call.route}" for call in calls if call.effect != "create" and call.method != "GET"}
    assert repeated == {
        "DELETE /rest/api/3/issue/{issue}",
        "POST /rest/agile/1.0/sprint/{sprint}",
        "POST /rest/agile/1.0/sprint/{sprint}/issue",
        "POST /rest/api/3/comment/list",
        "POST /rest/api/3/issue/bulkfetch",
        "POST /rest/api/3/issue/{issue}/remotelink",
        "POST /rest/api/3/issueLink",
        "POST /rest/api/3/search/approximate-count",
        "POST /rest/api/3/search/jql",
        "POST /rest/api/3/workflows",
        "PUT /rest/api/3/issue/{issue}",
        "PUT /rest/api/3/issue/{issue}/comment/{comment}",
    }
