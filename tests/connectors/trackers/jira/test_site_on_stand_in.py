"""Describing, probing, people and credentials on a site; and the whole way over sockets."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.clients.auth import BasicAuth
from connectors.clients.guard import AddressGuard
from connectors.clients.jira.client import JiraClient
from connectors.clients.retry import Backoff
from connectors.clients.settings import TransportSettings
from connectors.clients.transport import Surroundings, Transport
from connectors.domain.errors import AccessLost, AddressRefused, Missing, NotSent, PlatformError, Refused
from connectors.domain.work_items import Person
from connectors.trackers.jira import JiraTracker
from sandbox.jira.site import SCOPED_TOKEN, SiteSpec
from sandbox.jira.site import Person as Account
from tests.connectors.trackers.jira.stand_in import Bytes, document, stage, stage_over_sockets


def test_a_site_is_described() -> None:
    shape = stage().tracker.describe()

    assert (shape.project_key, shape.project) == ("DEMO", "Demo")
    assert {(kind.name, kind.level) for kind in shape.types} == {
        ("Epic", 1),
        ("Story", 0),
        ("Task", 0),
        ("Bug", 0),
        ("Sub-task", -1),
    }
    assert all(kind.workflow.known and kind.workflow.initial for kind in shape.types)
    assert all(kind.fields["summary"].required for kind in shape.types)
    assert [link.name for link in shape.link_types] == ["Blocks", "Cloners", "Duplicate", "Relates"]
    assert [priority.name for priority in shape.priorities] == ["Highest", "High", "Medium", "Low", "Lowest"]
    assert len(shape.boards) == 1
    assert shape.sprint_field
    assert shape.story_points_field
    assert shape.me is not None
    assert {"CREATE_ISSUES", "MODIFY_REPORTER", "BULK_CHANGE"} <= shape.permissions


def test_without_administration_rights_workflows_are_not_known_but_statuses_are() -> None:
    here = stage(SiteSpec(denied=frozenset({"ADMINISTER", "ADMINISTER_PROJECTS"})))

    workflow = here.type("Story").workflow

    assert not workflow.known
    assert {status.name for status in workflow.statuses} == {"To Do", "In Progress", "In Review", "Done"}
    assert workflow.transitions == ()


def test_steps_are_learned_from_an_item_where_workflows_are_hidden() -> None:
    here = stage(SiteSpec(denied=frozenset({"ADMINISTER", "ADMINISTER_PROJECTS"})))
    (item,) = here.create()

    assert {step.name for step in here.tracker.transitions(item.id)} >= {"In Progress", "Done"}


def test_a_probe_counts_the_projects_items() -> None:
    here = stage()
    here.create(*[here.draft(n) for n in range(3)])

    probe = here.tracker.probe()

    assert (probe.organisation, probe.project, probe.item_count) == ("jira.test", "Demo", 3)


@pytest.mark.parametrize(
    ("spec", "access", "kind", "words"),
    [
        (SiteSpec(), {"token": "wrong"}, AccessLost, "Jira connection failed: 401"),
        (SiteSpec(public=True), {"token": "wrong"}, AccessLost, "Jira connection failed: 401"),
        (SiteSpec(), {"account": "x@example.com"}, AccessLost, "Jira connection failed: 401"),
        (SiteSpec(), {"key": "NOPE"}, Missing, "Jira project key not found"),
        (SiteSpec(denied=frozenset({"CREATE_ISSUES"})), {}, Refused, "Create Issues"),
    ],
)
def test_a_probe_fails_for_a_reason(
    spec: SiteSpec, access: dict[str, Any], kind: type[PlatformError], words: str
) -> None:
    here = stage(spec, **access)

    with pytest.raises(kind, match=words):
        here.tracker.probe()
    assert not any(entry.applied for entry in here.service.log.entries())


def test_a_scoped_token_works_through_the_gateway() -> None:
    here = stage(token=SCOPED_TOKEN)

    probe = here.tracker.probe()
    (created,) = here.create()

    assert probe.project == "Demo"
    assert "/ex/jira/" in here.client.address
    assert here.tracker.item_url(created.key) == f"http://jira.test/browse/{created.key}"


PEOPLE = (
    Account("Ada Open", "ada@contoso.example"),
    Account("Ben Hidden", "ben@contoso.example", email_visible=False),
    Account("Cleo Gone", "cleo@contoso.example", active=False),
    Account("Dan Twin", "dan1@contoso.example", email_visible=False),
    Account("Dan Twin", "dan2@contoso.example", email_visible=False),
    Account("Eve Elsewhere", "eve@contoso.example", assignable=False),
)


def test_trap_16_people_are_found_by_e_mail_hidden_or_not_and_by_name_when_it_is_unambiguous() -> None:
    here = stage(SiteSpec(people=PEOPLE))

    found = here.tracker.find_people(
        [
            Person("1", "Somebody", "ada@contoso.example"),
            Person("2", "Somebody", "ben@contoso.example"),
            Person("3", "Cleo Gone", "cleo@contoso.example"),
            Person("4", "Dan Twin"),
            Person("5", "Dan Twin", "dan2@contoso.example"),
            Person("6", "eve elsewhere"),
            Person("7", "Nobody Known", "nobody@contoso.example"),
        ]
    )

    assert {source: person.name for source, person in found.items()} == {
        "1": "Ada Open",
        "2": "Ben Hidden",
        "3": "Cleo Gone",
        "5": "Dan Twin",
        "6": "Eve Elsewhere",
    }
    assert not found["3"].active
    assert here.tracker.may_assign(found["1"])
    assert not here.tracker.may_assign(found["6"])


def test_people_cost_at_most_one_request_each_beside_one_listing() -> None:
    here = stage(SiteSpec(people=PEOPLE))
    before = here.requests()

    here.tracker.find_people([Person(str(n), f"Stranger {n}", f"s{n}@x.example") for n in range(5)])

    assert here.requests() - before == 1 + 5


# -- sockets


def test_the_whole_way_over_sockets() -> None:
    with stage_over_sockets() as here:
        assert here.tracker.probe().item_count == 0
        made = here.create(*[here.draft(n, body=document("Text")) for n in range(5)])
        comment = here.tracker.add_comment(made[0].id, document("Hello"), source_id="c1")
        file = here.tracker.upload_file(made[0].id, "a.bin", Bytes(*[b"x" * 70_000] * 4))
        unknown = here.tracker.upload_file(made[0].id, "b.bin", Bytes(b"y" * 300_000, size=None))
        here.tracker.link_items("Relates", made[0].key, made[1].key)
        item = here.tracker.read_items([made[0].key])[0]
        with here.tracker.open_target_file(file.id) as content:
            data = b"".join(content)
        media = here.tracker.media_id(file.id)

    assert item.comments is not None
    assert [entry.id for entry in item.comments] == [comment]
    assert [(entry.id, entry.size) for entry in item.files] == [(file.id, 280_000), (unknown.id, 300_000)]
    assert data == b"x" * 280_000
    assert media is not None
    assert [link.other_key for link in item.links] == [made[1].key]


def test_a_scoped_token_works_over_sockets() -> None:
    with stage_over_sockets(token=SCOPED_TOKEN) as here:
        assert here.tracker.probe().project == "Demo"


def test_an_upload_that_breaks_off_over_a_socket_leaves_no_file() -> None:
    with stage_over_sockets() as here:
        (item,) = here.create()
        with pytest.raises(NotSent):
            here.tracker.upload_file(item.id, "a.bin", Bytes(b"x" * 70_000, size=200_000))
        assert here.tracker.files(item.id) == []
        assert here.tracker.upload_file(item.id, "a.bin", Bytes(b"x" * 10)).size == 10


def test_nobody_listening_is_unreachable_and_a_private_address_is_refused() -> None:
    with stage_over_sockets() as here:
        address = here.client.site
        private = JiraTracker(JiraClient(Transport(address, BasicAuth("a@x.example", "token-1"))), "DEMO")
        with pytest.raises(AddressRefused):
            private.probe()
        address, guard = here.client.site, AddressGuard(allowed=[here.client.site.removeprefix("http://")])
    around = Surroundings(guard=guard, settings=TransportSettings(backoff=Backoff(base=0.01)))
    gone = JiraTracker(JiraClient(Transport(address, BasicAuth("a@x.example", "token-1"), surroundings=around)), "DEMO")
    with pytest.raises(NotSent):
        gone.probe()
