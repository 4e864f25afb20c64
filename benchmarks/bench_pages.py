"""Pages of the console and the admin with a run of 100,000 items, on SQLite.

`python benchmarks/bench_pages.py [ITEMS]`: every page answers within 1 s, in the middle of several times.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from workload import ROOT, Sandbox, installation, sandbox

ITEMS = 100_000
TIMES = 5
LIMIT = 1.0
BATCH = 5_000
LOOKED_AT = 5_000
TYPES = ("User Story", "Task", "Task", "Bug", "Feature")
PASSWORD = "0wner-pw!"


def main() -> int:
    """Print and keep the figures; 1 when a page is too slow."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    with sandbox("--generate", str(LOOKED_AT)) as stand_ins:
        allowed = [urlsplit(url).netloc for url in (stand_ins.ado, stand_ins.jira)]
        with installation(allowed):
            figures = measure(items, stand_ins)
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pages.json").write_text(json.dumps({"items": items, "seconds": figures}, indent=2) + "\n")
    slow = [name for name, taken in figures.items() if taken > LIMIT]
    print(f"{items:,} items; the middle of {TIMES} answers in seconds")
    for name, taken in sorted(figures.items(), key=lambda pair: -pair[1]):
        print(f"{taken:8.3f}  {name}")
    return 1 if slow else 0


def measure(items: int, stand_ins: Sandbox) -> dict[str, float]:
    """Seconds by page."""
    from django.test import Client

    owner = make_owner()
    run = make_run(owner, stand_ins, items)
    visitor = Client()
    visitor.force_login(owner)
    return {name: middle(visitor, address) for name, address in pages(run, items)}


def middle(visitor: Any, address: str) -> float:
    """Once to warm up, as a server that has run for a minute is, then several times."""
    visitor.get(address)
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = visitor.get(address)
        taken.append(time.perf_counter() - began)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return statistics.median(taken)


def pages(run: Any, items: int) -> Iterator[tuple[str, str]]:
    """Names and addresses."""
    here, project = f"/console/runs/{run.pk}/", f"/console/projects/{run.project_id}/"
    last = str(items)
    yield "overview", "/console/"
    yield "runs", "/console/runs/"
    yield "run", here
    yield "run, state", f"{here}state/"
    yield "run, log of errors", f"{here}?level=error"
    yield "items", f"{here}items/"
    yield "items, last page", f"{here}items/?after={items - 60}"
    yield "items, failed", f"{here}items/?outcome=failed"
    yield "items, bugs", f"{here}items/?type=Bug"
    yield "items, failed bugs", f"{here}items/?type=Bug&outcome=failed"
    yield "items, by id", f"{here}items/?q={last}"
    yield "items, by key", f"{here}items/?q=DEMO-{last}"
    yield "items, by words nobody wrote", f"{here}items/?q=nobody%20wrote%20this"
    yield "item", f"{here}items/{last}/"
    yield "verification", f"{here}verification/"
    yield "verification, one kind", f"{here}verification/?code=FIELD_DIFFERS"
    yield "verification, last page", f"{here}verification/?page=9999"
    yield "rollback", f"{here}rollback/"
    yield "project", project
    yield "mapping", f"{project}mapping/?look=1"
    yield "mapping, people", f"{project}mapping/?look=1&tab=people"
    yield "preflight", f"{project}preflight/"
    yield "start", f"{project}start/"
    yield "search, id", f"/console/search/?q={last}"
    yield "search, key", f"/console/search/?q=DEMO-{last}"
    yield "search, words", "/console/search/?q=booking"
    yield "search, words nobody wrote", "/console/search/?q=nobody%20wrote%20this"
    yield "admin, runs", "/admin/migrations_app/migrationrun/"
    yield "admin, run", f"/admin/migrations_app/migrationrun/{run.pk}/change/"
    yield "admin, items", "/admin/migrations_app/runitem/"
    yield "admin, items by key", f"/admin/migrations_app/runitem/?q=DEMO-{last}"
    yield "admin, ledger", "/admin/migrations_app/ledgerentry/"
    yield "admin, events", "/admin/migrations_app/runevent/"
    yield "admin, differences", "/admin/migrations_app/verificationdifference/"


# --- Rows ---


def make_owner() -> Any:
    """Somebody who may see everything."""
    from django.core.management import call_command

    from tenancy.models import User

    email = "owner@example.com"
    call_command("bootstrap", organization="Large", email=email, password=PASSWORD, verbosity=0)
    User.objects.filter(email=email).update(is_staff=True, is_superuser=True)
    return User.objects.get(email=email)


