"""The price list that audit reports quote: shown to everybody, changed by those who may."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse

from connectors import queries, services
from connectors.domain.errors import DomainError
from connectors.domain.pricing import CURRENCY, DEFAULT_RULES, PriceRules, dump_rules
from connectors.models import PriceList
from tenancy.console.base import ConsoleView
from tenancy.console.forms import ConsoleForm
from tenancy.permissions import Action

_SPARE_ROWS = 3
_MOST_ROWS = 30
_TIER = (("upToItems", "Up to items"), ("price", "Price"), ("includedGb", "GB of files included"))
_DISCOUNT = (("fromItems", "From items"), ("percent", "Percent off"))
_PARTS = {"rules.tiers": "Sizes", "rules.perGb": "Each further GB", "rules.discounts": "Discounts"}
_WHOLE = ("upToItems", "fromItems")


class PriceForm(ConsoleForm):
    """Rows of cells, a few more than there are; rows left empty are no rows. The service checks what is entered."""

    def __init__(self, rules: PriceRules, data: Mapping[str, Any] | None = None) -> None:
        stored: dict[str, Any] = dump_rules(rules)
        super().__init__(data)
        self._counts = {
            "tiers": _rows_in(data, "tiers", len(stored["tiers"]) + _SPARE_ROWS),
            "discounts": _rows_in(data, "discounts", len(stored["discounts"]) + _SPARE_ROWS),
        }
        for kind, columns in (("tiers", _TIER), ("discounts", _DISCOUNT)):
            for number in range(self._counts[kind]):
                row = stored[kind][number] if number < len(stored[kind]) else {}
                for name, label in columns:
                    self.fields[f"{kind}-{number}-{name}"] = _cell(f"{label}, row {number + 1}", row.get(name))
        self.fields["perGb"] = _cell("Price of each further GB that is begun", stored["perGb"])

    @property
    def tiers(self) -> list[list[BoundField]]:
        """The cells of the sizes, by row."""
        return self._cells("tiers", _TIER)

    @property
    def discounts(self) -> list[list[BoundField]]:
        """The cells of the discounts, by row."""
        return self._cells("discounts", _DISCOUNT)

    @property
    def rules(self) -> dict[str, Any]:
        """What was entered, in the stored form."""
        return {
            "tiers": list(self._entered("tiers", _TIER)),
            "perGb": self.cleaned_data.get("perGb") or "0",
            "discounts": list(self._entered("discounts", _DISCOUNT)),
        }

    def refuse_rules(self, error: DomainError) -> None:
        """Say what is wrong, by the part of the page it is wrong in."""
        for name, texts in error.errors.items():
            for text in dict.fromkeys(texts):
                self.add_error(None, f"{_PARTS.get(name, name)}: {text}")
        if not error.errors:
            self.refuse(error)

    def _cells(self, kind: str, columns: Iterable[tuple[str, str]]) -> list[list[BoundField]]:
        return [[self[f"{kind}-{number}-{name}"] for name, _ in columns] for number in range(self._counts[kind])]

    def _entered(self, kind: str, columns: tuple[tuple[str, str], ...]) -> Iterable[dict[str, Any]]:
        for number in range(self._counts[kind]):
            row = {name: self.cleaned_data.get(f"{kind}-{number}-{name}", "") for name, _ in columns}
            if any(row.values()):
                yield {name: _value(name, text) for name, text in row.items() if text or name != "includedGb"}


class PriceListPage(ConsoleView):
    """The price list; whoever may change it gets it as a form."""

    section = "prices"
    post_action = Action.MANAGE_PRICES

    def get(self, request: HttpRequest) -> HttpResponse:
        """The organization's own list, or the default one."""
        rules = queries.price_rules(self.organization)
        return self._drawn(PriceForm(rules) if self.may(Action.MANAGE_PRICES) else None, rules)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store what was entered, or the default list."""
        rules = queries.price_rules(self.organization)
        form = PriceForm(rules, request.POST)
        form.is_valid()
        wanted = dump_rules(DEFAULT_RULES) if "default" in request.POST else form.rules
        try:
            services.set_price_list(wanted, by=self.principal)
        except DomainError as error:
            form.refuse_rules(error)
            return self._drawn(form, rules, status=422)
        self.say("The price list is saved. Scans from now on are priced by it; earlier reports keep theirs.")
        return self.go("connectors_console:prices")

    def _drawn(self, form: PriceForm | None, rules: PriceRules, *, status: int = 200) -> HttpResponse:
        own = PriceList.objects.for_organization(self.organization).exists()
        return self.page(
            "console/prices/prices.html",
            status=status,
            form=form,
            rules=rules,
            own=own,
            currency=CURRENCY,
            tier_columns=[label for _, label in _TIER],
            discount_columns=[label for _, label in _DISCOUNT],
        )


def _cell(label: str, value: object) -> forms.CharField:
    attributes = {"inputmode": "decimal", "autocomplete": "off", "aria-label": label}
    return forms.CharField(
        required=False, max_length=40, label=label, initial=value, widget=forms.TextInput(attributes)
    )


def _rows_in(data: Mapping[str, Any] | None, kind: str, usual: int) -> int:
    """As many rows as were sent, so that none is lost; never fewer than usual."""
    if data is None:
        return usual
    cells = [name.split("-") for name in data]
    sent = [int(part[1]) for part in cells if len(part) == 3 and part[0] == kind and _is_count(part[1])]
    return min(_MOST_ROWS, max([usual, *(number + 1 for number in sent)]))


def _value(name: str, text: str) -> Any:
    """Whole numbers as such; what is none goes on as it is, and is refused with its own words."""
    plain = text.replace(",", "").replace(" ", "")
    if name == "upToItems" and not text:
        return None
    return int(plain) if name in _WHOLE and _is_count(plain) else text


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
