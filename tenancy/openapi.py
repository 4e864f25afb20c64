"""How the OpenAPI document describes our ways to sign in. Registered by being imported (`TenancyConfig.ready`).

https://drf-spectacular.readthedocs.io/en/latest/customization.html#specify-authentication-with-openapiauthenticationextension
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

Definition = dict[str, Any]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The access token of a login."""

    target_class = "tenancy.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> Definition:
        """https://spec.openapis.org/oas/v3.0.3#security-scheme-object"""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A long-lived API token."""

    target_class = "tenancy.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> Definition:
        """OpenAPI knows no scheme of that name, so it is described as a header."""
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Token <token>`"}


class ApikeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The integration surface's key."""

    target_class = "tenancy.authentication.ApikeyAuthentication"
    name = "apikey"

    def get_security_definition(self, auto_schema: AutoSchema) -> Definition:
        """A header."""
        return {"type": "apiKey", "in": "header", "name": "apikey"}


class BasicScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """E-mail with password or token."""

    target_class = "tenancy.authentication.BasicAuthentication"
    name = "basic"

    def get_security_definition(self, auto_schema: AutoSchema) -> Definition:
        """HTTP Basic."""
        return {"type": "http", "scheme": "basic"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The console's cookie."""

    target_class = "tenancy.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> Definition:
        """A cookie."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
