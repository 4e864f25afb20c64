"""The one place where an error becomes a body. Each surface keeps the shape its documents promise.

| surface | body |
|---|---|
| operations | `{"statusCode","message","error","code"}`, `message` a list and `errors` by field for validation |
| connectors v2 | DRF's field errors; `{"detail","code"}` for everything else |
| integration | `{"code":"CO.…","message"}` |
| synchronization | `{"errorMessages":[…],"errors":{…}}` |

A view may name its surface as `error_surface`; otherwise the path decides.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response

from connectors.domain.errors import DomainError
from tenancy.errors import QueueUnreachable, TenancyError, TooManyAttempts

log = logging.getLogger(__name__)

NON_FIELD = "non_field_errors"
MISSING_FIELDS = "MISSING_FIELDS"


class Surface(Enum):
    """One documented REST surface and where it is mounted."""

    OPERATIONS = "/api/"
    CONNECTORS_V2 = "/api/v2/"
    INTEGRATION = "/rest/"
    SYNCHRONIZATION = "/plugins/servlet/backbone-issue-sync/api/1/"


# The synchronization views are also mounted at the root.
_ROOT_PREFIXES = ("/connectors/", "/integrations", "/async-tasks")

# Codes of the integration surface for what its documents name; everything else gets its own code behind `CO.`.
_INTEGRATION_CODES = {"UNAUTHORIZED": "CO.INVALID_API_KEY", "TOKEN_EXPIRED": "CO.INVALID_API_KEY"}

_STATUS_CODES = {
    HTTPStatus.BAD_REQUEST: "VALIDATION_FAILED",
    HTTPStatus.UNAUTHORIZED: "UNAUTHORIZED",
    HTTPStatus.FORBIDDEN: "FORBIDDEN",
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
    HTTPStatus.NOT_ACCEPTABLE: "NOT_ACCEPTABLE",
    HTTPStatus.CONFLICT: "CONFLICT",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "BODY_TOO_LARGE",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "UNSUPPORTED_MEDIA_TYPE",
    HTTPStatus.TOO_MANY_REQUESTS: "RATE_LIMITED",
    HTTPStatus.INTERNAL_SERVER_ERROR: "INTERNAL_ERROR",
    HTTPStatus.SERVICE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
}


@dataclass(frozen=True)
class Failure:
    """An error in terms every surface can word: `detail` is the unflattened validation error, if it is one."""

    status: int
    code: str
    message: str
    detail: Any = None
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_validation(self) -> bool:
        """Whether fields are to blame, so that surfaces list them."""
        return bool(self.fields)


def handle(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None (a 500 by Django, logged with its traceback) only for our own mistakes."""
    failure = read_failure(exc)
    if failure is None:
        return None
    _roll_back()
    surface = surface_of(context["request"].path, view=context.get("view"))
    return Response(body_for(surface, failure), status=failure.status, headers=dict(failure.headers))


def surface_of(path: str, *, view: object = None) -> Surface:
    """The surface of a view that names one, else of the path."""
    named = getattr(view, "error_surface", None)
    if isinstance(named, Surface):
        return named
    for surface in (Surface.CONNECTORS_V2, Surface.INTEGRATION, Surface.SYNCHRONIZATION):
        if path.startswith(surface.value):
            return surface
    return Surface.SYNCHRONIZATION if path.startswith(_ROOT_PREFIXES) else Surface.OPERATIONS


def body_for(surface: Surface, failure: Failure) -> dict[str, Any] | list[Any]:
    """The failure in the surface's own words."""
    match surface:
        case Surface.OPERATIONS:
            return _operations_body(failure)
        case Surface.CONNECTORS_V2:
            if failure.is_validation:
                return failure.detail if failure.detail is not None else _nested(failure.fields)
            return {"detail": failure.message, "code": failure.code}
        case Surface.INTEGRATION:
            return _integration_body(failure)
        case Surface.SYNCHRONIZATION:
            return {
                "errorMessages": failure.fields.get(NON_FIELD, []) if failure.is_validation else [failure.message],
                "errors": {name: " ".join(texts) for name, texts in failure.fields.items() if name != NON_FIELD},
            }


def _nested(fields: Mapping[str, list[str]]) -> dict[str, Any]:
    """Errors below the objects their names lead through: `params.alm_server` stands in `params`."""
    body: dict[str, Any] = {}
    for name, texts in fields.items():
        outer, _, inner = name.partition(".")
        below = body.get(outer)
        if not inner:
            body[outer] = list(texts)
        elif below is None or isinstance(below, dict):
            body.setdefault(outer, {})[inner] = list(texts)
    return body


def _operations_body(failure: Failure) -> dict[str, Any]:
    body: dict[str, Any] = {
        "statusCode": failure.status,
        "message": failure.message,
        "error": _phrase(failure.status),
        "code": failure.code,
    }
    if failure.is_validation:
        body["message"] = [
            text if name == NON_FIELD else f"{name}: {text}" for name, texts in failure.fields.items() for text in texts
        ]
        body["errors"] = dict(failure.fields)
    return body


