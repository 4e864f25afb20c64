"""The one answer to "who is asking": every scheme ends in the same object."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from rest_framework.request import Request

from tenancy.errors import NotSignedIn
from tenancy.models import Organization, Role, User


class Via(Enum):
    """How the request proved itself."""

    BEARER = "bearer"
    TOKEN = "token"  # noqa: S105 - the name of a scheme
    APIKEY = "apikey"
    BASIC = "basic"
    SESSION = "session"
    COMMAND = "command"


@dataclass(frozen=True)
class Principal:
    """A user acting in exactly one organization, with the role the membership gives right now."""

    user: User
    organization: Organization
    role: Role
    via: Via


def principal_of(request: Request) -> Principal:
    """The principal of an authenticated request.

    Raises NotSignedIn where there is none: a view that forgot its permissions still reveals nothing.
    """
    if not isinstance(request.auth, Principal):
        raise NotSignedIn
    return request.auth
