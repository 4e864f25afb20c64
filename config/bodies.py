"""Reading the body of a request."""

from __future__ import annotations

import io
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

LARGEST_BODY = 10_000_000
"""Bytes; a view that takes more says so as `largest_body`."""


class BodyTooLarge(APIException):
    """Refused before it is parsed: what is read as JSON stands in memory several times over."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large"
    default_code = "BODY_TOO_LARGE"


class StrictJSONParser(JSONParser):
    """JSON as `JSONParser` reads it, up to a size; nesting deeper than the interpreter's stack is the caller's mistake,
    not ours."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises ParseError, BodyTooLarge."""
        limit = getattr((parser_context or {}).get("view"), "largest_body", LARGEST_BODY)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("JSON parse error - The body is nested too deeply") from error
