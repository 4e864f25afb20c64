"""`manage.py rotate_credentials`: seal everything again under the first key of CREDENTIALS_KEYS."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from connectors.credentials import rotate, sealed_columns


class Command(BaseCommand):
    """Safe to repeat and to run beside working processes."""

    help = "Re-encrypts all stored credentials with the first key of CREDENTIALS_KEYS."

    def handle(self, *args: object, **options: object) -> None:
        """Ends with an error when some texts cannot be opened, so that nobody takes their key away."""
        total = lost = 0
        for model, column in sealed_columns():
            sealed_again, unreadable = rotate(model, column)
            self.stdout.write(f"{model._meta.label}.{column}: {sealed_again} re-encrypted, {unreadable} unreadable")
            total += sealed_again
            lost += unreadable
        if lost:
            raise CommandError(f"{lost} stored credentials cannot be opened by any key of CREDENTIALS_KEYS.")
        self.stdout.write(f"{total} re-encrypted. Keys after the first are no longer needed.")
