"""What Microsoft's own clients ask first: resource areas, and where each resource lives.

https://learn.microsoft.com/azure/devops/extend/develop/work-with-urls
"""

from __future__ import annotations

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.routes.registry import ORG_ONLY, Endpoints, Scope
from sandbox.http import Response

endpoints = Endpoints(scope=Scope.NONE)

AREAS = {
    "79134c72-4a58-4b42-976c-04e7115f32bf": "core",
    "5264459e-e5e0-4bd8-b118-0985e68a4ec5": "wit",
    "1d4f49f9-02b9-4e26-b826-2cdb6195f2a9": "work",
    "8a3d49b8-91f0-46ef-b33d-dda338c25db3": "IMS",
    "bb1e7ec9-e901-4b68-999a-de7012b920f8": "Graph",
}

_WIT = "{project}/_apis/{area}/{resource}"

LOCATIONS: tuple[tuple[str, str, str, str, int], ...] = (
    ("e81700f7-3be2-46de-8624-2eb35882fcaa", "Location", "ResourceAreas", "_apis/{resource}/{areaId}", 1),
    ("00d9565f-ed9c-4a06-9a50-00e7896ccab4", "Location", "ConnectionData", "_apis/{resource}", 1),
    ("603fe2ac-9723-48b9-88ad-09305aa6c6e1", "core", "projects", "_apis/{resource}/{*projectId}", 4),
    ("d30a3dd1-f8ba-442a-b86a-bd0c0c383e59", "core", "teams", "_apis/projects/{projectId}/{resource}/{*teamId}", 3),
    (
        "294c494c-2600-4d7e-b76c-3dd50c3c95be",
        "core",
        "members",
        "_apis/projects/{projectId}/teams/{teamId}/{resource}",
        2,
    ),
    ("93878975-88c5-4e6a-8abb-7ddd77a8a7d8", "process", "processes", "_apis/{area}/{resource}/{processId}", 1),
    ("e07b5fa4-1499-494d-a496-64b860fd64ff", "wit", "attachments", _WIT + "/{id}", 3),
    ("a70579d1-f53a-48ee-a5be-7be8659023b9", "wit", "classificationNodes", _WIT, 2),
    ("5a172953-1b41-49d3-840a-33f79c3ce89f", "wit", "classificationNodes", _WIT + "/{structureGroup}/{*path}", 2),
    (
        "608aac0a-32e1-4493-a863-b9cf4566d257",
        "wit",
        "comments",
        "{project}/_apis/{area}/workItems/{workItemId}/{resource}/{commentId}",
        4,
    ),
    (
        "49e03b34-3be0-42e3-8a5d-e8dfb88ac954",
        "wit",
        "versions",
        "{project}/_apis/{area}/workItems/{workItemId}/comments/{commentId}/{resource}/{version}",
        1,
    ),
    ("b51fd764-e5c2-4b9b-aaf7-3395cf4bdd94", "wit", "fields", _WIT + "/{fieldNameOrRefName}", 3),
    ("a67d190c-c41f-424b-814d-0e906f659301", "wit", "queries", _WIT + "/{*query}", 2),
    ("b70d8d39-926c-465e-b927-b1bf0e5ca0e0", "wit", "recyclebin", _WIT + "/{id}", 2),
    (
        "a00c85a5-80fa-4565-99c3-bcd2181434bb",
        "wit",
        "revisions",
        "{project}/_apis/{area}/workItems/{id}/{resource}/{revisionNumber}",
        3,
    ),
    (
        "6570bf97-d02c-4a91-8d93-3abe9895b1a9",
        "wit",
        "updates",
        "{project}/_apis/{area}/workItems/{id}/{resource}/{updateNumber}",
        4,
    ),
    ("bc15bc60-e7a8-43cb-ab01-2106be3983a1", "wit", "tags", _WIT + "/{tagIdOrName}", 1),
    ("1a9c53f7-f243-4447-b110-35ef023636e4", "wit", "wiql", "{project}/{team}/_apis/{area}/{resource}", 2),
    ("a02355f5-5f8a-4671-8e32-369d23aac83d", "wit", "wiql", "{project}/{team}/_apis/{area}/{resource}/{id}", 2),
    ("b5b5b6d0-0308-40a1-b3f4-b9bb3c66878f", "wit", "workItemLinks", "{project}/_apis/{area}/reporting/{resource}", 3),
    (
        "f828fe59-dd87-495d-a17c-7a8d6211ca6c",
        "wit",
        "workItemRevisions",
        "{project}/_apis/{area}/reporting/{resource}",
        2,
    ),
    ("f5d33bc9-5b49-4a3c-a9bd-f3cd46dd2165", "wit", "workItemRelationTypes", "_apis/{area}/{resource}/{relation}", 2),
    ("62d3d110-0047-428c-ad3c-4fe872c91c74", "wit", "workItems", _WIT + "/${type}", 3),
    ("72c7ddf8-2cdc-4f60-90cd-ab71c14a399b", "wit", "workItems", _WIT + "/{id}", 3),
    ("908509b6-4248-4475-a1cd-829139ba419f", "wit", "workItemsBatch", _WIT, 1),
    ("9b9f5734-36c8-415e-ba67-f83b45c31408", "wit", "workItemTypeCategories", _WIT + "/{category}", 2),
    ("7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa", "wit", "workItemTypes", _WIT + "/{type}", 2),
    (
        "bd293ce5-3d25-4192-8e67-e8092e879efb",
        "wit",
        "fields",
        "{project}/_apis/{area}/workItemTypes/{type}/{resource}/{field}",
        3,
    ),
    (
        "7c9d7a76-4a09-43e8-b5df-bd792f4ac6aa",
        "wit",
        "states",
        "{project}/_apis/{area}/workItemTypes/{type}/{resource}",
        1,
    ),
    ("c3c1012b-bea7-49d7-b45e-1664e566f84c", "work", "teamsettings", "{project}/{team}/_apis/{area}/{resource}", 1),
    (
        "c9175577-28a1-4b06-9197-8636af9f64ad",
        "work",
        "iterations",
        "{project}/{team}/_apis/{area}/teamsettings/{resource}/{id}",
        1,
    ),
    (
        "07ced576-58ed-49e6-9c1e-5cb53ab8bf2a",
        "work",
        "teamfieldvalues",
        "{project}/{team}/_apis/{area}/teamsettings/{resource}",
        1,
    ),
    ("23ad19fc-3b8e-4877-8462-b3f92bc06b40", "work", "boards", "{project}/{team}/_apis/{area}/{resource}/{id}", 1),
    (
        "c555d7ff-84e1-47df-9923-a3fe0cd8751b",
        "work",
        "columns",
        "{project}/{team}/_apis/{area}/boards/{board}/{resource}",
        1,
    ),
    ("28010c54-d0c0-4c89-a5b0-1c9e188b9fb7", "IMS", "identities", "_apis/{resource}/{identityId}", 1),
)


@endpoints.on("GET", "resourceareas", ORG_ONLY)
def list_areas(exchange: Exchange) -> Response:
    return exchange.collection([_area(exchange, guid, name) for guid, name in AREAS.items()])


@endpoints.on("GET", "resourceareas/{area}", ORG_ONLY)
def get_area(exchange: Exchange) -> Response:
    guid = exchange.call["area"].lower()
    if guid not in AREAS:
        raise errors.ApiError(404, "ResourceAreaNotFoundException", f"VS800075: No resource area {guid}.")
    return exchange.json(_area(exchange, guid, AREAS[guid]))


def _area(exchange: Exchange, guid: str, name: str) -> dict[str, object]:
    return {"id": guid, "name": name, "locationUrl": f"{exchange.base}/"}


@endpoints.on("OPTIONS", "", ORG_ONLY)
def list_locations(exchange: Exchange) -> Response:
    return exchange.collection(
        [
            {
                "id": guid,
                "area": area,
                "resourceName": resource,
                "routeTemplate": template,
                "resourceVersion": version,
                "minVersion": "1.0",
                "maxVersion": "7.2",
                "releasedVersion": "7.1",
            }
            for guid, area, resource, template, version in LOCATIONS
        ]
    )
