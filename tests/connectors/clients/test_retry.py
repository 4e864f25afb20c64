"""The retry table, cell by cell. The expectation is written out here again, by hand, and not derived from the table."""

from __future__ import annotations

import pytest

from connectors.clients.calls import Effect
from connectors.clients.retry import MAY_ACT, TABLE, Backoff, Event, Outcome, asked_wait, decide, event_of, wait_hint

N, T, U, R, A = Outcome.NOT_SENT, Outcome.THROTTLED, Outcome.UNCLEAR, Outcome.REFUSED, Outcome.ACCESS_LOST

# event: (sends, outcome) for read, idempotent write, create
EXPECTED: dict[Event, tuple[tuple[int, Outcome], tuple[int, Outcome], tuple[int, Outcome]]] = {
    Event.NOT_SENT: ((4, N), (4, N), (4, N)),
    Event.LOST: ((4, N), (4, U), (1, U)),
    Event.LATE: ((2, N), (2, U), (1, U)),
    Event.HALF_BODY: ((4, N), (4, U), (1, U)),
    Event.HTML: ((2, A), (2, A), (1, U)),
    Event.S408: ((4, N), (4, U), (1, U)),
    Event.S409: ((3, R), (3, R), (3, R)),
    Event.S413: ((1, R), (1, R), (1, R)),
    Event.S425: ((4, N), (4, N), (4, N)),
    Event.BURST: ((4, T), (4, T), (4, T)),
    Event.PER_ISSUE: ((4, T), (4, T), (4, T)),
    Event.QUOTA_GLOBAL: ((1, T), (1, T), (1, T)),
    Event.QUOTA_TENANT: ((1, T), (1, T), (1, T)),
    Event.PRIMARY_LIMIT: ((1, T), (1, T), (1, T)),
    Event.SECONDARY_LIMIT: ((1, T), (1, T), (1, T)),
    Event.THROTTLED: ((4, T), (4, T), (4, T)),
    Event.S500: ((4, N), (4, U), (1, U)),
    Event.S502: ((4, N), (4, U), (1, U)),
    Event.S503: ((4, N), (4, U), (1, U)),
    Event.S503_WAIT: ((4, T), (4, U), (1, U)),
    Event.S504: ((4, N), (4, U), (1, U)),
}
CELLS = [
    pytest.param(event, effect, *EXPECTED[event][column], id=f"{event.name}-{effect.name}")
    for event in Event
    for column, effect in enumerate(Effect)
]


def test_every_event_has_a_row() -> None:
    assert set(TABLE) == set(Event) == set(EXPECTED)


@pytest.mark.parametrize(("event", "effect", "sends", "outcome"), CELLS)
def test_cell(event: Event, effect: Effect, sends: int, outcome: Outcome) -> None:
    patient = Backoff(patience=1000.0)

    decisions = [decide(event, effect, attempt=n, hint=None, jitter=0.0, backoff=patient) for n in range(1, sends + 1)]

    assert [decision.outcome for decision in decisions] == [None] * (sends - 1) + [outcome]


@pytest.mark.parametrize(("event", "effect", "sends", "outcome"), CELLS)
def test_a_wait_over_the_patience_is_never_slept(event: Event, effect: Effect, sends: int, outcome: Outcome) -> None:
    decision = decide(event, effect, attempt=1, hint=5.1, jitter=0.0)

    expected = Outcome.THROTTLED if outcome is Outcome.NOT_SENT else outcome
    assert (decision.outcome, decision.wait) == (expected, 5.1)


@pytest.mark.parametrize("event", list(Event))
def test_once_a_write_may_have_acted_nothing_promises_that_it_did_not(event: Event) -> None:
    decision = decide(event, Effect.IDEMPOTENT, attempt=9, hint=None, jitter=0.0, acted=True)

    assert decision.outcome in (Outcome.UNCLEAR, Outcome.REFUSED, Outcome.ACCESS_LOST)


def test_events_that_may_have_acted() -> None:
    never = {Event.NOT_SENT, Event.S409, Event.S413, Event.S425, Event.THROTTLED}
    asked_to_wait = {Event.BURST, Event.PER_ISSUE, Event.QUOTA_GLOBAL, Event.QUOTA_TENANT}
    asked_to_wait |= {Event.PRIMARY_LIMIT, Event.SECONDARY_LIMIT}
    assert set(Event) - never - asked_to_wait == MAY_ACT


