"""The page behind an invitation's link: open to whoever has the link."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.core.exceptions import ValidationError
from django.forms import CharField, PasswordInput
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from tenancy import member_services
from tenancy.console.base import SeeOther
from tenancy.console.forms import ConsoleForm
from tenancy.console.session import MODEL_BACKEND
from tenancy.console.shell import SESSION_ORGANIZATION, shell_context
from tenancy.errors import TenancyError
from tenancy.models import Invitation, Membership, User


class AccountForm(ConsoleForm):
    """A new account: the address is the invitation's."""

    name = CharField(label="Your name", max_length=200, required=False)
    password = CharField(
        label="Password",
        max_length=1024,
        strip=False,
        widget=PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 8 characters, and not a common one.",
    )
    again = CharField(
        label="Password again",
        max_length=1024,
        strip=False,
        widget=PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: object = None, *, email: str) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self._email = email

    def clean(self) -> None:
        """Both alike, and good enough."""
        check_new_password(self, "password", User(email=self._email, name=self.cleaned_data.get("name", "")))


def check_new_password(form: ConsoleForm, field: str, user: User) -> None:
    """Judge `field` as the installation judges passwords, and compare it with `again`."""
    password, again = form.cleaned_data.get(field), form.cleaned_data.get("again")
    if not password:
        return
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        form.add_error(field, error)
    if again and again != password:
        form.add_error("again", "The two passwords differ. Type the same one twice.")


@method_decorator([never_cache, sensitive_post_parameters("password", "again")], name="dispatch")
class InvitationView(View):
    """Says who invites where as what, and makes the visitor a member."""

    http_method_names = ("get", "post")
    invitation: Invitation

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """The link is the proof. Raises InvitationUnusable."""
        self.invitation = member_services.usable_invitation(str(kwargs["secret"]))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        """What fits the visitor: one button, a new account's form, or the way to sign in."""
        return self._page(request, AccountForm(email=self.invitation.email))

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Join with the account that is signed in, or with a new one."""
        if isinstance(request.user, User) and request.user.is_authenticated:
            return self._join_as(request, request.user)
        form = AccountForm(request.POST, email=self.invitation.email)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            made = member_services.join_with_new_account(
                self.invitation, password=form.cleaned_data["password"], name=form.cleaned_data["name"]
            )
        except TenancyError as error:
            form.refuse(error)
            return self._page(request, form, status=422)
        login(request, made.user, backend=MODEL_BACKEND)
        return _welcome(request, made)

    def _join_as(self, request: HttpRequest, user: User) -> HttpResponse:
        if user.email != self.invitation.email:
            return self._page(request, AccountForm(email=self.invitation.email), status=422)
        return _welcome(request, member_services.join(self.invitation, user))

    def _page(self, request: HttpRequest, form: AccountForm, *, status: int = 200) -> HttpResponse:
        known = User.objects.filter(email=self.invitation.email).exists()
        context = {**shell_context(request, principal=None), "invitation": self.invitation, "form": form}
        context |= {"known": known, "here": request.path}
        return render(request, "console/session/invitation.html", context, status=status)


def _welcome(request: HttpRequest, made: Membership) -> HttpResponse:
    request.session[SESSION_ORGANIZATION] = str(made.organization_id)
    messages.success(request, f"You are now a member of {made.organization.name}.", extra_tags="ok")
    return SeeOther(reverse("home"))
