"""A GitHub repository as one side of a synchronization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from connectors.clients.github.wire.answers import Code
from connectors.clients.github.wire.payloads import Comment, Issue, NewIssue
from connectors.clients.github.wire.values import dropped_fields, label_names, parse_time
from connectors.domain.errors import Missing, PlatformError, Refused, Unclear
from connectors.domain.ports import FileContent, ItemChanges
from connectors.domain.sides import (
    ASSIGNEE,
    LABELS,
    PRIORITY,
    STATE,
    TEXT,
    TITLE,
    SideComment,
    SideDraft,
    SideFile,
    SideItem,
    SideLink,
    Value,
)
from connectors.trackers.github.content_access import ATTACHMENTS_UNSUPPORTED
from connectors.trackers.github.drafts import SUB_ISSUE_OF
from connectors.trackers.github.marks import Body, join_body, join_comment, split_body, split_comment
from connectors.trackers.github.people import person_from
from connectors.trackers.github.texts import fitting
from connectors.trackers.github.vocabulary import DEFAULT_TYPE, Status, status_of, type_label, type_of
from connectors.trackers.sides.github_changes import ChangeReading
from connectors.trackers.sides.github_repository import key_of, number_of, numbered
from connectors.trackers.sides.github_values import (
    LINK_TYPES,
    MILESTONE,
    STATES,
    body_of,
    is_item,
    labels_with,
    markdown_in,
    read_links,
    read_parent,
    read_values,
    version_of,
)

STATE_UNREACHABLE, FIELD_UNKNOWN, LINK_TYPE_UNKNOWN = "STATE_UNREACHABLE", "FIELD_UNKNOWN", "LINK_TYPE_UNKNOWN"
_WRITABLE = frozenset({TITLE, TEXT, ASSIGNEE, PRIORITY, LABELS, MILESTONE})
_SLACK = timedelta(minutes=5)
"""How far our clock and GitHub's may be apart when a mark is looked for."""
_GAPS = 50
_BEHIND = 3
"""So many numbers behind the last known one are asked for: a list may not know the newest issues."""
_NEVER = datetime.fromtimestamp(0, UTC)


