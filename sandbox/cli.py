"""The command line: which stand-ins to serve, with what content, and what shall go wrong."""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.ado.service import AdoService
from sandbox.build import BuildError, build_ado, build_github, build_jira
from sandbox.faults import BadFaultRule, FaultPlan
from sandbox.jira.people import mirror_people
from sandbox.server import ServerHandle, start_server
from sandbox.service import Limits, Service

USUAL = {"ado": "127.0.0.1:8181", "jira": "127.0.0.1:8182"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Returns 0, or 2 with a sentence on stderr when it cannot start."""
    options = parser().parse_args(arguments)
    gc.set_threshold(50_000, 50, 100)  # content only grows: the usual pace of collections costs most of the time
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        handles = start(options)
    except (BuildError, BadFaultRule, OSError, ValueError) as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return 2
    announce(handles, options.ready_file)
    while not stopping.wait(timeout=1):
        pass
    for handle in handles.values():
        handle.stop()
    return 0


def parser() -> argparse.ArgumentParser:
    """The options of `python -m sandbox`."""
    made = argparse.ArgumentParser(prog="python -m sandbox", description="Stand-ins on loopback.")
    made.add_argument("--ado", metavar="HOST:PORT", help="serve Azure DevOps here (port 0: any free one)")
    made.add_argument("--jira", metavar="HOST:PORT", help="serve Jira Cloud here")
    made.add_argument("--github", metavar="HOST:PORT", help="serve GitHub here")
    made.add_argument("--load", nargs="+", type=Path, default=[], metavar="FILE", help="project exports")
    made.add_argument("--decorate", action="store_true", help="add comments, files, images, links to 30 %%")
    made.add_argument("--generate", type=int, metavar="N", help="a project of N items, workload W1")
    made.add_argument("--sample", action="store_true", help="the sample organisation (also the default)")
    made.add_argument("--generate-issues", type=int, metavar="N", help="GitHub: contoso/generated with N issues")
    made.add_argument("--github-load", nargs="+", type=Path, default=[], metavar="FILE", help="captured responses")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--site", type=Path, metavar="FILE", help="describes another Jira site")
    made.add_argument("--latency-ms", type=float, default=0)
    made.add_argument("--limits", choices=[limit.value for limit in Limits], default=Limits.NONE.value)
    made.add_argument("--search-lag-ms", type=int, default=0, help="new issues are found later (not ADO)")
    made.add_argument("--faults", type=Path, metavar="FILE", help="JSON: seed and rules")
    made.add_argument("--ready-file", type=Path, metavar="FILE", help="written once listening")
    return made


def start(options: argparse.Namespace) -> dict[str, ServerHandle]:
    """Build and start what was asked for; without any address, the first two on their usual ports."""
    addresses: dict[str, str] = {"ado": options.ado, "jira": options.jira, "github": options.github}
    wanted = {name: address for name, address in addresses.items() if address} or USUAL
    handles: dict[str, ServerHandle] = {}
    try:
        for name, address in wanted.items():
            host, _, port = address.rpartition(":")
            service = build(name, options, source=handles.get("ado"))
            handles[name] = start_server(service, host or "127.0.0.1", int(port))
    except Exception:
        for handle in handles.values():
            handle.stop()
        raise
    return handles


def build(name: str, options: argparse.Namespace, *, source: ServerHandle | None = None) -> Service:
    """One stand-in with the content and the failings of the options. Each has a fault plan of its own.

    People of loaded projects get accounts on the Jira site, unless its file names people.
    """
    faults = FaultPlan.parse(json.loads(options.faults.read_text())) if options.faults else FaultPlan()
    if name == "ado":
        return build_ado(
            load=options.load,
            decorate=options.decorate,
            generate=options.generate,
            sample=options.sample,
            seed=options.seed,
            latency_ms=options.latency_ms,
            limits=Limits(options.limits),
            faults=faults,
        )
    if name == "github":
        return build_github(
            load=options.github_load,
            generate_issues=options.generate_issues,
            seed=options.seed,
            search_lag_ms=options.search_lag_ms,
            latency_ms=options.latency_ms,
            limits=Limits(options.limits),
            faults=faults,
        )
    known = source.service.org.people.all if source and isinstance(source.service, AdoService) else []
    people = mirror_people((p.name, p.unique_name, p.active) for p in known if not p.container)
    return build_jira(
        site=options.site,
        people=people if options.load else (),
        search_lag_ms=options.search_lag_ms,
        seed=options.seed,
        latency_ms=options.latency_ms,
        limits=Limits(options.limits),
        faults=faults,
    )


def announce(handles: Mapping[str, ServerHandle], ready_file: Path | None) -> None:
    """Say where the stand-ins listen, on stdout and in the ready file, which appears in one piece."""
    ready = {**{name: handle.url for name, handle in handles.items()}, "pid": os.getpid()}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    if ready_file is not None:
        part = ready_file.with_name(ready_file.name + ".part")
        part.write_text(json.dumps(ready))
        part.replace(ready_file)
