"""Azure DevOps relations in canonical terms: links between items, links to anything else, files. Pure.

Every relation kind of the service is named here; kinds made by customers become `LinkKind.OTHER` and keep their
reference. https://learn.microsoft.com/azure/devops/boards/queries/link-type-reference
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from connectors.clients.azure_devops.values import (
    Json,
    as_int,
    as_object,
    as_text,
    attachment_id_of,
    attachment_name_of,
    host_of,
    item_id_of,
    read_moment,
)
from connectors.domain.work_items import Attachment, Link, LinkKind, RemoteLink

ATTACHED_FILE = "AttachedFile"
HYPERLINK = "Hyperlink"
ARTIFACT_LINK = "ArtifactLink"
REMOTE_PREFIX = "System.LinkTypes.Remote."

# "This item <kind> the other one": the service names a relation after what the other end is.
KINDS: dict[str, LinkKind] = {
    "System.LinkTypes.Hierarchy-Forward": LinkKind.CHILD,
    "System.LinkTypes.Hierarchy-Reverse": LinkKind.PARENT,
    "System.LinkTypes.Related": LinkKind.RELATES,
    "System.LinkTypes.Dependency-Forward": LinkKind.BLOCKS,  # the other is the successor
    "System.LinkTypes.Dependency-Reverse": LinkKind.BLOCKED_BY,  # the other is the predecessor
    "System.LinkTypes.Duplicate-Forward": LinkKind.DUPLICATED_BY,  # the other is the duplicate
    "System.LinkTypes.Duplicate-Reverse": LinkKind.DUPLICATES,  # this is the duplicate of the other
    "Microsoft.VSTS.Common.TestedBy-Forward": LinkKind.TESTED_BY,
    "Microsoft.VSTS.Common.TestedBy-Reverse": LinkKind.TESTS,
    "Microsoft.VSTS.Common.Affects-Forward": LinkKind.AFFECTS,
    "Microsoft.VSTS.Common.Affects-Reverse": LinkKind.AFFECTED_BY,
    "Microsoft.VSTS.TestCase.SharedStepReferencedBy-Forward": LinkKind.REFERENCED_BY,  # the other is a test case
    "Microsoft.VSTS.TestCase.SharedStepReferencedBy-Reverse": LinkKind.REFERENCES,  # the other is shared steps
    "Microsoft.VSTS.TestCase.SharedParameterReferencedBy-Forward": LinkKind.REFERENCED_BY,
    "Microsoft.VSTS.TestCase.SharedParameterReferencedBy-Reverse": LinkKind.REFERENCES,
}
_BY_LOWER_NAME = {reference.lower(): kind for reference, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Relations:
    """The relations of one item, sorted by what they are."""

    parent: str | None = None
    links: tuple[Link, ...] = ()
    remote_links: tuple[RemoteLink, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def read_relations(entries: Iterable[Json], *, base_url: str, item_url: str) -> Relations:
    """`base_url` is the organization's address, `item_url` the item's own: the place that shows an artifact which
    has no address of its own."""
    links: list[Link] = []
    remote: list[RemoteLink] = []
    files: dict[str, Attachment] = {}
    for entry in entries:
        reference, url = as_text(entry.get("rel")), as_text(entry.get("url"))
        about = as_object(entry.get("attributes"))
        if reference == ATTACHED_FILE:
            file = _attachment(url, about)
            if file is not None:
                files.setdefault(file.id, file)
        elif reference == HYPERLINK:
            remote.append(RemoteLink("web_page", url, _page_title(url, about), as_text(about.get("comment"))))
        elif reference == ARTIFACT_LINK:
            remote.append(_artifact(url, about, base_url=base_url, item_url=item_url))
        elif reference.startswith(REMOTE_PREFIX):
            remote.append(_remote_item(url, about))
        else:
            link = _link(reference, url, about)
            if link is not None:
                links.append(link)
    parent = next((link.target for link in links if link.kind is LinkKind.PARENT), None)
    return Relations(parent, tuple(links), tuple(remote), tuple(files.values()))


def kind_of(reference: str) -> LinkKind:
    """The canonical kind of a relation's reference name, in any case."""
    return _BY_LOWER_NAME.get(reference.lower(), LinkKind.OTHER)


def _link(reference: str, url: str, about: Json) -> Link | None:
    target = item_id_of(url)
    if target is None:
        return None
    return Link(kind_of(reference), target, reference, as_text(about.get("comment")))


def _attachment(url: str, about: Json) -> Attachment | None:
    """`resourceSize` may be missing, text, or 0 for files that were added through the API: then it is unknown."""
    identity = attachment_id_of(url)
    if identity is None:
        return None
    name = as_text(about.get("name")) or attachment_name_of(url) or identity
    created = read_moment(about.get("resourceCreatedDate")) or read_moment(about.get("authorizedDate"))
    size = as_int(about.get("resourceSize"))
    return Attachment(identity, name, url, size or None, created, as_text(about.get("comment")))


def _page_title(url: str, about: Json) -> str:
    return as_text(about.get("comment")) or url