class GitHubSide(ChangeReading):
    """Implements `connectors.domain.sides.Side` over one `GitHubClient`. Thread-safe."""

    # reading

    def read(self, keys: Sequence[str]) -> list[SideItem]:
        wanted = numbered(keys)
        found = self.by_number(list(wanted.values()))
        return [self._item(found[number]) for number in wanted.values() if number in found]

    def _item(self, issue: Issue) -> SideItem:
        """Who changed an issue GitHub tells of some changes only: it is us, or not known."""
        body = body_of(issue)
        me = self.me() if self.is_ours(issue) else None
        return SideItem(
            key=key_of(issue["number"]),
            version=version_of(issue),
            type=type_of(issue),
            changed=parse_time(issue.get("updated_at")) or _NEVER,
            changed_by=me.id if me is not None else "",
            values=read_values(issue, body),
            parent=read_parent(issue, body),
            links=read_links(body, self.target.neighbours_of(issue)),
            comments=() if issue.get("comments") == 0 else None,
            comment_count=issue.get("comments") or 0,
            mark=body.pair_mark,
        )

    # creating

    def create(self, draft: SideDraft) -> str:
        """One request, and one more below a parent. What GitHub leaves out without a word is seen by the next read."""
        body = self._new_issue(draft)
        issue = self.client.create_issue(body)
        self.wrote(issue)
        if draft.parent is not None:
            try:
                self.set_parent(key_of(issue["number"]), draft.parent)
            except Refused:
                pass  # the issue exists, and that it has no parent is found like any other difference
            except PlatformError as error:
                raise Unclear("The issue was created before it could be put below its parent.") from error
        return key_of(issue["number"])

    def _new_issue(self, draft: SideDraft) -> NewIssue:
        values = draft.values
        whole = join_body(Body(markdown_in(values.get(TEXT)), pair_mark=draft.mark))
        body: NewIssue = {"title": str(values.get(TITLE) or ""), "body": fitting(whole, field=TEXT)}
        labels = labels_with(values, ())
        types = {str(kind["name"]).casefold(): str(kind["name"]) for kind in self.target.issue_types()}
        if draft.type.casefold() in types:
            body["type"] = types[draft.type.casefold()]
        elif draft.type and draft.type != DEFAULT_TYPE:
            labels.insert(0, type_label(draft.type))
        if labels:
            body["labels"] = labels
        if values.get(ASSIGNEE):
            body["assignees"] = [str(values[ASSIGNEE])]
        if values.get(MILESTONE):
            body["milestone"] = self._milestone(values[MILESTONE])
        return body

    def find_mark(self, mark: str, *, since: datetime) -> str | None:
        """By number, which search has no part in: lists may not know the newest issues, so that the numbers between
        and behind those they know are asked for as well."""
        known, lowest = set[int](), 1
        for page in self.client.list_issues(newest_first=True):
            for issue in page:
                known.add(issue["number"])
                if is_item(issue) and body_of(issue).pair_mark == mark:
                    return key_of(issue["number"])
            if any((parse_time(issue.get("created_at")) or _NEVER) < since - _SLACK for issue in page):
                lowest = min(known)
                break
        highest = max(known, default=0)
        unknown = [number for number in range(lowest, highest) if number not in known][-_GAPS:]
        return self._marked(mark, unknown) or self._marked_behind(mark, highest)

    def _marked(self, mark: str, numbers: Sequence[int]) -> str | None:
        found = self.target.reader.read_now(numbers) if numbers else {}
        marked = (issue for issue in found.values() if is_item(issue) and body_of(issue).pair_mark == mark)
        return next((key_of(issue["number"]) for issue in marked), None)

    def _marked_behind(self, mark: str, highest: int) -> str | None:
        number, missed = highest, 0
        while missed < _BEHIND:
            number += 1
            try:
                issue = self.client.get_issue(number)
            except Missing:
                missed += 1
                continue
            missed = 0
            if is_item(issue) and body_of(issue).pair_mark == mark:
                return key_of(number)
        return None

    # writing

    def write(self, key: str, values: Mapping[str, Value]) -> None:
        """One edit, after a look at the issue where lists or its text are to be written. Raises Refused naming the
        fields that GitHub left out without a word: the others are changed."""
        unknown = sorted(values.keys() - _WRITABLE)
        if unknown:
            words = f"GitHub lets nobody set {', '.join(unknown)}"
            raise Refused(words, code=FIELD_UNKNOWN, fields=dict.fromkeys(unknown, "cannot be set"))
        body = self._edit(number_of(key), values)
        if body:
            self._update(number_of(key), body)

    def _edit(self, number: int, values: Mapping[str, Value]) -> NewIssue:
        body: NewIssue = {}
        if values.keys() & {TEXT, LABELS, PRIORITY}:
            standing = self.one(number)
            if TEXT in values:
                body["body"] = _text_of(standing, values[TEXT])
            if values.keys() & {LABELS, PRIORITY}:
                body["labels"] = labels_with(values, label_names(standing.get("labels") or ()))
        if TITLE in values:
            body["title"] = str(values[TITLE] or "")
        if ASSIGNEE in values:
            body["assignees"] = [str(values[ASSIGNEE])] if values[ASSIGNEE] else []
        if MILESTONE in values:
            body["milestone"] = self._milestone(values[MILESTONE]) if values[MILESTONE] else None
        return body

    def _update(self, number: int, body: NewIssue) -> None:
        self.forget(number)
        self.target.reader.forget()
        issue = self.client.update_issue(number, body)
        self.wrote(issue)
        dropped = dropped_fields(body, issue)
        if dropped:
            raise Refused("; ".join(dropped.values()), code=Code.PERMISSION_MISSING, status=403, fields=dropped)

    def _milestone(self, title: Value) -> int:
        """The number of a milestone. Raises Refused naming the field for a title that none has."""
        milestones = self.client.list_milestones()
        found = [entry for entry in milestones if (entry.get("title") or "").casefold() == str(title).casefold()]
        if not found:
            words = f"The repository has no milestone {title}"
            raise Refused(words, code=Code.FIELD_REFUSED, fields={MILESTONE: words})
        return found[0]["number"]

    def move(self, key: str, state: str, *, force: bool = False) -> None:
        """Every state can be reached from every other; a closed issue takes another reason only once it is open."""
        wanted = STATES.get(state.lower())
        if wanted is None:
            words = f"A GitHub issue is {' or '.join(STATES)}, not {state}"
            raise Refused(words, code=STATE_UNREACHABLE, fields={STATE: words})
        number = number_of(key)
        standing = self.one(number)
        if status_of(standing) == wanted:
            return
        if standing.get("state") == "closed":
            self._update(number, {"state": "open"})
        if wanted != Status.OPEN:
            self._update(number, {"state": "closed", "state_reason": wanted})

    # comments

    def comments(self, key: str) -> list[SideComment]:
        return [_side_comment(comment) for comment in self.client.list_comments(number_of(key))]

    def add_comment(self, key: str, text: Value, *, mark: str) -> str:
        whole = fitting(join_comment(markdown_in(text), mark), field="comment")
        self.forget(number_of(key))
        return str(self.client.create_comment(number_of(key), whole)["id"])

    def comment_marks(self, key: str, known: frozenset[str]) -> dict[str, str]:
        return self.target.comment_marks(key, known)

    def edit_comment(self, key: str, comment_id: str, text: Value) -> None:
        """A comment keeps its mark, which only reading it first can tell."""
        mark = split_comment(self.client.get_comment(comment_id).get("body"))[1]
        words = markdown_in(text)
        self.forget(number_of(key))
        whole = words if mark is None else join_comment(words, mark)
        self.client.update_comment(comment_id, fitting(whole, field="comment"))

    def delete_comment(self, key: str, comment_id: str) -> None:
        self.forget(number_of(key))
        try:
            self.client.delete_comment(comment_id)
        except Missing:
            return

    # files, which only GitHub's own pages take

    def add_file(self, key: str, name: str, content: FileContent) -> SideFile:
        """Raises Refused (ATTACHMENTS_UNSUPPORTED)."""
        raise _no_files(name)

    def drop_file(self, key: str, file_id: str) -> None:
        """There are none."""

    def open_file(self, key: str, file_id: str) -> AbstractContextManager[FileContent]:
        raise _no_files(file_id)

    # links

    def link(self, key: str, link: SideLink) -> None:
        source, target = self._ends(key, link)
        self.target.link_items(link.type, source, target)

    def unlink(self, key: str, link: SideLink) -> None:
        source, target = self._ends(key, link)
        self.target.unlink_items(link.type, source, target)

    def _ends(self, key: str, link: SideLink) -> tuple[str, str]:
        """Raises Refused (LINK_TYPE_UNKNOWN)."""
        if link.type not in LINK_TYPES:
            raise Refused(f"GitHub has no links of the type {link.type}", code=LINK_TYPE_UNKNOWN)
        self.forget(number_of(key), number_of(link.other))
        return (key, link.other) if link.outward else (link.other, key)

    def set_parent(self, key: str, parent: str | None) -> None:
        """As a sub-issue; below a parent that takes no more as a line of the text."""
        self.forget(number_of(key), *([number_of(parent)] if parent else []))
        if parent is None:
            self.target.drop_parent(key)
        else:
            self.target.edit_item(key, ItemChanges(fields={SUB_ISSUE_OF: parent}))


def _text_of(standing: Issue, value: Value) -> str:
    """The whole text with another description: what is hidden behind it stays. Raises Refused (TEXT_TOO_LONG)."""
    now = split_body(standing.get("body"))
    whole = Body(markdown_in(value), now.links, now.remote_links, now.mark, now.pair_mark)
    return fitting(join_body(whole), field=TEXT)


def _side_comment(comment: Comment) -> SideComment:
    text, mark = split_comment(comment.get("body"))
    return SideComment(
        id=str(comment["id"]),
        text={"markup": "markdown", "text": text},
        author=person_from(comment.get("user")),
        created=parse_time(comment.get("created_at")),
        modified=parse_time(comment.get("updated_at")),
        mark=mark,
    )


def _no_files(name: str) -> Refused:
    words = f"GitHub takes no files over its interface: {name} stays where it is, linked from the text."
    return Refused(words, code=ATTACHMENTS_UNSUPPORTED, status=415)
