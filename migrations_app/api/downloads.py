"""Answers that are files: tables a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

CSV = {(200, "text/csv"): OpenApiTypes.STR}
"""For the schema."""


class AlwaysJson(BaseContentNegotiation):
    """Ignores Accept: the address says what comes back, and refusals are JSON whatever a download asked for."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, str(first.media_type)


def csv_answer(header: tuple[str, ...], rows: Iterable[tuple[Any, ...]], *, name: str) -> HttpResponse:
    """A table as a download."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(_harmless(row) for row in rows)
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _harmless(row: tuple[Any, ...]) -> Iterator[Any]:
    """A spreadsheet computes what begins like a formula; titles come from outside.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    for value in row:
        yield f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
