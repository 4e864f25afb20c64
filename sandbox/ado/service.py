"""The stand-in as a service: credentials, versions, throttling, headers, and all endpoints."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from urllib.parse import quote

from sandbox.ado import auth, errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.inventory import inventory
from sandbox.ado.organization import Organization
from sandbox.ado.routes import (
    attachments,
    batch,
    classification,
    comments,
    discovery,
    history,
    item_types,
    people,
    projects,
    queries,
    recycle_bin,
    reporting,
    service_hooks,
    teams,
    work_items,
)
from sandbox.ado.routes.registry import RouteSpec, Scope
from sandbox.ado.throttle import LIMIT, REFUSED_FROM, WARN_FROM, Usage, limit_headers
from sandbox.ado.versions import read_version
from sandbox.clock import Clock
from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.http import NotJson, Request, Response, json_response, text_response
from sandbox.service import Call, Handler, Limits, Service

STOPPED_ORGANIZATION = "contoso-stopped"
_MODULES = (
    attachments, classification, comments, discovery, history, item_types, people, projects, queries, recycle_bin,
    reporting, service_hooks, teams, work_items,
)  # fmt: skip


class AdoService(Service):
    """One organisation behind one address."""

    name = "ado"

    def __init__(
        self,
        make: Callable[[], Organization],
        *,
        clock: Clock | None = None,
        faults: FaultPlan | None = None,
        limits: Limits = Limits.NONE,
        latency_ms: float = 0,
    ) -> None:
        super().__init__(clock=clock, faults=faults, limits=limits, latency_ms=latency_ms, ignore_case=True)
        self._make = make
        self.org = make()
        self._usage = Usage()
        self._fixed_headers = {
            "Cache-Control": "no-cache",
            "X-TFS-ProcessId": str(uuid.uuid4()),
            "X-TFS-Session": str(uuid.uuid4()),
            "X-VSS-UserData": f"{self.org.owner.id}:{self.org.owner.unique_name}",
            "X-Frame-Options": "SAMEORIGIN",
            "X-Content-Type-Options": "nosniff",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        }
        for module in _MODULES:
            for spec in module.endpoints.specs:
                self._register(spec)
        for prefix in ("/{org}/_apis/", "/{org}/{project}/_apis/"):
            self.router.add("POST", prefix + "wit/$batch", self._batch)

    def _register(self, spec: RouteSpec) -> None:
        handler = self._handler(spec)
        for level in spec.levels:
            self.router.add(spec.method, level.value + spec.path, handler, writes=spec.writes, item=spec.item)

    def _handler(self, spec: RouteSpec) -> Handler:
        def handle(call: Call) -> Response:
            if call.principal == auth.TOKEN_WITHOUT_SCOPE and spec.scope in (Scope.WORK, Scope.WORK_LIST):
                return (
                    json_response({"count": 0, "value": []}) if spec.scope is Scope.WORK_LIST else auth.scope_refusal()
                )
            try:
                return spec.endpoint(self._exchange(call, preview=spec.preview))
            except errors.ApiError as error:
                return error.response()

        return handle

    def _exchange(self, call: Call, *, preview: bool = False) -> Exchange:
        request = call.request
        version = read_version(request.param("api-version"), request.headers.get("Accept", ""), request.method, preview)
        scheme = "https" if self.base_url.startswith("https") else "http"
        host = request.headers.get("Host")
        origin = f"{scheme}://{host}" if host else self.base_url
        return Exchange(self.org, call, version, origin, self.clock)

    def _batch(self, call: Call) -> Response:
        if call.principal == auth.TOKEN_WITHOUT_SCOPE:
            return auth.scope_refusal()
        try:
            return batch.run_batch(self._exchange(call), self._inner)
        except errors.ApiError as error:
            return error.response()

    def _inner(self, request: Request) -> Response:
        """Answer one request of a batch: same lock, no fault, no log entry of its own."""
        match = self.router.match(request.method, request.segments)
        if match is None:
            return self.unrouted(request)
        call = Call(request, match.route.pattern, match.params, principal=auth.TOKEN)
        return match.route.handler(call)

    # -- what the base class asks -------------------------------------------------------------------

    def authenticate(self, call: Call) -> Response | None:
        token = auth.token_of(call.request)
        organization = call.request.segments[0].lower() if call.request.segments else ""
        if organization == STOPPED_ORGANIZATION:
            stopped = errors.collection_stopped(STOPPED_ORGANIZATION).response()
            return Response(stopped.status, stopped.headers, b"\xef\xbb\xbf" + stopped.body)
        if token is None and call.route.lower().endswith("/connectiondata"):
            return None
        if not auth.is_known(token):
            return auth.refusal(call.request)
        call.principal = token or ""
        if call.route and organization != self.org.name:
            return errors.organization_not_found(organization).response()
        return None

    def throttle(self, call: Call) -> Response | None:
        now = self.clock.now()
        used = self._usage.charge(call.route.lower(), call.request.method not in ("GET", "HEAD"), now)
        if used > REFUSED_FROM:
            call.notes |= limit_headers(used, 30.0, now)
            return errors.throttled(30).response()
        call.delay = Usage.delay(used)
        if used > WARN_FROM:
            call.notes |= limit_headers(used, call.delay, now)
        return None

    def failure(self, call: Call, status: int, rule: FaultRule) -> Response:
        if status == 429:
            call.notes |= limit_headers(2 * LIMIT, float(rule.retry_after), self.clock.now())
            return errors.throttled(rule.retry_after).response()
        if status == 413:
            return errors.attachment_too_large(attachments.SIZE_LIMIT, 413).response()
        if status == 409:
            return errors.ApiError(
                409,
                "WorkItemRevisionMismatchException",
                "TF26071: This work item has been changed by someone else since you opened it.",
                event=errors.WORK_TRACKING_EVENT,
            ).response()
        message = "TF400898: An Internal Error Occurred. Activity Id: " + str(uuid.uuid4()) + "."
        headers = {"Retry-After": str(rule.retry_after)} if status == 503 else {}
        return errors.ApiError(status, "VssServiceException", message, headers=headers).response()

    def unrouted(self, request: Request) -> Response:
        if self.router.methods(request.segments):
            problem = f"The requested resource does not support http method '{request.method}'."
            return json_response({"count": 1, "value": {"Message": problem}}, 405)
        path = "/" + "/".join(request.segments[1:])
        text = f"The controller for path '{path}' was not found or does not implement IController."
        return text_response(text, 404, {"X-TFS-ServiceError": quote(text, safe="")})

    def decorate(self, call: Call, response: Response) -> Response:
        activity = str(uuid.uuid4())
        headers = {**self._fixed_headers, "ActivityId": activity, "X-VSS-E2EID": activity, **call.notes}
        if call.rule is not None and call.rule.kind is FaultKind.LATE:
            headers |= limit_headers(LIMIT, max(0.001, call.rule.delay_ms / 1000), self.clock.now())
        return response.with_headers(headers)

    def state(self) -> dict[str, object]:
        org = self.org
        return {
            "organization": org.name,
            "projects": sorted(org.projects),
            "items": sum(1 for item in org.items.values() if item.deletion is None),
            "deleted": sum(1 for item in org.items.values() if item.deletion is not None),
            "comments": sum(len(item.comments) for item in org.items.values()),
            "files": len(org.attachments),
            "revisions": len(org.revision_log),
            "people": len(org.people.all),
        }

    def reset_state(self) -> None:
        self.org = self._make()
        self._usage = Usage()

    def control(self, method: str, action: str, request: Request) -> Response | None:
        """`items` tells everything that is stored, `unreadable {"ids": [...]}` hides items from reading,
        `query-limit {"limit": n}` lowers the ceiling, `hooks/deliver` sends what waits, and `hooks/automatic` lets
        events be sent at once from now on."""
        if (method, action) == ("GET", "items"):
            return json_response(inventory(self.org))
        if (method, action) == ("POST", "hooks/deliver"):
            waiting = self.org.hooks.waiting()
            threading.Thread(target=self.org.hooks.deliver, daemon=True).start()
            return json_response({"delivering": len(waiting)}, 202)
        if (method, action) == ("POST", "hooks/automatic"):
            self.org.hooks.automatic = True
            return json_response({"automatic": True})
        if method != "POST" or action not in ("unreadable", "query-limit"):
            return None
        try:
            body = request.json()
        except NotJson as error:
            return json_response({"error": str(error)}, 400)
        if not isinstance(body, dict):
            return json_response({"error": "send a JSON object"}, 400)
        if action == "query-limit":
            self.org.query_limit = int(body.get("limit", 20_000))
            return json_response({"limit": self.org.query_limit})
        wanted = {int(raw) for raw in body.get("ids", [])}
        for item in self.org.items.values():
            item.unreadable = item.id in wanted
        return json_response({"unreadable": sorted(wanted & set(self.org.items))})
