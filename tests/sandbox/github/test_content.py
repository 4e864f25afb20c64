"""What a site can be filled with: generated issues, captured responses, and the stand-in's own endpoints."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import requests

from sandbox.build import BuildError, build_github
from sandbox.cli import parser, start
from sandbox.github.service import GitHubService
from sandbox.http import Headers, Request
from tests.sandbox.github.asking import Hub
from tests.shared import shared_path

CAPTURED = ("issues", "comments", "events", "milestones", "pullRequests")
GENERATED = "/repos/contoso/generated"


@pytest.fixture(scope="module")
def lively() -> Hub:
    return Hub(generate_issues=200)


def inventory(service: GitHubService) -> str:
    answer = service.control("GET", "issues", Request("GET", "/", Headers()))
    assert answer is not None
    return answer.body.decode()


def test_generated_issues_are_as_many_as_asked_and_lively(lively: Hub) -> None:
    found = [
        issue for issue in lively.walk(f"{GENERATED}/issues", state="all", per_page=100) if "pull_request" not in issue
    ]

    assert len(found) == 200
    assert len({issue["title"] for issue in found}) == 200
    assert Counter(issue["state"] for issue in found)["closed"] > 60
    assert {issue["state_reason"] for issue in found} == {None, "completed", "not_planned", "duplicate", "reopened"}
    for present in ("labels", "assignees", "milestone", "type", "body", "parent_issue_url", "comments", "user"):
        share = sum(bool(issue.get(present)) for issue in found)
        assert 10 < share <= 200, present
    assert any(issue["user"] is None for issue in found)
    assert any(issue["body"] is None for issue in found)
    assert any(issue["issue_dependencies_summary"]["total_blocked_by"] for issue in found)


@pytest.mark.parametrize(
    "piece",
    [
        "- [x] ",
        "| Area |",
        "```python",
        "user-attachments/assets",
        "<details>",
        "\r\n",
        "<!--",
        "> ",
        "cc @",
        "contoso/generated#",
    ],
)
def test_generated_texts_have_everything(lively: Hub, piece: str) -> None:
    texts = [issue["body"] or "" for issue in lively.walk(f"{GENERATED}/issues", state="all", per_page=100)]

    assert any(piece in text for text in texts)


def test_counts_told_and_items_reached_agree(lively: Hub) -> None:
    listed = lively.walk(f"{GENERATED}/issues", state="all", per_page=100)
    state = lively.service.state()

    assert sum(issue["comments"] for issue in listed) == len(lively.walk(f"{GENERATED}/issues/comments", per_page=100))
    assert state["issues"] == 200 + 1
    assert lively.get(GENERATED).json["open_issues_count"] == sum(issue["state"] == "open" for issue in listed)
    for milestone in lively.get(f"{GENERATED}/milestones", state="all").json:
        inside = [
            issue["state"] for issue in listed if issue["milestone"] and issue["milestone"]["id"] == milestone["id"]
        ]
        assert Counter(inside) == {"open": milestone["open_issues"], "closed": milestone["closed_issues"]}


def test_the_same_seed_gives_the_same_content_and_another_other_content() -> None:
    one, same, other = (inventory(build_github(generate_issues=30, seed=seed)) for seed in (5, 5, 6))

    assert one == same
    assert one != other


def test_a_reset_puts_everything_back(hub: Hub) -> None:
    before = inventory(hub.service)
    hub.create("a")

    hub.service.reset()

    assert inventory(hub.service) == before


def test_an_image_is_reached_by_the_signed_address_of_the_rendered_text_only_for_a_while(lively: Hub) -> None:
    full = {"Accept": "application/vnd.github.full+json"}
    listed = lively.ask("GET", f"{GENERATED}/issues?state=all&per_page=100", headers=full).json
    html = next(issue["body_html"] for issue in listed if "private-user-images" in (issue["body_html"] or ""))
    path = html.partition('src="http://github.test')[2].partition('"')[0]

    image = lively.ask("GET", path, auth=None)
    guid = path.split("/")[2].partition("?")[0]
    forged = lively.ask("GET", path + "x", auth=None)
    redirected = lively.ask("GET", f"/user-attachments/assets/{guid}", auth=None)
    lively.clock.advance(301)
    ended = lively.ask("GET", path, auth=None)

    assert (image.status, image.headers["Content-Type"], image.body[:4]) == (200, "image/png", b"\x89PNG")
    assert (forged.status, redirected.status, ended.status) == (404, 302, 404)


def test_an_image_of_a_private_repository_opens_to_no_token(lively: Hub) -> None:
    asset = next(iter(lively.service.content.assets.values()))
    asset.repository.private = True

    answer = lively.get(f"/user-attachments/assets/{asset.guid}")
    asset.repository.private = False

    assert answer.status == 404


RENDERED = [
    ("# Head", "<h1>Head</h1>"),
    ("- [x] done", '<input type="checkbox" class="task-list-item-checkbox" disabled="" checked="">'),
    ("| a |\n|---|\n| 1 |", "<td>1</td>"),
    ("~~gone~~", "<s>gone</s>"),
    ("hi @mona-lisa", '<a class="user-mention" href="http://github.test/mona-lisa">@mona-lisa</a>'),
    ("hi @nobody-there", "hi @nobody-there"),
    ("`@mona-lisa #1`", "<code>@mona-lisa #1</code>"),
    ("see #1", 'href="http://github.test/contoso/demo/issues/1">#1</a>'),
    ("see contoso/demo#1", ">contoso/demo#1</a>"),
    ("see #99", "see #99"),
    ("<script>alert(1)</script>", "&lt;script"),
    ("before <!-- hidden --> after", "before  after"),
]


@pytest.mark.parametrize(("text", "piece"), RENDERED)
def test_texts_are_rendered(hub: Hub, text: str, piece: str) -> None:
    hub.create("one", body=text)

    answer = hub.ask("GET", "issues/1", headers={"Accept": "application/vnd.github.full+json"})

    assert piece in answer.json["body_html"]
    assert answer.json["body"] == text
    assert "<" not in answer.json["body_text"].replace("<script", "").replace("</script", "")


def test_captured_responses_are_served_as_they_were() -> None:
    paths = [shared_path(f"data/github/{name}.json") for name in CAPTURED]
    hub = Hub()
    hub.service = build_github(load=paths, clock=hub.clock)
    hub.service.base_url = "https://api.github.com"
    captured = {entry["data"]["number"]: entry["data"] for entry in json.loads(paths[0].read_text())["responses"]}
    comments = {entry["data"]["id"]: entry["data"] for entry in json.loads(paths[1].read_text())["responses"]}

    listed = hub.walk("/repos/panjf2000/ants/issues", state="all", per_page=100)
    talk = hub.walk("/repos/panjf2000/ants/issues/comments", per_page=100)

    assert {issue["number"] for issue in listed} == set(captured)
    for issue in listed:
        real = captured[issue["number"]]
        for name in ("id", "title", "body", "state", "state_reason", "created_at", "updated_at", "closed_at", "locked"):
            assert issue[name] == real[name], (issue["number"], name)
        assert [label["name"] for label in issue["labels"]] == [label["name"] for label in real["labels"]]
        assert issue["user"]["id"] == real["user"]["id"]
        assert ("pull_request" in issue) == ("pull_request" in real)
    skipped = hub.service.content.skipped.get("comments", 0)
    assert len(talk) + skipped == len(comments)
    assert all(comment["body"] == comments[comment["id"]]["body"] for comment in talk)


NO_CAPTURES = [
    "not json",
    "[]",
    '{"responses": [{"url": "https://x/", "data": {}}]}',
    '{"responses": [{"url": "https://x/repos/a/b/issues", "data": {"id": 1}}]}',
]


@pytest.mark.parametrize("text", NO_CAPTURES)
def test_a_file_without_responses_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)

    with pytest.raises(BuildError):
        build_github(load=[path])


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("issues/delete", {"repository": "contoso/demo", "number": 99}),
        ("issues/delete", {"repository": "contoso/none", "number": 1}),
        ("issues/transfer", []),
        ("repositories/rename", {"repository": "contoso/demo"}),
    ],
)
def test_own_endpoints_say_what_they_did_not_understand(hub: Hub, action: str, body: object) -> None:
    assert hub.control(action, body).status == 400


def test_the_log_names_issues_and_whether_something_changed(hub: Hub) -> None:
    hub.create("a")
    hub.get("issues/1")
    hub.post("issues", {})

    entries = hub.service.log.entries()

    assert [(entry.issue, entry.applied, entry.status) for entry in entries] == [
        ("1", True, 201),
        ("1", False, 200),
        (None, False, 422),
    ]


def test_the_command_line_serves_it_with_what_was_asked_for() -> None:
    arguments = ["--github", "127.0.0.1:0", "--generate-issues", "12", "--seed", "4", "--limits", "documented"]

    handles = start(parser().parse_args(arguments))
    try:
        url = handles["github"].url
        state = requests.get(f"{url}/_sandbox/state", timeout=5).json()
        listed = requests.get(f"{url}/api/v3/repos/contoso/generated/issues", {"state": "all"}, timeout=5)
        requests.post(f"{url}/_sandbox/clock", json={"advance": 60}, timeout=5)
        told = requests.get(f"{url}/_sandbox/requests", timeout=5).json()
    finally:
        handles["github"].stop()

    assert list(handles) == ["github"]
    assert (state["service"], state["pullRequests"], len(listed.json())) == ("github", 1, 13)
    assert listed.headers["X-RateLimit-Remaining"] == "59"
    assert told["requests"] == {"GET /repos/{owner}/{repo}/issues": 1}
