"""The demo: audit the sample project, move it, watch it, verify it, and show that nothing was lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from config import sample
from config.demo_client import DemoClient, DemoFailed, StreamEvent

ALWAYS_SHOWN = ("created", "partial", "failed")
OUTCOMES = ("created", "updated", "skipped", "partial", "failed", "pending")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the stand-ins listen, and where the report is to be kept."""

    ado: str
    jira: str
    kept_in: Path


@dataclass(frozen=True, slots=True)
class Result:
    """Everything the final table is made of."""

    audit: Mapping[str, Any]
    run: Mapping[str, Any]
    report: Mapping[str, Any]
    differences: list[Mapping[str, Any]]

    @property
    def losses(self) -> list[str]:
        """What did not arrive, in words; empty when everything did."""
        found = []
        if self.run["status"] != "COMPLETED":
            reason = self.run["reason"]
            words = f": {reason['message']}" if reason else ""
            found.append(f"the run ended as {self.run['status']}{words}")
        if self.report["totalItems"] != self.audit["totalWorkItems"]:
            found.append(f"{self.audit['totalWorkItems']} items were audited, {self.report['totalItems']} planned")
        arrived = {row["type"]: row["total"] - row["failed"] - row["pending"] for row in self.report["types"]}
        for name, count in self.audit["typeCounts"].items():
            if arrived.get(name, 0) != count:
                found.append(f"{name}: {arrived.get(name, 0)} of {count} arrived")
        if not self.report["verified"]:
            found.append("verification did not come to its end")
        if self.differences:
            found.append(f"verification found {len(self.differences)} differences")
        return found


def play(client: DemoClient, console: Console, stage: Stage) -> Result:
    """From connectors to the kept report. Raises DemoFailed."""
    source, target = _connect(client, stage)
    console.print(f"Auditing [bold]{sample.PROJECT}[/] in Azure DevOps …")
    audit = client.post("/api/connectors/scan", {"connectorId": source})
    _show_audit(console, audit)
    project = client.post(
        "/api/projects",
        {
            "name": sample.PROJECT,
            "sourceSystem": "AZURE_DEVOPS",
            "targetSystem": "JIRA",
            "description": "The sample project of the demo.",
            "sourceConnectorId": source,
            "targetConnectorId": target,
        },
    )
    started = client.post(f"/api/migrations/project/{project['id']}/start", {"type": "FULL"})
    _watch(client, console, started["id"])
    result = Result(
        audit=audit,
        run=client.get(f"/api/migrations/{started['id']}"),
        report=client.get(f"/api/migrations/{started['id']}/report"),
        differences=client.get(f"/api/migrations/{started['id']}/verification")["differences"],
    )
    _keep(client, result, stage.kept_in)
    return result


def _connect(client: DemoClient, stage: Stage) -> tuple[int, int]:
    ends: tuple[tuple[str, dict[str, str]], ...] = (
        (
            "azure_devops",
            {
                "organization_url": f"{stage.ado}/{sample.ORGANIZATION}",
                "project": sample.PROJECT,
                "personal_access_token": sample.PAT,
            },
        ),
        (
            "jira",
            {
                "base_url": stage.jira,
                "email": sample.EMAIL,
                "api_token": sample.API_TOKEN,
                "project_key": sample.PROJECT_KEY,
            },
        ),
    )
    made = []
    for kind, credentials in ends:
        tested = client.post("/api/connectors/test", {"type": kind, "credentials": credentials})
        if not tested["success"]:
            raise DemoFailed(f"The stand-in for {kind} cannot be used: {tested['message']}")
        body = {"name": f"Sample ({kind})", "type": kind, "credentials": credentials}
        made.append(int(client.post("/api/connectors", body)["id"]))
    return made[0], made[1]


