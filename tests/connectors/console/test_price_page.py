"""The price list in the console: everybody reads it, owners and administrators change it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from connectors.models import PriceList
from connectors.queries import price_rules
from tests.builders import Cast

pytestmark = pytest.mark.django_db
ADDRESS = "/console/prices/"
LIST = {
    "tiers-0-upToItems": "1,000",
    "tiers-0-price": "10.00",
    "tiers-0-includedGb": "5",
    "tiers-1-upToItems": "",
    "tiers-1-price": "20",
    "perGb": "0.50",
    "discounts-0-fromItems": "500",
    "discounts-0-percent": "2.5",
}


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def test_a_member_reads_the_list_without_a_form(people: Cast) -> None:
    assert reverse("connectors_console:prices") == ADDRESS
    shown = words(people.member.browser.get(ADDRESS))

    assert "It is the default list" in shown
    assert "499.00" in shown
    assert "<form method" not in shown.split("<main")[1]
    assert people.member.browser.post(ADDRESS, LIST).status_code == 403


def test_an_administrator_stores_a_list_of_the_organizations_own(people: Cast) -> None:
    answer = people.admin.browser.post(ADDRESS, LIST)

    assert answer.status_code == 303
    rules = price_rules(people.organization)
    assert [(tier.up_to_items, str(tier.price), str(tier.included_gb)) for tier in rules.tiers] == [
        (1_000, "10.00", "5"),
        (None, "20", "0"),
    ]
    assert [(each.from_items, str(each.percent)) for each in rules.discounts] == [(500, "2.5")]
    assert "It is your organization's own." in words(people.admin.browser.get(ADDRESS))


def test_what_is_wrong_is_named_by_its_part_and_what_was_typed_stays(people: Cast) -> None:
    wrong = {**LIST, "tiers-0-price": "cheap", "discounts-0-percent": "120"}

    answer = people.owner.browser.post(ADDRESS, wrong)

    shown = words(answer)
    assert answer.status_code == 422
    assert "Sizes: 'cheap' is not an amount of zero or more." in shown
    assert "Discounts: A discount is at most 100 percent." in shown
    assert 'value="cheap"' in shown
    assert not PriceList.objects.exists()


@pytest.mark.parametrize(
    "name", ["tiers-999-price", "tiers-²-price", "tiers--1-price", "tiers-" + "9" * 300 + "-price"]
)
def test_rows_that_no_form_sends_do_no_harm(people: Cast, name: str) -> None:
    assert people.owner.browser.post(ADDRESS, {**LIST, name: "1"}).status_code in (303, 422)


def test_the_default_list_comes_back_on_demand(people: Cast) -> None:
    browser = people.owner.browser
    browser.post(ADDRESS, LIST)

    browser.post(ADDRESS, {**LIST, "default": "1"})

    assert len(price_rules(people.organization).tiers) == 5


def test_another_organizations_list_stays_its_own(people: Cast) -> None:
    people.outsider.browser.post(ADDRESS, LIST)

    assert "It is the default list" in words(people.owner.browser.get(ADDRESS))
