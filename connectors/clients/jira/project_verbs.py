"""Reading what a project and its site offer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.clients.calls import Effect
from connectors.clients.jira.session import JiraSession, Query
from connectors.clients.jira.wire import bodies
from connectors.clients.jira.wire.payloads import (
    AttachmentMeta,
    CreateField,
    FieldInfo,
    IssueType,
    Json,
    LinkType,
    Project,
    Ref,
    TypeStatuses,
    User,
    WorkflowsAnswer,
)
from connectors.clients.jira.wire.values import parse_time

_META_PAGE = 200
USERS_AT_MOST = 1000


class ProjectVerbs(JiraSession):
    """Project, types, fields, workflows, people."""

    def get_current_user(self) -> User:
        """Whose credentials these are. The only sure probe: operations open to anonymous callers answer a missing
        credential with 200 and less. https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-myself/"""
        user: User = self._get("/rest/api/3/myself")
        return user

    def get_project(self, key: str) -> Project:
        """Raises Missing (asked twice) when the project does not exist or is hidden.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/"""
        project: Project = self._confirmed(lambda: self._get("/rest/api/3/project/{key}", {"key": key}))
        return project

    def get_my_permissions(self, project_key: str, names: Sequence[str]) -> frozenset[str]:
        """Which of the named permissions the caller has in the project; the list is required (400 without).
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/"""
        query = Query({"projectKey": project_key, "permissions": ",".join(names)})
        answer = self._get("/rest/api/3/mypermissions", query=query)
        held = answer.get("permissions") or {}
        return frozenset(name for name, entry in held.items() if entry.get("havePermission"))

    def get_create_issue_types(self, project_key: str) -> Iterator[IssueType]:
        """Types the caller may create, with their hierarchy level.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/"""
        route = "/rest/api/3/issue/createmeta/{key}/issuetypes"
        for page in self._pages(route, {"key": project_key}, entries="issueTypes", page_size=_META_PAGE):
            yield from page

    def get_create_fields(self, project_key: str, type_id: str) -> Iterator[CreateField]:
        """Fields on a type's create screen.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/"""
        route = "/rest/api/3/issue/createmeta/{key}/issuetypes/{type}"
        parts = {"key": project_key, "type": type_id}
        for page in self._pages(route, parts, entries="fields", page_size=_META_PAGE):
            yield from page

    def read_workflows(self, project_id: str, type_ids: Sequence[str]) -> WorkflowsAnswer:
        """Workflows by project and type. Raises Refused or AccessLost (401 is the documented answer) where the caller
        may not read them. https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-workflows/"""
        body = bodies.workflows_of(project_id, type_ids)
        answer: WorkflowsAnswer = self._json(self._call("POST", "/rest/api/3/workflows", body=body))
        return answer

    def get_all_statuses(self, project_key: str) -> list[TypeStatuses]:
        """Statuses by type, for everybody who sees the project.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/"""
        found: list[TypeStatuses] = self._get("/rest/api/3/project/{key}/statuses", {"key": project_key})
        return found

    def search_priorities(self) -> Iterator[Ref]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-priorities/"""
        for page in self._pages("/rest/api/3/priority/search"):
            yield from page

    def search_resolutions(self) -> Iterator[Ref]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-resolutions/"""
        for page in self._pages("/rest/api/3/resolution/search"):
            yield from page

    def get_link_types(self) -> list[LinkType]:
        """Raises Missing when issue linking is switched off.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-link-types/"""
        found: list[LinkType] = self._get("/rest/api/3/issueLinkType").get("issueLinkTypes") or []
        return found

    def get_fields(self) -> list[FieldInfo]:
        """Every field of the site. Ids differ per site and names repeat: match by `schema.custom`.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/"""
        found: list[FieldInfo] = self._get("/rest/api/3/field")
        return found

    def get_attachment_meta(self) -> AttachmentMeta:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/"""
        meta: AttachmentMeta = self._get("/rest/api/3/attachment/meta")
        return meta

    def get_components(self, project_key: str) -> list[Ref]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-components/"""
        found: list[Ref] = self._get("/rest/api/3/project/{key}/components", {"key": project_key})
        return found

    def get_versions(self, project_key: str) -> list[Ref]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/"""
        found: list[Ref] = self._get("/rest/api/3/project/{key}/versions", {"key": project_key})
        return found

    def create_component(self, project_key: str, name: str) -> str:
        """The new component's id. Raises Refused when the name is taken.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-components/"""
        body = {"name": name, "project": project_key}
        made: Ref = self._json(self._call("POST", "/rest/api/3/component", effect=Effect.CREATE, body=body))
        return str(made["id"])

    def count_component_issues(self, component: str) -> int:
        """How many issues have the component. Raises Missing.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-components/"""
        found = self._get("/rest/api/3/component/{id}/relatedIssueCounts", {"id": component})
        return int(found["issueCount"])

    def delete_component(self, component: str) -> None:
        """Raises Missing when it is gone already.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-components/"""
        route = "/rest/api/3/component/{id}"
        self._exchange(self._call("DELETE", route, {"id": component}, effect=Effect.IDEMPOTENT))

    def create_version(
        self, project_id: str, name: str, *, start: str | None, release: str | None, released: bool
    ) -> str:
        """The new version's id; dates as YYYY-MM-DD. Raises Refused when the name is taken.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/"""
        body: dict[str, Json] = {"name": name, "projectId": int(project_id), "released": released}
        body |= {key: value for key, value in (("startDate", start), ("releaseDate", release)) if value}
        made: Ref = self._json(self._call("POST", "/rest/api/3/version", effect=Effect.CREATE, body=body))
        return str(made["id"])

    def get_all_users(self) -> list[User]:
        """The site's first 1,000 people, those who left included: no search finds those. Raises Refused without
        Browse users. https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/"""
        found: list[User] = self._get("/rest/api/3/users/search", query=Query({"maxResults": USERS_AT_MOST}))
        return found

    def find_users(self, *, query: str | None = None, account_id: str | None = None) -> list[User]:
        """At most 1,000 active people by the beginning of name or e-mail, or by account id. A hidden e-mail matches
        only when it is written in full, and is not shown then; without Browse users the answer is empty.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-search/"""
        found: list[User] = self._get("/rest/api/3/user/search", query=Query({"query": query, "accountId": account_id}))
        return found

    def get_users(self, account_ids: Sequence[str]) -> Iterator[User]:
        """Accounts by id, those who left included; ids that nobody has are left out.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/#api-rest-api-3-user-bulk-get"""
        for start in range(0, len(account_ids), bodies.USERS_PER_CALL):
            wanted = account_ids[start : start + bodies.USERS_PER_CALL]
            query = Query({"accountId": wanted, "maxResults": bodies.USERS_PER_CALL})
            yield from self._get("/rest/api/3/user/bulk", query=query).get("values") or []

    def find_assignable_users(
        self, project_key: str, *, query: str | None = None, account_id: str | None = None
    ) -> list[User]:
        """People among the site's first 1,000 who can be assigned in the project.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-user-search/"""
        values = {"project": project_key, "query": query, "accountId": account_id, "maxResults": USERS_AT_MOST}
        found: list[User] = self._get("/rest/api/3/user/assignable/search", query=Query(values))
        return found

    def get_server_time(self) -> datetime | None:
        """What time it is for the site.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-server-info/"""
        return parse_time(self._get("/rest/api/3/serverInfo").get("serverTime"))

    def parse_jql(self, jql: str) -> list[str]:
        """What is wrong with a query in the site's words, unknown fields and values included; empty when it is fine.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-jql/#api-rest-api-3-jql-parse-post"""
        query = Query({"validation": "strict"})
        answer = self._json(self._call("POST", "/rest/api/3/jql/parse", query=query, body={"queries": [jql]}))
        return [str(text) for entry in answer.get("queries") or () for text in entry.get("errors") or ()]

    def count_issues(self, jql: str) -> int:
        """An estimate; only bounded JQL is taken, and an unknown project counts 0.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/"""
        answer: Json = self._json(self._call("POST", "/rest/api/3/search/approximate-count", body={"jql": jql}))
        return int(answer["count"])
