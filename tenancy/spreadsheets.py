"""Tables as downloads that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse


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
