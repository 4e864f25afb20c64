"""How an endpoint is declared and what its handler is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from sandbox.http import Response, json_response
from sandbox.jira.caller import Caller
from sandbox.jira.errors import problem
from sandbox.jira.issue_view import IssueView
from sandbox.jira.records import Issue
from sandbox.jira.state import SiteState
from sandbox.jira.wire import Wire
from sandbox.service import Call

if TYPE_CHECKING:
    from sandbox.jira.service import JiraService


class Api(StrEnum):
    """Which family an endpoint belongs to; the platform one exists in three versions."""

    PLATFORM = "platform"
    AGILE = "agile"
    ROOT = "root"


@dataclass(frozen=True)
class Ask:
    """One request, read: the site, the caller, and how answers shall look."""

    service: JiraService
    call: Call
    caller: Caller
    wire: Wire

    @property
    def state(self) -> SiteState:
        """The site's content."""
        return self.service.content

    @cached_property
    def view(self) -> IssueView:
        """Issues as this caller sees them."""
        return IssueView(self.state, self.wire)

    @property
    def text_bodies(self) -> bool:
        """Whether rich text is plain text in this version."""
        return self.wire.text_bodies

    def param(self, name: str) -> str | None:
        """A query parameter."""
        return self.call.request.param(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes/no query parameter."""
        value = self.param(name)
        return default if value is None else value.lower() == "true"

    def number(self, name: str, default: int) -> int:
        """A whole query parameter. Raises Refusal (a problem document) when it cannot be read."""
        value = self.param(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except ValueError:
            raise self.bad_parameter(name, value) from None

    def bad_parameter(self, name: str, value: str) -> Exception:
        """The refusal of a query value of the wrong type."""
        detail = f"Failed to convert '{name}' with value: '{value}'"
        return problem(400, "Bad Request", detail, self.call.request.path)

    def listed(self, name: str) -> list[str]:
        """A query parameter that may be repeated and hold commas."""
        values = self.call.request.query.get(name, ())
        return [part for value in values for part in value.split(",") if part]

    def window(self, *, default: int = 50, largest: int = 100) -> tuple[int, int]:
        """``startAt`` and ``maxResults``; the size is cut to what the service gives at most."""
        start = max(self.number("startAt", 0), 0)
        size = self.number("maxResults", default)
        return start, min(size if size > 0 else default, largest)

    def issue(self) -> Issue:
        """The issue of the path. Raises Refusal 404."""
        return self.caller.issue(self.state, self.call["key"])

    def json(self, data: object, status: int = 200) -> Response:
        """A JSON answer."""
        return json_response(data, status)


EndpointHandler = Callable[[Ask], Response]


@dataclass(frozen=True)
class Endpoint:
    """One operation. ``anonymous``: without credentials it is answered, with less or a refusal of its own."""

    api: Api
    method: str
    path: str
    handler: EndpointHandler
    writes: bool | None
    item: str | None
    anonymous: bool


class Endpoints:
    """Collects the operations of one module."""

    def __init__(self) -> None:
        self.all: list[Endpoint] = []

    def platform(
        self,
        method: str,
        path: str,
        *,
        writes: bool | None = None,
        anonymous: bool = False,
    ) -> Callable[[EndpointHandler], EndpointHandler]:
        """An operation under ``/rest/api/{3,2,latest}/``."""
        return self._declare(Api.PLATFORM, method, path, writes=writes, anonymous=anonymous)

    def agile(
        self, method: str, path: str, *, writes: bool | None = None, anonymous: bool = False
    ) -> Callable[[EndpointHandler], EndpointHandler]:
        """An operation under ``/rest/agile/1.0/``."""
        return self._declare(Api.AGILE, method, path, writes=writes, anonymous=anonymous)

    def root(self, method: str, path: str) -> Callable[[EndpointHandler], EndpointHandler]:
        """An open address outside the REST API."""
        return self._declare(Api.ROOT, method, path, writes=None, anonymous=True)

    def _declare(
        self, api: Api, method: str, path: str, *, writes: bool | None, anonymous: bool
    ) -> Callable[[EndpointHandler], EndpointHandler]:
        def declare(handler: EndpointHandler) -> EndpointHandler:
            item = "key" if "{key}" in path else None
            self.all.append(Endpoint(api, method, path, handler, writes, item, anonymous))
            return handler

        return declare
