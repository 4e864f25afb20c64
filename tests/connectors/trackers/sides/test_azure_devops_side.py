"""An Azure DevOps project as a side, on the stand-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.clients.azure_devops.client import AzureDevOpsClient
from connectors.clients.calls import Call
from connectors.clients.limits import AZURE_DEVOPS_LIMITS
from connectors.clients.transport import Surroundings, Transport
from connectors.domain.errors import Refused, Unclear
from connectors.domain.sides import (
    ASSIGNEE,
    LABELS,
    PRIORITY,
    STATE,
    TEXT,
    TITLE,
    SideDraft,
    SideLink,
    ValueKind,
)
from connectors.domain.work_items import Person
from connectors.trackers.sides.azure_devops import AzureDevOpsSide
from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.field_table import FieldDef
from sandbox.ado.model import Process
from sandbox.ado.organization import Organization
from sandbox.ado.processes import PROCESSES
from sandbox.ado.service import AdoService
from sandbox.clock import Clock
from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.inprocess import InProcessAdapter
from tests.connectors.trackers.azure_stand_in import ADDRESS, START, TOKEN, SharedClock
from tests.connectors.trackers.sides.contract import COMMENT, CREATE, LONG, Content, SideContract, World, keys_of

CUSTOM = (
    FieldDef("Custom.Ring", "Ring", "string", allowed=("Inner", "Outer")),
    FieldDef("Custom.Crossings", "Crossings", "integer"),
    FieldDef("Custom.Checked", "Checked", "boolean"),
    FieldDef("Custom.Officer", "Officer", "string", identity=True),
    FieldDef("Custom.Note", "Note", "html"),
)
_ROUTES = {CREATE: ("workitems/${type}$", "POST"), COMMENT: ("comments$", "POST")}


def make_organization() -> Organization:
    org = Organization()
    for definition in CUSTOM:
        org.fields.add(definition)
    agile = PROCESSES["Agile"]
    types = dict(agile.types)
    names = tuple(definition.reference for definition in CUSTOM)
    types["User Story"] = replace(types["User Story"], fields=(*types["User Story"].fields, *names))
    gates = {"New": ("Active",), "Active": ("Resolved", "New"), "Resolved": ("Closed", "Active"), "Closed": ()}
    types["Feature"] = replace(types["Feature"], transitions=gates)
    builder = ProjectBuilder(org, "Made", Process("custom", "Made", "", types, "Agile"))
    builder.area("Made\\Harbour")
    builder.iteration("Made\\Sprint 1", start="2026-06-01T00:00:00Z", finish="2026-06-12T00:00:00Z")
    org.people.add("Ingrid Solberg", "ingrid.solberg@saltwind.example")
    org.people.add("Per Ås", "per.aas@saltwind.example")
    org.people.add("Olivia Hart", "olivia.hart@saltwind.example", active=False)
    org.seal()
    return org


def side_on(service: AdoService, *, before_send: Callable[[Call], None] | None = None) -> AzureDevOpsSide:
    clock = SharedClock(service.clock)
    around = Surroundings(clock=clock, limits=AZURE_DEVOPS_LIMITS, jitter=lambda: 0.0, before_send=before_send)
    adapter = InProcessAdapter(service, base_url=ADDRESS)
    transport = Transport(f"{ADDRESS}/contoso", surroundings=around, adapter=adapter)
    return AzureDevOpsSide(AzureDevOpsClient(transport, TOKEN), "Made")


@pytest.fixture
def service() -> AdoService:
    return AdoService(make_organization, clock=Clock(START))


@pytest.fixture
def world(service: AdoService) -> World:
    return world_on(service)


def world_on(service: AdoService, *, before_send: Callable[[Call], None] | None = None) -> World:
    side = side_on(service, before_send=before_send)
    ingrid = service.org.people.find("ingrid.solberg@saltwind.example")
    assert ingrid is not None

    def lose(kind: str) -> None:
        route, method = _ROUTES[kind]
        service.faults = FaultPlan([FaultRule(FaultKind.LOST, route=route, method=method, times=1)])

    def delete(key: str) -> None:
        org = service.org
        org.delete_item(org.items[int(key)], by=org.owner, when=stamp(service))

    return World(
        side=side,
        type="User Story",
        state="Active",
        query="[System.Tags] CONTAINS 'kept'",
        bad_query="[System.Nonsense] = 'x'",
        now=service.clock.now,
        pause=service.clock.advance,
        requests=lambda: len(service.log.as_json(after=0)),
        lose_answer=lose,
        delete=delete,
        person=Person(ingrid.id, ingrid.name, ingrid.unique_name),
        parent_type="Feature",
    )


def stamp(service: AdoService) -> str:
    return service.clock.today().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def calls(service: AdoService, do: Callable[[], Any]) -> list[str]:
    """What a deed asks of the service."""
    before = len(service.log.as_json(after=0))
    do()
    return [f"{entry['method']} {entry['route']}" for entry in service.log.as_json(after=before)]


def change(service: AdoService, key: str, *, text: str | None = None, **fields: Any) -> None:
    """Somebody edits an item in the browser."""
    org = service.org
    item, per = org.items[int(key)], org.people.find("per.aas@saltwind.example")
    assert per is not None
    names = {"title": "System.Title", "tags": "System.Tags", "description": "System.Description"}
    org.record(
        item, {**item.fields, **{names[name]: value for name, value in fields.items()}}, by=per, when=stamp(service)
    )


class TestContract(SideContract):
    """Azure DevOps keeps what every side promises."""


def test_every_kind_of_value_comes_back_as_it_was_written(world: World) -> None:
    ingrid = world.person.id
    values: dict[str, Any] = {
        TITLE: "Ünïcode & <b>",
        TEXT: {"markup": "html", "text": "<div>One <b>two</b></div>"},
        ASSIGNEE: ingrid,
        PRIORITY: "1",
        LABELS: ["Alpha", "beta two"],
        "Custom.Ring": "Outer",
        "Custom.Crossings": 12,
        "Custom.Checked": True,
        "Custom.Officer": ingrid,
        "Custom.Note": {"markup": "html", "text": "<p>note</p>"},
        "Microsoft.VSTS.Scheduling.StoryPoints": 2.5,
        "Microsoft.VSTS.Scheduling.TargetDate": "2026-12-24T10:30:00Z",
        "System.AreaPath": "Made\\Harbour",
        "System.IterationPath": "Made\\Sprint 1",
    }
    key = world.create()

    world.side.write(key, values)
    after = world.item(key).values

    assert {name: after[name] for name in values} == values
    cleared: dict[str, Any] = {
        name: [] if name == LABELS else None for name in values if name not in (TITLE, PRIORITY) and "Path" not in name
    }
    world.side.write(key, cleared)
    empty = world.item(key).values
    assert {name: empty[name] for name in cleared} == cleared


def test_the_shape_tells_kinds_and_options(world: World) -> None:
    shape = world.side.describe()

    kinds = {each.id: each.kind for each in shape.fields}
    ring, area, priority = shape.field("Custom.Ring"), shape.field("System.AreaPath"), shape.field(PRIORITY)
    assert kinds["Custom.Checked"] is ValueKind.FLAG
    assert kinds["Custom.Officer"] is kinds[ASSIGNEE] is ValueKind.PERSON
    assert kinds["Custom.Note"] is kinds[TEXT] is ValueKind.RICH
    assert kinds["Microsoft.VSTS.Scheduling.TargetDate"] is ValueKind.MOMENT
    assert ring is not None and (ring.kind, ring.options) == (ValueKind.CHOICE, ("Inner", "Outer"))
    assert area is not None and area.options == ("Made", "Made\\Harbour")
    assert priority is not None and priority.options == ("1", "2", "3", "4")
    assert shape.link_types == tuple(dict.fromkeys(shape.link_types))
    assert "System.LinkTypes.Dependency" in shape.link_types
    assert not any("Hierarchy" in each or "Remote" in each for each in shape.link_types)
    title = shape.field(TITLE)
    assert title is not None and title.required
    assert not any(each.id in ("System.Rev", "System.History", "System.Parent") for each in shape.fields)


def test_all_fields_are_written_in_one_request(world: World, service: AdoService) -> None:
    key = world.create()
    text = world.text("Words")
    world.item(key)

    asked = calls(service, lambda: world.side.write(key, {TITLE: "B", LABELS: ["x"], TEXT: text}))

    assert asked == ["PATCH /{org}/{project}/_apis/wit/workitems/{id}"]


def test_a_markdown_field_stays_markdown(world: World, service: AdoService) -> None:
    draft = SideDraft("md", world.type, {TITLE: "Md", TEXT: {"markup": "markdown", "text": "**bold**"}})
    key = world.side.create(draft)
    assert world.item(key).values[TEXT] == {"markup": "markdown", "text": "**bold**"}

    side_on(service).write(key, {TEXT: {"markup": "html", "text": "<p>now <b>this</b></p>"}})

    assert world.item(key).values[TEXT] == {"markup": "markdown", "text": "now **this**"}


def test_an_html_field_is_not_turned_into_markdown(world: World) -> None:
    key = world.create("Html", {TEXT: world.text("Words")})

    world.side.write(key, {TEXT: {"markup": "markdown", "text": "now **this**"}})

    assert world.item(key).values[TEXT] == {"markup": "html", "text": "<p>now <strong>this</strong></p>"}


def test_an_older_text_is_cleared_and_labels_are_replaced_not_joined(world: World) -> None:
    key = world.create("T", {LABELS: ["one", "two"]})

    world.side.write(key, {LABELS: ["three"]})

    assert world.item(key).values[LABELS] == ["three"]


def test_a_refused_value_names_its_field(world: World) -> None:
    key = world.create()

    with pytest.raises(Refused) as caught:
        world.side.write(key, {PRIORITY: "9"})
    with pytest.raises(Refused) as unknown:
        world.side.write(key, {"Custom.Nothing": "x"})
    with pytest.raises(Refused) as stranger:
        world.side.write(key, {ASSIGNEE: "00000000-0000-0000-0000-00000000abcd"})

    assert "Microsoft.VSTS.Common.Priority" in caught.value.fields
    assert unknown.value.code == "FIELD_UNKNOWN"
    assert stranger.value.code == "PERSON_UNKNOWN"


def test_states_are_reached_through_those_in_between(world: World) -> None:
    key = world.side.create(SideDraft("f", "Feature", {TITLE: "Gated"}))

    world.side.move(key, "Closed")

    assert world.item(key).values[STATE] == "Closed"
    with pytest.raises(Refused) as caught:
        world.side.move(key, "New")
    assert caught.value.code == "STATE_UNREACHABLE"


@pytest.mark.parametrize("hidden", [0, 30_000], ids=["seen at once", "late in queries"])
def test_a_lost_create_is_found_although_queries_do_not_know_it(world: World, service: AdoService, hidden: int) -> None:
    world.create("Earlier")
    world.pause(LONG)
    since = world.moment()
    service.faults = FaultPlan([FaultRule(FaultKind.HIDDEN, route="${type}$", method="POST", hidden_ms=hidden)])

    key = world.create("Late", mark="m/late & odd")

    assert world.side.find_mark("m/late & odd", since=since) == key


def test_changes_that_queries_know_late_are_not_lost(world: World, service: AdoService) -> None:
    late, early = world.create("Late"), world.create("Early")
    world.pause(LONG)
    _, cursor = world.follow(world.side.start_cursor(world.moment()))
    service.faults = FaultPlan([FaultRule(FaultKind.HIDDEN, route="workitems/{id}$", hidden_ms=30_000, times=1)])
    world.side.write(late, {TITLE: "Changed first"})
    world.pause(10)
    world.side.write(early, {TITLE: "Changed second"})

    first, cursor = world.follow(cursor)
    world.pause(25)
    second, cursor = world.follow(cursor)

    assert keys_of(first) == {early}
    assert keys_of(second) == {late}


def test_an_idle_poll_is_one_request_even_right_after_a_change(world: World, service: AdoService) -> None:
    cursor = world.side.start_cursor(world.moment())
    world.create("One")
    world.create("Two")
    seen, cursor = world.follow(cursor)
    assert len(seen) == 2

    asked = calls(service, lambda: world.follow(cursor))

    assert asked == ["POST /{org}/{project}/_apis/wit/wiql"]
    assert world.follow(cursor)[0] == []


def test_many_changes_come_in_pages_each_once_and_in_order(world: World, service: AdoService) -> None:
    cursor = world.side.start_cursor(world.moment())
    builder = service.org
    made = [world.create(f"Item {number}") for number in range(3)]
    for number in range(600):
        world.pause(0.05)
        change(service, made[number % 3], title=f"Edit {number}")
    bulk = []
    for number in range(450):
        item = builder.new_item(builder.projects["Made"])
        fields = {**builder.items[int(made[0])].fields, "System.Title": f"Bulk {number}"}
        builder.record(item, fields, by=builder.owner, when=stamp(service))
        bulk.append(str(item.id))
        world.pause(0.01)

    seen, cursor = world.follow(cursor)

    assert [each.key for each in seen] == [*made, *bulk]
    assert [each.at for each in seen] == sorted(each.at for each in seen)
    again, cursor = world.follow(cursor)
    assert again == []


def test_another_change_right_after_is_seen(world: World, service: AdoService) -> None:
    cursor = world.side.start_cursor(world.moment())
    key = world.create()
    _, cursor = world.follow(cursor)
    change(service, key, title="Again, in the same second")

    seen, _ = world.follow(cursor)

    assert [(each.key, each.version) for each in seen] == [(key, world.item(key).version)]


def test_what_may_not_be_read_does_not_stop_the_reading(world: World, service: AdoService) -> None:
    cursor = world.side.start_cursor(world.moment())
    hidden, shown = world.create("Hidden"), world.create("Shown")
    service.org.items[int(hidden)].unreadable = True

    seen, cursor = world.follow(cursor)
    asked = calls(service, lambda: world.follow(cursor))

    assert keys_of(seen) == {shown}
    assert len(asked) == 1


def test_link_edits_are_quiet_changes_of_both_ends(world: World) -> None:
    one, other, outside = (
        world.create("One", {LABELS: ["kept"]}),
        world.create("Other", {LABELS: ["kept"]}),
        world.create(),
    )
    world.pause(LONG)
    _, loud = world.follow(world.side.start_cursor(world.moment()))
    _, quiet = world.follow(world.side.start_cursor(world.moment()), world.query, quiet=True)
    before = world.item(one).version

    world.side.link(one, SideLink("System.LinkTypes.Related", other))
    world.side.link(one, SideLink("System.LinkTypes.Related", outside))

    assert world.item(one).version == before
    assert world.follow(loud)[0] == []
    seen, quiet = world.follow(quiet, world.query, quiet=True)
    assert keys_of(seen) == {one, other}
    world.side.unlink(one, SideLink("System.LinkTypes.Related", other))
    again, quiet = world.follow(quiet, world.query, quiet=True)
    assert keys_of(again) == {one, other}
    assert not {each.version for each in seen} & {each.version for each in again}
    assert world.follow(quiet, world.query, quiet=True)[0] == []


def test_comment_edits_move_the_item(world: World) -> None:
    key = world.create()
    comment = world.side.add_comment(key, world.text("One"), mark="c")
    world.pause(LONG)
    _, cursor = world.follow(world.side.start_cursor(world.moment()))

    world.side.edit_comment(key, comment, world.text("Two"))
    edited, cursor = world.follow(cursor)
    world.side.delete_comment(key, comment)
    deleted, _ = world.follow(cursor)

    assert keys_of(edited) == keys_of(deleted) == {key}


def test_comments_keep_markup_and_mark(world: World) -> None:
    key = world.create()
    html = world.side.add_comment(key, {"markup": "html", "text": "<p>a</p>"}, mark="h/1 é")
    markdown = world.side.add_comment(key, {"markup": "markdown", "text": "*a*"}, mark="m(1)")

    world.side.edit_comment(key, html, {"markup": "html", "text": "<p>b</p>"})
    world.side.edit_comment(key, markdown, {"markup": "html", "text": "<p>now <i>b</i></p>"})
    found = {each.id: (each.text, each.mark) for each in world.side.comments(key)}

    assert found[html] == ({"markup": "html", "text": "<p>b</p>"}, "h/1 é")
    assert found[markdown] == ({"markup": "markdown", "text": "now *b*"}, "m(1)")


def test_a_removed_relation_is_the_right_one_when_the_list_changes_meanwhile(
    world: World, service: AdoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = world.create("Hub")
    others = [world.create(f"Other {number}") for number in range(4)]
    for other in others:
        world.side.link(hub, SideLink("System.LinkTypes.Related", other))
    side = world.side
    assert isinstance(side, AzureDevOpsSide)
    read = side.raw_item
    meddled: list[str] = []

    def raw_item(key: str) -> Any:
        """Somebody else links the item between our reading and our patch, which moves no revision."""
        raw = read(key)
        if not meddled:
            meddled.append(key)
            relations = service.org.items[int(key)].relations
            relations.append(relations.pop(0))
        return raw

    monkeypatch.setattr(side, "raw_item", raw_item)
    side.unlink(hub, SideLink("System.LinkTypes.Related", others[1]))

    left = {link.other for link in world.item(hub).links}
    assert left == set(others) - {others[1]}


def test_a_changed_revision_makes_a_removal_begin_again(
    world: World, service: AdoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = world.create("One"), world.create("Other")
    world.side.link(one, SideLink("System.LinkTypes.Related", other))
    side = world.side
    assert isinstance(side, AzureDevOpsSide)
    read, meddled = side.raw_item, []

    def raw_item(key: str) -> Any:
        raw = read(key)
        if not meddled:
            meddled.append(key)
            change(service, key, title="Edited meanwhile")
        return raw

    monkeypatch.setattr(side, "raw_item", raw_item)
    side.unlink(one, SideLink("System.LinkTypes.Related", other))

    assert world.item(one).links == ()
    assert world.item(one).values[TITLE] == "Edited meanwhile"


def test_another_parent_replaces_the_first(world: World) -> None:
    first = world.side.create(SideDraft("p1", "Feature", {TITLE: "First"}))
    second = world.side.create(SideDraft("p2", "Feature", {TITLE: "Second"}))
    key = world.side.create(SideDraft("c", world.type, {TITLE: "Child"}, parent=first))

    world.side.set_parent(key, second)

    assert world.item(key).parent == second


def test_blocking_has_the_end_that_other_systems_call_first(world: World, service: AdoService) -> None:
    blocker, blocked = world.create("Blocker"), world.create("Blocked")

    world.side.link(blocker, SideLink("System.LinkTypes.Dependency", blocked, outward=True))
    world.side.link(blocker, SideLink("System.LinkTypes.Duplicate", blocked, outward=True))

    kinds = {relation.rel for relation in service.org.items[int(blocker)].relations if relation.target}
    assert kinds == {"System.LinkTypes.Dependency-Forward", "System.LinkTypes.Duplicate-Reverse"}


def test_large_files_go_in_pieces(world: World, service: AdoService) -> None:
    side = world.side
    assert isinstance(side, AzureDevOpsSide)
    data = bytes(range(256)) * 40

    address = side.client.upload_file("Made", "big.bin", Content(data), chunk_from=1000, piece=4096)

    guid = address.partition("?")[0].rpartition("/")[2]
    assert service.org.attachments[guid].content == data


def test_a_file_over_the_limit_is_refused_before_it_is_sent(world: World) -> None:
    key = world.create()
    content = Content(b"abc")
    content.size = 61 * 1024 * 1024

    with pytest.raises(Refused) as caught:
        world.side.add_file(key, "big.bin", content)

    assert caught.value.code == "ATTACHMENT_TOO_LARGE"


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.ERROR_500, FaultKind.THROTTLED_429, FaultKind.HALF])
def test_writes_that_may_be_repeated_survive_faults(world: World, service: AdoService, kind: FaultKind) -> None:
    one, other = world.create("One"), world.create("Other")

    for deed in (
        lambda: world.side.write(one, {TITLE: "Written"}),
        lambda: world.side.link(one, SideLink("System.LinkTypes.Related", other)),
        lambda: world.side.move(one, "Active"),
        lambda: world.side.unlink(one, SideLink("System.LinkTypes.Related", other)),
    ):
        service.faults = FaultPlan([FaultRule(kind, method="PATCH", times=1)])
        deed()

    item = world.item(one)
    assert (item.values[TITLE], item.values[STATE], item.links) == ("Written", "Active", ())
    assert item.mark == "mark of One"


def test_a_file_without_an_answer_is_not_added_twice(world: World, service: AdoService) -> None:
    key = world.create()
    service.faults = FaultPlan([FaultRule(FaultKind.LOST, method="PATCH", times=1)])

    with pytest.raises(Unclear):
        world.side.add_file(key, "a.txt", Content(b"abc"))

    assert [(file.name, file.size) for file in world.item(key).files] == [("a.txt", 3)]
    assert sum(relation.rel == "AttachedFile" for relation in service.org.items[int(key)].relations) == 1


@pytest.mark.parametrize(
    "query",
    [
        "[System.Id] > 0) OR ([System.Id] > 0",
        "[System.Id] > 0 ORDER BY [System.Id]",
        "[System.Title] = 'open",
        "[System.Id] > 0 ASOF '2020-01-01'",
        "((",
    ],
)
def test_a_filter_cannot_leave_its_brackets(world: World, query: str) -> None:
    for ask in (
        lambda: world.side.check_query(query),
        lambda: world.side.within(query, ["1"]),
        lambda: world.side.changes(query, world.side.start_cursor(world.moment())),
    ):
        with pytest.raises(Refused) as caught:
            ask()
        assert caught.value.code == "QUERY_REFUSED"


def test_filters_are_joined_as_conditions(world: World) -> None:
    kept = world.create("Kept (it's)", {LABELS: ["kept"]})
    world.create("Other", {LABELS: ["kept"]})

    query = f"({world.query}) AND ([System.Title] = 'Kept (it''s)')"

    assert [key for page in world.side.select(query) for key in page] == [kept]


def test_files_in_texts_are_shown_by_the_address_that_files_are_told_by(world: World, service: AdoService) -> None:
    key = world.create()
    made = world.side.add_file(key, "deck plan (v3).png", Content(b"abc"))
    guid = made.id.upper()
    text = (
        f'<img src="https://dev.azure.com/contoso/8c1f/_apis/wit/attachments/{guid}?fileName=a.png">'
        f'<img src="https://contoso.visualstudio.com/_apis/wit/attachments/{guid}?fileName=a.png">'
        f'<img src="https://elsewhere.example/_apis/wit/attachments/{guid}?fileName=a.png">'
    )
    world.side.write(key, {TEXT: {"markup": "html", "text": text}})

    shown = world.item(key).values[TEXT]

    (file,) = world.item(key).files
    bare = file.reference.partition("?")[0]
    assert file.reference == made.reference
    assert isinstance(shown, dict)
    assert shown["text"].count(f'src="{bare}?fileName=a.png"') == 2
    assert shown["text"].count("elsewhere.example") == 1


def test_people_who_left_are_not_found(world: World, service: AdoService) -> None:
    gone = Person("x", "Olivia Hart", "olivia.hart@saltwind.example")
    named = Person("y", "per  ås", "")

    found = world.side.find_people([gone, named])

    per = service.org.people.find("per.aas@saltwind.example")
    assert per is not None
    assert {theirs: ours.id for theirs, ours in found.items()} == {"y": per.id}
