"""What the transport promises its clients: the table obeyed, truthful errors, credentials at home."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from requests import exceptions as http

from connectors.clients.auth import BasicAuth, BearerAuth, NoAuth
from connectors.clients.calls import Call, Effect, Upload, json_body, path_of
from connectors.clients.guard import AddressGuard
from connectors.clients.limiter import LocalLimiter
from connectors.clients.limits import AZURE_DEVOPS_LIMITS, JIRA_LIMITS
from connectors.clients.retry import Event
from connectors.clients.settings import TransportSettings
from connectors.clients.transport import Surroundings, Transport
from connectors.domain.errors import AccessLost, NotSent, PlatformError, Refused, Throttled, Unclear
from tests.connectors.clients.scripted import FakeClock, Scripted, bench, json_answer, page
from tests.connectors.clients.servers import TinyServer

READ = Call("GET", "/things", "/things")
PUT = Call("PUT", "/things/1", "/things/{id}", Effect.IDEMPOTENT, body=b"{}")
CREATE = Call("POST", "/things", "/things", Effect.CREATE, body=b"{}")
LOST = http.ConnectionError("closed")


def test_an_answer_is_complete_and_its_header_names_are_lower_case() -> None:
    trial = bench(json_answer({"a": 1}, X_Total="7"))

    answer = trial.transport.send(READ)

    assert (answer.status, json.loads(answer.body), answer.headers["x-total"]) == (200, {"a": 1}, "7")


def test_a_read_is_repeated_until_it_works() -> None:
    trial = bench(LOST, json_answer({}, 502), Scripted(body=b"{}....", cut=2), json_answer({"ok": True}))

    answer = trial.transport.send(READ)

    assert answer.body == b'{"ok": true}'
    assert trial.clock.slept == [1.0, 2.0, 4.0]
    assert [exchange.event for exchange in trial.seen] == [Event.LOST, Event.S502, Event.HALF_BODY, None]


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (LOST, Unclear),
        (http.ReadTimeout("late"), Unclear),
        (http.ConnectTimeout("no connection"), NotSent),
        (json_answer({}, 500), Unclear),
        (json_answer({}, 503, Retry_After="9"), Unclear),
        (json_answer({}, 429, Retry_After="9"), Throttled),
        (json_answer({}, 408), Unclear),
        (page(200), Unclear),
        (Scripted(body=b'{"id": 1}', cut=3), Unclear),
    ],
)
def test_a_create_that_may_have_acted_is_sent_once_and_reported_so(step: object, error: type[PlatformError]) -> None:
    trial = bench(step)  # type: ignore[arg-type]

    with pytest.raises(error) as caught:
        trial.transport.send(CREATE)

    assert type(caught.value) is error
    assert len(trial.adapter.requests) == (1 if error is not NotSent else 4)


def test_a_lost_write_followed_by_a_refused_connection_stays_unclear() -> None:
    refused = http.ConnectTimeout("no connection")
    trial = bench(LOST, refused)

    with pytest.raises(Unclear):
        trial.transport.send(PUT)


def test_a_lost_write_followed_by_a_throttled_one_stays_unclear() -> None:
    trial = bench(LOST, json_answer({}, 429, Retry_After="60"))

    with pytest.raises(Unclear) as caught:
        trial.transport.send(PUT)

    assert caught.value.retry_after == 60


def test_a_lost_write_followed_by_a_limiters_pause_stays_unclear() -> None:
    clock = FakeClock()
    limiter = LocalLimiter(clock=clock)

    def lose_and_hold(request: object) -> Scripted:
        limiter.hold(ticket, scope=AZURE_DEVOPS_LIMITS.throttled_scope, seconds=100)
        raise LOST

    trial = bench(lose_and_hold, json_answer({}), limiter=limiter, clock=clock)
    ticket = trial.transport._ticket(PUT, site="tracker.example", ours=True)

    with pytest.raises(Unclear):
        trial.transport.send(PUT)


def test_a_short_wait_is_slept_and_a_long_one_is_raised() -> None:
    short = bench(json_answer({}, 429, Retry_After="3"), json_answer({}))
    long = bench(json_answer({}, 429, Retry_After="40", RateLimit_Reason="jira-burst-based"), json_answer({}))

    short.transport.send(CREATE)
    with pytest.raises(Throttled) as caught:
        long.transport.send(CREATE)

    assert short.clock.slept == [3.0]
    assert (caught.value.retry_after, caught.value.reason, long.clock.slept) == (40, "jira-burst-based", [])


@pytest.mark.parametrize("reason", ["jira-quota-global-based", "jira-quota-tenant-based"])
def test_a_spent_quota_is_raised_at_once_and_holds_the_whole_host(reason: str) -> None:
    clock = FakeClock()
    trial = bench(
        json_answer({}, 429, Retry_After="4", RateLimit_Reason=reason),
        json_answer({}),
        limiter=LocalLimiter(clock=clock),
        clock=clock,
        limits=JIRA_LIMITS,
    )

    with pytest.raises(Throttled):
        trial.transport.send(READ)
    trial.transport.send(Call("GET", "/others", "/others"))

    assert clock.slept == [4.0]


def test_a_good_answer_with_retry_after_slows_down_and_is_not_repeated() -> None:
    clock = FakeClock()
    trial = bench(
        json_answer({"n": 1}, Retry_After="2"),
        json_answer({"n": 2}),
        limiter=LocalLimiter(clock=clock),
        clock=clock,
        limits=AZURE_DEVOPS_LIMITS,
    )

    first = trial.transport.send(READ)
    second = trial.transport.send(Call("GET", "/others", "/others"))

    assert (first.body, second.body, clock.slept) == (b'{"n": 1}', b'{"n": 2}', [2.0])


@pytest.mark.parametrize("status", [409, 413])
def test_refusals_of_the_table_are_handed_to_the_wire_half(status: int) -> None:
    trial = bench(json_answer({"errorMessages": ["no"]}, status))

    answer = trial.transport.send(CREATE)

    assert (answer.status, answer.body) == (status, b'{"errorMessages": ["no"]}')
    assert len(trial.adapter.requests) == (3 if status == 409 else 1)


def test_a_page_where_data_was_asked_for_is_lost_access() -> None:
    trial = bench(page())

    with pytest.raises(AccessLost) as caught:
        trial.transport.send(READ)

    assert (caught.value.code, len(trial.adapter.requests)) == ("PLATFORM_HTML_PAGE", 2)


@pytest.mark.parametrize(("call", "error"), [(READ, Refused), (CREATE, Unclear)])
def test_an_answer_beyond_the_limit_is_not_kept(call: Call, error: type[PlatformError]) -> None:
    trial = bench(Scripted(body=b"x" * 2000), settings=TransportSettings(max_answer_bytes=1000))

    with pytest.raises(error) as caught:
        trial.transport.send(call)

    assert caught.value.code == "ANSWER_TOO_LARGE"


def test_messages_hold_the_platforms_words_and_no_credential() -> None:
    trial = bench(
        json_answer({"message": "stopped, token=hunter2hunter2 seen"}, 503), describe=lambda a: a.body.decode()
    )
    transport = trial.transport.sibling(auth=BearerAuth("s3cret-s3cret"))

    with pytest.raises(NotSent) as caught:
        transport.send(Call("GET", "/x?key=s3cret-s3cret", "/x"))

    assert "stopped" in str(caught.value)
    assert "hunter2" not in str(caught.value) + repr(caught.value)
    assert "s3cret" not in str(caught.value)


def test_credentials_go_to_the_base_address_only() -> None:
    redirect = Scripted(303, {"Location": "https://storage.example/file?signature=x"})
    trial = bench(redirect, Scripted(body=b"bytes"))
    transport = trial.transport.sibling(auth=BasicAuth("ann@example.com", "token-token"))

    with transport.open(Call("GET", "/file", "/file", accept="*/*"), follow=lambda _url: True) as download:
        content = b"".join(download)

    first, second = trial.adapter.requests
    assert content == b"bytes"
    assert "Authorization" in first.headers
    assert (second.url, "Authorization" in second.headers) == ("https://storage.example/file?signature=x", False)


@pytest.mark.parametrize(
    "url", ["http://tracker.example/x", "https://tracker.example:444/x", "https://tracker.example.evil.test/x"]
)
def test_another_port_or_scheme_is_another_origin(url: str) -> None:
    trial = bench(json_answer({}))

    trial.transport.sibling(auth=BasicAuth("", "token-token")).send(Call("GET", url, "/x"))

    assert "Authorization" not in trial.adapter.requests[0].headers


def test_redirects_are_not_followed_unasked() -> None:
    trial = bench(Scripted(302, {"Location": "https://login.example/_signin"}))

    answer = trial.transport.send(READ)
    with trial.transport.open(READ) as download:
        status = download.status

    assert (answer.status, status, len(trial.adapter.requests)) == (302, 302, 2)


def test_redirects_do_not_go_on_for_ever() -> None:
    trial = bench(Scripted(302, {"Location": "/again"}))

    with pytest.raises(NotSent), trial.transport.open(READ, follow=lambda _url: True):
        pass

    assert len(trial.adapter.requests) == 5


def test_opening_a_file_is_repeated_and_reading_it_is_not() -> None:
    trial = bench(json_answer({}, 502), Scripted(body=b"0123456789", cut=4))

    with pytest.raises(NotSent) as caught, trial.transport.open(Call("GET", "/f", "/f", accept="*/*")) as download:
        assert download.size == 10
        b"".join(download)

    assert (caught.value.code, len(trial.adapter.requests)) == ("DOWNLOAD_INTERRUPTED", 2)


def test_every_try_of_an_upload_gets_a_fresh_body() -> None:
    sent: list[bytes] = []

    def receive(request: object) -> Scripted:
        sent.append(request.body.read())  # type: ignore[attr-defined]
        return json_answer({}, 429, Retry_After="1") if len(sent) == 1 else json_answer({})

    trial = bench(receive)
    upload = Call("POST", "/f", "/f", Effect.CREATE, upload=lambda: Upload("text/plain", io.BytesIO(b"abc"), 3))

    trial.transport.send(upload)

    assert sent == [b"abc", b"abc"]
    assert trial.adapter.requests[0].headers["Content-Length"] == "3"


def test_before_send_is_asked_before_each_try_and_may_stop_it() -> None:
    class LeaseLost(Exception):
        pass

    asked: list[str] = []

    def check(call: Call) -> None:
        asked.append(call.route)
        if len(asked) == 2:
            raise LeaseLost

    trial = bench(LOST, json_answer({}), before_send=check)

    with pytest.raises(LeaseLost):
        trial.transport.send(READ)

    assert (asked, len(trial.adapter.requests)) == (["/things", "/things"], 1)


def test_the_observer_counts_every_try_by_host_route_and_method() -> None:
    trial = bench(json_answer({}, 500), json_answer({}), base_url="https://tracker.example:8443/base/")

    trial.transport.send(Call("GET", path_of("/things/{id}", id="a/b"), "/things/{id}"))

    assert [(e.host, e.route, e.method, e.status) for e in trial.seen] == [
        ("tracker.example:8443", "/things/{id}", "GET", 500),
        ("tracker.example:8443", "/things/{id}", "GET", 200),
    ]
    assert trial.adapter.requests[0].url == "https://tracker.example:8443/base/things/a%2Fb"


@pytest.mark.parametrize(
    "address",
    ["", "tracker.example", "ftp://tracker.example", "https://", "https://[", "https://a b", "http://x:99999"],
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(Refused) as caught:
        Transport(address)

    assert caught.value.code == "ADDRESS_INVALID"


def test_query_and_path_are_encoded_once() -> None:
    trial = bench(json_answer({}))

    trial.transport.send(Call("GET", path_of("/{p}/x", p="A & B/ü"), "/{p}/x", query=(("q", "a b&c"), ("$top", "2"))))

    assert trial.adapter.requests[0].url == "https://tracker.example/A%20%26%20B%2F%C3%BC/x?q=a%20b%26c&%24top=2"


def local(server: TinyServer, **settings: float) -> Transport:
    around = Surroundings(
        guard=AddressGuard([server.pair]),
        clock=FakeClock(),
        jitter=lambda: 0.0,
        settings=TransportSettings(**settings),  # type: ignore[arg-type]
    )
    return Transport(server.url, surroundings=around)


def test_on_a_real_socket_half_a_body_is_noticed_and_asked_for_again() -> None:
    with TinyServer(body=b"0123456789", cut=4) as server:
        transport = local(server)
        with pytest.raises(NotSent):
            transport.send(READ)
        transport.close()

        assert len(server.requests) == 4


def test_on_a_real_socket_the_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with TinyServer() as server:
        transport = local(server)
        answer = transport.send(Call("POST", "/x", "/x", body=json_body({"a": "ü"})))
        transport.close()

        assert answer.status == 200
        assert server.headers[0]["content-length"] == "10"
        assert server.headers[0]["user-agent"].startswith("Isthmus/")
        assert "cookie" not in server.headers[0]


def test_on_a_real_socket_nobody_listening_is_certainly_not_sent() -> None:
    with TinyServer() as server:
        transport = local(server)
    started = time.monotonic()

    with pytest.raises(NotSent):
        transport.send(CREATE)

    assert time.monotonic() - started < 2
    transport.close()


class Stopped(Exception):
    """What a run's lease check raises."""


def test_a_thread_that_was_stopped_right_before_sending_sends_nothing() -> None:
    """The check before the try passed long ago; the one at the socket does not."""
    asked = 0

    def check(call: Call) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise Stopped

    with accepting() as (address, received):
        around = Surroundings(guard=AddressGuard(frozenset({address})), before_send=check)
        transport = Transport(f"http://{address}", NoAuth(), surroundings=around)
        with pytest.raises(Stopped):
            transport.send(CREATE)
        transport.close()

        assert received() == b""


@contextmanager
def accepting() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """A socket that takes one connection and keeps what arrives."""
    arrived = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                with suppress(OSError):
                    while piece := connection.recv(4096):
                        arrived.extend(piece)

        thread = threading.Thread(target=take, daemon=True)
        thread.start()

        def received() -> bytes:
            thread.join(5)
            return bytes(arrived)

        yield f"127.0.0.1:{listener.getsockname()[1]}", received
