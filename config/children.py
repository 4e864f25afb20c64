"""One child process of the tree: how it is started, watched, and ended."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
SETTLED_AFTER = 5.0  # a child that lived this long is started again at once when it dies
LONGEST_PAUSE = 1.5


@dataclass(frozen=True)
class ChildSpec:
    """What to run. `stop_last` children outlive the others, which need them to end in order."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_last: bool = False


class Child:
    """A process that should always run. Not thread-safe: its tree calls it from one thread at a time."""

    def __init__(self, spec: ChildSpec, *, environment: Callable[[dict[str, str]], dict[str, str]]) -> None:
        self.spec = spec
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._restart_at: float | None = None
        self._quick_deaths = 0
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self.is_alive() else None

    def is_alive(self) -> bool:
        """Whether the process runs right now."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Run the command in a process group of its own, so that Ctrl-C reaches the tree and not each child."""
        self._process = subprocess.Popen(  # noqa: S603 - our own command lines, no shell
            list(self.spec.command),
            env=self._environment(dict(self.spec.environment)),
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=_die_with_parent(os.getpid()) if sys.platform == "linux" else None,
        )
        self._started = time.monotonic()
        self._restart_at = None

    def revive(self) -> None:
        """Start it again if it died; one that keeps dying is given pauses of at most 1.5 s."""
        if self.is_alive():
            return
        now = time.monotonic()
        if self._restart_at is None:
            lived = now - self._started
            self._quick_deaths = self._quick_deaths + 1 if lived < SETTLED_AFTER else 0
            self._restart_at = now + min(LONGEST_PAUSE, 0.2 * self._quick_deaths)
            code = self._process.returncode if self._process else None
            log.warning("%s ended (%s); starting it again", self.spec.name, _reason(code))
        if now >= self._restart_at:
            self.restarts += 1
            self.start()

    def terminate(self) -> None:
        """Ask it to end in order."""
        if self._process is not None and self.is_alive():
            self._process.terminate()

    def kill(self) -> None:
        """End it now."""
        if self._process is not None and self.is_alive():
            self._process.kill()
            self._process.wait()


def _reason(code: int | None) -> str:
    if code is None:
        return "never ran"
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _die_with_parent(parent: int) -> Callable[[], None]:
    """A function for the child between fork and exec: the kernel kills the child when the tree dies, however it dies.

    https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # loaded before the fork: the child must not allocate

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # died in between
            os._exit(1)

    return ask_kernel
