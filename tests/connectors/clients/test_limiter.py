"""Budgets: token buckets, windows per issue, holds; alone and shared through Redis."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import redis

from connectors.clients.limiter import LocalLimiter
from connectors.clients.limits import (
    GITHUB_LIMITS,
    JIRA_LIMITS,
    NO_LIMITS,
    Limits,
    Rate,
    Scope,
    Ticket,
    Window,
    read_feedback,
)
from connectors.clients.retry import Event
from connectors.clients.shared_limiter import RedisLimiter, impatient_redis
from connectors.domain.errors import Throttled
from tests.connectors.clients.scripted import FakeClock

WINDOWS = (Window(20, 2.0), Window(100, 30.0))


def ticket(route: str = "/issue", method: str = "POST", host: str = "a.example", **more: object) -> Ticket:
    return Ticket(host, route, method, **more)  # type: ignore[arg-type]


def departures(limiter: LocalLimiter, clock: FakeClock, wanted: Ticket, count: int) -> list[float]:
    start = clock.now()
    times = []
    for _ in range(count):
        limiter.acquire(wanted)
        times.append(clock.now() - start)
    return times


def test_a_burst_passes_at_once_and_the_rest_at_the_rate() -> None:
    clock = FakeClock()
    times = departures(LocalLimiter(clock=clock), clock, ticket(rate=Rate(10, 5)), 15)

    assert times[:5] == [0.0] * 5
    assert times[5:] == pytest.approx([n / 10 for n in range(1, 11)])


def test_no_second_ever_sees_more_than_burst_and_rate_allow() -> None:
    clock = FakeClock()
    times = departures(LocalLimiter(clock=clock), clock, ticket(rate=Rate(100, 100)), 400)

    busiest = max(sum(1 for t in times if start < t <= start + 1.0) for start in times)
    assert busiest <= 101


def test_routes_methods_and_hosts_have_budgets_of_their_own() -> None:
    clock = FakeClock()
    limiter = LocalLimiter(clock=clock)
    rate = Rate(1, 1)

    for one in [
        ticket(rate=rate),
        ticket("/other", rate=rate),
        ticket(method="PUT", rate=rate),
        ticket(host="b", rate=rate),
    ]:
        limiter.acquire(one)

    assert clock.slept == []


def test_writes_of_one_issue_keep_both_windows() -> None:
    clock = FakeClock()
    times = departures(LocalLimiter(clock=clock, patience=100), clock, ticket(issue="A-1", windows=WINDOWS), 250)

    assert max(sum(1 for t in times if start <= t < start + 2.0) for start in times) <= 20
    assert max(sum(1 for t in times if start <= t < start + 30.0) for start in times) <= 100


def test_a_long_wait_is_raised_and_takes_no_place() -> None:
    clock = FakeClock()
    limiter = LocalLimiter(clock=clock)
    slow = ticket(rate=Rate(0.1, 1))
    limiter.acquire(slow)

    waits = []
    for _ in range(3):
        with pytest.raises(Throttled) as caught:
            limiter.acquire(slow)
        waits.append(caught.value.retry_after)

    assert waits == pytest.approx([10.0] * 3)


@pytest.mark.parametrize(
    ("scope", "held"),
    [(Scope.HOST, {"same", "route", "issue"}), (Scope.ROUTE, {"same", "issue"}), (Scope.ISSUE, {"same"})],
)
def test_a_hold_concerns_its_scope_only(scope: Scope, held: set[str]) -> None:
    clock = FakeClock()
    limiter = LocalLimiter(clock=clock)
    tickets = {
        "same": ticket(issue="A-1", windows=WINDOWS),
        "issue": ticket(issue="A-2", windows=WINDOWS),
        "route": ticket("/other"),
        "host": ticket(host="b.example"),
    }
    limiter.hold(tickets["same"], scope=scope, seconds=60)

    refused = set()
    for name, one in tickets.items():
        try:
            limiter.acquire(one)
        except Throttled:
            refused.add(name)
    assert refused == held

    clock.moment += 61
    for one in tickets.values():
        limiter.acquire(one)


def test_a_learned_rate_replaces_the_documented_one() -> None:
    clock = FakeClock()
    limiter = LocalLimiter(clock=clock)
    wanted = ticket(rate=Rate(1, 1))
    limiter.acquire(wanted)
    limiter.learn(wanted, Rate(100, 100))

    departures(limiter, clock, wanted, 50)

    assert sum(clock.slept) < 1


def test_a_worker_without_the_others_takes_its_share() -> None:
    clock = FakeClock()
    times = departures(LocalLimiter(clock=clock, share=4), clock, ticket(rate=Rate(100, 100)), 100)

    assert times[24] == 0.0
    assert times[-1] == pytest.approx(3.0)


def test_asking_costs_next_to_nothing() -> None:
    limiter = LocalLimiter()
    wanted = ticket(rate=Rate(1e9, 1e9), issue="A-1", windows=(Window(10_000, 0.0),))
    started = time.perf_counter()
    for _ in range(5_000):
        limiter.acquire(wanted)

    assert (time.perf_counter() - started) / 5_000 < 50e-6


HEADERS = {"x-ratelimit-limit": "350", "x-ratelimit-remaining": "300"}


@pytest.mark.parametrize(
    ("headers", "event", "limits", "hold", "scope"),
    [
        ({"retry-after": "3"}, Event.BURST, JIRA_LIMITS, 3.0, Scope.ROUTE),
        ({"retry-after": "3"}, Event.PER_ISSUE, JIRA_LIMITS, 3.0, Scope.ISSUE),
        ({"retry-after": "3"}, Event.QUOTA_GLOBAL, JIRA_LIMITS, 3.0, Scope.HOST),
        ({"x-ratelimit-reset": "1060"}, Event.QUOTA_TENANT, JIRA_LIMITS, 60.0, Scope.HOST),
        ({}, Event.THROTTLED, JIRA_LIMITS, 1.0, Scope.ROUTE),
        ({}, Event.THROTTLED, Limits(throttled_scope=Scope.HOST), 1.0, Scope.HOST),
        ({"retry-after": "8"}, Event.S503_WAIT, JIRA_LIMITS, 8.0, Scope.HOST),
        ({"retry-after": "8"}, None, NO_LIMITS, 8.0, Scope.HOST),
        ({"retry-after": "90"}, Event.SECONDARY_LIMIT, GITHUB_LIMITS, 90.0, Scope.HOST),
        ({"x-ratelimit-reset": "4600"}, Event.SECONDARY_LIMIT, GITHUB_LIMITS, 60.0, Scope.HOST),
        (
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1600"},
            Event.PRIMARY_LIMIT,
            GITHUB_LIMITS,
            600,
            Scope.HOST,
        ),
        # The last request of the hour was answered well: the next one would not be.
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1600"}, None, GITHUB_LIMITS, 600.0, Scope.HOST),
    ],
)
def test_what_answers_say_about_limits(
    headers: dict[str, str], event: Event | None, limits: Limits, hold: float, scope: Scope
) -> None:
    feedback = read_feedback(headers, event, rate=None, limits=limits, now=1000.0)

    assert feedback is not None
    assert (feedback.hold, feedback.scope) == (hold, scope)


@pytest.mark.parametrize(
    ("more", "rate"),
    [
        ({}, Rate(350, 350)),
        ({"x-ratelimit-nearlimit": "true"}, Rate(175, 175)),
        ({"x-ratelimit-limit": "65000"}, None),
        ({"x-ratelimit-limit": "many"}, None),
    ],
)
def test_live_limits_are_learned(more: dict[str, str], rate: Rate | None) -> None:
    feedback = read_feedback(HEADERS | more, None, rate=Rate(100, 100), limits=JIRA_LIMITS, now=0.0)

    assert (feedback and feedback.rate) == rate


def test_the_quota_of_an_hour_is_no_rate_of_a_route() -> None:
    headers = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "998", "x-ratelimit-reset": "1600"}

    assert read_feedback(headers, None, rate=Rate(15, 60), limits=GITHUB_LIMITS, now=1000.0) is None


def test_content_is_made_80_times_a_minute_and_500_times_an_hour() -> None:
    clock = FakeClock()
    limiter = LocalLimiter(clock=clock, patience=10_000.0)
    wanted = ticket(issue="content", windows=GITHUB_LIMITS.issue_windows)
    sent: list[float] = []

    for _ in range(1_100):
        limiter.acquire(wanted)
        sent.append(clock.now())

    for seconds, most in ((60.0, 80), (3600.0, 500)):
        busiest = max(sum(start <= other < start + seconds for other in sent) for start in sent)
        assert busiest <= most
    assert sent[499] - sent[0] < 400


def test_most_answers_say_nothing() -> None:
    assert read_feedback({"content-type": "application/json"}, None, rate=None, limits=NO_LIMITS, now=0.0) is None


@pytest.fixture
def server() -> Iterator[redis.Redis]:
    client = redis.Redis(db=9, socket_timeout=2, socket_connect_timeout=1)
    try:
        client.ping()
    except redis.RedisError:
        client.close()
        pytest.skip("no Redis server on this machine")
    prefix = f"test-limiter:{time.time_ns()}:"
    client.prefix = prefix  # type: ignore[attr-defined]
    yield client
    for key in client.scan_iter(f"{prefix}*"):
        client.delete(key)
    client.close()


def shared(server: redis.Redis, **more: object) -> RedisLimiter:
    return RedisLimiter(server, prefix=server.prefix, **more)  # type: ignore[attr-defined, arg-type]


def test_two_workers_share_one_budget(server: redis.Redis) -> None:
    workers = [shared(server), shared(server)]
    wanted = ticket(rate=Rate(100, 20))
    started = time.monotonic()
    for turn in range(80):
        workers[turn % 2].acquire(wanted)

    # 20 are saved up, 60 come at 100 a second; each worker may hold one bundle of 5 that it has not used
    assert time.monotonic() - started >= 0.5


def test_a_hold_of_one_worker_stops_the_other(server: redis.Redis) -> None:
    first, second = shared(server), shared(server)
    wanted = ticket(rate=Rate(100, 100))
    second.acquire(wanted)

    first.hold(wanted, scope=Scope.HOST, seconds=60)
    time.sleep(0.26)

    with pytest.raises(Throttled) as caught:
        second.acquire(wanted)
    assert 55 < (caught.value.retry_after or 0) <= 60


def test_windows_of_an_issue_are_shared(server: redis.Redis) -> None:
    workers = [shared(server, patience=0.0), shared(server, patience=0.0)]
    wanted = ticket(issue="A-1", windows=WINDOWS)

    for turn in range(20):
        workers[turn % 2].acquire(wanted)

    with pytest.raises(Throttled) as caught:
        workers[0].acquire(wanted)
    assert 1.5 < (caught.value.retry_after or 0) <= 2.1


def test_a_window_of_an_hour_is_remembered_for_an_hour(server: redis.Redis) -> None:
    limiter = shared(server, patience=0.0)
    wanted = ticket(issue="account", windows=(Window(2, 3600.0),))

    limiter.acquire(wanted)

    assert [server.ttl(key) for key in server.scan_iter(f"{server.prefix}*account")] == [pytest.approx(3708, abs=3)]  # type: ignore[attr-defined]


def test_most_requests_cost_no_round_trip(server: redis.Redis) -> None:
    limiter = shared(server)
    wanted = ticket(rate=Rate(1000, 1000))
    before = int(server.info("stats")["total_commands_processed"])
    for _ in range(500):
        limiter.acquire(wanted)
    after = int(server.info("stats")["total_commands_processed"])

    # A bundle is 50 tokens; one lease is a script call and the four commands in it
    assert after - before < 500


def test_without_redis_every_worker_takes_its_share(caplog: pytest.LogCaptureFixture) -> None:
    nobody = impatient_redis("redis://127.0.0.1:1/0")
    clock = FakeClock()
    limiter = RedisLimiter(nobody, workers=4, clock=clock)
    wanted = ticket(rate=Rate(4, 4))

    start = clock.now()
    for _ in range(3):
        limiter.acquire(wanted)

    assert clock.now() - start == pytest.approx(2.0)
    assert "out of reach" in caplog.text
    nobody.close()
