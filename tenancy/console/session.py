"""Signing in and out, and choosing the organization to work in."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.forms import CharField, EmailField, EmailInput, PasswordInput
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from tenancy.authentication import verify_password
from tenancy.console.base import SeeOther
from tenancy.console.forms import ConsoleForm
from tenancy.console.shell import SESSION_ORGANIZATION, own_memberships, shell_context
from tenancy.errors import TooManyAttempts
from tenancy.models import User
from tenancy.throttling import count_attempt, forget_attempts

WRONG = "E-mail address or password is wrong. Check both; capital letters count in the password."
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInForm(ConsoleForm):
    """E-mail address and password."""

    email = EmailField(
        label="E-mail address", max_length=254, widget=EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = CharField(
        label="Password",
        max_length=1024,
        strip=False,
        widget=PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def next_page(request: HttpRequest) -> str:
    """Where the visitor was going, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else reverse("home")


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class SignInView(View):
    """The form that makes a session. Attempts are counted together with the API's."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, or straight on for somebody who is signed in."""
        if request.user.is_authenticated:
            return HttpResponseRedirect(next_page(request))
        return self._form(request, SignInForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign in, or say what is wrong and keep the address."""
        form = SignInForm(request.POST)
        if not form.is_valid():
            return self._form(request, form, status=422)
        email, password = form.cleaned_data["email"], form.cleaned_data["password"]
        try:
            count_attempt(email=email, address=request.META.get("REMOTE_ADDR") or "")
        except TooManyAttempts as error:
            form.add_error(None, f"Too many attempts. Try again in {error.retry_after} seconds.")
            response = self._form(request, form, status=429)
            response.headers["Retry-After"] = str(error.retry_after)
            return response
        user = verify_password(email, password)
        if user is None:
            form.add_error(None, WRONG)
            return self._form(request, form, status=422)
        forget_attempts(email=email)
        login(request, user, backend=MODEL_BACKEND)
        return SeeOther(next_page(request))

    def _form(self, request: HttpRequest, form: SignInForm, *, status: int = 200) -> HttpResponse:
        context = {**shell_context(request, principal=None), "form": form, "next": next_page(request)}
        context["nobody_yet"] = not User.objects.exists()
        return render(request, "console/session/sign_in.html", context, status=status)


class SignOutView(View):
    """Ends the session."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        """To the form again, or to where the page that held the button wanted."""
        onwards = next_page(request) if "next" in request.POST else reverse("tenancy_console:sign_in")
        logout(request)
        return SeeOther(onwards)


class OrganizationsView(View):
    """Which organization to work in, for people who belong to several."""

    http_method_names = ("get", "post")

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Only for people who are signed in."""
        if not request.user.is_authenticated:
            return HttpResponseRedirect(reverse("tenancy_console:sign_in"))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list; empty for somebody whom nobody has invited yet."""
        context = {**shell_context(request, principal=None), "next": next_page(request)}
        context["memberships"] = own_memberships(request)
        return render(request, "console/session/organizations.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Work in the chosen one. Others than one's own are as unknown as any."""
        chosen = request.POST.get("organization", "")
        if any(str(one.organization_id) == chosen for one in own_memberships(request)):
            request.session[SESSION_ORGANIZATION] = chosen
            return SeeOther(next_page(request))
        return self.get(request)
