"""Prices to the penny, and price lists that say what is wrong with them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.domain.pricing import (
    DEFAULT_RULES,
    Discount,
    Price,
    PriceRules,
    PriceRulesInvalid,
    Tier,
    dump_rules,
    parse_rules,
    price_of,
)


def test_default_list_reproduces_the_documented_example():
    price = price_of(DEFAULT_RULES, items=5847, gigabytes=Decimal("4.2"))

    assert price == Price(base=Decimal("99.00"), discount_percent=Decimal(5), final=Decimal("94.05"))


@pytest.mark.parametrize(
    ("items", "gigabytes", "base", "percent", "final"),
    [
        (0, "0", "19.00", 0, "19.00"),
        (500, "0", "19.00", 0, "19.00"),
        (501, "0", "49.00", 0, "49.00"),
        (4_999, "0", "99.00", 0, "99.00"),
        (5_000, "0", "99.00", 5, "94.05"),
        (5_000, "20.001", "100.00", 5, "95.00"),
        (30_000, "0", "249.00", 10, "224.10"),
        (50_001, "100.5", "500.00", 10, "450.00"),
    ],
)
def test_tier_extra_gigabytes_and_discount_decide_the_price(items, gigabytes, base, percent, final):
    price = price_of(DEFAULT_RULES, items=items, gigabytes=Decimal(gigabytes))

    assert price == Price(Decimal(base), Decimal(percent), Decimal(final))


def test_half_a_penny_is_rounded_up():
    rules = PriceRules(tiers=(Tier(None, Decimal("0.10")),), discounts=(Discount(0, Decimal(5)),))

    assert price_of(rules, items=1, gigabytes=Decimal(0)).final == Decimal("0.10")
    assert price_of(PriceRules(rules.tiers, discounts=(Discount(0, Decimal(15)),)), items=1, gigabytes=Decimal(0)) == (
        Price(Decimal("0.10"), Decimal(15), Decimal("0.09"))
    )


@given(items=st.integers(0, 10**6), gigabytes=st.decimals(0, 10**4, places=3), percent=st.integers(0, 100))
def test_final_price_is_the_discounted_base_to_the_penny(items, gigabytes, percent):
    rules = PriceRules(DEFAULT_RULES.tiers, DEFAULT_RULES.per_gb, (Discount(0, Decimal(percent)),))

    price = price_of(rules, items=items, gigabytes=gigabytes)

    assert abs(price.final - price.base * (100 - Decimal(percent)) / 100) <= Decimal("0.005")
    assert price.final == price.final.quantize(Decimal("0.01"))


def test_rules_survive_being_stored():
    assert parse_rules(dump_rules(DEFAULT_RULES)) == DEFAULT_RULES


@pytest.mark.parametrize(
    ("change", "part", "words"),
    [
        ({"tiers": []}, "tiers", "The last tier, and only the last, has no upToItems."),
        ({"tiers": "cheap"}, "tiers", "This is a list of objects."),
        ({"tiers": [{"upToItems": 5, "price": "1"}]}, "tiers", "The last tier, and only the last, has no upToItems."),
        (
            {"tiers": [{"upToItems": 9, "price": 1}, {"upToItems": 5, "price": 1}, {"price": 2}]},
            "tiers",
            "Tiers stand in ascending order of upToItems.",
        ),
        ({"tiers": [{"price": "-1"}]}, "tiers", "'-1' is not an amount of zero or more."),
        ({"tiers": [{"price": "free"}]}, "tiers", "'free' is not an amount of zero or more."),
        ({"perGb": "NaN"}, "perGb", "'NaN' is not an amount of zero or more."),
        ({"perGb": True}, "perGb", "True is not an amount of zero or more."),
        ({"discounts": [{"fromItems": -1, "percent": 5}]}, "discounts", "-1 is not a whole number of items."),
        ({"discounts": [{"fromItems": 1, "percent": 101}]}, "discounts", "A discount is at most 100 percent."),
    ],
)
def test_a_wrong_price_list_names_the_part_and_the_reason(change, part, words):
    with pytest.raises(PriceRulesInvalid) as caught:
        parse_rules(dump_rules(DEFAULT_RULES) | change)

    assert words in caught.value.errors[part]
