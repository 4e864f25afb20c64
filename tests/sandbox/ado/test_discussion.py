from typing import Any

import pytest

from sandbox.ado.service import AdoService
from tests.sandbox.ado.client import Caller, add_item, field, link

PREVIEW = "7.1-preview.4"


def post(caller: Caller, item_id: int, text: str, query: str = "") -> Any:
    path = f"P/_apis/wit/workItems/{item_id}/comments{query}"
    return caller.send("POST", path, json={"text": text}, version=PREVIEW)


def test_comments_page_newest_first_and_at_most_200(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    for number in range(250):
        service.org.add_comment(
            item, f"c{number}", by=service.org.owner, when=f"2024-03-02T10:{number // 60:02d}:{number % 60:02d}Z"
        )

    first = caller.comments(item.id, "?$top=1000")
    second = caller.comments(item.id, f"?$top=1000&continuationToken={first['continuationToken']}")

    assert (first["totalCount"], first["count"], second["count"]) == (250, 200, 50)
    assert (first["comments"][0]["text"], second["comments"][-1]["text"]) == ("c249", "c0")
    assert first["nextPage"].endswith(f"continuationToken={first['continuationToken']}")
    assert "continuationToken" not in second


def test_ascending_order_starts_with_the_first(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    for text in ("a", "b"):
        post(caller, item.id, text)

    assert [c["text"] for c in caller.comments(item.id, "?order=asc")["comments"]] == ["a", "b"]


def test_the_project_segment_is_required(service: AdoService, caller: Caller) -> None:
    item = add_item(service)

    assert caller.send("GET", f"_apis/wit/workItems/{item.id}/comments", version=PREVIEW).status_code == 404


def test_a_comment_has_both_ids_and_its_format(service: AdoService, caller: Caller) -> None:
    item = add_item(service)

    html = post(caller, item.id, "<b>x</b>").json()
    markdown = post(caller, item.id, "**x**\n\ny", "?format=markdown").json()

    assert html["id"] == html["commentId"]
    assert (html["format"], markdown["format"]) == ("html", "markdown")
    rendered = caller.comments(item.id, "?$expand=renderedText&order=asc")["comments"]
    assert [c["renderedText"] for c in rendered] == ["<b>x</b>", "<p>**x**</p>\n<p>y</p>\n"]


def test_each_change_of_the_discussion_is_a_revision(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    comment = post(caller, item.id, "one").json()["id"]
    path = f"P/_apis/wit/workItems/{item.id}/comments/{comment}"

    edited = caller.send("PATCH", path, json={"text": "two"}, version=PREVIEW).json()
    deleted = caller.send("DELETE", path, version=PREVIEW)

    assert (edited["text"], edited["version"], deleted.status_code) == ("two", 2, 204)
    assert len(item.revisions) == 4
    assert [r.comment_count for r in item.revisions] == [0, 1, 1, 0]
    assert caller.comments(item.id)["comments"] == []
    (shown,) = caller.comments(item.id, "?includeDeleted=true")["comments"]
    assert (shown["isDeleted"], shown["version"]) == (True, 3)
    assert caller.send("GET", path, version=PREVIEW).status_code == 404


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 3}])
def test_a_comment_needs_a_text(service: AdoService, caller: Caller, body: dict[str, object]) -> None:
    item = add_item(service)

    answer = caller.send("POST", f"P/_apis/wit/workItems/{item.id}/comments", json=body, version=PREVIEW)

    assert answer.status_code == 400


