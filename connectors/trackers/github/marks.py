"""Marks and links at the end of an issue's body: how issues and comments that we made are recognised, and where links
stand that GitHub has no resource for. Pure.

    the text
                                                (a blank line)
    <!-- isthmus.links -->
    Related: #12
                                                (a blank line)
    <!-- isthmus.source {"organization": ...} -->
                                                (a blank line)
    <!-- isthmus.pair {"mark": ...} -->

HTML comments are not shown. The last mark of a body counts: a text may hold what looks like one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from connectors.domain.ports import TargetRemoteLink
from connectors.domain.work_items import SourceMark

MARK = "isthmus.source"
_MARK = re.compile(r"<!-- isthmus\.source (\{.*?\}) -->")
_PAIR = re.compile(r"\n*<!-- isthmus\.pair (\{.*?\}) -->")
_BLOCK = re.compile(r"(?:^|\n\n?)<!-- isthmus\.links -->\n(?P<lines>(?:[^\n]+\n?)*)\n*\Z")
_LINK = re.compile(r"^(?P<word>[A-Z][a-z ]+): #(?P<number>\d+)$")
_REMOTE = re.compile(r"<!-- isthmus\.link (\{.*?\}) -->$")


class Relation(StrEnum):
    """What a line of the link block says about another issue."""

    RELATED = "Related"
    DUPLICATES = "Duplicates"
    DUPLICATED_BY = "Duplicated by"
    PARENT = "Parent"
    """For a parent that takes no more sub-issues."""

    @property
    def inverse(self) -> Relation | None:
        """What the other issue says; a parent says nothing."""
        return _INVERSE.get(self)


_INVERSE = {
    Relation.RELATED: Relation.RELATED,
    Relation.DUPLICATES: Relation.DUPLICATED_BY,
    Relation.DUPLICATED_BY: Relation.DUPLICATES,
}
_BY_WORD = {relation.value: relation for relation in Relation}


@dataclass(frozen=True, slots=True)
class Body:
    """A body taken apart."""

    text: str = ""
    links: tuple[tuple[Relation, int], ...] = ()
    remote_links: tuple[TargetRemoteLink, ...] = ()
    mark: SourceMark | None = None
    pair_mark: str | None = None
    """What a synchronization left in an issue that it made."""

    def with_link(self, relation: Relation, number: int) -> Body:
        """With one more link; the same when it is there."""
        if (relation, number) in self.links:
            return self
        return replace(self, links=(*self.links, (relation, number)))

    def without_link(self, relation: Relation, number: int | None = None) -> Body:
        """Without a link; without a number, without all of that relation."""
        left = tuple(each for each in self.links if each[0] is not relation or number not in (None, each[1]))
        return replace(self, links=left)

    def with_remote_link(self, link: TargetRemoteLink) -> Body:
        """With a remote link in the place of the one with its mark."""
        marks = [each.mark for each in self.remote_links]
        if link.mark not in marks:
            return replace(self, remote_links=(*self.remote_links, link))
        return replace(self, remote_links=tuple(link if each.mark == link.mark else each for each in self.remote_links))

    @property
    def parent(self) -> int | None:
        return next((number for relation, number in self.links if relation is Relation.PARENT), None)


def join_body(body: Body) -> str:
    """The body as it is sent."""
    parts = [body.text.strip("\n")] if body.text.strip() else []
    lines = [f"{relation.value}: #{number}" for relation, number in body.links]
    lines += [_remote_line(link) for link in body.remote_links]
    if lines:
        parts.append("\n".join(["<!-- isthmus.links -->", *lines]))
    if body.mark is not None:
        mark = body.mark
        values = {"organization": mark.organization, "project": mark.project, "id": mark.id, "rev": mark.rev}
        parts.append(f"<!-- {MARK} {_hidden(values)} -->")
    if body.pair_mark is not None:
        parts.append(f"<!-- isthmus.pair {_hidden({'mark': body.pair_mark})} -->")
    return "\n\n".join(parts)


def split_body(stored: str | None) -> Body:
    """The parts of a stored body. GitHub's own editor writes CRLF; what people added behind our lines stays text."""
    text, pair_mark = _without_pair_mark((stored or "").replace("\r\n", "\n"))
    found = _last_mark(text)
    mark = _read_mark(found.group(1)) if found is not None else None
    behind = ""
    if found is not None and mark is not None:
        text, behind = text[: found.start()], text[found.end() :]
    block = _BLOCK.search(text.rstrip("\n") + "\n")
    body = Body(text, mark=mark, pair_mark=pair_mark)
    if block is not None:
        body = _with_lines(replace(body, text=text[: block.start()]), block["lines"].splitlines())
    whole = "\n\n".join(part.strip("\n") for part in (body.text, behind) if part.strip())
    return replace(body, text=whole)


def _without_pair_mark(text: str) -> tuple[str, str | None]:
    found = next(reversed(list(_PAIR.finditer(text))), None)
    mark = _object(found.group(1)).get("mark") if found is not None else None
    if found is None or not isinstance(mark, str):
        return text, None
    return text[: found.start()] + text[found.end() :], mark


def join_comment(text: str, source_id: str) -> str:
    """A comment with its mark as its last line."""
    return "\n\n".join(filter(None, (text.strip("\n"), f"<!-- {MARK} {_hidden({'id': source_id})} -->")))


def split_comment(stored: str | None) -> tuple[str, str | None]:
    """Text and source id of a comment; the id is None for a comment that we did not make."""
    text = (stored or "").replace("\r\n", "\n")
    found = _last_mark(text)
    value = _object(found.group(1)).get("id") if found is not None else None
    if found is None or not isinstance(value, str):
        return text, None
    return (text[: found.start()] + text[found.end() :]).strip("\n"), value


def _last_mark(text: str) -> re.Match[str] | None:
    return next(reversed(list(_MARK.finditer(text))), None)


def _remote_line(link: TargetRemoteLink) -> str:
    shown = re.sub(r"([\\\[\]<>`*_])", r"\\\1", link.title or link.url)
    values = {"mark": link.mark, "url": link.url, "title": link.title, "relation": link.relation}
    return f"{link.relation or 'Link'}: [{shown}](<{link.url}>) <!-- isthmus.link {_hidden(values)} -->"


def _with_lines(body: Body, lines: list[str]) -> Body:
    left = []
    for line in lines:
        link, remote = _LINK.match(line), _REMOTE.search(line)
        if link is not None and link["word"] in _BY_WORD:
            body = body.with_link(_BY_WORD[link["word"]], int(link["number"]))
        elif remote is not None:
            values = {name: str(value) for name, value in _object(remote.group(1)).items()}
            known = {name: values.get(name, "") for name in ("mark", "url", "title", "relation")}
            body = body.with_remote_link(TargetRemoteLink(**known))
        else:
            left.append(line)
    return replace(body, text="\n".join([body.text, *left])) if left else body


def _hidden(values: Mapping[str, object]) -> str:
    """JSON that cannot end an HTML comment."""
    text = json.dumps(values, ensure_ascii=False)
    return text.replace("--", "\\u002d\\u002d").replace(">", "\\u003e")


def _object(text: str) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _read_mark(text: str) -> SourceMark | None:
    value = _object(text)
    organization, project, item, rev = (value.get(name) for name in ("organization", "project", "id", "rev"))
    texts = isinstance(organization, str) and isinstance(project, str) and isinstance(item, str)
    if not texts or not isinstance(rev, int):
        return None
    return SourceMark(str(organization), str(project), str(item), rev)
