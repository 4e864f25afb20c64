"""Origins of web addresses: which requests may carry credentials, what the guard and the limiter call a host."""

from __future__ import annotations

from urllib.parse import urlsplit

from connectors.domain.errors import Refused

_PORTS = {"http": 80, "https": 443}


def host_and_port(url: str) -> tuple[str, int]:
    """Raises Refused (ADDRESS_INVALID) for anything that is no http or https address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
        parts = urlsplit("")
    if not host or parts.scheme not in _PORTS or any(char.isspace() for char in url):
        raise Refused("Not a web address: it must begin with https:// and a host name", code="ADDRESS_INVALID")
    return host, port or _PORTS[parts.scheme]


def origin_of(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises Refused as `host_and_port`."""
    host, port = host_and_port(url)
    return urlsplit(url).scheme, host, port


def site_of(url: str) -> str:
    """`host`, or `host:port` where the port is not the scheme's own: one site for limits and counts."""
    scheme, host, port = origin_of(url)
    return host if _PORTS[scheme] == port else f"{host}:{port}"
