"""`/integrations/{key}/draft…`: an editable copy of a synchronization's mappings, published as a whole.

https://help.k15t.com/backbone-work-sync/5.21/server/draft-actions
"""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.domain.systems import invalid
from sync.api.integration_bodies import SyncConflict, SyncDraft, show_draft, show_problem
from sync.api.surface import SyncSurface, caller, read_body, read_object, side_of, synchronization_for
from sync.models import Synchronization
from sync.services import draft_mappings, drafts
from sync.services.checking import find_problems
from tenancy.permissions import Action

_OBJECT = OpenApiTypes.OBJECT
_ID = OpenApiParameter("id", str, description="The mapping's id; it may also stand in the body.")
_TAGS = ["synchronization drafts"]


class MappingIdBody(serializers.Serializer[None]):
    """Which mapping is meant."""

    id = serializers.CharField(max_length=64)


class SyncDrafts(SyncSurface):
    """The draft of a synchronization."""

    allowed_actions: ClassVar[dict[str, Action]] = {
        "retrieve": Action.SEE,
        "conflicts": Action.SEE,
        "create": Action.MANAGE_SYNCHRONIZATIONS,
        "update": Action.MANAGE_SYNCHRONIZATIONS,
        "destroy": Action.MANAGE_SYNCHRONIZATIONS,
        "publish": Action.MANAGE_SYNCHRONIZATIONS,
    }

    @extend_schema(operation_id="get_sync_draft", responses=SyncDraft, tags=_TAGS)
    def retrieve(self, request: Request, key: str) -> Response:
        """The draft; 404 when there is none."""
        row = synchronization_for(request, key)
        drafts.draft_of(row)
        return Response(show_draft(row))

    @extend_schema(operation_id="create_sync_draft", request=None, responses=SyncDraft, tags=_TAGS)
    def create(self, request: Request, key: str) -> Response:
        """Begins a draft as a copy of what is in force; one that is there stays."""
        row = drafts.create_draft(synchronization_for(request, key), by=caller(request)[0])
        return Response(show_draft(row))

    @extend_schema(operation_id="replace_sync_draft", request=_OBJECT, responses=SyncDraft, tags=_TAGS)
    def update(self, request: Request, key: str) -> Response:
        """Replaces the whole draft: mappings, policies, people."""
        document = read_object(request.data)
        row = drafts.edit_draft(synchronization_for(request, key), document, by=caller(request)[0])
        return Response(show_draft(row))

    @extend_schema(operation_id="discard_sync_draft", responses={200: OpenApiResponse()}, tags=_TAGS)
    def destroy(self, request: Request, key: str) -> Response:
        """Throws the draft away."""
        drafts.discard_draft(synchronization_for(request, key), by=caller(request)[0])
        return Response(status=status.HTTP_200_OK)

    @extend_schema(operation_id="list_sync_draft_conflicts", responses=SyncConflict(many=True), tags=_TAGS)
    def conflicts(self, request: Request, key: str) -> Response:
        """What keeps the draft from working between these two projects."""
        row = synchronization_for(request, key)
        return Response([show_problem(each) for each in find_problems(row, drafts.draft_of(row))])

    @extend_schema(operation_id="publish_sync_draft", request=None, responses={200: OpenApiResponse()}, tags=_TAGS)
    def publish(self, request: Request, key: str) -> Response:
        """Puts the draft in force; 409 names what the projects do not offer."""
        drafts.publish_draft(synchronization_for(request, key), by=caller(request)[0])
        return Response(status=status.HTTP_200_OK)


class SyncDraftMappings(SyncSurface):
    """Mappings of one kind in the draft; ids stand in the body or the query."""

    kind: ClassVar[str] = ""
    allowed_actions: ClassVar[dict[str, Action]] = {
        "create": Action.MANAGE_SYNCHRONIZATIONS,
        "bulk": Action.MANAGE_SYNCHRONIZATIONS,
        "update": Action.MANAGE_SYNCHRONIZATIONS,
        "destroy": Action.MANAGE_SYNCHRONIZATIONS,
    }

    def create(self, request: Request, key: str) -> Response:
        """Adds a mapping and answers it with its id."""
        mapping = read_object(request.data)
        (made,) = draft_mappings.add_mappings(self._row(request, key), self.kind, [mapping], by=caller(request)[0])
        return Response(made)

    def bulk(self, request: Request, key: str) -> Response:
        """Adds several, all or none."""
        if not isinstance(request.data, list):
            raise invalid({"": ["A list of mappings is expected."]})
        mappings = [read_object(each) for each in request.data[: draft_mappings.MOST_MAPPINGS + 1]]
        made = draft_mappings.add_mappings(self._row(request, key), self.kind, mappings, by=caller(request)[0])
        return Response(made)

    def update(self, request: Request, key: str) -> Response:
        """Replaces the mapping with this id."""
        mapping = read_object(request.data)
        mapping = {**mapping, "id": _mapping_id(request, mapping)}
        row = self._row(request, key)
        return Response(draft_mappings.replace_mapping(row, self.kind, mapping, by=caller(request)[0]))

    def destroy(self, request: Request, key: str) -> Response:
        """Removes the mapping with this id."""
        wanted = _mapping_id(request, request.data)
        draft_mappings.remove_mapping(self._row(request, key), self.kind, wanted, by=caller(request)[0])
        return Response(status=status.HTTP_200_OK)

    def _row(self, request: Request, key: str) -> Synchronization:
        return synchronization_for(request, key)


