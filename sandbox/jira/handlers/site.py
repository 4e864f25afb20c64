"""The site itself: server information, permissions, tenant, webhooks."""

from __future__ import annotations

from sandbox.http import Response, empty_response
from sandbox.jira.durations import stamp
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import Refusal, refuse
from sandbox.jira.models import JsonObject
from sandbox.jira.site import ALL_PERMISSIONS, CLOUD_ID, GLOBAL_PERMISSIONS

endpoints = Endpoints()


@endpoints.root("GET", "_edge/tenant_info")
def tenant_info(ask: Ask) -> Response:
    """The cloud id, open to everybody."""
    return ask.json({"cloudId": CLOUD_ID})


@endpoints.platform("GET", "serverInfo", anonymous=True)
def server_info(ask: Ask) -> Response:
    """What runs here, and its clock."""
    zone = ask.state.spec.time_zone
    return ask.json(
        {
            "baseUrl": ask.wire.base,
            "displayUrl": ask.wire.base,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100_290,
            "buildDate": stamp(1_767_225_600.0, zone),
            "serverTime": ask.wire.time(ask.state.now()),
            "scmInfo": "sandbox",
            "serverTitle": "Jira",
            "serverTimeZone": zone,
        }
    )


@endpoints.platform("GET", "mypermissions", anonymous=True)
def my_permissions(ask: Ask) -> Response:
    """The caller's permissions, of those asked for; the list is a must."""
    wanted = ask.listed("permissions")
    if not wanted:
        raise refuse(400, "The 'permissions' query parameter is required.")
    unknown = [name for name in wanted if name not in ALL_PERMISSIONS]
    if unknown:
        raise refuse(400, f"Unrecognized permission: {unknown[0]}")
    for name in ("projectKey", "projectId"):
        value = ask.param(name)
        if value is not None and ask.caller.project(ask.state, value) is None:
            raise refuse(404, f"No project could be found with key '{value}'.")
    issue = ask.param("issueKey") or ask.param("issueId")
    if issue is not None:
        ask.caller.issue(ask.state, issue)
    shown = {name: {**_permission(name), "havePermission": ask.caller.may(name)} for name in wanted}
    return ask.json({"permissions": shown})


@endpoints.platform("GET", "permissions")
def permissions(ask: Ask) -> Response:
    """Every permission there is."""
    return ask.json({"permissions": {name: _permission(name) for name in sorted(ALL_PERMISSIONS)}})


def _permission(name: str) -> JsonObject:
    return {
        "id": str(sorted(ALL_PERMISSIONS).index(name)),
        "key": name,
        "name": name.replace("_", " ").capitalize(),
        "type": "GLOBAL" if name in GLOBAL_PERMISSIONS else "PROJECT",
        "description": "",
    }


@endpoints.platform("GET", "configuration")
def configuration(ask: Ask) -> Response:
    """Which optional parts are on, and how time is counted."""
    return ask.json(
        {
            "votingEnabled": True,
            "watchingEnabled": True,
            "unassignedIssuesAllowed": True,
            "subTasksEnabled": True,
            "issueLinkingEnabled": True,
            "timeTrackingEnabled": True,
            "attachmentsEnabled": True,
            "timeTrackingConfiguration": {
                "workingHoursPerDay": 8.0,
                "workingDaysPerWeek": 5.0,
                "timeFormat": "pretty",
                "defaultUnit": "minute",
            },
        }
    )


@endpoints.platform("GET", "webhook")
def list_webhooks(_ask: Ask) -> Response:
    """Dynamic webhooks are for apps only."""
    raise _apps_only()


@endpoints.platform("POST", "webhook", writes=False)
def register_webhook(_ask: Ask) -> Response:
    """Dynamic webhooks are for apps only."""
    raise _apps_only()


def _apps_only() -> Refusal:
    return Refusal(403, {"errorMessages": ["Only Connect and OAuth 2.0 apps can use this operation."], "errors": {}})


@endpoints.platform("GET", "issue/limit/report")
def limit_report(ask: Ask) -> Response:
    """Issues near a hard limit: none on a site of this size."""
    limits = {"comment": 5000, "worklog": 5000, "attachment": 2000, "issuelinks": 2000, "remoteIssueLinks": 2000}
    return ask.json({"issuesApproachingLimit": {}, "issuesBreachingLimit": {}, "limits": limits})


@endpoints.root("GET", "")
def front_page(_ask: Ask) -> Response:
    """The address a browser would open."""
    return empty_response(302, {"Location": "/jira"})