def make_run(owner: Any, stand_ins: Sandbox, items: int) -> Any:
    """An ended run with everything that a real one leaves behind, one in a hundred items failed."""
    from django.utils import timezone

    from migrations_app.models import LedgerScope, MigrationRun, Project
    from tenancy.models import Organization

    organization = Organization.objects.get(name="Large")
    source, target = make_connectors(organization, stand_ins)
    project = Project.objects.create(
        organization=organization, name="Large", source_connector=source, target_connector=target
    )
    scope = LedgerScope.objects.create(organization=organization, source="dev.azure.com/large", target="site/DEMO")
    now, failed = timezone.now(), items // 100
    run = MigrationRun.objects.create(
        organization=organization,
        project=project,
        scope=scope,
        type="FULL",
        status="PARTIAL",
        config=configuration(stand_ins),
        source_connector=source,
        target_connector=target,
        started_by=owner,
        attempt=3,
        phase=6,
        total=items,
        created=items - failed,
        failed=failed,
        checkpoint={"planned": True, "verified_at": now.timestamp()},
        event_seq=items,
        started_at=now - timedelta(hours=5),
        finished_at=now,
    )
    fill(run, items)
    return run


def make_connectors(organization: Any, stand_ins: Sandbox) -> tuple[Any, Any]:
    """To both stand-ins."""
    from connectors.credentials import seal_values
    from connectors.models import Connector

    made = []
    for system, server, account, project, secret in (
        ("azure_devops", f"{stand_ins.ado}/contoso", "", "Generated", "sandbox-pat"),
        ("jira", stand_ins.jira, "sandbox@example.com", "DEMO", "sandbox-token"),
    ):
        row = Connector.objects.create(
            organization=organization,
            name=system,
            system=system,
            server=server,
            account=account,
            default_project=project,
        )
        row.sealed_credentials = seal_values(row, {"secret": secret})
        row.save()
        made.append(row)
    return made[0], made[1]


def configuration(stand_ins: Sandbox) -> dict[str, Any]:
    """As a start call leaves it."""
    target = {"system": "jira", "server": stand_ins.jira, "project": "DEMO", "account": "sandbox@example.com"}
    source = {"system": "azure_devops", "server": f"{stand_ins.ado}/contoso", "project": "Generated"}
    return {"source": source, "target": target, "selection": {"area": None, "types": []}, "options": {}}


def fill(run: Any, items: int) -> None:
    """Items, their effects, their events, and differences in one item of twenty."""
    from migrations_app.models import LedgerEntry, RunEvent, RunItem, VerificationDifference

    numbers = range(1, items + 1)
    owned = {"organization_id": run.organization_id, "run_id": run.pk}
    kept(RunItem, (RunItem(**owned, **item(number)) for number in numbers))
    kept(LedgerEntry, (LedgerEntry(**owned, scope_id=run.scope_id, **effect(number)) for number in numbers))
    kept(RunEvent, (RunEvent(**owned, **event(number)) for number in numbers))
    kept(
        VerificationDifference,
        (VerificationDifference(**owned, **difference(number)) for number in numbers if number % 20 == 0),
    )


def kept(model: Any, rows: Iterator[Any]) -> None:
    """Piece by piece."""
    model.objects.bulk_create(rows, batch_size=BATCH)


def item(number: int) -> dict[str, Any]:
    """Ten to a parent."""
    failed = number % 100 == 0
    return {
        "source": str(number),
        "position": number,
        "rev": 3,
        "type": TYPES[number % len(TYPES)],
        "title": f"Booking {number} is kept when the ferry is late",
        "state": "Active",
        "parent": str(number // 10) if number >= 10 else None,
        "comment_count": 2,
        "stage": 3,
        "outcome": "failed" if failed else "created",
        "target_id": "" if failed else str(10_000 + number),
        "target_key": "" if failed else f"DEMO-{number}",
        "verified": not failed,
        "problems": [["FIELD_REFUSED", "Severity: the option does not exist"]] if failed else [],
    }


def effect(number: int) -> dict[str, Any]:
    """The issue itself."""
    return {
        "kind": "item",
        "source": str(number),
        "item": str(number),
        "state": "done",
        "target_id": str(10_000 + number),
        "target_key": f"DEMO-{number}",
    }


def event(number: int) -> dict[str, Any]:
    """A line of the log."""
    level = "error" if number % 100 == 0 else "info"
    message = f"✓ {number} [User Story] → DEMO-{number}"
    return {"seq": number, "kind": "log", "data": {"type": "log", "level": level, "message": message}}


def difference(number: int) -> dict[str, Any]:
    """Two kinds."""
    return {
        "item": str(number),
        "target_key": f"DEMO-{number}",
        "field": "priority",
        "code": "FIELD_DIFFERS" if number % 40 else "COMMENT_MISSING",
        "source_value": "1",
        "target_value": "Medium",
        "digest": str(number),
    }


if __name__ == "__main__":
    sys.exit(main())
