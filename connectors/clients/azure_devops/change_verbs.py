"""Verbs that tell what changed, what is within a filter, and who somebody is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.clients.azure_devops.answers import read_json, read_values
from connectors.clients.azure_devops.session import AzureDevOpsSession
from connectors.clients.azure_devops.values import Json, as_int, as_list, as_object, as_text
from connectors.clients.azure_devops.wire import following
from connectors.clients.azure_devops.wire.reading import relation_types
from connectors.clients.calls import Answer

PAGE = 200


@dataclass(frozen=True, slots=True)
class Report:
    """A page of a reporting stream. The token is kept even after the last page: the stream goes on from there."""

    values: tuple[Json, ...]
    token: str
    last: bool


class ChangeVerbs(AzureDevOpsSession):
    """https://learn.microsoft.com/azure/devops/integrate/concepts/integration-bestpractices"""

    def check_conditions(self, project: str, where: str) -> None:
        """Raises Refused with the service's words for conditions it cannot read."""
        self._ask(following.find_items(project, [where, "[System.Id] = 0"], top=1), item_ids)

    def changed_items(self, project: str, where: str, since: datetime, seen: Mapping[int, int]) -> list[int]:
        """Ids of up to 200 items within the conditions that changed since a moment, the longest unchanged first,
        without those that still are at the revision that was seen."""
        conditions = [*filter(None, [where]), following.changed_since(since), *following.but_versions(seen)]
        order = "[System.ChangedDate] ASC, [System.Id] ASC"
        return self._ask(following.find_items(project, conditions, order=order, top=PAGE), item_ids)

    def items_among(self, project: str, where: str, ids: Collection[int]) -> list[int]:
        """Those of the ids that the conditions hold now."""
        conditions = [*filter(None, [where]), following.one_of(ids)]
        return self._ask(following.find_items(project, conditions), item_ids)

    def marked_items(self, project: str, since: datetime) -> list[int]:
        """Ids of the items made since a moment that have a hyperlink."""
        conditions = [following.created_since(since), "[System.HyperLinkCount] > 0"]
        return self._ask(following.find_items(project, conditions), item_ids)

    def newest_items(self, since: datetime) -> list[int]:
        """Ids of the latest 200 items of the organization made since a moment."""
        return self._ask(following.newest_items(since, top=PAGE), item_ids)

    def highest_item(self, project: str) -> int:
        """The highest id of a project, 0 without items."""
        found = self._ask(following.find_items(project, [], order="[System.Id] DESC", top=1), item_ids)
        return max(found, default=0)

    def read_versions(self, project: str, ids: Sequence[int]) -> list[Json]:
        """Revision and date of the readable ones among up to 200 items."""
        return self._ask(following.read_versions(project, ids), read_values)

    def link_changes(self, project: str, *, token: str, since: str) -> Report:
        """Links made and removed, from a token, else from a moment on."""
        return self._ask(following.link_changes(project, token=token, since=since), _report)

    def revision_changes(self, project: str, *, token: str, since: str) -> Report:
        """Revisions, those of deleted items among them."""
        return self._ask(following.revision_changes(project, token=token, since=since), _report)

    def relation_types(self) -> list[Json]:
        """Every kind of relation, with its topology."""
        return self._ask(relation_types(), read_values)

    def type_fields(self, project: str, type_name: str) -> list[Json]:
        """The fields of a type with the values each allows."""
        return self._ask(following.type_fields(project, type_name), read_values)

    def identities(self, ids: Sequence[str]) -> list[Json]:
        """People by id; the unknown are left out."""
        return self._ask_people(following.identities(ids=ids), read_values)

    def search_identities(self, value: str, *, by: str) -> list[Json]:
        """People found by `MailAddress` or by anything (`General`)."""
        return self._ask_people(following.identities(search=by, value=value), read_values)


def item_ids(answer: Answer) -> list[int]:
    """The ids a query answers, in its order."""
    entries = [as_object(entry) for entry in as_list(read_json(answer).get("workItems"))]
    return [number for number in (as_int(entry.get("id")) for entry in entries) if number is not None]


def _report(answer: Answer) -> Report:
    body = read_json(answer)
    values = tuple(as_object(entry) for entry in as_list(body.get("values")) if entry is not None)
    return Report(values, as_text(body.get("continuationToken")), body.get("isLastBatch") is not False)
