"""The stand-in as a service: who may ask, what is throttled, which endpoint answers."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.faults import FaultPlan, FaultRule
from sandbox.http import Headers, Request, Response, html_response, json_response
from sandbox.jira import bulk_tasks, errors
from sandbox.jira.caller import Caller
from sandbox.jira.control import answer_control
from sandbox.jira.endpoints import Api, Ask, Endpoint
from sandbox.jira.errors import Refusal
from sandbox.jira.handlers import ALL_ENDPOINTS
from sandbox.jira.limits import RateLimits, Throttled, reset_stamp
from sandbox.jira.search import PageTokens
from sandbox.jira.setup import make_state
from sandbox.jira.signed_files import SignedFiles
from sandbox.jira.site import ACCOUNT, CLOUD_ID, SCOPED_TOKEN, TOKEN, SiteSpec
from sandbox.jira.webhooks import Webhooks
from sandbox.jira.wire import Wire
from sandbox.service import Call, Handler, Limits, Outcome, Service

VERSIONS = ("3", "2", "latest")
GATEWAY = "/ex/jira/"
GATEWAY_HEADER = "x-sandbox-gateway"
PASSWORD_REFUSED = (
    "Basic authentication with passwords is deprecated.  For more information, see: "
    "https://developer.atlassian.com/cloud/confluence/deprecation-notice-basic-auth/"
)
_REASON_BODY = "Rate limit exceeded."


@dataclass(frozen=True)
class Credential:
    """What a Basic header opens: somebody's account, at the site or, with a scoped token, through the gateway."""

    account_id: str
    scoped: bool


