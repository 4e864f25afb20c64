"""What the benchmarks have in common: stand-ins in a process of their own, an installation in a temporary folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


@dataclass(frozen=True)
class Sandbox:
    """The addresses of running stand-ins."""

    ado: str
    jira: str

    def requests(self) -> int:
        """Requests answered so far by both."""
        return sum(int(self._get(url, "requests")["total"]) for url in (self.ado, self.jira))

    def log(self) -> list[dict[str, Any]]:
        """Every request to both."""
        return [entry for url in (self.ado, self.jira) for entry in self._get(url, "log")["entries"]]

    @staticmethod
    def _get(url: str, what: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{url}/_sandbox/{what}", timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def sandbox(*arguments: str) -> Iterator[Sandbox]:
    """Stand-ins started with these arguments, stopped at the end."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "sandbox", "--ado", "127.0.0.1:0", "--jira", "127.0.0.1:0"]
        process = subprocess.Popen([*command, "--ready-file", str(ready), *arguments], cwd=ROOT)
        try:
            deadline = time.monotonic() + 60
            while not ready.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            addresses = json.loads(ready.read_text())
            yield Sandbox(addresses["ado"], addresses["jira"])
        finally:
            process.terminate()
            process.wait(15)


class InlineJobs:
    """A job transport that keeps calls until they are run here."""

    def __init__(self) -> None:
        self.calls: deque[Any] = deque()

    def send(self, call: Any) -> None:
        self.calls.append(call)

    def run_all(self) -> None:
        from django.utils.module_loading import import_string

        while self.calls:
            call = self.calls.popleft()
            import_string(call.path)(*call.args)


@contextmanager
def installation(allowed: list[str]) -> Iterator[InlineJobs]:
    """Django on a fresh database in a temporary folder (or the one DATABASE_URL names)."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ["ISTHMUS_VAR"] = folder
        os.environ["ALLOW_PRIVATE_TARGETS"] = ",".join(allowed)
        os.environ["ALLOWED_HOSTS"] = "testserver"
        import django

        django.setup()
        from django.core.management import call_command

        from tenancy.queueing import carried_by

        call_command("migrate", verbosity=0)
        jobs = InlineJobs()
        with carried_by(jobs):
            yield jobs
