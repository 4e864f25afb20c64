"""The network guard really guards."""

import socket

import pytest
import requests

from tests.network import NetworkForbidden


def test_connecting_to_another_machine_is_refused() -> None:
    with socket.socket() as probe, pytest.raises(NetworkForbidden):
        probe.connect(("192.0.2.1", 80))


def test_connect_ex_is_refused_too() -> None:
    with socket.socket() as probe, pytest.raises(NetworkForbidden):
        probe.connect_ex(("192.0.2.1", 80))


def test_looking_up_a_foreign_name_is_refused() -> None:
    with pytest.raises(NetworkForbidden, match=r"example\.com"):
        socket.getaddrinfo("example.com", 443)


def test_requests_cannot_leave_the_machine() -> None:
    with pytest.raises(NetworkForbidden):
        requests.get("https://dev.azure.com/contoso", timeout=1)


def test_datagrams_are_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, pytest.raises(NetworkForbidden):
        probe.sendto(b"x", ("192.0.2.1", 53))


def test_loopback_works() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()
