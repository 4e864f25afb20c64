"""Compares texts: the description section by section, and the discussion comment by comment.

Every text is proved twice. The target must show the words of the document that its source converts to, in their
order; and the words of the source must all be among them, read by an extractor that shares no code with the
converter, so that a mistake of the converter cannot hide itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from connectors.domain.ports import Document, TargetComment
from connectors.domain.richtext.adf import Document as RichDocument
from connectors.domain.richtext.composite import split_sections
from connectors.domain.richtext.words import visible_words
from migrations_app.engine.compare import Report

BODY = "description"
NAMED = 20
"""Words shown in a difference."""
_ADDRESS = re.compile(r"[^\s<>\"'(),;]{0,300}/_workitems/edit/(\d{1,10})(?:[/?#][^\s<>\"'(),;]*)?", re.IGNORECASE)
_KEY = re.compile(r"(?<![\w-])([A-Z][A-Z0-9_]*-\d+)(?![\w-])")


class Names:
    """Reads references to one item alike, whether the text was written before or after that item moved."""

    def __init__(self, source_of: Callable[[str], str | None]) -> None:
        self._source_of = source_of

    def plain(self, word: str) -> str:
        """The word with keys and addresses of moved items as `#id`."""
        if "/_workitems/edit/" in word.lower():
            word = _ADDRESS.sub(r"#\1", word)
        return _KEY.sub(self._number, word) if "-" in word else word

    def _number(self, match: re.Match[str]) -> str:
        source = self._source_of(match.group(1))
        return f"#{source}" if source else match.group()


@dataclass(frozen=True, slots=True)
class SourceWords:
    """The words of one text of the source; `section` is the heading it stands under, empty for the description."""

    section: str
    words: Counter[str]


def compare_body(
    report: Report,
    wanted: Document,
    found: Document | None,
    texts: Sequence[SourceWords],
    *,
    names: Names,
    overflow: str = "",
    exact: bool = True,
) -> None:
    """`wanted` is the document the item converts to; `overflow` the words kept in a file because they did not fit.
    Without `exact` only the source's own words are asked for: the text had to be made plain."""
    if report.excuses(BODY) or report.excuses("body"):
        return
    headings = _headings(wanted)
    should, stands = _sections(wanted, headings), _sections(found, headings)
    differing = set()
    if exact:
        for heading, words in should.items():
            if _compare_words(report, heading or BODY, words, stands.get(heading, []), names=names):
                differing.add(heading)
        if not differing:
            _compare_pictures(report, wanted, found)
    everything = Counter(word for words in stands.values() for word in words)
    for text in texts:
        if text.section in differing:
            continue
        there = Counter(stands[text.section]) if text.section in stands and exact else everything
        _miss_words(report, text.section or BODY, text.words, there + Counter(overflow.split()), names=names)


def _headings(document: Document) -> frozenset[str]:
    """The headings that a ruler stands before: those that part the description."""
    content = document.get("content", [])
    return frozenset(
        "".join(visible_words_of(node, between=" "))
        for before, node in pairwise(content)
        if before["type"] == "rule" and node["type"] == "heading"
    )


def visible_words_of(node: Mapping[str, Any], *, between: str) -> str:
    """The words of one node."""
    return between.join(visible_words(cast(RichDocument, {"type": "doc", "content": [node]})))


def _sections(document: Document | None, headings: frozenset[str]) -> dict[str, list[str]]:
    """Words by heading; the description itself has none, the line back to the source stands under `Source`."""
    parts = split_sections(cast(RichDocument, document or {"type": "doc", "content": []}), headings)
    found = {"": visible_words(parts.body)}
    for section in parts.sections:
        found.setdefault(section.heading, []).extend(visible_words(section.document))
    if parts.source_line is not None:
        found["Source"] = visible_words(parts.source_line)
    return found


def _compare_words(report: Report, name: str, wanted: list[str], found: list[str], *, names: Names) -> bool:
    """Whether the words differ; reports which are lost, altered, added, or in another order."""
    if wanted == found:
        return False
    should, stands = [names.plain(word) for word in wanted], [names.plain(word) for word in found]
    if should == stands:
        return False
    lost, added = Counter(should) - Counter(stands), Counter(stands) - Counter(should)
    code = "WORDS_ALTERED" if lost and added else "WORDS_MISSING" if lost else "WORDS_ADDED"
    if lost or added:
        report.add(name, code, _some(lost), _some(added) or f"{lost.total()} words are missing")
    else:
        place = next(n for n, (a, b) in enumerate(zip(should, stands, strict=True)) if a != b)
        report.add(name, "WORDS_REORDERED", " ".join(wanted[place:][:NAMED]), " ".join(found[place:][:NAMED]))
    return True


