"""Building Azure DevOps calls. Pure: addresses, query options and bodies, each with its vendor page.

`route` templates name limiter buckets and request counts. Every call asks for JSON and sends
`X-TFS-FedAuthRedirect: Suppress`, which turns the redirect to the sign-in page into a 401.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from connectors.clients.calls import Call, json_body, path_of

API_VERSION: Final = "7.1"
COMMENTS_VERSION: Final = "7.1-preview.4"
QUERY_TOP: Final = 19_999
"""One below the ceiling of 20,000 matches, which is an error and not a cut."""
BATCH: Final = 200
COMMENT_PAGE: Final = 200
UPDATE_PAGE: Final = 200
TREE_DEPTH: Final = 14
HEADERS: Final = {"X-TFS-FedAuthRedirect": "Suppress"}
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]*$")


def organization_url(organization: str, *, service_url: str) -> str:
    """An organization is a name, looked up at `service_url`, or a full address."""
    text = organization.strip().rstrip("/")
    if _NAME.match(text):
        return f"{service_url.rstrip('/')}/{text}"
    return re.sub(r"/DefaultCollection$", "", text, flags=re.IGNORECASE)


def organization_name(base_url: str) -> str:
    """The organization's name: the last path segment, or the first label of `{name}.visualstudio.com`."""
    parts = urlsplit(base_url)
    segments = [segment for segment in parts.path.split("/") if segment]
    return segments[-1] if segments else (parts.hostname or "").partition(".")[0]


def _get(route: str, path: str, *options: tuple[str, str], version: str = API_VERSION) -> Call:
    return Call("GET", path, route, query=(*options, ("api-version", version)), headers=HEADERS)


def _ask(route: str, path: str, body: object, *options: tuple[str, str]) -> Call:
    """A POST that only reads."""
    query = (*options, ("api-version", API_VERSION))
    return Call("POST", path, route, query=query, body=json_body(body), headers=HEADERS)


def _plain(template: str, *options: tuple[str, str], **parts: str | int) -> Call:
    return _get(template, path_of(template, **parts), *options)


def connection_data() -> Call:
    """Who we are. Answers 200 to anonymous callers too: the identity counts, not the status."""
    route = "/_apis/connectionData"
    return _get(route, route, version="7.1-preview.1")


def project(name: str) -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/core/projects/get"""
    return _plain("/_apis/projects/{project}", ("includeCapabilities", "true"), project=name)


def item_types(project_name: str) -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/wit/work-item-types/list"""
    return _plain("/{project}/_apis/wit/workitemtypes", project=project_name)


def type_states(project_name: str, type_name: str) -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/wit/work-item-type-states/list"""
    return _plain("/{project}/_apis/wit/workitemtypes/{type}/states", project=project_name, type=type_name)


def type_categories(project_name: str) -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/wit/work-item-type-categories/list"""
    return _plain("/{project}/_apis/wit/workitemtypecategories", project=project_name)


def backlogs(project_name: str) -> Call:
    """The default team's backlog levels. https://learn.microsoft.com/rest/api/azure/devops/work/backlogs/list"""
    return _plain("/{project}/_apis/work/backlogs", project=project_name)


def fields(project_name: str) -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/wit/fields/list"""
    return _plain("/{project}/_apis/wit/fields", project=project_name)


def classification_nodes(project_name: str) -> Call:
    """Areas and iterations whole: without `$depth` only the roots come back.
    https://learn.microsoft.com/rest/api/azure/devops/wit/classification-nodes/get-root-nodes"""
    template = "/{project}/_apis/wit/classificationnodes"
    return _plain(template, ("$depth", str(TREE_DEPTH)), project=project_name)


def team_iterations(project_name: str) -> Call:
    """The default team's iterations with their dates.
    https://learn.microsoft.com/rest/api/azure/devops/work/iterations/list"""
    return _plain("/{project}/_apis/work/teamsettings/iterations", project=project_name)


def relation_types() -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/wit/work-item-relation-types/list"""
    return _plain("/_apis/wit/workitemrelationtypes")


def item_query(
    project_name: str,
    *,
    after: int,
    up_to: int | None = None,
    area: str | None = None,
    types: Sequence[str] = (),
    changed_since: datetime | None = None,
    where: str = "",
    top: int = QUERY_TOP,
) -> Call:
    """Ids above `after` in ascending order. WIQL has no paging: the caller moves `after` along.
    https://learn.microsoft.com/rest/api/azure/devops/wit/wiql/query-by-wiql"""
    conditions = ["[System.TeamProject] = @project", f"[System.Id] > {after}"]
    if up_to is not None:
        conditions.append(f"[System.Id] <= {up_to}")
    if area:
        conditions.append(f"[System.AreaPath] UNDER {quoted(area)}")
    if types:
        conditions.append(f"[System.WorkItemType] IN ({', '.join(map(quoted, types))})")
    if changed_since is not None:
        conditions.append(f"[System.ChangedDate] >= {quoted(moment_text(changed_since))}")
    if where:
        conditions.append(where)
    query = f"SELECT [System.Id] FROM WorkItems WHERE {' AND '.join(conditions)} ORDER BY [System.Id] ASC"  # noqa: S608
    template = "/{project}/_apis/wit/wiql"
    options = [("$top", str(top))]
    if changed_since is not None or where:
        options.append(("timePrecision", "true"))
    return _ask(template, path_of(template, project=project_name), {"query": query}, *options)


def read_batch(project_name: str, ids: Sequence[int], *, as_of: datetime | None = None) -> Call:
    """Up to 200 items with all fields and their relations; what we may not see comes back as null.
    https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/get-work-items-batch"""
    body: dict[str, object] = {"ids": list(ids), "$expand": "relations", "errorPolicy": "omit"}
    if as_of is not None:
        body["asOf"] = moment_text(as_of)
    template = "/{project}/_apis/wit/workitemsbatch"
    return _ask(template, path_of(template, project=project_name), body)


def comments(project_name: str, item: int, *, token: str = "") -> Call:
    """One page of comments, oldest first. The project segment is required.
    https://learn.microsoft.com/rest/api/azure/devops/wit/comments/get-comments"""
    template = "/{project}/_apis/wit/workItems/{id}/comments"
    options = [("$top", str(COMMENT_PAGE)), ("order", "asc"), ("includeDeleted", "false")]
    if token:
        options.append(("continuationToken", token))
    return _get(template, path_of(template, project=project_name, id=item), *options, version=COMMENTS_VERSION)


def updates(project_name: str, item: int, *, skip: int) -> Call:
    """One page of an item's updates, oldest first; there is neither a token nor a total.
    https://learn.microsoft.com/rest/api/azure/devops/wit/updates/list"""
    template = "/{project}/_apis/wit/workItems/{id}/updates"
    return _plain(template, ("$top", str(UPDATE_PAGE)), ("$skip", str(skip)), project=project_name, id=item)


def attachment(project_name: str, guid: str, *, name: str) -> Call:
    """The bytes of a file.
    https://learn.microsoft.com/rest/api/azure/devops/wit/attachments/get"""
    template = "/{project}/_apis/wit/attachments/{id}"
    query = (("fileName", name), ("download", "true"), ("api-version", API_VERSION))
    path = path_of(template, project=project_name, id=guid)
    return Call("GET", path, template, query=query, accept="application/octet-stream", headers=HEADERS)


def moment_text(moment: datetime) -> str:
    """UTC with `Z`: a date without a zone would be read in the caller's profile zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def quoted(text: str) -> str:
    """A text as a value of WIQL."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
