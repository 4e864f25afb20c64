"""The organisation: everything it holds, indexed, and the few ways it grows.

Dates are passed in, so that seeded content can lie in the past; while serving they come from the clock.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from sandbox.ado.dates import parse_date
from sandbox.ado.field_table import FieldTable
from sandbox.ado.link_types import LINK_TYPES, LinkType
from sandbox.ado.model import (
    Attachment,
    Comment,
    CommentVersion,
    Deletion,
    Fields,
    Item,
    LinkChange,
    Node,
    Person,
    Process,
    Project,
    Relation,
    Revision,
    Update,
)
from sandbox.ado.people import People, stable_guid
from sandbox.ado.processes import PROCESSES
from sandbox.ado.service_hooks import ServiceHooks


class Organization:
    """All state of the stand-in. Not safe for threads: the service's lock is."""

    def __init__(self, name: str = "contoso") -> None:
        self.name = name
        self.id = stable_guid("organization", name)
        self.fields = FieldTable()
        self.people = People()
        self.owner = self.people.add("Sandbox Migrator", "sandbox.migrator@contoso.example")
        self.processes: dict[str, Process] = dict(PROCESSES)
        self.projects: dict[str, Project] = {}
        self.items: dict[int, Item] = {}
        self.attachments: dict[str, Attachment] = {}
        self.revision_log: list[tuple[int, int, int]] = []
        self.link_log: list[LinkChange] = []
        self.query_limit = 20_000
        self.uploading: dict[str, bytearray] = {}
        self.hooks = ServiceHooks()
        self._projects_by_key: dict[str, Project] = {}
        self._counters = {"item": 0, "comment": 0, "node": 100, "relation": 5000, "watermark": 0, "file": 0}

    def take(self, counter: str) -> int:
        """The next number of a counter."""
        self._counters[counter] += 1
        return self._counters[counter]

    # -- projects ---------------------------------------------------------------------------------

    def add_project(self, name: str, process: Process, *, description: str = "") -> Project:
        """A project with its two root nodes, both named like it."""
        guid = stable_guid("project", self.name, name)
        areas, iterations = self.new_node(name, "area"), self.new_node(name, "iteration")
        project = Project(guid, name, description, process, areas, iterations)
        self.projects[name] = project
        self._projects_by_key[name.lower()] = project
        self._projects_by_key[guid] = project
        return project

    def find_project(self, key: str) -> Project | None:
        """A project by name, in any case, or by id."""
        return self._projects_by_key.get(key.lower())

    def new_node(self, name: str, kind: str, parent: Node | None = None) -> Node:
        """An area or iteration, put under its parent."""
        number = self.take("node")
        node = Node(number, stable_guid("node", self.name, number, name), name, kind, parent)
        if parent is not None:
            parent.children.append(node)
        return node

    # -- items ------------------------------------------------------------------------------------

    def new_item(self, project: Project, item_id: int | None = None) -> Item:
        """An item without revisions; the caller records the first one."""
        number = self.take("item") if item_id is None else item_id
        self._counters["item"] = max(self._counters["item"], number)
        item = Item(number, project)
        self.items[number] = item
        return item

    def record(
        self,
        item: Item,
        fields: Fields,
        *,
        by: Person,
        when: str,
        formats: dict[str, str] | None = None,
        history: str = "",
        added: list[Relation] | None = None,
        removed: list[Relation] | None = None,
    ) -> Revision:
        """Add a revision with these fields, and the update that belongs to it."""
        previous = item.revisions[-1] if item.revisions else None
        fields["System.ChangedDate"] = when
        fields["System.ChangedBy"] = by
        kept = formats if formats is not None else (previous.formats if previous else {})
        alive = sum(1 for comment in item.comments if not comment.deleted)
        revision = Revision(
            len(item.revisions) + 1, fields, kept, self.take("watermark"), history, alive, item.deletion is not None
        )
        item.revisions.append(revision)
        self.revision_log.append((revision.watermark, item.id, revision.rev))
        update = Update(len(item.updates) + 1, revision.rev, by, when, True, added or [], removed or [])
        item.updates.append(update)
        self.hooks.note(item, update)
        return revision

    def record_link_edit(
        self, item: Item, *, by: Person, when: str, added: list[Relation], removed: list[Relation]
    ) -> None:
        """Add an update that has no revision of its own: links between items move neither rev nor date."""
        self.take("watermark")
        update = Update(len(item.updates) + 1, item.current.rev, by, when, False, added, removed)
        item.updates.append(update)
        self.hooks.note(item, update)

    # -- links ------------------------------------------------------------------------------------

    def attach_link(
        self, source: Item, link_type: LinkType, target: int, *, by: Person, when: str, comment: str = ""
    ) -> tuple[Relation, Relation | None]:
        """Put a link on its source and, when the target exists here, the opposite end on the target.

        Neither end's update is recorded; the log of the reporting stream is written.
        """
        near = Relation(link_type.reference, target, name=link_type.name, comment=comment, added=when)
        self._place(source, near)
        other = self.items.get(target)
        far: Relation | None = None
        if other is not None:
            opposite = LINK_TYPES[link_type.opposite]
            far = Relation(opposite.reference, source.id, name=opposite.name, comment=comment, added=when)
            self._place(other, far)
        self._log_link(link_type, source.id, target, when, active=True, comment=comment, by=by)
        return near, far

    def detach_link(self, source: Item, relation: Relation, *, by: Person, when: str) -> Relation | None:
        """Take a link off both ends and return the far end's relation, if there was one."""
        link_type = LINK_TYPES[relation.rel]
        self._retire(source, relation, when)
        target = relation.target or 0
        other = self.items.get(target)
        far = None
        if other is not None:
            ends = (r for r in other.relations if r.rel == link_type.opposite and r.target == source.id)
            far = next(ends, None)
            if far is not None:
                self._retire(other, far, when)
        self._log_link(link_type, source.id, target, when, active=False, comment=relation.comment, by=by)
        return far

    def _place(self, item: Item, relation: Relation) -> None:
        # The service does not keep the order of insertion: spread by a hash of the target.
        item.relations.append(relation)
        item.relations.sort(key=lambda r: (r.target is None, ((r.target or 0) * 2654435761) % 4294967296, r.added))

    def retire_relation(self, item: Item, relation: Relation, when: str) -> None:
        """Take away a relation that is not a link between items."""
        self._retire(item, relation, when)

    def add_relation(self, item: Item, relation: Relation) -> None:
        """Put on a relation that is not a link between items: a file, a hyperlink, an artifact."""
        item.relations.append(relation)

    def _retire(self, item: Item, relation: Relation, when: str) -> None:
        relation.removed = when
        item.relations.remove(relation)
        item.former_relations.append(relation)

    def _log_link(
        self, link_type: LinkType, source: int, target: int, when: str, *, active: bool, comment: str, by: Person
    ) -> None:
        if not link_type.forward:
            source, target = target, source
        self.link_log.append(LinkChange(link_type.stem, source, target, when, active, comment, by))

    # -- comments ---------------------------------------------------------------------------------

    def add_comment(self, item: Item, text: str, *, by: Person, when: str, fmt: str = "html") -> Comment:
        """A comment and the revision it makes."""
        comment = self.append_comment(item, text, by=by, when=when, fmt=fmt)
        self.record(item, dict(item.fields), by=by, when=when, history=text)
        return comment

    def append_comment(self, item: Item, text: str, *, by: Person, when: str, fmt: str = "html") -> Comment:
        """A comment alone, for a change that records its own revision."""
        comment = Comment(self.take("comment"), item.id, [CommentVersion(1, text, fmt, by, when)])
        item.comments.append(comment)
        return comment

    def change_comment(
        self, item: Item, comment: Comment, *, by: Person, when: str, text: str | None = None, deleted: bool = False
    ) -> None:
        """Another wording, or the deletion, of a comment; both make a revision."""
        last = comment.current
        wording = last.text if text is None else text
        version = replace(last, version=last.version + 1, text=wording, by=by, date=when, deleted=deleted)
        comment.versions.append(version)
        self.record(item, dict(item.fields), by=by, when=when)

    # -- files ------------------------------------------------------------------------------------

    def add_file(
        self, name: str, *, content: bytes | None = None, size: int = 0, seed: str = "", guid: str = ""
    ) -> Attachment:
        """A stored file: with its content, or with a size and a seed to make it from."""
        key = guid or stable_guid("file", self.name, self.take("file"), name, seed)
        length = size if content is None else len(content)
        attachment = Attachment(key, name, length, seed or key, content)
        self.attachments[key.lower()] = attachment
        return attachment

    def file_relation(self, attachment: Attachment, *, when: str, comment: str = "", sized: bool = True) -> Relation:
        """The relation that shows a file on an item."""
        attributes: dict[str, object] = {
            "authorizedDate": when,
            "id": self.take("relation"),
            "resourceCreatedDate": when,
            "resourceModifiedDate": when,
            "revisedDate": "9999-01-01T00:00:00Z",
            "name": attachment.name,
        }
        if sized:
            attributes["resourceSize"] = attachment.size
        return Relation(
            "AttachedFile", url=attachment.id, name=attachment.name, comment=comment, attributes=attributes, added=when
        )

    # -- bin --------------------------------------------------------------------------------------

    def delete_item(self, item: Item, *, by: Person, when: str) -> None:
        """Into the recycle bin."""
        item.deletion = Deletion(when, by)
        self.record(item, dict(item.fields), by=by, when=when)

    def restore_item(self, item: Item, *, by: Person, when: str) -> None:
        """Out of the recycle bin, with the same id."""
        item.deletion = None
        self.record(item, dict(item.fields), by=by, when=when)

    def destroy_item(self, item: Item) -> None:
        """For good; links of others to it stay behind, pointing nowhere."""
        del self.items[item.id]

    # -- history ----------------------------------------------------------------------------------

    def seal(self) -> None:
        """Number seeded revisions by their dates, as if they had been made in that order."""
        entries = [(item.revisions[rev - 1].changed, item_id, rev) for _, item_id, rev in self.revision_log
                   if (item := self.items.get(item_id))]  # fmt: skip
        entries.sort()
        self._counters["watermark"] = 0
        self.revision_log = []
        for _, item_id, rev in entries:
            watermark = self.take("watermark")
            self.items[item_id].revisions[rev - 1].watermark = watermark
            self.revision_log.append((watermark, item_id, rev))
        self.link_log.sort(key=lambda change: change.date)

    def as_of(self, item: Item, when: str) -> Revision | None:
        """The revision an item had at a moment, or None before it existed."""
        moment = parse_date(when)
        index = bisect_right(item.revisions, moment, key=lambda revision: parse_date(revision.changed))
        return item.revisions[index - 1] if index else None
