"""The first organization and user of an installation, for scripts."""

import json
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from tenancy import services
from tenancy.models import ApiToken, Role


class Command(BaseCommand):
    """Creates or finds organization and user, and prints one JSON line with fresh credentials."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Who is to exist."""
        parser.add_argument("--organization", required=True, metavar="NAME")
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--role", choices=Role.values, default=Role.OWNER.value)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing; again is harmless, the credentials are then new ones and the old ones stay valid."""
        name = options["organization"].strip()
        if not name or len(name) > 200:
            raise CommandError("--organization must have 1 to 200 characters.")
        try:
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError(f"--email: {' '.join(error.messages)}") from error
        self._warn_of_weak(options["password"])
        organization = services.find_or_create_organization(name)
        user = services.find_or_create_user(options["email"], password=options["password"])
        services.set_membership(organization, user, role=Role(options["role"]))
        issued = {
            kind: services.issue_api_token(organization, user, kind=kind, name="bootstrap").secret
            for kind in ApiToken.Kind
        }
        line = {
            "organizationId": str(organization.pk),
            "orgCode": organization.code,
            "userId": str(user.pk),
            "token": issued[ApiToken.Kind.TOKEN],
            "apikey": issued[ApiToken.Kind.APIKEY],
        }
        self.stdout.write(json.dumps(line))

    def _warn_of_weak(self, password: str) -> None:
        """Whoever can run commands here may choose any password but none; a weak one is pointed out."""
        if not password:
            raise CommandError("--password must not be empty.")
        try:
            validate_password(password)
        except ValidationError as error:
            self.stderr.write(f"The password is weak: {' '.join(error.messages)}")
