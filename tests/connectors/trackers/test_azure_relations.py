"""Relations in canonical terms."""

from __future__ import annotations

import json

import pytest

from connectors.domain.work_items import Attachment, Link, LinkKind, RemoteLink
from connectors.trackers.azure_relations import KINDS, Relations, kind_of, read_relations
from tests.connectors.clients.azure_devops.recordings import recorded_answer
from tests.shared import shared_path

BASE = "https://dev.azure.com/contoso"
ITEM = f"{BASE}/P/_workitems/edit/1"
GUID = "098a279a-60b9-40a8-868b-b7fd00c0a439"
PROJECT, REPOSITORY = "30007311-34b8-4487-bb97-000000000001", "5f64706a-c618-4444-8888-000000000002"
SHA = "0123456789abcdef0123456789abcdef01234567"


def read(*entries: dict[str, object]) -> Relations:
    return read_relations(entries, base_url=BASE, item_url=ITEM)


def related(rel: str, number: int = 9, **attributes: object) -> dict[str, object]:
    return {"rel": rel, "url": f"{BASE}/_apis/wit/workItems/{number}", "attributes": attributes}


def test_every_recorded_link_type_has_a_kind() -> None:
    types = json.loads(recorded_answer("GET", "workItemRelationTypes").body)["value"]
    links = {
        entry["referenceName"]
        for entry in types
        if entry["attributes"]["usage"] == "workItemLink" and not entry["attributes"].get("remote")
    }

    assert links == set(KINDS)
    assert all(kind_of(name) is not LinkKind.OTHER for name in links)


def test_both_directions_of_a_type_are_each_others_inverse() -> None:
    for name, kind in KINDS.items():
        if name.endswith("-Forward"):
            assert kind.inverse is KINDS[name.replace("-Forward", "-Reverse")]


@pytest.mark.parametrize(
    ("rel", "kind"),
    [
        ("System.LinkTypes.Hierarchy-Forward", LinkKind.CHILD),
        ("System.LinkTypes.Hierarchy-Reverse", LinkKind.PARENT),
        ("System.LinkTypes.Dependency-Forward", LinkKind.BLOCKS),
        ("System.LinkTypes.Dependency-Reverse", LinkKind.BLOCKED_BY),
        ("System.LinkTypes.Duplicate-Reverse", LinkKind.DUPLICATES),
        ("Microsoft.VSTS.Common.TestedBy-Forward", LinkKind.TESTED_BY),
        ("system.linktypes.related", LinkKind.RELATES),
        ("Custom.Links.Mentions-Forward", LinkKind.OTHER),
    ],
)
def test_links(rel: str, kind: LinkKind) -> None:
    assert read(related(rel, 9, comment="why", isLocked=False)).links == (Link(kind, "9", rel, "why"),)


def test_the_parent_is_told_apart() -> None:
    relations = read(related("System.LinkTypes.Related", 5), related("System.LinkTypes.Hierarchy-Reverse", 6))

    assert (relations.parent, len(relations.links)) == ("6", 2)


@pytest.mark.parametrize(
    ("size", "expected"), [(199027, 199027), ("199027", 199027), (0, None), ("0", None), (None, None)]
)
def test_files_tell_their_size_or_do_not_know_it(size: object, expected: int | None) -> None:
    url = f"{BASE}/_apis/wit/attachments/{GUID}"
    about = {"name": "a b.gif", "resourceSize": size, "comment": "look"}

    files = read({"rel": "AttachedFile", "url": url, "attributes": about}).attachments

    assert files == (Attachment(GUID, "a b.gif", url, expected, None, "look"),)


