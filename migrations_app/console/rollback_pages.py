"""Taking a run back: what would go, what stays and why, the confirmation, and how far it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from connectors.domain.errors import DomainError
from migrations_app import proofs, queries, services
from migrations_app.console.proof_pages import why_not_verifiable
from migrations_app.console.run_base import RunView
from migrations_app.models import FollowUp, MigrationRun
from tenancy.console.forms import ConsoleForm
from tenancy.permissions import Action

PAGE = 100
EXAMPLES = 10
MOST_COUNTED = 100_000
OUTCOMES = ("deleted", "gone", "kept")


class RollbackForm(ConsoleForm):
    """Whoever deletes issues has to know in which project."""

    confirm = forms.CharField(max_length=255, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}))

    def __init__(self, *args: Any, key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._key = key
        self.fields["confirm"].label = f"Type {key} to confirm"

    def clean_confirm(self) -> str:
        """Exactly the key, as the REST interface wants it too."""
        typed: str = self.cleaned_data["confirm"]
        if typed != self._key:
            raise forms.ValidationError(f"This is not the key of the target project. Type {self._key}.")
        return typed


class RollbackPage(RunView):
    """Before, during and after a rollback."""

    post_action = Action.ROLL_BACK

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """The plan, or what the newest rollback does or did."""
        found = self.find_run(run)
        return self._draw(found, RollbackForm(key=_key(found)))

    def post(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """Order it. A wrong key keeps what was typed."""
        found = self.find_run(run)
        form = RollbackForm(request.POST, key=_key(found))
        if form.is_valid():
            try:
                services.roll_back(found.pk, confirm=form.cleaned_data["confirm"], by=self.principal)
            except DomainError as refusal:
                form.refuse(refusal)
            else:
                self.say("The rollback has begun. This page shows what it does.")
                return self.go("migrations_console:rollback", run=found.pk)
        return self._draw(found, form, status=422)

    def _draw(self, run: MigrationRun, form: RollbackForm, *, status: int = 200) -> HttpResponse:
        newest = proofs.rollbacks_of(run).first()
        return self.run_page(
            "console/runs/rollback.html",
            run,
            status=status,
            form=form,
            key=_key(run),
            blocked=why_not_verifiable(run),
            newest=newest,
            under_way=proofs.is_running(newest),
            may_roll_back=self.may(Action.ROLL_BACK),
            **_plan(run),
            **(self._result(newest) if newest is not None else {}),
        )

    def _result(self, rollback: FollowUp) -> dict[str, Any]:
        rows = proofs.rolled_back(rollback)
        counts = dict(rows.order_by().values_list("outcome").annotate(Count("pk")))
        chosen = self.request.GET.get("outcome", "")
        # What stayed is what somebody has to look at.
        shown = rows.filter(outcome=chosen) if chosen in OUTCOMES else rows.order_by("-outcome", "pk")
        return {
            "counts": [(outcome, counts.get(outcome, 0)) for outcome in OUTCOMES],
            "settled": sum(counts.values()),
            "chosen": chosen,
            "page": self.paged(shown, size=PAGE),
        }


def _key(run: MigrationRun) -> str:
    return str(run.config.get("target", {}).get("project", ""))


def _plan(run: MigrationRun) -> dict[str, Any]:
    """What would be looked at, counted as far as it matters to a reader."""
    made = queries.made_items(run)
    return {
        "would_go": queries.count_up_to(made, MOST_COUNTED),
        "most": MOST_COUNTED,
        "examples": list(made[:EXAMPLES]),
        "from_before": queries.count_up_to(queries.items_from_before(run), MOST_COUNTED),
    }
