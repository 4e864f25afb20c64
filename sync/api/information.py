"""`/connectors/{connectorKey}/…`: sync information, and resync.

https://help.k15t.com/backbone-issue-sync/5.16/server/connectors
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.domain.systems import invalid
from sync import queries
from sync.api.information_bodies import SyncInformationCount, SyncInformationRow, show_pair
from sync.api.surface import SyncSurface, caller, read_body, read_object, side_for, whole_number
from sync.api.task_bodies import SyncTaskStarted, show_started
from sync.models import Pair, SynchronizationSide
from sync.services import information, resyncing
from tenancy.bodies import LargeJSONParser
from tenancy.permissions import Action

LARGEST_PAGE = 10_000
STREAMED_PAGE = 2_000
"""Rows that are read and written at once when everything is asked for."""

_LOCAL = OpenApiParameter("localIssueKey", str, description="Only the pair of this issue of the project.")
_REMOTE = OpenApiParameter("remoteIssueKey", str, description="Only the pair of this issue of the partner project.")
_LIMIT = OpenApiParameter("limit", int, description=f"1 to {LARGEST_PAGE}; without it everything is listed.")
_AFTER = OpenApiParameter("after", int, description="Only entries with a higher id.")
_ID = OpenApiParameter("syncInfoId", int, description="The entry's id; without it all entries of the connector.")


class ResyncBody(serializers.Serializer[None]):
    """What is sent again, whether it changed or not."""

    jql = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=8_000,
        default="",
        help_text="In the query language of the connector's system; combined with its filter.",
    )
    fieldMappings = serializers.ListField(
        child=serializers.CharField(max_length=64), max_length=1_000, help_text="Ids of field mappings."
    )
    responsibility = serializers.BooleanField(default=False)
    sendStatusField = serializers.BooleanField(default=False)


class SyncConnectors(SyncSurface):
    """One side of a synchronization, by its connector key."""

    parser_classes = (LargeJSONParser,)
    largest_body = 64_000_000
    allowed_actions: ClassVar[dict[str, Action]] = {
        "list": Action.SEE,
        "create": Action.MANAGE_SYNCHRONIZATIONS,
        "destroy": Action.DELETE_SYNC_INFORMATION,
        "restore": Action.DELETE_SYNC_INFORMATION,
        "resync": Action.RESYNC,
    }

    @extend_schema(
        operation_id="resync_connector", request=ResyncBody, responses=SyncTaskStarted, tags=["synchronization"]
    )
    def resync(self, request: Request, connector_key: str) -> Response:
        """Sends all matching issues to the partner again."""
        side = side_for(request, connector_key)
        body = read_body(ResyncBody, read_object(request.data))
        order = resyncing.ResyncOrder(
            query=body["jql"],
            field_mappings=tuple(body["fieldMappings"]),
            responsibility=body["responsibility"],
            send_status=body["sendStatusField"],
        )
        return Response(show_started(resyncing.start_resync(side, order, by=caller(request)[0])))

    @extend_schema(
        operation_id="list_sync_information",
        parameters=[_LOCAL, _REMOTE, _LIMIT, _AFTER],
        responses=SyncInformationRow(many=True),
        tags=["synchronization"],
    )
    def list(self, request: Request, connector_key: str) -> HttpResponse | StreamingHttpResponse:
        """Which local issue belongs to which remote one."""
        side = side_for(request, connector_key)
        asked = request.query_params
        pairs = queries.pairs_of(
            side, local=asked.get("localIssueKey", "").strip(), remote=asked.get("remoteIssueKey", "").strip()
        )
        after = whole_number(asked["after"], "after") if "after" in asked else 0
        if "limit" in asked:
            limit = whole_number(asked["limit"], "limit", highest=LARGEST_PAGE)
            if not limit:
                raise invalid({"limit": [f"A whole number from 1 to {LARGEST_PAGE} is expected."]})
            return Response(_shown(queries.page_of_pairs(pairs, after=after, limit=limit), side))
        first = queries.page_of_pairs(pairs, after=after, limit=STREAMED_PAGE)
        if len(first) < STREAMED_PAGE:
            return Response(_shown(first, side))
        return StreamingHttpResponse(_everything(side, pairs, first), content_type="application/json")

    @extend_schema(
        operation_id="import_sync_information",
        request=SyncInformationRow(many=True),
        responses=SyncInformationRow(many=True),
        tags=["synchronization"],
    )
    def create(self, request: Request, connector_key: str) -> Response | StreamingHttpResponse:
        """Sets existing issues in correlation: all rows or, with one fault, none."""
        side = side_for(request, connector_key)
        principal, _ = caller(request)
        imported = information.import_information(side, request.data, by=principal)
        if len(imported.ids) <= STREAMED_PAGE:
            return Response(_in_order(side, imported.ids))
        return StreamingHttpResponse(_imported(side, imported.ids), content_type="application/json")

    @extend_schema(
        operation_id="delete_sync_information",
        parameters=[_ID],
        responses=SyncInformationCount,
        tags=["synchronization"],
    )
    def destroy(self, request: Request, connector_key: str) -> Response:
        """Forgets one pair, or all of the connector; `restore` brings them back for 30 days."""
        side = side_for(request, connector_key)
        principal, _ = caller(request)
        count = information.delete_information(side, pair_id=_pair_id(request), by=principal)
        return Response({"count": count})

    @extend_schema(
        operation_id="restore_sync_information",
        request=None,
        parameters=[_ID],
        responses=SyncInformationCount,
        tags=["synchronization"],
    )
    def restore(self, request: Request, connector_key: str) -> Response:
        """Brings back what was deleted in the last 30 days, where neither issue has another partner by now."""
        side = side_for(request, connector_key)
        principal, _ = caller(request)
        count = information.restore_information(side, pair_id=_pair_id(request), by=principal)
        return Response({"count": count})


def _pair_id(request: Request) -> int | None:
    text = request.query_params.get("syncInfoId")
    return None if text is None else whole_number(text, "syncInfoId")


def _shown(pairs: Sequence[Pair], side: SynchronizationSide) -> list[dict[str, Any]]:
    return [show_pair(pair, side) for pair in pairs]


def _in_order(side: SynchronizationSide, ids: Sequence[int]) -> list[dict[str, Any]]:
    found = {pair.pk: pair for pair in queries.pairs_of(side).filter(pk__in=ids)}
    return [show_pair(found[number], side) for number in ids if number in found]


async def _everything(side: SynchronizationSide, pairs: QuerySet[Pair], first: list[Pair]) -> AsyncIterator[bytes]:
    """A bare array, read page by page: a million pairs take no more memory than one page."""
    page, before = first, b"["
    while page:
        yield before + _inner(_shown(page, side))
        before = b","
        if len(page) < STREAMED_PAGE:
            break
        page = await sync_to_async(_next_page)(pairs, after=page[-1].pk)
    yield b"]"


async def _imported(side: SynchronizationSide, ids: Sequence[int]) -> AsyncIterator[bytes]:
    before = b"["
    for start in range(0, len(ids), STREAMED_PAGE):
        rows = await sync_to_async(_next_rows)(side, ids[start : start + STREAMED_PAGE])
        yield before + _inner(rows)
        before = b","
    yield b"]"


def _next_page(pairs: QuerySet[Pair], *, after: int) -> list[Pair]:
    try:
        return queries.page_of_pairs(pairs, after=after, limit=STREAMED_PAGE)
    finally:
        _release_connection()


def _next_rows(side: SynchronizationSide, ids: Sequence[int]) -> list[dict[str, Any]]:
    try:
        return _in_order(side, ids)
    finally:
        _release_connection()


def _release_connection() -> None:
    """A page is read in a thread of its own, whose connection nobody would give back while a slow reader reads."""
    if not connection.in_atomic_block:
        connection.close()


def _inner(rows: Sequence[dict[str, Any]]) -> bytes:
    return json.dumps(rows, separators=(",", ":")).encode()[1:-1]
