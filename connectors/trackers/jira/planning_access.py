"""Components, sprints and workflow steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.clients.jira.wire.payloads import Json
from connectors.clients.jira.wire.values import format_time
from connectors.domain.errors import Missing, Refused
from connectors.domain.shapes import Sprint, Transition
from connectors.trackers.jira.describing import read_sprints, sprint_from
from connectors.trackers.jira.project import JiraProject
from connectors.trackers.jira.stepping import run_bulk_transition, take_step
from connectors.trackers.jira.workflows import open_step

NO_SCRUM_BOARD = "NO_SCRUM_BOARD"
_ORDER = ("future", "active", "closed")


class PlanningAccess(JiraProject):
    """See `connectors.domain.ports.TargetTracker` for what each verb promises."""

    def add_component(self, name: str) -> str:
        try:
            return self.client.create_component(self.key, name)
        except Refused as error:
            existing = self._component_named(name) if error.status in (400, 409) else None
            if existing is None:
                raise
            return existing

    def drop_component(self, component_id: str) -> bool:
        try:
            if self.client.count_component_issues(component_id):
                return False
            self.client.delete_component(component_id)
        except Missing:
            return False
        return True

    def drop_sprint(self, sprint_id: str) -> bool:
        try:
            if self.client.has_issues(sprint_id):
                return False
            self.client.delete_sprint(sprint_id)
        except Missing:
            return False
        return True

    def add_version(self, name: str, *, start: datetime | None, finish: datetime | None, released: bool) -> str:
        try:
            return self.client.create_version(
                self.shape.project_id, name, start=_day(start), release=_day(finish), released=released
            )
        except Refused as error:
            existing = self._version_named(name) if error.status in (400, 409) else None
            if existing is None:
                raise
            return existing

    def add_sprint(self, name: str, *, start: datetime | None, finish: datetime | None) -> Sprint:
        return sprint_from(self.client.create_sprint(name, board=self._board(), start=start, finish=finish))

    def sprints(self) -> list[Sprint]:
        """Of the project's first scrum board, in every state; empty where it has none."""
        boards = self.shape.boards
        return (read_sprints(self.client, boards[0].id) or []) if boards else []

    def set_sprint_state(self, sprint: Sprint, state: str) -> None:
        """A refusal counts only when the sprint is not there yet: repeating a step is answered as an error."""
        changes: dict[str, Json] = {"state": state}
        if state == "active" and sprint.start and sprint.finish:
            changes |= {"startDate": format_time(sprint.start), "endDate": format_time(sprint.finish)}
        try:
            self.client.update_sprint(sprint.id, changes)
        except Refused:
            now = self.client.get_sprint(sprint.id).get("state", "future")
            if _ORDER.index(now) < _ORDER.index(state):
                raise

    def add_to_sprint(self, sprint_id: str, keys: Sequence[str]) -> None:
        if keys:
            self.client.move_issues_to_sprint(sprint_id, keys)

    def transitions(self, item_id: str) -> list[Transition]:
        return [open_step(step) for step in self.client.get_transitions(item_id)]

    def transition(self, item_id: str, transition_id: str, *, resolution: str | None = None) -> None:
        take_step(self.client, item_id, transition_id, resolution=resolution)

    def transition_many(self, steps: Sequence[tuple[str, str]]) -> dict[str, str]:
        return run_bulk_transition(self.client, steps)

    def _board(self) -> str:
        boards = self.shape.boards
        if not boards:
            raise Refused(
                f"Project {self.key} has no scrum board, and sprints need one.", code=NO_SCRUM_BOARD, status=404
            )
        return boards[0].id

    def _component_named(self, name: str) -> str | None:
        wanted = name.strip().casefold()
        found = self.client.get_components(self.key)
        return next((str(entry["id"]) for entry in found if entry.get("name", "").casefold() == wanted), None)

    def _version_named(self, name: str) -> str | None:
        wanted = name.strip().casefold()
        found = self.client.get_versions(self.key)
        return next((str(entry["id"]) for entry in found if entry.get("name", "").casefold() == wanted), None)


def _day(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d}" if moment else None
