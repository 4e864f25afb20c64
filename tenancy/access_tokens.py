"""Access tokens: signed, short-lived, with exactly the documented claims."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from tenancy.credentials import signing_key
from tenancy.errors import NotSignedIn
from tenancy.models import Membership

LIFETIME = timedelta(minutes=15)
_ALGORITHM = "HS256"


@dataclass(frozen=True)
class AccessClaims:
    """What a valid access token proves. The role in it is for the client; ours is read from the membership."""

    user_id: uuid.UUID
    organization_id: uuid.UUID


def issue_access_token(membership: Membership, *, now: datetime | None = None) -> str:
    """A token for one user in one organization."""
    issued = now or timezone.now()
    claims = {
        "sub": str(membership.user_id),
        "email": membership.user.email,
        "tenantId": str(membership.organization_id),
        "role": membership.role,
        "iat": int(issued.timestamp()),
        "exp": int((issued + LIFETIME).timestamp()),
    }
    token: str = _backend().encode(claims)
    return token


def read_access_token(token: str) -> AccessClaims:
    """The claims of a valid token. Raises NotSignedIn: TOKEN_EXPIRED when only its time is over."""
    try:
        claims = _backend().decode(token)  # type: ignore[arg-type]  # takes the text, whatever its annotation says
        if "exp" not in claims:
            raise NotSignedIn
        return AccessClaims(uuid.UUID(claims["sub"]), uuid.UUID(claims["tenantId"]))
    except TokenBackendExpiredToken as error:
        raise NotSignedIn(code="TOKEN_EXPIRED") from error
    except (TokenBackendError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotSignedIn from error


def _backend() -> TokenBackend:
    # Built per call: the key belongs to the settings in force. Deriving it costs microseconds.
    return TokenBackend(_ALGORITHM, signing_key("access-token"))
