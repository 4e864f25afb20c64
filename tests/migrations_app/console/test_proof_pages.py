"""Verification report and rollback in the console."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from migrations_app.engine.ports import Batch, Difference, Event
from migrations_app.engine.state import ItemStage, Outcome, RunStatus
from migrations_app.follow_up_models import FollowUp, FollowUpKind, FollowUpStatus, RollbackItem
from migrations_app.models import MigrationRun
from migrations_app.store import DjangoStore
from tests.builders import Cast
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_held_run, make_project, make_run, plan_item
from tests.migrations_app.console.test_run_pages import text, url

pytestmark = pytest.mark.django_db
MADE: dict[str, Any] = {"outcome": Outcome.CREATED, "stage": ItemStage.FINISHED}


def make_ended_run(people: Cast, *, differences: bool = True) -> MigrationRun:
    """Created, moved before, failed and left out; verified at its end."""
    run = make_held_run(
        make_project(people.organization, name="Shop"), checkpoint={"planned": True, "filtered": {"Bug": 2}}
    )
    found = [
        Difference("1", "PARTS-7", "title", "TITLE_DIFFERS", "Pay by card", "Pay by cheque"),
        Difference("1", "PARTS-7", "comment 3", "COMMENT_MISSING", "Hello", ""),
    ]
    DjangoStore(run, lease_seconds=30).commit(
        Batch(
            new_items=[
                plan_item("1", target_key="PARTS-7", title="Pay by card", **MADE),
                plan_item(
                    "2", target_key="PARTS-8", moved_before=True, outcome=Outcome.UPDATED, stage=ItemStage.FINISHED
                ),
                plan_item("3", type="Bug", outcome=Outcome.FAILED, problems=(("FIELD_REFUSED", "No."),)),
            ],
            events=[Event("verified", {"checked": {"items": 2, "words": 40}, "changedSince": 1})],
            differences=found if differences else [],
        )
    )
    MigrationRun.objects.filter(pk=run.pk).update(
        status=RunStatus.PARTIAL, lease_until=None, finished_at=timezone.now()
    )
    return MigrationRun.objects.get(pk=run.pk)


def cells(shown: str, kind: str) -> list[str]:
    row = shown.split(f'<th scope="row">{kind}</th>')[1].split("</tr>")[0]
    return [part.split("<")[0] for part in row.split('">')[1:]]


def follow_up(run: MigrationRun, kind: FollowUpKind, status: FollowUpStatus, **more: Any) -> FollowUp:
    return FollowUp.objects.create(organization=run.organization, run=run, kind=kind, status=status, **more)


def test_the_table_accounts_for_every_item(people: Cast) -> None:
    shown = text(people.member, url("verification", make_ended_run(people)))

    assert cells(shown, "User Story") == ["2", "2", "0", "0", "0", "0", "0", "1"]
    assert cells(shown, "Bug") == ["3", "0", "0", "1", "0", "2", "0", "0"]
    assert cells(shown, "All") == ["5", "2", "0", "1", "0", "2", "0", "1"]
    assert "The table reconciles: every item is accounted for." in shown
    assert "<strong>2 differences</strong> in 1 item." in shown
    assert "1 item was edited in the source since being moved" in shown


def test_differences_stand_side_by_side_and_lead_to_their_item(people: Cast) -> None:
    run = make_ended_run(people)

    shown = text(people.member, url("verification", run))
    comments = text(people.member, f"{url('verification', run)}?code=COMMENT_MISSING")

    assert url("run-item", run, source="1") in shown
    assert '<td data-label="In Azure DevOps">Pay by card</td> <td data-label="In Jira">Pay by cheque</td>' in shown
    assert "Pay by cheque" not in comments and "comment 3" in comments


def test_a_clean_run_says_so(people: Cast) -> None:
    shown = text(people.member, url("verification", make_ended_run(people, differences=False)))

    assert "Everything that was moved is in Jira · PARTS as it is in the source." in shown


def test_the_report_is_downloaded_as_table_and_page(people: Cast) -> None:
    run = make_ended_run(people)

    table = people.member.browser.get(url("verification-csv", run))
    document = people.member.browser.get(url("verification-document", run))

    assert table.content.decode().splitlines()[1] == "1,PARTS-7,title,TITLE_DIFFERS,Pay by card,Pay by cheque"
    assert document["Content-Disposition"] == f'attachment; filename="verification-{run.pk}.html"'
    assert "Pay by cheque" in document.content.decode()


def test_a_run_is_verified_again(people: Cast, jobs: RecordedJobs) -> None:
    run = make_ended_run(people)

    answer = people.member.browser.post(url("verification", run))

    assert answer["Location"] == url("verification", run)
    assert FollowUp.objects.get(run=run).kind == FollowUpKind.VERIFICATION
    shown = text(people.member, url("verification", run))
    assert "Both sides are being read again." in shown and 'hx-trigger="every 4s"' in shown


def test_a_verification_that_failed_says_why_and_what_to_do(people: Cast) -> None:
    run = make_ended_run(people)
    lost = {"reason_code": "PLATFORM_ACCESS_LOST", "reason_message": "Jira does not accept the credentials"}
    follow_up(run, FollowUpKind.VERIFICATION, FollowUpStatus.FAILED, **lost)

    shown = text(people.member, url("verification", run))

    assert "could not be finished: Jira does not accept the credentials" in shown
    assert "Test the connectors of both ends, then verify again." in shown


@pytest.mark.parametrize(
    ("config", "status", "words"),
    [
        ({"options": {"dry_run": True}}, RunStatus.COMPLETED, "This was a dry run: nothing was written"),
        ({}, RunStatus.RUNNING, "The run has not ended yet."),
        ({}, RunStatus.FAILED, "The run ended before it wrote anything"),
    ],
)
def test_what_wrote_nothing_cannot_be_taken_back(
    people: Cast, config: dict[str, Any], status: RunStatus, words: str
) -> None:
    run = make_run(make_project(people.organization), status=status)
    MigrationRun.objects.filter(pk=run.pk).update(config={**run.config, **config})

    assert words in text(people.admin, url("rollback", run))
    assert words in text(people.admin, url("verification", run))
    assert "Delete the issues of this run" not in text(people.admin, url("rollback", run))


def test_a_rollback_tells_beforehand_what_goes_and_what_stays(people: Cast) -> None:
    shown = text(people.admin, url("rollback", make_ended_run(people)))

    assert "<strong>1 issue</strong> that this run created" in shown and "PARTS-7" in shown
    assert "<strong>1 issue</strong> that an earlier run created. Roll that run back to remove them." in shown
    assert "PARTS-8" not in shown
    assert "Type PARTS to confirm" in shown


def test_a_rollback_is_confirmed_by_the_project_s_key(people: Cast, jobs: RecordedJobs) -> None:
    run = make_ended_run(people)

    wrong = people.admin.browser.post(url("rollback", run), {"confirm": "SHOP"})

    assert wrong.status_code == 422
    assert "This is not the key of the target project. Type PARTS." in wrong.content.decode()
    assert 'value="SHOP"' in wrong.content.decode()
    assert not FollowUp.objects.exists()

    right = people.admin.browser.post(url("rollback", run), {"confirm": "PARTS"})
    assert (right.status_code, right["Location"]) == (303, url("rollback", run))
    assert FollowUp.objects.get(run=run).kind == FollowUpKind.ROLLBACK
    assert 'hx-trigger="every 3s"' in text(people.admin, url("rollback", run))


def test_a_member_sees_the_plan_and_may_not_carry_it_out(people: Cast) -> None:
    run = make_ended_run(people)

    assert "Only owners and administrators of" in text(people.member, url("rollback", run))
    assert people.member.browser.post(url("rollback", run), {"confirm": "PARTS"}).status_code == 403
    assert people.outsider.browser.post(url("rollback", run), {"confirm": "PARTS"}).status_code == 404
    assert not FollowUp.objects.exists()


def test_a_refused_rollback_keeps_what_was_typed(people: Cast) -> None:
    run = make_ended_run(people)
    make_run(run.project, scope=run.scope, status=RunStatus.RUNNING)

    answer = people.admin.browser.post(url("rollback", run), {"confirm": "PARTS"})

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "moves items to the same target" in shown and 'value="PARTS"' in shown


def test_the_result_lists_first_what_stayed_and_why(people: Cast) -> None:
    run = make_ended_run(people)
    done = follow_up(run, FollowUpKind.ROLLBACK, FollowUpStatus.COMPLETED, finished_at=timezone.now())
    for item, key, outcome, code, words in (
        ("1", "PARTS-7", "deleted", "", ""),
        ("4", "PARTS-9", "kept", "CHANGED_SINCE", "Changed by Ann."),
    ):
        RollbackItem.objects.create(
            organization=run.organization,
            follow_up=done,
            item=item,
            target_key=key,
            outcome=outcome,
            code=code,
            message=words,
        )

    shown = text(people.admin, url("rollback", run))

    assert shown.index("Changed by Ann.") < shown.index('<th scope="row">PARTS-7</th>')
    assert "Nothing: no issue of this run is left in Jira · PARTS." in shown
    assert "PARTS-7" not in text(people.admin, f"{url('rollback', run)}?outcome=kept")
