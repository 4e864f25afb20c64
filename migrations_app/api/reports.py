"""What became of a run's items, as JSON and CSV."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from connectors.domain.systems import invalid
from migrations_app import queries
from migrations_app.api.downloads import CSV, AlwaysJson, csv_answer
from migrations_app.api.reading import read_query, run_id_of
from migrations_app.api.report_bodies import (
    PENDING,
    MigrationsItemPage,
    MigrationsReport,
    show_item,
    show_report,
)
from migrations_app.engine.state import Outcome
from migrations_app.models import MigrationRun
from migrations_app.queries import ItemQuery
from tenancy.permissions import Action, May
from tenancy.principal import principal_of

PAGE = 100
LARGEST_PAGE = 500
_OUTCOMES = {outcome.value or PENDING: outcome for outcome in Outcome}


class MigrationsPageQuery(serializers.Serializer[None]):
    """Which page."""

    limit = serializers.IntegerField(min_value=1, max_value=LARGEST_PAGE, default=PAGE)
    after = serializers.CharField(max_length=60, required=False, help_text="`next` of the page before.")


class MigrationsItemQuery(MigrationsPageQuery):
    """Which items."""

    outcome = serializers.ChoiceField(choices=list(_OUTCOMES), required=False)
    type = serializers.CharField(max_length=255, required=False)
    q = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="An id, a key, or a part of the title."
    )


class MigrationsPreviewItem(serializers.Serializer[None]):
    """What would be sent for one item."""

    id = serializers.CharField()
    payload = serializers.DictField()


class MigrationsPreviewPage(serializers.Serializer[None]):
    """The payloads of a dry run in creation order of the items."""

    total = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    items = MigrationsPreviewItem(many=True)


class RunReports(GenericViewSet[MigrationRun]):
    """Reads below one run."""

    permission_classes = (May,)
    content_negotiation_class = AlwaysJson
    allowed_actions: ClassVar[dict[str, Action]] = dict.fromkeys(("items", "key_map", "preview", "report"), Action.SEE)
    serializer_class = MigrationsItemPage  # type: ignore[assignment]
    queryset = MigrationRun.objects.none()  # what the schema needs to know; reads start from the organization
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="list_migration_items",
        parameters=[MigrationsItemQuery],
        responses=MigrationsItemPage,
        tags=["migrations"],
    )
    def items(self, request: Request, run_id: str) -> Response:
        """The run's items in creation order."""
        run = self._run(request, run_id)
        query = read_query(MigrationsItemQuery, request)
        outcome = _OUTCOMES[query["outcome"]] if "outcome" in query else None
        wanted = ItemQuery(outcome=outcome, type=query.get("type", ""), text=query.get("q", ""))
        after = _read_cursor(query.get("after"))
        page = list(queries.items_after(queries.items_of(run, wanted), after)[: query["limit"] + 1])
        shown, more = page[: query["limit"]], len(page) > query["limit"]
        following = f"{shown[-1].position}.{shown[-1].pk}" if more else None
        total = queries.count_items(run, wanted)
        return Response({"total": total, "next": following, "items": [show_item(item) for item in shown]})

    @extend_schema(operation_id="get_key_map", responses=CSV, tags=["migrations"])
    def key_map(self, request: Request, run_id: str) -> HttpResponse:
        """Source id, target key, type and title of every item that has arrived."""
        run = self._run(request, run_id)
        columns = ("source", "target_key", "type", "title")
        rows = queries.moved_items(run).values_list(*columns).iterator(chunk_size=5000)
        return csv_answer(("source_id", "target_key", "type", "title"), rows, name=f"key-map-{run.pk}.csv")

    @extend_schema(
        operation_id="get_dry_run_preview",
        parameters=[MigrationsPageQuery],
        responses=MigrationsPreviewPage,
        tags=["migrations"],
    )
    def preview(self, request: Request, run_id: str) -> Response:
        """The exact payload a dry run would have sent for each item; kept for 14 days."""
        run = self._run(request, run_id)
        query = read_query(MigrationsPageQuery, request)
        _, last = _read_cursor(query.get("after")) or (0, 0)
        kept = run.previews.order_by("pk")
        page = list(kept.filter(pk__gt=last)[: query["limit"] + 1])
        shown, more = page[: query["limit"]], len(page) > query["limit"]
        return Response(
            {
                "total": kept.count(),
                "next": f"0.{shown[-1].pk}" if more else None,
                "items": [{"id": each.source, **each.payload} for each in shown],
            }
        )

    @extend_schema(operation_id="get_migration_report", responses=MigrationsReport, tags=["migrations"])
    def report(self, request: Request, run_id: str) -> Response:
        """Items by type and outcome, effects by kind, requests and speed."""
        run = self._run(request, run_id)
        return Response(show_report(run, queries.report_of(run)))

    def _run(self, request: Request, run_id: str) -> MigrationRun:
        return queries.find_run(principal_of(request).organization, run_id_of(run_id))


def _read_cursor(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    position, dot, pk = text.partition(".")
    if not (dot and position.isascii() and position.isdigit() and pk.isascii() and pk.isdigit()):
        raise invalid({"after": ["Not a position: send the `next` of the page before."]})
    return int(position[:18]), int(pk[:18])
