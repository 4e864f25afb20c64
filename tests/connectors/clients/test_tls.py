"""TLS: a private authority by setting, and the host's name verified although the socket goes to a checked address."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.clients.calls import Call
from connectors.clients.guard import AddressGuard
from connectors.clients.settings import TransportSettings
from connectors.clients.transport import Surroundings, Transport
from connectors.domain.errors import NotSent
from tests.connectors.clients.scripted import FakeClock

CALL = Call("POST", "/", "/", body=b"{}")


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "private tracker")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "tracker.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    """A TLS server on loopback."""
    server = HTTPServer(("127.0.0.1", 0), _Quiet)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def post(url: str, pair: str, *, ca_bundle: str) -> int:
    guard = AddressGuard([pair], resolve=lambda _host, _port: ["127.0.0.1"])
    around = Surroundings(guard=guard, clock=FakeClock(), settings=TransportSettings(ca_bundle=ca_bundle))
    transport = Transport(url, surroundings=around)
    try:
        return transport.send(CALL).status
    finally:
        transport.close()


def test_a_private_authority_is_trusted_by_setting(port: int, certificate: Path) -> None:
    assert post(f"https://127.0.0.1:{port}", f"127.0.0.1:{port}", ca_bundle=str(certificate)) == 200


def test_an_unknown_authority_is_refused_before_anything_is_sent(port: int) -> None:
    with pytest.raises(NotSent) as caught:
        post(f"https://127.0.0.1:{port}", f"127.0.0.1:{port}", ca_bundle="")

    assert "certificate" in caught.value.message.lower()


def test_a_certificate_of_another_host_is_refused(port: int, certificate: Path) -> None:
    with pytest.raises(NotSent) as caught:
        post(f"https://tracker.example:{port}", f"tracker.example:{port}", ca_bundle=str(certificate))

    assert "certificate" in caught.value.message.lower()
