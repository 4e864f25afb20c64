"""Making custom fields for values that have no place of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.clients.jira.wire.payloads import FieldInfo
from connectors.domain.errors import Refused
from connectors.domain.shapes import FieldKind, FieldWish, TargetField
from connectors.trackers.jira.describing import site_fields
from connectors.trackers.jira.project import JiraProject

_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
NO_SCREEN = "FIELD_WITHOUT_SCREEN"
ANY_TYPE = "default"


class _CustomType(NamedTuple):
    key: str
    searcher: str


_KINDS: Mapping[FieldKind, _CustomType] = {
    FieldKind.TEXT: _CustomType(_TYPES + "textfield", _TYPES + "textsearcher"),
    FieldKind.PARAGRAPH: _CustomType(_TYPES + "textarea", _TYPES + "textsearcher"),
    FieldKind.NUMBER: _CustomType(_TYPES + "float", _TYPES + "exactnumber"),
    FieldKind.DATE: _CustomType(_TYPES + "datepicker", _TYPES + "daterange"),
    FieldKind.DATETIME: _CustomType(_TYPES + "datetime", _TYPES + "datetimerange"),
    FieldKind.OPTION: _CustomType(_TYPES + "select", _TYPES + "multiselectsearcher"),
    FieldKind.USER: _CustomType(_TYPES + "userpicker", _TYPES + "userpickergroupsearcher"),
}
"""https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/#api-rest-api-3-field-post"""
DESCRIPTION = "Values brought over by a migration."


class FieldAccess(JiraProject):
    """See `connectors.domain.ports.TargetTracker` for what the verb promises."""

    def add_field(self, wish: FieldWish, *, type_ids: Sequence[str]) -> TargetField:
        """Every step looks first, so that a call without an answer can be repeated."""
        field = self._find_field(wish) or self.client.create_field(
            wish.name, kind=_KINDS[wish.kind].key, searcher=_KINDS[wish.kind].searcher, description=DESCRIPTION
        )
        field_id = str(field["id"])
        context = self._context(field_id)
        if wish.kind is FieldKind.OPTION:
            self._complete_options(field_id, context, wish.options)
        self._show(field_id, type_ids)
        project = self.client.get_project(self.key)
        return next(iter(site_fields([field], project)))

    def _find_field(self, wish: FieldWish) -> FieldInfo | None:
        """An existing field of that name and kind: sites have limits, and namesakes confuse people."""
        wanted, key = wish.name.casefold(), _KINDS[wish.kind].key
        for field in self.client.get_fields():
            same = field.get("name", "").casefold() == wanted and (field.get("schema") or {}).get("custom") == key
            if same and not field.get("scope"):
                return field
        return None

    def _context(self, field_id: str) -> str:
        """The context that holds in our project: the global one, else one made for it."""
        contexts = list(self.client.get_field_contexts(field_id))
        for context in contexts:
            if context.get("isGlobalContext") and context.get("isAnyIssueType", True):
                return str(context["id"])
        project = self.shape.project_id
        try:
            return self.client.create_field_context(field_id, name=f"Context for {self.key}", project_id=project)
        except Refused:
            if not contexts:
                raise
            return str(contexts[0]["id"])

    def _complete_options(self, field_id: str, context: str, wanted: Sequence[str]) -> None:
        known = {option.get("value", "").casefold() for option in self.client.get_field_options(field_id, context)}
        missing = {value.casefold(): value for value in reversed(wanted) if value.casefold() not in known}
        if missing:
            self.client.create_field_options(field_id, context, list(reversed(missing.values())))

    def _show(self, field_id: str, type_ids: Sequence[str]) -> None:
        screens = self.client.get_project_screens(self.shape.project_id)
        wanted = {screen for each in type_ids for screen in screens.get(each, screens.get(ANY_TYPE, frozenset()))}
        if not wanted:
            raise Refused(
                f"Project {self.key} has no screens of its own that a field can be put on: it is team-managed. "
                "Add the field in the project's settings.",
                code=NO_SCREEN,
            )
        for screen in sorted(wanted):
            self._put_on(screen, field_id)

    def _put_on(self, screen: str, field_id: str) -> None:
        tabs = [str(tab["id"]) for tab in self.client.get_screen_tabs(screen)]
        for tab in tabs:
            if any(str(field["id"]) == field_id for field in self.client.get_tab_fields(screen, tab)):
                return
        if tabs:
            self.client.add_tab_field(screen, tabs[0], field_id)
