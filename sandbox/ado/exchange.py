"""One request to the organisation, with what every handler needs to answer it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import quote

from sandbox.ado import errors
from sandbox.ado.dates import stamp
from sandbox.ado.model import Item, ItemType, Project, Team
from sandbox.ado.organization import Organization
from sandbox.ado.versions import ApiVersion
from sandbox.clock import Clock
from sandbox.http import NotJson, Request, Response, dump_json
from sandbox.service import Call

SERVICE_ORIGIN = "https://dev.azure.com"


class Exchange:
    """What a handler works with. Look-ups raise the ApiError that the service would answer."""

    def __init__(self, org: Organization, call: Call, version: ApiVersion, origin: str, clock: Clock) -> None:
        self.org = org
        self.call = call
        self.request: Request = call.request
        self.version = version
        self.origin = origin
        self.clock = clock

    @cached_property
    def base(self) -> str:
        """The address of the organisation as the caller reached it."""
        return f"{self.origin}/{self.org.name}"

    def now(self) -> str:
        """The moment of this request."""
        return stamp(self.clock.now())

    # -- the path -----------------------------------------------------------------------------------

    @cached_property
    def scope(self) -> Project | None:
        """The project of the path, or None on an organisation-level route."""
        name = self.call.params.get("project")
        if name is None:
            return None
        project = self.org.find_project(name)
        if project is None:
            raise errors.project_not_found(name)
        return project

    @property
    def project(self) -> Project:
        """The project of a path that must have one."""
        scope = self.scope
        if scope is None:
            raise errors.bad_request("A project name is required.", "ProjectNotSpecifiedException")
        return scope

    @property
    def team(self) -> Team:
        """The team of the path, by name or id; without one the project's default team."""
        project = self.project
        wanted = self.call.params.get("team")
        if wanted is None:
            return project.teams[0]
        for team in project.teams:
            if wanted.lower() in (team.name.lower(), team.id):
                return team
        raise errors.team_not_found(wanted)

    def item(self, text: str, *, deleted: bool = False) -> Item:
        """The work item of an id, inside the project of the path if there is one."""
        item = self.org.items.get(int(text)) if text.isdigit() else None
        scope = self.scope
        hidden = item is None or item.unreadable or (item.deletion is not None) != deleted
        if item is None or hidden or (scope is not None and item.project is not scope):
            raise errors.item_not_found(text)
        return item

    def item_type(self, name: str) -> ItemType:
        """A type of the project of the path, by name or reference name."""
        found = self.project.process.find(name)
        if found is None:
            raise errors.type_not_found(name, self.project.name)
        return found

    # -- the query ----------------------------------------------------------------------------------

    def text(self, name: str, default: str = "") -> str:
        return self.request.text_param(name, default)

    def flag(self, name: str) -> bool:
        return self.request.text_param(name).lower() == "true"

    def number(self, name: str, default: int) -> int:
        """A whole number parameter. Raises ApiError when it is something else or negative."""
        raw = self.request.param(name)
        if raw is None or raw == "":
            return default
        if not raw.lstrip("-").isdigit():
            raise errors.bad_request(f"The value '{raw}' of parameter {name} is not a number.")
        if int(raw) < 0:
            raise errors.bad_request(f"TF400917: The parameter {name} must not be negative.")
        return int(raw)

    def page(self, *, default: int = 200, most: int = 200) -> tuple[int, int]:
        """`$skip` and `$top` of the endpoints that page with those."""
        return self.number("$skip", 0), min(self.number("$top", default), most)

    # -- the body -----------------------------------------------------------------------------------

    def body(self) -> Mapping[str, object]:
        """The JSON object of the body. Raises ApiError for anything else."""
        parsed = self.json_body()
        if not isinstance(parsed, Mapping):
            raise errors.bad_request("TF400898: The body of the request must be a JSON object.")
        return parsed

    def json_body(self) -> object:
        """The JSON value of the body. Raises ApiError when there is none."""
        try:
            return self.request.json()
        except NotJson as error:
            raise errors.bad_request(f"The request body is not valid JSON: {error}") from error

    # -- the answer ---------------------------------------------------------------------------------

    def json(self, data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """A JSON answer whose content type echoes the version that served it."""
        content_type = f"application/json; charset=utf-8; api-version={self.version.text}"
        return Response(status, {"Content-Type": content_type, **(headers or {})}, dump_json(data))

    def collection(self, values: list[object], headers: Mapping[str, str] | None = None) -> Response:
        """A list in the service's usual wrapper."""
        return self.json({"count": len(values), "value": values}, 200, headers)

    def url(self, *segments: object) -> str:
        """An address under the organisation, with each segment encoded."""
        return "/".join([self.base, *(quote(str(segment), safe="$") for segment in segments)])