def _miss_words(report: Report, name: str, wanted: Counter[str], found: Counter[str], *, names: Names) -> None:
    """Words of the source that its own section does not have."""
    if not wanted - found:
        return
    lost = _plain(wanted, names) - _plain(found, names)
    if lost:
        report.add(name, "WORDS_MISSING", _some(lost), f"{lost.total()} words are missing")


def _plain(words: Counter[str], names: Names) -> Counter[str]:
    made: Counter[str] = Counter()
    for word, count in words.items():
        made[names.plain(word)] += count
    return made


def _some(words: Counter[str]) -> str:
    return " ".join(list(words.elements())[:NAMED])


def _compare_pictures(report: Report, wanted: Document, found: Document | None) -> None:
    missing = Counter(_media(wanted)) - Counter(_media(found or {}))
    if missing:
        report.add(BODY, "PICTURE_MISSING", ", ".join(sorted(missing)), f"{missing.total()} pictures are missing")


def _media(document: Document) -> Iterator[str]:
    pending: list[Mapping[str, Any]] = [document]
    while pending:
        node = pending.pop()
        if node.get("type") == "media":
            yield str(node.get("attrs", {}).get("id", ""))
        pending.extend(node.get("content", ()))


# comments


@dataclass(frozen=True, slots=True)
class ExpectedComment:
    """A comment as it should stand. `target_id` is what it became, empty when it was never made; `changed` when its
    source was edited since."""

    source: str
    target_id: str
    document: Document
    words: Counter[str]
    overflow: str = ""
    changed: bool = False


def compare_comments(
    report: Report, expected: Sequence[ExpectedComment], found: Sequence[TargetComment], *, names: Names, me: str
) -> None:
    """Count, order, author line and text. Comments that people wrote in the target do not count."""
    places = {comment.id: place for place, comment in enumerate(found)}
    standing = []
    for comment in expected:
        place = places.get(comment.target_id)
        if place is None:
            shown = " ".join(visible_words(cast(RichDocument, comment.document)))
            report.add(f"comment {comment.source}", "COMMENT_MISSING", shown, f"{len(found)} comments are there")
            continue
        standing.append((comment, place))
        if not comment.changed:
            _compare_comment(report, comment, found[place].body, names=names)
    in_place = sorted(standing, key=lambda pair: pair[1])
    for (wanted, place), (other, _) in zip(standing, in_place, strict=True):
        if wanted.source != other.source:
            report.add(f"comment {wanted.source}", "COMMENT_MOVED", f"before {other.source}", f"at place {place + 1}")
    _find_doubles(report, [comment for comment, _ in standing], found, me=me)


def _compare_comment(report: Report, comment: ExpectedComment, body: Document, *, names: Names) -> None:
    """The first line names author and time; what follows is the text."""
    name = f"comment {comment.source}"
    head, *_ = wanted = list(comment.document.get("content", []))
    stands = list(body.get("content", []))
    line, there = visible_words_of(head, between=" "), visible_words_of(stands[0], between=" ") if stands else ""
    if line == there:
        wanted, stands = wanted[1:], stands[1:]
    else:
        report.add(name, "COMMENT_AUTHOR_DIFFERS", line, there)
        wanted = wanted[1:]
        # A line in another hand still is the line; a line that is gone leaves the text in its place
        stands = stands[1:] if len(stands) > len(wanted) else stands
    text = _words_of(stands)
    if not _compare_words(report, name, _words_of(wanted), text, names=names):
        _miss_words(report, name, comment.words, Counter(text) + Counter(comment.overflow.split()), names=names)
    missing = Counter(_media({"content": wanted})) - Counter(_media({"content": stands}))
    if missing:
        report.add(name, "PICTURE_MISSING", ", ".join(sorted(missing)), f"{missing.total()} pictures are missing")


def _words_of(content: list[dict[str, Any]]) -> list[str]:
    return visible_words(cast(RichDocument, {"type": "doc", "content": content}))


def _find_doubles(
    report: Report, standing: Sequence[ExpectedComment], found: Sequence[TargetComment], *, me: str
) -> None:
    """A second comment of ours with the same words, which nobody ordered."""
    ours = {comment.target_id for comment in standing}
    texts = {tuple(visible_words(cast(RichDocument, comment.document))): comment for comment in standing}
    for stray in found:
        if stray.id in ours or (stray.author is not None and stray.author.id != me):
            continue
        twin = texts.get(tuple(visible_words(cast(RichDocument, stray.body)))) if stray.body else None
        if twin is not None:
            report.add(f"comment {twin.source}", "COMMENT_DOUBLED", twin.target_id, stray.id)
