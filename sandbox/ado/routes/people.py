"""Who there is. The service keeps these on another host; the stand-in answers them where it is.

https://learn.microsoft.com/rest/api/azure/devops/graph/users
"""

from __future__ import annotations

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.model import Person
from sandbox.ado.routes.projects import CONTINUATION
from sandbox.ado.routes.registry import ORG_ONLY, Endpoints, Scope
from sandbox.http import Response

endpoints = Endpoints(scope=Scope.PROJECT)

PAGE = 100
ANONYMOUS_ID = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"


def _graph_user(exchange: Exchange, person: Person) -> dict[str, object]:
    state = {"href": exchange.url("_apis", "Graph", "MembershipStates", person.descriptor)}
    return {
        "subjectKind": "user",
        "domain": "contoso.example",
        "principalName": person.unique_name,
        "mailAddress": person.unique_name,
        "origin": "aad",
        "originId": person.id,
        "displayName": person.name,
        "_links": {"membershipState": state},
        "url": exchange.url("_apis", "Graph", "Users", person.descriptor),
        "descriptor": person.descriptor,
    }


@endpoints.on("GET", "graph/users", ORG_ONLY, preview=True)
def list_users(exchange: Exchange) -> Response:
    everyone = [person for person in exchange.org.people.all if person.active and not person.container]
    token = exchange.text("continuationToken")
    if token and not token.isdigit():
        raise errors.bad_request(f"The continuation token '{token}' is not valid.")
    start = int(token or "0")
    headers = {CONTINUATION: str(start + PAGE)} if start + PAGE < len(everyone) else {}
    return exchange.collection([_graph_user(exchange, p) for p in everyone[start : start + PAGE]], headers)


@endpoints.on("GET", "graph/users/{descriptor}", ORG_ONLY, preview=True)
def get_user(exchange: Exchange) -> Response:
    person = exchange.org.people.find(exchange.call["descriptor"])
    if person is None:
        raise errors.ApiError(404, "GraphSubjectNotFoundException", "VS860048: Could not find the user.")
    return exchange.json(_graph_user(exchange, person))


@endpoints.on("GET", "graph/membershipstates/{descriptor}", ORG_ONLY, preview=True)
def get_membership(exchange: Exchange) -> Response:
    person = exchange.org.people.find(exchange.call["descriptor"])
    if person is None:
        raise errors.ApiError(404, "GraphSubjectNotFoundException", "VS860048: Could not find the user.")
    return exchange.json({"active": person.active})


@endpoints.on("GET", "identities", ORG_ONLY)
def search_identities(exchange: Exchange) -> Response:
    """By filter text, ids or descriptors; people who left are found too, and marked."""
    found: list[Person] = []
    keys = [exchange.text(name) for name in ("identityIds", "descriptors", "subjectDescriptors")]
    for key in (part for text in keys for part in text.split(",") if part):
        person = exchange.org.people.find(key)
        if person is not None:
            found.append(person)
    if exchange.text("filterValue"):
        exact = exchange.org.people.find(exchange.text("filterValue"))
        found += [exact] if exact else exchange.org.people.search(exchange.text("filterValue"))
    return exchange.collection([identity(person) for person in found])


def identity(person: Person) -> dict[str, object]:
    """An identity of the identity service, which has another shape than a reference."""
    return {
        "id": person.id,
        "descriptor": f"Microsoft.IdentityModel.Claims.ClaimsIdentity;contoso\\{person.unique_name}",
        "subjectDescriptor": person.descriptor,
        "providerDisplayName": person.name,
        "isActive": person.active,
        "properties": {
            "Account": {"$type": "System.String", "$value": person.unique_name},
            "Mail": {"$type": "System.String", "$value": person.unique_name},
        },
        "resourceVersion": 2,
        "metaTypeId": 0,
    }


@endpoints.on("GET", "connectiondata", ORG_ONLY, scope=Scope.NONE)
def connection_data(exchange: Exchange) -> Response:
    """Answers anonymous callers too: only the identity tells them apart."""
    if exchange.call.principal:
        user = identity(exchange.org.owner)
    else:
        user = {
            "id": ANONYMOUS_ID,
            "descriptor": "System:PublicAccess;" + ANONYMOUS_ID,
            "subjectDescriptor": "sp.YWFhYWFhYWEtYWFhYS1hYWFhLWFhYWEtYWFhYWFhYWFhYWFh",
            "providerDisplayName": "Anonymous",
            "isActive": True,
            "properties": {},
            "resourceVersion": 2,
            "metaTypeId": 0,
        }
    return exchange.json(
        {
            "authenticatedUser": user,
            "authorizedUser": user,
            "instanceId": exchange.org.id,
            "deploymentId": exchange.org.id[::-1],
            "deploymentType": "hosted",
            "locationServiceData": {"lastChangeId": 424239147, "lastChangeId64": 424239147},
        }
    )


@endpoints.on("GET", "build/definitions", ORG_ONLY, scope=Scope.WORK_LIST)
def list_builds(exchange: Exchange) -> Response:
    return exchange.collection([])
