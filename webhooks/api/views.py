"""`/api/webhooks…`: webhooks, the log of their deliveries, delivering again."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from tenancy.permissions import Action, May
from tenancy.principal import principal_of
from webhooks import queries, services
from webhooks.api.bodies import (
    NewWebhookBody,
    WebhookChangesBody,
    WebhookDeliveryShown,
    WebhookShown,
    read_changes,
    show_delivery,
    show_webhook,
)
from webhooks.models import DeliveryStatus, Webhook

LARGEST_PAGE = 200
_DELIVERY = OpenApiParameter("delivery", OpenApiTypes.UUID, OpenApiParameter.PATH)
_ID = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class Webhooks(ViewSet):
    """Addresses that are told of events, and what they were told."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {
        "list": Action.SEE,
        "retrieve": Action.SEE,
        "deliveries": Action.SEE,
        "create": Action.MANAGE_WEBHOOKS,
        "partial_update": Action.MANAGE_WEBHOOKS,
        "destroy": Action.MANAGE_WEBHOOKS,
        "redeliver": Action.MANAGE_WEBHOOKS,
    }

    @extend_schema(operation_id="list_webhooks", responses=WebhookShown(many=True))
    def list(self, request: Request) -> Response:
        """The organization's webhooks, the newest first; secrets are masked."""
        found = queries.webhooks_of(principal_of(request).organization)
        return Response([show_webhook(webhook) for webhook in found])

    @extend_schema(operation_id="create_webhook", request=NewWebhookBody, responses={201: WebhookShown})
    def create(self, request: Request) -> Response:
        """Makes a webhook. Its secret is in this answer and in no other."""
        made = services.create_webhook(read_changes(_read(NewWebhookBody, request)), by=principal_of(request))
        return Response(show_webhook(made.row, secret=made.secret), status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="get_webhook", parameters=[_ID], responses=WebhookShown)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One webhook."""
        return Response(show_webhook(_find(request, pk)))

    @extend_schema(operation_id="update_webhook", parameters=[_ID], request=WebhookChangesBody, responses=WebhookShown)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Changes what is sent."""
        webhook = _find(request, pk)
        changes = read_changes(_read(WebhookChangesBody, request))
        return Response(show_webhook(services.update_webhook(webhook, changes, by=principal_of(request))))

    @extend_schema(operation_id="delete_webhook", parameters=[_ID], responses={204: OpenApiResponse()})
    def destroy(self, request: Request, pk: str) -> Response:
        """Removes a webhook with its deliveries."""
        services.delete_webhook(_find(request, pk), by=principal_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="list_webhook_deliveries",
        parameters=[
            _ID,
            OpenApiParameter("limit", int, description=f"1 to {LARGEST_PAGE}; 50 without it."),
            OpenApiParameter("status", str, enum=DeliveryStatus.values),
        ],
        responses=WebhookDeliveryShown(many=True),
    )
    def deliveries(self, request: Request, pk: str) -> Response:
        """What the webhook was told, the newest first."""
        found = queries.deliveries_of(_find(request, pk))
        wanted = request.query_params.get("status")
        if wanted is not None:
            if wanted not in DeliveryStatus.values:
                raise serializers.ValidationError({"status": [f"Use one of {', '.join(DeliveryStatus.values)}."]})
            found = found.filter(status=wanted)
        return Response([show_delivery(delivery) for delivery in found[: _limit(request)]])

    @extend_schema(
        operation_id="redeliver_webhook",
        parameters=[_ID, _DELIVERY],
        request=None,
        responses={202: WebhookDeliveryShown},
    )
    def redeliver(self, request: Request, pk: str, delivery: str) -> Response:
        """Tells it again: the same body under the same id."""
        found = queries.find_delivery(_find(request, pk), _uuid(delivery))
        again = services.redeliver(found, by=principal_of(request))
        return Response(show_delivery(again), status=status.HTTP_202_ACCEPTED)


def _find(request: Request, pk: str) -> Webhook:
    return queries.find_webhook(principal_of(request).organization, _uuid(pk))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", "50")
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LARGEST_PAGE):
        raise serializers.ValidationError({"limit": [f"Enter a whole number from 1 to {LARGEST_PAGE}."]})
    return int(text)


def _read(serializer_class: type[serializers.Serializer[None]], request: Request) -> dict[str, Any]:
    body = serializer_class(data=request.data)
    body.is_valid(raise_exception=True)
    found: dict[str, Any] = body.validated_data
    return found
