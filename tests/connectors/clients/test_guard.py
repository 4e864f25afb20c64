"""Which addresses may be reached: names and addresses, then real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.clients.calls import Call
from connectors.clients.guard import AddressGuard, is_private
from connectors.clients.settings import TransportSettings
from connectors.clients.transport import Surroundings, Transport
from connectors.domain.errors import AddressRefused, NotSent, PlatformError
from tests.connectors.clients.scripted import bench, json_answer
from tests.connectors.clients.servers import TinyServer

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "::ffff:0:7f00:1",
    "64:ff9b:1::7f00:1",
    "2001:470:1f0a::5efe:7f00:1",
    "2600:1f18::200:5efe:a9fe:a9fe",
    "3fff::1",
    "5f00::1",
    "100:0:0:1::1",
    "169.254.170.2",
    "100::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "not an address",
    "",
]
PUBLIC = [
    "13.107.42.18",
    "104.192.142.1",
    "172.15.0.1",
    "172.32.0.1",
    "100.63.0.1",
    "2600:1f18::1",
    "64:ff9b::d6b:2a12",
    "2600:1f18::5efe:d6b:2a12",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert not is_private(address)


def resolving(*addresses: str) -> AddressGuard:
    return AddressGuard(resolve=lambda _host, _port: addresses)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_resolves_to_a_private_address_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        resolving(address).addresses("tracker.example", 443)


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(AddressRefused):
        resolving("13.107.42.18", "10.0.0.1").addresses("tracker.example", 443)


def test_a_name_without_addresses_is_refused() -> None:
    with pytest.raises(AddressRefused):
        resolving().addresses("tracker.example", 443)


def test_public_addresses_are_handed_on_for_connecting() -> None:
    assert resolving("13.107.42.18", "2600:1f18::1").addresses("dev.azure.com", 443) == ["13.107.42.18", "2600:1f18::1"]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "app.localhost",
        "printer.local",
        "Printer.Local.",
        "metadata.google.internal",
        "metadata.azure.internal",
        "metadata.goog",
        "metadata",
        "instance-data",
        "kubernetes.default.svc",
        "ip6-localhost",
        "localhost.localdomain",
        "router.home.arpa",
        "db.internal",
    ],
)
def test_reserved_names_are_refused_whatever_they_resolve_to(host: str) -> None:
    with pytest.raises(AddressRefused):
        resolving("13.107.42.18").addresses(host, 443)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "[::1]", "[::ffff:7f00:1]"]
)
def test_odd_spellings_of_loopback_are_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        AddressGuard().addresses(host, 443)


SPELLINGS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0X7F.0.0.1",
    "0177.0.0.01",
    "0x7f.1",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "localhost",
    "LocalHost.",
    "a.localhost",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_machine_opens_a_connection(host: str) -> None:
    with TinyServer() as server:
        port = server.pair.rpartition(":")[2]
        with (
            transport_to(f"http://{host}:{port}", AddressGuard()) as transport,
            pytest.raises(AddressRefused) as caught,
        ):
            transport.send(Call("GET", "/", "/"))

        assert (caught.value.code, server.connections) == ("ADDRESS_NOT_ALLOWED", 0)


@pytest.mark.parametrize("host", ["１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "ⓛocalhost"])
def test_letters_that_a_resolver_folds_are_judged_by_what_they_resolve_to(host: str) -> None:
    asked: list[str] = []

    def fold(name: str, _port: int) -> list[str]:
        asked.append(name)
        return ["127.0.0.1"]

    with pytest.raises(AddressRefused):
        AddressGuard(resolve=fold).addresses(host, 443)

    assert asked


@pytest.mark.parametrize(
    "url",
    [
        "http://dev.azure.com@127.0.0.1:{port}/",
        "http://user:pass@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}#@dev.azure.com/",
        "http://127.0.0.1:{port}?@dev.azure.com/",
    ],
)
def test_a_public_name_in_the_wrong_place_of_an_address_changes_nothing(url: str) -> None:
    with TinyServer() as server:
        port = server.pair.rpartition(":")[2]
        with transport_to(url.format(port=port), AddressGuard()) as transport, pytest.raises(PlatformError):
            transport.send(Call("GET", "/", "/"))

        assert server.connections == 0


@pytest.mark.parametrize(
    ("allowed", "host", "port", "passes"),
    [
        ("127.0.0.1:8001", "127.0.0.1", 8001, True),
        ("127.0.0.1:8001", "127.0.0.1", 8002, False),
        ("127.0.0.1:8001", "127.0.0.2", 8001, False),
        ("LocalHost:8001", "localhost", 8001, True),
        ("[::1]:8001", "[::1]", 8001, True),
        ("nonsense", "127.0.0.1", 80, False),
        ("", "127.0.0.1", 80, False),
    ],
)
def test_operators_allow_single_targets(allowed: str, host: str, port: int, passes: bool) -> None:
    guard = AddressGuard([allowed], resolve=lambda _host, _port: ["127.0.0.1"])

    if passes:
        assert guard.addresses(host, port) == ["127.0.0.1"]
    else:
        with pytest.raises(AddressRefused):
            guard.addresses(host, port)


@contextmanager
def transport_to(base_url: str, guard: AddressGuard, **settings: str) -> Iterator[Transport]:
    transport = Transport(base_url, surroundings=Surroundings(guard=guard, settings=TransportSettings(**settings)))  # type: ignore[arg-type]
    try:
        yield transport
    finally:
        transport.close()


def test_no_connection_is_opened_to_a_refused_address() -> None:
    with TinyServer() as server, transport_to(server.url, AddressGuard()) as transport:
        with pytest.raises(AddressRefused):
            transport.send(Call("GET", "/", "/"))

        assert server.connections == 0


def test_an_allowed_private_target_is_reached_over_one_reused_connection() -> None:
    with TinyServer() as server, transport_to(server.url, AddressGuard([server.pair])) as transport:
        answers = [transport.send(Call("GET", "/", "/")).body for _ in range(3)]

        assert answers == [b"{}"] * 3
        assert server.connections == 1


def test_the_socket_goes_to_the_checked_address_and_not_to_a_second_look_up() -> None:
    answers = iter([["13.107.42.18"], ["127.0.0.1"]])
    opened: list[str] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        opened.append(address[0])
        raise OSError("the test lets nothing out")

    guard = AddressGuard(resolve=lambda _host, _port: next(answers))
    with pytest.MonkeyPatch.context() as patch, transport_to("http://rebinding.example", guard) as transport:
        patch.setattr("connectors.clients.connections.sockets.create_connection", connect)
        patch.setattr("connectors.clients.transport.decide", _once)
        with pytest.raises(NotSent):
            transport.send(Call("GET", "/", "/"))

    assert opened == ["13.107.42.18"]


def _once(*_: object, **__: object) -> object:
    from connectors.clients.retry import Decision, Outcome  # noqa: PLC0415 - keeps the patched name out of the module

    return Decision(Outcome.NOT_SENT)


def test_every_redirect_hop_is_checked() -> None:
    everywhere = Call("GET", "/", "/")
    with (
        TinyServer(redirect_to="http://127.0.0.2:9/secret") as server,
        transport_to(server.url, AddressGuard([server.pair])) as transport,
        pytest.raises(AddressRefused),
        transport.open(everywhere, follow=lambda _url: True),
    ):
        pytest.fail("the hop was made")


def test_behind_a_proxy_the_target_is_checked_before_the_proxy_hears_of_it() -> None:
    with TinyServer() as proxy:
        guard = AddressGuard(resolve=lambda _host, _port: ["10.0.0.7"])
        with (
            transport_to("http://intranet.example", guard, proxy=proxy.url) as transport,
            pytest.raises(AddressRefused),
        ):
            transport.send(Call("GET", "/", "/"))

        assert proxy.connections == 0


def test_a_public_target_goes_through_the_proxy_whose_own_address_is_private() -> None:
    with TinyServer() as proxy:
        guard = AddressGuard(resolve=lambda _host, _port: ["13.107.42.18"])
        with transport_to("http://tracker.example", guard, proxy=proxy.url) as transport:
            answer = transport.send(Call("GET", "/things", "/things"))

        assert answer.status == 200
        assert proxy.requests == ["GET http://tracker.example/things HTTP/1.1"]


def test_an_allowed_target_behind_a_proxy_need_not_resolve_here() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror("unknown here")

    AddressGuard(["build.corp:8080"], resolve=unknown).check("build.corp", 8080)


def test_a_refused_address_is_not_tried_again() -> None:
    trial = bench(AddressRefused("no"), json_answer({}))

    with pytest.raises(AddressRefused):
        trial.transport.send(Call("GET", "/", "/"))

    assert (len(trial.adapter.requests), trial.clock.slept) == (1, [])
