"""The whole installation in one process tree."""

import signal
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.process_tree import ProcessTree, TreeFailed, TreeOptions
from tenancy.models import User


class Command(BaseCommand):
    """Applies schema migrations, then runs web server, workers and scheduler until SIGTERM or Ctrl-C."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Address, number of workers, sandbox."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
        parser.add_argument("--workers", type=int, default=2, help="number of workers (default: 2)")
        parser.add_argument("--sandbox", action="store_true", help="also run the stand-ins with the sample project")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, announce, run until told to stop."""
        if options["workers"] < 1:
            raise CommandError("--workers must be 1 or more: without one, nothing is ever moved.")
        tree = ProcessTree(
            TreeOptions(
                host=options["host"],
                port=options["port"],
                workers=options["workers"],
                sandbox=options["sandbox"],
            )
        )

        def stop(number: int, frame: FrameType | None) -> None:
            tree.request_stop()

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, stop)
        call_command("migrate", verbosity=0, interactive=False)
        try:
            tree.start()
            tree.wait_until_ready()
        except TreeFailed as error:
            tree.stop()
            raise CommandError(str(error)) from error
        self._announce(tree)
        tree.run_forever()

    def _announce(self, tree: ProcessTree) -> None:
        self.stdout.write(f"Isthmus serves {tree.url}/console/")
        if not User.objects.exists():
            self.stdout.write(
                "Nobody can sign in yet: manage.py bootstrap --organization NAME --email ADDRESS --password PASSWORD"
            )
        if tree.sandbox is not None:
            self.stdout.write(f"Sandbox: Azure DevOps at {tree.sandbox.ado}, Jira at {tree.sandbox.jira}")
        self.stdout.flush()
