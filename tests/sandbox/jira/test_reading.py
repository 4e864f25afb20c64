"""Reading issues: fields, properties, bulk fetch, what is hidden."""

from __future__ import annotations

from tests.sandbox.jira.asking import Site, doc

MISSING = "Issue does not exist or you do not have permission to see it."


def test_only_the_fields_asked_for_are_shown(site: Site) -> None:
    key = site.create()

    assert list(site.issue(key, "summary", "labels")) == ["summary", "labels"]
    assert "comment" not in site.issue(key, "*navigable")
    assert "comment" in site.issue(key, "*all")
    assert "summary" not in site.issue(key, "-summary")


def test_a_missing_issue_is_not_told_from_a_hidden_one() -> None:
    hidden = Site({"deniedPermissions": ["BROWSE_PROJECTS"]})

    for path in ("issue/DEMO-1", "issue/DEMO-1/comment", "issue/DEMO-1/transitions"):
        answer = hidden.get(path)
        assert (answer.status, answer.messages) == (404, [MISSING])
    assert hidden.get("project/DEMO").status == 404
    assert hidden.post("search/jql", {"jql": "project = DEMO"}).json == {"issues": [], "isLast": True}


def test_bulk_fetch_answers_ascending_and_names_what_is_missing(site: Site) -> None:
    keys = [site.create() for _ in range(3)]
    site.put(f"issue/{keys[1]}/properties/mark", {"id": 1})

    answer = site.post(
        "issue/bulkfetch",
        {
            "issueIdsOrKeys": [keys[2], "DEMO-77", keys[0], keys[1], keys[0]],
            "fields": ["summary"],
            "properties": ["mark"],
        },
    )

    assert [issue["key"] for issue in answer.json["issues"]] == keys
    assert [issue["properties"] for issue in answer.json["issues"]] == [{}, {"mark": {"id": 1}}, {}]
    assert answer.json["issueErrors"] == [{"id": "DEMO-77", "errorMessage": MISSING}]


def test_bulk_fetch_takes_one_to_a_hundred(site: Site) -> None:
    hundred = [f"DEMO-{n}" for n in range(100)]

    assert site.post("issue/bulkfetch", {"issueIdsOrKeys": hundred}).status == 200
    assert site.post("issue/bulkfetch", {"issueIdsOrKeys": [*hundred, "DEMO-101"]}).status == 400
    assert site.post("issue/bulkfetch", {"issueIdsOrKeys": []}).status == 400


def test_properties_are_set_replaced_and_removed(site: Site) -> None:
    path = f"issue/{site.create()}/properties/mark"

    assert [site.put(path, {"a": 1}).status, site.put(path, {"a": 2}).status] == [201, 200]
    assert site.get(path).json == {"key": "mark", "value": {"a": 2}}
    assert site.put(path, "x" * 32_767).status == 400
    assert site.delete(path).status == 204
    assert site.get(path).status == 404


def test_stored_documents_come_back_with_defaults_and_local_ids(site: Site) -> None:
    cell = {"type": "tableCell", "content": [{"type": "paragraph"}]}
    table = {"type": "table", "content": [{"type": "tableRow", "content": [cell]}]}
    description = {"type": "doc", "version": 1, "content": [table]}

    shown = site.issue(site.create(description=description))["description"]

    attrs = shown["content"][0]["attrs"]
    assert (attrs["layout"], attrs["isNumberColumnEnabled"]) == ("default", False)
    assert attrs["localId"]
    assert shown["content"][0]["content"][0]["content"][0]["attrs"] == {}


def test_names_and_schemas_are_told_when_asked(site: Site) -> None:
    answer = site.get(f"issue/{site.create()}", fields="summary", expand="names,schema,transitions,editmeta")

    assert answer.json["names"] == {"summary": "Summary"}
    assert answer.json["schema"] == {"summary": {"type": "string", "system": "summary"}}
    assert len(answer.json["transitions"]) == 3
    assert answer.json["editmeta"]["fields"]["summary"]["required"] is True


def test_embedded_worklogs_stop_at_twenty_and_comments_at_a_hundred(site: Site) -> None:
    key = site.create()
    for _ in range(21):
        site.post(f"issue/{key}/worklog", {"timeSpentSeconds": 60})
    for _ in range(101):
        site.post(f"issue/{key}/comment", {"body": doc("x")})

    shown = site.issue(key)

    assert (len(shown["worklog"]["worklogs"]), shown["worklog"]["total"]) == (20, 21)
    assert (len(shown["comment"]["comments"]), shown["comment"]["total"]) == (100, 101)
    assert len(site.get(f"issue/{key}/comment", maxResults=5_000).json["comments"]) == 100
