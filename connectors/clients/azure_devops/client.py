"""The verbs of Azure DevOps. Each returns plain wire values; `connectors.trackers.azure_devops` gives them meaning.

Raises the errors of `connectors.domain.errors`; codes are those of `answers.Code`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from connectors.clients.azure_devops.answers import Code, read_json, read_values, refusal
from connectors.clients.azure_devops.change_verbs import ChangeVerbs, item_ids
from connectors.clients.azure_devops.values import Json, as_list, as_object, as_text
from connectors.clients.azure_devops.wire import reading as wire
from connectors.clients.azure_devops.write_verbs import WriteVerbs
from connectors.clients.calls import Answer
from connectors.clients.exchange import Download
from connectors.domain.errors import NotSent, Refused

_SMALL_WINDOW = 19_999
_MAX_PAGES = 100_000
_HIGHEST_ID = 2**31


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """Which items a query asks for."""

    area: str | None = None
    types: tuple[str, ...] = ()
    changed_since: datetime | None = None
    where: str = ""
    """Further conditions in WIQL; dates then count with their time."""


class AzureDevOpsClient(ChangeVerbs, WriteVerbs):
    """One organization with one token. Safe for several threads."""

    def project(self, name: str) -> Json:
        """A project with its process template. Raises Missing (PROJECT_NOT_FOUND)."""
        return self._ask(wire.project(name), read_json)

    def item_types(self, project: str) -> list[Json]:
        """The types of a project, with their states where the service sends them along."""
        return self._ask(wire.item_types(project), read_values)

    def type_states(self, project: str, type_name: str) -> list[Json]:
        """The states of one type."""
        return self._ask(wire.type_states(project, type_name), read_values)

    def type_categories(self, project: str) -> list[Json]:
        """Which types belong to which category."""
        return self._ask(wire.type_categories(project), read_values)

    def backlogs(self, project: str) -> list[Json]:
        """The backlog levels with their types."""
        return self._ask(wire.backlogs(project), read_values)

    def fields(self, project: str) -> list[Json]:
        """Every field the project knows."""
        return self._ask(wire.fields(project), read_values)

    def classification_nodes(self, project: str) -> list[Json]:
        """The roots of areas and iterations, with all that is below them."""
        return self._ask(wire.classification_nodes(project), read_values)

    def team_iterations(self, project: str) -> list[Json]:
        """The default team's iterations."""
        return self._ask(wire.team_iterations(project), _values_of_either_name)

    def item_ids(self, project: str, query: ItemQuery) -> Iterator[list[int]]:
        """All matching ids in ascending pages.

        The service refuses more than 20,000 matches, on some versions whatever `$top` says. Then the id range is
        walked in windows that shrink until they pass; 19,999 consecutive ids always do.
        """
        after = 0
        width = _SMALL_WINDOW * 8
        while True:
            try:
                page = self._query(project, query, after=after, up_to=None)
            except Refused as refused:
                if refused.code not in (Code.QUERY_TOO_LARGE, Code.QUERY_TIMEOUT):
                    raise
            else:
                if page:
                    yield page
                    after = page[-1]
                if len(page) < wire.QUERY_TOP:
                    return
                continue
            page, width = self._window(project, query, after=after, width=width)
            if page:
                yield page
            after += width
            if after > _HIGHEST_ID:
                raise NotSent("The query fails for every range of ids", code=Code.QUERY_TIMEOUT)
            width = width * 2 if len(page) < wire.QUERY_TOP // 4 else width

    def _window(self, project: str, query: ItemQuery, *, after: int, width: int) -> tuple[list[int], int]:
        """The ids of one window and how wide it could be. Raises Refused when even the smallest is too much."""
        while True:
            try:
                return self._query(project, query, after=after, up_to=after + width), width
            except Refused as refused:
                too_much = refused.code in (Code.QUERY_TOO_LARGE, Code.QUERY_TIMEOUT)
                if not too_much or width <= _SMALL_WINDOW // 8:
                    raise
                width //= 2

    def _query(self, project: str, query: ItemQuery, *, after: int, up_to: int | None) -> list[int]:
        call = wire.item_query(
            project,
            after=after,
            up_to=up_to,
            area=query.area,
            types=query.types,
            changed_since=query.changed_since,
            where=query.where,
        )
        return sorted(found for found in self._ask(call, item_ids) if found > after)

    def read_items(self, project: str, ids: Sequence[int], *, as_of: datetime | None = None) -> list[Json]:
        """The readable ones among up to 200 items. A batch whose answer is too large is halved."""
        try:
            return self._ask(wire.read_batch(project, ids, as_of=as_of), read_values)
        except Refused as refused:
            if refused.code not in ("ANSWER_TOO_LARGE", Code.BATCH_TOO_LARGE) or len(ids) < 2:
                raise
        middle = len(ids) // 2
        first = self.read_items(project, ids[:middle], as_of=as_of)
        return first + self.read_items(project, ids[middle:], as_of=as_of)

    def comments(self, project: str, item: int) -> Iterator[list[Json]]:
        """All comments of an item in pages, oldest first. Raises NotSent when the paging runs in circles."""
        token = ""
        seen: set[str] = set()
        for _ in range(_MAX_PAGES):
            page = self._ask(wire.comments(project, item, token=token), read_json)
            yield [as_object(comment) for comment in as_list(page.get("comments")) if comment is not None]
            token = as_text(page.get("continuationToken"))
            if not token:
                return
            if token in seen:
                break
            seen.add(token)
        raise NotSent("The list of comments repeats itself", code=Code.ANSWER_UNREADABLE)

    def updates(self, project: str, item: int) -> Iterator[list[Json]]:
        """All updates of an item in pages, oldest first: revisions, and edits of links, which have none of their
        own."""
        skip = 0
        for _ in range(_MAX_PAGES):
            page = self._ask(wire.updates(project, item, skip=skip), read_values)
            yield page
            if len(page) < wire.UPDATE_PAGE:
                return
            skip += len(page)

    @contextmanager
    def open_attachment(self, project: str, guid: str, *, name: str) -> Iterator[Download]:
        """Stream a file. Raises Missing when it is gone, AccessLost for a sign-in page in its place."""
        call = wire.attachment(project, guid, name=name)
        if not self._settled:
            self.who_am_i()
        with self._transport.open(call, follow=_not_a_sign_in) as download:
            page = "text/html" in download.headers.get("content-type", "")
            if download.status != 200 or (page and "content-disposition" not in download.headers):
                raise refusal(download.answer())
            yield download


def _values_of_either_name(answer: Answer) -> list[Json]:
    """Work resources answer `value`, and `values` in the vendor's samples."""
    body = read_json(answer)
    return [as_object(entry) for entry in as_list(body.get("value") or body.get("values")) if entry is not None]


def _not_a_sign_in(url: str) -> bool:
    """A redirect to storage is followed, one to the identity service is the answer."""
    return not any(part in url.lower() for part in ("_signin", ".vssps.", "login.microsoftonline"))
