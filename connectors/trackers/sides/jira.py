"""A Jira Cloud project as one side of a synchronization."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.answers import LIMIT_REACHED
from connectors.clients.jira.wire.payloads import CreateBody, Issue, Json
from connectors.clients.jira.wire.values import key_number
from connectors.domain.errors import Missing, PlatformError, Refused, Unclear
from connectors.domain.ports import FileContent
from connectors.domain.sides import (
    Cursor,
    SideComment,
    SideDraft,
    SideFile,
    SideItem,
    SideLink,
    SideShape,
    Sightings,
    Value,
)
from connectors.domain.work_items import Person
from connectors.trackers.jira.items import person_from
from connectors.trackers.jira.people import Directory, find_person, read_directory
from connectors.trackers.sides import jira_changes as changing
from connectors.trackers.sides import jira_items as items
from connectors.trackers.sides.jira_marks import READ_LATE, find_mark
from connectors.trackers.sides.jira_moving import move_issue
from connectors.trackers.sides.jira_shape import JiraLayout, JiraType, read_layout
from connectors.trackers.sides.jira_values import write_document

FILES_UNSUPPORTED = "ATTACHMENTS_UNSUPPORTED"
TOO_LARGE = "ATTACHMENT_TOO_LARGE"
TYPE_REFUSED = "TYPE_REFUSED"
_CONFIRM_AFTER = 0.5
_CREATED_WITH = frozenset({"summary"})
"""Taken by every create, whatever its screen lists."""


class JiraSide:
    """Implements `connectors.domain.sides.Side` over one `JiraClient` and project key. Thread-safe.

    The project's shape and its people are read when first needed; `describe` reads the shape anew.
    """

    def __init__(self, client: JiraClient, key: str) -> None:
        self.client = client
        self._given_key = key
        self._layout: JiraLayout | None = None
        self._directory: Directory | None = None
        self._media: dict[str, str] = {}
        self._made: dict[str, float] = {}
        self._reading = threading.RLock()

    # -- what there is

    @property
    def layout(self) -> JiraLayout:
        """The project as last read."""
        with self._reading:
            if self._layout is None:
                self._layout = read_layout(self.client, self._given_key)
            return self._layout

    @property
    def key(self) -> str:
        """The project's key, as Jira spells it once the project was read."""
        return self._layout.key if self._layout else self._given_key

    def describe(self) -> SideShape:
        layout = read_layout(self.client, self._given_key)
        with self._reading:
            self._layout = layout
        return layout.shape

    def check_query(self, query: str) -> None:
        changing.check_query(self.client, query)

    # -- changes

    def start_cursor(self, since: datetime) -> Cursor:
        return changing.start_cursor(since)

    def changes(self, query: str, cursor: Cursor) -> Sightings:
        return changing.read_changes(self.client, self.key, query, cursor)

    def quiet_changes(self, query: str, cursor: Cursor) -> Sightings:
        """Deleted items, and those that left the project; whatever the filter. Everything else moves `updated`."""
        return changing.read_deletions(self.client, self.layout.key, cursor)

    def select(self, query: str) -> Iterator[list[str]]:
        return changing.select(self.client, self.key, query)

    def within(self, query: str, keys: Sequence[str]) -> frozenset[str]:
        return changing.within(self.client, self.key, query, keys) if keys else frozenset()

    # -- reading

    def read(self, keys: Sequence[str]) -> list[SideItem]:
        """One request, one more for the marks of comments, and one for each file not seen before that a text shows or
        may have to show: a picture. What is left out was asked for twice: much follows from an item being gone."""
        if not keys:
            return []
        layout = self.layout
        found = self._fetched(keys)
        absent = _absent(keys, found)
        while absent:
            self.client.clock.sleep(_CONFIRM_AFTER)
            found += self._fetched(absent)
            absent = [key for key in _absent(absent, found) if self._is_new(key)]
        shown = [items.item_from(issue, layout) for issue in found if key_number(issue["key"], layout.key) is not None]
        marks = self._marks(comment.id for item in shown for comment in item.comments or ())
        return [self._completed(item, marks) for item in shown]

    def _fetched(self, keys: Sequence[str]) -> list[Issue]:
        wanted = (*items.EMBEDDED, *self.layout.wire_fields)
        return self.client.bulk_fetch_issues(keys, fields=wanted, properties=(items.MARK,), expand=("changelog",))

    def _is_new(self, key: str) -> bool:
        """Whether an issue that we made may still be denied by a loaded site."""
        made = self._made.get(key)
        return made is not None and self.client.clock.monotonic() < made + READ_LATE.total_seconds()

    def comments(self, key: str) -> list[SideComment]:
        """Without those that only a role or a group may read: the other side would show them to everybody."""
        found = [comment for page in self.client.get_comments(key) for comment in page if items.is_open(comment)]
        marks = self._marks(str(comment["id"]) for comment in found)
        return [items.comment_from(comment, marks.get(str(comment["id"]))) for comment in found]

    def comment_marks(self, key: str, known: frozenset[str]) -> dict[str, str]:
        """Of several comments with one mark the oldest counts."""
        found = (str(comment["id"]) for page in self.client.get_comments(key) for comment in page)
        marks: dict[str, str] = {}
        for comment, mark in sorted(self._marks(each for each in found if each not in known).items(), key=_number):
            marks.setdefault(mark, comment)
        return marks

    def find_mark(self, mark: str, *, since: datetime) -> str | None:
        return find_mark(self.client, self.layout.key, mark, since=since)

    def _marks(self, comments: Iterable[str]) -> dict[str, str]:
        """Comment id -> mark: only a listing by id shows them."""
        wanted = list(comments)
        found = ((str(each["id"]), items.comment_mark(each)) for each in self.client.list_comments(wanted))
        return {comment: mark for comment, mark in found if mark is not None}

    def _completed(self, item: SideItem, marks: Mapping[str, str]) -> SideItem:
        comments = item.comments
        if comments is not None:
            comments = tuple(replace(each, mark=marks.get(each.id)) for each in comments)
        texts = [*item.values.values(), *(each.text for each in comments or ())]
        return replace(item, comments=comments, files=self._referenced(item.files, texts))

    def _referenced(self, files: Sequence[SideFile], texts: Sequence[Value]) -> tuple[SideFile, ...]:
        """Files by their media ids, as far as those matter."""
        missing = set(items.shown_media(texts))
        found: list[SideFile] = []
        for file in files:
            reference = self._media_id(file.id) if missing or items.is_picture(file) else ""
            missing.discard(reference)
            found.append(replace(file, reference=reference))
        return tuple(found)

    def _media_id(self, file_id: str) -> str:
        """Told by a request of its own, and never to change; empty where it is not to be had."""
        media = self._media.get(file_id)
        if media is None:
            try:
                media = self.client.get_attachment_media_id(file_id) or ""
            except Refused:
                media = ""
            self._media[file_id] = media
        return media

    # -- writing

    def create(self, draft: SideDraft) -> str:
        """One create with what its screen takes, and an edit for the rest. Raises Unclear when only the edit failed:
        the item is there then."""
        layout = self.layout
        kind = layout.types.get(draft.type.casefold())
        if kind is None:
            raise Refused(f"Project {layout.key} has no item type {draft.type}.", code=TYPE_REFUSED, status=400)
        values = {name: value for name, value in layout.wire_values(draft.values).items() if value not in (None, [])}
        now = {name: value for name, value in values.items() if name in kind.screen | _CREATED_WITH}
        later = {name: value for name, value in values.items() if name not in now}
        (made,) = self.client.create_issues([_create_body(draft, layout, kind, now)])
        if isinstance(made, Refused):
            raise layout.told(made)
        self._remember(made.key)
        if later:
            try:
                self.client.edit_issue(made.key, later)
            except PlatformError as error:
                raise Unclear(f"{made.key} was made, but not completed: {error.message}", code=error.code) from error
        return made.key

    def _remember(self, key: str) -> None:
        now = self.client.clock.monotonic()
        with self._reading:
            self._made = {name: at for name, at in self._made.items() if at + READ_LATE.total_seconds() > now}
            self._made[key] = now

    def write(self, key: str, values: Mapping[str, Value]) -> None:
        layout = self.layout
        fields = layout.wire_values(values)
        if fields:
            try:
                self.client.edit_issue(key, fields)
            except Missing:
                raise
            except Refused as error:
                raise layout.told(error) from error

    def move(self, key: str, state: str, *, force: bool = False) -> None:
        move_issue(self.client, self.layout, key, state, force=force)

    def set_parent(self, key: str, parent: str | None) -> None:
        self.client.edit_issue(key, {"parent": None if parent is None else {"key": parent}})

    def add_comment(self, key: str, text: Value, *, mark: str) -> str:
        return self.client.add_comment(key, write_document(text), [items.mark_property(mark)])

    def edit_comment(self, key: str, comment_id: str, text: Value) -> None:
        self.client.update_comment(key, comment_id, write_document(text))

    def delete_comment(self, key: str, comment_id: str) -> None:
        try:
            self.client.delete_comment(key, comment_id)
        except Missing:
            return

    # -- files

    def add_file(self, key: str, name: str, content: FileContent) -> SideFile:
        """Too large files are refused before a byte is sent, where the limit and the size are known."""
        shape = self.layout.shape
        if not shape.takes_files:
            raise Refused("Attachments are switched off on this Jira site.", code=FILES_UNSUPPORTED)
        limit, size = shape.file_limit, content.size
        if limit is not None and size is not None and size > limit:
            raise Refused(f"{name} has {size:,} bytes, the Jira site takes {limit:,}.", code=TOO_LARGE, status=413)
        try:
            made = self.client.add_attachment(key, name, content)
        except Refused as error:
            if error.code != LIMIT_REACHED or (limit is not None and size is not None):
                raise
            raise Refused(f"{name}: {error.message}", code=TOO_LARGE, status=413, fields=error.fields) from error
        try:
            return items.file_from(made, self._media_id(str(made["id"])))
        except PlatformError:
            return items.file_from(made)  # it is there; what it is shown by is learned by the next read

    def drop_file(self, key: str, file_id: str) -> None:
        try:
            self.client.delete_attachment(file_id, issue=key)
        except Missing:
            return

    def open_file(self, key: str, file_id: str) -> AbstractContextManager[FileContent]:
        return self.client.open_attachment(file_id)

    # -- links

    def link(self, key: str, link: SideLink) -> None:
        """Repeating creates nothing; a link that reads the same from both ends is looked for first, because its
        other direction would be another link."""
        if link.type in self.layout.mutual and self._link_ids(key, link):
            return
        source, target = (key, link.other) if link.outward else (link.other, key)
        self.client.link_issues(link.type, source_key=source, target_key=target)

    def unlink(self, key: str, link: SideLink) -> None:
        """A link that cannot be removed answers as one that is gone: whether it is, the issue tells."""
        for link_id in self._link_ids(key, link):
            try:
                self.client.delete_issue_link(link_id, issue=key)
            except Missing:
                if link_id in self._link_ids(key, link):
                    raise

    def _link_ids(self, key: str, link: SideLink) -> list[str]:
        """Ids of the links that are this one."""
        found = self.client.bulk_fetch_issues([key], fields=("issuelinks",))
        links: list[Json] = [each for issue in found for each in (issue.get("fields") or {}).get("issuelinks") or ()]
        side = "outwardIssue" if link.outward else "inwardIssue"
        ends = ("outwardIssue", "inwardIssue") if link.type in self.layout.mutual else (side,)
        return [
            str(each["id"])
            for each in links
            if (each.get("type") or {}).get("name") == link.type
            and any((each.get(end) or {}).get("key") == link.other for end in ends)
        ]

    # -- people

    def find_people(self, people: Sequence[Person]) -> dict[str, Person]:
        """One listing for all, then one request at most for each person it does not show."""
        if not people:
            return {}
        with self._reading:
            if self._directory is None:
                self._directory = read_directory(self.client, self.key)
            directory = self._directory
        found = {person.id: find_person(self.client, person, directory) for person in people}
        return {theirs: ours for theirs, ours in found.items() if ours is not None}

    def people_of(self, ids: Sequence[str]) -> dict[str, Person]:
        people = (person_from(user) for user in self.client.get_users(list(dict.fromkeys(ids))))
        return {person.id: person for person in people if person is not None}

    def item_url(self, key: str) -> str:
        """Always the site's own address, the gateway has no pages."""
        return f"{self.client.site}/browse/{key}"


def _create_body(draft: SideDraft, layout: JiraLayout, kind: JiraType, values: Mapping[str, Json]) -> CreateBody:
    fields: dict[str, Any] = {"project": {"id": layout.project_id}, "issuetype": {"id": kind.id}, **values}
    if draft.parent is not None:
        fields["parent"] = {"key": draft.parent}
    return {"fields": fields, "properties": [items.mark_property(draft.mark)]}


def _absent(keys: Sequence[str], found: Sequence[Issue]) -> list[str]:
    """Keys without an answer; one that moved away answers under another."""
    known = {issue["key"] for issue in found}
    return [key for key in keys if key not in known]


def _number(entry: tuple[str, str]) -> int:
    return int(entry[0])
