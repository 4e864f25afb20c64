"""A small site's answers to everything a description reads, to be changed by a test where it differs."""

from __future__ import annotations

from typing import Any

from tests.connectors.clients.jira.scripted import Reaction, Told

ROOT = "/rest/api/3"
WORKFLOWS = ("POST", f"{ROOT}/workflows")
STATUSES = ("GET", f"{ROOT}/project/DEMO/statuses")
PERMISSIONS = ("GET", f"{ROOT}/mypermissions")
PROJECT = ("GET", f"{ROOT}/project/DEMO")
MYSELF = ("GET", f"{ROOT}/myself")
FIELDS = ("GET", f"{ROOT}/field")
BOARDS = ("GET", "/rest/agile/1.0/board")
COUNT = ("POST", f"{ROOT}/search/approximate-count")
LINK_TYPES = ("GET", f"{ROOT}/issueLinkType")
TENANT = ("GET", "/_edge/tenant_info")

Site = dict[tuple[str, str], Reaction | list[Reaction]]

SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
POINTS = "com.pyxis.greenhopper.jira:jsw-story-points"
FLOAT = "com.atlassian.jira.plugin.system.customfieldtypes:float"


def refused(status: int, *messages: str, **fields: str) -> Told:
    return Told(status, {"errorMessages": list(messages), "errors": fields})


def screen_field(field_id: str, **more: Any) -> dict[str, Any]:
    return {"fieldId": field_id, "key": field_id, "name": field_id.title(), "required": False, **more}


def workflow(*status_ids: str) -> dict[str, Any]:
    names = {"1": ("To Do", "TODO"), "2": ("Doing", "IN_PROGRESS"), "3": ("Done", "DONE")}
    transitions: list[dict[str, Any]] = [
        {"id": f"1{status}", "name": names[status][0], "type": "GLOBAL", "toStatusReference": status}
        for status in status_ids
    ]
    first = {"id": "1", "name": "Create", "type": "INITIAL", "toStatusReference": status_ids[0]}
    return {
        "statuses": [
            {"id": status, "statusReference": status, "name": names[status][0], "statusCategory": names[status][1]}
            for status in status_ids
        ],
        "workflows": [
            {
                "id": "-".join(status_ids),
                "statuses": [{"statusReference": status} for status in status_ids],
                "transitions": [first, *transitions],
            }
        ],
    }


def page(*values: Any) -> Told:
    return Told(body={"startAt": 0, "maxResults": 50, "total": len(values), "isLast": True, "values": list(values)})


def site() -> Site:
    """Two types sharing a workflow, one scrum board with one sprint."""
    types = [
        {"id": "10001", "name": "Story", "hierarchyLevel": 0, "subtask": False},
        {"id": "10003", "name": "Sub-task", "hierarchyLevel": -1, "subtask": True},
    ]
    story = [
        screen_field("summary", required=True, schema={"type": "string", "system": "summary"}),
        screen_field("customfield_30", schema={"type": "number", "custom": FLOAT}),
        screen_field(
            "priority",
            schema={"type": "priority"},
            hasDefaultValue=True,
            allowedValues=[{"id": "1", "name": "High"}, {"id": "2", "value": "Low"}],
        ),
    ]
    return {
        MYSELF: Told(body={"accountId": "me", "displayName": "Jo", "emailAddress": "jo@acme.example", "active": True}),
        PROJECT: Told(body={"id": "10000", "key": "DEMO", "name": "Demo", "style": "classic"}),
        ("GET", f"{ROOT}/attachment/meta"): Told(body={"enabled": True, "uploadLimit": 1000}),
        ("GET", f"{ROOT}/issue/createmeta/DEMO/issuetypes"): Told(body={"issueTypes": types, "total": 2}),
        ("GET", f"{ROOT}/issue/createmeta/DEMO/issuetypes/10001"): Told(body={"fields": story, "total": 3}),
        ("GET", f"{ROOT}/issue/createmeta/DEMO/issuetypes/10003"): Told(body={"fields": story[:1], "total": 1}),
        WORKFLOWS: Told(body=workflow("1", "2", "3")),
        STATUSES: Told(
            body=[
                {"id": kind["id"], "statuses": [{"id": "1", "name": "To Do", "statusCategory": {"key": "new"}}]}
                for kind in types
            ]
        ),
        FIELDS: Told(
            body=[
                {"id": "customfield_10", "name": "Sprint", "schema": {"type": "array", "custom": SPRINT}},
                {"id": "customfield_20", "name": "Story Points", "schema": {"type": "number", "custom": FLOAT}},
                {"id": "customfield_30", "name": "Story points", "schema": {"type": "number", "custom": FLOAT}},
            ]
        ),
        ("GET", f"{ROOT}/priority/search"): page({"id": "1", "name": "High"}),
        ("GET", f"{ROOT}/resolution/search"): page({"id": "10000", "name": "Done"}),
        LINK_TYPES: Told(
            body={"issueLinkTypes": [{"id": "5", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"}]}
        ),
        ("GET", f"{ROOT}/project/DEMO/components"): Told(body=[{"id": "7", "name": "Engine"}]),
        ("GET", f"{ROOT}/project/DEMO/versions"): Told(body=[{"id": "8", "name": "1.0"}]),
        BOARDS: page({"id": 4, "name": "DEMO board", "type": "scrum", "location": {"projectKey": "DEMO"}}),
        ("GET", "/rest/agile/1.0/board/4/sprint"): page(
            {"id": 9, "name": "S 1", "state": "active", "originBoardId": 4}
        ),
        PERMISSIONS: Told(
            body={
                "permissions": {
                    "BROWSE_PROJECTS": {"havePermission": True},
                    "CREATE_ISSUES": {"havePermission": True},
                    "MODIFY_REPORTER": {"havePermission": False},
                }
            }
        ),
        COUNT: Told(body={"count": 5847}),
    }
