"""A Jira Cloud project as the target of a run."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.domain.ports import Probe
from connectors.domain.work_items import Person
from connectors.trackers.jira.content_access import ContentAccess
from connectors.trackers.jira.field_access import FieldAccess
from connectors.trackers.jira.item_access import ItemAccess
from connectors.trackers.jira.people import find_person
from connectors.trackers.jira.planning_access import PlanningAccess
from connectors.trackers.jira.probing import probe_project, probe_site


class JiraTracker(ItemAccess, ContentAccess, PlanningAccess, FieldAccess):
    """Implements `connectors.domain.ports.TargetTracker` over one `JiraClient` and project key.

    `JiraTracker(client, "DEMO", shape=stored)` works without describing the project again. Thread-safe.
    """

    def probe(self) -> Probe:
        return probe_project(self.client, self.key)

    def probe_server(self) -> Probe:
        """See ServerProbe."""
        return probe_site(self.client)

    def find_people(self, people: Sequence[Person]) -> dict[str, Person]:
        """One listing for all, then one request at most for each person it does not show."""
        directory = self.directory
        found = {person.id: find_person(self.client, person, directory) for person in people}
        return {source: person for source, person in found.items() if person is not None}

    def may_assign(self, person: Person) -> bool:
        """Somebody the listing shows may be assigned; of others only a question about them tells."""
        if self.assignable.by_id(person.id) is not None:
            return True
        return bool(self.client.find_assignable_users(self.key, account_id=person.id))