def test_the_platforms_wait_goes_before_our_own() -> None:
    assert decide(Event.BURST, Effect.READ, attempt=1, hint=3.0, jitter=0.0).wait == 3.0
    assert decide(Event.BURST, Effect.READ, attempt=1, hint=0.0, jitter=0.0).wait == 0.0


def test_waiting_callers_are_spread_but_never_come_early() -> None:
    waits = [decide(Event.BURST, Effect.READ, attempt=1, hint=3.0, jitter=j / 10).wait or 0 for j in range(11)]

    assert waits[0] == 3.0
    assert waits == sorted(waits)
    assert waits[-1] == 3.25


@pytest.mark.parametrize(
    ("attempt", "least", "most"), [(1, 1, 2), (2, 2, 4), (3, 4, 8), (4, 8, 16), (5, 15, 30), (9, 15, 30)]
)
def test_backoff_doubles_from_two_seconds_up_to_thirty(attempt: int, least: float, most: float) -> None:
    backoff = Backoff()

    assert backoff.wait(attempt, 0.0) == least
    assert backoff.wait(attempt, 1.0) == most


@pytest.mark.parametrize(
    ("status", "headers", "html", "event"),
    [
        (429, {"ratelimit-reason": "jira-burst-based"}, False, Event.BURST),
        (429, {"ratelimit-reason": "jira-per-issue-on-write"}, False, Event.PER_ISSUE),
        (429, {"ratelimit-reason": "jira-quota-global-based"}, False, Event.QUOTA_GLOBAL),
        (429, {"ratelimit-reason": "jira-quota-tenant-based"}, False, Event.QUOTA_TENANT),
        (429, {"ratelimit-reason": "something-new"}, False, Event.THROTTLED),
        (429, {}, True, Event.THROTTLED),
        (503, {"retry-after": "3"}, False, Event.S503_WAIT),
        (503, {}, True, Event.S503),
        (408, {}, False, Event.S408),
        (409, {}, False, Event.S409),
        (413, {}, True, Event.S413),
        (425, {}, False, Event.S425),
        (500, {}, False, Event.S500),
        (502, {}, True, Event.S502),
        (504, {}, True, Event.S504),
        (520, {}, True, Event.S500),
        (200, {}, True, Event.HTML),
        (200, {}, False, None),
        (203, {}, True, None),
        (302, {}, True, None),
        (401, {}, True, None),
        (403, {}, True, None),
        (404, {}, True, None),
        (400, {}, False, None),
        (412, {}, False, None),
    ],
)
def test_answers_find_their_row(status: int, headers: dict[str, str], html: bool, event: Event | None) -> None:
    assert event_of(status, headers, html=html) is event


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:10 GMT"}, 10.0),
        ({"x-ratelimit-reset": "1800000030"}, 30.0),
        ({"x-ratelimit-reset": "2027-01-15T08:01Z"}, 60.0),
        ({"x-ratelimit-reset": "2027-01-15T08:00:20Z"}, 20.0),
        ({"x-ratelimit-reset": "2027-01-15T08:00:20"}, 20.0),
        ({"x-ratelimit-reset": "1700000000"}, 0.0),
        ({"x-ratelimit-reset": "later"}, None),
        ({"retry-after": "4", "x-ratelimit-reset": "1800000030"}, 4.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000030"}, 30.0),
        # GitHub tells the end of the hour in every answer.
        ({"x-ratelimit-remaining": "4998", "x-ratelimit-reset": "1800000030"}, None),
        # The platform's own clock is the reference, not ours.
        ({"x-ratelimit-reset": "1900000030", "date": "Sun, 17 Mar 2030 17:46:40 GMT"}, 30.0),
    ],
)
def test_how_long_the_platform_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_hint(headers, now=1_800_000_000.0) == seconds


@pytest.mark.parametrize(
    ("event", "headers", "seconds"),
    [
        (Event.SECONDARY_LIMIT, {"retry-after": "90", "x-ratelimit-reset": "1800001800"}, 90.0),
        (Event.SECONDARY_LIMIT, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800001800"}, 60.0),
        (Event.SECONDARY_LIMIT, {}, 60.0),
        (Event.PRIMARY_LIMIT, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800001800"}, 1800.0),
    ],
)
def test_a_secondary_limit_is_never_waited_for_until_the_end_of_the_hour(
    event: Event, headers: dict[str, str], seconds: float
) -> None:
    assert asked_wait(event, headers, now=1_800_000_000.0) == seconds
