"""Comments, links, files, watchers, worklogs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.jira.asking import Site, doc


def test_comments_are_added_changed_and_removed_by_the_caller_now(site: Site) -> None:
    key = site.create()

    added = site.post(f"issue/{key}/comment", {"body": doc("one")})
    path = f"issue/{key}/comment/{added.json['id']}"
    changed = site.put(path, {"body": doc("two")})

    assert (added.status, changed.status) == (201, 200)
    assert added.json["author"]["displayName"] == "Sandbox Caller"
    assert site.get(path).json["body"] == doc("two")
    assert site.delete(path).status == 204
    assert site.get(path).status == 404
    assert site.get(f"issue/{key}/changelog").json["total"] == 0


def test_comments_are_paged_by_a_hundred_in_both_directions(site: Site) -> None:
    key = site.create()
    for number in range(103):
        site.post(f"issue/{key}/comment", {"body": doc(str(number))})

    first = site.get(f"issue/{key}/comment", maxResults=1_000).json
    rest = site.get(f"issue/{key}/comment", startAt=100).json
    newest = site.get(f"issue/{key}/comment", orderBy="-created", maxResults=1).json

    assert (len(first["comments"]), len(rest["comments"]), first["total"]) == (100, 3, 103)
    assert newest["comments"][0]["body"] == doc("102")


def test_comment_properties_come_with_the_create_and_are_listed_by_id(site: Site) -> None:
    key = site.create()
    body = {"body": doc("one"), "properties": [{"key": "source", "value": {"id": 5}}]}

    made = site.post(f"issue/{key}/comment", body).json

    listed = site.post("comment/list", {"ids": [int(made["id"]), 999_999]}, expand="properties").json
    assert [entry["properties"] for entry in listed["values"]] == [[{"key": "source", "value": {"id": 5}}]]
    bare = site.post("comment/list", {"ids": [int(made["id"])]}).json
    assert "properties" not in bare["values"][0]
    assert site.get(f"comment/{made['id']}/properties/source").json["value"] == {"id": 5}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("plain", "Comment body is not valid!"),
        ({"type": "doc", "version": 1, "content": []}, "Comment body can not be empty!"),
        (
            doc("x" * 32_768),
            "The entered text is too long. It exceeds the allowed limit of 32,767 characters.",
        ),
    ],
)
def test_a_bad_comment_is_refused(site: Site, body: object, text: str) -> None:
    answer = site.post(f"issue/{site.create()}/comment", {"body": body})

    assert (answer.status, answer.faults) == (400, {"comment": text})


def test_without_permission_a_comment_is_a_400() -> None:
    site = Site({"deniedPermissions": ["ADD_COMMENTS"]})

    answer = site.post(f"issue/{site.create()}/comment", {"body": doc("x")})

    assert (answer.status, answer.messages) == (
        400,
        ["You do not have the permission to comment on this issue."],
    )


def test_the_inward_issue_is_the_source_of_a_link(site: Site) -> None:
    one, two = site.create(), site.create()

    answer = link(site, "Blocks", one, two)

    assert (answer.status, answer.body) == (201, b"")
    [on_one] = site.issue(one)["issuelinks"]
    [on_two] = site.issue(two)["issuelinks"]
    assert (on_one["outwardIssue"]["key"], on_one["type"]["outward"]) == (two, "blocks")
    assert (on_two["inwardIssue"]["key"], "outwardIssue" in on_two) == (one, False)


def link(site: Site, name: str, inward: str, outward: str) -> Any:
    ends = {"inwardIssue": {"key": inward}, "outwardIssue": {"key": outward}}
    return site.post("issueLink", {"type": {"name": name}, **ends})


def test_repeating_a_link_makes_nothing_and_the_other_direction_is_another(site: Site) -> None:
    one, two = site.create(), site.create()

    for _ in range(2):
        assert link(site, "Blocks", one, two).status == 201
    link(site, "Blocks", two, one)
    link(site, "Relates", one, two)
    link(site, "Relates", two, one)

    assert len(site.issue(one)["issuelinks"]) == 3


def test_links_to_missing_ends_or_of_missing_kinds_are_refused() -> None:
    site = Site()
    one, two = site.create(), site.create()
    unable = Site({"deniedPermissions": ["LINK_ISSUES"]})
    ends = unable.create(), unable.create()

    assert link(site, "Haunts", one, two).messages == ["No issue link type with name 'Haunts' found."]
    assert link(site, "Blocks", one, "DEMO-77").status == 404
    assert link(site, "Blocks", one, one).status == 400
    assert link(unable, "Blocks", *ends).status == 404


def test_a_link_is_read_and_removed(site: Site) -> None:
    one, two = site.create(), site.create()
    link(site, "Blocks", one, two)
    number = site.issue(one)["issuelinks"][0]["id"]

    assert site.get(f"issueLink/{number}").json["inwardIssue"]["key"] == one
    assert site.delete(f"issueLink/{number}").status == 200
    assert site.issue(two)["issuelinks"] == []
    history = site.get(f"issue/{one}/changelog").json["values"]
    assert [item["field"] for entry in history for item in entry["items"]] == ["Link", "Link"]


def test_a_remote_link_is_an_upsert_by_its_global_id(site: Site) -> None:
    path = f"issue/{site.create()}/remotelink"
    body = {"globalId": "ado=1", "relationship": "from", "object": {"url": "https://a.example/1", "title": "1"}}

    first = site.post(path, body)
    again = site.post(path, {"globalId": "ado=1", "object": {"url": "https://a.example/1", "title": "one"}})

    assert (first.status, again.status, first.json["id"]) == (201, 200, again.json["id"])
    [shown] = site.get(path).json
    assert (shown["object"]["title"], "relationship" in shown) == ("one", False)
    assert site.get(path, globalId="ado=1").json["id"] == first.json["id"]


def test_a_remote_link_needs_a_title_and_an_absolute_address() -> None:
    site = Site()
    path = f"issue/{site.create()}/remotelink"
    unable = Site({"deniedPermissions": ["LINK_ISSUES"]})

    assert list(site.post(path, {"object": {"url": "/x", "title": "x"}}).faults) == ["url"]
    assert list(site.post(path, {"object": {"url": "https://a.example"}}).faults) == ["title"]
    denied = unable.post(f"issue/{unable.create()}/remotelink", {"object": {"url": "https://a.example", "title": "x"}})
    assert denied.status == 403


def test_files_of_one_name_stay_separate_and_keep_their_bytes(site: Site) -> None:
    key = site.create()
    content = b"\x00\r\n--edge-not\r\n\xff"

    answer = site.attach(key, ("a.bin", content), ("a.bin", b"two"), ("ä \\" + '"' + ".txt", b""))

    assert answer.status == 200
    assert [entry["filename"] for entry in answer.json] == ["a.bin", "a.bin", 'ä ".txt']
    assert [entry["size"] for entry in answer.json] == [len(content), 3, 0]
    whole = site.get(f"attachment/content/{answer.json[0]['id']}", redirect="false")
    assert whole.body == content
    assert len(site.issue(key)["attachment"]) == 3


def test_a_download_is_a_redirect_to_a_signed_address_that_needs_no_credentials_and_expires(
    site: Site,
) -> None:
    [made] = site.attach(site.create(), ("a.txt", b"hello")).json

    answer = site.get(f"attachment/content/{made['id']}")

    place = answer.headers["Location"].removeprefix("http://jira.test")
    assert answer.status == 303
    assert place.startswith("/file/")
    assert site.ask("GET", place, auth=None).body == b"hello"
    assert site.ask("GET", place.replace("signature=", "signature=0"), auth=None).status == 403
    site.clock.advance(3600)
    assert site.ask("GET", place, auth=None).status == 403


def test_uploads_need_the_token_header_permission_and_room() -> None:
    site = Site({"uploadLimit": 10})
    key = site.create()
    unable = Site({"deniedPermissions": ["CREATE_ATTACHMENTS"]})

    no_token = site.attach(key, ("a.txt", b"x"), token="")
    assert (no_token.status, no_token.body) == (403, b"XSRF check failed")
    assert site.attach(key, ("a.txt", b"x" * 11)).status == 413
    assert site.attach(key, *[("a.txt", b"x")] * 61).status == 413
    assert site.attach(key, ("a.txt", b"x" * 10)).status == 200
    assert site.get("attachment/meta").json == {"enabled": True, "uploadLimit": 10}
    assert unable.attach(unable.create(), ("a.txt", b"x")).status == 403
    assert (
        site.ask("POST", f"issue/{key}/attachments", {"file": 1}, headers={"X-Atlassian-Token": "no-check"}).status
        == 415
    )


def test_a_file_is_removed(site: Site) -> None:
    key = site.create()
    [made] = site.attach(key, ("a.txt", b"x")).json

    assert site.delete(f"attachment/{made['id']}").status == 204
    assert site.get(f"attachment/{made['id']}").status == 404
    assert site.issue(key)["attachment"] == []


def test_a_watcher_is_added_by_a_bare_text(site: Site) -> None:
    key = site.create()
    other = list(site.service.content.users)[1]

    assert site.post(f"issue/{key}/watchers", other).status == 204
    assert site.post(f"issue/{key}/watchers", "nobody").status == 404
    assert site.post(f"issue/{key}/watchers", {"accountId": other}).status == 400
    assert site.get(f"issue/{key}/watchers").json["watchCount"] == 2
    site.delete(f"issue/{key}/watchers", accountId=other)
    assert site.get(f"issue/{key}/watchers").json["watchCount"] == 1


def test_work_is_logged_in_whole_minutes_at_the_time_given(site: Site) -> None:
    key = site.create(timetracking={"originalEstimate": "2h"})
    body = {"timeSpentSeconds": 119, "started": "2026-01-02T10:00:00.000+0000", "comment": doc("did it")}

    made = site.post(f"issue/{key}/worklog", body, adjustEstimate="leave").json

    assert (made["timeSpentSeconds"], made["started"]) == (60, "2026-01-02T10:00:00.000+0000")
    assert site.issue(key)["timetracking"]["remainingEstimateSeconds"] == 7_200
    site.post(f"issue/{key}/worklog", {"timeSpent": "1h"})
    assert site.issue(key)["timetracking"]["remainingEstimateSeconds"] == 3_600
    assert list(site.post(f"issue/{key}/worklog", {"timeSpentSeconds": 59}).faults) == ["timeLogged"]
    assert site.get(f"issue/{key}/worklog").json["total"] == 2


def test_limits_per_issue_are_hard(site: Site) -> None:
    key = site.create()
    issue = site.service.content.issue(key)
    assert issue is not None
    issue.comments.extend([None] * 5_000)  # type: ignore[list-item]

    assert site.post(f"issue/{key}/comment", {"body": doc("x")}).status == 413


def test_histories_of_many_issues_are_fetched_together(site: Site) -> None:
    keys = [site.create(), site.create()]
    for key in keys:
        site.put(f"issue/{key}", {"fields": {"summary": "New", "labels": ["x"]}})
        site.put(f"issue/{key}", {"fields": {"labels": ["y"]}})

    every = site.post("changelog/bulkfetch", {"issueIdsOrKeys": keys, "maxResults": 3}).json
    rest = site.post(
        "changelog/bulkfetch",
        {"issueIdsOrKeys": keys, "maxResults": 3, "nextPageToken": every["nextPageToken"]},
    ).json
    summaries = site.post("changelog/bulkfetch", {"issueIdsOrKeys": keys, "fieldIds": ["summary"]}).json

    assert [len(entry["changeHistories"]) for entry in every["issueChangeLogs"]] == [2, 1]
    assert [len(entry["changeHistories"]) for entry in rest["issueChangeLogs"]] == [1]
    assert [len(entry["changeHistories"]) for entry in summaries["issueChangeLogs"]] == [1, 1]
