"""One error, four bodies."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client, RequestFactory
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api_errors import Surface, handle, server_error, surface_of
from connectors.domain.errors import DomainError
from tenancy.errors import NotSignedIn, QueueUnreachable, TooManyAttempts

PATHS = {
    "operations": "/api/migrations/x/pause",
    "v2": "/api/v2/connectors/alm/",
    "integration": "/rest/integration/instance/details",
    "synchronization": "/connectors/AP-1/resync",
}


def answer(path: str, error: Exception, view: object = None) -> Response:
    response = handle(error, {"request": RequestFactory().post(path), "view": view})
    assert response is not None
    return response


def bodies(error: Exception) -> dict[str, Any]:
    return {name: answer(path, error).data for name, path in PATHS.items()}


def test_a_domain_error_in_the_words_of_each_surface() -> None:
    error = DomainError("MIGRATION_NOT_PAUSED", "Run 7 is not paused", status=400)

    assert bodies(error) == {
        "operations": {
            "statusCode": 400,
            "message": "Run 7 is not paused",
            "error": "Bad Request",
            "code": "MIGRATION_NOT_PAUSED",
        },
        "v2": {"detail": "Run 7 is not paused", "code": "MIGRATION_NOT_PAUSED"},
        "integration": {"code": "CO.MIGRATION_NOT_PAUSED", "message": "Run 7 is not paused"},
        "synchronization": {"errorMessages": ["Run 7 is not paused"], "errors": {}},
    }


def test_a_domain_error_that_blames_fields() -> None:
    error = DomainError("VALIDATION_FAILED", "No", errors={"fieldMappings": ["Unknown: a", "Unknown: b"]})

    assert bodies(error) == {
        "operations": {
            "statusCode": 400,
            "message": ["fieldMappings: Unknown: a", "fieldMappings: Unknown: b"],
            "error": "Bad Request",
            "code": "VALIDATION_FAILED",
            "errors": {"fieldMappings": ["Unknown: a", "Unknown: b"]},
        },
        "v2": {"fieldMappings": ["Unknown: a", "Unknown: b"]},
        "integration": {"code": "CO.MANDATORY_FIELDS_MISSING", "message": "No", "MISSING_FIELDS": "fieldMappings"},
        "synchronization": {"errorMessages": [], "errors": {"fieldMappings": "Unknown: a Unknown: b"}},
    }


class Inner(serializers.Serializer[None]):
    org = serializers.CharField()


class Outer(serializers.Serializer[None]):
    source = Inner()
    items = Inner(many=True)

    def validate(self, data: Any) -> Any:
        raise serializers.ValidationError("They contradict each other.")


def test_nested_field_errors_get_dotted_names_and_v2_keeps_its_nesting() -> None:
    body = Outer(data={"source": {}, "items": [{"org": "a"}, {}]})
    with pytest.raises(serializers.ValidationError) as caught:
        body.is_valid(raise_exception=True)

    found = bodies(caught.value)

    required = "This field is required."
    assert found["operations"]["errors"] == {"source.org": [required], "items[1].org": [required]}
    assert found["operations"]["message"] == [f"source.org: {required}", f"items[1].org: {required}"]
    assert found["v2"] == {"source": {"org": [required]}, "items": {1: {"org": [required]}}}


def test_errors_of_the_whole_body_have_no_field() -> None:
    body = Outer(data={"source": {"org": "a"}, "items": []})
    with pytest.raises(serializers.ValidationError) as caught:
        body.is_valid(raise_exception=True)

    found = bodies(caught.value)

    assert found["operations"]["message"] == ["They contradict each other."]
    assert found["synchronization"] == {"errorMessages": ["They contradict each other."], "errors": {}}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "NOT_FOUND"),
        (PermissionDenied(), 403, "FORBIDDEN"),
        (exceptions.PermissionDenied(), 403, "FORBIDDEN"),
        (exceptions.NotAuthenticated(), 401, "UNAUTHORIZED"),
        (exceptions.ParseError(), 400, "MALFORMED_BODY"),
        (exceptions.MethodNotAllowed("PUT"), 405, "METHOD_NOT_ALLOWED"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE"),
        (exceptions.NotAcceptable(), 406, "NOT_ACCEPTABLE"),
        (exceptions.Throttled(7), 429, "RATE_LIMITED"),
        (NotSignedIn(code="TOKEN_EXPIRED"), 401, "TOKEN_EXPIRED"),
        (QueueUnreachable(), 502, "ENGINE_DISPATCH_FAILED"),
    ],
)
def test_every_other_error_has_status_and_code(error: Exception, status: int, code: str) -> None:
    response = answer("/api/projects", error)

    assert (response.status_code, response.data["statusCode"], response.data["code"]) == (status, status, code)


def test_an_unknown_apikey_has_its_documented_code() -> None:
    assert answer(PATHS["integration"], NotSignedIn()).data["code"] == "CO.INVALID_API_KEY"


def test_waiting_times_are_headers() -> None:
    ours = answer("/api/auth/login", TooManyAttempts(retry_after=30, limit=10))
    drf = answer("/api/auth/login", exceptions.Throttled(7))

    assert (ours["Retry-After"], ours["X-RateLimit-Limit"], drf["Retry-After"]) == ("30", "10", "7")


def test_our_own_mistakes_are_not_dressed_up() -> None:
    assert handle(RuntimeError("bug"), {"request": RequestFactory().get("/api/x")}) is None


def test_a_view_may_name_its_surface() -> None:
    class Named(APIView):
        error_surface = Surface.SYNCHRONIZATION

    assert answer("/api/elsewhere", Http404(), Named()).data == {"errorMessages": ["Not found"], "errors": {}}


@pytest.mark.parametrize(
    ("path", "surface"),
    [
        ("/api/connectors/test", Surface.OPERATIONS),
        ("/api/v2/plugins/alm/", Surface.CONNECTORS_V2),
        ("/rest/admin/integration/listall", Surface.INTEGRATION),
        ("/plugins/servlet/backbone-issue-sync/api/1/integrations", Surface.SYNCHRONIZATION),
        ("/integrations/INT-1", Surface.SYNCHRONIZATION),
        ("/async-tasks/1", Surface.SYNCHRONIZATION),
    ],
)
def test_the_path_decides_about_the_surface(path: str, surface: Surface) -> None:
    assert surface_of(path) is surface


def test_an_unknown_path_is_json_on_a_surface_and_a_page_elsewhere() -> None:
    api, page = Client().get("/api/nothing"), Client().get("/nothing")

    assert (api.status_code, api.json()["code"]) == (404, "NOT_FOUND")
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_trailing_slash_is_not_redirected() -> None:
    assert Client().post("/api/auth/login/").status_code == 404


def test_a_failure_of_ours_says_nothing_about_the_inside() -> None:
    response = server_error(RequestFactory().get("/api/x"))

    assert response.status_code == 500
    assert b"INTERNAL_ERROR" in response.content
