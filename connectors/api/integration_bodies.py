"""Bodies of the integration surface: camel case, headers that name project and organization, a body on GET."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request

from connectors.domain.errors import DomainError
from connectors.domain.modules import Module, OurMapping, choose_types, from_json, show_fields
from connectors.domain.systems import SystemId, find_system, invalid
from connectors.models import Connector, ConnectorProject
from connectors.project_directory import ProjectRef, find_project
from connectors.project_metadata import modules_for_fields, settings_of
from connectors.queries import LARGEST_ID
from tenancy.models import Organization

HEADERS = ("project", "orgCode", "action", "scope", "screenName")
MANDATORY = "CO.MANDATORY_FIELDS_MISSING"
LARGEST_LIMIT = 500
_TYPES: Mapping[str, SystemId | None] = {
    "all": None,
    "jira": SystemId.JIRA,
    "azure": SystemId.AZURE_DEVOPS,
    "github": SystemId.GITHUB,
}
_NAMES = {SystemId.JIRA: "Jira", SystemId.AZURE_DEVOPS: "Azure", SystemId.GITHUB: "GitHub"}
_TRUTHS = {"true": True, "1": True, "false": False, "0": False, "": False}


class IntegrationListBody(serializers.Serializer[None]):
    """Where to begin and how many; `start` counts from 0 and wins over `page`, which counts from 1."""

    start = serializers.IntegerField(min_value=0, max_value=LARGEST_ID)
    limit = serializers.IntegerField(min_value=1, max_value=LARGEST_LIMIT)
    page = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class IntegrationInstance(serializers.Serializer[None]):
    instanceId = serializers.IntegerField()
    instanceType = serializers.CharField()
    instanceUrl = serializers.CharField()
    integratedBy = serializers.CharField()
    alias = serializers.CharField()


class IntegrationField(serializers.Serializer[None]):
    fieldName = serializers.CharField()
    fieldId = serializers.CharField()
    fieldType = serializers.CharField()
    mandatory = serializers.BooleanField()
    mapped = serializers.BooleanField()


class IntegrationModule(serializers.Serializer[None]):
    """A module of several types names them as comma lists."""

    id = serializers.CharField()
    name = serializers.CharField()
    jqlFilterString = serializers.CharField()
    fields = IntegrationField(many=True, required=False)  # type: ignore[assignment]


class IntegrationModules(serializers.Serializer[None]):
    requirement = IntegrationModule()
    issue = IntegrationModule()


class IntegrationProject(serializers.Serializer[None]):
    projectID = serializers.CharField()
    projectName = serializers.CharField()
    modules = IntegrationModules()


class IntegrationInstanceDetails(IntegrationInstance):
    externalProjects = IntegrationProject(many=True, required=False)


@extend_schema_serializer(many=False)  # the list of an action named `list`, and no list of these
class IntegrationDetails(serializers.Serializer[None]):
    """`externalProjects` only when an instance was named, `fields` only when they were asked for as well."""

    data = IntegrationInstanceDetails(many=True)  # type: ignore[assignment]
    total = serializers.IntegerField()


class IntegrationInstances(serializers.Serializer[None]):
    data = IntegrationInstance(many=True)  # type: ignore[assignment]
    total = serializers.IntegerField()


@extend_schema_serializer(many=False)  # the list of an action named `list`, and no list of these
class IntegrationResponseEntity(serializers.Serializer[None]):
    statusCode = serializers.CharField()
    headers = serializers.DictField()
    body = IntegrationInstances()


class IntegrationModuleChoice(serializers.Serializer[None]):
    types = serializers.ListField(child=serializers.CharField(max_length=255), required=False)
    jqlFilterString = serializers.CharField(required=False, allow_blank=True)


class IntegrationModuleChoices(serializers.Serializer[None]):
    """Types by id or name; none at all makes the default one the module's again."""

    requirement = IntegrationModuleChoice(required=False)
    issue = IntegrationModuleChoice(required=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request for details asks for."""

    instance: int | None = None
    fetch_fields: bool = False


def read_list_body(request: Request) -> tuple[int, int]:
    """Where to begin, and how many. Raises DomainError CO.MANDATORY_FIELDS_MISSING, CO.INVALID_VALUE."""
    if not isinstance(request.data, Mapping):
        raise _missing(["start", "limit", "page"])
    missing = [name for name in ("start", "limit", "page") if request.data.get(name) in (None, "")]
    if missing:
        raise _missing(missing)
    body = IntegrationListBody(data=request.data)
    if not body.is_valid():
        raise _wrong({name: str(texts[0]) for name, texts in body.errors.items()})
    return body.validated_data["start"], body.validated_data["limit"]


def read_type(named: str) -> SystemId | None:
    """The system of `list{type}`, None for all. Raises DomainError CO.INVALID_VALUE."""
    if named.lower() not in _TYPES:
        raise _wrong({"type": f"{named[:40]!r} is none of {', '.join(_TYPES)}."})
    return _TYPES[named.lower()]


def read_headers(request: Request, organization: Organization) -> ProjectRef:
    """The project that the headers name. Raises DomainError CO.MANDATORY_FIELDS_MISSING naming absent headers,
    PROJECT_NOT_FOUND, ORGANIZATION_NOT_FOUND."""
    missing = [name for name in HEADERS if not request.headers.get(name, "").strip()]
    if missing:
        raise _missing(missing)
    code = request.headers["orgCode"].strip()
    if code.casefold() != organization.code.casefold():
        raise DomainError("ORGANIZATION_NOT_FOUND", f"Organization {code[:80]!r} not found", status=404)
    return find_project(organization, request.headers["project"].strip())


def read_wanted(request: Request) -> Wanted:
    """From the body, or from the query where a proxy dropped the body of a GET. Raises DomainError CO.INVALID_VALUE."""
    body = request.data if isinstance(request.data, Mapping) else {}
    given = {
        name: body[name] if name in body else request.query_params.get(name) for name in ("instance", "fetchFields")
    }
    return Wanted(
        instance=_number("instance", given["instance"]), fetch_fields=_truth("fetchFields", given["fetchFields"])
    )


def show_instance(connector: Connector, *, address: str) -> dict[str, Any]:
    """A connector as an integration instance."""
    system = find_system(connector.system)
    return {
        "instanceId": connector.pk,
        "instanceType": _NAMES.get(system.id, system.short_name),
        "instanceUrl": address,
        "integratedBy": connector.created_by.email if connector.created_by else "",
        "alias": connector.name,
    }


def show_project(project: ConnectorProject, *, mapping: OurMapping | None) -> dict[str, Any]:
    """An external project with its two modules; their fields when there is a mapping to judge them by."""
    modules = from_json(project.metadata) if mapping is None else modules_for_fields(project)
    shown: dict[str, Any] = {}
    for module in Module:
        stored = settings_of(project, module)
        types = choose_types(modules, stored.get("types", ()), module)
        shown[module.value] = {
            "id": ",".join(each.id for each in types),
            "name": ",".join(each.name for each in types),
            "jqlFilterString": stored.get("jqlFilterString", ""),
        }
        if mapping is not None:
            shown[module.value]["fields"] = show_fields(modules, types, mapping)
    return {
        "projectID": modules.id or project.external_id,
        "projectName": modules.name or project.name,
        "modules": shown,
    }


def _number(name: str, value: object) -> int | None:
    if value in (None, ""):
        return None
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, int | str) or not (text.isascii() and text.isdigit()):
        raise _wrong({name: "A valid integer is required."})
    return int(text) if len(text) < 20 else LARGEST_ID


def _truth(name: str, value: object) -> bool:
    found = value if isinstance(value, bool) else _TRUTHS.get("" if value is None else str(value).strip().lower())
    if found is None:
        raise _wrong({name: "Must be a valid boolean."})
    return found


def _missing(names: list[str]) -> DomainError:
    return invalid({name: ["This field is required."] for name in names})


def _wrong(errors: Mapping[str, str]) -> DomainError:
    words = " ".join(f"{name}: {text}" for name, text in errors.items())
    return DomainError("CO.INVALID_VALUE", words)
