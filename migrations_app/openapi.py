"""How the OpenAPI document describes the stream's way to sign in. Registered by `MigrationsAppConfig.ready`.

https://drf-spectacular.readthedocs.io/en/latest/customization.html#specify-authentication-with-openapiauthenticationextension
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class StreamTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A token in the address."""

    target_class = "migrations_app.api.stream.StreamTokenAuthentication"
    name = "streamToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A query parameter."""
        return {"type": "apiKey", "in": "query", "name": "token"}
