"""Workload W1: requests per item to move and to verify, and items per second, at 0 ms latency.

`python benchmarks/bench_w1.py [ITEMS] [LATENCY_MS]`. The stand-ins run in a process of their own; the run goes through
services, engine, store and clients as in production, in this process. Limits: at most 3.5 requests per item to move
it and 1.35 more to verify it, with the files of both sides hashed again.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workload import ROOT, Sandbox, installation, sandbox

MOVE_LIMIT, VERIFY_LIMIT = 3.5, 1.35


def run_w1(items: int, latency_ms: int) -> dict[str, Any]:
    """One FULL run of W1, measured from the stand-ins' own logs."""
    with sandbox("--generate", str(items), "--seed", "1", "--latency-ms", str(latency_ms)) as stand_ins:
        allowed = [urlsplit(url).netloc for url in (stand_ins.ado, stand_ins.jira)]
        with installation(allowed) as jobs:
            return _measure(stand_ins, jobs, items)


def _measure(stand_ins: Sandbox, jobs: Any, items: int) -> dict[str, Any]:
    from rest_framework.test import APIClient

    from migrations_app.models import MigrationRun, RunEvent
    from tenancy import services
    from tenancy.access_tokens import issue_access_token
    from tenancy.models import Role

    organization = services.create_organization("Bench")
    user = services.find_or_create_user("bench@example.com", password="only for the benchmark")
    membership = services.set_membership(organization, user, role=Role.OWNER)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_access_token(membership)}")
    project = client.post(
        "/api/projects", {"name": "W1", "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA"}, format="json"
    ).json()
    payload = {
        "source": {"org": f"{stand_ins.ado}/contoso", "project": "Generated", "pat": "sandbox-pat"},
        "target": {
            "base_url": stand_ins.jira,
            "email": "sandbox@example.com",
            "api_token": "sandbox-token",
            "project_key": "DEMO",
        },
    }
    began = time.perf_counter()
    body = {"type": "FULL", "enginePayload": payload}
    started = client.post(f"/api/migrations/project/{project['id']}/start", body, format="json").json()
    jobs.run_all()
    seconds = time.perf_counter() - began
    run = MigrationRun.objects.get(pk=started["id"])
    verifying = RunEvent.objects.filter(run=run, kind="verifying").earliest("seq").created_at.timestamp()
    moved = sum(1 for entry in stand_ins.log() if float(entry["time"]) < verifying)
    total = stand_ins.requests()
    return {
        "workload": "W1",
        "items": items,
        "status": run.status,
        "created": run.created,
        "failed": run.partial + run.failed,
        "requestsPerItemMoved": round(moved / items, 3),
        "requestsPerItemVerified": round((total - moved) / items, 3),
        "seconds": round(seconds, 1),
        "itemsPerSecond": round(items / seconds, 1),
    }


def main() -> int:
    """Print and keep the figures; 1 when a limit is missed."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    latency = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    figures = run_w1(items, latency) | {"latencyMs": latency}
    folder = Path(ROOT) / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "w1.json").write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:26} {value}")
    kept = figures["requestsPerItemMoved"] <= MOVE_LIMIT and figures["requestsPerItemVerified"] <= VERIFY_LIMIT
    return 0 if kept and figures["status"] == "COMPLETED" else 1


if __name__ == "__main__":
    sys.exit(main())
