"""A body that cannot be handled is the caller's mistake, never a failure of ours."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.test import Client

from tenancy.bodies import LargeJSONParser


def post(body: str) -> tuple[int, str]:
    response = Client().post("/api/auth/login", body, content_type="application/json")
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_endless_nesting_is_refused(body: str) -> None:
    assert post(body) == (400, "MALFORMED_BODY")


def test_a_body_over_the_limit_is_called_too_large(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    assert post(json.dumps({"email": "a@example.com", "password": "x" * 100})) == (413, "BODY_TOO_LARGE")


def test_a_view_says_how_large_its_bodies_may_be() -> None:
    class Small:
        largest_body = 4

    assert LargeJSONParser().parse(io.BytesIO(b"[12]"), parser_context={"view": Small()}) == [12]
    with pytest.raises(RequestDataTooBig):
        LargeJSONParser().parse(io.BytesIO(b"[123]"), parser_context={"view": Small()})


def test_a_body_over_the_limit_leaves_no_traceback(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    post(json.dumps({"email": "a@example.com", "password": "x" * 100}))

    assert [record for record in caplog.records if record.exc_info] == []
