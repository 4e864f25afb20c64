"""Below one ended run: what verification found, as JSON, CSV and HTML; verifying it again; rolling it back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.template.loader import render_to_string
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from connectors.domain.errors import DomainError
from connectors.domain.systems import invalid
from migrations_app import proofs, queries, services
from migrations_app.api.downloads import CSV, AlwaysJson, csv_answer
from migrations_app.api.reading import read_body, read_query, run_id_of
from migrations_app.api.run_bodies import show_run
from migrations_app.api.verification_bodies import (
    MigrationsFollowUp,
    MigrationsRollback,
    MigrationsVerification,
    add_up,
    show_difference,
    show_follow_up,
    show_rolled_back,
    show_verification,
)
from migrations_app.models import FollowUp, MigrationRun
from migrations_app.proofs import Proof
from tenancy.permissions import Action, May
from tenancy.principal import principal_of

PAGE = 100
LARGEST_PAGE = 1000


class MigrationsDifferenceQuery(serializers.Serializer[None]):
    """Which page."""

    limit = serializers.IntegerField(min_value=0, max_value=LARGEST_PAGE, default=PAGE)
    after = serializers.CharField(max_length=20, required=False, help_text="`next` of the page before.")


class MigrationsRollbackQuery(MigrationsDifferenceQuery):
    """Which issues."""

    outcome = serializers.ChoiceField(choices=["deleted", "gone", "kept"], required=False)


class MigrationsRollbackStart(serializers.Serializer[None]):
    """Deleting cannot be undone."""

    confirm = serializers.CharField(max_length=255, help_text="The key of the target project.")


class _BelowRun(GenericViewSet[MigrationRun]):
    permission_classes = (May,)
    content_negotiation_class = AlwaysJson
    queryset = MigrationRun.objects.none()  # what the schema needs to know; reads start from the organization
    pagination_class = None
    filter_backends = ()

    def _run(self, request: Request, run_id: str) -> MigrationRun:
        return queries.find_run(principal_of(request).organization, run_id_of(run_id))


class RunVerification(_BelowRun):
    """Verifications of one run."""

    allowed_actions: ClassVar[dict[str, Action]] = {
        "verification": Action.SEE,
        "verification_csv": Action.SEE,
        "verification_html": Action.SEE,
        "verify": Action.OPERATE_RUNS,
    }
    serializer_class = MigrationsVerification  # type: ignore[assignment]

    @extend_schema(
        operation_id="get_verification",
        parameters=[MigrationsDifferenceQuery],
        responses=MigrationsVerification,
        tags=["migrations"],
    )
    def verification(self, request: Request, run_id: str) -> Response:
        """Everything that is not on the target as it is in the source, what was compared, and the table that accounts
        for every scanned item."""
        run = self._run(request, run_id)
        query = read_query(MigrationsDifferenceQuery, request)
        proof = proofs.newest_proof(run)
        found = proofs.differences_of(run, proof).filter(pk__gt=_cursor(query.get("after")))
        page = list(found[: query["limit"] + 1])
        shown = page[: query["limit"]]
        more = str(shown[-1].pk) if shown and len(page) > len(shown) else None
        return Response({**_body(run, proof), "differences": [show_difference(each) for each in shown], "next": more})

    @extend_schema(
        operation_id="verify_migration", request=None, responses={202: MigrationsFollowUp}, tags=["migrations"]
    )
    def verify(self, request: Request, run_id: str) -> Response:
        """Reads both sides of an ended run again and compares them, in the background and without writing to either.
        What it finds replaces what is shown of the run's verification; the run itself stays as it ended."""
        return Response(show_follow_up(services.verify_again(run_id_of(run_id), by=principal_of(request))), status=202)

    @extend_schema(operation_id="get_verification_csv", responses=CSV, tags=["migrations"])
    def verification_csv(self, request: Request, run_id: str) -> HttpResponse:
        """The differences as a table."""
        return differences_csv(self._run(request, run_id))

    @extend_schema(
        operation_id="get_verification_html",
        responses={(200, "text/html"): OpenApiResponse(OpenApiTypes.STR)},
        tags=["migrations"],
    )
    def verification_html(self, request: Request, run_id: str) -> HttpResponse:
        """The same as one page to be kept or printed; it needs nothing from anywhere."""
        run = self._run(request, run_id)
        return HttpResponse(printable(run))


