"""The base of every console view: who is asking, what they may do, and how an answer is drawn."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.generic import View
from django_htmx.http import HttpResponseClientRedirect

from tenancy.console.shell import principal_in_session, shell_context
from tenancy.models import Organization
from tenancy.permissions import Action, may, require
from tenancy.principal import Principal

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LEVELS = {"ok": messages.SUCCESS, "info": messages.INFO, "warn": messages.WARNING, "bad": messages.ERROR}
PAGE_SIZE = 50

M = TypeVar("M", bound=Model)


class SeeOther(HttpResponseRedirect):
    """After a POST: fetch the next page with GET."""

    status_code = 303


class ConsoleView(View):
    """A page for somebody who is signed in and acts in one organization.

    `action` is needed for reading, `post_action` for everything else; without one there is no POST. `section` names
    the menu's entry that is marked as current.
    """

    action: ClassVar[Action] = Action.SEE
    post_action: ClassVar[Action | None] = None
    section: ClassVar[str] = ""

    principal: Principal

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign-in first, then the organization, then the right. Raises NotPermitted."""
        if not request.user.is_authenticated:
            return self._elsewhere("tenancy_console:sign_in")
        principal = principal_in_session(request)
        if principal is None:
            return self._elsewhere("tenancy_console:organizations")
        self.principal = principal
        if request.method in SAFE_METHODS:
            require(principal, self.action)
        elif self.post_action is None:
            return HttpResponseNotAllowed(["GET"])
        else:
            require(principal, self.post_action)
        return super().dispatch(request, *args, **kwargs)

    @property
    def organization(self) -> Organization:
        """The organization that the page is about: every read starts from it."""
        return self.principal.organization

    def may(self, action: Action) -> bool:
        """Whether the principal's role allows the action."""
        return may(self.principal, action)

    def find(self, rows: QuerySet[M], **lookup: Any) -> M:
        """One of the rows, which are the organization's own. Raises Http404."""
        return get_object_or_404(rows, **lookup)

    def paged(self, rows: QuerySet[M], *, size: int = PAGE_SIZE) -> Page[M]:
        """The page that the address asks for as `page`; draw `console/_pager.html` below it."""
        return Paginator(rows, size).get_page(self.request.GET.get("page"))

    def page(self, template: str, /, *, status: int = 200, **context: Any) -> HttpResponse:
        """A whole page in the shell."""
        shell = shell_context(self.request, principal=self.principal, section=self.section)
        return render(self.request, template, {**shell, **context}, status=status)

    def fragment(self, template: str, /, *, status: int = 200, **context: Any) -> HttpResponse:
        """A part of a page, for htmx; messages that were said go with it."""
        shell = shell_context(self.request, principal=self.principal, section=self.section)
        said = render_to_string("console/_said.html", {}, request=self.request)
        drawn = render_to_string(template, {**shell, **context}, request=self.request)
        return HttpResponse(drawn + said, status=status)

    def say(self, text: str, *, kind: str = "ok") -> None:
        """Show the text on the next page: `ok`, `info`, `warn` or `bad`."""
        messages.add_message(self.request, LEVELS[kind], text, extra_tags=kind)

    def go(self, url_name: str, /, **kwargs: Any) -> HttpResponse:
        """On to another page."""
        return self.go_to(reverse(url_name, kwargs=kwargs))

    def go_to(self, url: str) -> HttpResponse:
        """On to an address of ours."""
        if self.asked_by_htmx:
            return HttpResponseClientRedirect(url)
        return SeeOther(url)

    @property
    def asked_by_htmx(self) -> bool:
        """Whether a part of a page is wanted, not a page."""
        return bool(getattr(self.request, "htmx", False))

    def _elsewhere(self, url_name: str) -> HttpResponse:
        """To sign-in or to the choice of an organization, and back to here afterwards."""
        url = reverse(url_name)
        if self.asked_by_htmx:  # the fragment's address is no page to come back to
            return HttpResponseClientRedirect(url)
        if self.request.method in SAFE_METHODS:
            url = f"{url}?{urlencode({'next': self.request.get_full_path()})}"
        return HttpResponseRedirect(url)
