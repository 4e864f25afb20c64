"""A real installation in a folder of its own: `manage.py up` and everything below it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from config.readers import make_credentials_key
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}


class Installation:
    """One `var/`, its environment, and the tree that runs in it (or not)."""

    def __init__(self, var: Path, variables: Mapping[str, str]) -> None:
        self.var = var
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **CLEAN,
            "ISTHMUS_VAR": str(var),
            "SECRET_KEY": "process-tests-" + "k" * 50,
            "CREDENTIALS_KEYS": make_credentials_key(),
            **variables,
        }
        self._tree: subprocess.Popen[str] | None = None

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def start(self, *arguments: str) -> None:
        """Start the tree without waiting for it."""
        command = [sys.executable, "manage.py", "up", "--port", str(self.port), *arguments]
        log = (self.var / "up.log").open("a", encoding="utf-8")
        with log:
            self._tree = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, text=True)

    def wait_until_ready(self, *, within: float = 30) -> None:
        """Return once `/readyz` says yes; fail with the log otherwise."""
        wait_for(
            lambda: self.is_ready() or self._has_ended(), within=within, what=lambda: f"readiness of\n{self.log()}"
        )
        assert not self._has_ended(), self.log()

    def _has_ended(self) -> bool:
        return self._tree is not None and self._tree.poll() is not None

    def is_ready(self) -> bool:
        """Whether the web server answers and finds everything there."""
        try:
            return requests.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def log(self) -> str:
        """What the tree and its children said."""
        return (self.var / "up.log").read_text(encoding="utf-8")

    @property
    def pid(self) -> int:
        """The tree's own process."""
        assert self._tree is not None
        return self._tree.pid

    def children(self) -> dict[str, int]:
        """Running children by what they do; several workers are numbered."""
        found: dict[str, int] = {}
        for pid in children_of(self.pid):
            name = _purpose(command_of(pid))
            while name in found:
                name += "+"
            found[name] = pid
        return found

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Signal the tree; its exit code and how long it took."""
        assert self._tree is not None
        began = time.monotonic()
        self._tree.send_signal(number)
        return self._tree.wait(20), time.monotonic() - began

    def discard(self) -> None:
        """End whatever is left."""
        if self._tree is not None and self._tree.poll() is None:
            self._tree.kill()
            self._tree.wait()


@contextmanager
def installation(var: Path, **variables: str) -> Iterator[Installation]:
    """An installation that leaves no process behind."""
    made = Installation(var, variables)
    try:
        yield made
    finally:
        made.discard()


def promised(seconds: float) -> float:
    """A promise about time, as it holds on this machine now: a machine that is busy with other work is given as much
    longer as it is overloaded. On a quiet one the promise counts as it stands."""
    return seconds * min(8.0, max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)))


def wait_for(
    condition: Callable[[], bool], *, within: float, what: str | Callable[[], str], every: float = 0.02
) -> float:
    """Wait until the condition holds; how long it took."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > promised(within):
            raise AssertionError(f"waited {within} s for {what() if callable(what) else what}")
        time.sleep(every)
    return time.monotonic() - began


def children_of(pid: int) -> list[int]:
    """Living children of a process (zombies that nobody collected do not count)."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [child for child in map(int, listed.split()) if is_running(child)]


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def command_of(pid: int) -> list[str]:
    """A process's command line."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")


def _purpose(command: list[str]) -> str:
    if "redis-server" in command[0]:
        return "redis"
    names = [word for word in command if word in {"web", "rqworker", "scheduler", "sandbox"}]
    return names[0] if names else "starting"


def last_json_line(text: str) -> dict[str, str]:
    """The object a command printed last."""
    line: dict[str, str] = json.loads(text.strip().splitlines()[-1])
    return line
