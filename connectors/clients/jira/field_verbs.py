"""Making custom fields, and putting them where items can be given values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.clients.calls import Effect
from connectors.clients.jira.session import JiraSession
from connectors.clients.jira.wire.payloads import FieldInfo, Json, Ref

_OPTIONS_PER_CALL = 1_000
_FIELD = "/rest/api/3/field/{field}"
_CONTEXT = _FIELD + "/context/{context}/option"


class FieldVerbs(JiraSession):
    """All of it needs the right to administer the site. Raises Refused (403) without it."""

    def create_field(self, name: str, *, kind: str, searcher: str, description: str) -> FieldInfo:
        """A new custom field with a global context, on no screen. Names repeat: nothing stops a second one.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/#api-rest-api-3-field-post"""
        body = {"name": name, "description": description, "type": kind, "searcherKey": searcher}
        made: FieldInfo = self._json(self._call("POST", "/rest/api/3/field", effect=Effect.CREATE, body=body))
        return made

    def get_field_contexts(self, field_id: str) -> Iterator[Json]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-custom-field-contexts/"""
        for page in self._pages(_FIELD + "/context", {"field": field_id}):
            yield from page

    def create_field_context(self, field_id: str, *, name: str, project_id: str) -> str:
        """A context for all types of one project; its id. Raises Refused when the project has one already.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-custom-field-contexts/"""
        call = self._call(
            "POST",
            _FIELD + "/context",
            {"field": field_id},
            effect=Effect.CREATE,
            body={"name": name, "projectIds": [project_id], "issueTypeIds": []},
        )
        return str(self._json(call)["id"])

    def get_field_options(self, field_id: str, context_id: str) -> Iterator[Ref]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-custom-field-options/"""
        for page in self._pages(_CONTEXT, {"field": field_id, "context": context_id}, page_size=100):
            yield from page

    def create_field_options(self, field_id: str, context_id: str, values: Sequence[str]) -> None:
        """More options, 1,000 in a call, all or none. Raises Refused when one of them exists already.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-custom-field-options/"""
        for start in range(0, len(values), _OPTIONS_PER_CALL):
            part = values[start : start + _OPTIONS_PER_CALL]
            call = self._call(
                "POST",
                _CONTEXT,
                {"field": field_id, "context": context_id},
                effect=Effect.CREATE,
                body={"options": [{"value": value} for value in part]},
            )
            self._exchange(call)

    def get_project_screens(self, project_id: str) -> dict[str, frozenset[str]]:
        """Item type id (`default` for all others) -> ids of the screens for creating and editing, through the three
        schemes that lead there.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-type-screen-schemes/"""
        of_types = {
            str(entry["issueTypeId"]): str(entry["screenSchemeId"])
            for scheme in self._screen_schemes_of(project_id)
            for entry in self._listed("/rest/api/3/issuetypescreenscheme/mapping", issueTypeScreenSchemeId=scheme)
        }
        screens = {
            str(entry["id"]): frozenset(
                str(screen)
                for use in ("create", "edit")
                if (screen := (entry.get("screens") or {}).get(use, entry["screens"].get("default"))) is not None
            )
            for entry in self._listed("/rest/api/3/screenscheme")
        }
        return {type_id: screens.get(scheme, frozenset()) for type_id, scheme in of_types.items()}

    def get_screen_tabs(self, screen_id: str) -> list[Ref]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-screen-tabs/"""
        found: list[Ref] = self._get("/rest/api/3/screens/{screen}/tabs", {"screen": screen_id})
        return found

    def get_tab_fields(self, screen_id: str, tab_id: str) -> list[Ref]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-screen-tab-fields/"""
        parts = {"screen": screen_id, "tab": tab_id}
        found: list[Ref] = self._get("/rest/api/3/screens/{screen}/tabs/{tab}/fields", parts)
        return found

    def add_tab_field(self, screen_id: str, tab_id: str, field_id: str) -> None:
        """Raises Refused when the field stands on the screen already.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-screen-tab-fields/"""
        call = self._call(
            "POST",
            "/rest/api/3/screens/{screen}/tabs/{tab}/fields",
            {"screen": screen_id, "tab": tab_id},
            effect=Effect.CREATE,
            body={"fieldId": field_id},
        )
        self._exchange(call)

    def _screen_schemes_of(self, project_id: str) -> list[str]:
        found = self._listed("/rest/api/3/issuetypescreenscheme/project", projectId=project_id)
        return [str(entry["issueTypeScreenScheme"]["id"]) for entry in found]

    def _listed(self, route: str, **query: str) -> Iterator[Json]:
        for page in self._pages(route, query=dict(query), page_size=100):
            yield from page
