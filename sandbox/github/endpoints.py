"""How an operation is declared and what its handler is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from sandbox.github import errors
from sandbox.github.errors import JSON_TYPE, Refusal, invalid_request
from sandbox.github.history_view import HistoryView
from sandbox.github.issue_view import IssueView, Media
from sandbox.github.models import Issue, Repository, Role, User
from sandbox.github.paging import ItemT, Page
from sandbox.github.payload import Body, read_moment
from sandbox.github.state import Act, SiteState
from sandbox.github.tokens import Caller
from sandbox.github.wire import Wire
from sandbox.http import NO_HEADERS, Response, empty_response, json_response
from sandbox.service import Call

if TYPE_CHECKING:
    from sandbox.github.service import GitHubService

REPOSITORY = "/repos/{owner}/{repo}"
SHOWN = TypeVar("SHOWN")


@dataclass(frozen=True)
class Ask:
    """One request, read: the site, the caller, and how answers shall look."""

    service: GitHubService
    call: Call
    caller: Caller
    wire: Wire
    endpoint: Endpoint

    @property
    def site(self) -> SiteState:
        """The site's content."""
        return self.service.content

    @cached_property
    def view(self) -> IssueView:
        """Issues as this caller sees them, in the media type asked for."""
        media = Media.of(self.call.request.headers.get("accept", ""))
        return IssueView(self.site, self.wire, self.caller, media)

    @property
    def history(self) -> HistoryView:
        """Histories as this caller sees them."""
        return HistoryView(self.view)

    @cached_property
    def body(self) -> Body:
        """The members of the body. Raises Refusal 400 when there is no object in it."""
        return Body.of(self.call.request)

    @property
    def act(self) -> Act:
        """The caller acting now. Raises Refusal 401 for nobody."""
        now = self.site.now()
        hidden = now + self.call.hidden_ms / 1000 if self.call.hidden_ms else 0.0
        return Act(self.person, now, hidden)

    @property
    def person(self) -> User:
        """The signed-in person. Raises Refusal 401 for nobody."""
        if self.caller.user is None:
            raise Refusal(401, errors.SIGN_IN)
        return self.caller.user

    def param(self, name: str) -> str | None:
        """A query parameter; an empty one counts as absent."""
        return self.call.request.param(name) or None

    def choice(self, name: str, *allowed: str) -> str:
        """A query parameter of a few values; the first is the usual one. Raises Refusal 422."""
        value = self.param(name)
        if value is None:
            return allowed[0]
        if value not in allowed:
            raise errors.validation_failed(errors.fault("Issue", name, "invalid", value=value))
        return value

    def since(self) -> float | None:
        """The `since` parameter. Raises Refusal 422 when it is not a time."""
        value = self.param("since")
        try:
            return None if value is None else read_moment(value)
        except ValueError:
            raise invalid_request(f"{value} is not a valid timestamp.") from None

    # -- what the path names ------------------------------------------------------------------------------

    def repository(self, *, role: Role = Role.READ, hidden: bool = False) -> Repository:
        """The repository of the path, in which the caller has a role.

        Raises Refusal: 301 or 307 when it was renamed, 404 when it is missing or not for the caller, 403 when
        the role is not enough (404 for `hidden` operations), when single sign-on is wanted, when the token does
        not grant the operation, or when it is archived and the operation writes.
        """
        found = self._named_repository()
        if found is None or self.caller.role(found) is None:
            raise errors.not_found()
        if found.sso:
            address = f"{self.wire.html}/orgs/{found.owner.login}/sso?authorization_request=sandbox"
            raise Refusal(
                403,
                "Resource protected by organization SAML enforcement. You must grant your Personal Access token "
                "access to this organization.",
                headers={"X-GitHub-SSO": f"required; url={address}"},
            )
        self._check_token(found)
        if not self.caller.at_least(found, role):
            raise errors.not_found() if hidden else Refusal(403, errors.NEEDS_PUSH)
        return found

    def _check_token(self, repository: Repository) -> None:
        token, endpoint = self.caller.token, self.endpoint
        if endpoint.writes and token is None:
            raise Refusal(401, errors.SIGN_IN)
        guarded = endpoint.writes or repository.private or endpoint.permission.startswith("repository_hooks")
        if token is not None and guarded and not token.grants(endpoint.permission):
            raise Refusal(403, errors.NO_ACCESS)
        if endpoint.writes and repository.archived:
            raise Refusal(403, errors.ARCHIVED)

    def _named_repository(self) -> Repository | None:
        params = self.call.params
        if "repository_id" in params:
            number = params["repository_id"]
            return self.site.repositories.get(int(number)) if number.isdigit() else None
        found = self.site.repository(params["owner"], params["repo"])
        if found is not None:
            return found
        moved = self.site.renamed.get(f"{params['owner']}/{params['repo']}".lower())
        if moved is None or self.caller.role(moved) is None:
            return None
        raise self._elsewhere(moved, self._raw_segments[3:])

    @property
    def _raw_segments(self) -> list[str]:
        return self.call.request.raw_path.strip("/").split("/")

    def _elsewhere(self, repository: Repository, rest: Sequence[str]) -> Refusal:
        request = self.call.request
        query = request.target.partition("?")[2]
        address = "/".join([f"{self.wire.api}/repositories/{repository.id}", *rest])
        address += f"?{query}" if query else ""
        return errors.moved(address, permanent=request.method in ("GET", "HEAD"))

    def issues_of(self, repository: Repository) -> Repository:
        """The same repository if it has issues at all. Raises Refusal 410."""
        if not repository.has_issues:
            raise Refusal(410, errors.DISABLED)
        return repository

    def issue(self, *, role: Role = Role.READ) -> Issue:
        """The issue (or pull request) of the path. Raises Refusal as `repository`, and 301, 404 and 410."""
        repository = self.issues_of(self.repository(role=role))
        text = self.call["number"]
        number = int(text) if text.isdigit() else 0
        found = repository.issues.get(number)
        if found is not None:
            return found
        gone = repository.gone.get(number)
        if gone is None:
            raise errors.not_found()
        if gone.target is None:
            raise Refusal(410, errors.DELETED)
        if self.caller.role(gone.target.repository) is None:
            raise errors.not_found()
        behind = 4 if "repository_id" in self.call.params else 5
        rest = ["issues", str(gone.target.number), *self._raw_segments[behind:]]
        raise self._elsewhere(gone.target.repository, rest)

    def issue_by_id(self, name: str) -> Issue:
        """The issue whose id (not number) a member of the body holds. Raises Refusal 404 and 422."""
        self.body.required(name)
        wanted = self.body.number(name)
        found = self.site.issues.get(wanted) if wanted is not None else None
        if found is None or self.caller.role(found.repository) is None:
            raise Refusal(404, "The provided sub-issue does not exist" if "sub" in name else errors.NOT_FOUND)
        return found

    # -- answers ------------------------------------------------------------------------------------------

    def json(self, data: object, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> Response:
        """A JSON answer."""
        return json_response(data, status, {"Content-Type": JSON_TYPE, **headers})

    def created(self, data: object, address: str) -> Response:
        """A 201 that says where the new thing is."""
        return self.json(data, 201, {"Location": address})

    def nothing(self, status: int = 204) -> Response:
        """An answer without a body."""
        return empty_response(status)

    def page(self) -> Page:
        """The page asked for, with links by repository id."""
        params, request = self.call.params, self.call.request
        address = f"{self.wire.api}{request.raw_path}"
        if "owner" in params and "repo" in params:
            repository = self.site.repository(params["owner"], params["repo"])
            if repository is not None:
                address = "/".join([f"{self.wire.api}/repositories/{repository.id}", *self._raw_segments[3:]])
        return Page.of(request, address)

    def paged(self, items: Sequence[ItemT], show: Callable[[ItemT], object]) -> Response:
        """One numbered page of a list."""
        part, headers = self.page().cut(items)
        return self.json([show(item) for item in part], headers=headers)


EndpointHandler = Callable[[Ask], Response]


@dataclass(frozen=True)
class Endpoint:
    """One operation.

    `docs` is the page under docs.github.com/rest; `permission` what a fine-grained token must grant;
    `creates` says that it makes content, which is limited per minute and hour; `resource` which primary limit
    counts it (none: free); `signed_in` that nobody may ask without a credential.
    """

    method: str
    path: str
    handler: EndpointHandler
    docs: str
    permission: str = ""
    creates: bool = False
    resource: str = "core"
    signed_in: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.method not in ("GET", "HEAD")

    @property
    def address(self) -> str:
        """Where it is documented."""
        return f"{errors.DOCS}/{self.docs}" if self.docs else errors.DOCS

    @property
    def patterns(self) -> tuple[str, ...]:
        """Its paths: what is under a repository's name is also under its id."""
        if self.path.startswith(REPOSITORY):
            return self.path, "/repositories/{repository_id}" + self.path.removeprefix(REPOSITORY)
        return (self.path,)


class Endpoints:
    """Collects the operations of one module."""

    def __init__(self, permission: str = "issues") -> None:
        self.all: list[Endpoint] = []
        self._subject = permission

    def route(
        self,
        method: str,
        path: str,
        docs: str,
        *,
        creates: bool = False,
        resource: str = "core",
        signed_in: bool = False,
    ) -> Callable[[EndpointHandler], EndpointHandler]:
        """Declare an operation; a path without a leading slash is below the repository."""
        full = path if path.startswith("/") else f"{REPOSITORY}/{path}".rstrip("/")

        def declare(handler: EndpointHandler) -> EndpointHandler:
            reads = method == "GET"
            subject = "metadata" if reads and self._subject == "administration" else self._subject
            permission = f"{subject}={'read' if reads else 'write'}" if subject else ""
            self.all.append(Endpoint(method, full, handler, docs, permission, creates, resource, signed_in))
            return handler

        return declare
