"""The installation as one process tree: Redis, web server, workers, scheduler, and the sandbox when asked for.

Usable as a context manager: `with ProcessTree(TreeOptions(...)) as tree:` starts everything, waits until it is ready,
keeps it alive from a thread, and ends it at the end of the block. `manage.py up` calls `run_forever` instead.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import requests
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from config.children import Child, ChildSpec
from config.embedded_redis import LOG_NAME, server_binary, server_command
from config.settings import child_environment

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1
READY_SECONDS = 60.0
REDIS_READY_SECONDS = 30.0
SANDBOX_READY_SECONDS = 60.0
STOP_SECONDS = 7.0  # for web, workers, scheduler; Redis ends after them, within the 10 s promised
REDIS_STOP_SECONDS = 2.0


class TreeFailed(Exception):
    """The tree cannot be started; the text says what a person can do."""


@dataclass(frozen=True)
class TreeOptions:
    """What to start. Port 0 takes a free one; `sandbox_arguments` say what the stand-ins hold."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    sandbox: bool = False
    sandbox_arguments: tuple[str, ...] = ("--sample",)


@dataclass(frozen=True)
class SandboxAddresses:
    """Where the stand-ins listen."""

    ado: str
    jira: str


class ProcessTree:
    """Starts, watches and ends the processes of one installation in one `var/`."""

    def __init__(self, options: TreeOptions) -> None:
        self.options = options
        self.port = options.port or _free_port(options.host)
        self.sandbox: SandboxAddresses | None = None
        self._children: list[Child] = []
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the web server answers."""
        host = "127.0.0.1" if self.options.host in {"0.0.0.0", "::"} else self.options.host  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def pids(self) -> dict[str, int]:
        """The running children by name."""
        return {child.spec.name: child.pid for child in self._children if child.pid is not None}

    # --- Starting ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything; the schema must be migrated. Raises TreeFailed, leaving nothing behind."""
        try:
            self._check_port()
            self._start_redis()
            self._add_own(self._start_sandbox() if self.options.sandbox else {})
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self) -> None:
        """Return once `/readyz` says yes. Raises TreeFailed after a minute."""
        deadline = time.monotonic() + READY_SECONDS
        # We ask by address; production answers to its own names only.
        last = ""
        own_host = {"Host": settings.ALLOWED_HOSTS[0].lstrip(".*") or "localhost"}
        while time.monotonic() < deadline and not self._stopping.is_set():
            try:
                answer = requests.get(f"{self.url}/readyz", timeout=5, proxies={"http": ""}, headers=own_host)
                if answer.ok:
                    return
                last = answer.text[:200]
            except requests.RequestException as error:
                last = type(error).__name__
                self.revive()
            time.sleep(POLL_SECONDS)
        if not self._stopping.is_set():
            raise TreeFailed(f"{self.url}/readyz did not become ready within {READY_SECONDS:.0f} s: {last}")

    def __enter__(self) -> Self:
        """Start, wait until ready, and keep the children alive from a thread."""
        self.start()
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._watch, name="process-tree", daemon=True)
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End everything, whatever happened in the block."""
        self.stop()

    # --- Running and ending ------------------------------------------------------------------------------------------

    def run_forever(self) -> None:
        """Keep the children alive until `request_stop`, then end them."""
        try:
            self._watch()
        finally:
            self.stop()

    def request_stop(self) -> None:
        """Make `run_forever` return; safe in a signal handler."""
        self._stopping.set()

    def revive(self) -> None:
        """Start dead children again."""
        for child in self._children:
            child.revive()

    def stop(self) -> None:
        """End all children in order: first those that use Redis, then Redis. Harmless when repeated."""
        self._stopping.set()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join()
        _end([child for child in self._children if not child.spec.stop_last], within=STOP_SECONDS)
        _end([child for child in self._children if child.spec.stop_last], within=REDIS_STOP_SECONDS)

    def _watch(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            self.revive()

    # --- The children ------------------------------------------------------------------------------------------------

    def _add(self, spec: ChildSpec) -> None:
        child = Child(spec, environment=child_environment)
        self._children.append(child)
        child.start()

    def _check_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.options.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.options.host, self.port))
            except OSError as error:
                raise TreeFailed(
                    f"Cannot listen on {self.options.host}:{self.port} ({error.strerror}). "
                    "Stop what uses it, or choose another one with --port."
                ) from error

    def _start_redis(self) -> None:
        if not settings.REDIS_EMBEDDED:
            return
        if _answers_ping():
            raise TreeFailed(f"Another installation already runs in {settings.VAR}. Stop it, or set ISTHMUS_VAR.")
        binary = server_binary()
        if binary is None:
            raise TreeFailed(
                "No redis-server found. Install it (Debian: apt install redis-server), "
                "or set REDIS_URL to one that runs."
            )
        command = server_command(binary, settings.VAR)
        self._add(ChildSpec("redis", command, stop_last=True))
        deadline = time.monotonic() + REDIS_READY_SECONDS
        while not _answers_ping():
            if time.monotonic() > deadline:
                raise TreeFailed(f"The embedded Redis did not start; see {settings.VAR / 'redis' / LOG_NAME}.")
            if not self._children[-1].is_alive():
                raise TreeFailed(f"{binary} ended at once; see {settings.VAR / 'redis' / LOG_NAME}.")
            time.sleep(0.02)

    def _start_sandbox(self) -> dict[str, str]:
        """Start the stand-ins and return what the other children need to reach them."""
        ready = settings.VAR / "sandbox.json"
        ready.unlink(missing_ok=True)
        # The same ports each time, if they are free: connectors that were stored stay valid.
        ado, jira = (f"127.0.0.1:{_free_port('127.0.0.1', preferred=self.port + step)}" for step in (100, 101))
        self.sandbox = SandboxAddresses(ado=f"http://{ado}", jira=f"http://{jira}")
        command = [sys.executable, "-m", "sandbox", "--ado", ado, "--jira", jira, "--ready-file", str(ready)]
        spec = ChildSpec("sandbox", [*command, *self.options.sandbox_arguments], {"PYTHONPATH": str(settings.BASE_DIR)})
        self._add(spec)
        self._wait_for_sandbox(ready)
        return {"ALLOW_PRIVATE_TARGETS": ",".join((*settings.ALLOW_PRIVATE_TARGETS, ado, jira))}

    def _wait_for_sandbox(self, ready: Path) -> None:
        deadline = time.monotonic() + SANDBOX_READY_SECONDS
        while not _is_json(ready):
            if not self._children[-1].is_alive():
                raise TreeFailed("The sandbox ended at once; see its messages above.")
            if time.monotonic() > deadline:
                raise TreeFailed("The sandbox did not start in time.")
            time.sleep(0.02)

    def _add_own(self, changes: dict[str, str]) -> None:
        """Web server first: it decides when the tree is ready."""
        environment = {"ISTHMUS_VAR": str(settings.VAR), "WORKERS": str(self._sharing()), **changes}
        address = ("--host", self.options.host, "--port", str(self.port))
        self._add(ChildSpec("web", _manage("web", *address), environment))
        for number in range(1, self.options.workers + 1):
            self._add(ChildSpec(f"worker-{number}", _manage("rqworker"), environment))
        self._add(ChildSpec("scheduler", _manage("scheduler"), environment))

    def _sharing(self) -> int:
        """By how many workers the platforms' limits are shared: those of other machines count where WORKERS tells of
        more than this tree has."""
        return max(self.options.workers, settings.WORKERS)


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def _end(children: Sequence[Child], *, within: float) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + within
    while any(child.is_alive() for child in children) and time.monotonic() < deadline:
        time.sleep(0.02)
    for child in children:
        if child.is_alive():
            log.warning("%s did not end in time; killed", child.spec.name)
        child.kill()


def _answers_ping() -> bool:
    try:
        # A connection of its own: the shared one would remember the failure.
        with Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0)
        ) as probe:
            return bool(probe.ping())
    except (RedisError, OSError):
        return False


def _is_json(path: Path) -> bool:
    """Whether the file is there and completely written."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _free_port(host: str, *, preferred: int = 0) -> int:
    """The preferred port if nobody listens there, else any free one."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, preferred if preferred < 65536 else 0))
        except OSError:
            probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
