"""The parameter conflict_policy of a connector decides who wins in the synchronizations that are made with it."""

from __future__ import annotations

from typing import Any

import pytest

from sync.services.configuration import SideChoice, create_synchronization
from tests.builders import Cast
from tests.sync.builders import azure_devops, configuration, jira

pytestmark = pytest.mark.django_db


def policy_of(people: Cast, *, first: str | None, second: str | None, **given: Any) -> Any:
    by = people.owner.principal
    connectors = [azure_devops(by), jira(by)]
    for connector, wish in zip(connectors, (first, second), strict=True):
        connector.settings = {"conflict_policy": wish} if wish else {}
        connector.save()
    made = create_synchronization(
        first=SideChoice(connectors[0].pk),
        second=SideChoice(connectors[1].pk),
        configuration=configuration(**given),
        by=by,
    )
    return made.configuration["policy"]


@pytest.mark.parametrize(
    ("first", "second", "policy"),
    [
        (None, None, "newest"),
        ("alm", None, "first"),
        ("sde", None, "second"),
        ("timestamp", None, "newest"),
        (None, "alm", "second"),
        (None, "sde", "first"),
        ("alm", "sde", "first"),
        ("alm", "alm", "newest"),  # each wants to win: neither does
    ],
)
def test_the_connectors_policy_is_that_of_a_new_synchronization(
    people: Cast, first: str | None, second: str | None, policy: str
) -> None:
    assert policy_of(people, first=first, second=second) == policy


def test_a_policy_that_is_named_wins_over_the_connectors(people: Cast) -> None:
    assert policy_of(people, first="alm", second=None, policy="ask") == "ask"
