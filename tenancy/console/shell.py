"""What every page of the console is drawn with, whether a view or an error drew it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from tenancy.console.navigation import menu
from tenancy.models import Membership, Role, User
from tenancy.permissions import Action, may
from tenancy.principal import Principal, Via
from tenancy.queries import memberships_of

THEMES = ("light", "dark")
SESSION_ORGANIZATION = "organization"


class Allowed:
    """The role's table for templates: `{% if may.manage_connectors %}`."""

    def __init__(self, principal: Principal) -> None:
        self._principal = principal

    def __getitem__(self, name: str) -> bool:
        """Whether the principal may do the action of that name."""
        return may(self._principal, Action(name))


def own_memberships(request: HttpRequest) -> list[Membership]:
    """The memberships of whoever is signed in; read once per request."""
    found: list[Membership] | None = getattr(request, "console_memberships", None)
    if found is None:
        user = request.user
        found = list(memberships_of(user).order_by("organization__name")) if isinstance(user, User) else []
        request.console_memberships = found  # type: ignore[attr-defined]
    return found


def principal_in_session(request: HttpRequest) -> Principal | None:
    """Who is signed in, in the organization that the session names or in the only one; None where a choice is due."""
    memberships = own_memberships(request)
    named = request.session.get(SESSION_ORGANIZATION)
    chosen = [one for one in memberships if str(one.organization_id) == named]
    if not chosen:  # never chosen, or no longer a member there
        request.session.pop(SESSION_ORGANIZATION, None)
        chosen = memberships
    if len(chosen) != 1:
        return None
    return Principal(chosen[0].user, chosen[0].organization, Role(chosen[0].role), Via.SESSION)


def shell_context(request: HttpRequest, *, principal: Principal | None, section: str = "") -> dict[str, Any]:
    """The names that `console/base.html` and its includes use."""
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {"theme": theme if theme in THEMES else "", "principal": principal}
    if principal is not None:
        context |= {
            "organization": principal.organization,
            "may": Allowed(principal),
            "menu": menu(principal, section=section),
            "memberships": own_memberships(request),
        }
    return context


def error_page(request: HttpRequest, *, status: int, title: str, text: str) -> HttpResponse:
    """A page that says what went wrong, in the shell's look."""
    principal = principal_in_session(request) if hasattr(request, "session") else None
    context = {**shell_context(request, principal=principal), "problem": {"title": title, "text": text}}
    context["home_url"] = reverse("home")
    return render(request, "console/problem.html", context, status=status)


def bare_error_page(*, status: int, title: str, text: str) -> HttpResponse:
    """The same without a word about the reader: it asks neither the session nor the database."""
    context = {"problem": {"title": title, "text": text}, "home_url": reverse("home")}
    return HttpResponse(render_to_string("console/problem.html", context), status=status)
