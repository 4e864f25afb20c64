"""The control endpoints that every stand-in has beside its own: open, not logged, never faulty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sandbox.faults import BadFaultRule, FaultPlan
from sandbox.http import NotJson, Request, Response, empty_response, json_response
from sandbox.service import CONTROL_PREFIX, Service


def is_control(request: Request) -> bool:
    """Whether a request is for the stand-in itself and not for the service it imitates."""
    return request.raw_path.startswith(CONTROL_PREFIX)


def answer_control(service: Service, request: Request) -> Response:
    """Serve one control endpoint; 404 for an unknown one, 400 for a body that cannot be understood."""
    action = (request.method, request.raw_path.removeprefix(CONTROL_PREFIX))
    match action:
        case ("GET", "state"):
            with service.lock:
                return json_response({"service": service.name, **service.state()})
        case ("GET", "requests"):
            return json_response(service.log.summary())
        case ("GET", "log"):
            return _log(service, request)
        case ("GET", "faults"):
            return json_response(service.faults.describe())
        case ("POST", "faults"):
            return _set_faults(service, request)
        case ("POST", "reset"):
            service.reset()
            return empty_response()
        case ("POST", "clock"):
            return _set_clock(service, request)
        case (method, name):
            with service.lock:
                own = service.control(method, name, request)
            if own is not None:
                return own
            return json_response({"error": f"no control endpoint {method} {name}"}, 404)


def _log(service: Service, request: Request) -> Response:
    after = request.text_param("after", "0")
    if not after.isdigit():
        return json_response({"error": "after must be a sequence number"}, 400)
    entries = service.log.as_json(after=int(after))
    return json_response({"entries": entries, "last": int(after) + len(entries)})


def _set_faults(service: Service, request: Request) -> Response:
    try:
        service.faults = FaultPlan.parse(request.json())
    except (NotJson, BadFaultRule, TypeError) as error:
        return json_response({"error": str(error)}, 400)
    return json_response(service.faults.describe())


def _set_clock(service: Service, request: Request) -> Response:
    try:
        body = request.json()
        if not isinstance(body, Mapping) or not {"set", "advance"} & set(body):
            raise ValueError('send {"set": moment} or {"advance": seconds}')
        if "set" in body:
            service.clock.set(_moment(body["set"]))
        if "advance" in body:
            service.clock.advance(float(str(body["advance"])))
    except ValueError as error:
        return json_response({"error": str(error)}, 400)
    return json_response({"now": service.clock.now()})


def _moment(raw: object) -> float:
    if isinstance(raw, int | float):
        return float(raw)
    return datetime.fromisoformat(str(raw)).timestamp()
