"""How synchronizations, their status, drafts and conflicts are shown, and what makes one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from connectors.opening import shown_address
from sync.api.moments import basic
from sync.engine.config import Problem
from sync.models import HourlyCount, Matter, Synchronization, SynchronizationSide, SynchronizationStatus
from sync.queries import SyncState, matter_values, sides_of
from tenancy.models import User

CONFIGURATION = (
    *("issueTypeMappings", "fieldMappings", "valueMappings", "workflowMappings", "linkMappings", "parents"),
    *("commentMapping", "attachmentMapping", "fieldDefaults", "peopleMapping", "policy", "responsible"),
    *("otherSideChanges", "deletionPolicy", "closeStates", "initialPass", "pollSeconds"),
)
"""Parts of a configuration, which stand beside the other members of a synchronization."""
DRAFT_PUBLISHED, DRAFT_OPEN = "DRAFT PUBLISHED", "DRAFT"


@extend_schema_field(OpenApiTypes.OBJECT)
class AnyObject(serializers.DictField):
    """An object whose members `docs/api.md` lists."""

    child = serializers.JSONField(allow_null=True)


class NewSideBody(serializers.Serializer[None]):
    """One project of a stored connector."""

    connectorId = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    projectKey = serializers.CharField(
        required=False, allow_blank=True, max_length=255, default="", help_text="Without it the connector's default."
    )
    jql = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=8_000,
        default="",
        help_text="Which items take part: JQL, a condition of WIQL, or a search of GitHub, by the side's system.",
    )


class NewSynchronizationBody(serializers.Serializer[None]):
    """A synchronization to be made; it may bring its whole configuration along."""

    summary = serializers.CharField(required=False, allow_blank=True, max_length=255, default="")
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000, default="")
    firstConnector = NewSideBody()
    secondConnector = NewSideBody()


class SideChangesBody(serializers.Serializer[None]):
    """A side's new filter."""

    jql = serializers.CharField(allow_blank=True, max_length=8_000, required=False)


class SynchronizationChangesBody(serializers.Serializer[None]):
    """What is changed at once; mappings are changed in a draft."""

    summary = serializers.CharField(required=False, max_length=255)
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    firstConnector = SideChangesBody(required=False)
    secondConnector = SideChangesBody(required=False)


class ConnectionBody(serializers.Serializer[None]):
    """Base address and credentials of one side's sync user."""

    connectorKey = serializers.CharField(max_length=70)
    baseUrl = serializers.CharField(required=False, max_length=500)
    username = serializers.CharField(required=False, allow_blank=True, max_length=255)
    password = serializers.CharField(required=False, max_length=8_000, write_only=True)


class HookSecretBody(serializers.Serializer[None]):
    """What a side's platform signs its webhooks with; empty closes the address."""

    connectorKey = serializers.CharField(max_length=70)
    secret = serializers.CharField(max_length=255, allow_blank=True, write_only=True)


class MarkBody(serializers.Serializer[None]):
    """How the items of one side are marked at the end."""

    side = serializers.ChoiceField(choices=["first", "second"])
    how = serializers.ChoiceField(choices=["label", "comment"])
    text = serializers.CharField(max_length=255)


class CutOverBody(serializers.Serializer[None]):
    """Whether and how one side is marked as left."""

    mark = MarkBody(required=False)


class ResolutionBody(serializers.Serializer[None]):
    """What a person decides about a matter."""

    resolution = serializers.ChoiceField(choices=["first", "second", "edit", "ignore", "retry"])
    value = serializers.JSONField(required=False, allow_null=True, help_text="With `edit`: in the terms of `side`.")
    side = serializers.ChoiceField(choices=["first", "second"], default="first")


class SyncConnectorShown(serializers.Serializer[None]):
    """One side, which the documents call a connector."""

    connectorKey = serializers.CharField()
    projectKey = serializers.CharField()
    connectorId = serializers.IntegerField()
    system = serializers.CharField()
    jiraBaseUrl = serializers.CharField(help_text="The platform's address, whatever the system.")
    jql = serializers.CharField()
    createdUser = serializers.CharField(allow_null=True)
    lastModifiedUser = serializers.CharField(allow_null=True)
    createdDate = serializers.CharField()
    lastModifiedDate = serializers.CharField()


class SyncConnectorStatus(serializers.Serializer[None]):
    """How one side stands."""

    connectorKey = serializers.CharField()
    online = serializers.BooleanField()
    reconnecting = serializers.BooleanField()
    incomingRouteStatus = serializers.CharField()
    incomingProcessingStatus = serializers.CharField()
    incomingDetails = serializers.CharField()
    outgoingRouteStatus = serializers.CharField()
    outgoingProcessingStatus = serializers.CharField()
    outgoingDetails = serializers.CharField()
    externalRouteStatus = serializers.CharField()
    issuesInError = serializers.IntegerField()


