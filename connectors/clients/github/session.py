"""The one way to a GitHub server: every request leaves here, every answer is judged here."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from connectors.clients.calls import Answer, Call, Effect
from connectors.clients.exchange import Download
from connectors.clients.github.wire import calls
from connectors.clients.github.wire.answers import read_json, refusal
from connectors.clients.github.wire.paging import next_page
from connectors.clients.github.wire.payloads import Json
from connectors.clients.github.wire.values import RepoName, site_address
from connectors.clients.origins import origin_of
from connectors.clients.timing import Clock, SystemClock
from connectors.clients.transport import MAX_REDIRECTS, Transport
from connectors.domain.errors import Missing, NotSent, PlatformError, Refused

_REDIRECTS = frozenset({301, 302, 307, 308})
_BY_ID = re.compile(r"/repositories/(\d+)(?P<tail>/.*)?$")
_MOST_KEPT = 256
_LARGEST_KEPT = 1024 * 1024


class GitHubSession:
    """Requests about one repository with one token, safe for many threads.

    `budget` names the account in the limiter: content counts per account, whatever the repository. A renamed or
    transferred repository answers 301 with its address by id, which is used from then on; the transport's guard looks
    at every address. Credentials stay with the API's own origin.
    """

    def __init__(
        self, transport: Transport, repo: RepoName, *, budget: str = "content", clock: Clock | None = None
    ) -> None:
        self.repo = repo
        self.clock = clock or SystemClock()
        self.api = transport.base_url
        self.site = site_address(self.api)
        self._transport = transport
        self._budget = budget
        self._kept: OrderedDict[str, tuple[str, Answer]] = OrderedDict()
        self._lock = threading.Lock()
        self._moved_to = ""

    def close(self) -> None:
        """Close pooled connections."""
        self._transport.close()

    # -- one request ----------------------------------------------------------------------------------------------

    def _json(self, call: Call) -> Json:
        """The decoded answer. Raises every PlatformError."""
        try:
            return read_json(self._sent(call))
        except PlatformError as error:
            raise self._scrubbed(error) from None

    def _content(self, call: Call) -> Json:
        """The same for a call that makes content: it counts against the account's budget."""
        return self._json(replace(call, issue=self._budget))

    def _polled(self, call: Call) -> Answer:
        """A read that costs nothing of the quota while nothing has changed: the last answer is kept with its ETag and
        asked for conditionally.

        https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests
        """
        key = self._transport.url_of(call)
        with self._lock:
            kept = self._kept.get(key)
        asked = replace(call, headers={**call.headers, "If-None-Match": kept[0]}) if kept else call
        answer = self._sent(asked)
        if answer.status == 304 and kept is not None:
            return kept[1]
        tag = answer.headers.get("etag", "")
        if answer.ok and tag and len(answer.body) <= _LARGEST_KEPT:
            with self._lock:
                self._kept[key] = (tag, answer)
                self._kept.move_to_end(key)
                if len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
        return answer

    def _answered(self, answer: Answer) -> Json:
        try:
            return read_json(answer)
        except PlatformError as error:
            raise self._scrubbed(error) from None

    def _pages(self, first: Call, *, polled: bool = False) -> Iterator[list[Json]]:
        """The pages of a list, by the links between them. Raises NotSent when they run in circles."""
        call, seen = first, set[str]()
        while True:
            answer = self._polled(call) if polled else self._sent(call)
            yield self._answered(answer) or []
            following = next_page(answer.headers, url=answer.url)
            if following is None:
                return
            if following in seen:
                raise NotSent("The pages of a list lead in a circle", code="ANSWER_UNREADABLE")
            seen.add(following)
            call = self._next(first, following)

    def _next(self, first: Call, address: str) -> Call:
        """The call for a further page. Raises Refused for an address elsewhere: it would not be GitHub's."""
        if origin_of(address) != origin_of(self.api):
            raise Refused("The link to the next page leads to another server", code="REDIRECT_REFUSED")
        return calls.page(address, first.route, accept=first.accept)

    # -- redirects --------------------------------------------------------------------------------------------------

    def _sent(self, call: Call) -> Answer:
        """The answer, redirects followed. GitHub wants a redirected request repeated with its method and body, which
        certainly were not acted upon.

        https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
        """
        asked = self._where_it_is(call)
        for _ in range(MAX_REDIRECTS):
            answer = self._transport.send(asked)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            target = self._target(call, answer)
            asked = replace(asked, path=target, query=() if "?" in target else call.query)
        raise NotSent(f"More than {MAX_REDIRECTS} redirects for {call.route}", code="TOO_MANY_REDIRECTS")

    def _where_it_is(self, call: Call) -> Call:
        if self._moved_to and call.path.startswith(self.repo.path):
            return replace(call, path=self._moved_to + call.path[len(self.repo.path) :])
        return call

    def _target(self, call: Call, answer: Answer) -> str:
        """Where a redirect leads. An issue that was transferred leads into another repository, under another number:
        here it is gone. Raises Missing, Refused."""
        target = urljoin(self._transport.url_of(call), answer.headers["location"])
        if origin_of(target) != origin_of(self.api):
            raise Refused(f"{self.repo.full} has moved to another server: {target}", code="REDIRECT_REFUSED")
        found = _BY_ID.search(urlsplit(target).path)
        tail = urlsplit(call.target).path.removeprefix(self.repo.path) if call.path.startswith("/") else ""
        if found is None or not call.path.startswith(self.repo.path):
            return target
        if "/issues/" in tail and not self._is_ours(found.group(1)):
            raise Missing("The issue was transferred to another repository", code="ITEM_NOT_FOUND", status=301)
        if answer.status in (301, 308) and (found["tail"] or "") == tail:
            self._moved_to = f"{urlsplit(target).path.removesuffix(tail)}".removeprefix(urlsplit(self.api).path)
        return target

    def _is_ours(self, repository_id: str) -> bool:
        """Whether the id is our repository's, under whatever name."""
        if not self._moved_to:
            self._sent(calls.repository(self.repo))
        return self._moved_to.endswith(f"/{repository_id}")

    # -- files ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _opened(self, address: str) -> Iterator[Download]:
        """Stream a file from wherever it is; the token goes nowhere but to the API. Raises as `refusal`."""
        call = Call("GET", address, "/files", effect=Effect.READ, accept="application/octet-stream")
        with self._transport.open(call, follow=_anywhere) as download:
            if download.status != 200 or "text/html" in download.headers.get("content-type", ""):
                raise self._scrubbed(_file_refused(download))
            yield download

    def _scrubbed(self, error: PlatformError) -> PlatformError:
        """The same error with the platform's words cleaned: a service may echo what it was sent."""
        error.message = self._transport.redactor.scrub(error.message)
        error.args = (error.message,)
        return error

    def _each(self, first: Call, read: Callable[[Json], Json] | None = None) -> Iterator[Json]:
        for page in self._pages(first):
            for entry in page:
                yield read(entry) if read else entry


def _file_refused(download: Download) -> PlatformError:
    """A file that cannot be had. Sign-in pages count as a file that is hidden from the token, never as lost access:
    the token does not go to where files are."""
    if download.status == 200 or 300 <= download.status < 400 or download.status in (401, 403, 404, 410):
        return Missing("The file is gone, or only shown to people who are signed in", code="FILE_HIDDEN", status=404)
    return refusal(download.answer())


def _anywhere(_url: str) -> bool:
    """The guard and the origin rule decide about each hop."""
    return True