def _integration_body(failure: Failure) -> dict[str, Any]:
    if failure.is_validation:
        return {
            "code": "CO.MANDATORY_FIELDS_MISSING",
            "message": failure.message,
            MISSING_FIELDS: ",".join(failure.fields),
        }
    own = failure.code if failure.code.startswith("CO.") else f"CO.{failure.code}"
    return {"code": _INTEGRATION_CODES.get(failure.code, own), "message": failure.message}


def read_failure(exc: Exception) -> Failure | None:
    """What happened, or None when it is nothing a caller could have caused or could wait for."""
    if isinstance(exc, DomainError):
        return Failure(exc.status, exc.code, exc.message, fields=exc.errors)
    if isinstance(exc, TooManyAttempts):
        headers = {"Retry-After": str(exc.retry_after), "X-RateLimit-Limit": str(exc.limit)}
        return Failure(exc.status, exc.code, exc.message, headers=headers)
    if isinstance(exc, TenancyError):
        challenge = {"WWW-Authenticate": "Bearer"} if exc.status == HTTPStatus.UNAUTHORIZED else {}
        return Failure(exc.status, exc.code, exc.message, headers=challenge)
    if isinstance(exc, QueueUnreachable):
        return Failure(502, "ENGINE_DISPATCH_FAILED", "The job queue is unreachable")
    if isinstance(exc, RequestDataTooBig):
        return Failure(413, "BODY_TOO_LARGE", "The body is too large")
    if isinstance(exc, Http404):
        return Failure(404, "NOT_FOUND", "Not found")
    if isinstance(exc, PermissionDenied):
        return Failure(403, "FORBIDDEN", "Your role does not permit this")
    if isinstance(exc, exceptions.APIException):
        return _read_api_exception(exc)
    return None


def _read_api_exception(exc: exceptions.APIException) -> Failure:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait) or 1)
    if isinstance(exc, exceptions.ValidationError):
        fields: dict[str, list[str]] = {}
        for name, text in _flatten(exc.detail):
            fields.setdefault(name, []).append(text)
        return Failure(400, "VALIDATION_FAILED", "The request is not valid", detail=exc.detail, fields=fields)
    if isinstance(exc, exceptions.NotAuthenticated):
        return Failure(401, "UNAUTHORIZED", "Invalid or expired access token", headers=headers)
    code = "MALFORMED_BODY" if isinstance(exc, exceptions.ParseError) else _code(exc.status_code)
    return Failure(exc.status_code, code, str(exc.detail), headers=headers)


def _flatten(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Nested DRF errors as (dotted field, text); errors of the whole body stand under `non_field_errors`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            if name == NON_FIELD:
                yield from _flatten(inner, path)
            elif isinstance(name, int):  # an entry of a list
                yield from _flatten(inner, f"{path}[{name}]")
            else:
                yield from _flatten(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list | tuple):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, Mapping)
            if nested and not inner:
                continue  # an entry of a list without an error of its own
            yield from _flatten(inner, f"{path}[{position}]" if nested else path)
    else:
        yield path or NON_FIELD, str(detail)


def _roll_back() -> None:
    """An answered error must not commit half of what the view did inside ATOMIC_REQUESTS."""
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _code(status: int) -> str:
    return _STATUS_CODES.get(HTTPStatus(status), f"HTTP_{status}")


# --- Django's own error pages: JSON on the surfaces, pages elsewhere -------------------------------------------------


def _is_api(request: HttpRequest) -> bool:
    prefixes = (*(surface.value for surface in Surface), *_ROOT_PREFIXES)
    return request.path.startswith(prefixes)


def _answer(request: HttpRequest, failure: Failure) -> HttpResponse:
    return JsonResponse(body_for(surface_of(request.path), failure), status=failure.status, safe=False)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for a path that no route serves."""
    if _is_api(request):
        return _answer(request, Failure(404, "NOT_FOUND", "Not found"))
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 for what Django refuses before any view, 413 for a body beyond DATA_UPLOAD_MAX_MEMORY_SIZE."""
    if _is_api(request) and isinstance(exception, RequestDataTooBig):
        return _answer(request, Failure(413, "BODY_TOO_LARGE", "The body is too large"))
    if _is_api(request):
        return _answer(request, Failure(400, "BAD_REQUEST", "The request cannot be read"))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 by Django."""
    if _is_api(request):
        return _answer(request, Failure(403, "FORBIDDEN", "Your role does not permit this"))
    return defaults.permission_denied(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: says nothing about the inside; the log does."""
    if _is_api(request):
        return _answer(request, Failure(500, "INTERNAL_ERROR", "Something went wrong on our side"))
    return defaults.server_error(request)
