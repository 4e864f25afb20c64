"""What a page or a file says, read by the serializer of the API's body, so that both doors refuse the same."""

from __future__ import annotations

from typing import Any

from rest_framework.serializers import Serializer

from connectors.domain.systems import invalid


def validated(serializer_class: type[Serializer[Any]], data: Any) -> dict[str, Any]:
    """The validated body. Raises DomainError VALIDATION_FAILED naming every place."""
    body = serializer_class(data=data)
    if not body.is_valid():
        raise invalid(complaints(body.errors))
    found: dict[str, Any] = body.validated_data
    return found


def complaints(errors: Any, place: str = "") -> dict[str, list[str]]:
    """A serializer's nested errors by place, rows counted from 1: `states.3.source`."""
    if isinstance(errors, dict):
        named = ((place if name == "non_field_errors" else _joined(place, name), each) for name, each in errors.items())
    elif any(isinstance(each, dict) for each in errors):
        named = ((_joined(place, number), each) for number, each in enumerate(errors))
    else:
        texts = [str(each) for each in errors]
        return {place or "body": texts} if texts else {}
    found: dict[str, list[str]] = {}
    for inner, each in named:
        found |= complaints(each, inner)
    return found


def _joined(place: str, name: object) -> str:
    shown = name + 1 if isinstance(name, int) else name
    return f"{place}.{shown}" if place else str(shown)
