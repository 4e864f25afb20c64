"""Reading requests: bodies, query parameters, ids in paths. What is no id is simply not found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request

from connectors.domain.errors import DomainError


def read_body(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The validated body. Raises ValidationError."""
    body = serializer_class(data=request.data)
    body.is_valid(raise_exception=True)
    found: dict[str, Any] = body.validated_data
    return found


def read_query(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The validated query parameters. Raises ValidationError."""
    query = serializer_class(data=request.query_params)
    query.is_valid(raise_exception=True)
    found: dict[str, Any] = query.validated_data
    return found


def project_id_of(text: str) -> UUID:
    """Raises DomainError PROJECT_NOT_FOUND."""
    try:
        return UUID(text)
    except ValueError:
        raise DomainError("PROJECT_NOT_FOUND", f"Project {text[:60]} not found", status=404) from None


def run_id_of(text: str) -> UUID:
    """Raises DomainError MIGRATION_NOT_FOUND."""
    try:
        return UUID(text)
    except ValueError:
        raise DomainError("MIGRATION_NOT_FOUND", f"Migration run {text[:60]} not found", status=404) from None
