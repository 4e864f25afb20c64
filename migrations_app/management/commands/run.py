"""Look at a run and steer it from the command line: the fourth door to the services of the API."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors.domain.errors import DomainError
from migrations_app import services
from migrations_app.models import MigrationRun
from tenancy.errors import TenancyError
from tenancy.models import Membership, Role
from tenancy.principal import Principal, Via

ACTIONS = {"pause": services.pause_run, "resume": services.resume_run, "cancel": services.cancel_run}


class Command(BaseCommand):
    """Prints one JSON line with the run as it is afterwards."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do with which run, in whose name."""
        parser.add_argument("action", choices=["status", *ACTIONS])
        parser.add_argument("run", type=UUID, metavar="RUN")
        parser.add_argument("--by", metavar="EMAIL", help="a member of the run's organization; an owner by default")

    def handle(self, *args: Any, **options: Any) -> None:
        """A refusal of the service ends with its sentence and a non-zero exit code."""
        run = MigrationRun.objects.filter(pk=options["run"]).select_related("organization").first()
        if run is None:
            raise CommandError(f"Migration run {options['run']} not found")
        if options["action"] != "status":
            try:
                run = ACTIONS[options["action"]](run.pk, by=_principal(run, options["by"]))
            except (DomainError, TenancyError) as error:
                raise CommandError(str(error)) from error
        line = {"id": str(run.pk), "status": run.status, "totalItems": run.total, "phase": run.phase}
        self.stdout.write(json.dumps(line))


def _principal(run: MigrationRun, email: str | None) -> Principal:
    """In whose name it is done: the audit log shows a person, not a shell."""
    members = Membership.objects.filter(organization=run.organization).select_related("user", "organization")
    found = members.filter(user__email__iexact=email) if email else members.filter(role=Role.OWNER.value)
    member = found.order_by("pk").first()
    if member is None:
        raise CommandError(f"{email or 'No owner'} is not a member of {run.organization.name}: name one with --by.")
    return Principal(member.user, member.organization, Role(member.role), Via.COMMAND)
