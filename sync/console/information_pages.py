"""Pairs: looked up, imported, exported, forgotten and restored."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from connectors.domain.errors import DomainError
from sync.console.base import SyncView
from sync.models import Pair, Synchronization, SynchronizationSide
from sync.queries import page_of_pairs, pairs_of, sides_of
from sync.services import information
from tenancy.permissions import Action

SIZE = 50
EXPORT_PAGE = 2_000
MOST_FAULTS = 20
LARGEST_FILE = 20_000_000
COLUMNS = ("firstKey", "secondKey", "firstSync", "lastFirst", "lastSecond", "held")


class InformationPage(SyncView):
    """Which item belongs to which, by key; pages go on behind a number and stay fast however deep."""

    post_action = Action.MANAGE_SYNCHRONIZATIONS

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """A page of pairs."""
        return self._draw(self.find_synchronization(key))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Import pairs: all of them, or none with the faults by row."""
        row = self.find_synchronization(key)
        first, _ = sides_of(row)
        typed = request.POST.get("pairs", "")
        try:
            imported = information.import_information(first, _read(request, typed), by=self.principal)
        except DomainError as error:
            faults = [f"{place}: {text}" for place, texts in error.errors.items() for text in texts][:MOST_FAULTS]
            return self._draw(row, status=422, typed=typed, faults=faults or [error.message])
        self.say(f"Imported: {imported.created:,} new pairs, {imported.updated:,} known ones.")
        return self.go("sync_console:information", key=row.key)

    def _draw(
        self, row: Synchronization, *, status: int = 200, typed: str = "", faults: list[str] | None = None
    ) -> HttpResponse:
        asked = self.request.GET.get("q", "").strip()[:100]
        held = self.request.GET.get("held", "") == "1"
        found = _narrowed(row, asked, held=held)
        after = self.request.GET.get("after", "0")
        pairs = page_of_pairs(found, after=int(after) if after.isdigit() and len(after) < 19 else 0, limit=SIZE + 1)
        return self.drawn(
            "console/synchronizations/information.html",
            row,
            status=status,
            pairs=pairs[:SIZE],
            next_after=pairs[SIZE - 1].pk if len(pairs) > SIZE else None,
            asked=asked,
            held=held,
            typed=typed,
            faults=faults or [],
            is_further=after not in ("", "0"),
        )


class ExportInformation(SyncView):
    """All pairs as a table, streamed."""

    def get(self, request: HttpRequest, key: str) -> StreamingHttpResponse:
        """A CSV file."""
        row = self.find_synchronization(key)
        first, _ = sides_of(row)
        response = StreamingHttpResponse(_lines(first), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{row.key}-pairs.csv"'
        return response


class ForgetInformation(SyncView):
    """Forget one pair, or all of them after the key was typed."""

    post_action = Action.DELETE_SYNC_INFORMATION

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """The items stay as they are; restoring brings the pairs back."""
        row = self.find_synchronization(key)
        first, _ = sides_of(row)
        number = request.POST.get("pair", "")
        try:
            if number.isdigit() and len(number) < 19:
                information.delete_information(first, pair_id=int(number), by=self.principal)
                self.say("The pair is forgotten. Both items stay as they are; restoring brings it back for 30 days.")
            elif request.POST.get("confirm", "").strip() == row.key:
                count = information.delete_information(first, by=self.principal)
                self.say(_words(count, "forgotten. Restoring brings back what was forgotten for 30 days."))
            else:
                self.say(f"Nothing is forgotten: type {row.key} to forget all pairs.", kind="bad")
        except DomainError as error:
            self.say(error.message, kind="bad")
        return self.go("sync_console:information", key=row.key)


class RestoreInformation(SyncView):
    """Bring back what was forgotten."""

    post_action = Action.DELETE_SYNC_INFORMATION

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Of the last 30 days, where neither item has another partner by now."""
        row = self.find_synchronization(key)
        count = information.restore_information(sides_of(row)[0], by=self.principal)
        self.say(_words(count, "back.") if count else "There is nothing to bring back.", kind="info")
        return self.go("sync_console:information", key=row.key)


def _words(count: int, what: str) -> str:
    return f"1 pair is {what}" if count == 1 else f"{count:,} pairs are {what}"


def _narrowed(row: Synchronization, asked: str, *, held: bool) -> QuerySet[Pair]:
    pairs = pairs_of(sides_of(row)[0])
    if asked:
        pairs = pairs.filter(Q(first_key__iexact=asked) | Q(second_key__iexact=asked))
    return pairs.filter(held=True) if held else pairs


def _read(request: HttpRequest, typed: str) -> list[dict[str, Any]]:
    """Rows of an uploaded or pasted table or JSON document. Raises DomainError VALIDATION_FAILED."""
    file = request.FILES.get("file")
    if file is not None and (file.size or 0) > LARGEST_FILE:
        raise DomainError("VALIDATION_FAILED", "The file is larger than 20 MB: import it in parts.")
    try:
        text = file.read().decode("utf-8-sig") if file is not None else typed
        if text.lstrip().startswith("["):
            found: list[dict[str, Any]] = json.loads(text)
            return found
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise DomainError("VALIDATION_FAILED", "This is neither a table nor JSON that can be read.") from None
    rows = [line for line in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in line)]
    if rows and rows[0][0].strip() in (COLUMNS[0], "localIssueKey"):
        del rows[0]
    if not rows:
        raise DomainError("VALIDATION_FAILED", "There is nothing to import: one pair a line, both keys with a comma.")
    return [
        {"localIssueKey": line[0].strip(), "remoteIssueKey": line[1].strip() if len(line) > 1 else ""} for line in rows
    ]


def _lines(side: SynchronizationSide) -> Iterator[str]:
    yield _line(COLUMNS)
    pairs = pairs_of(side)
    after = 0
    while page := page_of_pairs(pairs, after=after, limit=EXPORT_PAGE):
        yield "".join(
            _line(
                (
                    *(pair.first_key, pair.second_key, pair.first_sync),
                    *(pair.first_last_outgoing, pair.second_last_outgoing, "yes" if pair.held else "no"),
                )
            )
            for pair in page
        )
        after = page[-1].pk


def _line(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