class SyncFieldDefaults(SyncSurface):
    """Default values for fields that a side requires."""

    allowed_actions: ClassVar[dict[str, Action]] = {
        "create": Action.MANAGE_SYNCHRONIZATIONS,
        "update": Action.MANAGE_SYNCHRONIZATIONS,
        "destroy": Action.MANAGE_SYNCHRONIZATIONS,
    }

    @extend_schema(operation_id="add_sync_field_default", request=_OBJECT, responses=_OBJECT, tags=_TAGS)
    def create(self, request: Request, key: str, connector_key: str) -> Response:
        """Adds a default: `field`, `value` and, to limit it, `issueTypes`."""
        row, name = self._side(request, key, connector_key)
        default = read_object(request.data)
        return Response(draft_mappings.add_default(row, name, default, by=caller(request)[0]))

    @extend_schema(operation_id="replace_sync_field_default", request=_OBJECT, responses=_OBJECT, tags=_TAGS)
    def update(self, request: Request, key: str, connector_key: str, default_key: str) -> Response:
        """Replaces a default."""
        row, name = self._side(request, key, connector_key)
        default = read_object(request.data)
        return Response(draft_mappings.replace_default(row, name, default_key, default, by=caller(request)[0]))

    @extend_schema(operation_id="remove_sync_field_default", responses={200: OpenApiResponse()}, tags=_TAGS)
    def destroy(self, request: Request, key: str, connector_key: str, default_key: str) -> Response:
        """Removes a default."""
        row, name = self._side(request, key, connector_key)
        draft_mappings.remove_default(row, name, default_key, by=caller(request)[0])
        return Response(status=status.HTTP_200_OK)

    def _side(self, request: Request, key: str, connector_key: str) -> tuple[Synchronization, str]:
        row = synchronization_for(request, key)
        return row, "first" if side_of(row, connector_key).position == 1 else "second"


def view_of_mappings(kind: str, label: str) -> type[SyncDraftMappings]:
    """The view for one kind of mapping, described under its own names."""
    described = {
        "create": extend_schema(operation_id=f"add_sync_{label}", request=_OBJECT, responses=_OBJECT, tags=_TAGS),
        "bulk": extend_schema(
            operation_id=f"add_sync_{label}s",
            request={"application/json": {"type": "array", "items": {"type": "object"}}},
            responses={200: {"type": "array", "items": {"type": "object", "additionalProperties": {}}}},
            tags=_TAGS,
        ),
        "update": extend_schema(
            operation_id=f"replace_sync_{label}", parameters=[_ID], request=_OBJECT, responses=_OBJECT, tags=_TAGS
        ),
        "destroy": extend_schema(
            operation_id=f"remove_sync_{label}", parameters=[_ID], responses={200: OpenApiResponse()}, tags=_TAGS
        ),
    }
    made = type(f"Sync{label.title().replace('_', '')}s", (SyncDraftMappings,), {"kind": kind})
    for name, describe in described.items():
        setattr(made, name, describe(_own(getattr(SyncDraftMappings, name))))
    return made


def _own(method: Any) -> Any:
    """A copy, so that each view carries a description of its own."""

    def action(self: SyncDraftMappings, request: Request, key: str) -> Response:
        answer: Response = method(self, request, key)
        return answer

    action.__name__, action.__doc__ = method.__name__, method.__doc__
    return action


def _mapping_id(request: Request, body: Any) -> str:
    given = request.query_params.get("id") or (body.get("id") if isinstance(body, dict) else None)
    found: str = read_body(MappingIdBody, {"id": given})["id"]
    return found
