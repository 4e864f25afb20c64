"""`/integrations…`: synchronizations and what is done with them.

https://help.k15t.com/backbone-issue-sync/5.14/cloud/integration-synchronization-actions
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.opening import shown_address
from sync import queries
from sync.api.integration_bodies import (
    CONFIGURATION,
    ConnectionBody,
    CutOverBody,
    HookSecretBody,
    NewSynchronizationBody,
    SyncConflict,
    SyncHook,
    SyncHour,
    SynchronizationChangesBody,
    SyncIntegration,
    SyncStatusDetails,
    show_hour,
    show_problem,
    show_status_details,
    show_synchronization,
)
from sync.api.moments import basic
from sync.api.surface import SyncSurface, caller, read_body, read_object, side_of, synchronization_for, whole_number
from sync.api.task_bodies import SyncTaskStarted, show_started
from sync.models import Synchronization, SynchronizationSide
from sync.services import configuration, connection, control
from sync.services.checking import find_problems
from tenancy.audit import MASK
from tenancy.permissions import Action

MOST_LISTED = 1_000
_TAGS = ["synchronization"]
_PROJECT = OpenApiParameter("projectKey", str, description="Only synchronizations of this project.")
_SITE = OpenApiParameter("jiraBaseUrl", str, description="Only those with a side at this address.")
_HOURS = OpenApiParameter("hours", int, description="1 to 744; 24 when left out.")


class SyncIntegrations(SyncSurface):
    """Synchronizations of the organization."""

    allowed_actions: ClassVar[dict[str, Action]] = {
        "list": Action.SEE,
        "retrieve": Action.SEE,
        "status": Action.SEE,
        "conflicts": Action.SEE,
        "activity": Action.SEE,
        "webhooks": Action.SEE,
        "create": Action.MANAGE_SYNCHRONIZATIONS,
        "update": Action.MANAGE_SYNCHRONIZATIONS,
        "destroy": Action.MANAGE_SYNCHRONIZATIONS,
        "start": Action.MANAGE_SYNCHRONIZATIONS,
        "stop": Action.MANAGE_SYNCHRONIZATIONS,
        "cut_over": Action.MANAGE_SYNCHRONIZATIONS,
        "set_connection": Action.MANAGE_SYNCHRONIZATIONS,
        "set_webhook": Action.MANAGE_SYNCHRONIZATIONS,
        "reconcile": Action.RESYNC,
    }

    @extend_schema(
        operation_id="list_synchronizations",
        parameters=[_PROJECT, _SITE],
        responses=SyncIntegration(many=True),
        tags=_TAGS,
    )
    def list(self, request: Request) -> Response:
        """All synchronizations, the newest first."""
        _, organization = caller(request)
        rows = list(
            queries.synchronizations_of(organization, project=request.query_params.get("projectKey", "").strip())[
                :MOST_LISTED
            ]
        )
        if site := request.query_params.get("jiraBaseUrl", "").strip().rstrip("/"):
            rows = [row for row in rows if any(_address(side) == site for side in queries.sides_of(row))]
        errors = queries.errors_of(rows)
        return Response([show_synchronization(row, errors[row.pk]) for row in rows])

    @extend_schema(operation_id="get_synchronization", responses=SyncIntegration, tags=_TAGS)
    def retrieve(self, request: Request, key: str) -> Response:
        """One synchronization with its two connector keys and all its mappings."""
        return Response(_shown(synchronization_for(request, key)))

    @extend_schema(
        operation_id="create_synchronization",
        request=NewSynchronizationBody,
        responses={201: SyncIntegration},
        tags=_TAGS,
    )
    def create(self, request: Request) -> Response:
        """Makes a synchronization, stopped. Mappings may come along; those without an id get one."""
        given = read_object(request.data)
        document = {name: given.pop(name) for name in CONFIGURATION if name in given}
        body = read_body(NewSynchronizationBody, given)
        row = configuration.create_synchronization(
            first=_choice(body["firstConnector"]),
            second=_choice(body["secondConnector"]),
            summary=body["summary"],
            description=body["description"],
            configuration=document,
            by=caller(request)[0],
        )
        return Response(_shown(row), status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="update_synchronization", request=SynchronizationChangesBody, responses=SyncIntegration, tags=_TAGS
    )
    def update(self, request: Request, key: str) -> Response:
        """Changes words and filters at once; mappings are changed in a draft."""
        body = read_body(SynchronizationChangesBody, read_object(request.data))
        changes = configuration.SynchronizationChanges(
            summary=body.get("summary"),
            description=body.get("description"),
            first_query=body.get("firstConnector", {}).get("jql"),
            second_query=body.get("secondConnector", {}).get("jql"),
        )
        row = configuration.update_synchronization(synchronization_for(request, key), changes, by=caller(request)[0])
        return Response(_shown(row))

    @extend_schema(operation_id="delete_synchronization", responses={200: OpenApiResponse()}, tags=_TAGS)
    def destroy(self, request: Request, key: str) -> Response:
        """Stops and removes it with its sync information; the items stay."""
        configuration.delete_synchronization(synchronization_for(request, key), by=caller(request)[0])
        return Response(status=status.HTTP_200_OK)

    @extend_schema(operation_id="get_synchronization_status", responses=SyncStatusDetails, tags=_TAGS)
    def status(self, request: Request, key: str) -> Response:
        """How it stands."""
        row = synchronization_for(request, key)
        return Response(show_status_details(row, queries.state_of(row)))

    @extend_schema(operation_id="list_synchronization_conflicts", responses=SyncConflict(many=True), tags=_TAGS)
    def conflicts(self, request: Request, key: str) -> Response:
        """What keeps the configuration from working; empty when all is well."""
        return Response([show_problem(each) for each in find_problems(synchronization_for(request, key))])

    @extend_schema(
        operation_id="start_synchronization", methods=["POST"], request=None, responses=SyncTaskStarted, tags=_TAGS
    )
    @extend_schema(
        operation_id="put_start_synchronization", methods=["PUT"], request=None, responses=SyncTaskStarted, tags=_TAGS
    )
    def start(self, request: Request, key: str) -> Response:
        """Checks both sides and begins to keep them alike."""
        return Response(show_started(control.start(synchronization_for(request, key), by=caller(request)[0])))

    @extend_schema(
        operation_id="stop_synchronization", methods=["POST"], request=None, responses=SyncTaskStarted, tags=_TAGS
    )
    @extend_schema(
        operation_id="put_stop_synchronization", methods=["PUT"], request=None, responses=SyncTaskStarted, tags=_TAGS
    )
    def stop(self, request: Request, key: str) -> Response:
        """Stops at once; where the sides stood is remembered."""
        return Response(show_started(control.stop(synchronization_for(request, key), by=caller(request)[0])))

    @extend_schema(operation_id="cut_over_synchronization", request=CutOverBody, responses=SyncTaskStarted, tags=_TAGS)
    def cut_over(self, request: Request, key: str) -> Response:
        """A last pass, then it ends for good; the items of one side are marked when asked for."""
        body = read_body(CutOverBody, read_object(request.data or {}))
        mark = body.get("mark")
        marking = control.Marking(_position(mark["side"]), mark["how"], mark["text"]) if mark else None
        task = control.cut_over(synchronization_for(request, key), marking=marking, by=caller(request)[0])
        return Response(show_started(task))

    @extend_schema(
        operation_id="reconcile_synchronization", request=None, responses={200: OpenApiResponse()}, tags=_TAGS
    )
    def reconcile(self, request: Request, key: str) -> Response:
        """Has all items compared by the next passes, as happens once a day anyway."""
        control.compare_everything(synchronization_for(request, key), by=caller(request)[0])
        return Response(status=status.HTTP_200_OK)

    @extend_schema(
        operation_id="set_synchronization_connection",
        request=ConnectionBody,
        responses={200: OpenApiResponse()},
        tags=_TAGS,
    )
    def set_connection(self, request: Request, key: str) -> Response:
        """Changes address and credentials of one side's platform, while the synchronization is stopped."""
        body = read_body(ConnectionBody, read_object(request.data))
        side = side_of(synchronization_for(request, key), body["connectorKey"])
        changes = connection.ConnectionChanges(body.get("baseUrl"), body.get("username"), body.get("password"))
        connection.change_connection(side, changes, by=caller(request)[0])
        return Response(status=status.HTTP_200_OK)

    @extend_schema(operation_id="list_synchronization_webhooks", responses=SyncHook(many=True), tags=_TAGS)
    def webhooks(self, request: Request, key: str) -> Response:
        """Where the platforms may send their webhooks to, so that changes are noticed at once."""
        return Response([_hook(request, side) for side in queries.sides_of(synchronization_for(request, key))])

    @extend_schema(
        operation_id="set_synchronization_webhook", request=HookSecretBody, responses=SyncHook(many=True), tags=_TAGS
    )
    def set_webhook(self, request: Request, key: str) -> Response:
        """Sets the secret that a side's platform signs with."""
        body = read_body(HookSecretBody, read_object(request.data))
        side = side_of(synchronization_for(request, key), body["connectorKey"])
        configuration.set_hook_secret(side, body["secret"], by=caller(request)[0])
        return self.webhooks(request, key)

    @extend_schema(
        operation_id="get_synchronization_activity", parameters=[_HOURS], responses=SyncHour(many=True), tags=_TAGS
    )
    def activity(self, request: Request, key: str) -> Response:
        """What was carried by hour and direction."""
        asked = request.query_params.get("hours", "24")
        hours = max(1, whole_number(asked, "hours", highest=queries.MAX_HOURS))
        return Response([show_hour(each) for each in queries.hours_of(synchronization_for(request, key), hours=hours)])


def _shown(row: Synchronization) -> dict[str, Any]:
    return show_synchronization(row, queries.errors_of([row])[row.pk])


def _choice(body: dict[str, Any]) -> configuration.SideChoice:
    return configuration.SideChoice(body["connectorId"], body["projectKey"], body["jql"])


def _position(name: str) -> int:
    return 1 if name == "first" else 2


def _address(side: SynchronizationSide) -> str:
    return shown_address(side.connector_project.connector).rstrip("/")


def _hook(request: Request, side: SynchronizationSide) -> dict[str, Any]:
    return {
        "connectorKey": side.key,
        "url": request.build_absolute_uri(reverse("hook", args=[side.hook_slug])),
        "secret": MASK if side.sealed_hook_secret else "",
        "lastReceived": basic(side.woken_at),
    }
