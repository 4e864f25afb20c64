"""The one way to an Azure DevOps organization: every request leaves here, every answer is judged here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from connectors.clients.auth import Auth, BasicAuth, BearerAuth
from connectors.clients.azure_devops.answers import BAD_TOKEN, Code, describe, read_json
from connectors.clients.azure_devops.values import as_object, as_text, read_person
from connectors.clients.azure_devops.wire import reading as wire
from connectors.clients.azure_devops.wire.following import identity_address
from connectors.clients.calls import Answer, Call
from connectors.clients.failures import HTML_PAGE
from connectors.clients.transport import Transport
from connectors.domain.errors import AccessLost, PlatformError
from connectors.domain.work_items import Person

Result = TypeVar("Result")
_ANONYMOUS = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"


class AzureDevOpsSession:
    """Requests to one organization with one token. Safe for several threads.

    The token is sent as a personal access token first; when that is refused it is tried as an OAuth bearer, once,
    and whichever is accepted stays.
    """

    def __init__(self, transport: Transport, token: str) -> None:
        self._transport = transport.sibling(auth=BasicAuth("", token), describe=describe)
        self._token = token
        self._settled = False
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        """The organization's address."""
        return self._transport.base_url

    def who_am_i(self) -> Person:
        """The identity behind the token. Raises AccessLost (CREDENTIALS_REFUSED) for an anonymous one."""
        return self._ask(wire.connection_data(), _identity)

    def _ask(self, call: Call, read: Callable[[Answer], Result]) -> Result:
        """Send and decipher; settle once how the token is to be sent."""
        try:
            result = read(self._transport.send(call))
        except AccessLost as lost:
            if self._settled or lost.code == Code.PERMISSION_MISSING:
                raise self._scrubbed(lost) from None
            self._settle(lost)
            try:
                return read(self._transport.send(call))
            except PlatformError as error:
                raise self._scrubbed(error) from None
        except PlatformError as error:
            raise self._scrubbed(error) from None
        self._settled = True
        return result

    def _ask_people(self, call: Call, read: Callable[[Answer], Result]) -> Result:
        """The same of the host that knows the organization's people."""
        if not self._settled:
            self.who_am_i()
        address = identity_address(self.base_url)
        try:
            return read(self._transport.sibling(base_url=address).send(call))
        except PlatformError as error:
            raise self._scrubbed(error) from None

    def _settle(self, lost: AccessLost) -> None:
        """Find out under which scheme the token is anybody's. Raises AccessLost when under none.

        A token that is somebody's but lacks a scope is refused exactly like a wrong one: the identity tells.
        """
        with self._lock:
            if self._settled:
                return
            schemes: list[Auth] = [BasicAuth("", self._token), BearerAuth(self._token)]
            for auth in schemes:
                candidate = self._transport.sibling(auth=auth)
                try:
                    _identity(candidate.send(wire.connection_data()))
                except AccessLost as refused:
                    if refused.code == lost.code == HTML_PAGE:
                        raise lost from None  # whatever answers there, it is not this service
                    continue
                self._transport = candidate
                self._settled = True
                return
        raise AccessLost(BAD_TOKEN, code=Code.CREDENTIALS_REFUSED, status=lost.status) from None

    def _scrubbed(self, error: PlatformError) -> PlatformError:
        """The same error with the platform's words cleaned: a service may echo what it was sent."""
        error.message = self._transport.redactor.scrub(error.message)
        error.args = (error.message,)
        return error


def _identity(answer: Answer) -> Person:
    user = as_object(read_json(answer).get("authenticatedUser"))
    identity = as_text(user.get("id"))
    descriptor = as_text(user.get("descriptor"))
    if not identity or identity == _ANONYMOUS or "PublicAccess" in descriptor:
        raise AccessLost(BAD_TOKEN, code=Code.CREDENTIALS_REFUSED, status=answer.status)
    account = as_object(as_object(user.get("properties")).get("Account"))
    name = as_text(user.get("customDisplayName")) or as_text(user.get("providerDisplayName"))
    person = read_person({"id": identity, "displayName": name, "uniqueName": as_text(account.get("$value"))})
    return person or Person(id=identity, name=name)
