"""What verification proved: the table that accounts for every item, and everything that differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from connectors.domain.errors import DomainError
from migrations_app import proofs, services
from migrations_app.api.verification import differences_csv, printable
from migrations_app.api.verification_bodies import NOTHING_CHECKED, add_up
from migrations_app.console.run_base import RunView, is_dry
from migrations_app.models import MigrationRun, RunItem
from migrations_app.proofs import Proof, Reckoning
from tenancy.permissions import Action

PAGE = 100
CHECKED = (
    ("items", "Items"),
    ("words", "Words"),
    ("comments", "Comments"),
    ("files", "Files"),
    ("links", "Links"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """The row of one type: what existed, what became of it, how many of the moved ones differ."""

    type: str
    existed: int
    moved: int
    partial: int
    failed: int
    skipped: int
    filtered: int
    open: int
    differ: int


class VerificationPage(RunView):
    """The newest verification of a run; POST has the run verified once more."""

    post_action = Action.OPERATE_RUNS

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """Differences first, then the table."""
        found = self.find_run(run)
        proof = proofs.newest_proof(found)
        requested = proofs.verifications_of(found).first()
        differences = proofs.differences_of(found, proof)
        codes = list(differences.order_by("code").values_list("code").annotate(Count("pk")))
        code = request.GET.get("code", "")
        if code in dict(codes):
            differences = differences.filter(code=code)
        return self.run_page(
            "console/runs/verification.html",
            found,
            proof=proof,
            requested=requested,
            under_way=proofs.is_running(requested) or not found.state.is_ended,
            codes=codes,
            code=code,
            page=self.paged(differences, size=PAGE),
            difference_count=sum(count for _, count in codes),
            blocked=why_not_verifiable(found),
            **_table(found, proof),
        )

    def post(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """Order a verification; the page shows when it is through."""
        found = self.find_run(run)
        try:
            services.verify_again(found.pk, by=self.principal)
        except DomainError as refusal:
            self.say(f"{refusal.message}. Nothing was started.", kind="bad")
        else:
            self.say("Both sides are read again. The report shows the result as soon as it is through.")
        return self.go("migrations_console:verification", run=found.pk)


class VerificationCsv(RunView):
    """All differences as a table."""

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """A download."""
        return differences_csv(self.find_run(run))


class VerificationDocument(RunView):
    """The whole report as one HTML file to keep or print; it needs nothing from anywhere."""

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """A download."""
        found = self.find_run(run)
        answer = HttpResponse(printable(found))
        answer["Content-Disposition"] = f'attachment; filename="verification-{found.pk}.html"'
        return answer


def why_not_verifiable(run: MigrationRun) -> str:
    """Why the run can be neither verified nor rolled back; empty when it can."""
    if not run.state.is_ended:
        return "The run has not ended yet. It is verified by itself at its end."
    if is_dry(run):
        return "This was a dry run: nothing was written, so there is nothing to compare or to take back."
    if not run.checkpoint.get("planned"):
        return "The run ended before it wrote anything, so there is nothing to compare or to take back."
    return ""


def _table(run: MigrationRun, proof: Proof) -> dict[str, Any]:
    reckoning = proofs.reckon(run)
    differing = _differing(run, proof)
    checked = {**NOTHING_CHECKED, **proof.summary.get("checked", {})}
    total = add_up(reckoning)
    return {
        "accounts": [_account(row.type, _columns(row), differing.get(row.type, 0)) for row in reckoning],
        "total": _account("All", total, sum(differing.values())),
        "reconciles": all(row.holds for row in reckoning),
        "checked": [(title, checked[name]) for name, title in CHECKED],
        "changed_since": proof.summary.get("changedSince", 0),
        "doubles_removed": proof.summary.get("doublesRemoved", 0),
    }


def _columns(row: Reckoning) -> dict[str, int]:
    return {"scanned": row.scanned, **row.counts}


def _account(name: str, counts: dict[str, int], differ: int) -> Account:
    moved = counts.get("created", 0) + counts.get("updated", 0)
    named = {each: counts.get(each, 0) for each in ("partial", "failed", "skipped", "filtered")}
    open_items = counts["scanned"] - moved - sum(named.values())
    return Account(type=name, existed=counts["scanned"], moved=moved, open=open_items, differ=differ, **named)


def _differing(run: MigrationRun, proof: Proof) -> dict[str, int]:
    """How many items of each type have a difference."""
    found = proofs.differences_of(run, proof).order_by().values("item")
    rows = RunItem.objects.filter(run=run, source__in=found).order_by()
    return dict(rows.values_list("type").annotate(Count("pk")))
