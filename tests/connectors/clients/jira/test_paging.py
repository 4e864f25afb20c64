"""Listings end, whatever the platform says."""

from __future__ import annotations

import pytest

from connectors.clients.jira.wire.paging import EMPTY_PAGES_TOLERATED, OffsetWalk, TokenWalk
from connectors.clients.jira.wire.payloads import Issue, SearchPage
from connectors.domain.errors import Unclear

ONE: list[Issue] = [{"id": "1"}]


def test_trap_1_a_search_ends_when_the_token_is_missing_whatever_is_last_says() -> None:
    walk = TokenWalk()

    assert walk.advance({"issues": ONE, "nextPageToken": "a", "isLast": True})
    assert walk.token == "a"
    assert not walk.advance({"issues": ONE, "isLast": False})
    assert not TokenWalk().advance({"issues": ONE, "nextPageToken": ""})


def test_a_repeated_token_is_not_followed() -> None:
    walk = TokenWalk()
    walk.advance({"issues": ONE, "nextPageToken": "a"})
    walk.advance({"issues": ONE, "nextPageToken": "b"})

    with pytest.raises(Unclear, match="repeats"):
        walk.advance({"issues": ONE, "nextPageToken": "a"})


def test_empty_pages_are_passed_over_but_not_for_ever() -> None:
    walk = TokenWalk()
    for number in range(EMPTY_PAGES_TOLERATED):
        assert walk.advance({"issues": [], "nextPageToken": f"e{number}"})

    with pytest.raises(Unclear, match="without an end"):
        walk.advance({"issues": [], "nextPageToken": "last"})


def test_a_full_page_between_empty_ones_starts_the_count_again() -> None:
    walk = TokenWalk()
    pages: list[SearchPage] = [{"issues": [], "nextPageToken": f"a{n}"} for n in range(EMPTY_PAGES_TOLERATED)]
    pages += [{"issues": ONE, "nextPageToken": "full"}]
    pages += [{"issues": [], "nextPageToken": f"b{n}"} for n in range(EMPTY_PAGES_TOLERATED)]

    assert all(walk.advance(page) for page in pages)


def test_trap_2_an_empty_search_is_the_last_page() -> None:
    assert not TokenWalk().advance({"issues": [], "isLast": True})


@pytest.mark.parametrize(
    ("page", "count", "more"),
    [
        ({"total": 250, "maxResults": 100}, 100, True),
        ({"total": 100}, 100, False),
        ({"isLast": False}, 50, True),
        ({"isLast": True, "total": 500}, 50, False),
        ({"total": 500}, 0, False),
        ({}, 50, False),
    ],
)
def test_a_listing_by_offset_ends(page: dict[str, object], count: int, more: bool) -> None:
    assert OffsetWalk().advance(page, count) is more


def test_trap_7_pages_shorter_than_asked_are_walked_by_what_they_hold() -> None:
    walk = OffsetWalk()

    assert walk.advance({"total": 250, "maxResults": 1000}, 100)
    assert walk.start == 100
    assert walk.advance({"total": 250}, 100)
    assert not walk.advance({"total": 250}, 50)
