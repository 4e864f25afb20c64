"""Filling an organisation with seeded content that lies in the past."""

from __future__ import annotations

from datetime import timedelta

from sandbox.ado.dates import parse_date, stamp
from sandbox.ado.link_types import LINK_TYPES, PARENT
from sandbox.ado.model import Board, BoardColumn, Fields, Item, Node, Person, Process, Relation, SavedQuery, Team
from sandbox.ado.organization import Organization
from sandbox.ado.people import stable_guid

_LEVELS = (
    ("Epics", "Microsoft.EpicCategory"),
    ("Features", "Microsoft.FeatureCategory"),
    ("Stories", "Microsoft.RequirementCategory"),
)
_COMMON = "Microsoft.VSTS.Common."


class ProjectBuilder:
    """One project in the making. Call `Organization.seal` when all projects are complete."""

    def __init__(self, org: Organization, name: str, process: Process, *, description: str = "") -> None:
        self.org = org
        self.process = process
        self.project = org.add_project(name, process, description=description)

    # -- structure ------------------------------------------------------------------------------------

    def area(self, path: str) -> Node:
        """The area of a path as fields write it, made where it does not exist yet."""
        return self._node(self.project.areas, path)

    def iteration(self, path: str, *, start: str = "", finish: str = "") -> Node:
        """The iteration of a path, with its dates when it has any."""
        node = self._node(self.project.iterations, path)
        if start:
            node.start, node.finish = start, finish
        return node

    def _node(self, root: Node, path: str) -> Node:
        node = root
        for name in path.split("\\")[1:]:
            found = next((child for child in node.children if child.name.lower() == name.lower()), None)
            node = found or self.org.new_node(name, root.kind, node)
        self.project.index_paths()
        return node

    def team(self, name: str, *, description: str = "", boards: list[Board] | None = None, bugs: str = "") -> Team:
        """A team that owns the root area and every iteration below the root."""
        project = self.project
        members = [person for person in self.org.people.all if person.active and not person.container]
        team = Team(
            stable_guid("team", project.id, name),
            name,
            description,
            [project.areas],
            [node for node in project.iterations.walk() if node is not project.iterations],
            members,
            boards if boards is not None else self.default_boards(name),
            bugs or "asRequirements",
        )
        self.org.people.add(f"[{project.name}]\\{name}", f"vstfs:///Classification/{team.id}", container=True)
        project.teams.append(team)
        return team

    def default_boards(self, team: str) -> list[Board]:
        """A board for each backlog level, with a column for each state but the removed one."""
        boards = []
        for name, category in _LEVELS:
            types = [found for found in self.process.types.values() if found.category == category]
            if not types:
                continue
            columns = []
            for index, state in enumerate(s for s in types[0].states if s.category != "Removed"):
                kind = "incoming" if index == 0 else ("outgoing" if state.category == "Completed" else "inProgress")
                guid = stable_guid("column", self.project.id, team, name, state.name)
                states = {found.name: state.name for found in types if found.state(state.name)}
                columns.append(BoardColumn(guid, state.name, kind, states, 5 if kind == "inProgress" else 0))
            boards.append(Board(stable_guid("board", self.project.id, team, name), name, columns))
        return boards

    def query(self, name: str, wiql: str) -> None:
        """A shared query."""
        guid = stable_guid("query", self.project.id, name)
        self.project.queries.append(SavedQuery(guid, name, wiql))

    # -- items ----------------------------------------------------------------------------------------

    def item(
        self,
        fields: Fields,
        *,
        created: str,
        by: Person,
        changed: str = "",
        changed_by: Person | None = None,
        revisions: int = 1,
        formats: dict[str, str] | None = None,
        item_id: int | None = None,
    ) -> Item:
        """An item with its final fields, and as many revisions as it is said to have had."""
        item = self.org.new_item(self.project, item_id)
        complete: Fields = {
            "System.AreaPath": self.project.areas.field_path,
            "System.TeamProject": self.project.name,
            "System.IterationPath": self.project.iterations.field_path,
            **fields,
        }
        complete["System.CreatedDate"] = created
        complete["System.CreatedBy"] = by
        moments = _moments(created, changed or created, revisions)
        for number, moment in enumerate(moments, start=1):
            final = number == len(moments)
            snapshot = dict(complete) if final else self._early(complete, number)
            self.org.record(
                item, snapshot, by=(changed_by or by) if final else by, when=moment, formats=dict(formats or {})
            )
        return item

    def _early(self, complete: Fields, number: int) -> Fields:
        """An earlier snapshot: the first one was still in the first state."""
        snapshot = dict(complete)
        found = self.process.find(str(complete["System.WorkItemType"]))
        if number == 1 and found is not None:
            snapshot["System.State"] = found.initial.name
            snapshot["System.Reason"] = found.initial.reason
            for name in ("StateChangeDate", "ActivatedDate", "ResolvedDate", "ClosedDate", "ClosedBy"):
                snapshot.pop(_COMMON + name, None)
        return snapshot

    def link(self, source: Item, rel: str, target: int, *, comment: str = "") -> bool:
        """A link with both its ends, as if made together with the items. False when it cannot be."""
        link_type = LINK_TYPES[rel]
        other = self.org.items.get(target)
        exists = any(r.rel == rel and r.target == target for r in source.relations)
        below = source if rel == PARENT else (other if link_type.opposite == PARENT else None)
        if exists or (below is not None and below.parent is not None):
            return False
        when = str(source.fields["System.CreatedDate"])
        near, far = self.org.attach_link(source, link_type, target, by=self.org.owner, when=when, comment=comment)
        source.updates[0].added.append(near)
        if other is not None and far is not None:
            far.added = str(other.fields["System.CreatedDate"])
            other.updates[0].added.append(far)
        return True

    def relation(self, item: Item, relation: Relation) -> None:
        """A file, hyperlink or artifact, as if put on with the item."""
        relation.added = relation.added or str(item.fields["System.CreatedDate"])
        self.org.add_relation(item, relation)
        item.updates[0].added.append(relation)

    def comment(self, item: Item, text: str, *, by: Person, fmt: str = "html", hours: float = 2.0) -> None:
        """A comment some hours after the last change."""
        when = stamp(parse_date(item.current.changed) + timedelta(hours=hours))
        self.org.add_comment(item, text, by=by, when=when, fmt=fmt)


def _moments(created: str, changed: str, revisions: int) -> list[str]:
    """The dates of the revisions, spread evenly, each later than the one before."""
    start, end = parse_date(created), parse_date(changed)
    steps = max(revisions - 1, 0)
    if end <= start:
        end = start + timedelta(seconds=steps)
    if steps == 0:
        return [changed if changed > created else created]
    inner = [stamp(start + (end - start) * n / steps) for n in range(steps)]
    return [*inner, changed if parse_date(changed) == end else stamp(end)]
