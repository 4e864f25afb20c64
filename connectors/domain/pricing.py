"""What a migration of a given size costs by an organization's price list.

Amounts are `Decimal` throughout and rounded to the penny once, at the end, half up, as invoices are. The default
list reproduces the documented example: 5,847 items with 4.2 GB have a base price of 99.00 and 5 % off, 94.05 GBP.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, InvalidOperation

CURRENCY = "GBP"
"""The documented answer names its price `finalPriceGbp`, so lists are in pounds."""

_PENNY = Decimal("0.01")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Tier:
    """A band of project sizes. `up_to_items` is inclusive, None for the open last band."""

    up_to_items: int | None
    price: Decimal
    included_gb: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Discount:
    """A percentage off for projects of at least `from_items` items; the highest threshold reached counts."""

    from_items: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class PriceRules:
    """Tiers in ascending order, the last one open; `per_gb` for every begun GB beyond what a tier includes."""

    tiers: tuple[Tier, ...]
    per_gb: Decimal = Decimal(0)
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    base: Decimal
    discount_percent: Decimal
    final: Decimal


DEFAULT_RULES = PriceRules(
    tiers=(
        Tier(500, Decimal("19.00"), Decimal(5)),
        Tier(2_000, Decimal("49.00"), Decimal(10)),
        Tier(10_000, Decimal("99.00"), Decimal(20)),
        Tier(50_000, Decimal("249.00"), Decimal(50)),
        Tier(None, Decimal("499.00"), Decimal(100)),
    ),
    per_gb=Decimal("1.00"),
    discounts=(Discount(5_000, Decimal(5)), Discount(25_000, Decimal(10))),
)


def price_of(rules: PriceRules, *, items: int, gigabytes: Decimal) -> Price:
    """The price for so many items and GB of files. `final` is `base * (1 - discount / 100)` to the penny."""
    tier = next(tier for tier in rules.tiers if tier.up_to_items is None or items <= tier.up_to_items)
    extra = max(gigabytes - tier.included_gb, Decimal(0)).to_integral_value(rounding=ROUND_CEILING)
    base = (tier.price + extra * rules.per_gb).quantize(_PENNY, rounding=ROUND_HALF_UP)
    reached = [discount for discount in rules.discounts if items >= discount.from_items]
    percent = max(reached, key=lambda discount: discount.from_items).percent if reached else Decimal(0)
    final = (base * (1 - percent / _HUNDRED)).quantize(_PENNY, rounding=ROUND_HALF_UP)
    return Price(base=base, discount_percent=percent, final=final)


@dataclass
class _Problems:
    """Collects what is wrong with a price list, by the name of its part."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, part: str, text: str) -> None:
        self.found.setdefault(part, []).append(text)


class PriceRulesInvalid(ValueError):
    """A price list that cannot be used; `errors` maps a part of it to what is wrong there."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("The price list is not valid.")
        self.errors = {part: list(texts) for part, texts in errors.items()}


def parse_rules(data: Mapping[str, object]) -> PriceRules:
    """Rules from their stored form `{"tiers", "perGb", "discounts"}`; amounts are texts or numbers.

    Raises PriceRulesInvalid naming each wrong part: amounts below zero, tiers out of order, no open last tier,
    percentages outside 0..100.
    """
    problems = _Problems()
    rules = PriceRules(
        tiers=_parse_tiers(data.get("tiers"), problems),
        per_gb=_amount(data.get("perGb", 0), "perGb", problems),
        discounts=_parse_discounts(data.get("discounts", []), problems),
    )
    if problems.found:
        raise PriceRulesInvalid(problems.found)
    return rules


def dump_rules(rules: PriceRules) -> dict[str, object]:
    """The stored form of rules; `parse_rules` gives the same rules back."""
    return {
        "tiers": [
            {"upToItems": tier.up_to_items, "price": str(tier.price), "includedGb": str(tier.included_gb)}
            for tier in rules.tiers
        ],
        "perGb": str(rules.per_gb),
        "discounts": [{"fromItems": each.from_items, "percent": str(each.percent)} for each in rules.discounts],
    }


def _parse_tiers(value: object, problems: _Problems) -> tuple[Tier, ...]:
    tiers = []
    for row in _rows(value, "tiers", problems):
        limit = row.get("upToItems")
        tiers.append(
            Tier(
                up_to_items=None if limit is None else _count(limit, "tiers", problems),
                price=_amount(row.get("price"), "tiers", problems),
                included_gb=_amount(row.get("includedGb", 0), "tiers", problems),
            )
        )
    limits = [tier.up_to_items for tier in tiers]
    if not limits or limits[-1] is not None or None in limits[:-1]:
        problems.add("tiers", "The last tier, and only the last, has no upToItems.")
    bounded = [limit for limit in limits if limit is not None]
    if any(first >= second for first, second in itertools.pairwise(bounded)):
        problems.add("tiers", "Tiers stand in ascending order of upToItems.")
    return tuple(tiers)


def _parse_discounts(value: object, problems: _Problems) -> tuple[Discount, ...]:
    discounts = []
    for row in _rows(value, "discounts", problems):
        percent = _amount(row.get("percent"), "discounts", problems)
        if percent > _HUNDRED:
            problems.add("discounts", "A discount is at most 100 percent.")
        discounts.append(Discount(_count(row.get("fromItems"), "discounts", problems), percent))
    return tuple(discounts)


def _rows(value: object, part: str, problems: _Problems) -> list[Mapping[str, object]]:
    if isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
        return value
    problems.add(part, "This is a list of objects.")
    return []


def _count(value: object, part: str, problems: _Problems) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    problems.add(part, f"{value!r} is not a whole number of items.")
    return 0


def _amount(value: object, part: str, problems: _Problems) -> Decimal:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal(-1)
        if amount.is_finite() and amount >= 0:
            return amount
    problems.add(part, f"{value!r} is not an amount of zero or more.")
    return Decimal(0)
