import base64
import json

import pytest

from sandbox.ado.build import build_ado
from sandbox.clock import Clock
from sandbox.faults import FaultPlan
from sandbox.http import Headers, Request
from sandbox.service import Limits
from tests.sandbox.ado.client import HOST, NOW, Caller, small_service

QUERY = {"query": "SELECT [System.Id] FROM WorkItems"}
QUERY_REQUEST = Request(
    "POST",
    "/contoso/_apis/wit/wiql?api-version=7.1",
    Headers({"authorization": "Basic " + base64.b64encode(b":sandbox-pat").decode()}),
    json.dumps(QUERY).encode(),
)


def test_usage_brings_headers_then_delays_then_refusals() -> None:
    service = build_ado(empty=True, clock=Clock(NOW), limits=Limits.DOCUMENTED)
    seen: list[str] = []
    for _ in range(1600):  # as many callers at once, none of which waits for another's delay
        outcome = service.handle(QUERY_REQUEST)
        assert outcome.response is not None
        kind = str(outcome.response.status)
        kind += " limit" if "X-RateLimit-Limit" in outcome.response.headers else ""
        kind += " later" if "Retry-After" in outcome.response.headers else ""
        kind += " delayed" if outcome.delay else ""
        if kind not in seen:
            seen.append(kind)

    assert seen == ["200", "200 limit", "200 limit later delayed", "429 limit later"]


def test_a_single_caller_is_slowed_down_and_not_refused() -> None:
    service = build_ado(empty=True, clock=Clock(NOW), limits=Limits.DOCUMENTED)
    caller = Caller(service)

    statuses = {caller.send("POST", "_apis/wit/wiql", json=QUERY).status_code for _ in range(1200)}

    assert statuses == {200}
    assert service.clock.now() > NOW + 60


def test_usage_is_forgotten_after_five_minutes() -> None:
    service = build_ado(empty=True, clock=Clock(NOW), limits=Limits.DOCUMENTED)
    caller = Caller(service)
    for _ in range(900):
        caller.send("POST", "_apis/wit/wiql", json=QUERY)

    service.clock.advance(301)

    assert "X-RateLimit-Limit" not in caller.send("POST", "_apis/wit/wiql", json=QUERY).headers


def test_without_limits_nothing_is_throttled() -> None:
    caller = Caller(build_ado(empty=True, clock=Clock(NOW)))

    answers = [caller.send("POST", "_apis/wit/wiql", json=QUERY) for _ in range(1100)]

    assert {a.status_code for a in answers} == {200}
    assert all("Retry-After" not in a.headers for a in answers)


def faulty(kind: str, **rule: object) -> Caller:
    service = small_service()
    service.faults = FaultPlan.parse([{"kind": kind, **rule}])
    return Caller(service)


def test_a_late_answer_is_a_200_that_says_slow_down() -> None:
    answer = faulty("late", delay_ms=2500).send("GET", "_apis/projects")

    assert (answer.status_code, answer.headers["Retry-After"]) == (200, "2")
    assert answer.headers["X-RateLimit-Delay"] == "2.500"


@pytest.mark.parametrize(
    ("kind", "part"),
    [("429", "TF400733"), ("409", "TF26071"), ("413", "TF237082"), ("500", "TF400898"), ("503", "TF400898")],
)
def test_faults_wear_the_services_bodies(kind: str, part: str) -> None:
    answer = faulty(kind, retry_after=7).send("GET", "_apis/projects")

    assert answer.status_code == int(kind)
    assert part in answer.json()["message"]
    assert ("Retry-After" in answer.headers) == (kind in ("429", "503"))


def test_the_html_fault_is_a_page_with_status_200() -> None:
    answer = faulty("html").send("GET", "_apis/projects")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_the_log_of_the_control_endpoint_counts_by_route() -> None:
    caller = Caller(small_service())
    caller.get("_apis/projects")
    caller.get("P/_apis/wit/workitemtypes")

    shown = caller.session.get(f"{HOST}/_sandbox/requests").json()

    assert shown["requests"] == {
        "GET /{org}/_apis/projects": 1, "GET /{org}/{project}/_apis/wit/workitemtypes": 1,
    }  # fmt: skip
