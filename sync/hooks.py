"""Where the platforms' webhooks arrive: checked, answered at once, and taken for no more than "ask me now".

What a webhook says may be stale, repeated or out of order, so nothing of it is believed. The address ends in an
unguessable word, and the sender proves itself besides: Jira and GitHub sign the body, Azure DevOps sends the secret
as the password of HTTP Basic.
"""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from connectors.clients.azure_devops.wire import hooks as azure_devops
from connectors.clients.github.wire import hooks as github
from connectors.clients.hooks import HookRefused
from connectors.clients.jira.wire import hooks as jira
from connectors.credentials import CredentialsUnreadable, unseal
from connectors.domain.systems import SystemId
from sync.models import SynchronizationSide
from sync.services.pace import wake

LARGEST_BODY = 5_000_000
_VERIFIED_BY = {
    SystemId.AZURE_DEVOPS: azure_devops.verify,
    SystemId.GITHUB: github.verify,
    SystemId.JIRA: jira.verify,
}


@method_decorator(csrf_exempt, name="dispatch")
class Hook(View):
    """`POST /hooks/<slug>`. A refusal does not tell whether the address exists."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Wake the synchronization."""
        body = _body(request)
        if body is None:
            return HttpResponse("The body is too large", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        side = SynchronizationSide.objects.select_related("connector_project__connector").filter(hook_slug=slug).first()
        try:
            _prove(side, request, body)
        except HookRefused:
            return HttpResponse("Refused", status=HTTPStatus.UNAUTHORIZED)
        if side is not None:
            wake(side)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _body(request: HttpRequest) -> bytes | None:
    """The raw body; None when it is longer than anything we expect."""
    try:
        body: bytes = request.read(LARGEST_BODY + 1)
    except (OSError, RawPostDataException):
        return None
    return body if len(body) <= LARGEST_BODY else None


def _prove(side: SynchronizationSide | None, request: HttpRequest, body: bytes) -> None:
    """Raises HookRefused unless the platform sent this."""
    if side is None:
        raise HookRefused("There is no such address.")
    try:
        secret = hook_secret(side)
    except CredentialsUnreadable as error:
        raise HookRefused(error.message) from error
    _VERIFIED_BY[SystemId(side.connector_project.connector.system)](secret, request.headers, body)


def hook_secret(side: SynchronizationSide) -> str:
    """The secret that the side's platform signs with, for the person who pastes it there. Raises
    CREDENTIALS_UNREADABLE."""
    return unseal(side.sealed_hook_secret, organization=side.organization_id, row=f"sync.synchronizationside:{side.pk}")