def test_mentions_are_listed(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    person = service.org.people.add("Ann", "ann@contoso.example")

    shown = post(caller, item.id, f'<a data-vss-mention="version:2.0,{person.id}">@Ann</a>').json()

    assert [m["targetId"] for m in shown["mentions"]] == [person.id]


def test_history_on_the_item_is_only_the_latest_revisions_text(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    post(caller, item.id, "said")

    with_comment = caller.get(f"_apis/wit/workitems/{item.id}")["fields"]
    caller.patch(f"_apis/wit/workitems/{item.id}", field("System.Title", "x"))
    later = caller.get(f"_apis/wit/workitems/{item.id}")["fields"]

    assert with_comment["System.History"] == "said"
    assert ("System.History" in later, later["System.CommentCount"]) == (False, 1)


def test_revisions_are_snapshots_and_page(service: AdoService, caller: Caller) -> None:
    item = add_item(service, "r1")
    for number in range(2, 6):
        caller.patch(f"_apis/wit/workitems/{item.id}", field("System.Title", f"r{number}"))

    shown = caller.get(f"_apis/wit/workitems/{item.id}/revisions?$skip=1&$top=2")

    assert [(r["rev"], r["fields"]["System.Title"]) for r in shown["value"]] == [(2, "r2"), (3, "r3")]
    assert caller.get(f"_apis/wit/workitems/{item.id}/revisions/4")["fields"]["System.Title"] == "r4"
    assert caller.send("GET", f"_apis/wit/workitems/{item.id}/revisions/9").status_code == 404


def test_pages_hold_200_by_default(service: AdoService, caller: Caller) -> None:
    item = add_item(service, revisions=230, changed="2024-05-01T00:00:00Z")

    assert caller.get(f"_apis/wit/workitems/{item.id}/revisions")["count"] == 200
    assert caller.get(f"_apis/wit/workitems/{item.id}/updates?$skip=200")["count"] == 30


def test_updates_tell_what_changed_and_when_it_was_superseded(service: AdoService, caller: Caller) -> None:
    item = add_item(service, "before")
    service.clock.advance(60)
    caller.patch(f"_apis/wit/workitems/{item.id}", field("System.Title", "after"))

    first, second = caller.get(f"_apis/wit/workitems/{item.id}/updates")["value"]

    assert second["fields"]["System.Title"] == {"oldValue": "before", "newValue": "after"}
    assert "System.AreaPath" not in second["fields"]
    assert first["revisedDate"] == second["fields"]["System.ChangedDate"]["newValue"]
    assert second["revisedDate"] == "9999-01-01T00:00:00Z"


def revisions(caller: Caller, query: str = "", path: str = "P/") -> Any:
    return caller.get(f"{path}_apis/wit/reporting/workitemrevisions{query}")


def test_the_revision_stream_goes_on_after_its_token(service: AdoService, caller: Caller) -> None:
    items = [add_item(service, f"t{n}", created=f"2024-03-0{n + 1}T00:00:00Z") for n in range(3)]
    service.org.seal()

    first = revisions(caller, "?$maxPageSize=2")
    rest = revisions(caller, f"?continuationToken={first['continuationToken']}")
    later = revisions(caller, f"?continuationToken={rest['continuationToken']}")
    caller.patch(f"_apis/wit/workitems/{items[0].id}", field("System.Title", "new"))
    news = revisions(caller, f"?continuationToken={later['continuationToken']}")

    assert [v["id"] for v in first["values"]] == [items[0].id, items[1].id]
    assert (first["isLastBatch"], rest["isLastBatch"], later["values"]) == (False, True, [])
    assert [(v["id"], v["rev"]) for v in news["values"]] == [(items[0].id, 2)]
    assert rest["nextLink"].endswith(f"continuationToken={rest['continuationToken']}")


def test_long_texts_and_identities_take_asking(service: AdoService, caller: Caller) -> None:
    add_item(service, **{"System.Description": "long"})

    (plain,) = revisions(caller)["values"]
    (full,) = revisions(caller, "?$expand=fields&includeIdentityRef=true")["values"]

    assert "System.Description" not in plain["fields"]
    assert plain["fields"]["System.CreatedBy"] == service.org.owner.text
    assert full["fields"]["System.Description"] == "long"
    assert full["fields"]["System.CreatedBy"] == {"id": service.org.owner.id, "uniqueName": service.org.owner.text}


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", 3), ("?includeLatestOnly=true", 2), ("?types=Bug", 1), ("?includeDeleted=true", 5),
     ("?startDateTime=2025-01-01T00:00:00Z", 1), ("?includeDiscussionChangesOnly=true", 0)],
)  # fmt: skip
def test_the_stream_can_be_narrowed(service: AdoService, caller: Caller, query: str, expected: int) -> None:
    task, deleted = add_item(service), add_item(service)
    add_item(service, kind="Bug")
    caller.patch(f"_apis/wit/workitems/{task.id}", field("System.Title", "x"))
    caller.send("DELETE", f"_apis/wit/workitems/{deleted.id}")

    assert len(revisions(caller, query)["values"]) == expected


def test_the_stream_may_be_asked_by_post_and_for_fields(service: AdoService, caller: Caller) -> None:
    add_item(service, "t", **{"System.Tags": "a; b"})
    body = {"fields": ["System.Title", "System.Tags"], "includeTagRef": True}

    answer = caller.send("POST", "_apis/wit/reporting/workitemrevisions", json=body).json()

    (shown,) = answer["values"]
    assert shown["fields"]["System.Title"] == "t"
    assert [tag["name"] for tag in shown["fields"]["System.Tags"]] == ["a", "b"]
    assert not service.log.entries()[-1].applied


def test_the_link_stream_tells_removals_without_direction(service: AdoService, caller: Caller) -> None:
    parent, child = add_item(service), add_item(service)
    path = f"_apis/wit/workitems/{child.id}"
    caller.patch(path, link("System.LinkTypes.Hierarchy-Reverse", parent.id))
    first = caller.get("P/_apis/wit/reporting/workitemlinks")
    caller.patch(path, {"op": "remove", "path": "/relations/0"})
    second = caller.get(f"P/_apis/wit/reporting/workitemlinks?continuationToken={first['continuationToken']}")

    (added,), (removed,) = first["values"], second["values"]
    assert (added["rel"], added["sourceId"], added["targetId"], added["isActive"]) == (
        "System.LinkTypes.Hierarchy", parent.id, child.id, True,
    )  # fmt: skip
    assert (removed["sourceId"], removed["isActive"]) == (parent.id, False)


def test_a_token_and_a_start_exclude_each_other(caller: Caller) -> None:
    query = "?continuationToken=1&startDateTime=2024-01-01T00:00:00Z"

    assert caller.send("GET", f"_apis/wit/reporting/workitemrevisions{query}").status_code == 400
    assert caller.send("GET", "_apis/wit/reporting/workitemrevisions?continuationToken=x").status_code == 400


def test_a_link_edit_takes_a_watermark_without_a_revision(service: AdoService, caller: Caller) -> None:
    first, second = add_item(service), add_item(service)
    path = f"_apis/wit/workitems/{first.id}"

    caller.patch(path, link("System.LinkTypes.Related", second.id))
    caller.patch(path, field("System.Title", "x"))

    assert [revision.watermark for revision in first.revisions] == [1, 5]
    assert [change.rel for change in service.org.link_log] == ["System.LinkTypes.Related"]
