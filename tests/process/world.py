"""A real installation with both stand-ins in the test's own process, so that their state can be audited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from sandbox.ado.service import AdoService
from sandbox.build import build_ado, build_jira
from sandbox.jira.service import JiraService
from sandbox.jira.site import SiteSpec
from sandbox.server import ServerHandle, start_server
from tests.checker import complaints
from tests.process.installation import Installation, installation, last_json_line, wait_for

PROJECT = "Saltwind Booking"
SHORT_LEASES = {"LEASE_SECONDS": "4", "SWEEP_SECONDS": "1", "UNCLEAR_WAIT": "6"}


@dataclass
class World:
    """The installation, the stand-ins behind it, and a signed-in caller."""

    home: Installation
    ado: AdoService
    jira: JiraService
    ado_url: str
    jira_url: str
    token: str = ""

    def sign_in(self) -> None:
        """Make the caller."""
        made = self.home.manage(
            "bootstrap", "--organization", "O", "--email", "o@example.com", "--password", "0wner-pw!"
        )
        assert made.returncode == 0, made.stderr
        self.token = last_json_line(made.stdout)["token"]

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> requests.Response:
        """One request to the installation."""
        headers = {"Authorization": f"Token {self.token}"}
        return requests.request(method, f"{self.home.url}{path}", json=body, headers=headers, timeout=30)

    def start_run(self, **options: Any) -> str:
        """A FULL run of the sample project; its id."""
        new = {"name": PROJECT, "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA"}
        project = self.call("POST", "/api/projects", new).json()["id"]
        body = {
            "type": "FULL",
            "enginePayload": {
                "source": {"org": f"{self.ado_url}/contoso", "project": PROJECT, "pat": "sandbox-pat"},
                "target": {
                    "base_url": self.jira_url,
                    "email": "sandbox@example.com",
                    "api_token": "sandbox-token",
                    "project_key": "DEMO",
                },
                "options": options,
            },
        }
        answer = self.call("POST", f"/api/migrations/project/{project}/start", body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def status(self, run_id: str) -> dict[str, Any]:
        """The run's status now; {} while the web server is away."""
        try:
            answer = self.call("GET", f"/api/migrations/{run_id}/status")
        except requests.RequestException:
            return {}
        found: dict[str, Any] = answer.json() if answer.ok else {}
        return found

    def attempt(self, run_id: str) -> int:
        """How often the run was claimed; 0 while the web server is away."""
        try:
            answer = self.call("GET", f"/api/migrations/{run_id}")
        except requests.RequestException:
            return 0
        return int(answer.json()["attempt"]) if answer.ok else 0

    def wait_for_items(self, run_id: str, count: int, *, within: float = 60) -> None:
        """Until so many issues exist in Jira."""
        wait_for(lambda: len(self.jira.content.issues) >= count, within=within, what=lambda: str(self.status(run_id)))

    def wait_for_end(self, run_id: str, *, within: float = 120) -> dict[str, Any]:
        """The status of the ended run."""
        ended = ("COMPLETED", "PARTIAL", "FAILED", "CANCELLED")
        wait_for(
            lambda: self.status(run_id).get("status") in ended,
            within=within,
            what=lambda: f"the end of {self.status(run_id)}\n{self.home.log()[-3000:]}",
        )
        return self.status(run_id)

    def check_whole(self, run_id: str) -> None:
        """The run ended without a failure, and the auditor agrees."""
        ended = self.wait_for_end(run_id)
        complaints = self.complaints()
        if complaints or ended["status"] != "COMPLETED":
            partial = self.call("GET", f"/api/migrations/{run_id}/items?outcome=partial&limit=5").json()
            failed = self.call("GET", f"/api/migrations/{run_id}/items?outcome=failed&limit=5").json()
            found = self.call("GET", f"/api/migrations/{run_id}/verification").json()["differences"][:5]
            raise AssertionError(f"{complaints[:10]}\n{ended}\n{partial}\n{failed}\n{found}")

    def complaints(self) -> list[str]:
        """What did not arrive, or arrived twice."""
        return complaints(self.ado, self.jira, PROJECT)


@contextmanager
def world(var: Path, *, latency_ms: float = 0, site: SiteSpec | None = None, **variables: str) -> Iterator[World]:
    """Everything, running and signed in; nothing of it afterwards. `site` is another Jira site than the usual one."""
    ado, jira = build_ado(sample=True, latency_ms=latency_ms), build_jira(site=site, latency_ms=latency_ms)
    with ExitStack() as ending:
        handles: list[ServerHandle] = []
        for service in (ado, jira):
            handles.append(start_server(service))
            ending.callback(handles[-1].stop)
        allowed = ",".join(urlsplit(handle.url).netloc for handle in handles)
        settings = {**SHORT_LEASES, "ALLOW_PRIVATE_TARGETS": allowed, **variables}
        home = ending.enter_context(installation(var, **settings))
        made = World(home, ado, jira, handles[0].url, handles[1].url)
        home.start()
        home.wait_until_ready(within=60)
        made.sign_in()
        yield made