class JiraService(Service):
    """One Jira Cloud site at one address, with the gateway form beside it."""

    name = "jira"

    def __init__(
        self,
        spec: SiteSpec,
        *,
        clock: Clock | None = None,
        faults: FaultPlan | None = None,
        limits: Limits = Limits.NONE,
        latency_ms: float = 0,
    ) -> None:
        super().__init__(clock=clock, faults=faults, limits=limits, latency_ms=latency_ms)
        self.spec = spec
        self.content = make_state(spec, self.clock)
        self.tokens = PageTokens()
        self.files = SignedFiles()
        self.rates = RateLimits()
        self._anonymous_routes: set[str] = set()
        self._wires: dict[tuple[str, str], Wire] = {}
        self._callers = self._make_callers()
        self.webhooks = self._make_webhooks()
        for endpoint in ALL_ENDPOINTS:
            self._register(endpoint)

    # -- content ------------------------------------------------------------------------------------------

    def reset_state(self) -> None:
        """The site as its description makes it."""
        self.content = make_state(self.spec, self.clock)
        self.tokens = PageTokens()
        self.files = SignedFiles()
        self.rates = RateLimits()
        self._wires.clear()
        self._callers = self._make_callers()
        self.webhooks = self._make_webhooks()

    def state(self) -> dict[str, object]:
        """Counts, and who was notified."""
        content = self.content
        counts: dict[str, int] = {}
        for issue in content.issues.values():
            counts[issue.type.name] = counts.get(issue.type.name, 0) + 1
        return {
            "site": {"cloudId": CLOUD_ID, "project": self.spec.project_key},
            "issues": len(content.issues),
            "issuesByType": counts,
            "comments": len(content.comments),
            "attachments": len(content.attachments),
            "links": len(content.links),
            "sprints": len(content.sprints),
            "worklogs": len(content.worklogs),
            "notifications": content.notifications,
        }

    def control(self, method: str, action: str, request: Request) -> Response | None:
        """`issues` tells everything that is stored; `webhooks` makes, lists and sends them."""
        return answer_control(self, method, action, request)

    def _make_webhooks(self) -> Webhooks:
        def wire() -> Wire:
            return Wire(self.base_url or "http://localhost", "2", self.spec, text_bodies=True)

        made = Webhooks(self.content, wire)
        self.content.tell = made.note
        return made

    def _make_callers(self) -> dict[str, Caller]:
        """Everybody active may sign in, with the one token of the site."""
        signed_in = {
            user.account_id: Caller(user, self.spec.permissions) for user in self.content.users.values() if user.active
        }
        browse = frozenset({"BROWSE_PROJECTS"}) if self.spec.public else frozenset[str]()
        return {"": Caller(None, browse), **signed_in}

    # -- routes -------------------------------------------------------------------------------------------

    def _register(self, endpoint: Endpoint) -> None:
        prefixes = {
            Api.PLATFORM: [(f"/rest/api/{version}", version) for version in VERSIONS],
            Api.AGILE: [("/rest/agile/1.0", "2")],
            Api.ROOT: [("", "3")],
        }[endpoint.api]
        for prefix, version in prefixes:
            pattern = f"{prefix}/{endpoint.path}"
            self.router.add(
                endpoint.method,
                pattern,
                self._adapted(endpoint, version),
                writes=endpoint.writes,
                item=endpoint.item,
            )
            if endpoint.anonymous:
                self._anonymous_routes.add(f"{endpoint.method} {pattern}")

    def _adapted(self, endpoint: Endpoint, version: str) -> Handler:
        def answer(call: Call) -> Response:
            bulk_tasks.run_due(self.content)
            ask = Ask(self, call, self._callers[call.principal], self._wire(call, version))
            try:
                return endpoint.handler(ask)
            except Refusal as refusal:
                return refusal.response()

        return answer

    def _wire(self, call: Call, version: str) -> Wire:
        base = self.base_url or f"http://{call.request.headers.get('host', 'localhost')}"
        cloud_id = call.request.headers.get(GATEWAY_HEADER)
        if cloud_id:
            base += GATEWAY + cloud_id
        wire = self._wires.get((base, version))
        if wire is None:
            api = "3" if version == "3" else "2"
            wire = Wire(base, api, self.spec, text_bodies=version != "3")
            self._wires[(base, version)] = wire
        return wire

    def handle(self, request: Request) -> Outcome:
        """As every stand-in, after taking off the gateway's prefix."""
        prefix = f"{GATEWAY}{CLOUD_ID}/"
        if request.raw_path.startswith(prefix):
            headers = Headers({**request.headers, GATEWAY_HEADER: CLOUD_ID})
            request = Request(request.method, request.target[len(prefix) - 1 :], headers, request.body)
        return super().handle(request)

    def unrouted(self, request: Request) -> Response:
        """A path or method that no operation has."""
        detail = f"No endpoint {request.method} {request.path}."
        return errors.problem(404, "Not Found", detail, request.path).response()

    # -- who asks -----------------------------------------------------------------------------------------

    def authenticate(self, call: Call) -> Response | None:
        """Sign the caller in, or refuse as the service does."""
        request = call.request
        if request.raw_path.startswith(GATEWAY):
            return _unknown_cloud_id(request, self.clock)
        if request.method in ("GET", "HEAD") and request.body:
            return html_response(
                "<html><head><title>ERROR: The request could not be satisfied</title></head><body>"
                "<h1>403 ERROR</h1><p>Bad request.</p></body></html>",
                403,
            )
        header = request.headers.get("authorization", "")
        through_gateway = GATEWAY_HEADER in request.headers
        if not header:
            return self._without_credentials(call, through_gateway=through_gateway)
        scheme, _, value = header.partition(" ")
        if scheme.lower() == "bearer":
            if through_gateway:
                return json_response({"code": 401, "message": "Unauthorized"}, 401)
            return json_response({"error": "Failed to parse Connect Session Auth Token"}, 403)
        credential = self._credential(value) if scheme.lower() == "basic" else None
        if credential is None or credential.scoped != through_gateway:
            if through_gateway:
                message = "Unauthorized; scope does not match" if credential else "Unauthorized"
                return json_response({"code": 401, "message": message}, 401)
            password = scheme.lower() == "basic" and _is_password(value)
            return _unauthenticated(request, PASSWORD_REFUSED if password else errors.SIGN_IN)
        call.principal = credential.account_id
        return None

    def _credential(self, value: str) -> Credential | None:
        email, _, token = _decoded(value).partition(":")
        if token not in (TOKEN, SCOPED_TOKEN):
            return None
        found = (user for user in self.content.users.values() if user.active and user.email == email)
        user = next(found, None)
        return Credential(user.account_id, token == SCOPED_TOKEN) if user else None

    def _without_credentials(self, call: Call, *, through_gateway: bool) -> Response | None:
        if through_gateway:
            return json_response({"code": 401, "message": "Unauthorized"}, 401)
        if call.route and f"{call.request.method} {call.route}" not in self._anonymous_routes:
            return _unauthenticated(call.request, errors.SIGN_IN)
        return None

    # -- limits and faults --------------------------------------------------------------------------------

    def throttle(self, call: Call) -> Response | None:
        """The burst and per-issue limits."""
        request = call.request
        match = self.router.match(request.method, request.segments)
        touched = list(self._written_issues(call)) if match is not None and match.route.writes else []
        refused = self.rates.take(request.method, call.route, touched, now=self.clock.now())
        return _too_many(refused) if refused else None

    def _written_issues(self, call: Call) -> Iterable[str]:
        named = [call.params["key"]] if "key" in call.params else []
        if call.route.endswith("/issueLink"):
            try:
                body = json.loads(call.request.body)
                named += [str(body[side].get("id", body[side].get("key"))) for side in ("inwardIssue", "outwardIssue")]
            except (ValueError, LookupError, AttributeError, TypeError):
                return
        for name in named:
            issue = self.content.issue(name)
            if issue is not None:
                yield str(issue.id)

    def failure(self, call: Call, status: int, rule: FaultRule) -> Response:
        """The vendor's body for a status a fault rule asks for."""
        if status == 429:
            return self._throttled_by_fault(rule)
        headers = {"Retry-After": str(rule.retry_after)} if status == 503 else {}
        if status in (502, 503):
            return html_response(f"<html><body><h1>{status}</h1></body></html>", status, headers)
        texts = {
            408: "Request timed out.",
            409: "The issue was updated concurrently. Try again.",
            413: "The request is too large.",
        }
        return json_response({"errorMessages": [texts.get(status, "Internal server error")], "errors": {}}, status)

    def _throttled_by_fault(self, rule: FaultRule) -> Response:
        if rule.reason in ("", "bare"):
            return json_response({"errorMessages": [_REASON_BODY]}, 429)
        wait = float(rule.retry_after)
        return _too_many(Throttled(rule.reason, wait, 100, self.clock.now() + wait))

    def decorate(self, call: Call, response: Response) -> Response:
        """Who asked, which request it was, and how much is left of the burst."""
        extra = {"X-ARequestId": uuid.uuid4().hex}
        if call.principal:
            extra["X-AAccountId"] = call.principal
        if self.limits is Limits.DOCUMENTED and call.route and response.status != 429:
            extra.update(self.rates.headers(call.request.method, call.route, now=self.clock.now()))
        return response.with_headers(extra)


def _is_password(value: str) -> bool:
    return _decoded(value) == f"{ACCOUNT}:password"


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _unauthenticated(request: Request, text: str) -> Response:
    return errors.sign_in_required(wants_json="application/json" in request.headers.get("accept", ""), text=text)


def _unknown_cloud_id(request: Request, clock: Clock) -> Response:
    body = {
        "timestamp": reset_stamp(clock.now()),
        "status": 404,
        "error": "Not Found",
        "message": "No message available",
        "path": request.path,
    }
    return json_response(body, 404, {"Content-Type": "application/json"})


def _too_many(refused: Throttled) -> Response:
    return json_response({"errorMessages": [_REASON_BODY]}, 429, refused.headers())
