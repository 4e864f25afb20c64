"""Which addresses a connector may reach.

Tenants type host names; without a guard a connector would read the operator's own network or a cloud's metadata
service. A name proves nothing (it may resolve differently a moment later), so the decision is taken on the address
that is about to be connected to, for every new connection and every redirect hop; a reused connection was checked
when it was made. See https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence

from connectors.domain.errors import AddressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""Host and port to addresses as text; raises OSError (socket.gaierror) when the name is unknown."""

_REFUSED_NAMES = frozenset(
    {
        "localhost",
        "localhost6",
        "ip6-localhost",
        "ip6-loopback",
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "instance-data",
        "kubernetes",
        "kubernetes.default",
    }
)
_REFUSED_SUFFIXES = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa", ".svc")
_REFUSED_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata service of one cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's platform address: public, but answers inside only
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0:0/96",  # IPv4 translated (RFC 2765)
        "64:ff9b:1::/48",  # NAT64 for local use
        "100::/64",
        "100:0:0:1::/64",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}", re.IGNORECASE)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)
"""Upper half of the interface id: https://www.rfc-editor.org/rfc/rfc5214#section-6.1"""


class AddressGuard:
    """Decides about targets. Immutable, shared by all connections of a process.

    `allowed` names `host:port` pairs (ALLOW_PRIVATE_TARGETS) that may be reached although they are private; the host
    is compared as the connector's address writes it.
    """

    def __init__(self, allowed: Iterable[str] = (), *, resolve: Resolver | None = None) -> None:
        self._allowed = frozenset(filter(None, (_normal_pair(pair) for pair in allowed)))
        self._resolve = resolve or resolve_name

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses to connect to, checked.

        One refused address refuses the target: a name that mixes public and private answers is an attack or a
        mistake. Raises AddressRefused, or OSError when the name does not resolve.
        """
        name = _normal_host(host)
        if (name, port) in self._allowed:
            return list(self._resolve(name, port))
        if name in _REFUSED_NAMES or name.endswith(_REFUSED_SUFFIXES):
            raise _refusal(name)
        found = list(self._resolve(name, port))
        if not found or any(is_private(address) for address in found):
            raise _refusal(name)
        return found

    def check(self, host: str, port: int) -> None:
        """As `addresses`, for targets that a proxy will connect to; allowed ones need not resolve here."""
        if (_normal_host(host), port) not in self._allowed:
            self.addresses(host, port)


def is_private(text: str) -> bool:
    """Whether an address is anything but a public unicast one. Unreadable text is private."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return True
    for inner in _embedded(address):
        if is_private(str(inner)):
            return True
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return False  # judged by the address inside
    if any(address in network for network in _REFUSED_NETWORKS if network.version == address.version):
        return True
    return address.is_multicast or address.is_unspecified or not (address.is_global or address in _NAT64)


def resolve_name(host: str, port: int) -> list[str]:
    """The system's resolver, after the decimal, octal, hexadecimal and short forms of IPv4, which some resolvers read
    as addresses and others ask the network about."""
    if _NUMERIC.fullmatch(host):
        try:
            return [socket.inet_ntoa(socket.inet_aton(host))]
        except OSError as error:
            raise socket.gaierror(socket.EAI_NONAME, "not an address") from error
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _embedded(address: Address) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses carried inside an IPv6 one: mapped, NAT64, 6to4, Teredo, ISATAP."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner = [address.ipv4_mapped, address.sixtofour]
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    inner.extend(address.teredo or ())
    return [found for found in inner if found is not None]


def _refusal(name: str) -> AddressRefused:
    return AddressRefused(
        f"The address of {name} is private or reserved and may not be reached. An operator can allow it by host "
        "and port in ALLOW_PRIVATE_TARGETS."
    )


def _normal_host(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _normal_pair(pair: str) -> tuple[str, int] | None:
    host, _, port = pair.strip().rpartition(":")
    return (_normal_host(host), int(port)) if host and port.isdigit() else None
