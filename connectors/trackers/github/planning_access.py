"""Milestones, which are sprints or versions elsewhere; areas as labels; statuses; people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.clients.github.wire.answers import Code
from connectors.clients.github.wire.payloads import NewIssue
from connectors.clients.github.wire.values import dropped_fields
from connectors.domain.errors import Missing, Refused
from connectors.domain.shapes import FieldWish, Sprint, TargetField, Transition
from connectors.domain.work_items import Person
from connectors.trackers.github.people import match_person
from connectors.trackers.github.repository import GitHubRepository
from connectors.trackers.github.target_items import number_of
from connectors.trackers.github.target_shape import WORKFLOW, due_day, milestone_description, sprint_from
from connectors.trackers.github.vocabulary import Status, area_label, status_of

FIELDS_NOT_OFFERED = "FIELDS_NOT_OFFERED"
BULK_NOT_OFFERED = "BULK_NOT_OFFERED"
_AREA_COLOR = "c5def5"


class PlanningAccess(GitHubRepository):
    """See `connectors.domain.ports.TargetTracker` for what each verb promises."""

    # areas

    def add_component(self, name: str) -> str:
        """A label; its name is its id, and taken over when it is there in other letters."""
        label = area_label(name)
        self.client.create_label(label, color=_AREA_COLOR, description=f"Area {name}"[:100])
        standing = (str(entry.get("name") or "") for entry in self.client.list_labels())
        return next((known for known in standing if known.casefold() == label.casefold()), label)

    def drop_component(self, component_id: str) -> bool:
        try:
            if self.client.has_issues_with_label(component_id):
                return False
            self.client.delete_label(component_id)
        except Missing:
            return False
        return True

    # milestones

    def add_version(self, name: str, *, start: datetime | None, finish: datetime | None, released: bool) -> str:
        sprint = self._milestone(name, start=start, finish=finish)
        if released and sprint.state != "closed":
            self.set_sprint_state(sprint, "closed")
        return sprint.id

    def add_sprint(self, name: str, *, start: datetime | None, finish: datetime | None) -> Sprint:
        """A milestone, an existing one of that name included: there is never a second."""
        return self._milestone(name, start=start, finish=finish)

    def _milestone(self, name: str, *, start: datetime | None, finish: datetime | None) -> Sprint:
        try:
            made = self.client.create_milestone(name, due=due_day(finish), description=milestone_description(start))
        except Refused as error:
            existing = next((sprint for sprint in self.sprints() if sprint.name.casefold() == name.casefold()), None)
            if error.code != Code.NAME_TAKEN or existing is None:
                raise
            return existing
        return sprint_from(made)

    def sprints(self) -> list[Sprint]:
        return [sprint_from(milestone) for milestone in self.client.list_milestones()]

    def drop_sprint(self, sprint_id: str) -> bool:
        try:
            if self.client.has_issues_in_milestone(sprint_id):
                return False
            self.client.delete_milestone(sprint_id)
        except Missing:
            return False
        return True

    def set_sprint_state(self, sprint: Sprint, state: str) -> None:
        """A milestone is open until it is closed: there is nothing to start."""
        if state == "closed":
            self.client.update_milestone(sprint.id, {"state": "closed"})

    def add_to_sprint(self, sprint_id: str, keys: Sequence[str]) -> None:
        """One request per issue. Raises Refused for a milestone that GitHub left out without a word."""
        self.reader.forget()
        for key in keys:
            self._change(number_of(key), {"milestone": int(sprint_id)})

    # statuses

    def transitions(self, item_id: str) -> list[Transition]:
        """To every status but the one it has."""
        here = status_of(self.client.get_issue(number_of(item_id)))
        return [step for step in WORKFLOW.transitions if step.to != here]

    def transition(self, item_id: str, transition_id: str, *, resolution: str | None = None) -> None:
        """The reason for closing is part of the status: there is no other resolution. An issue that is closed already
        takes another reason only after it was opened."""
        number = number_of(item_id)
        self.reader.forget()
        if transition_id == Status.OPEN:
            self._change(number, {"state": "open"})
            return
        standing = self.client.get_issue(number)
        if status_of(standing) == transition_id:
            return
        if standing.get("state") == "closed":
            self._change(number, {"state": "open"})
        self._change(number, {"state": "closed", "state_reason": transition_id})

    def transition_many(self, steps: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Raises Refused: there is no such task."""
        raise Refused("GitHub changes one issue at a time", code=BULK_NOT_OFFERED, status=405)

    def _change(self, number: int, changes: NewIssue) -> None:
        dropped = dropped_fields(changes, self.client.update_issue(number, changes))
        if dropped:
            raise Refused("; ".join(dropped.values()), code=Code.PERMISSION_MISSING, status=403, fields=dropped)

    # fields and people

    def add_field(self, wish: FieldWish, *, type_ids: Sequence[str]) -> TargetField:
        raise Refused("GitHub's issues have no fields of their own", code=FIELDS_NOT_OFFERED, status=405)

    def find_people(self, people: Sequence[Person]) -> dict[str, Person]:
        """Among those who can be assigned: others could hold no issue. One listing for all, and one request for the
        profile of each of them."""
        known = self.assignable()
        found = {person.id: match_person(person, known) for person in people}
        return {source: person for source, person in found.items() if person is not None}

    def may_assign(self, person: Person) -> bool:
        return self.client.is_assignable(person.id)
