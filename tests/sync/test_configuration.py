"""Making, changing and deleting synchronizations, and their drafts."""

from __future__ import annotations

import pytest

from connectors.domain.errors import DomainError
from sync.models import Pair, Synchronization, SynchronizationSide
from sync.queries import find_side, find_synchronization
from sync.services import configuration, drafts
from sync.services.configuration import SideChoice, SynchronizationChanges
from tenancy.errors import NotPermitted
from tenancy.models import AuditEntry
from tests import recipes
from tests.builders import Cast
from tests.sync import builders

pytestmark = pytest.mark.django_db


def test_keys_are_given_out_once(people: Cast) -> None:
    by = people.owner.principal
    first = builders.synchronization(by)
    configuration.delete_synchronization(first, by=by)

    second = builders.synchronization(by)

    assert (first.key, second.key) == ("INT-1", "INT-2")
    assert [side.key for side in builders.sides(second)] == ["AGILE-2", "DEMO-2"]


def test_names_that_no_address_can_hold_become_keys(people: Cast) -> None:
    by = people.owner.principal

    made = configuration.create_synchronization(
        first=SideChoice(builders.azure_devops(by, project="Agile Project / Ü").pk),
        second=SideChoice(builders.jira(by, project="INT").pk),
        by=by,
    )

    assert [side.key for side in builders.sides(made)] == ["P-1", "INTX-1"]
    assert made.summary == "Agile Project / Ü <> INT"


def test_mappings_without_an_id_get_one_and_keep_it(people: Cast) -> None:
    made = builders.synchronization(people.owner.principal)

    [types] = made.configuration["issueTypeMappings"]
    assert len(types["id"]) == 36
    assert made.configuration["fieldMappings"][0]["id"] == builders.TITLE_ID
    assert configuration.complete(made.configuration) == made.configuration


def test_a_side_is_found_by_its_key_within_its_organization_only(people: Cast) -> None:
    made = builders.synchronization(people.owner.principal)

    assert find_side(people.organization, "DEMO-1").synchronization == made
    for look in (lambda: find_side(people.outsider.organization, "DEMO-1"),
                 lambda: find_synchronization(people.outsider.organization, made.key)):  # fmt: skip
        with pytest.raises(DomainError) as raised:
            look()
        assert raised.value.status == 404


def test_a_connector_of_somebody_else_does_not_exist(people: Cast) -> None:
    foreign = builders.jira(people.outsider.principal)
    by = people.owner.principal

    with pytest.raises(DomainError, match="There is no connector"):
        configuration.create_synchronization(
            first=SideChoice(foreign.pk), second=SideChoice(builders.jira(by).pk), by=by
        )


def test_members_do_not_make_synchronizations(people: Cast) -> None:
    with pytest.raises(NotPermitted):
        builders.synchronization(people.member.principal)


def test_a_new_filter_is_looked_through_again(people: Cast) -> None:
    by = people.owner.principal
    made = builders.synchronization(by)
    SynchronizationSide.objects.update(cursor={"at": 1})

    changed = configuration.update_synchronization(
        made, SynchronizationChanges(summary="New", second_query=" labels = keep "), by=by
    )

    first, second = builders.sides(changed)
    assert (changed.summary, second.query, second.cursor, first.cursor) == ("New", "labels = keep", None, {"at": 1})
    assert changed.version == 2


def test_deleting_takes_the_pairs_with_it(people: Cast) -> None:
    by = people.owner.principal
    made = builders.synchronization(by)
    recipes.pair.make(synchronization=made, organization=people.organization)

    configuration.delete_synchronization(made, by=by)

    assert (Synchronization.objects.count(), Pair.objects.count()) == (0, 0)
    assert AuditEntry.objects.filter(action="synchronization.deleted").exists()


def test_a_draft_is_edited_beside_what_is_in_force(people: Cast) -> None:
    by = people.owner.principal
    made = drafts.create_draft(builders.synchronization(by), by=by)
    in_force = made.configuration

    edited = drafts.edit_draft(made, {**in_force, "policy": "ask"}, by=by)

    assert edited.draft is not None
    assert (edited.configuration, edited.draft["policy"]) == (in_force, "ask")
    drafts.discard_draft(made, by=by)
    with pytest.raises(DomainError) as raised:
        drafts.discard_draft(made, by=by)
    assert (raised.value.code, raised.value.status) == ("DRAFT_NOT_FOUND", 404)


def test_a_draft_that_cannot_be_read_is_refused_with_its_place(people: Cast) -> None:
    by = people.owner.principal
    made = drafts.create_draft(builders.synchronization(by), by=by)

    with pytest.raises(DomainError) as raised:
        drafts.edit_draft(made, {**made.configuration, "policy": "loudest"}, by=by)

    assert raised.value.code == "CONFIGURATION_INVALID"
    assert list(raised.value.errors) == ["policy"]


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d"])
def test_texts_that_no_database_keeps_are_refused(people: Cast, text: str) -> None:
    by = people.owner.principal
    pairs = [{"first": text, "second": "x"}]

    for change in (
        {"valueMappings": [{"name": "n", "mode": "correlation", "pairs": pairs}]},
        {"peopleMapping": {"a": text}},
    ):
        with pytest.raises(DomainError) as raised:
            builders.synchronization(by, **change)
        assert raised.value.code == "CONFIGURATION_INVALID"
    made = builders.synchronization(by)
    for changes in (SynchronizationChanges(description=text), SynchronizationChanges(first_query=text)):
        with pytest.raises(DomainError) as raised:
            configuration.update_synchronization(made, changes, by=by)
        assert raised.value.code == "VALIDATION_FAILED"