class SyncStatusShown(serializers.Serializer[None]):
    """How a synchronization stands."""

    status = serializers.ChoiceField(choices=SynchronizationStatus.choices)
    firstConnector = SyncConnectorStatus()
    secondConnector = SyncConnectorStatus()


class SyncStatusDetails(SyncStatusShown):
    """The same with counts."""

    pairs = serializers.IntegerField()
    held = serializers.IntegerField(help_text="Pairs that wait for a person.")
    openMatters = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Items noticed and not yet dealt with.")
    lagMs = serializers.IntegerField(allow_null=True, help_text="From a change to its mirroring.")
    lastPass = serializers.CharField(allow_null=True)
    lastReconcile = serializers.CharField(allow_null=True)


class SyncIntegration(serializers.Serializer[None]):
    """A synchronization with its mappings; `docs/api.md` has a complete example."""

    integrationKey = serializers.CharField()
    summary = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    createdUser = serializers.CharField(allow_null=True)
    lastModifiedUser = serializers.CharField(allow_null=True)
    createdDate = serializers.CharField()
    lastModifiedDate = serializers.CharField()
    version = serializers.IntegerField()
    draftStatus = serializers.CharField()
    migrationRun = serializers.CharField(allow_null=True)
    status = SyncStatusShown()
    firstConnector = SyncConnectorShown()
    secondConnector = SyncConnectorShown()
    issueTypeMappings = serializers.ListField(child=AnyObject())
    fieldMappings = serializers.ListField(child=AnyObject())
    valueMappings = serializers.ListField(child=AnyObject())
    workflowMappings = serializers.ListField(child=AnyObject())
    linkMappings = serializers.ListField(child=AnyObject())
    parents = serializers.BooleanField()
    commentMapping = AnyObject(allow_null=True)
    attachmentMapping = AnyObject(allow_null=True)
    fieldDefaults = AnyObject()
    peopleMapping = AnyObject()
    policy = serializers.CharField()
    responsible = serializers.CharField()
    otherSideChanges = serializers.CharField()
    deletionPolicy = serializers.CharField()
    closeStates = AnyObject()
    initialPass = serializers.CharField()
    pollSeconds = serializers.FloatField(allow_null=True)


class SyncDraft(serializers.Serializer[None]):
    """A draft: the configuration as it would be."""

    integrationKey = serializers.CharField()
    changedUser = serializers.CharField(allow_null=True)
    changedDate = serializers.CharField(allow_null=True)
    configuration = AnyObject()


class SyncConflict(serializers.Serializer[None]):
    """Something a configuration asks for that a project does not offer."""

    code = serializers.CharField()
    message = serializers.CharField()
    where = serializers.CharField(help_text="Its place in the configuration, such as `fieldMappings[2]`.")


class SyncHook(serializers.Serializer[None]):
    """Where a side's platform sends its webhooks to."""

    connectorKey = serializers.CharField()
    url = serializers.CharField()
    secret = serializers.CharField()
    lastReceived = serializers.CharField(allow_null=True)


