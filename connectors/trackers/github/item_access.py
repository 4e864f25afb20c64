"""Issues of a target: creating, finding, reading, changing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from connectors.clients.github.client import GitHubClient
from connectors.clients.github.wire.payloads import Issue, NewIssue
from connectors.clients.github.wire.values import dropped_fields, is_pull, login_of, number_in, parse_time
from connectors.domain.errors import Missing, PlatformError, Refused, Unclear
from connectors.domain.ports import (
    Created,
    Document,
    DraftItem,
    ItemChanges,
    Marked,
    TargetChange,
    TargetItem,
    TargetRemoteLink,
)
from connectors.domain.shapes import Named, TargetShape
from connectors.trackers.github import drafts, texts
from connectors.trackers.github.marks import Body, Relation, join_body, split_body
from connectors.trackers.github.repository import ARCHIVED, GitHubRepository
from connectors.trackers.github.source_items import is_change
from connectors.trackers.github.target_items import KEY_PREFIX, item_from, key_of, marked_from, number_of
from connectors.trackers.github.target_shape import (
    BLOCKS,
    BOARD,
    DUPLICATE,
    LINK_TYPES,
    PRIORITIES,
    read_components,
    read_permissions,
    read_types,
    sprint_from,
)
from connectors.trackers.github.vocabulary import LABEL_LIMIT, Status, status_of

DELETE_NOT_OFFERED = "DELETE_NOT_OFFERED"
_RELATIONS = {DUPLICATE: Relation.DUPLICATES}


class ItemAccess(GitHubRepository):
    """See `connectors.domain.ports.TargetTracker` for what each verb promises."""

    def __init__(self, client: GitHubClient) -> None:
        super().__init__(client)
        self._shape: TargetShape | None = None
        self._ids: dict[int, int] = {}
        self._reading = threading.RLock()

    # the repository

    def describe(self) -> TargetShape:
        """Raises Refused (REPOSITORY_ARCHIVED): nothing can be written there, whatever the permissions say."""
        repository = self.repository()
        if repository.get("archived"):
            raise Refused(f"{self.client.repo.full} is archived: it can only be read.", code=ARCHIVED, status=403)
        milestones = self.client.list_milestones()
        sprints = tuple(sprint_from(milestone) for milestone in milestones)
        shape = TargetShape(
            site=self.client.site,
            project_id=str(repository.get("id") or ""),
            project_key=repository.get("full_name") or self.client.repo.full,
            project=repository.get("name") or self.client.repo.name,
            key_prefix=KEY_PREFIX,
            me=self.me(),
            types=read_types(self.issue_types()),
            priorities=PRIORITIES,
            link_types=LINK_TYPES,
            components=read_components(self.client.list_labels()),
            versions=tuple(Named(sprint.id, sprint.name) for sprint in sprints),
            boards=(BOARD,),
            sprints=sprints,
            links_files=True,
            label_limit=LABEL_LIMIT,
            create_batch=1,
            permissions=read_permissions(repository.get("permissions") or {}, archived=False),
        )
        with self._reading:
            self._shape = shape
        return shape

    @property
    def shape(self) -> TargetShape:
        """The shape as last read."""
        with self._reading:
            return self._shape or self.describe()

    # creating

    def create_items(self, drafts_: Sequence[DraftItem]) -> list[Created | Refused]:
        """One request per draft. Raises Unclear once one was made and a later one got no answer, whatever the error
        was: "nothing happened" would not be true of the call any more."""
        made: list[Created | Refused] = []
        for draft in drafts_:
            try:
                made.append(self._create(draft))
            except Refused as refusal:
                made.append(refusal)
            except PlatformError as error:
                if isinstance(error, Unclear) or not any(isinstance(entry, Created) for entry in made):
                    raise
                raise Unclear("A part of the items was created before the rest could be sent.") from error
        return made

    def _create(self, draft: DraftItem) -> Created:
        body = drafts.create_body(draft)
        issue = self.client.create_issue(body)
        number = issue["number"]
        self._ids[number] = issue["id"]
        step = drafts.OPENS_ONLY if draft.transition not in (None, Status.OPEN) else ""
        return Created(str(number), key_of(number), step_refused=step, dropped=dropped_fields(body, issue))

    def preview(self, draft: DraftItem) -> dict[str, Any]:
        return dict(drafts.create_body(draft))

    def after_create(self, draft: DraftItem) -> ItemChanges | None:
        return drafts.after_create(draft)

    def as_stored(self, document: Document) -> Document:
        """As its Markdown reads."""
        return texts.as_stored(document)

    # finding and reading

    def highest_number(self) -> int:
        """Pull requests count: they take numbers too."""
        return self.reader.newest()

    def read_marks(self, first: int, count: int) -> dict[int, Marked]:
        """By number, which search has no part in; pull requests, which hold numbers, without a mark."""
        found = self.reader.read_now(range(first, first + count))
        self._remember(found.values())
        return {number: marked_from(issue) for number, issue in found.items()}

    def read_items(self, keys: Sequence[str], *, fields: Sequence[str] = ()) -> list[TargetItem]:
        """What lies close together comes from one list. `fields` are all there anyway."""
        found = self.reader.read([number for key in keys if (number := number_of(key))])
        self._remember(found.values())
        there = [found[number_of(key)] for key in keys if number_of(key) in found]
        wanted = [issue for issue in there if not is_pull(issue)]
        types = self.shape.types
        return [item_from(issue, types=types, neighbours=self.neighbours_of(issue)) for issue in wanted]

    def statuses(self, keys: Sequence[str]) -> dict[str, str]:
        found = self.reader.read_now([number for key in keys if (number := number_of(key))])
        return {key_of(number): status_of(issue) for number, issue in found.items() if not is_pull(issue)}

    def changes(self, item_ids: Sequence[str]) -> dict[str, list[TargetChange]]:
        """From the timelines, one request per item."""
        found: dict[str, list[TargetChange]] = {}
        for item in item_ids:
            events = [event for event in self.client.get_timeline(number_of(item)) if is_change(event)]
            told = [(login_of(event.get("actor")), parse_time(event.get("created_at"))) for event in events]
            found[item] = [TargetChange(author, at) for author, at in told if at is not None]
        return found

    def item_url(self, key: str) -> str:
        return f"{self.client.site}/{self.client.repo.full}/issues/{number_of(key)}"

    # changing

    def edit_item(self, item_id: str, changes: ItemChanges) -> None:
        """Raises Refused naming the fields that GitHub left out without a word: the others are changed."""
        number = number_of(item_id)
        parent = changes.fields.get(drafts.SUB_ISSUE_OF) or changes.parent_id
        if _concerns_issue(changes):
            body = drafts.edit_body(changes, self.client.get_issue(number))
            self._update(number, body)
        if parent is not None:
            self._put_below(number, number_of(str(parent)))

    def _update(self, number: int, body: NewIssue) -> None:
        if not body:
            return
        self.reader.forget()
        dropped = dropped_fields(body, self.client.update_issue(number, body))
        if dropped:
            raise Refused("; ".join(f"{name}: {words}" for name, words in dropped.items()), fields=dropped)

    def _put_below(self, number: int, parent: int) -> None:
        """As a sub-issue; a parent that takes no more, or a server without sub-issues, is named in the text instead.
        https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/adding-sub-issues"""
        self.reader.forget()
        issue = self.client.get_issue(number)
        try:
            self.client.add_sub_issue(parent, issue_id=issue["id"])
        except Refused as refusal:
            if refusal.status == 403:
                raise
            self._rewrite(issue, split_body(issue.get("body")).with_link(Relation.PARENT, parent))

    def delete_item(self, item_id: str) -> None:
        """Raises Refused: only people can delete issues, and programs through another interface."""
        words = f"GitHub's REST interface deletes no issues: delete #{number_of(item_id)} on its page."
        raise Refused(words, code=DELETE_NOT_OFFERED, status=405)

    def link_items(self, link_type: str, source_key: str, target_key: str) -> None:
        source, target = number_of(source_key), number_of(target_key)
        self.reader.forget()
        if link_type == BLOCKS:
            self.client.add_blocked_by(target, issue_id=self._id_of(source))
            return
        relation = _RELATIONS.get(link_type, Relation.RELATED)
        self._add_line(source, relation, target)
        if relation.inverse is not None:
            self._add_line(target, relation.inverse, source)

    def _add_line(self, number: int, relation: Relation, other: int) -> None:
        issue = self.client.get_issue(number)
        self._rewrite(issue, split_body(issue.get("body")).with_link(relation, other))

    def unlink_items(self, link_type: str, source_key: str, target_key: str) -> None:
        """The opposite of `link_items`; a link that is not there is fine."""
        source, target = number_of(source_key), number_of(target_key)
        self.reader.forget()
        if link_type == BLOCKS:
            with suppress(Missing):
                self.client.remove_blocked_by(target, issue_id=self._id_of(source))
            return
        relation = _RELATIONS.get(link_type, Relation.RELATED)
        self._drop_line(source, relation, target)
        if relation.inverse is not None:
            self._drop_line(target, relation.inverse, source)

    def _drop_line(self, number: int, relation: Relation, other: int | None) -> None:
        with suppress(Missing):
            issue = self.client.get_issue(number)
            self._rewrite(issue, split_body(issue.get("body")).without_link(relation, other))

    def drop_parent(self, key: str) -> None:
        """Take an issue from below its parent, and the line that stands for a parent out of its text."""
        number = number_of(key)
        self.reader.forget()
        above = self.client.find_parent(number)
        if above is not None and number_in(above.get("url")):
            with suppress(Missing):
                self.client.remove_sub_issue(above["number"], issue_id=self._id_of(number))
        self._drop_line(number, Relation.PARENT, None)

    def add_remote_link(self, item_id: str, *, mark: str, url: str, title: str, relation: str) -> None:
        issue = self.client.get_issue(number_of(item_id))
        link = TargetRemoteLink(mark, url, title, relation)
        self._rewrite(issue, split_body(issue.get("body")).with_remote_link(link))

    def remote_links(self, item_id: str) -> list[TargetRemoteLink]:
        return list(split_body(self.client.get_issue(number_of(item_id)).get("body")).remote_links)

    def _rewrite(self, issue: Issue, body: Body) -> None:
        """The body with other lines at its end, when it differs."""
        whole = texts.fitting(join_body(body), field="description")
        if split_body(issue.get("body")) != body:
            self.reader.forget()
            self.client.update_issue(issue["number"], {"body": whole})

    # ids

    def _remember(self, issues: Iterable[Issue]) -> None:
        self._ids |= {issue["number"]: issue["id"] for issue in issues}

    def _id_of(self, number: int) -> int:
        """The global id that dependencies want instead of the number. Raises Missing."""
        if number not in self._ids:
            self._ids[number] = self.client.get_issue(number)["id"]
        return self._ids[number]


def _concerns_issue(changes: ItemChanges) -> bool:
    """Whether anything but the parent is to be changed."""
    without = {name: value for name, value in changes.fields.items() if name != drafts.SUB_ISSUE_OF}
    return replace(changes, parent_id=None, fields=without) != ItemChanges()
