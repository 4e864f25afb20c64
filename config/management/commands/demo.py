"""The demo, alone or against an installation that runs."""

from __future__ import annotations

import io
import json
import secrets
import signal
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import requests
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console

from config.demo import Result, Stage, play, show_result
from config.demo_client import DemoClient, DemoFailed
from config.process_tree import ProcessTree, SandboxAddresses, TreeFailed, TreeOptions
from config.sample import SAMPLE_ARGUMENTS
from tenancy.models import Organization

ORGANIZATION = "Isthmus demo"
EMAIL = "demo@example.com"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The demo's user."""

    email: str
    password: str


class Command(BaseCommand):
    """Audits the sample project, migrates it to the sample Jira site, verifies it, and prints the report."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """With or without an installation of its own."""
        parser.add_argument("--standalone", action="store_true", help="start everything, and stop it at the end")
        parser.add_argument("--serve", action="store_true", help="with --standalone: go on serving the console")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="the installation that runs")
        parser.add_argument("--port", type=int, default=8000, help="with --serve: port to listen on (default: 8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 when anything was lost, with the reason."""
        console = Console()
        try:
            if options["standalone"]:
                lost = self._standalone(
                    console, port=options["port"] if options["serve"] else 0, serve=options["serve"]
                )
            else:
                result, sign_in = _demonstrate(console, url=options["url"], sandbox=_running_sandbox())
                _tell_address(console, options["url"], sign_in)
                lost = result.losses
        except (TreeFailed, DemoFailed) as error:
            raise CommandError(str(error)) from error
        if lost:
            raise CommandError("The demo lost something; see above.")

    def _standalone(self, console: Console, *, port: int, serve: bool) -> list[str]:
        """One process tree around the demo."""
        call_command("migrate", verbosity=0, interactive=False)
        tree = ProcessTree(TreeOptions(port=port, workers=2, sandbox=True, sandbox_arguments=SAMPLE_ARGUMENTS))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _interrupt)
        console.print("Starting Redis, the stand-ins, the web server and two workers …")
        losses: list[str] | None = None
        try:
            with tree:
                assert tree.sandbox is not None
                result, sign_in = _demonstrate(console, url=tree.url, sandbox=tree.sandbox)
                losses = result.losses
                if serve:
                    _tell_address(console, tree.url, sign_in)
                    console.print("Press Ctrl-C to stop.")
                    signal.pause()
        except KeyboardInterrupt:
            console.print("Stopped.")
        if losses is None:
            raise DemoFailed("The demo was interrupted before its end: nothing is known about what arrived.")
        return losses


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _demonstrate(console: Console, *, url: str, sandbox: SandboxAddresses) -> tuple[Result, SignIn]:
    """A fresh start on both sides, then the story, then the tables."""
    _reset(sandbox)
    sign_in = _fresh_organization()
    kept_in = Path(settings.VAR) / "demo" / timezone.now().strftime("%Y-%m-%d-%H%M%S")
    client = DemoClient(url, email=sign_in.email, password=sign_in.password)
    result = play(client, console, Stage(ado=sandbox.ado, jira=sandbox.jira, kept_in=kept_in))
    show_result(console, result, kept_in)
    return result, sign_in


def _tell_address(console: Console, url: str, sign_in: SignIn) -> None:
    """Each on a line of its own, to be copied; nothing in a password is markup."""
    console.print(f"The console:  {url}/console/", soft_wrap=True)
    console.print(f"Sign in as:   {sign_in.email}", soft_wrap=True)
    console.print(f"Password:     {sign_in.password}", soft_wrap=True, markup=False, highlight=False)


def _running_sandbox() -> SandboxAddresses:
    """Where `up --sandbox` put the stand-ins. Raises DemoFailed."""
    try:
        found = json.loads((settings.VAR / "sandbox.json").read_text(encoding="utf-8"))
        return SandboxAddresses(ado=found["ado"], jira=found["jira"])
    except (OSError, ValueError, KeyError) as error:
        raise DemoFailed(
            "No stand-ins run in this installation. Start it with: manage.py up --sandbox; "
            "or let the demo start everything: manage.py demo --standalone"
        ) from error


def _reset(sandbox: SandboxAddresses) -> None:
    """The stand-ins as they were at their start: what an earlier demo moved is gone there, so it must be here too."""
    for address in (sandbox.ado, sandbox.jira):
        try:
            requests.post(f"{address}/_sandbox/reset", timeout=30, proxies={"http": ""}).raise_for_status()
        except requests.RequestException as error:
            raise DemoFailed(f"The stand-in at {address} does not answer: {type(error).__name__}") from error


def _fresh_organization() -> SignIn:
    """The demo's organization without anything of an earlier demo, its ledger included, and its user."""
    Organization.objects.filter(name=ORGANIZATION).delete()
    password = secrets.token_hex(10)  # nothing that a command line would take for an option
    call_command(
        "bootstrap",
        organization=ORGANIZATION,
        email=EMAIL,
        password=password,
        stdout=io.StringIO(),
        stderr=io.StringIO(),
    )
    return SignIn(EMAIL, password)
