"""Deliberate damage in the Jira stand-in, kind by kind. Each is done to one issue, says what a faithful verification
must name, and can be undone."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.jira.records import Attachment, Comment, Issue, IssueLink
from sandbox.jira.state import SiteState

Named = tuple[str, str]
"""Source item and field, as a difference names them."""


@dataclass(frozen=True)
class Damage:
    """What was done. `beside` are items that may be named as well, because they share what was damaged."""

    undo: Callable[[], object]
    named: frozenset[Named]
    beside: frozenset[str] = frozenset()

    @property
    def touched(self) -> frozenset[str]:
        return self.beside | {item for item, _ in self.named}


Strike = Callable[[SiteState, Issue, random.Random], "Damage | None"]
KINDS: dict[str, Strike] = {}


def kind(name: str) -> Callable[[Strike], Strike]:
    """Register a kind of damage. It returns None for an issue that it cannot be done to."""

    def register(strike: Strike) -> Strike:
        KINDS[name] = strike
        return strike

    return register


def source_of(issue: Issue) -> str:
    mark = issue.properties["isthmus.source"]
    assert isinstance(mark, dict)
    return str(mark["id"])


def named(issue: Issue, name: str) -> frozenset[Named]:
    return frozenset({(source_of(issue), name)})


def _set(issue: Issue, name: str, value: object, shown: str) -> Damage:
    """Another value in one of the issue's fields."""
    before = issue.values.get(name)
    issue.values[name] = value
    return Damage(lambda: issue.values.__setitem__(name, before), named(issue, shown))


# --- values ---


@kind("changed title")
def _title(state: SiteState, issue: Issue, chance: random.Random) -> Damage:
    return _set(issue, "summary", f"{issue.summary} again", "title")


@kind("wrong status")
def _status(state: SiteState, issue: Issue, chance: random.Random) -> Damage:
    before = issue.status
    issue.status = chance.choice([s for s in state.statuses.values() if s is not before])
    return Damage(lambda: setattr(issue, "status", before), named(issue, "status"))


