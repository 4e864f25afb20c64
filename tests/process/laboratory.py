"""A real installation beside stand-ins in a process of their own, which outlives whatever the installation suffers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.process.audit import StandIns
from tests.process.installation import ROOT, Installation, installation, is_running, last_json_line, wait_for

PROJECT = "Generated"
SMALL_WAITS = {"LEASE_SECONDS": "2", "SWEEP_SECONDS": "1", "UNCLEAR_WAIT": "5"}
ENDED = ("COMPLETED", "PARTIAL", "FAILED", "CANCELLED")
LOGIN = ("o@example.com", "0wner-pw!")


@dataclass
class Laboratory:
    """What a test works with: the installation, the stand-ins, and a caller with a token."""

    home: Installation
    stand_ins: StandIns
    token: str = ""

    # --- the caller ---

    def sign_in(self) -> None:
        """Make the caller."""
        email, password = LOGIN
        made = self.home.manage("bootstrap", "--organization", "O", "--email", email, "--password", password)
        assert made.returncode == 0, made.stderr
        self.token = last_json_line(made.stdout)["token"]

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> requests.Response:
        """One request to the installation."""
        headers = {"Authorization": f"Token {self.token}"}
        return requests.request(method, f"{self.home.url}{path}", json=body, headers=headers, timeout=30)

    def make_project(self) -> str:
        """A project in the product."""
        new = {"name": PROJECT, "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA"}
        return str(self.call("POST", "/api/projects", new).json()["id"])

    def start_run(self, **options: Any) -> str:
        """A FULL run of the generated project; its id."""
        answer = self.call("POST", f"/api/migrations/project/{self.make_project()}/start", self.start_body(**options))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def start_body(self, **options: Any) -> dict[str, Any]:
        """What a start call says."""
        source = {"org": f"{self.stand_ins.ado}/contoso", "project": PROJECT, "pat": "sandbox-pat"}
        target = {
            "base_url": self.stand_ins.jira,
            "email": "sandbox@example.com",
            "api_token": "sandbox-token",
            "project_key": "DEMO",
        }
        return {"type": "FULL", "enginePayload": {"source": source, "target": target, "options": options}}

    def order(self, run_id: str, what: str, body: Mapping[str, Any] | None = None) -> requests.Response:
        """Pause, resume or cancel."""
        return self.call("POST", f"/api/migrations/{run_id}/{what}", body)

    def status(self, run_id: str) -> dict[str, Any]:
        """The run as it is now; {} while the web server is away."""
        try:
            answer = self.call("GET", f"/api/migrations/{run_id}")
        except requests.RequestException:
            return {}
        found: dict[str, Any] = answer.json() if answer.ok else {}
        return found

    def check_whole(self, run_id: str) -> None:
        """Wait for the end: every item arrived, and the auditor agrees."""
        ended = self.wait_for_end(run_id)
        found = self.stand_ins.complaints(PROJECT)
        whole = (ended["status"], ended["successCount"]) == ("COMPLETED", ended["totalItems"])
        assert whole and found == [], (found, ended, self._problems(run_id))

    def _problems(self, run_id: str) -> Any:
        partial = self.call("GET", f"/api/migrations/{run_id}/items?outcome=partial").json()
        return [partial, self.call("GET", f"/api/migrations/{run_id}/verification").json()["differences"]]

    # --- waiting ---

    def wait_for_requests(self, count: int, *, within: float = 60) -> None:
        """Until the stand-ins have been asked so often."""
        wait_for(lambda: self.stand_ins.requests() >= count, within=within, what=self.describe)

    def wait_for_status(self, run_id: str, *wanted: str, within: float = 120) -> dict[str, Any]:
        """Until the run is in one of these states; how it is then."""
        last: dict[str, Any] = {}

        def arrived() -> bool:
            last.update(self.status(run_id))
            return last.get("status") in wanted

        wait_for(arrived, within=within, what=lambda: f"{wanted} of {last}\n{self.describe()}", every=0.1)
        return last

    def wait_for_end(self, run_id: str, *, within: float = 180) -> dict[str, Any]:
        """How the run ended."""
        return self.wait_for_status(run_id, *ENDED, within=within)

    def describe(self) -> str:
        """The end of what the installation said."""
        return self.home.log()[-4000:]

    # --- suffering ---

    def pids(self) -> dict[str, int]:
        """Every process of the tree, by what it does."""
        return {"up": self.home.pid, **self.home.children()}

    def kill(self, name: str) -> bool:
        """End one process of the tree at once; the whole tree comes back. False when it was not there."""
        victims = self.pids()
        if name not in victims:
            return False
        try:
            os.kill(victims[name], signal.SIGKILL)
        except ProcessLookupError:
            return False
        if name == "up":
            self.home.discard()
            wait_for(lambda: not any(map(is_running, victims.values())), within=10, what="the children to end")
            self.home.start()
        return True

    def wait_until_whole(self, *, within: float = 40) -> None:
        """Until every process of the tree runs."""
        wait_for(lambda: set(self.home.children()) >= CHILDREN, within=within, what=self.describe, every=0.05)


CHILDREN = frozenset({"redis", "web", "rqworker", "rqworker+", "scheduler"})


@contextmanager
def stand_ins(folder: Path, *arguments: str) -> Iterator[StandIns]:
    """Both stand-ins in a process of their own."""
    ready = folder / "sandbox.json"
    command = [sys.executable, "-m", "sandbox", "--ado", "127.0.0.1:0", "--jira", "127.0.0.1:0"]
    process = subprocess.Popen([*command, "--ready-file", str(ready), *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: ready.exists() or process.poll() is not None, within=60, what="the stand-ins")
        addresses = json.loads(ready.read_text(encoding="utf-8"))
        yield StandIns(addresses["ado"], addresses["jira"])
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


@contextmanager
def laboratory(
    folder: Path,
    *,
    items: int,
    latency_ms: float = 0,
    seed: int = 1,
    arguments: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
) -> Iterator[Laboratory]:
    """Workload W1 of so many items, the installation up and its caller signed in; nothing of it afterwards."""
    what = ("--generate", str(items), "--seed", str(seed), "--latency-ms", str(latency_ms), *arguments)
    var = folder / "var"
    var.mkdir(exist_ok=True)
    with stand_ins(folder, *what) as both:
        allowed = ",".join(urlsplit(url).netloc for url in (both.ado, both.jira))
        with installation(var, **{**SMALL_WAITS, "ALLOW_PRIVATE_TARGETS": allowed, **(variables or {})}) as home:
            made = Laboratory(home, both)
            home.start()
            home.wait_until_ready(within=60)
            made.sign_in()
            yield made
