"""The stand-in as a service: who may ask, what is throttled, which endpoint answers, which headers it has.

https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from sandbox.clock import Clock
from sandbox.faults import FaultPlan, FaultRule
from sandbox.github import errors
from sandbox.github.control import answer_control
from sandbox.github.endpoints import Ask, Endpoint
from sandbox.github.errors import DOCS, JSON_TYPE, Refusal
from sandbox.github.handlers import ALL_ENDPOINTS
from sandbox.github.issue_view import Media
from sandbox.github.limits import CONTENT, LOGINS, RateLimits, exhausted, secondary
from sandbox.github.state import SiteState
from sandbox.github.tokens import TOKENS, Caller, Token
from sandbox.github.webhooks import Webhooks
from sandbox.github.wire import Wire
from sandbox.http import Headers, Request, Response, html_response, json_response
from sandbox.service import Call, Handler, Limits, Outcome, Service

ENTERPRISE = "/api/v3"
ENTERPRISE_HEADER = "x-sandbox-enterprise"
ENTERPRISE_VERSION = "3.20.1"
VERSIONS = ("2022-11-28", "2026-03-10")
TROUBLE_PAGE = "<!DOCTYPE html><html><head><title>Unicorn! &middot; GitHub</title></head><body>{status}</body></html>"


@dataclass(frozen=True)
class Behaviour:
    """What the service leaves open or does differently in places.

    `cursor_from`: lists with more items are paged by cursor only. `hourly`: the primary limit of a signed-in
    person. `search_lag_ms`: how long search does not know a new issue. `refuse_assignees`: an assignee who
    cannot be assigned refuses a create or edit with 422, as some accounts report, instead of being dropped.
    """

    cursor_from: int = 10_000
    hourly: int = 5_000
    search_lag_ms: int = 0
    refuse_assignees: bool = False


class GitHubService(Service):
    """One GitHub at one address: the cloud's form at the root, Enterprise Server's under /api/v3."""

    name = "github"

    def __init__(
        self,
        make: Callable[[Clock], SiteState],
        *,
        behaviour: Behaviour | None = None,
        clock: Clock | None = None,
        faults: FaultPlan | None = None,
        limits: Limits = Limits.NONE,
        latency_ms: float = 0,
    ) -> None:
        super().__init__(clock=clock, faults=faults, limits=limits, latency_ms=latency_ms)
        self.behaviour = behaviour or Behaviour()
        self._make = make
        self._endpoints: dict[str, Endpoint] = {}
        self._wires: dict[str, Wire] = {}
        for endpoint in ALL_ENDPOINTS:
            for pattern in endpoint.patterns:
                self._endpoints[f"{endpoint.method} {pattern}"] = endpoint
                item = "number" if "{number}" in pattern else None
                self.router.add(endpoint.method, pattern, self._adapted(endpoint), item=item)
        self.reset_state()

    # -- content ------------------------------------------------------------------------------------------

    def reset_state(self) -> None:
        """The content as it was made, nothing counted, no hooks."""
        self.content = self._make(self.clock)
        self.content.search_lag = self.behaviour.search_lag_ms / 1000
        self.rates = RateLimits(self.behaviour.hourly)
        self._wires.clear()
        self.webhooks = Webhooks(self.content, lambda: self._wire_for(enterprise=False))
        self.content.tell = self.webhooks.note

    def state(self) -> dict[str, object]:
        """Counts."""
        repositories = self.content.repositories.values()
        return {
            "repositories": [repository.full_name for repository in repositories],
            "issues": sum(not issue.pull for issue in self.content.issues.values()),
            "pullRequests": sum(bool(issue.pull) for issue in self.content.issues.values()),
            "comments": sum(len(repository.comments) for repository in repositories),
            "skipped": self.content.skipped,
        }

    def control(self, method: str, action: str, request: Request) -> Response | None:
        """What a browser or GraphQL would do: delete and transfer issues, rename, deliver webhooks."""
        return answer_control(self, method, action, request)

    # -- routes -------------------------------------------------------------------------------------------

    def _adapted(self, endpoint: Endpoint) -> Handler:
        def answer(call: Call) -> Response:
            request = call.request
            if request.raw_path.endswith("/") and request.raw_path != "/":
                return self.unrouted(request)
            caller = self._caller(call)
            wire = self._wire_for(enterprise=ENTERPRISE_HEADER in request.headers)
            try:
                if (endpoint.signed_in or endpoint.writes) and caller.user is None:
                    raise Refusal(401, errors.SIGN_IN)
                response = endpoint.handler(Ask(self, call, caller, wire, endpoint))
            except Refusal as refusal:
                return refusal.response(endpoint.address)
            return self._conditional(call, endpoint, response)

        return answer

    def _conditional(self, call: Call, endpoint: Endpoint, response: Response) -> Response:
        """Add validators to what was read, and answer 304 without a body to who has it already."""
        request = call.request
        if endpoint.writes or response.status != 200 or not response.body:
            return response
        key = f"{call.principal}\n{request.headers.get('accept', '')}\n".encode()
        etag = f'W/"{hashlib.sha256(key + response.body).hexdigest()}"'
        response = response.with_headers({"ETag": etag})
        if not _unchanged(request, etag, response.headers.get("Last-Modified")):
            return response
        if call.principal and self.limits is Limits.DOCUMENTED and endpoint.resource:
            self.rates.give_back(call.principal, endpoint.resource, now=self.clock.now())
        kept = {name: value for name, value in response.headers.items() if name != "Content-Type"}
        return Response(304, kept)

    def _wire_for(self, *, enterprise: bool) -> Wire:
        page = self.base_url or "http://localhost"
        api = page + ENTERPRISE if enterprise else page
        if api not in self._wires:
            self._wires[api] = Wire(api, page)
        return self._wires[api]

    def handle(self, request: Request) -> Outcome:
        """As every stand-in, after taking off Enterprise Server's prefix."""
        path = request.raw_path
        if path == ENTERPRISE or path.startswith(ENTERPRISE + "/"):
            headers = Headers({**request.headers, ENTERPRISE_HEADER: ENTERPRISE_VERSION})
            target = request.target[len(ENTERPRISE) :] or "/"
            request = Request(request.method, target, headers, request.body)
        return super().handle(request)

    def unrouted(self, request: Request) -> Response:
        """A path or method that no operation has."""
        return errors.not_found().response()

    # -- who asks -----------------------------------------------------------------------------------------

    def authenticate(self, call: Call) -> Response | None:
        """Sign the caller in, or refuse as the service does: bad tokens, no user agent, unknown versions."""
        request = call.request
        if not request.headers.get("user-agent"):
            return Response(403, {"Content-Type": "text/html; charset=utf-8"}, errors.NO_AGENT.encode())
        if self.limits is Limits.DOCUMENTED and self.rates.blocked(now=self.clock.now()):
            return Refusal(403, LOGINS).response()
        header = request.headers.get("authorization", "")
        token = _token(header)
        if header and token is None:
            blocked = self.limits is Limits.DOCUMENTED and self.rates.bad_login(now=self.clock.now())
            return (Refusal(403, LOGINS) if blocked else Refusal(401, errors.BAD_CREDENTIALS)).response()
        version = request.headers.get("x-github-api-version", VERSIONS[0])
        if version not in VERSIONS:
            text = f"The API version '{version}' is not supported. Supported versions: {', '.join(VERSIONS)}."
            return Refusal(400, text).response(f"{DOCS}/about-the-rest-api/api-versions")
        if token is not None:
            call.principal = token.login
        return None

    def _caller(self, call: Call) -> Caller:
        token = _token(call.request.headers.get("authorization", ""))
        user = self.content.user(token.login) if token else None
        return Caller(user, token) if user else Caller()

    # -- limits and faults --------------------------------------------------------------------------------

    def throttle(self, call: Call) -> Response | None:
        """The primary limit, points per minute, and the content-creation limits."""
        endpoint = self._endpoint(call)
        if endpoint is not None and not endpoint.resource:
            return None
        now, principal = self.clock.now(), call.principal
        try:
            self.rates.take(principal, endpoint.resource if endpoint else "core", now=now)
            if endpoint is not None:
                route = f"{endpoint.method} {endpoint.path}"
                self.rates.take_points(principal, route, 5 if endpoint.writes else 1, now=now)
                if endpoint.creates and principal:
                    self.rates.take_content(principal, now=now)
        except Refusal as refusal:
            return refusal.response(errors.LIMITS_DOCS)
        return None

    def _endpoint(self, call: Call) -> Endpoint | None:
        method = "GET" if call.request.method == "HEAD" else call.request.method
        return self._endpoints.get(f"{method} {call.route}")

    def failure(self, call: Call, status: int, rule: FaultRule) -> Response:
        """The vendor's body for a status a fault rule asks for.

        A 429 takes a reason: `primary` and `secondary` are answered 403 as the service mostly does, `content`
        too, `secondary-429` and `secondary-bare` (403 without Retry-After); without one it is a bare 429.
        """
        if status == 429:
            return self._throttled_by_fault(call, rule)
        if status in (502, 503):
            headers = {"Retry-After": str(rule.retry_after)} if status == 503 else {}
            return html_response(TROUBLE_PAGE.format(status=status), status, headers)
        texts = {408: "Request Timeout", 409: "Conflict", 413: "Payload Too Large"}
        return json_response({"message": texts.get(status, "Server Error")}, status, {"Content-Type": JSON_TYPE})

    def _throttled_by_fault(self, call: Call, rule: FaultRule) -> Response:
        wait = rule.retry_after
        match rule.reason:
            case "primary":
                reset = str(int(self.clock.now()) + wait)
                spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
                return exhausted(call.principal or "sandbox").response().with_headers(spent)
            case "secondary":
                return secondary(403, retry_after=wait).response()
            case "content":
                return secondary(403, retry_after=wait, text=CONTENT).response()
            case "secondary-bare":
                return secondary(403, retry_after=None).response()
            case _:
                return secondary(429, retry_after=wait if rule.reason else None).response()

    def decorate(self, call: Call, response: Response) -> Response:
        """Who asked with what rights, how much is left, and in which form the answer is."""
        request, token = call.request, _token(call.request.headers.get("authorization", ""))
        endpoint = self._endpoint(call)
        media = Media.of(request.headers.get("accept", ""))
        param = f" param={media.value};" if media else ""
        extra = {
            "Server": "github.com",
            "X-GitHub-Request-Id": uuid.uuid4().hex.upper(),
            "X-GitHub-Media-Type": f"github.v3;{param} format=json",
            "x-github-api-version-selected": request.headers.get("x-github-api-version", VERSIONS[0]),
            "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With",
            "Cache-Control": "private, max-age=60, s-maxage=60" if token else "public, max-age=60, s-maxage=60",
        }
        if ENTERPRISE_HEADER in request.headers:
            extra["X-GitHub-Enterprise-Version"] = ENTERPRISE_VERSION
        if token is not None:
            extra.update(_token_headers(token, endpoint))
        extra.update(self._rate_headers(call, endpoint))
        return response.with_headers(extra)

    def _rate_headers(self, call: Call, endpoint: Endpoint | None) -> dict[str, str]:
        resource = (endpoint.resource or "core") if endpoint else "core"
        if self.limits is Limits.DOCUMENTED:
            return self.rates.quota(call.principal, resource, now=self.clock.now()).headers()
        if ENTERPRISE_HEADER in call.request.headers:
            return {}
        return RateLimits(self.behaviour.hourly).quota(call.principal, resource, now=self.clock.now()).headers()


def _token(header: str) -> Token | None:
    scheme, _, value = header.partition(" ")
    return TOKENS.get(value.strip()) if scheme.lower() in ("bearer", "token") else None


def _token_headers(token: Token, endpoint: Endpoint | None) -> dict[str, str]:
    made = {"github-authentication-token-expiration": token.expires} if token.expires else {}
    if token.fine_grained:
        if endpoint is not None and endpoint.permission:
            made["X-Accepted-GitHub-Permissions"] = endpoint.permission
        return made
    return {**made, "X-OAuth-Scopes": ", ".join(token.scopes), "X-Accepted-OAuth-Scopes": "repo"}


def _unchanged(request: Request, etag: str, modified: str | None) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        return known.strip() == "*" or etag in [entry.strip() for entry in known.split(",")]
    since = request.headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return parsedate_to_datetime(since) >= parsedate_to_datetime(modified)
    except (TypeError, ValueError):
        return False
