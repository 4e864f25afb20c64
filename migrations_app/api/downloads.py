"""Answers that are files: tables a spreadsheet opens."""

from __future__ import annotations

from collections.abc import Iterable

from drf_spectacular.types import OpenApiTypes
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from tenancy.spreadsheets import csv_answer

__all__ = ["CSV", "AlwaysJson", "csv_answer"]

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
