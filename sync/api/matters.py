"""`/integrations/{key}/matters…`: conflicts and errors as work for people."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.domain.errors import DomainError
from connectors.domain.systems import invalid
from sync import queries
from sync.api.integration_bodies import ResolutionBody, SyncMatter, show_matter
from sync.api.surface import SyncSurface, caller, read_body, read_object, synchronization_for, whole_number
from sync.models import Matter, MatterKind, MatterStatus
from sync.services import matters
from tenancy.permissions import Action

LARGEST_PAGE = 500
_TAGS = ["synchronization"]
_PARAMETERS = [
    OpenApiParameter("status", str, enum=[*MatterStatus.values, "all"], description="`open` when left out."),
    OpenApiParameter("kind", str, enum=MatterKind.values),
    OpenApiParameter("issueKey", str, description="Of either project."),
    OpenApiParameter("limit", int, description=f"1 to {LARGEST_PAGE}; 100 when left out."),
    OpenApiParameter("before", int, description="Only matters with a lower id."),
]


class SyncRetried(serializers.Serializer[None]):
    """How many errors are tried again."""

    count = serializers.IntegerField()


class SyncMatters(SyncSurface):
    """What waits for a person."""

    allowed_actions: ClassVar[dict[str, Action]] = {
        "list": Action.SEE,
        "retrieve": Action.SEE,
        "resolve": Action.RESOLVE_CONFLICTS,
        "retry": Action.RESOLVE_CONFLICTS,
    }

    @extend_schema(
        operation_id="list_sync_matters", parameters=_PARAMETERS, responses=SyncMatter(many=True), tags=_TAGS
    )
    def list(self, request: Request, key: str) -> Response:
        """Conflicts and errors, the newest first."""
        row = synchronization_for(request, key)
        asked = request.query_params
        chosen = _one_of(asked.get("status", MatterStatus.OPEN.value), [*MatterStatus.values, "all"], "status")
        kind = _one_of(asked.get("kind", ""), ["", *MatterKind.values], "kind")
        found = queries.matters_of(
            row, status="" if chosen == "all" else chosen, kind=kind, text=asked.get("issueKey", "").strip()[:100]
        )
        if "before" in asked:
            found = found.filter(pk__lt=whole_number(asked["before"], "before"))
        limit = whole_number(asked.get("limit", "100"), "limit", highest=LARGEST_PAGE)
        return Response([show_matter(matter, row) for matter in found.order_by("-pk")[: limit or 100]])

    @extend_schema(operation_id="get_sync_matter", responses=SyncMatter, tags=_TAGS)
    def retrieve(self, request: Request, key: str, matter_id: int) -> Response:
        """One matter with both values and the base."""
        row = synchronization_for(request, key)
        return Response(show_matter(_find(request, key, matter_id), row))

    @extend_schema(operation_id="resolve_sync_matter", request=ResolutionBody, responses=SyncMatter, tags=_TAGS)
    def resolve(self, request: Request, key: str, matter_id: int) -> Response:
        """Takes the first or the second value, an edited one, ignores the change, or tries it again."""
        body = read_body(ResolutionBody, read_object(request.data))
        side = 1 if body["side"] == "first" else 2
        if body["resolution"] == "edit" and "value" not in body:
            raise invalid({"value": ["This field is required."]})
        resolution = matters.Resolution(body["resolution"], body.get("value"), side)
        matters.resolve_matter(_find(request, key, matter_id), resolution, by=caller(request)[0])
        return self.retrieve(request, key, matter_id)

    @extend_schema(operation_id="retry_sync_errors", request=None, responses=SyncRetried, tags=_TAGS)
    def retry(self, request: Request, key: str) -> Response:
        """Tries all errors again."""
        return Response({"count": matters.retry_all(synchronization_for(request, key), by=caller(request)[0])})


def _find(request: Request, key: str, matter_id: int) -> Matter:
    row = synchronization_for(request, key)
    found = queries.find_matter(caller(request)[1], matter_id)
    if found.synchronization_id != row.pk:
        raise DomainError("MATTER_NOT_FOUND", f"{row.key} has no matter {matter_id}", status=404)
    return found


def _one_of(given: str, allowed: list[str], name: str) -> str:
    if given not in allowed:
        raise invalid({name: [f"One of {', '.join(each for each in allowed if each)} is expected."]})
    return given
