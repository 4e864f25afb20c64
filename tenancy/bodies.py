"""Reading the body of a request."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser


class StrictJSONParser(JSONParser):
    """JSON as `JSONParser` reads it; nesting deeper than the interpreter's stack is the caller's mistake, not ours."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises ParseError."""
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("JSON parse error - The body is nested too deeply") from error


class LargeJSONParser(BaseParser):
    """JSON for the few views that take more than DATA_UPLOAD_MAX_MEMORY_SIZE: up to the view's `largest_body` bytes.

    It is no `JSONParser`, for whose kind REST framework reads the body itself, under the general limit.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises ParseError, RequestDataTooBig."""
        limit: int = getattr((parser_context or {}).get("view"), "largest_body", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig(f"The body has more than {limit} bytes")
        return StrictJSONParser().parse(io.BytesIO(body), media_type, parser_context)