def _watch(client: DemoClient, console: Console, run_id: str) -> None:
    """The progress bar, fed by the live stream; the last line of the log beside it."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[phase]:<24}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]:>6} items/s"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, expand=True) as progress:
        task = progress.add_task("run", total=None, phase="waiting for a worker", speed="-")
        for event in client.stream(run_id):
            _show_event(progress, task, event)


def _show_event(progress: Progress, task: TaskID, event: StreamEvent) -> None:
    data = event.data
    match event.kind:
        case "progress":
            progress.update(
                task, completed=data["current"], total=data["total"], phase=data["phase"], speed=data["speed"]
            )
        case "log" if int(event.id) % 50 == 1:  # a glimpse: all of them are kept in the run's log
            progress.console.print(f"  [dim]{escape(str(data['message']))}[/]", highlight=False)
        case "status" if data["status"] in ("paused", "failed"):
            progress.console.print(f"  The run is {data['status']}: {escape(str(data.get('message', '')))}")


def _show_audit(console: Console, audit: Mapping[str, Any]) -> None:
    console.print(
        f"  {audit['totalWorkItems']} work items of {len(audit['typeCounts'])} types, "
        f"{audit['commentCount']} comments, {audit['attachmentCount']} files, "
        f"{len(audit['iterationPaths'])} iterations, {len(audit['areaPaths'])} areas, {len(audit['users'])} people"
    )
    for finding in audit["findings"]:
        console.print(f"  [dim]{finding['severity']}: {escape(finding['message'])}[/]", highlight=False)


def show_result(console: Console, result: Result, kept_in: Path) -> None:
    """The final tables and the verdict."""
    rows = result.report["types"]
    # What never happened needs no column, except the ones everybody looks for.
    shown = [name for name in OUTCOMES if name in ALWAYS_SHOWN or any(row[name] for row in rows)]
    table = Table(title="What became of every work item", title_justify="left")
    table.add_column("Type", no_wrap=True)
    for name in ("Audited", *shown):
        table.add_column(name.capitalize(), justify="right")
    for row in rows:
        audited = result.audit["typeCounts"].get(row["type"], 0)
        table.add_row(row["type"], str(audited), *(str(row[name]) for name in shown))
    table.add_section()
    table.add_row("All", str(result.audit["totalWorkItems"]), *(str(sum(row[name] for row in rows)) for name in shown))
    console.print(table)
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(result):
        facts.add_row(name, value)
    console.print(facts)
    console.print(f"Kept in {kept_in}: report.json, verification.html, key-map.csv", highlight=False, soft_wrap=True)
    if result.losses:
        for loss in result.losses:
            console.print(f"[bold red]Lost:[/] {escape(loss)}")
    else:
        console.print("[bold green]Nothing was lost.[/] Every item was read back and compared.")


def _facts(result: Result) -> list[tuple[str, str]]:
    effects, summary = result.report["effects"], result.report["summary"]
    missing = sum(1 for found in result.differences if found["code"] == "WORDS_MISSING")
    words = f"all of {summary['words']:,}" if summary.get("words") and not missing else "all" if not missing else ""
    requests = result.report["requests"]
    return [
        ("Comments", f"{effects.get('comment', 0)} of {result.audit['commentCount']}"),
        ("Files", f"{effects.get('file', 0)} ({result.audit['attachmentCount']} attached, others from inside texts)"),
        ("Links", str(effects.get("link", 0))),
        ("Sprints, components", f"{effects.get('sprint', 0)}, {effects.get('component', 0)}"),
        ("Words kept", words or f"missing in {missing} texts"),
        ("Requests", f"{requests['source']} to Azure DevOps, {requests['target']} to Jira, verification included"),
        ("Speed", f"{result.report['itemsPerSecond']} items/s over {result.report['seconds']} s"),
    ]


def _keep(client: DemoClient, result: Result, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    address = f"/api/migrations/{result.run['id']}"
    whole = {"audit": result.audit, "run": result.run, "report": result.report, "differences": result.differences}
    (folder / "report.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False), encoding="utf-8")
    for name in ("verification.html", "key-map.csv"):
        (folder / name).write_text(client.get_text(f"{address}/{name}"), encoding="utf-8")
