"""What all views of the synchronization surface have in common: how callers sign in, how errors look, how bodies are
read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from connectors.domain.errors import PlatformError
from connectors.domain.systems import invalid
from connectors.opening import refused
from sync import queries
from sync.models import Synchronization, SynchronizationSide
from tenancy.authentication import (
    BasicAuthentication,
    BearerAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from tenancy.models import Organization
from tenancy.permissions import Action, May
from tenancy.principal import Principal, principal_of


class SyncSurface(ViewSet):
    """A view of this surface. HTTP Basic comes first: it is what a caller without credentials is asked for."""

    authentication_classes = (
        BasicAuthentication,
        BearerAuthentication,
        TokenAuthentication,
        SessionAuthentication,
    )
    permission_classes = (May,)
    allowed_actions: ClassVar[Mapping[str, Action]] = {}

    def handle_exception(self, exc: Exception) -> Response:
        """A 401 asks for what this surface documents, whatever the credential was that failed."""
        # What a platform refuses (a filter, say) is the caller's to know, and no fault of ours.
        response = super().handle_exception(refused(exc) if isinstance(exc, PlatformError) else exc)
        if response.status_code == 401:
            response["WWW-Authenticate"] = BasicAuthentication().authenticate_header(self.request)
        return response


def caller(request: Request) -> tuple[Principal, Organization]:
    """Who asks, and for which organization."""
    principal = principal_of(request)
    return principal, principal.organization


def synchronization_for(request: Request, key: str) -> Synchronization:
    """The caller's synchronization of that key. Raises DomainError SYNCHRONIZATION_NOT_FOUND."""
    return queries.find_synchronization(principal_of(request).organization, key)


def side_for(request: Request, key: str) -> SynchronizationSide:
    """The caller's side of that connector key. Raises DomainError CONNECTOR_NOT_FOUND."""
    return queries.find_side(principal_of(request).organization, key)


def side_of(synchronization: Synchronization, connector_key: str) -> SynchronizationSide:
    """One of its sides. Raises DomainError VALIDATION_FAILED for a key of another synchronization."""
    for side in queries.sides_of(synchronization):
        if side.key == connector_key:
            return side
    raise invalid({"connectorKey": [f"{connector_key[:70]} is no side of {synchronization.key}."]})


def read_body(body: type[serializers.Serializer[None]], data: Any) -> dict[str, Any]:
    """The validated body; names that the serializer does not know are refused. Raises ValidationError."""
    read = body(data=data)
    read.is_valid(raise_exception=True)
    if unknown := sorted(set(data) - set(read.fields)):
        raise invalid({name: ["This is not known here."] for name in unknown[:20]})
    found: dict[str, Any] = read.validated_data
    return found


def read_object(data: Any) -> dict[str, Any]:
    """A body that is an object. Raises DomainError VALIDATION_FAILED."""
    if not isinstance(data, dict):
        raise invalid({"": ["An object is expected."]})
    return dict(data)


def whole_number(text: str, name: str, *, highest: int = 2**63 - 1) -> int:
    """A number of a query parameter. Raises DomainError VALIDATION_FAILED."""
    if not (text.isascii() and text.isdigit() and len(text) < 20) or int(text) > highest:
        raise invalid({name: [f"A whole number from 0 to {highest} is expected."]})
    return int(text)
