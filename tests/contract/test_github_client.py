"""PyGithub, a client written by others, works against the stand-in over a real socket.

Some of its methods need repositories' git data, which a stand-in for issues does not have; issues, comments,
labels, milestones, sub-issues and dependencies it has whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from github import (
    Auth,
    BadCredentialsException,
    Github,
    GithubException,
    RateLimitExceededException,
    UnknownObjectException,
)

from sandbox.build import build_github
from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.github.tokens import READONLY_TOKEN, TOKEN
from sandbox.server import ServerHandle, start_server
from sandbox.service import Limits

pytestmark = pytest.mark.contract
COUNT = 260


@pytest.fixture(scope="module")
def server() -> Iterator[ServerHandle]:
    handle = start_server(build_github(generate_issues=COUNT, seed=3))
    yield handle
    handle.stop()


def client(url: str, token: str = TOKEN, *, enterprise: bool = True, **more: Any) -> Github:
    base = f"{url}/api/v3" if enterprise else url
    return Github(base_url=base, auth=Auth.Token(token), retry=None, seconds_between_requests=0,
                  seconds_between_writes=0, **more)  # fmt: skip


@pytest.fixture(params=[True, False], ids=["enterprise", "cloud"])
def demo(server: ServerHandle, request: pytest.FixtureRequest) -> Iterator[Any]:
    github = client(server.url, enterprise=request.param)
    yield github.get_repo("contoso/demo")
    github.close()


def test_an_issue_is_created_read_changed_and_closed(demo: Any) -> None:
    milestone = demo.create_milestone("1.0 " + demo.url, description="First")
    label = demo.create_label("new " + demo.url[-40:], "00ff00")

    made = demo.create_issue("Title", body="Body", labels=[label, "bug"], assignees=["mona-lisa"], milestone=milestone)
    made.edit(title="Changed", state="closed", state_reason="not_planned")
    made.add_to_labels("made on the way")
    made.remove_from_labels("bug")
    read = demo.get_issue(made.number)

    assert (read.title, read.body, read.state, read.state_reason) == ("Changed", "Body", "closed", "not_planned")
    assert {found.name for found in read.labels} == {label.name, "made on the way"}
    assert [user.login for user in read.assignees] == ["mona-lisa"]
    assert (read.milestone.title, read.closed_by.login) == (milestone.title, "sandbox")
    read.edit(state="open")
    assert (demo.get_issue(made.number).state, demo.get_issue(made.number).state_reason) == ("open", "reopened")


def test_comments_are_written_edited_and_deleted(demo: Any) -> None:
    issue = demo.create_issue("Talk")

    first, second = issue.create_comment("One"), issue.create_comment("Two")
    first.edit("One, changed")
    first.create_reaction("heart")
    second.delete()

    (left,) = issue.get_comments()
    assert (left.body, left.user.login, left.reactions["heart"]) == ("One, changed", "sandbox", 1)
    assert issue.update() is True
    assert issue.comments == 1


def test_parents_and_blockers_are_set_and_read(demo: Any) -> None:
    parent, child, other = (demo.create_issue(title) for title in ("Parent", "Child", "Other"))

    parent.add_sub_issue(child)
    parent.add_sub_issue(other)
    child.add_blocked_by(other)

    assert [found.number for found in parent.get_sub_issues()] == [child.number, other.number]
    assert [found.number for found in child.get_blocked_by()] == [other.number]
    assert [found.number for found in other.get_blocking()] == [child.number]
    assert demo.get_issue(parent.number).sub_issues_summary.total == 2
    parent.remove_sub_issue(other)
    assert [found.number for found in parent.get_sub_issues()] == [child.number]


def test_every_issue_is_reached_page_by_page(server: ServerHandle) -> None:
    repository = client(server.url, per_page=100).get_repo("contoso/generated")

    found = list(repository.get_issues(state="all", sort="created", direction="asc"))

    issues = [issue for issue in found if issue.pull_request is None]
    assert len(issues) == len({issue.id for issue in issues}) == COUNT
    assert len(found) > COUNT
    assert [issue.number for issue in found] == sorted(issue.number for issue in found)
    assert sum(issue.comments for issue in found) == len(list(repository.get_issues_comments()))


def test_every_issue_is_reached_by_cursors_in_a_large_repository() -> None:
    handle = start_server(build_github(generate_issues=40, cursor_from=30))
    try:
        repository = client(handle.url, per_page=20).get_repo("contoso/generated")

        found = list(repository.get_issues(state="all"))

        assert sum(issue.pull_request is None for issue in found) == 40
    finally:
        handle.stop()


def test_a_wrong_token_meets_401_and_a_hidden_repository_404(server: ServerHandle) -> None:
    with pytest.raises(BadCredentialsException) as wrong:
        client(server.url, "not-it").get_user().login  # noqa: B018
    with pytest.raises(UnknownObjectException) as hidden:
        client(server.url).get_repo("contoso/secret")

    assert (wrong.value.status, hidden.value.status) == (401, 404)


def test_without_push_right_labels_and_assignees_are_dropped(server: ServerHandle) -> None:
    demo = client(server.url, READONLY_TOKEN).get_repo("contoso/demo")

    made = demo.create_issue("From outside", labels=["bug"], assignees=["mona-lisa"])

    assert (made.labels, made.assignees, made.user.login) == ([], [], "reader")
    with pytest.raises((UnknownObjectException, GithubException)):
        demo.create_label("mine", "000000")


def test_a_used_up_rate_limit_meets_403() -> None:
    handle = start_server(build_github(limits=Limits.DOCUMENTED, hourly=3))
    try:
        github = client(handle.url)
        demo = github.get_repo("contoso/demo")
        assert list(demo.get_labels())
        demo.get_issues().totalCount  # noqa: B018

        with pytest.raises(RateLimitExceededException) as refused:
            demo.get_label("bug")

        assert refused.value.status == 403
        assert github.get_rate_limit().resources.core.remaining == 0
    finally:
        handle.stop()


def test_a_renamed_repository_is_followed(server: ServerHandle) -> None:
    assert client(server.url).get_repo("contoso/old-name").full_name == "contoso/new-name"


def test_a_lost_answer_leaves_the_issue_there() -> None:
    faults = FaultPlan([FaultRule(FaultKind.LOST, method="POST", times=1)])
    handle = start_server(build_github(faults=faults))
    try:
        demo = client(handle.url).get_repo("contoso/demo")

        with pytest.raises(Exception, match=r"RemoteDisconnected|Connection"):
            demo.create_issue("Lost")

        assert [issue.title for issue in demo.get_issues()] == ["Lost"]
    finally:
        handle.stop()
