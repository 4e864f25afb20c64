"""Sync information: imported all or nothing, deleted softly, restored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.domain.errors import DomainError
from sync.models import Pair, Synchronization, SynchronizationSide
from sync.queries import find_side, page_of_pairs, pairs_of
from sync.services import information
from sync.services.information_rows import LATEST_TIME, MOST_ROWS
from tenancy.errors import NotPermitted
from tenancy.models import AuditEntry
from tests.builders import Cast
from tests.sync import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(people: Cast) -> Synchronization:
    return builders.synchronization(people.owner.principal)


@pytest.fixture
def side(row: Synchronization, people: Cast) -> SynchronizationSide:
    """The Jira side."""
    return find_side(people.organization, builders.sides(row)[1].key)


def rows(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    return [{"localIssueKey": f"DEMO-{n}", "remoteIssueKey": str(n), **more} for n in numbers]


def test_rows_are_kept_from_the_side_that_imports_them(side: SynchronizationSide, people: Cast) -> None:
    given = {
        "firstSyncDate": 1,
        "lastOutgoingChange": 2,
        "lastChangeSeen": 3,
        "outgoingMessageSequenceId": 4,
        "lastIncomingChange": 5,
        "incomingMessageSequenceId": 6,
        "incomingChangesIgnored": True,
    }

    done = information.import_information(side, rows(7, **given), by=people.owner.principal)

    pair = Pair.objects.get()
    assert (done.created, done.updated, list(done.ids)) == (1, 0, [pair.pk])
    assert (pair.first_key, pair.second_key, pair.first_sync) == ("7", "DEMO-7", 1)
    assert (pair.second_last_outgoing, pair.second_last_change_seen, pair.second_outgoing_sequence) == (2, 3, 4)
    assert (pair.second_last_incoming, pair.second_incoming_sequence, pair.second_incoming_ignored) == (5, 6, True)
    assert (pair.first_outgoing_sequence, pair.first_incoming_ignored) == (0, False)


def test_what_is_left_out_is_now_or_nought_and_an_update_keeps_it(side: SynchronizationSide, people: Cast) -> None:
    by = people.owner.principal
    before = information.milliseconds(timezone.now())
    information.import_information(side, rows(1, outgoingMessageSequenceId=9), by=by)
    made = Pair.objects.get()

    done = information.import_information(side, rows(1, lastOutgoingChange=5), by=by)

    pair = Pair.objects.get()
    assert (done.created, done.updated) == (0, 1)
    assert made.second_last_incoming >= before
    assert (pair.second_last_outgoing, pair.second_outgoing_sequence) == (5, 9)
    assert pair.first_sync == made.first_sync


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ({"localIssueKey": "OTHER-1"}, "[1].localIssueKey"),
        ({"localIssueKey": "1", "remoteIssueKey": "DEMO-1"}, "[1].localIssueKey"),
        ({"remoteIssueKey": "DEMO-2"}, "[1].remoteIssueKey"),
        ({"remoteIssueKey": "0"}, "[1].remoteIssueKey"),
        ({"localIssueKey": None}, "[1].localIssueKey"),
        ({"firstSyncDate": "yesterday"}, "[1].firstSyncDate"),
        ({"lastChangeSeen": -1}, "[1].lastChangeSeen"),
        ({"lastChangeSeen": 1.5}, "[1].lastChangeSeen"),
        ({"lastChangeSeen": True}, "[1].lastChangeSeen"),
        ({"lastChangeSeen": LATEST_TIME + 1}, "[1].lastChangeSeen"),
        ({"incomingMessageSequenceId": 2**53}, "[1].incomingMessageSequenceId"),
        ({"incomingChangesIgnored": "no"}, "[1].incomingChangesIgnored"),
        ({"sequence": 1}, "[1].sequence"),
        ({"localIssueKey": "DEMO-1", "remoteIssueKey": "9"}, "[1].localIssueKey"),
        ({"localIssueKey": "DEMO-9", "remoteIssueKey": "1"}, "[1].remoteIssueKey"),
    ],
)
def test_one_bad_row_imports_nothing_and_is_named(
    side: SynchronizationSide, people: Cast, bad: dict[str, Any], where: str
) -> None:
    body = [*rows(1), {**rows(2)[0], **bad}]

    with pytest.raises(DomainError) as raised:
        information.import_information(side, body, by=people.owner.principal)

    assert where in raised.value.errors
    assert Pair.objects.count() == 0


def test_another_partner_for_a_known_key_is_refused(side: SynchronizationSide, people: Cast) -> None:
    by = people.owner.principal
    information.import_information(side, rows(1, 2), by=by)

    with pytest.raises(DomainError) as raised:
        information.import_information(
            side,
            [
                *rows(3),
                {"localIssueKey": "DEMO-1", "remoteIssueKey": "4"},
                {"localIssueKey": "DEMO-4", "remoteIssueKey": "2"},
            ],
            by=by,
        )

    assert list(raised.value.errors) == ["[1].localIssueKey", "[2].remoteIssueKey"]
    assert Pair.objects.count() == 2


def test_more_rows_than_fit_are_refused_at_once(side: SynchronizationSide, people: Cast) -> None:
    with pytest.raises(DomainError, match="At most 100,000 rows"):
        information.import_information(side, [{}] * (MOST_ROWS + 1), by=people.owner.principal)


def test_pages_follow_each_other_by_number(side: SynchronizationSide, people: Cast) -> None:
    information.import_information(side, rows(*range(1, 8)), by=people.owner.principal)

    first = page_of_pairs(pairs_of(side), after=0, limit=4)
    second = page_of_pairs(pairs_of(side), after=first[-1].pk, limit=4)

    assert [pair.second_key for pair in (*first, *second)] == [f"DEMO-{n}" for n in range(1, 8)]
    assert [pair.first_key for pair in pairs_of(side, local="DEMO-3")] == ["3"]
    assert list(pairs_of(side, remote="DEMO-3")) == []


def test_deleting_everything_is_audited_and_can_be_taken_back(side: SynchronizationSide, people: Cast) -> None:
    by = people.owner.principal
    information.import_information(side, rows(1, 2, 3), by=by)

    assert information.delete_information(side, by=by) == 3
    assert list(pairs_of(side)) == []
    information.import_information(side, [{"localIssueKey": "DEMO-1", "remoteIssueKey": "9"}], by=by)
    assert information.restore_information(side, by=by) == 2

    assert sorted(pair.first_key for pair in pairs_of(side)) == ["2", "3", "9"]
    assert AuditEntry.objects.filter(action="sync_information.deleted").get().before["count"] == 3


def test_after_thirty_days_nothing_comes_back(side: SynchronizationSide, people: Cast) -> None:
    by = people.owner.principal
    information.import_information(side, rows(1), by=by)
    information.delete_information(side, by=by)
    Pair.objects.update(deleted_at=timezone.now() - information.RESTORABLE - timedelta(minutes=1))

    assert information.restore_information(side, by=by) == 0
    assert information.forget_deleted_pairs() == 1


def test_one_pair_is_deleted_by_its_number_on_its_own_side_only(
    side: SynchronizationSide, row: Synchronization, people: Cast
) -> None:
    by = people.owner.principal
    done = information.import_information(side, rows(1, 2), by=by)
    other = builders.sides(builders.synchronization(by))[0]

    with pytest.raises(DomainError) as raised:
        information.delete_information(other, pair_id=done.ids[0], by=by)
    assert raised.value.status == 404

    assert information.delete_information(side, pair_id=done.ids[0], by=by) == 1
    assert [pair.pk for pair in pairs_of(side)] == [done.ids[1]]


def test_members_do_not_delete(side: SynchronizationSide, people: Cast) -> None:
    with pytest.raises(NotPermitted):
        information.delete_information(side, by=people.member.principal)
