"""The items of a run: a filtered list, and one item with both its sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from migrations_app import proofs, queries
from migrations_app.console.run_base import RunView
from migrations_app.engine.state import ItemStage, Outcome
from migrations_app.models import LedgerEntry, MigrationRun, RunItem, VerificationDifference
from migrations_app.queries import ItemQuery

PAGE = 50
MOST_COUNTED = 10_000
TITLES_SEARCHED = 100_000
"""Words are looked for in the titles of so many items of a run, in the order in which they are created."""
MOST_TYPES = 60
MOST_EFFECTS = 200
PENDING = "pending"
_OUTCOMES = {outcome.value or PENDING: outcome for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for; what makes no sense there is left out."""

    outcome: str
    type: str
    text: str
    after: tuple[int, int] | None

    @property
    def query(self) -> ItemQuery:
        """As `migrations_app.queries` takes it."""
        outcome = _OUTCOMES[self.outcome] if self.outcome else None
        return ItemQuery(outcome=outcome, type=self.type, text=self.text)

    @property
    def is_filtered(self) -> bool:
        return bool(self.outcome or self.type or self.text)

    def address_after(self, item: RunItem) -> str:
        """The query of the next page."""
        kept = {"outcome": self.outcome, "type": self.type, "q": self.text}
        place = {"after": f"{item.position}.{item.pk}"}
        return urlencode({name: value for name, value in kept.items() if value} | place)


class RunItems(RunView):
    """Items by outcome, type and words."""

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """A page of them in the order in which they are created."""
        found = self.find_run(run)
        chosen = _chosen(request)
        rows = queries.items_of(found, chosen.query)
        is_cut = bool(chosen.text) and found.total > TITLES_SEARCHED and not queries.is_exact(chosen.text)
        if is_cut:
            rows = rows.filter(position__lt=TITLES_SEARCHED)
        page = list(queries.items_after(rows, chosen.after)[: PAGE + 1])
        shown = page[:PAGE]
        return self.run_page(
            "console/runs/items.html",
            found,
            items=shown,
            chosen=chosen,
            outcomes=list(_OUTCOMES),
            types=types_of(found),
            next_page=chosen.address_after(shown[-1]) if len(page) > PAGE else "",
            searched=TITLES_SEARCHED if is_cut else 0,
            **_count(found, chosen, rows),
        )


class RunItemPage(RunView):
    """One item: where it is on both sides, what happened to it, and what differs."""

    def get(self, request: HttpRequest, run: UUID, source: str) -> HttpResponse:
        """Raises Http404 for an item that the run does not have."""
        found = self.find_run(run)
        item = self.find(RunItem.objects.filter(run=found), source=source)
        rows = LedgerEntry.objects.filter(scope=found.scope_id, item=item.source).order_by("pk")[:MOST_EFFECTS]
        effects = [(effect, _moment(effect.intended_at)) for effect in rows]
        return self.run_page(
            "console/runs/item.html",
            found,
            item=item,
            stage=ItemStage(item.stage).name.lower(),
            parent=item.parent or item.parent_link,
            differences=differences_of_item(found, item),
            effects=effects,
            timed=any(at for _, at in effects),
            attempts=_attempts(found, item),
            preview=found.previews.filter(source=item.source).first(),
        )


def types_of(run: MigrationRun) -> list[str]:
    """The types that occur, each found by one step in the index: counting a million rows would take a second."""
    found: list[str] = []
    rows = RunItem.objects.filter(run=run).order_by("type").values_list("type", flat=True)
    while len(found) < MOST_TYPES:
        following = (rows.filter(type__gt=found[-1]) if found else rows).first()
        if following is None:
            break
        found.append(following)
    return found


def differences_of_item(run: MigrationRun, item: RunItem) -> list[VerificationDifference]:
    """What the newest verification found about one item."""
    return list(proofs.differences_of(run, proofs.newest_proof(run)).filter(item=item.source))


def _attempts(run: MigrationRun, item: RunItem) -> list[RunItem]:
    """The item in all runs between the same two places, the newest first."""
    runs = MigrationRun.objects.filter(scope=run.scope_id).values("pk")
    rows = RunItem.objects.filter(run__in=runs, source=item.source).select_related("run")
    return list(rows.defer("run__checkpoint", "run__sealed_credentials").order_by("-run__created_at")[:20])


def _chosen(request: HttpRequest) -> Chosen:
    outcome = request.GET.get("outcome", "")
    return Chosen(
        outcome=outcome if outcome in _OUTCOMES else "",
        type=request.GET.get("type", "")[:255],
        text=request.GET.get("q", "").strip()[:200],
        after=_place(request.GET.get("after", "")),
    )


def _place(text: str) -> tuple[int, int] | None:
    position, _, pk = text.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (position, pk)):
        return None
    return int(position), int(pk)


def _count(run: MigrationRun, chosen: Chosen, rows: QuerySet[RunItem]) -> dict[str, Any]:
    """How many match: from the run's counters where they know, else counted as far as anybody would leaf."""
    if not (chosen.type or chosen.text):
        return {"count": queries.count_items(run, chosen.query), "is_more": False}
    counted = queries.count_up_to(rows, MOST_COUNTED)
    return {"count": counted, "is_more": counted == MOST_COUNTED}


def _moment(seconds: float) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=UTC) if seconds else None
