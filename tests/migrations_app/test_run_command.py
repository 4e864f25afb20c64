"""Steering a run from the command line."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from migrations_app.engine.state import RunStatus
from migrations_app.models import MigrationRun
from tenancy.models import AuditEntry
from tests.builders import Cast
from tests.migrations_app.builders import make_project, make_run

pytestmark = pytest.mark.django_db


def steer(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("run", *arguments, stdout=out)
    line: dict[str, Any] = json.loads(out.getvalue())
    return line


@pytest.fixture
def run(people: Cast) -> MigrationRun:
    return make_run(make_project(people.organization))


def test_a_run_is_paused_resumed_and_cancelled_in_the_name_of_a_member(run: MigrationRun, people: Cast) -> None:
    email = people.member.user.email

    assert steer("status", str(run.pk))["status"] == "PENDING"
    assert steer("pause", str(run.pk), "--by", email)["status"] == "PAUSED"
    assert steer("resume", str(run.pk), "--by", email)["status"] == "RUNNING"
    assert steer("cancel", str(run.pk), "--by", email)["status"] == "CANCELLED"
    actors = set(AuditEntry.objects.filter(organization=people.organization).values_list("actor__email", flat=True))
    assert actors == {email}


def test_an_owner_acts_when_nobody_is_named(run: MigrationRun, people: Cast) -> None:
    steer("cancel", str(run.pk))

    assert MigrationRun.objects.get(pk=run.pk).status == RunStatus.CANCELLED.value
    assert AuditEntry.objects.latest("pk").actor == people.owner.user


def test_refusals_are_the_services_own_sentences(run: MigrationRun, people: Cast) -> None:
    steer("cancel", str(run.pk))

    with pytest.raises(CommandError, match="has ended"):
        steer("pause", str(run.pk))
    with pytest.raises(CommandError, match="not found"):
        steer("status", str(uuid4()))
    with pytest.raises(CommandError, match="is not a member"):
        steer("resume", str(run.pk), "--by", people.outsider.user.email)
