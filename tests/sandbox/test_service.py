import pytest
import requests

from sandbox.clock import Clock
from sandbox.faults import FaultPlan
from sandbox.http import Headers, Request
from sandbox.inprocess import InProcessAdapter
from sandbox.service import Limits
from tests.sandbox.echo import EchoService


def faulty(kind: str, **rule: object) -> FaultPlan:
    return FaultPlan.parse([{"kind": kind, **rule}])


def post(service: EchoService, key: str = "A-1") -> int | None:
    outcome = service.handle(Request("POST", f"/things/{key}"))
    return outcome.response.status if outcome.response else None


@pytest.mark.parametrize(
    ("kind", "status", "things", "applied", "answered"),
    [
        ("not_sent", None, [], False, False),
        ("lost", None, ["A-1"], True, False),
        ("half", 201, ["A-1"], True, False),
        ("late", 201, ["A-1"], True, True),
        ("html", 200, [], False, True),
        ("429", 429, [], False, True),
        ("503", 503, [], False, True),
    ],
)
def test_each_fault_acts_and_answers_as_its_name_says(
    kind: str, status: int | None, things: list[str], applied: bool, answered: bool
) -> None:
    service = EchoService(faults=faulty(kind, delay_ms=10))

    seen = post(service)

    entry = service.log.entries()[0]
    assert (seen, service.things) == (status, things)
    assert (entry.applied, entry.answered, entry.issue) == (applied, answered, "A-1")


def test_half_a_body_is_announced_in_full() -> None:
    service = EchoService(faults=faulty("half"))

    outcome = service.handle(Request("POST", "/things/A-1"))

    assert outcome.response is not None
    assert outcome.cut_after == len(outcome.response.body) // 2


def test_latency_and_lateness_add_up_to_the_delay() -> None:
    service = EchoService(faults=faulty("late", delay_ms=250), latency_ms=100)

    assert service.handle(Request("GET", "/things")).delay == pytest.approx(0.35)


def test_a_refused_caller_changes_nothing() -> None:
    service = EchoService()

    outcome = service.handle(Request("POST", "/things/A-1", Headers({"authorization": "nobody"})))

    assert outcome.response is not None
    assert (outcome.response.status, service.things) == (401, [])
    assert not service.log.entries()[0].applied


def test_limits_are_kept_only_when_on() -> None:
    assert [post(EchoService()) for _ in range(4)] == [201] * 4
    service = EchoService(limits=Limits.DOCUMENTED)
    assert [post(service) for _ in range(3)] == [201, 201, 429]


def test_a_reading_post_is_not_logged_as_a_change() -> None:
    service = EchoService()

    service.handle(Request("POST", "/search"))

    assert not service.log.entries()[0].applied


def test_a_mistake_of_the_stand_in_is_answered_and_says_what_it_is() -> None:
    response = EchoService().handle(Request("GET", "/broken")).response

    assert response is not None
    assert response.status == 500
    assert b"mistake" in response.body


def test_reset_puts_everything_back() -> None:
    service = EchoService(faults=faulty("late"))
    post(service)

    service.reset()

    assert service.things == []
    assert service.log.summary()["total"] == 0
    assert service.faults.describe()["rules"] == []


def session(service: EchoService) -> requests.Session:
    made = requests.Session()
    made.mount("http://", InProcessAdapter(service))
    return made


def test_in_process_answers_look_like_answers_from_a_socket() -> None:
    answer = session(EchoService()).post("http://sandbox.test/things/A-1")

    assert (answer.status_code, answer.json(), answer.ok) == (201, {"added": "A-1"}, True)


@pytest.mark.parametrize("kind", ["not_sent", "lost", "half"])
def test_in_process_cut_answers_raise_what_requests_raises(kind: str) -> None:
    service = EchoService(faults=faulty(kind))

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        session(service).post("http://sandbox.test/things/A-1")


def test_in_process_late_answers_time_out_without_waiting() -> None:
    service = EchoService(faults=faulty("late", delay_ms=60_000))

    with pytest.raises(requests.ReadTimeout):
        session(service).post("http://sandbox.test/things/A-1", timeout=(1, 5))

    assert service.things == ["A-1"]
    assert not service.log.entries()[0].answered


def test_a_frozen_clock_advances_instead_of_waiting() -> None:
    service = EchoService(clock=Clock(1000.0), latency_ms=30_000)

    session(service).get("http://sandbox.test/things")

    assert service.clock.now() == 1030.0


def test_control_endpoints_are_open_and_not_logged() -> None:
    service = EchoService()
    client = session(service)
    client.post("http://sandbox.test/things/A-1")

    assert client.get("http://sandbox.test/_sandbox/state").json() == {"service": "echo", "things": 1}
    assert client.get("http://sandbox.test/_sandbox/requests").json() == {
        "total": 1, "peakConcurrency": 1, "requests": {"POST /things/{key}": 1},
    }  # fmt: skip
    log = client.get("http://sandbox.test/_sandbox/log?after=0").json()
    assert [entry["issue"] for entry in log["entries"]] == ["A-1"]
    assert client.get("http://sandbox.test/_sandbox/log?after=1").json() == {"entries": [], "last": 1}


def test_control_sets_faults_clock_and_reset() -> None:
    service = EchoService()
    client = session(service)

    set_faults = client.post("http://sandbox.test/_sandbox/faults", json={"seed": 3, "rules": [{"kind": "500"}]})
    refused = client.post("http://sandbox.test/_sandbox/faults", json={"rules": [{"kind": "x"}]})
    failed = client.get("http://sandbox.test/things")
    moved = client.post("http://sandbox.test/_sandbox/clock", json={"set": "2030-01-01T00:00:00+00:00"})
    reset = client.post("http://sandbox.test/_sandbox/reset")

    assert (set_faults.status_code, refused.status_code, failed.status_code) == (200, 400, 500)
    assert moved.json()["now"] == pytest.approx(1893456000, abs=5)
    assert reset.status_code == 204
    assert client.get("http://sandbox.test/things").status_code == 200
