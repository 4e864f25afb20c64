"""Reading published project exports into an organisation."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.dates import stamp
from sandbox.ado.field_table import FieldDef
from sandbox.ado.link_types import ATTACHED_FILE, find_link_type
from sandbox.ado.model import Board, BoardColumn, Fields, Item, ItemType, Process, Relation
from sandbox.ado.organization import Organization
from sandbox.ado.people import stable_guid
from sandbox.ado.processes import BASE_FIELDS, OTHER, PROCESSES, states
from sandbox.errors import BuildError

Json = Mapping[str, object]

_ID = re.compile(r"/workitems/(\d+)$", re.IGNORECASE)
_FILE = re.compile(r"/attachments/([0-9a-f-]{36})", re.IGNORECASE)
_UNDATED = datetime(2023, 1, 9, 8, 0, tzinfo=UTC)
_ID_STEP = 100_000


def load_file(org: Organization, path: Path, *, seed: int) -> ProjectBuilder:
    """Add the project of an export. Raises BuildError when the file is not one."""
    try:
        raw: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BuildError(f"{path}: {error}") from error
    if not isinstance(raw, Mapping) or "project" not in raw or "workItems" not in raw:
        raise BuildError(f"{path} is not a project export: it needs project and workItems")
    return _Loader(org, raw, seed).load()


class _Loader:
    def __init__(self, org: Organization, export: Json, seed: int) -> None:
        self._org = org
        self._export = export
        self._seed = seed
        self._raw_items = _objects(export.get("workItems"))
        described = _object(export.get("project"))
        name = str(described.get("name"))
        if org.find_project(name):
            raise BuildError(f"the project {name} is loaded twice")
        self._builder = ProjectBuilder(
            org, name, self._process(described), description=str(described.get("description", ""))
        )
        self._ids = {int(str(entry["id"])) for entry in self._raw_items}
        # Exports come from different organisations; in one organisation an id is given once.
        self._offset = 0
        while any(number + self._offset in org.items for number in self._ids):
            self._offset += _ID_STEP

    def load(self) -> ProjectBuilder:
        self._structure()
        items = [(self._item(entry), entry) for entry in self._raw_items]
        for item, entry in items:
            for relation in _objects(entry.get("relations")):
                self._relation(item, relation)
            for comment in _objects(entry.get("comments")):
                by = self._org.people.from_text(str(comment.get("createdBy") or self._org.owner.text))
                self._builder.comment(item, str(comment.get("text", "")), by=by, fmt=str(comment.get("format", "html")))
        self._teams()
        for query in _objects(self._export.get("queries")):
            self._builder.query(str(query.get("name")), str(query.get("wiql")))
        return self._builder

    # -- process and structure ----------------------------------------------------------------------

    def _process(self, described: Json) -> Process:
        name = str(described.get("processTemplate", "Agile"))
        base = PROCESSES.get(name, PROCESSES["Agile"])
        types = dict(base.types)
        for observed in _objects(self._export.get("workItemTypes")):
            kind = str(observed.get("name"))
            known = types.get(kind) or _observed_type(kind)
            missing = [s for s in _texts(observed.get("states")) if known.state(s) is None]
            extra = states(*((s, "InProgress") for s in missing))
            fields = tuple(dict.fromkeys((*known.fields, *_texts(observed.get("fields")))))
            types[kind] = replace(known, states=(*known.states, *extra), fields=fields)
        return replace(base, types=types)

    def _structure(self) -> None:
        name = self._builder.project.name
        tree = self._export.get("iterations")
        if isinstance(tree, Mapping):
            self._iterations(tree, name)
        for path in _texts(self._export.get("iterationPathsInUse")):
            self._builder.iteration(path)
        for path in _texts(self._export.get("areaPathsInUse")):
            self._builder.area(path)

    def _iterations(self, node: Json, path: str) -> None:
        for child in _objects(node.get("children")):
            below = f"{path}\\{child.get('name')}"
            dates = _object(child.get("attributes"))
            self._builder.iteration(
                below, start=str(dates.get("startDate") or ""), finish=str(dates.get("finishDate") or "")
            )
            self._iterations(child, below)

    def _teams(self) -> None:
        project = self._builder.project.name
        described = sorted(_objects(self._export.get("teams")), key=lambda team: not team.get("isDefault"))
        if not any(team.get("isDefault") for team in described):
            self._builder.team(f"{project} Team", description="The default project team.")
        for team in described:
            name = str(team.get("name"))
            bugs = str(_object(team.get("settings")).get("bugsBehavior", ""))
            columns = _objects(team.get("boardColumns"))
            boards = [self._board(name, board) for board in columns if board.get("BoardName")]
            self._builder.team(name, description=str(team.get("description") or ""), boards=boards or None, bugs=bugs)

    def _board(self, team: str, raw: Json) -> Board:
        name = str(raw.get("BoardName"))
        columns = []
        for column in _objects(raw.get("value")):
            guid = stable_guid("column", self._builder.project.id, team, name, column.get("name"))
            mapping = {str(kind): str(state) for kind, state in _object(column.get("stateMappings")).items()}
            limit = int(str(column.get("itemLimit") or 0))
            columns.append(BoardColumn(guid, str(column.get("name")), str(column.get("columnType")), mapping, limit))
        return Board(stable_guid("board", self._builder.project.id, team, name), name, columns)

    # -- items ----------------------------------------------------------------------------------------

    def _item(self, entry: Json) -> Item:
        number = int(str(entry["id"]))
        raw = _object(entry.get("fields"))
        fields = self._fields(raw)
        created = str(raw.get("System.CreatedDate") or stamp(_UNDATED + timedelta(minutes=number)))
        by = self._org.people.from_text(str(raw.get("System.CreatedBy") or self._org.owner.text))
        changed_by = self._org.people.from_text(str(raw["System.ChangedBy"])) if raw.get("System.ChangedBy") else by
        return self._builder.item(
            fields,
            created=created,
            by=by,
            changed=str(raw.get("System.ChangedDate") or created),
            changed_by=changed_by,
            revisions=max(1, int(str(entry.get("rev", 1)))),
            item_id=number + self._offset,
        )

    def _fields(self, raw: Json) -> Fields:
        fields: Fields = {}
        for name, value in raw.items():
            definition = self._org.fields.by_reference.get(name)
            if definition is None:
                definition = FieldDef(name, name.rpartition(".")[2], "string")
                self._org.fields.add(definition)
            if definition.computed or name in ("System.History", "System.ChangedDate", "System.ChangedBy"):
                continue
            if definition.identity:
                fields[name] = self._org.people.from_text(str(value))
            elif isinstance(value, str | int | float | bool):
                fields[name] = value
        return fields

    # -- relations ------------------------------------------------------------------------------------

    def _relation(self, item: Item, raw: Json) -> None:
        rel, url = str(raw.get("rel")), str(raw.get("url", ""))
        attributes = dict(_object(raw.get("attributes")))
        comment, name = str(attributes.pop("comment", "")), str(attributes.pop("name", ""))
        link_type = find_link_type(rel)
        if link_type is not None and link_type.is_link:
            found = _ID.search(url)
            number = int(found.group(1)) if found else 0
            target = number + self._offset
            # A link out of the export points nowhere here; it must not hit another project's item by its number.
            if number and (number in self._ids or target not in self._org.items):
                self._builder.link(item, link_type.reference, target, comment=comment)
            return
        attributes.pop("isLocked", None)
        attributes = {key: _whole(value) for key, value in attributes.items()}
        if rel == ATTACHED_FILE:
            url = self._file(url, name, attributes)
        self._builder.relation(item, Relation(rel, url=url, name=name, comment=comment, attributes=attributes))

    def _file(self, url: str, name: str, attributes: dict[str, object]) -> str:
        """The exports name files but do not hold them: bytes of the right number stand in."""
        found = _FILE.search(url)
        guid = found.group(1).lower() if found else stable_guid("file", url)
        size = attributes.get("resourceSize")
        number = size if isinstance(size, int) else random.Random(f"{self._seed}:{guid}").randrange(2_000, 8_000)
        attributes["name"] = name
        return self._org.add_file(name, size=number, seed=guid, guid=guid).id


def _observed_type(name: str) -> ItemType:
    reference = "Custom." + name.replace(" ", "")
    return ItemType(name, reference, OTHER, states(("New", "Proposed"), ("Closed", "Completed")), BASE_FIELDS)


def _whole(value: object) -> object:
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _object(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _objects(value: object) -> list[Json]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [entry for entry in value if isinstance(entry, Mapping)]


def _texts(value: object) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [str(entry) for entry in value]
