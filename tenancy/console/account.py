"""One's own account: another password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.forms import CharField, PasswordInput
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from tenancy import member_services
from tenancy.authentication import verify_password
from tenancy.console.base import ConsoleView
from tenancy.console.forms import ConsoleForm
from tenancy.console.invitations import check_new_password
from tenancy.errors import TooManyAttempts
from tenancy.models import User
from tenancy.permissions import Action
from tenancy.throttling import count_attempt, forget_attempts


class PasswordForm(ConsoleForm):
    """The present password, and twice the new one."""

    current = CharField(
        label="Present password",
        max_length=1024,
        strip=False,
        widget=PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = CharField(
        label="New password",
        max_length=1024,
        strip=False,
        widget=PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 8 characters, and not a common one.",
    )
    again = CharField(
        label="New password again",
        max_length=1024,
        strip=False,
        widget=PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self._user = user

    def clean(self) -> None:
        """The new one is good enough and typed alike."""
        check_new_password(self, "new", self._user)


@method_decorator(sensitive_post_parameters("current", "new", "again"), name="dispatch")
class PasswordView(ConsoleView):
    """The form; wrong guesses count as attempts to sign in."""

    post_action = Action.SEE

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self._form(PasswordForm(user=self.principal.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Change it; this session stays."""
        user = self.principal.user
        form = PasswordForm(request.POST, user=user)
        if not form.is_valid():
            return self._form(form, status=422)
        try:
            count_attempt(email=user.email, address=request.META.get("REMOTE_ADDR") or "")
        except TooManyAttempts as error:
            form.add_error(None, f"Too many attempts. Try again in {error.retry_after} seconds.")
            return self._form(form, status=429)
        if verify_password(user.email, form.cleaned_data["current"]) is None:
            form.add_error("current", "This is not your present password.")
            return self._form(form, status=422)
        forget_attempts(email=user.email)
        member_services.set_own_password(form.cleaned_data["new"], by=self.principal)
        update_session_auth_hash(request, user)
        self.say("Your password was changed. Other sessions of yours have ended; API tokens still work.")
        return self.go("home")

    def _form(self, form: PasswordForm, *, status: int = 200) -> HttpResponse:
        return self.page("console/organization/password.html", status=status, form=form)