def _remote_item(url: str, about: Json) -> RemoteLink:
    number = item_id_of(url) or ""
    where = host_of(url)
    kind = as_text(about.get("name")) or "Remote item"
    address = url.replace("/_apis/wit/workItems/", "/_workitems/edit/")
    return RemoteLink("remote_item", address, f"{kind}: {where} #{number}", as_text(about.get("comment")))


@dataclass(frozen=True, slots=True)
class _Artifact:
    """What a `vstfs:///` address names. `path` is empty where no page of the service shows it."""

    kind: str
    title: str
    path: str = ""


def _artifact(url: str, about: Json, *, base_url: str, item_url: str) -> RemoteLink:
    """Commits, pull requests, branches, builds and others, with a title a person can read and a page to open."""
    found = _read_artifact(url) or _Artifact("artifact", as_text(about.get("name")) or url.rpartition("/")[2] or url)
    # A target may refuse an address without a host: what has no page is shown at the item, told apart by the fragment
    address = f"{base_url}/{found.path}" if found.path else f"{item_url}#{quote(url, safe=':/%')}"
    if not url.startswith("vstfs:"):
        address = url
    return RemoteLink(found.kind, address, found.title, as_text(about.get("comment")))


def _read_artifact(url: str) -> _Artifact | None:
    tool, _, rest = url.removeprefix("vstfs:///").partition("/")
    kind, _, moniker = rest.partition("/")
    parts = [unquote(part) for part in unquote(moniker).split("/")]
    reader = _ARTIFACTS.get(f"{tool}/{kind}".lower())
    if reader is None or not moniker:
        return None
    return reader(parts)


def _git(kind: str, word: str, folder: str, parts: list[str]) -> _Artifact:
    """`{project}/{repository}/{id}`; older addresses hold the id alone."""
    name = parts[-1]
    shown = name[:8] if kind == "commit" else name
    path = f"{quote(parts[0])}/_git/{quote(parts[1])}/{folder}/{quote(name)}" if len(parts) >= 3 else ""
    return _Artifact(kind, f"{word} {shown}", path)


def _commit(parts: list[str]) -> _Artifact:
    return _git("commit", "Commit", "commit", parts)


def _pull_request(parts: list[str]) -> _Artifact:
    return _git("pull_request", "Pull request", "pullrequest", parts)


def _ref(parts: list[str]) -> _Artifact:
    """`GB` before the name means a branch, `GT` a tag; branch names hold slashes."""
    name = "/".join(parts[2:]) or parts[-1]
    marker, bare = name[:2], name[2:]
    kind, word = ("tag", "Tag") if marker == "GT" else ("branch", "Branch")
    shown = bare if marker in ("GB", "GT") else name
    path = f"{quote(parts[0])}/_git/{quote(parts[1])}?version={quote(name, safe='')}" if len(parts) >= 3 else ""
    return _Artifact(kind, f"{word} {shown}", path)


def _build(parts: list[str]) -> _Artifact:
    return _Artifact("build", f"Build {parts[-1]}", f"_build/results?buildId={quote(parts[-1])}")


def _wiki_page(parts: list[str]) -> _Artifact:
    page = "/".join(parts[2:])
    path = f"{quote(parts[0])}/_wiki/wikis/{quote(parts[1])}?pagePath=%2F{quote(page)}" if len(parts) >= 3 else ""
    return _Artifact("wiki_page", f"Wiki page {page or parts[-1]}", path)


def _changeset(parts: list[str]) -> _Artifact:
    return _Artifact("changeset", f"Changeset {parts[-1]}", f"_versionControl/changeset/{quote(parts[-1])}")


def _versioned_item(parts: list[str]) -> _Artifact:
    return _Artifact("versioned_item", f"Source file {'/'.join(parts).partition('&')[0]}")


def _release(parts: list[str]) -> _Artifact:
    return _Artifact("release", f"Release {parts[-1].rpartition(':')[2]}")


def _test_result(parts: list[str]) -> _Artifact:
    return _Artifact("test_result", f"Test result {parts[-1]}")


def _github_commit(parts: list[str]) -> _Artifact:
    return _Artifact("github_commit", f"GitHub commit {parts[-1][:8]}")


def _github_pull_request(parts: list[str]) -> _Artifact:
    return _Artifact("github_pull_request", f"GitHub pull request {parts[-1]}")


def _github_issue(parts: list[str]) -> _Artifact:
    return _Artifact("github_issue", f"GitHub issue {parts[-1]}")


_ARTIFACTS = {
    "git/commit": _commit,
    "git/pullrequestid": _pull_request,
    "git/ref": _ref,
    "build/build": _build,
    "wiki/wikipage": _wiki_page,
    "versioncontrol/changeset": _changeset,
    "versioncontrol/versioneditem": _versioned_item,
    "versioncontrol/latestitemversion": _versioned_item,
    "releasemanagement/releaseenvironment": _release,
    "testmanagement/tcmresult": _test_result,
    "testmanagement/tcmresultattachment": _test_result,
    "testmanagement/tcmtest": _test_result,
    "github/commit": _github_commit,
    "github/pullrequest": _github_pull_request,
    "github/issue": _github_issue,
}