class RunRollback(_BelowRun):
    """Rollbacks of one run."""

    allowed_actions: ClassVar[dict[str, Action]] = {"rollback": Action.SEE, "roll_back": Action.ROLL_BACK}
    serializer_class = MigrationsRollback  # type: ignore[assignment]

    @extend_schema(
        operation_id="get_rollback",
        parameters=[MigrationsRollbackQuery],
        responses=MigrationsRollback,
        tags=["migrations"],
    )
    def rollback(self, request: Request, run_id: str) -> Response:
        """What the newest rollback of the run did, issue by issue."""
        run = self._run(request, run_id)
        query = read_query(MigrationsRollbackQuery, request)
        newest = proofs.rollbacks_of(run).first()
        if newest is None:
            raise DomainError("ROLLBACK_NOT_FOUND", f"Run {run.pk} was never rolled back", status=404)
        return Response(_rollback(newest, query))

    @extend_schema(
        operation_id="roll_back_migration",
        request=MigrationsRollbackStart,
        responses={202: MigrationsFollowUp},
        tags=["migrations"],
    )
    def roll_back(self, request: Request, run_id: str) -> Response:
        """Deletes the issues that the run created and nobody changed since, children first, in the background. What has
        to stay is listed with the reason."""
        run = self._run(request, run_id)
        body = read_body(MigrationsRollbackStart, request)
        made = services.roll_back(run.pk, confirm=body["confirm"], by=principal_of(request))
        return Response(show_follow_up(made), status=202)


def differences_csv(run: MigrationRun) -> HttpResponse:
    """All differences of the newest verification as a download."""
    columns = ("item", "target_key", "field", "code", "source_value", "target_value")
    found = proofs.differences_of(run, proofs.newest_proof(run))
    rows = found.values_list(*columns).iterator(chunk_size=5000)
    return csv_answer(("source_id", *columns[1:]), rows, name=f"verification-{run.pk}.csv")


def printable(run: MigrationRun) -> str:
    """The whole newest verification as one HTML page that needs nothing from anywhere."""
    proof = proofs.newest_proof(run)
    shown = {
        "run": show_run(run),
        "ends": _ends(run),
        "options": sorted(run.config.get("options", {}).items()),
        "verification": _body(run, proof),
        "total": add_up(proofs.reckon(run)),
        "differences": proofs.differences_of(run, proof).iterator(chunk_size=2000),
    }
    return render_to_string("migrations_app/verification.html", shown)


def _body(run: MigrationRun, proof: Proof) -> dict[str, Any]:
    return show_verification(
        run,
        proof,
        reckoning=proofs.reckon(run),
        requested=proofs.verifications_of(run).first(),
        count=proofs.differences_of(run, proof).count(),
    )


def _rollback(follow_up: FollowUp, query: dict[str, Any]) -> dict[str, Any]:
    rows = proofs.rolled_back(follow_up)
    counts = {outcome: rows.filter(outcome=outcome).count() for outcome in ("deleted", "gone", "kept")}
    if "outcome" in query:
        rows = rows.filter(outcome=query["outcome"])
    page = list(rows.filter(pk__gt=_cursor(query.get("after")))[: query["limit"] + 1])
    shown = page[: query["limit"]]
    return {
        **show_follow_up(follow_up),
        **counts,
        "sprintsDeleted": follow_up.result.get("sprints", 0),
        "componentsDeleted": follow_up.result.get("components", 0),
        "items": [show_rolled_back(item) for item in shown],
        "next": str(shown[-1].pk) if shown and len(page) > len(shown) else None,
    }


def _ends(run: MigrationRun) -> dict[str, str]:
    """Where from and where to, as it was asked for; nothing of the credentials."""
    return {
        side: f"{run.config[side]['server']} · {run.config[side]['project']}"
        for side in ("source", "target")
        if side in run.config
    }


def _cursor(text: str | None) -> int:
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit()):
        raise invalid({"after": ["Not a position: send the `next` of the page before."]})
    return int(text[:18])