def test_a_file_that_is_listed_twice_is_one_file_and_one_name_may_be_two_files() -> None:
    other = GUID.replace("0", "1")
    entries: list[dict[str, object]] = [
        {"rel": "AttachedFile", "url": f"{BASE}/_apis/wit/attachments/{guid}", "attributes": {"name": "log.txt"}}
        for guid in (GUID, GUID, other)
    ]

    assert [file.id for file in read(*entries).attachments] == [GUID, other]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            f"vstfs:///Git/Commit/{PROJECT}%2F{REPOSITORY}%2F{SHA}",
            RemoteLink("commit", f"{BASE}/{PROJECT}/_git/{REPOSITORY}/commit/{SHA}", "Commit 01234567"),
        ),
        (
            f"vstfs:///Git/PullRequestId/{PROJECT}%2f{REPOSITORY}%2f42",
            RemoteLink("pull_request", f"{BASE}/{PROJECT}/_git/{REPOSITORY}/pullrequest/42", "Pull request 42"),
        ),
        (
            f"vstfs:///Git/Ref/{PROJECT}%2F{REPOSITORY}%2FGBfeature%2Fx",
            RemoteLink("branch", f"{BASE}/{PROJECT}/_git/{REPOSITORY}?version=GBfeature%2Fx", "Branch feature/x"),
        ),
        (
            f"vstfs:///Git/Ref/{PROJECT}%2F{REPOSITORY}%2FGTv1.0",
            RemoteLink("tag", f"{BASE}/{PROJECT}/_git/{REPOSITORY}?version=GTv1.0", "Tag v1.0"),
        ),
        ("vstfs:///Build/Build/1287", RemoteLink("build", f"{BASE}/_build/results?buildId=1287", "Build 1287")),
        (
            f"vstfs:///Wiki/WikiPage/{PROJECT}%2F{REPOSITORY}%2FHome%2FStart",
            RemoteLink(
                "wiki_page",
                f"{BASE}/{PROJECT}/_wiki/wikis/{REPOSITORY}?pagePath=%2FHome/Start",
                "Wiki page Home/Start",
            ),
        ),
        (
            f"vstfs:///GitHub/PullRequest/{PROJECT}%2F17",
            RemoteLink(
                "github_pull_request", f"{ITEM}#vstfs:///GitHub/PullRequest/{PROJECT}%2F17", "GitHub pull request 17"
            ),
        ),
        (
            "vstfs:///TestManagement/TcmResult/100038.100000",
            RemoteLink(
                "test_result", f"{ITEM}#vstfs:///TestManagement/TcmResult/100038.100000", "Test result 100038.100000"
            ),
        ),
        ("vstfs:///Unheard/Of/77", RemoteLink("artifact", f"{ITEM}#vstfs:///Unheard/Of/77", "77")),
    ],
)
def test_artifacts_have_a_readable_title_and_a_page_to_open(url: str, expected: RemoteLink) -> None:
    assert read({"rel": "ArtifactLink", "url": url, "attributes": {}}).remote_links == (expected,)


def test_web_pages_and_items_of_other_organizations() -> None:
    relations = read(
        {"rel": "Hyperlink", "url": "https://example.com/a", "attributes": {"comment": "the page"}},
        {"rel": "Hyperlink", "url": "https://example.com/b", "attributes": None},
        {
            "rel": "System.LinkTypes.Remote.Related",
            "url": "https://dev.azure.com/fabrikam/_apis/wit/workItems/12",
            "attributes": {"name": "Remote Related"},
        },
    )

    assert relations.remote_links == (
        RemoteLink("web_page", "https://example.com/a", "the page", "the page"),
        RemoteLink("web_page", "https://example.com/b", "https://example.com/b"),
        RemoteLink(
            "remote_item", "https://dev.azure.com/fabrikam/_workitems/edit/12", "Remote Related: dev.azure.com #12"
        ),
    )
    assert relations.links == ()


def test_no_relation_of_the_real_projects_is_lost() -> None:
    entries, found = 0, 0
    for path in sorted(shared_path("data/ado").glob("*.json")):
        for item in json.loads(path.read_text(encoding="utf-8"))["workItems"]:
            relations = item.get("relations") or []
            result = read(*relations)
            entries += len(relations)
            found += len(result.links) + len(result.remote_links) + len(result.attachments)
            assert all(link.url.startswith("http") and link.title for link in result.remote_links)

    assert entries == found == 2542
