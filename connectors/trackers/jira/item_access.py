"""Items: creating, finding, reading, changing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.clients.jira.wire.answers import NewIssue
from connectors.clients.jira.wire.bodies import remote_link
from connectors.clients.jira.wire.values import key_number, quote_jql
from connectors.domain.errors import Missing, Refused
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
from connectors.trackers.jira import drafts
from connectors.trackers.jira.creating import create_all
from connectors.trackers.jira.items import READ_FIELDS, change_from, item_from, remote_link_from
from connectors.trackers.jira.marks import MARK, mark_of
from connectors.trackers.jira.project import JiraProject

_CHEAPEST = ("issuetype",)
"""Asked for where only keys or properties matter: a fetch without a field list sends everything."""


class ItemAccess(JiraProject):
    """See `connectors.domain.ports.TargetTracker` for what each verb promises."""

    def create_items(self, drafts_: Sequence[DraftItem]) -> list[Created | Refused]:
        layout = self.layout
        made = create_all(self.client, [drafts.create_body(draft, layout) for draft in drafts_])
        return [_created(entry) if isinstance(entry, NewIssue) else entry for entry in made]

    def preview(self, draft: DraftItem) -> dict[str, Any]:
        return dict(drafts.create_body(draft, self.layout))

    def after_create(self, draft: DraftItem) -> ItemChanges | None:
        return drafts.after_create(draft, self.layout)

    def as_stored(self, document: Document) -> Document:
        """Jira stores documents; what it adds of its own is no difference (`richtext.canonical`)."""
        return document

    def highest_number(self) -> int:
        jql = f"project = {quote_jql(self.key)} ORDER BY key DESC"
        pages = self.client.search_issues(jql, fields=("issuetype",), page_size=1)
        newest = next((issue for page in pages for issue in page), None)
        return (key_number(newest["key"], self.key) or 0) if newest else 0

    def read_marks(self, first: int, count: int) -> dict[int, Marked]:
        """By key, which search has no part in. An item that moved away answers under its new key: it is left out."""
        key = self.key
        keys = [f"{key}-{number}" for number in range(first, first + count)]
        found: dict[int, Marked] = {}
        for issue in self.client.bulk_fetch_issues(keys, fields=_CHEAPEST, properties=(MARK,)):
            number = key_number(issue["key"], key)
            if number is not None and first <= number < first + count:
                found[number] = Marked(id=str(issue["id"]), key=issue["key"], mark=mark_of(issue))
        return found

    def read_items(self, keys: Sequence[str], *, fields: Sequence[str] = ()) -> list[TargetItem]:
        if not keys:
            return []
        sprint_field, custom = self.shape.sprint_field, self._compared_fields(fields)
        wanted = (*READ_FIELDS, *custom, *((sprint_field,) if sprint_field else ()))
        found = self.client.bulk_fetch_issues(keys, fields=wanted, properties=(MARK,))
        return [item_from(issue, sprint_field=sprint_field, custom=custom) for issue in found]

    def statuses(self, keys: Sequence[str]) -> dict[str, str]:
        if not keys:
            return {}
        found = self.client.bulk_fetch_issues(keys, fields=("status",))
        return {issue["key"]: str(issue["fields"]["status"]["id"]) for issue in found}

    def edit_item(self, item_id: str, changes: ItemChanges) -> None:
        fields = drafts.edit_fields(changes)
        if fields:
            self.client.edit_issue(item_id, fields)

    def delete_item(self, item_id: str) -> None:
        """Deleting what is gone already is done."""
        try:
            self.client.delete_issue(item_id)
        except Missing:
            return

    def link_items(self, link_type: str, source_key: str, target_key: str) -> None:
        self.client.link_issues(link_type, source_key=source_key, target_key=target_key)

    def add_remote_link(self, item_id: str, *, mark: str, url: str, title: str, relation: str) -> None:
        body = remote_link(global_id=mark, url=url, title=title, relationship=relation)
        self.client.create_or_update_remote_link(item_id, body)

    def remote_links(self, item_id: str) -> list[TargetRemoteLink]:
        return [remote_link_from(link) for link in self.client.get_remote_links(item_id)]

    def changes(self, item_ids: Sequence[str]) -> dict[str, list[TargetChange]]:
        found: dict[str, list[TargetChange]] = {item: [] for item in item_ids}
        if item_ids:
            for entry in self.client.bulk_fetch_changelogs(item_ids):
                histories = entry.get("changeHistories") or []
                found.setdefault(str(entry["issueId"]), []).extend(map(change_from, histories))
        return found

    def item_url(self, key: str) -> str:
        """Always the site's own address, the gateway has no pages."""
        return f"{self.client.site}/browse/{key}"

    def _compared_fields(self, further: Sequence[str]) -> tuple[str, ...]:
        """Whatever a create could set besides the fields every item has: all fields of all create screens."""
        shape = self.shape
        named = {name for kind in shape.types for name in kind.fields} | {shape.story_points_field, *further}
        return tuple(sorted(named - {*READ_FIELDS, "project", shape.sprint_field, ""}))


def _created(made: NewIssue) -> Created:
    return Created(id=made.id, key=made.key, step_refused=made.step_refused)
