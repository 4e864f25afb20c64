"""Building the calls that tell what changed, and who somebody is. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from connectors.clients.azure_devops.wire.reading import API_VERSION, HEADERS, moment_text, quoted
from connectors.clients.calls import Call, json_body, path_of

IN_PROJECT: Final = "[System.TeamProject] = @project"
VERSION_FIELDS: Final = ("System.Id", "System.Rev", "System.ChangedDate")
REPORT_FIELDS: Final = ("System.Id", "System.IsDeleted", "System.ChangedDate")
REPORT_PAGE: Final = 1000
_CLAUSES: Final = ("SELECT", "FROM", "WHERE", "ORDER", "ASOF", "MODE")


def filter_problem(text: str) -> str:
    """Why a text cannot stand as a condition of ours: it would end the brackets around it, or begin a clause. Nothing
    when it can."""
    depth, rest = 0, _without_literals(text)
    if rest is None:
        return "A quotation mark or square bracket is not closed"
    for sign in rest:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0:
            return "A closing bracket has no opening one"
    if depth:
        return "An opening bracket is not closed"
    words = {word.strip("()").upper() for word in rest.split()}
    clause = next((word for word in _CLAUSES if word in words), "")
    return f"Only conditions are wanted: {clause} begins another part of a query" if clause else ""


def _without_literals(text: str) -> str | None:
    """The text without quoted values and field names, None when one is not closed."""
    kept: list[str] = []
    closing = ""
    for sign in text:
        if closing:
            closing = "" if sign == closing else closing
            continue
        closing = {"'": "'", '"': '"', "[": "]"}.get(sign, "")
        kept.append(" " if closing else sign)
    return None if closing else "".join(kept)


def find_items(project: str, conditions: Sequence[str], *, order: str = "[System.Id] ASC", top: int = 19_999) -> Call:
    """Ids of the project's items for which all conditions hold. Dates count with their time.
    https://learn.microsoft.com/rest/api/azure/devops/wit/wiql/query-by-wiql"""
    template = "/{project}/_apis/wit/wiql"
    where = " AND ".join((IN_PROJECT, *conditions))
    query = f"SELECT [System.Id] FROM WorkItems WHERE {where} ORDER BY {order}"  # noqa: S608 - WIQL, values quoted
    options = (("$top", str(top)), ("timePrecision", "true"), ("api-version", API_VERSION))
    path = path_of(template, project=project)
    return Call("POST", path, template, query=options, body=json_body({"query": query}), headers=HEADERS)


def newest_items(since: datetime, *, top: int) -> Call:
    """Ids of the organization's items made at or after a moment, the latest first, whatever their project."""
    route = "/_apis/wit/wiql"
    query = f"SELECT [System.Id] FROM WorkItems WHERE {created_since(since)} ORDER BY [System.Id] DESC"  # noqa: S608 - as above
    options = (("$top", str(top)), ("timePrecision", "true"), ("api-version", API_VERSION))
    return Call("POST", route, route, query=options, body=json_body({"query": query}), headers=HEADERS)


def changed_since(moment: datetime) -> str:
    """The condition for items changed at or after a moment."""
    return f"[System.ChangedDate] >= {quoted(moment_text(moment))}"


def created_since(moment: datetime) -> str:
    """The condition for items made at or after a moment."""
    return f"[System.CreatedDate] >= {quoted(moment_text(moment))}"


def one_of(ids: Collection[int]) -> str:
    """The condition for items of these ids."""
    return f"[System.Id] IN ({', '.join(map(str, ids))})"


def but_versions(seen: Mapping[int, int]) -> list[str]:
    """The conditions that leave out items that still are at the revision (by id) that was seen; revision 0 stands for
    any."""
    by_revision: dict[int, list[int]] = {}
    for item, rev in seen.items():
        by_revision.setdefault(rev, []).append(item)
    return [_but(rev, ids) for rev, ids in sorted(by_revision.items())]


def _but(rev: int, ids: Sequence[int]) -> str:
    others = f"[System.Id] NOT IN ({', '.join(map(str, ids))})"
    return f"([System.Rev] <> {rev} OR {others})" if rev else others


def read_versions(project: str, ids: Sequence[int]) -> Call:
    """Revision and date of up to 200 items; what we may not see comes back as null."""
    template = "/{project}/_apis/wit/workitemsbatch"
    body = {"ids": list(ids), "fields": list(VERSION_FIELDS), "errorPolicy": "omit"}
    query = (("api-version", API_VERSION),)
    path = path_of(template, project=project)
    return Call("POST", path, template, query=query, body=json_body(body), headers=HEADERS)


def link_changes(project: str, *, token: str, since: str) -> Call:
    """Links made and removed, which move neither revision nor date of their items.
    https://learn.microsoft.com/rest/api/azure/devops/wit/reporting-work-item-links/get"""
    return _report("/{project}/_apis/wit/reporting/workitemlinks", project, token=token, since=since)


def revision_changes(project: str, *, token: str, since: str) -> Call:
    """Revisions, those of deleted items among them, with what tells a deletion.
    https://learn.microsoft.com/rest/api/azure/devops/wit/reporting-work-item-revisions/read-reporting-revisions-get"""
    options = (
        ("includeDeleted", "true"),
        ("fields", ",".join(REPORT_FIELDS)),
        ("$maxPageSize", str(REPORT_PAGE)),
    )
    return _report("/{project}/_apis/wit/reporting/workitemrevisions", project, *options, token=token, since=since)


def _report(template: str, project: str, *options: tuple[str, str], token: str, since: str) -> Call:
    """A page of a stream: from a token, else from a moment; both together are refused."""
    start = ("continuationToken", token) if token else ("startDateTime", since)
    query = (start, *options, ("api-version", API_VERSION))
    return Call("GET", path_of(template, project=project), template, query=query, headers=HEADERS)


def type_fields(project: str, type_name: str) -> Call:
    """The fields of one type with the values each allows.
    https://learn.microsoft.com/rest/api/azure/devops/wit/work-item-types-field/list"""
    template = "/{project}/_apis/wit/workitemtypes/{type}/fields"
    query = (("$expand", "allowedValues"), ("api-version", API_VERSION))
    return Call("GET", path_of(template, project=project, type=type_name), template, query=query, headers=HEADERS)


def identities(*, ids: Sequence[str] = (), search: str = "", value: str = "") -> Call:
    """People by id, or by a search (`MailAddress`, `General`).
    https://learn.microsoft.com/rest/api/azure/devops/ims/identities/read-identities"""
    route = "/_apis/identities"
    asked = (("identityIds", ",".join(ids)),) if ids else (("searchFilter", search), ("filterValue", value))
    query = (*asked, ("queryMembership", "None"), ("api-version", API_VERSION))
    return Call("GET", route, route, query=query, headers=HEADERS)


def identity_address(organization: str) -> str:
    """Where an organization's people are asked for: the cloud keeps them on a host of their own."""
    parts = urlsplit(organization)
    host = (parts.hostname or "").lower()
    if host == "dev.azure.com":
        return f"{parts.scheme}://vssps.dev.azure.com{parts.path}"
    if host.endswith(".visualstudio.com"):
        return f"{parts.scheme}://{host.removesuffix('.visualstudio.com')}.vssps.visualstudio.com"
    return organization
