"""Bodies of connectors v2: snake case, trailing slashes, secrets masked in every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from connectors.domain.systems import System, find_system
from connectors.models import Connector
from connectors.parameter_services import shown_parameters

LARGEST_PAGE = 500
PAGE_PARAMETERS = [
    OpenApiParameter("page_size", int, description=f"1 to {LARGEST_PAGE}; without it everything is listed."),
    OpenApiParameter("page", int, description="From 1; needs `page_size`."),
]


@extend_schema_field(
    {
        "type": "object",
        "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "short_name": {"type": "string"}},
        "required": ["id"],
    }
)
class SystemField(serializers.Field):  # type: ignore[type-arg]
    """A system: an object of which only `id` is read, or, as older clients send it, the id alone."""

    def to_internal_value(self, data: Any) -> str:
        """The id; whether it is known is the registry's judgement."""
        named = data.get("id") if isinstance(data, Mapping) else data
        if named in (None, ""):
            raise serializers.ValidationError({"id": ["This field is required."]})
        if not isinstance(named, str) or len(named) > 60:
            raise serializers.ValidationError({"id": ["Not a valid string."]})
        return named

    def to_representation(self, value: Any) -> Any:
        """Answers are made by `show_connector`."""
        return value


@extend_schema_field(OpenApiTypes.OBJECT)
class ParametersField(serializers.DictField):
    """An object of named values; the forms of the systems say which and judge them."""

    child = serializers.JSONField(allow_null=True)


class AlmConnectorBody(serializers.Serializer[None]):
    """A connector to be stored, or what replaces a stored one."""

    name = serializers.CharField(max_length=200)
    system = SystemField()
    inaccessible = serializers.BooleanField(default=False, help_text="True: its server is never contacted from here.")
    params = ParametersField(write_only=True)


class AlmConnectorChanges(serializers.Serializer[None]):
    """What may be changed of a connector; parameters that are left out stay, null removes one."""

    name = serializers.CharField(max_length=200, required=False)
    system = SystemField(required=False)
    inaccessible = serializers.BooleanField(required=False)
    params = ParametersField(required=False, write_only=True)


class AlmTestBody(serializers.Serializer[None]):
    """What to test: parameters, or a stored connector, or both; the mask stands for what the connector stores."""

    id = serializers.IntegerField(required=False, min_value=1, help_text="A stored connector.")
    name = serializers.CharField(max_length=200, required=False)
    system = SystemField(required=False)
    params = ParametersField(required=False, write_only=True)


class AlmTestAnswer(serializers.Serializer[None]):
    """`message` and `code` when the test fails."""

    success = serializers.BooleanField()
    message = serializers.CharField(required=False)
    code = serializers.CharField(required=False)


class AlmSystem(serializers.Serializer[None]):
    id = serializers.CharField()
    short_name = serializers.CharField()
    name = serializers.CharField()


class AlmConnector(serializers.Serializer[None]):
    """A connector as it is answered."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    system = AlmSystem()
    inaccessible = serializers.BooleanField()
    params = serializers.DictField(child=serializers.CharField(), help_text="Secrets are masked.")
    runnable = serializers.BooleanField(
        required=False, help_text="False where neither runs nor synchronizations reach the system; else left out."
    )


class PageEnvelope(serializers.Serializer[None]):
    count = serializers.IntegerField(required=False, help_text="Only with `page_size`.")
    next = serializers.URLField(required=False, allow_null=True)
    previous = serializers.URLField(required=False, allow_null=True)


@extend_schema_serializer(many=False)  # the list of an action named `list`, and no list of these
class AlmConnectorList(PageEnvelope):
    """All connectors, or a page of them."""

    results = AlmConnector(many=True)


def show_system(system: System) -> dict[str, str]:
    """A system as connectors name it."""
    return {"id": system.id.value, "short_name": system.short_name, "name": system.name}


def show_connector(connector: Connector) -> dict[str, Any]:
    """A connector as answered; no secret is decrypted for it."""
    system = find_system(connector.system)
    shown: dict[str, Any] = {
        "id": connector.pk,
        "name": connector.name,
        "system": show_system(system),
        "inaccessible": connector.inaccessible,
        "params": shown_parameters(connector),
    }
    return shown if system.credentials else {**shown, "runnable": False}


def envelope(request: Request, rows: QuerySet[Any], show: Callable[[Any], Mapping[str, Any]]) -> dict[str, Any]:
    """The rows as documented: all of them, or a page with its neighbours when `page_size` is given.

    Raises ValidationError naming `page_size` or `page`.
    """
    size = _number(request, "page_size", highest=LARGEST_PAGE)
    page = _number(request, "page", highest=10**9)
    if size is None:
        if page is not None:
            raise serializers.ValidationError({"page": ["Send page_size with it."]})
        return {"results": [show(row) for row in rows]}
    number = page or 1
    total = rows.count()
    first = (number - 1) * size
    if first and first >= total:
        raise serializers.ValidationError({"page": [f"There are only {max(1, -(-total // size))} pages."]})
    return {
        "count": total,
        "next": _address(request, number + 1) if first + size < total else None,
        "previous": _address(request, number - 1) if number > 1 else None,
        "results": [show(row) for row in rows[first : first + size]],
    }


def _number(request: Request, name: str, *, highest: int) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= highest):
        raise serializers.ValidationError({name: [f"Enter a whole number from 1 to {highest}."]})
    return int(text)


def _address(request: Request, page: int) -> str:
    query = request.query_params.copy()
    query["page"] = str(page)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