class SyncMatter(serializers.Serializer[None]):
    """Something that needs a person: both values, what they agreed on last, who changed them and when."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    status = serializers.CharField()
    connectorKey = serializers.CharField()
    issueKey = serializers.CharField()
    firstIssueKey = serializers.CharField(allow_null=True)
    secondIssueKey = serializers.CharField(allow_null=True)
    field = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()
    base = serializers.JSONField(allow_null=True)
    values = serializers.JSONField(allow_null=True)
    firstUser = serializers.CharField(allow_null=True)
    firstDate = serializers.CharField(allow_null=True)
    secondUser = serializers.CharField(allow_null=True)
    secondDate = serializers.CharField(allow_null=True)
    attempts = serializers.IntegerField()
    createdDate = serializers.CharField()
    resolution = serializers.CharField(allow_null=True)
    resolvedUser = serializers.CharField(allow_null=True)
    resolvedDate = serializers.CharField(allow_null=True)


class SyncHour(serializers.Serializer[None]):
    """What one direction carried in an hour."""

    hour = serializers.CharField()
    direction = serializers.ChoiceField(choices=["FIRST_TO_SECOND", "SECOND_TO_FIRST"])
    changes = serializers.IntegerField()
    failures = serializers.IntegerField()


def show_synchronization(row: Synchronization, errors: tuple[int, int]) -> dict[str, Any]:
    """A synchronization in full; `errors` counts open matters by side."""
    first, second = sides_of(row)
    return {
        **_written(row),
        "integrationKey": row.key,
        "summary": row.summary,
        "description": row.description,
        "version": row.version,
        "draftStatus": DRAFT_PUBLISHED if row.draft is None else DRAFT_OPEN,
        "migrationRun": str(row.origin_run) if row.origin_run else None,
        "status": show_status(row, errors),
        "firstConnector": _side(row, first),
        "secondConnector": _side(row, second),
        **{name: row.configuration.get(name) for name in CONFIGURATION},
    }


def show_status(row: Synchronization, errors: tuple[int, int]) -> dict[str, Any]:
    """Whether it runs, and how its sides stand."""
    first, second = sides_of(row)
    return {
        "status": row.status,
        "firstConnector": _side_status(row, first, errors=errors[0]),
        "secondConnector": _side_status(row, second, errors=errors[1]),
    }


def show_status_details(row: Synchronization, state: SyncState) -> dict[str, Any]:
    """The same with counts."""
    return {
        **show_status(row, state.errors),
        "pairs": state.pairs,
        "held": state.held,
        "openMatters": state.open_matters,
        "waiting": state.waiting,
        "lagMs": row.lag_ms,
        "lastPass": basic(row.last_pass_at),
        "lastReconcile": basic(row.reconciled_at),
    }


def show_draft(row: Synchronization) -> dict[str, Any]:
    """The draft of a synchronization that has one."""
    return {
        "integrationKey": row.key,
        "changedUser": _who(row.draft_changed_by),
        "changedDate": basic(row.draft_changed_at),
        "configuration": row.draft,
    }


def show_problem(problem: Problem) -> dict[str, str]:
    """A conflict of the configuration."""
    return {"code": problem.code, "message": problem.message, "where": problem.where}


def show_matter(matter: Matter, row: Synchronization) -> dict[str, Any]:
    """A matter with the values it is about."""
    first, second = sides_of(row)
    values = matter_values(matter)
    return {
        "id": matter.pk,
        "kind": matter.kind,
        "status": matter.status,
        "connectorKey": (first if matter.position == 1 else second).key,
        "issueKey": matter.item,
        "firstIssueKey": matter.pair.first_key if matter.pair else None,
        "secondIssueKey": matter.pair.second_key if matter.pair else None,
        "field": matter.field or None,
        "code": matter.code,
        "message": matter.message,
        "base": values["base"],
        "values": values["values"],
        "firstUser": matter.first_by or None,
        "firstDate": basic(matter.first_at),
        "secondUser": matter.second_by or None,
        "secondDate": basic(matter.second_at),
        "attempts": matter.attempts,
        "createdDate": basic(matter.created_at),
        "resolution": matter.resolution or None,
        "resolvedUser": _who(matter.resolved_by),
        "resolvedDate": basic(matter.resolved_at),
    }


def show_hour(count: HourlyCount) -> dict[str, Any]:
    """Counts of an hour."""
    return {
        "hour": basic(count.hour),
        "direction": "FIRST_TO_SECOND" if count.direction == 1 else "SECOND_TO_FIRST",
        "changes": count.changes,
        "failures": count.errors,
    }


def _written(row: Synchronization) -> dict[str, Any]:
    return {
        "createdUser": _who(row.created_by),
        "lastModifiedUser": _who(row.changed_by),
        "createdDate": basic(row.created_at),
        "lastModifiedDate": basic(row.updated_at),
    }


def _side(row: Synchronization, side: SynchronizationSide) -> dict[str, Any]:
    connector = side.connector_project.connector
    return {
        **_written(row),
        "connectorKey": side.key,
        "projectKey": side.connector_project.key,
        "connectorId": connector.pk,
        "system": connector.system,
        "jiraBaseUrl": shown_address(connector),
        "jql": side.query,
    }


def _side_status(row: Synchronization, side: SynchronizationSide, *, errors: int) -> dict[str, Any]:
    runs = row.status == SynchronizationStatus.RUNNING
    route = "STARTED" if runs else "STOPPED"
    busy = "PROCESSING" if runs and row.lease_until is not None else "IDLE"
    return {
        "connectorKey": side.key,
        "online": side.online,
        "reconnecting": runs and not side.online,
        "incomingRouteStatus": route,
        "incomingProcessingStatus": busy,
        "incomingDetails": "",
        "outgoingRouteStatus": route,
        "outgoingProcessingStatus": busy,
        "outgoingDetails": side.error_message,
        "externalRouteStatus": "STARTED" if runs and side.online else "STOPPED",
        "issuesInError": errors,
    }


def _who(user: User | None) -> str | None:
    return user.email if user else None
