from collections.abc import Iterator

import pytest
import requests

from sandbox.faults import FaultPlan
from sandbox.server import ServerHandle, start_server
from tests.sandbox.echo import EchoService


@pytest.fixture
def server() -> Iterator[ServerHandle]:
    handle = start_server(EchoService())
    yield handle
    handle.stop()


def test_a_connection_serves_many_requests(server: ServerHandle) -> None:
    with requests.Session() as session:
        answers = [session.post(f"{server.url}/things/A-{n}").status_code for n in range(5)]
        listed = session.get(f"{server.url}/things").json()

    assert answers == [201] * 5
    assert listed == {"things": ["A-0", "A-1", "A-2", "A-3", "A-4"]}


def test_paths_are_decoded_segment_by_segment(server: ServerHandle) -> None:
    answer = requests.post(f"{server.url}/things/a%2Fb%20%C3%A9", timeout=5)

    assert answer.json() == {"added": "a/b é"}


def test_chunked_bodies_are_read_to_their_end(server: ServerHandle) -> None:
    with requests.Session() as session:
        first = session.post(f"{server.url}/things/A", data=iter([b"ab", b"cde"]))
        second = session.post(f"{server.url}/things/B", data=b"x" * 200_000)

    assert (first.status_code, second.status_code) == (201, 201)


def test_head_and_unknown_paths(server: ServerHandle) -> None:
    assert requests.head(f"{server.url}/things", timeout=5).status_code == 200
    assert requests.get(f"{server.url}/nothing", timeout=5).text == "no /nothing"


@pytest.mark.parametrize(("kind", "things"), [("not_sent", []), ("lost", ["A"]), ("half", ["A"])])
def test_cut_answers_are_cut_on_the_wire(server: ServerHandle, kind: str, things: list[str]) -> None:
    server.service.faults = FaultPlan.parse([{"kind": kind, "times": 1}])

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.post(f"{server.url}/things/A", timeout=5)

    assert requests.get(f"{server.url}/things", timeout=5).json() == {"things": things}


def test_a_caller_that_gives_up_leaves_the_effect_behind(server: ServerHandle) -> None:
    server.service.faults = FaultPlan.parse([{"kind": "late", "delay_ms": 400, "times": 1}])

    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{server.url}/things/A", timeout=0.1)

    assert requests.get(f"{server.url}/things", timeout=5).json() == {"things": ["A"]}


def test_stopping_closes_open_connections() -> None:
    handle = start_server(EchoService())
    with requests.Session() as session:
        session.get(f"{handle.url}/things")
        handle.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{handle.url}/things", timeout=2)
