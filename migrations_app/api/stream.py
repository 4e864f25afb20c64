"""`GET /api/migrations/{runId}/stream`: a run's events as they happen, over Server-Sent Events.

https://html.spec.whatwg.org/multipage/server-sent-events.html

Signing in and finding the run is ordinary work in the request's thread; it gives its database connection back before
the first byte. What follows is a generator on the event loop that only waits on the run's feed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from connectors.domain.systems import invalid
from migrations_app import queries
from migrations_app.api.downloads import AlwaysJson
from migrations_app.api.event_source import read_events, set_redis_alarm
from migrations_app.api.reading import run_id_of
from migrations_app.api.run_bodies import MigrationsRunStatus
from migrations_app.api.tickets import PREFIX, read_ticket
from migrations_app.feeds import Feeds
from migrations_app.models import MigrationRun
from tenancy.access_tokens import read_access_token
from tenancy.authentication import BearerAuthentication, SessionAuthentication, TokenAuthentication
from tenancy.errors import NotSignedIn
from tenancy.models import Role, User
from tenancy.permissions import Action, May
from tenancy.principal import Principal, Via, principal_of
from tenancy.queries import membership_in

HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 2000
DONE = "done"
_FROM = "lastEventId"
_HEARTBEAT = b": still here\n\n"


class StreamTokenAuthentication(BaseAuthentication):
    """`?token=`, because EventSource cannot send headers: an access token, or a ticket for this very run."""

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        """Raises NotSignedIn."""
        token = request.query_params.get("token", "").strip()
        if not token:
            return None
        if token.startswith(PREFIX):
            ticket = read_ticket(token)
            if run_id_of(request.parser_context["kwargs"]["run_id"]) != ticket.run_id:
                raise NotSignedIn("The ticket is for another run")
            membership = membership_in(ticket.user_id, ticket.organization_id)
        else:
            claims = read_access_token(token)
            membership = membership_in(claims.user_id, claims.organization_id)
        if membership is None:
            raise NotSignedIn
        return membership.user, Principal(membership.user, membership.organization, Role(membership.role), Via.BEARER)

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return "Bearer"


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a listener stands: the last event it has, and the last one there was when it came."""

    run_id: UUID
    after: int
    at: int


class RunStream(GenericViewSet[MigrationRun]):
    """The live stream of a run."""

    authentication_classes = (
        StreamTokenAuthentication,
        BearerAuthentication,
        TokenAuthentication,
        SessionAuthentication,
    )
    permission_classes = (May,)
    content_negotiation_class = AlwaysJson
    allowed_actions: ClassVar[dict[str, Action]] = {"stream": Action.SEE}
    serializer_class = MigrationsRunStatus  # type: ignore[assignment]
    queryset = MigrationRun.objects.none()  # what the schema needs to know; reads start from the organization
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="stream_migration",
        parameters=[
            OpenApiParameter("token", str, description="An access token or a stream ticket."),
            OpenApiParameter(_FROM, int, description="The last event that was seen; as the header Last-Event-ID."),
            OpenApiParameter("Last-Event-ID", int, OpenApiParameter.HEADER),
        ],
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.STR, description="Events `progress`, `log`, `status`, and `done` as the last one."
            ),
            204: OpenApiResponse(description="The run has ended and everything was seen: do not reconnect."),
        },
        tags=["migrations"],
    )
    def stream(self, request: Request, run_id: str) -> HttpResponse | StreamingHttpResponse:
        """Every event of the run once and in order, from the first one or from behind the last one seen."""
        run = queries.find_run(principal_of(request).organization, run_id_of(run_id))
        after = min(_last_seen(request), run.event_seq)
        if run.state.is_ended and after == run.event_seq:
            return HttpResponse(status=204)
        response = StreamingHttpResponse(
            listen(Listening(run.pk, after=after, at=run.event_seq)), content_type="text/event-stream; charset=utf-8"
        )
        response["Cache-Control"] = "no-cache"
        response["X-Accel-Buffering"] = "no"
        _release_connection()
        return response


async def listen(place: Listening, *, feeds: Feeds | None = None) -> AsyncIterator[bytes]:
    """What goes over the wire: how soon to come back, the events, and a comment when nothing happens for long."""
    joined = feeds or Feeds.of_this_loop(read=read_events, set_alarm=set_redis_alarm)
    feed = joined.join(place.run_id, at=place.at)
    seen = place.after
    try:
        yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        while True:
            entries = await feed.after(seen)
            if entries:
                seen = entries[-1].seq
                yield b"".join(entry.wire for entry in entries)
                if entries[-1].kind == DONE:
                    return
            elif not await feed.news(seen, timeout=HEARTBEAT_SECONDS):
                yield _HEARTBEAT
    finally:
        joined.leave(place.run_id)


def _last_seen(request: Request) -> int:
    text = (request.headers.get("Last-Event-ID") or request.query_params.get(_FROM) or "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise invalid({_FROM: ["Not the id of an event."]})
    return int(text)


def _release_connection() -> None:
    """The request does not end for hours, and Django would keep its connection as long."""
    if not connection.in_atomic_block:
        connection.close()
