"""Primary, secondary and content limits, and the refusals a fault plan asks for."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.service import Limits
from tests.sandbox.github.asking import NOON, READER, Hub


def limited(hourly: int = 5_000) -> Hub:
    return Hub(limits=Limits.DOCUMENTED, hourly=hourly)


def test_every_answer_tells_what_is_left() -> None:
    hub = limited()

    first, second = hub.get("labels").headers, hub.get("issues/1").headers

    assert (first["X-RateLimit-Limit"], first["X-RateLimit-Remaining"], first["X-RateLimit-Used"]) == (
        "5000",
        "4999",
        "1",
    )
    assert (second["X-RateLimit-Remaining"], second["X-RateLimit-Resource"]) == ("4998", "core")
    assert first["X-RateLimit-Reset"] == str(int(NOON) + 3_600)


def test_a_used_up_limit_refuses_until_the_reset_and_counts_callers_apart() -> None:
    hub = limited(hourly=2)
    for _ in "ab":
        assert hub.get("labels").status == 200

    refused = hub.get("labels")

    assert (refused.status, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert refused.message.startswith("API rate limit exceeded for user ID")
    assert "Retry-After" not in refused.headers
    assert hub.ask("GET", "labels", auth=READER).status == 200
    hub.clock.set(float(refused.headers["X-RateLimit-Reset"]))
    assert hub.get("labels").status == 200


def test_anonymous_callers_have_sixty_an_hour() -> None:
    hub = limited()

    statuses = Counter(hub.ask("GET", "labels", auth=None).status for _ in range(61))

    assert statuses == {200: 60, 403: 1}
    assert hub.ask("GET", "labels", auth=None).message.startswith("API rate limit exceeded for 127.0.0.1")


def test_asking_for_the_limit_is_free_and_so_is_an_unchanged_read() -> None:
    hub = limited()
    tag = hub.get("labels").headers["ETag"]

    for _ in range(5):
        assert hub.ask("GET", "labels", headers={"If-None-Match": tag}).status == 304
        hub.get("/rate_limit")

    assert hub.get("/rate_limit").json["resources"]["core"]["used"] == 1


def test_an_unchanged_read_is_not_free_for_an_anonymous_caller() -> None:
    hub = limited()
    tag = hub.ask("GET", "labels", auth=None).headers["ETag"]

    hub.ask("GET", "labels", auth=None, headers={"If-None-Match": tag})

    assert hub.ask("GET", "/rate_limit", auth=None).json["rate"]["used"] == 2


def test_search_has_a_limit_of_its_own() -> None:
    hub = limited()

    answers = [hub.get("/search/issues", q="x") for _ in range(31)]

    assert Counter(answer.status for answer in answers) == {200: 30, 403: 1}
    assert answers[-1].headers["X-RateLimit-Resource"] == "search"
    assert hub.get("/rate_limit").json["resources"]["core"]["used"] == 0
    hub.clock.advance(60)
    assert hub.get("/search/issues", q="x").status == 200


def test_eighty_creations_a_minute_and_then_a_wait() -> None:
    hub = limited()
    hub.create("first")
    hub.clock.advance(10)

    statuses = [hub.post("issues/1/comments", {"body": "x"}).status for _ in range(80)]
    refused = hub.post("issues", {"title": "x"})

    assert Counter(statuses) == {201: 79, 403: 1}
    assert (refused.status, refused.headers["Retry-After"]) == (403, "50")
    assert "temporarily blocked from content creation" in refused.message
    assert int(refused.headers["X-RateLimit-Remaining"]) > 4_000
    assert hub.patch("issues/1", {"title": "edits make no content"}).status == 200
    hub.clock.advance(50)
    assert hub.post("issues", {"title": "x"}).status == 201


def test_five_hundred_creations_an_hour() -> None:
    hub = limited()

    created = 0
    for _ in range(7):
        created += sum(hub.post("issues", {"title": "x"}).status == 201 for _ in range(80))
        hub.clock.advance(61)
    refused = hub.post("issues", {"title": "x"})

    assert created == 500
    assert (refused.status, int(refused.headers["Retry-After"])) == (403, 3_600 - 7 * 61)


def test_points_per_minute_weigh_writes_five_times() -> None:
    hub = limited()
    hub.create("a")

    writes = Counter(hub.patch("issues/1", {"title": "b"}).status for _ in range(181))
    reads = Counter(hub.get("labels").status for _ in range(901))

    assert writes == {200: 180, 429: 1}
    assert reads == {200: 900, 429: 1}
    assert hub.get("labels").headers["Retry-After"] == "60"


def test_many_bad_logins_close_every_door_for_a_while() -> None:
    hub = limited()

    statuses = [hub.ask("GET", "/user", auth="Bearer guess").status for _ in range(21)]

    assert statuses == [401] * 20 + [403]
    assert hub.get("/user").message.startswith("Maximum number of login attempts exceeded")
    hub.clock.advance(301)
    assert hub.get("/user").status == 200


def test_without_limits_nothing_is_refused_and_plenty_is_left(hub: Hub) -> None:
    answers = [hub.post("issues", {"title": "x"}) for _ in range(100)]

    assert {answer.status for answer in answers} == {201}
    assert answers[-1].headers["X-RateLimit-Remaining"] == "5000"


REFUSALS = [
    ("primary", 403, None, "0", "API rate limit exceeded"),
    ("secondary", 403, "7", None, "You have exceeded a secondary rate limit."),
    ("content", 403, "7", None, "You have exceeded a secondary rate limit and have been temporarily blocked"),
    ("secondary-bare", 403, None, None, "You have exceeded a secondary rate limit."),
    ("secondary-429", 429, "7", None, "You have exceeded a secondary rate limit."),
    ("", 429, None, None, "You have exceeded a secondary rate limit."),
]


@pytest.mark.parametrize(("reason", "status", "wait", "remaining", "text"), REFUSALS)
def test_a_fault_plan_throttles_in_every_form(
    reason: str, status: int, wait: str | None, remaining: str | None, text: str
) -> None:
    rule = FaultRule(FaultKind.THROTTLED_429, times=1, reason=reason, retry_after=7)
    hub = Hub(faults=FaultPlan([rule]))

    answer = hub.post("issues", {"title": "x"})

    assert (answer.status, answer.headers.get("Retry-After")) == (status, wait)
    assert answer.message.startswith(text)
    if remaining is not None:
        assert answer.headers["X-RateLimit-Remaining"] == remaining
        assert answer.headers["X-RateLimit-Reset"] == str(int(NOON) + 7)
    assert hub.post("issues", {"title": "x"}).json["number"] == 1


@pytest.mark.parametrize(
    ("kind", "kind_of_body"),
    [("500", "application/json"), ("502", "text/html"), ("503", "text/html"), ("409", "application/json")],
)
def test_other_failures_have_the_vendors_body(kind: str, kind_of_body: str) -> None:
    hub = Hub(faults=FaultPlan([FaultRule(FaultKind(kind), times=1)]))

    answer = hub.get("labels")

    assert answer.status == int(kind)
    assert answer.headers["Content-Type"].startswith(kind_of_body)
