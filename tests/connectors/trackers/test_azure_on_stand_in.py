"""The Azure DevOps tracker against the stand-in: every real project, every fault, every reason to refuse."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.clients.azure_devops.answers import BAD_TOKEN, NO_WORK_ITEM_READ, Code
from connectors.clients.transport import Exchange
from connectors.domain.errors import AccessLost, Missing, NotSent, PlatformError, Refused, Throttled
from connectors.domain.ports import ItemFilter
from connectors.domain.shapes import StateCategory
from connectors.domain.work_items import DESCRIPTION, LinkKind, Markup
from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.model import Fields
from sandbox.faults import FaultKind
from tests.connectors.trackers.azure_stand_in import (
    SharedClock,
    break_next,
    break_often,
    loaded,
    made,
    served,
    tracker_on,
)
from tests.shared import SHARED, shared_path

PROJECTS = sorted(path.name for path in (SHARED / "data/ado").glob("*.json")) or ["gen-partsunlimited.json"]
PARTS = "gen-partsunlimited.json"


def export_of(name: str) -> tuple[Path, dict[str, Any]]:
    path = shared_path(f"data/ado/{name}")
    return path, json.loads(path.read_text(encoding="utf-8"))


def all_ids(tracker: Any, selection: ItemFilter | None = None) -> list[str]:
    return [each for page in tracker.list_ids(selection or ItemFilter()) for each in page]


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("decorate", [False, True], ids=["plain", "decorated"])
def test_every_real_project_is_read_whole(name: str, decorate: bool) -> None:
    path, export = export_of(name)
    tracker = tracker_on(loaded(path, decorate=decorate), export["project"]["name"])

    shape = tracker.describe()
    items = {item.id: item for item in tracker.read_items(all_ids(tracker))}

    assert {int(item) for item in items} == {raw["id"] for raw in export["workItems"]}
    assert Counter(item.type for item in items.values()) == Counter(
        raw["fields"]["System.WorkItemType"] for raw in export["workItems"]
    )
    assert {item.type for item in items.values()} <= {kind.name for kind in shape.types}
    assert {item.area for item in items.values()} <= set(shape.areas)
    assert {item.iteration for item in items.values()} <= {iteration.path for iteration in shape.iterations}
    assert set().union(*(item.fields for item in items.values())) <= {field.reference for field in shape.fields}
    for raw in export["workItems"]:
        _compare(items[str(raw["id"])], raw["fields"], decorated=decorate)


def _compare(item: Any, fields: Mapping[str, Any], *, decorated: bool) -> None:
    assert (item.title, item.state) == (fields["System.Title"], fields["System.State"])
    description = str(fields.get("System.Description", ""))
    if description.strip() and not decorated:
        assert item.texts[DESCRIPTION].value == description
    assert [link.target for link in item.links if link.kind is LinkKind.PARENT] == (
        [item.parent] if item.parent else []
    )


def test_comments_counts_and_files_agree_with_what_is_there() -> None:
    path, export = export_of(PARTS)
    service = loaded(path, decorate=True)
    tracker = tracker_on(service, export["project"]["name"])
    items = tracker.read_items(all_ids(tracker))
    commented = [item for item in items if item.comment_count]
    files = [(item, file) for item in items for file in item.attachments]

    assert len(commented) > 20
    for item in commented:
        comments = tracker.read_comments(item.id)
        assert len(comments) == item.comment_count
        assert [c.created for c in comments] == sorted(c.created for c in comments if c.created)
        assert all(comment.author for comment in comments)
    assert {Markup.HTML, Markup.MARKDOWN} == {
        c.text.markup for item in commented for c in tracker.read_comments(item.id)
    }
    assert len(files) > 20
    for _, file in files[:20]:
        with tracker.open_file(file.url, file.name) as content:
            size = content.size
            received = sum(len(chunk) for chunk in content)
        assert received == size
        assert file.size in (None, received)


def test_images_inside_texts_are_files_of_the_source() -> None:
    path, export = export_of(PARTS)
    tracker = tracker_on(loaded(path, decorate=True), export["project"]["name"])
    texts = [text.value for item in tracker.read_items(all_ids(tracker)) for text in item.texts.values()]
    sources = [part.split('"')[0] for text in texts for part in text.split('src="')[1:]]
    own = [file for file in map(tracker.file_of, sources) if file is not None]

    assert own
    with tracker.open_file(own[0].url, own[0].name) as content:
        assert b"".join(content).startswith(b"\x89PNG")
    assert tracker.file_of("https://example.com/logo.png") is None
    assert tracker.file_of(own[0].url.replace("http://ado.test", "https://elsewhere.example")) is None
    assert (
        tracker.file_of(own[0].url.replace("http://ado.test/contoso", "https://oldname.visualstudio.com")) is not None
    )


def test_an_address_that_is_no_file_is_not_opened() -> None:
    tracker = tracker_on(made(_one_task), "Made")

    with pytest.raises(Refused) as caught, tracker.open_file("https://example.com/logo.png", "logo.png"):
        pytest.fail("it was opened")

    assert caught.value.code == "FILE_FOREIGN"


def test_the_shape_of_a_scrum_project() -> None:
    path, export = export_of(PARTS)
    shape = tracker_on(loaded(path, decorate=True), export["project"]["name"]).describe()

    types = {kind.name: kind for kind in shape.types}
    assert (shape.organization, shape.project, shape.process) == ("contoso", "PartsUnlimited", "Scrum")
    assert {name: kind.level for name, kind in types.items() if kind.level is not None} == {
        "Epic": 2,
        "Feature": 1,
        "Product Backlog Item": 0,
        "Bug": 0,
        "Task": -1,
    }
    assert {state.name: state.category for state in types["Product Backlog Item"].states} == {
        "New": StateCategory.PROPOSED,
        "Approved": StateCategory.PROPOSED,
        "Committed": StateCategory.IN_PROGRESS,
        "Done": StateCategory.COMPLETED,
        "Removed": StateCategory.REMOVED,
    }
    assert any(iteration.start and iteration.finish for iteration in shape.iterations)


# -- selections ---------------------------------------------------------------------------------------------


def _one_task(builder: ProjectBuilder) -> None:
    _tasks(builder, 1)


def _tasks(builder: ProjectBuilder, count: int, **fields: str) -> None:
    person = builder.org.people.add("Ann", "ann@contoso.example")
    for _ in range(count):
        task: Fields = {"System.WorkItemType": "Task", "System.Title": "t", "System.State": "To Do", **fields}
        builder.item(task, created="2023-01-02T00:00:00Z", by=person)


def test_more_than_the_ceiling_of_a_query_is_listed_whole() -> None:
    tracker = tracker_on(made(lambda builder: _tasks(builder, 20_050)), "Made")

    ids = all_ids(tracker)

    assert len(ids) == len(set(ids)) == 20_050
    assert ids == sorted(ids, key=int)
    assert tracker.probe().item_count == 20_050


def _mixed(builder: ProjectBuilder) -> None:
    person = builder.org.people.add("Ann", "ann@contoso.example")
    for area in ("Made\\Web\\Shop", "Made\\Web", "Made\\O'Neil", "Made"):
        builder.area(area)
        for kind, changed in (("Task", "2023-02-01T10:00:00Z"), ("Bug", "2023-02-01T12:00:00.5Z")):
            fields: Fields = {"System.WorkItemType": kind, "System.Title": f"{kind} {area}", "System.AreaPath": area}
            fields["System.State"] = "To Do" if kind == "Task" else "New"
            builder.item(fields, created="2023-01-02T00:00:00Z", changed=changed, revisions=2, by=person)


@pytest.mark.parametrize(
    ("selection", "titles"),
    [
        (ItemFilter(), 8),
        (ItemFilter(area="Made\\Web"), 4),
        (ItemFilter(area="Made\\Web\\Shop"), 2),
        (ItemFilter(area="Made\\O'Neil"), 2),
        (ItemFilter(types=("Bug",)), 4),
        (ItemFilter(types=("Bug", "Task"), area="Made\\Web"), 4),
        (ItemFilter(changed_since=datetime(2023, 2, 1, 11, tzinfo=UTC)), 4),
        (ItemFilter(changed_since=datetime(2023, 2, 2, tzinfo=UTC)), 0),
        (ItemFilter(area="Made\\Web", types=("Bug",), changed_since=datetime(2023, 2, 1, 12, tzinfo=UTC)), 2),
    ],
)
def test_selections(selection: ItemFilter, titles: int) -> None:
    tracker = tracker_on(made(_mixed), "Made")

    assert len(all_ids(tracker, selection)) == titles


def test_an_area_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused):
        all_ids(tracker_on(made(_mixed), "Made"), ItemFilter(area="Made\\Nowhere"))


def test_items_come_in_the_order_asked_without_those_that_are_hidden_or_unknown() -> None:
    service = made(lambda builder: _tasks(builder, 450))
    seen: list[Exchange] = []
    tracker = tracker_on(service, "Made", seen=seen)
    ids = all_ids(tracker)
    service.org.items[int(ids[3])].unreadable = True
    wanted = [*reversed(ids), "999999", "not a number", ""]

    items = tracker.read_items(wanted)

    assert [item.id for item in items] == [each for each in reversed(ids) if each != ids[3]]
    assert sum("workitemsbatch" in exchange.route for exchange in seen) == 3


# -- connection tests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "project", "organization", "error", "code", "words"),
    [
        ("wrong-token", "Made", "contoso", AccessLost, Code.CREDENTIALS_REFUSED, BAD_TOKEN),
        ("sandbox-pat-noscope", "Made", "contoso", AccessLost, Code.PERMISSION_MISSING, NO_WORK_ITEM_READ),
        ("sandbox-pat", "Nope", "contoso", Missing, Code.PROJECT_NOT_FOUND, "TF200016"),
        ("sandbox-pat", "Made", "nobody", Missing, Code.ORGANIZATION_NOT_FOUND, "does not exist"),
        ("sandbox-pat", "Made", "contoso-stopped", NotSent, "PLATFORM_UNREACHABLE", "TF24668"),
    ],
)
def test_a_connection_test_says_why_it_fails(
    token: str, project: str, organization: str, error: type[PlatformError], code: str, words: str
) -> None:
    tracker = tracker_on(made(_one_task), project, token=token, organization=organization)

    with pytest.raises(error) as caught:
        tracker.probe()

    assert (type(caught.value), caught.value.code) == (error, code)
    assert words in caught.value.message


def test_a_connection_test_that_works() -> None:
    probe = tracker_on(made(lambda builder: _tasks(builder, 3)), "made").probe()

    assert (probe.organisation, probe.project, probe.item_count) == ("contoso", "Made", 3)
    assert probe.person


def test_an_empty_project_is_no_missing_permission() -> None:
    assert tracker_on(made(lambda _builder: None), "Made").probe().item_count == 0


# -- faults ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [kind for kind in FaultKind if kind is not FaultKind.HIDDEN and kind is not FaultKind.TOO_LARGE_413]
)
def test_one_fault_of_any_kind_is_survived_by_every_read(kind: FaultKind) -> None:
    service = made(_with_everything)
    tracker = tracker_on(service, "Made")
    item = tracker.read_items(all_ids(tracker))[0]

    def file_bytes() -> bytes:
        with tracker.open_file(item.attachments[0].url, "a.txt") as content:
            return b"".join(content)

    for read in (tracker.describe, lambda: all_ids(tracker), lambda: tracker.read_items([item.id]), tracker.probe):
        expected = read()
        break_next(service, kind)
        assert read() == expected
    expected_comments = tracker.read_comments(item.id)
    break_next(service, kind)
    assert tracker.read_comments(item.id) == expected_comments

    if kind not in (FaultKind.HTML, FaultKind.HALF):  # once a body streams, the caller starts over
        break_next(service, kind)
        assert file_bytes() == b"content of a"


def _with_everything(builder: ProjectBuilder) -> None:
    person = builder.org.people.add("Ann", "ann@contoso.example")
    item = builder.item(
        {"System.WorkItemType": "Task", "System.Title": "t", "System.State": "To Do"},
        created="2023-01-02T00:00:00Z",
        by=person,
    )
    for number in range(3):
        builder.comment(item, f"<div>{number}</div>", by=person)
    file = builder.org.add_file("a.txt", content=b"content of a")
    builder.relation(item, builder.org.file_relation(file, when="2023-01-02T00:00:00Z"))


@pytest.mark.parametrize(("kind", "error"), [(FaultKind.HTML, AccessLost), (FaultKind.HALF, NotSent)])
def test_a_broken_download_is_reported_for_a_fresh_start(kind: FaultKind, error: type[PlatformError]) -> None:
    service = made(_with_everything)
    tracker = tracker_on(service, "Made")
    item = tracker.read_items(all_ids(tracker))[0]
    break_next(service, kind)

    with pytest.raises(error), tracker.open_file(item.attachments[0].url, "a.txt") as content:
        b"".join(content)
    with tracker.open_file(item.attachments[0].url, "a.txt") as content:
        assert b"".join(content) == b"content of a"


def test_a_page_instead_of_data_is_told_apart_from_a_wrong_token() -> None:
    service = made(_one_task)
    tracker = tracker_on(service, "Made")
    break_next(service, FaultKind.HTML, times=99)

    with pytest.raises(AccessLost) as caught:
        tracker.probe()

    assert caught.value.code == "PLATFORM_HTML_PAGE"


@pytest.mark.parametrize("kind", [FaultKind.NOT_SENT, FaultKind.LOST, FaultKind.LATE, FaultKind.ERROR_500])
def test_a_platform_that_stays_away_is_not_asked_for_ever(kind: FaultKind) -> None:
    service = made(_one_task)
    seen: list[Exchange] = []
    tracker = tracker_on(service, "Made", seen=seen)
    break_next(service, kind, times=99)

    with pytest.raises(NotSent):
        tracker.describe()

    assert len(seen) == (2 if kind is FaultKind.LATE else 4)


def test_a_long_throttle_is_raised_with_its_time_and_kept_by_the_limiter() -> None:
    service = made(_one_task)
    clock = SharedClock(service.clock)
    tracker = tracker_on(service, "Made", clock=clock)
    break_next(service, FaultKind.THROTTLED_429, retry_after=60)

    with pytest.raises(Throttled) as first:
        all_ids(tracker)
    with pytest.raises(Throttled) as second:
        tracker.describe()
    service.clock.sleep(61)

    assert (first.value.retry_after, second.value.retry_after, clock.slept) == (60, 60, [])
    assert len(all_ids(tracker)) == 1


def test_reads_through_a_bad_day_give_what_a_good_day_gives() -> None:
    path, export = export_of(PARTS)
    service = loaded(path, decorate=True)
    tracker = tracker_on(service, export["project"]["name"])
    ids = all_ids(tracker)
    expected = tracker.read_items(ids)
    kinds = [FaultKind.LOST, FaultKind.HALF, FaultKind.BAD_GATEWAY_502, FaultKind.THROTTLED_429, FaultKind.HTML]
    break_often(service, kinds, rate=0.03)

    for _ in range(20):
        assert all_ids(tracker) == ids
        assert tracker.read_items(ids) == expected


# -- over a socket --------------------------------------------------------------------------------------------


def test_over_a_socket_several_threads_share_the_pool() -> None:
    with served(made(lambda builder: _tasks(builder, 100)), "Made") as tracker:
        ids = all_ids(tracker)
        results: list[int] = []

        def read() -> None:
            results.extend(len(tracker.read_items(ids)) for _ in range(5))

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert results == [100] * 40


def test_over_a_socket_files_stream_and_cut_bodies_are_noticed() -> None:
    service = made(_with_everything)
    with served(service, "Made") as tracker:
        item = tracker.read_items(all_ids(tracker))[0]
        break_next(service, FaultKind.HALF)
        with pytest.raises(NotSent), tracker.open_file(item.attachments[0].url, "a.txt") as content:
            b"".join(content)
        break_next(service, FaultKind.LOST)
        with tracker.open_file(item.attachments[0].url, "a.txt") as content:
            assert (content.size, b"".join(content)) == (12, b"content of a")
