"""Azure DevOps as a source: the verbs of `connectors.domain.ports.SourceTracker` on top of the client.

Deliberate: links never come from ChangedDate (adding one moves neither `rev` nor the date), the discussion never
from `System.History`, files never from the relations alone (`file_of` for images inside texts).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import quote

from connectors.clients.azure_devops.answers import NO_WORK_ITEM_READ, Code
from connectors.clients.azure_devops.client import AzureDevOpsClient, ItemQuery
from connectors.clients.azure_devops.values import (
    Json,
    as_int,
    as_object,
    as_text,
    attachment_id_of,
    attachment_name_of,
    host_of,
)
from connectors.clients.azure_devops.wire.reading import BATCH, organization_name
from connectors.clients.failures import HTML_PAGE
from connectors.domain.errors import AccessLost, Missing, Refused
from connectors.domain.modules import ProjectModules, source_modules
from connectors.domain.ports import FileContent, ItemFilter, Probe
from connectors.domain.shapes import SourceShape, SourceType
from connectors.domain.work_items import Attachment, Comment, Revision, WorkItem
from connectors.trackers import azure_shape
from connectors.trackers.azure_history import read_revision
from connectors.trackers.azure_items import KNOWN_LONG_TEXTS, FieldTypes, in_order, read_comment, read_item

Result = TypeVar("Result")
_VENDOR_HOSTS = ("dev.azure.com", ".visualstudio.com")


class AzureDevOpsTracker:
    """One project of an organization. Threads may share it; the field list is read once and kept."""

    def __init__(self, client: AzureDevOpsClient, project: str) -> None:
        self._client = client
        self._project = project
        self._lock = threading.Lock()
        self._field_types: FieldTypes | None = None
        self._names: dict[str, str] | None = None

    @property
    def organization(self) -> str:
        """The organization's name."""
        return organization_name(self._client.base_url)

    def describe(self) -> SourceShape:
        """Everything about the project that is not an item, in six to eight requests."""
        project = self._client.project(self._project)
        fields = azure_shape.read_fields(self._client.fields(self._project))
        roots = self._client.classification_nodes(self._project)
        iterations = azure_shape.read_iterations(roots)
        if len(iterations) > 1 and not any(iteration.start for iteration in iterations):
            team = self._optional(self._client.team_iterations)
            iterations = azure_shape.with_team_dates(iterations, team or [])
        template = as_object(as_object(project.get("capabilities")).get("processTemplate"))
        return SourceShape(
            organization=self.organization,
            project_id=as_text(project.get("id")),
            project=as_text(project.get("name")) or self._project,
            process=as_text(template.get("templateName")),
            types=self._types(),
            fields=fields,
            iterations=iterations,
            areas=azure_shape.read_areas(roots),
        )

    def probe(self) -> Probe:
        """Test the connection and count the items, with the precise reason when it fails.

        Raises AccessLost (CREDENTIALS_REFUSED, PERMISSION_MISSING, PLATFORM_HTML_PAGE), Missing (PROJECT_NOT_FOUND,
        ORGANIZATION_NOT_FOUND), NotSent, AddressRefused.
        """
        identity = self._client.who_am_i()
        project = self._client.project(self._project)
        try:
            count = sum(len(page) for page in self._client.item_ids(self._project, ItemQuery()))
            if count == 0 and not self._client.item_types(self._project):
                # Without the scope some resources answer an empty list instead of refusing.
                raise AccessLost(NO_WORK_ITEM_READ, code=Code.PERMISSION_MISSING)
        except AccessLost as lost:
            if lost.code == HTML_PAGE:
                raise
            raise AccessLost(NO_WORK_ITEM_READ, code=Code.PERMISSION_MISSING, status=lost.status) from None
        name = as_text(project.get("name")) or self._project
        return Probe(self.organization, name, count, person=identity.name)

    def probe_server(self) -> Probe:
        """See ServerProbe. Raises AccessLost (CREDENTIALS_REFUSED), Missing (ORGANIZATION_NOT_FOUND)."""
        return Probe(self.organization, "", 0, person=self._client.who_am_i().name)

    def read_modules(self) -> ProjectModules:
        """See ModuleReader: which fields each type has, and which it always requires.

        https://learn.microsoft.com/rest/api/azure/devops/wit/work-item-types/list
        """
        entries = self._client.item_types(self._project)
        return source_modules(self.describe(), of_type=azure_shape.read_type_fields(entries))

    def list_ids(self, selection: ItemFilter) -> Iterator[list[str]]:
        """See SourceTracker. Raises Refused (PATH_INVALID) for an area that does not exist."""
        query = ItemQuery(selection.area or None, tuple(selection.types), selection.changed_since)
        for page in self._client.item_ids(self._project, query):
            yield [str(number) for number in page]

    def read_items(self, ids: Sequence[str]) -> list[WorkItem]:
        """See SourceTracker. Ids that are no numbers are unreadable like any other unknown id."""
        found: dict[str, WorkItem] = {}
        for start in range(0, len(ids), BATCH):
            found.update(self._read_batch(ids[start : start + BATCH]))
        return [found[each] for each in ids if each in found]

    def read_comments(self, item: str) -> list[Comment]:
        """See SourceTracker."""
        pages = self._client.comments(self._project, _number(item))
        found = (read_comment(raw) for page in pages for raw in page)
        return in_order(comment for comment in found if comment is not None)

    def read_history(self, item: str) -> list[Revision]:
        """See SourceTracker."""
        names = self._field_names()
        pages = self._client.updates(self._project, _number(item))
        return [read_revision(raw, names=names) for page in pages for raw in page]

    @contextmanager
    def open_file(self, url: str, name: str) -> Iterator[FileContent]:
        """See SourceTracker. The file is asked of this organization by its id, wherever the address points: stored
        addresses carry old names of the organization, and the token goes nowhere else.

        Raises Refused (FILE_FOREIGN) for an address that names no file of the service.
        """
        guid = attachment_id_of(url)
        if guid is None:
            raise Refused("The address names no file of Azure DevOps", code="FILE_FOREIGN")
        with self._client.open_attachment(self._project, guid, name=name or guid) as download:
            yield download

    def file_of(self, url: str) -> Attachment | None:
        """See SourceTracker. Images inside texts are often no relations of the item."""
        guid = attachment_id_of(url)
        if guid is None or not self._is_ours(url):
            return None
        return Attachment(guid, attachment_name_of(url) or guid, url)

    def item_url(self, item: str) -> str:
        """See SourceTracker."""
        return f"{self._client.base_url}/{quote(self._project)}/_workitems/edit/{item}"

    def _read_batch(self, ids: Sequence[str]) -> dict[str, WorkItem]:
        numbers = [int(each) for each in ids if each.isascii() and each.isdigit()]
        if not numbers:
            return {}
        field_types = self._fields()
        found: dict[str, WorkItem] = {}
        for raw in self._client.read_items(self._project, numbers):
            number = as_text(raw.get("id"))
            found[number] = read_item(
                raw, field_types=field_types, base_url=self._client.base_url, item_url=self.item_url(number)
            )
        return found

    def _fields(self) -> FieldTypes:
        """Which fields are long texts and which are people. Without the right to read them, the vendor's own."""
        if self._field_types is None:
            with self._lock:
                if self._field_types is None:
                    known = self._optional(self._client.fields) or []
                    types = {field.reference: field.type for field in azure_shape.read_fields(known)}
                    self._field_types = FieldTypes({**KNOWN_LONG_TEXTS, **types})
        return self._field_types

    def _field_names(self) -> dict[str, str]:
        """Names of fields by reference. Read once like their types."""
        if self._names is None:
            known = azure_shape.read_fields(self._optional(self._client.fields) or [])
            self._names = {field.reference: field.name for field in known}
        return self._names

    def _types(self) -> tuple[SourceType, ...]:
        levels = azure_shape.levels_of_categories(self._client.type_categories(self._project))
        levels.update(azure_shape.levels_of_backlogs(self._optional(self._client.backlogs) or []))
        entries = [self._with_states(entry) for entry in self._client.item_types(self._project)]
        return azure_shape.read_types(entries, levels)

    def _with_states(self, entry: Json) -> Json:
        """Older versions list types without their states."""
        if entry.get("states"):
            return entry
        return {**entry, "states": self._client.type_states(self._project, as_text(entry.get("name")))}

    def _optional(self, read: Callable[[str], Result]) -> Result | None:
        """What makes the answer better but is not needed: a token may lack the right, a version the resource."""
        try:
            return read(self._project)
        except (Refused, AccessLost):
            return None

    def _is_ours(self, url: str) -> bool:
        """Relative, on this organization's host, or on one of the vendor's under whatever name it had then."""
        host = host_of(url)
        return not host or host == host_of(self._client.base_url) or host.endswith(_VENDOR_HOSTS)


def _number(item: str) -> int:
    """Raises Missing for a text that cannot be an id."""
    number = as_int(item)
    if number is None:
        raise Missing(f"{item!r} is no work item id", code=Code.ITEM_NOT_FOUND)
    return number
