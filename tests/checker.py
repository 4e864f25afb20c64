"""An auditor of migrations who knows only what the two stand-ins hold: nothing of the product, not even its database.

It reads the source project and the Jira project and lists everything that is missing or there too often. It shares no
code with the product's own verification, so that a mistake there cannot hide behind itself.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator

from sandbox.ado.blobs import content_of
from sandbox.ado.model import Item
from sandbox.ado.service import AdoService
from sandbox.jira.records import Issue
from sandbox.jira.service import JiraService

HIERARCHY = "System.LinkTypes.Hierarchy-Reverse"
NOT_LINKS = ("AttachedFile", "Hyperlink", "ArtifactLink")
DATA = re.compile(r"data:image/[a-z]+;base64,([A-Za-z0-9+/=]+)")
FILE = re.compile(r"_apis/wit/attachments/([0-9a-f-]{36})", re.IGNORECASE)


def complaints(ado: AdoService, jira: JiraService, project: str) -> list[str]:
    """What did not arrive, or arrived twice, in words. Empty after a faithful migration."""
    items = {item.id: item for item in ado.org.items.values() if item.project.name == project and item.visible}
    issues: dict[int, list[Issue]] = {}
    for issue in jira.content.issues.values():
        mark = issue.properties.get("isthmus.source")
        if isinstance(mark, dict) and mark.get("project") == project:
            issues.setdefault(int(mark["id"]), []).append(issue)
    found = [f"item {source}: created {len(copies)} times" for source, copies in issues.items() if len(copies) > 1]
    found += [f"item {source} {item.type}: missing" for source, item in items.items() if source not in issues]
    found += [f"issue of {source}: nobody asked for it" for source in issues if source not in items]
    pairs = {source: copies[0] for source, copies in issues.items() if source in items}
    for source, issue in pairs.items():
        found += [f"item {source} ({issue.key}): {words}" for words in _compare(ado, items[source], issue, pairs)]
    found += _addresses_left(jira)
    return sorted(found)


def _compare(ado: AdoService, item: Item, issue: Issue, pairs: dict[int, Issue]) -> Iterator[str]:
    yield from _compare_parent(item, issue, pairs)
    yield from _compare_comments(item, issue)
    yield from _compare_files(ado, item, issue)
    yield from _compare_links(item, issue, pairs)
    if "migrated-from-ado" not in _labels(issue) or f"ado-id-{item.id}" not in _labels(issue):
        yield "labels are missing"


def _labels(issue: Issue) -> list[str]:
    labels = issue.values.get("labels")
    return list(labels) if isinstance(labels, list | tuple) else []


def _compare_parent(item: Item, issue: Issue, pairs: dict[int, Issue]) -> Iterator[str]:
    parent = pairs.get(item.parent) if item.parent else None
    if parent is None:
        if issue.parent is not None:
            yield f"has the parent {issue.parent.key}, but none in the source"
        return
    linked = any(parent in (link.inward, link.outward) for link in issue.links)
    if issue.parent is not parent and not linked:
        yield f"lost its parent {item.parent}"


def _compare_comments(item: Item, issue: Issue) -> Iterator[str]:
    wanted = Counter(str(comment.id) for comment in item.comments if not comment.deleted)
    marks = (comment.properties.get("isthmus.source") for comment in issue.comments)
    present = Counter(str(mark["id"]) for mark in marks if isinstance(mark, dict))
    for comment, count in (wanted - present).items():
        yield f"comment {comment} missing {count} times"
    for comment, count in (present - wanted).items():
        yield f"comment {comment} too often: {count}"
    order = [str(c.properties["isthmus.source"]["id"]) for c in issue.comments if "isthmus.source" in c.properties]  # type: ignore[call-overload, index]
    if not wanted - present and order != [str(comment.id) for comment in item.comments if not comment.deleted]:
        yield "comments are in another order"


def _compare_files(ado: AdoService, item: Item, issue: Issue) -> Iterator[str]:
    wanted = Counter(_digests(ado, item))
    present = Counter(
        (attachment.filename, hashlib.sha256(attachment.content).hexdigest()) for attachment in issue.attachments
    )
    for name, count in (wanted - present).items():
        yield f"file {name[0]} missing {count} times"
    pasted = set(_pasted(item))
    for digest in pasted - {digest for _, digest in present}:
        yield f"a pasted picture is missing ({digest[:8]})"
    for name, count in (present - wanted).items():
        if not name[0].endswith("-continued.txt") and name[1] not in pasted:
            yield f"file {name[0]} too often: {count}"


def _pasted(item: Item) -> Iterator[str]:
    """Pictures that stand in the text itself, by digest; they have no name."""
    for value in item.fields.values():
        for encoded in DATA.findall(value) if isinstance(value, str) else ():
            yield hashlib.sha256(base64.b64decode(encoded)).hexdigest()


def _digests(ado: AdoService, item: Item) -> Iterator[tuple[str, str]]:
    """Attached files and the pictures inside texts, each stored file once."""
    seen: dict[str, str] = {}
    for relation in item.relations:
        if relation.rel == "AttachedFile":
            guid = FILE.search(relation.url)
            seen[guid.group(1).lower() if guid else relation.url.lower()] = relation.name
    texts = [str(value) for value in item.fields.values() if isinstance(value, str)]
    texts += [comment.versions[-1].text for comment in item.comments if not comment.deleted]
    for text in texts:
        for guid in FILE.findall(text):
            stored = ado.org.attachments.get(guid.lower())
            if stored is not None:
                seen.setdefault(guid.lower(), stored.name)
    for guid, name in seen.items():
        stored = ado.org.attachments.get(guid)
        if stored is not None:
            yield name or stored.name, hashlib.sha256(content_of(stored)).hexdigest()


def _compare_links(item: Item, issue: Issue, pairs: dict[int, Issue]) -> Iterator[str]:
    """Every related item of the source is linked; nothing is linked twice with one type."""
    for relation in item.relations:
        if relation.rel in NOT_LINKS or relation.target is None or "Hierarchy" in relation.rel:
            continue
        other = pairs.get(relation.target)
        if other is not None and other is not issue and not _are_linked(issue, other):
            yield f"link {relation.rel} to {relation.target} is missing"
    doubles = Counter((link.type.name, link.inward.key, link.outward.key) for link in issue.links)
    for link, count in doubles.items():
        if count > 1:
            yield f"link {link} stands {count} times"


def _are_linked(issue: Issue, other: Issue) -> bool:
    return any(other in (link.inward, link.outward) for link in issue.links)


def _addresses_left(jira: JiraService) -> Iterator[str]:
    """No picture may still point to Azure DevOps."""
    for issue in jira.content.issues.values():
        for text in (repr(issue.values.get("description")), *(repr(comment.body) for comment in issue.comments)):
            if "'type': 'external'" in text and "_apis/wit/attachments" in text:
                yield f"{issue.key}: a picture still points to the source"
