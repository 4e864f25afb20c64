"""Every scheme of every surface, each ending in one `Principal` as `request.auth`.

| class | reads | used by |
|---|---|---|
| BearerAuthentication | `Authorization: Bearer <access token>` | operations, v2, synchronization |
| TokenAuthentication | `Authorization: Token <token>`, quotes tolerated | operations, v2, synchronization |
| ApikeyAuthentication | `apikey: <key>` | integration |
| BasicAuthentication | e-mail with password or token | synchronization |
| SessionAuthentication | the console's session, with CSRF | all with a browser |

A credential that is present and wrong ends the request; an absent one leaves it to the next class. The role comes from
the membership on every request, so that a changed role or a removed member takes effect at once.
"""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.cache import caches
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.authentication import SessionAuthentication as DrfSessionAuthentication
from rest_framework.request import Request

from tenancy.access_tokens import read_access_token
from tenancy.credentials import digest
from tenancy.errors import NotSignedIn
from tenancy.models import ApiToken, Membership, Role, User
from tenancy.principal import Principal, Via
from tenancy.queries import choose_membership, find_api_token, membership_in

ORGANIZATION_HEADER = "X-Organization"
REMEMBERED_SECONDS = 60  # how long a verified Basic password is not hashed again
_USE_NOTED_EVERY = timedelta(minutes=1)


def _principal(membership: Membership | None, via: Via) -> tuple[User, Principal]:
    if membership is None:
        raise NotSignedIn
    return membership.user, Principal(membership.user, membership.organization, Role(membership.role), via)


def _authorization(request: Request, scheme: str) -> str | None:
    """What follows the scheme in the Authorization header; None when another scheme is used."""
    header = get_authorization_header(request).decode("latin-1").strip()
    word, _, rest = header.partition(" ")
    return rest.strip() if word.lower() == scheme else None


def _check_organization(request: Request, membership: Membership) -> None:
    """A credential is bound to one organization: naming another one is refused, not obeyed."""
    named = request.headers.get(ORGANIZATION_HEADER, "").strip()
    own = membership.organization
    if named and named not in {str(own.pk), own.code, own.slug}:
        raise NotSignedIn("The credential belongs to another organization")


class BearerAuthentication(BaseAuthentication):
    """A signed access token from login."""

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        """Raises NotSignedIn (UNAUTHORIZED or TOKEN_EXPIRED)."""
        token = _authorization(request, "bearer")
        if token is None:
            return None
        claims = read_access_token(token)
        membership = membership_in(claims.user_id, claims.organization_id)
        if membership is not None:
            _check_organization(request, membership)
        return _principal(membership, Via.BEARER)

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return "Bearer"


class TokenAuthentication(BaseAuthentication):
    """A long-lived API token."""

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        """Raises NotSignedIn."""
        token = _authorization(request, "token")
        if token is None:
            return None
        return _principal(_membership_of_token(request, token.strip("\"'"), ApiToken.Kind.TOKEN), Via.TOKEN)

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return "Token"


class ApikeyAuthentication(BaseAuthentication):
    """The integration surface's `apikey` header."""

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        """Raises NotSignedIn."""
        key = request.headers.get("apikey", "").strip()
        if not key:
            return None
        return _principal(_membership_of_token(request, key, ApiToken.Kind.APIKEY), Via.APIKEY)

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return "apikey"


class BasicAuthentication(BaseAuthentication):
    """HTTP Basic: an e-mail address with its password or with an API token of the same user."""

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        """Raises NotSignedIn, or OrganizationNotNamed for a user of several organizations."""
        encoded = _authorization(request, "basic")
        if encoded is None:
            return None
        email, secret = _decode_basic(encoded)
        token = find_api_token(secret, kind=ApiToken.Kind.TOKEN)
        if token is not None and token.user.email == email.strip().lower():
            return _principal(_membership_of_token(request, secret, ApiToken.Kind.TOKEN), Via.BASIC)
        user = verify_password(email, secret)
        if user is None:
            raise NotSignedIn("Invalid credentials")
        named = request.headers.get(ORGANIZATION_HEADER)
        return _principal(choose_membership(user, named=named), Via.BASIC)

    def authenticate_header(self, request: Request) -> str:
        """A Basic challenge opens the browser's own dialogue, which a console page must never see."""
        return "Session" if settings.SESSION_COOKIE_NAME in request.COOKIES else 'Basic realm="Isthmus"'


class SessionAuthentication(DrfSessionAuthentication):
    """The console's session. Writes need the CSRF token, or the documented `X-Atlassian-Token: nocheck` header.

    That header is as good as a token: a foreign page cannot set it without a preflight, which we never grant.
    """

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        """Raises NotSignedIn without a membership, PermissionDenied without CSRF proof."""
        user = getattr(request._request, "user", None)
        if not isinstance(user, User) or not user.is_active:
            return None
        if request.headers.get("X-Atlassian-Token", "").lower() not in {"nocheck", "no-check"}:
            self.enforce_csrf(request)
        named = request.headers.get(ORGANIZATION_HEADER) or request._request.session.get("organization")
        return _principal(choose_membership(user, named=named), Via.SESSION)

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing session a 401 instead of a 403."""
        return "Session"


def verify_password(email: str, password: str) -> User | None:
    """The active user with this password, or None.

    The password is hashed even for an unknown address, so that the time taken does not tell which addresses exist.
    A verified pair is remembered for a minute in this process, under a keyed digest that includes the stored hash:
    a changed password is forgotten at once.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None or not user.is_active:
        make_password(password)
        return None
    cache = caches["local"]
    key = digest("basic-password", "\0".join((str(user.pk), user.password, password)))
    if cache.get(key):
        return user
    if not user.check_password(password):
        return None
    cache.set(key, True, REMEMBERED_SECONDS)
    return user


def _membership_of_token(request: Request, secret: str, kind: ApiToken.Kind) -> Membership | None:
    token = find_api_token(secret, kind=kind)
    now = timezone.now()
    if token is None or not token.is_usable(now):
        return None
    membership = membership_in(token.user_id, token.organization_id)
    if membership is None:
        return None
    _check_organization(request, membership)
    if token.last_used_at is None or now - token.last_used_at > _USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return membership


def _decode_basic(encoded: str) -> tuple[str, str]:
    try:
        raw = base64.b64decode(encoded, validate=True)
        text = raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NotSignedIn("Invalid credentials") from error
    email, colon, secret = text.partition(":")
    if not colon or "\0" in text:
        raise NotSignedIn("Invalid credentials")
    return email, secret