@kind("cleared resolution")
def _resolution(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    return _set(issue, "resolution", None, "resolution") if issue.values.get("resolution") else None


@kind("resolution of an open issue")
def _resolved(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    if issue.values.get("resolution"):
        return None
    return _set(issue, "resolution", next(iter(state.resolutions.values())), "resolution")


@kind("wrong type")
def _type(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    others = [t for t in issue.project.types if t.level == issue.type.level and t is not issue.type]
    if not others:
        return None
    before = issue.type
    issue.type = chance.choice(others)
    return Damage(lambda: setattr(issue, "type", before), named(issue, "type"))


@kind("wrong priority")
def _priority(state: SiteState, issue: Issue, chance: random.Random) -> Damage:
    others = [p for p in state.priorities.values() if p is not issue.values.get("priority")]
    return _set(issue, "priority", chance.choice(others), "priority")


@kind("lost label")
def _label(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    labels = list(issue.values.get("labels") or [])  # type: ignore[call-overload]
    gone = chance.choice(labels)
    return _set(issue, "labels", [label for label in labels if label != gone], "labels")


@kind("lost component")
def _component(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    return _set(issue, "components", [], "components") if issue.values.get("components") else None


@kind("lost sprint")
def _sprint(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    if not issue.sprints or issue.type.level:
        return None
    before = issue.sprints
    issue.sprints = []
    return Damage(lambda: setattr(issue, "sprints", before), named(issue, "sprint"))


@kind("wrong assignee")
def _assignee(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    held = issue.values.get("assignee")
    others = [user for user in state.users.values() if user is not held and user.active]
    return _set(issue, "assignee", chance.choice(others), "assignee") if held else None


@kind("lost assignee")
def _nobody(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    return _set(issue, "assignee", None, "assignee") if issue.values.get("assignee") else None


@kind("wrong reporter")
def _reporter(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    held = issue.values.get("reporter")
    caller = issue.creator
    others = [user for user in state.users.values() if user is not held and user.active]
    # Whom the target does not know is reported by the caller, which verification cannot hold against anybody.
    return _set(issue, "reporter", chance.choice(others), "reporter") if held and held is not caller else None


@kind("changed story points")
def _points(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    points = state.field_named("Story Points")
    held = issue.values.get(points.id) if points else None
    if points is None or not isinstance(held, int | float):
        return None
    return _set(issue, points.id, float(held) + 1, points.id)


@kind("changed estimate")
def _estimate(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    held = issue.values.get("timeoriginalestimate")
    return _set(issue, "timeoriginalestimate", held + 3600, "timetracking") if isinstance(held, int) else None


# --- texts ---


@dataclass
class _Words:
    """Text nodes of one section with words that can be damaged."""

    section: str
    texts: list[dict[str, Any]] = field(default_factory=list)


_WORD = re.compile(r"(?<![\w-])[A-Za-z]{4,}(?![\w-])")


def _sections(body: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(heading, blocks) of a description; its own text has the heading "description"."""
    name, blocks = "description", []
    content = body["content"]
    for place, block in enumerate(content):
        before = content[place - 1] if place else {}
        if block["type"] == "heading" and before.get("type") == "rule":
            yield name, blocks
            name, blocks = "".join(node.get("text", "") for node in block["content"]), []
        elif block["type"] != "rule":
            blocks.append(block)
    yield name, blocks


def _texts(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for node in nodes:
        if node["type"] == "text" and _WORD.search(node["text"]):
            found.append(node)
        found += _texts(node.get("content", []))
    return found


def _rewrite(issue: Issue, wanted: Callable[[str], bool], edit: Callable[[str], str], chance: random.Random) -> Any:
    """One text of one section edited; None where there is none."""
    before = issue.values.get("description")
    body = deepcopy(before)
    if not isinstance(body, dict):
        return None
    sections = [(name, _texts(blocks)) for name, blocks in _sections(body) if wanted(name)]
    choices = [(name, text) for name, texts in sections for text in texts if not _is_source_line(text)]
    if not choices:
        return None
    name, text = chance.choice(choices)
    text["text"] = edit(text["text"])
    issue.values["description"] = body
    return Damage(lambda: issue.values.__setitem__("description", before), named(issue, name))


def _is_source_line(text: dict[str, Any]) -> bool:
    return text["text"].startswith("Source:") or any(mark["type"] == "link" for mark in text.get("marks", ()))


def _without_word(text: str) -> str:
    return _WORD.sub("", text, count=1)


def _with_other_word(text: str) -> str:
    return _WORD.sub("quagmire", text, count=1)


@kind("missing word in the description")
def _missing_word(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    return _rewrite(issue, lambda name: name == "description", _without_word, chance)


@kind("altered word in the description")
def _altered_word(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    return _rewrite(issue, lambda name: name == "description", _with_other_word, chance)


@kind("added word in the description")
def _added_word(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    return _rewrite(issue, lambda name: name == "description", lambda text: f"{text} never", chance)


@kind("missing word in a section")
def _missing_section_word(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    return _rewrite(issue, lambda name: name != "description", _without_word, chance)


@kind("altered word in a section")
def _altered_section_word(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    return _rewrite(issue, lambda name: name != "description", _with_other_word, chance)


@kind("swapped paragraphs")
def _swapped_paragraphs(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    before = issue.values.get("description")
    body = deepcopy(before)
    if not isinstance(body, dict):
        return None
    own = next(blocks for _, blocks in _sections(body))
    words = [" ".join(text["text"] for text in _texts([block])).split() for block in own]
    pairs = [n for n in range(len(own) - 1) if words[n] + words[n + 1] != words[n + 1] + words[n]]
    if not pairs:
        return None
    pair = chance.choice(pairs)
    first, second = body["content"].index(own[pair]), body["content"].index(own[pair + 1])
    body["content"][first], body["content"][second] = body["content"][second], body["content"][first]
    issue.values["description"] = body
    return Damage(lambda: issue.values.__setitem__("description", before), named(issue, "description"))


@kind("lost section")
def _lost_section(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    before = issue.values.get("description")
    body = deepcopy(before)
    if not isinstance(body, dict):
        return None
    name, blocks = chance.choice(list(_sections(body)))
    if name == "description" or not blocks or not _texts(blocks):
        return None
    body["content"] = [block for block in body["content"] if block not in blocks or _is_line_back(block)]
    issue.values["description"] = body
    return Damage(lambda: issue.values.__setitem__("description", before), named(issue, name))


def _is_line_back(block: dict[str, Any]) -> bool:
    return block["type"] == "paragraph" and str(block.get("content", [{}])[0].get("text", "")).startswith("Source")


@kind("lost picture")
def _picture(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    before = issue.values.get("description")
    body = deepcopy(before)
    if not isinstance(body, dict):
        return None
    pictures = [block for block in body["content"] if block["type"] == "mediaSingle"]
    if not pictures:
        return None
    body["content"].remove(chance.choice(pictures))
    issue.values["description"] = body
    return Damage(lambda: issue.values.__setitem__("description", before), named(issue, "description"))


# --- comments ---


def _marked(issue: Issue) -> list[Comment]:
    return [comment for comment in issue.comments if "isthmus.source" in comment.properties]


def _comment_name(comment: Comment) -> str:
    mark = comment.properties["isthmus.source"]
    assert isinstance(mark, dict)
    return f"comment {mark['id']}"


@kind("lost comment")
def _lost_comment(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    if not _marked(issue):
        return None
    comment = chance.choice(_marked(issue))
    place = issue.comments.index(comment)
    issue.comments.remove(comment)
    return Damage(lambda: issue.comments.insert(place, comment), named(issue, _comment_name(comment)))


@kind("doubled comment")
def _doubled_comment(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    if not _marked(issue):
        return None
    comment = chance.choice(_marked(issue))
    double = replace(comment, id=state.id("comment"))
    issue.comments.append(double)
    return Damage(lambda: issue.comments.remove(double), named(issue, _comment_name(comment)))


@kind("swapped comments")
def _swapped_comments(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    if len(_marked(issue)) < 2:
        return None
    before = list(issue.comments)
    a, b = sorted(chance.sample(range(len(before)), 2))
    issue.comments[a], issue.comments[b] = issue.comments[b], issue.comments[a]
    both = named(issue, _comment_name(before[a])) | named(issue, _comment_name(before[b]))
    return Damage(lambda: issue.comments.__setitem__(slice(None), before), both)


def _rewrite_comment(issue: Issue, edit: Callable[[dict[str, Any]], bool], chance: random.Random) -> Damage | None:
    choices = _marked(issue)
    chance.shuffle(choices)
    for comment in choices:
        before, body = comment.body, deepcopy(comment.body)
        if edit(body):
            comment.body = body
            return Damage(lambda: setattr(comment, "body", before), named(issue, _comment_name(comment)))  # noqa: B023
    return None


@kind("changed comment word")
def _comment_word(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    def edit(body: dict[str, Any]) -> bool:
        texts = _texts(body["content"][1:])
        if texts:
            chance.choice(texts).update(text="quagmire")
        return bool(texts)

    return _rewrite_comment(issue, edit, chance)


@kind("lost comment word")
def _lost_comment_word(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    def edit(body: dict[str, Any]) -> bool:
        texts = _texts(body["content"][1:])
        if texts:
            text = chance.choice(texts)
            text["text"] = _without_word(text["text"])
        return bool(texts)

    return _rewrite_comment(issue, edit, chance)


@kind("removed author line")
def _author_line(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    def edit(body: dict[str, Any]) -> bool:
        del body["content"][0]
        return True

    return _rewrite_comment(issue, edit, chance)


@kind("another author")
def _other_author(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    def edit(body: dict[str, Any]) -> bool:
        body["content"][0]["content"][0]["text"] = "Somebody Else on 2020-01-01 00:00:00 UTC"
        return True

    return _rewrite_comment(issue, edit, chance)


# --- files ---


def _file(issue: Issue, chance: random.Random) -> Attachment | None:
    return chance.choice(issue.attachments) if issue.attachments else None


@kind("changed byte in a file")
def _byte(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    file = _file(issue, chance)
    if file is None or not file.content:
        return None
    before, place = file.content, chance.randrange(len(file.content))
    file.content = before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :]
    return Damage(lambda: setattr(file, "content", before), named(issue, f"file {file.filename}"))


@kind("cut file")
def _cut(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    file = _file(issue, chance)
    if file is None or not file.content:
        return None
    before, file.content = file.content, file.content[:-1]
    return Damage(lambda: setattr(file, "content", before), named(issue, f"file {file.filename}"))


@kind("lost file")
def _lost_file(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    file = _file(issue, chance)
    if file is None:
        return None
    place = issue.attachments.index(file)
    issue.attachments.remove(file)
    return Damage(lambda: issue.attachments.insert(place, file), named(issue, f"file {file.filename}"))


@kind("doubled file")
def _doubled_file(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    file = _file(issue, chance)
    if file is None:
        return None
    double = replace(file, id=state.id("attachment"), media_id=f"double-{file.media_id}")
    issue.attachments.append(double)
    state.attachments[double.id] = double

    def undo() -> None:
        issue.attachments.remove(double)
        del state.attachments[double.id]

    return Damage(undo, named(issue, f"file {file.filename}"))


# --- structure ---


def _hang(issue: Issue, parent: Issue | None) -> None:
    if issue.parent is not None:
        issue.parent.children.remove(issue)
    issue.parent = parent
    if parent is not None:
        parent.children.append(issue)


@kind("lost parent")
def _lost_parent(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    before = issue.parent
    if before is None:
        return None
    _hang(issue, None)
    return Damage(lambda: _hang(issue, before), named(issue, "parent"))


@kind("wrong parent")
def _wrong_parent(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    before = issue.parent
    others = [i for i in state.issues.values() if before and i.type.level == before.type.level and i is not before]
    if before is None or not others:
        return None
    _hang(issue, chance.choice(others))
    return Damage(lambda: _hang(issue, before), named(issue, "parent"))


@kind("doubled issue")
def _doubled_issue(state: SiteState, issue: Issue, chance: random.Random) -> Damage:
    double = copy(issue)
    double.id, double.number = state.number("issue"), issue.project.next_number
    issue.project.next_number += 1
    double.key = f"{issue.project.key}-{double.number}"
    double.rank = state.last_rank()
    double.comments, double.attachments, double.links, double.children = [], [], [], []
    state.add_issue(double)
    return Damage(lambda: state.remove_issue(double), named(issue, "item"))


@kind("deleted issue")
def _deleted_issue(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    if issue.children or issue.links:
        return None
    parent = issue.parent
    state.remove_issue(issue)

    def undo() -> None:
        issue.parent = parent
        state.add_issue(issue)
        state.comments.update((comment.id, comment) for comment in issue.comments)
        state.attachments.update((file.id, file) for file in issue.attachments)
        state.media.update((file.media_id, file) for file in issue.attachments)

    return Damage(undo, named(issue, "item"))


# --- links ---


def _link(issue: Issue, wanted: Callable[[IssueLink], bool], chance: random.Random) -> IssueLink | None:
    choices = [link for link in issue.links if wanted(link)]
    return chance.choice(choices) if choices else None


def _is_ours(link: IssueLink) -> bool:
    return all("isthmus.source" in end.properties for end in (link.inward, link.outward))


def _ends(link: IssueLink) -> frozenset[Named]:
    return named(link.inward, "links") | named(link.outward, "links")


def _is_directed(link: IssueLink) -> bool:
    return _is_ours(link) and link.type.inward != link.type.outward


def _is_plain(link: IssueLink) -> bool:
    """A link that stands for nothing but itself: one between two items that are no parent and child."""
    return _is_ours(link) and link.id not in PARENT_LINKS


PARENT_LINKS: set[str] = set()
"""Ids of links that stand for parents the hierarchy cannot hold; set by the test, which knows the source."""


def _relink(state: SiteState, link: IssueLink) -> None:
    state.links[link.id] = link
    link.inward.links.append(link)
    link.outward.links.append(link)


@kind("lost link")
def _lost_link(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    link = _link(issue, _is_plain, chance)
    if link is None:
        return None
    state.remove_link(link)
    return Damage(lambda: _relink(state, link), _ends(link))


@kind("turned link")
def _turned_link(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    link = _link(issue, _is_directed, chance)
    if link is None:
        return None
    link.inward, link.outward = link.outward, link.inward

    def undo() -> None:
        link.inward, link.outward = link.outward, link.inward

    return Damage(undo, _ends(link))


@kind("link of another type")
def _other_link(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    link = _link(issue, _is_plain, chance)
    if link is None:
        return None
    before = link.type
    link.type = next(t for t in state.link_types.values() if t.name == "Cloners")
    return Damage(lambda: setattr(link, "type", before), _ends(link))


@kind("doubled link")
def _doubled_link(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    link = _link(issue, _is_plain, chance)
    if link is None:
        return None
    double = replace(link, id=state.id("link"))
    _relink(state, double)
    return Damage(lambda: state.remove_link(double), _ends(link))


@kind("lost link to the parent")
def _lost_parent_link(state: SiteState, issue: Issue, chance: random.Random) -> Damage | None:
    link = _link(issue, lambda link: link.id in PARENT_LINKS, chance)
    if link is None:
        return None
    state.remove_link(link)
    ends = frozenset({source_of(link.inward), source_of(link.outward)})
    # The child misses its parent; which end is the child, the test knows by the name of the field alone.
    child = link.outward
    return Damage(lambda: _relink(state, link), named(child, "parent"), beside=ends)
