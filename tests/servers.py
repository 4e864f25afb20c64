"""Database servers of the tests' own, started when there is none to use.

`python -m tests.servers postgresql -- COMMAND …` runs a command with DATABASE_URL on PostgreSQL: the server that
DATABASE_URL or the usual local address names, else a cluster made for the occasion and thrown away afterwards.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from config.embedded_redis import SOCKET_NAME, server_binary, server_command

STARTED_WITHIN = 30.0
USUAL = ("postgres://postgres@127.0.0.1:5432/isthmus", "postgres:///isthmus")
# Durability is not what these tests are about; a server that must survive being killed is started with safe=True.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class ServerMissing(Exception):
    """No server to use and none that could be started; the text says what to install."""


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a database name on a server where databases may be made."""
    given = os.environ.get("DATABASE_URL", "")
    candidates = [given] if given.startswith("postgres") else list(USUAL)
    for url in candidates:
        if _may_create_databases(url):
            yield url
            return
    with own_postgresql() as url:
        yield url


@contextmanager
def own_postgresql(*, safe: bool = False) -> Iterator[str]:
    """The URL of a database name on a cluster of its own in a temporary folder; gone at the end."""
    with own_cluster(safe=safe) as cluster:
        yield cluster.url


@contextmanager
def own_cluster(*, safe: bool = False) -> Iterator[Cluster]:
    """The same with the server in hand, to stop it and to start it again."""
    with tempfile.TemporaryDirectory(prefix="isthmus-pg-") as folder:
        cluster = Cluster(Path(folder), safe=safe)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


class Cluster:
    """A PostgreSQL server with data of its own."""

    def __init__(self, home: Path, *, safe: bool) -> None:
        self._binaries = _postgresql_binaries()
        self._user = _unprivileged_user()
        if self._user is not None:
            os.chown(home, self._user.pw_uid, self._user.pw_gid)
        self._data = home / "data"
        self._options = () if safe else FAST
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self.url = f"postgres://postgres@127.0.0.1:{self._port}/isthmus"
        make = ["-D", str(self._data), "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8"]
        if self._run("initdb", make).wait() != 0:
            raise ServerMissing("The PostgreSQL made for the tests could not be set up.")

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        home = self._data.parent
        wanted = ("listen_addresses=127.0.0.1", f"port={self._port}", f"unix_socket_directories={home}", *self._options)
        options = [word for option in wanted for word in ("-c", option)]
        self._server = self._run("postgres", ["-D", str(self._data), *options])
        _wait(lambda: _may_create_databases(self.url), self._server)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it in order, or as a crash does: sessions cut, nothing written."""
        server, self._server = self._server, None
        if server is None:
            return
        server.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        server.kill()
        server.wait()

    def _run(self, name: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        command = [str(self._binaries / name), *arguments]
        quiet = subprocess.DEVNULL
        if self._user is None:
            return subprocess.Popen(command, stdout=quiet, stderr=quiet)
        user, group = self._user.pw_uid, self._user.pw_gid
        return subprocess.Popen(command, stdout=quiet, stderr=quiet, cwd="/", user=user, group=group)


@contextmanager
def own_redis(folder: Path) -> Iterator[str]:
    """The URL of a Redis on a Unix socket in the folder, started as the product starts its own."""
    binary = server_binary()
    if binary is None:
        raise ServerMissing("No redis-server found. Install it (Debian: apt install redis-server).")
    server = subprocess.Popen(server_command(binary, folder))
    try:
        _wait((folder / SOCKET_NAME).exists, server)
        yield f"unix://{folder / SOCKET_NAME}"
    finally:
        server.kill()
        server.wait()


def free_port() -> int:
    """A port of loopback nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _may_create_databases(url: str) -> bool:
    server = url.rpartition("/")[0] + "/postgres"
    try:
        with psycopg.connect(server, connect_timeout=3) as connection:
            row = connection.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
            return bool(row and row[0])
    except psycopg.Error:
        return False


def _postgresql_binaries() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not versions:
        raise ServerMissing("No PostgreSQL found. Install it (Debian: apt install postgresql).")
    return versions[-1].parent


def _unprivileged_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerMissing("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`.")


def _wait(ready: Callable[[], bool], server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTED_WITHIN
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise ServerMissing("The server made for the tests did not start.")
        time.sleep(0.05)


def main(arguments: Sequence[str]) -> int:
    """Run the command behind `--` with the server named before it."""
    if len(arguments) < 3 or arguments[0] != "postgresql" or arguments[1] != "--":
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        with postgresql() as url:
            return subprocess.run(list(arguments[2:]), env={**os.environ, "DATABASE_URL": url}, check=False).returncode
    except ServerMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
