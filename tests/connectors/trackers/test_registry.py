"""From access to a tracker."""

from __future__ import annotations

import pytest

from connectors.clients.transport import Surroundings
from connectors.domain.errors import DomainError, NotSent
from connectors.domain.systems import Access, SystemId
from connectors.trackers.azure_devops import AzureDevOpsTracker
from connectors.trackers.jira import JiraTracker
from connectors.trackers.registry import make_transport, side_of, source_of, target_of
from tests.connectors.clients.scripted import FakeClock, ScriptedAdapter, json_answer

AZURE = Access(SystemId.AZURE_DEVOPS, "contoso", "Made", secret="token-token")
JIRA = Access(SystemId.JIRA, "https://site.example", "DEMO", account="a@example.com", secret="token-token")
RALLY = Access(SystemId.RALLY, "https://rally.example", "repo", account="o", secret="token-token")


def test_a_bare_organization_is_looked_up_where_the_operator_says() -> None:
    transport = make_transport(AZURE, Surroundings(), azure_devops_url="https://ado.corp.example")

    assert transport.base_url == "https://ado.corp.example/contoso"
    assert isinstance(source_of(AZURE, transport), AzureDevOpsTracker)


def test_jira_credentials_go_along() -> None:
    adapter = ScriptedAdapter(json_answer({}))
    transport = make_transport(JIRA, Surroundings(), adapter=adapter)

    target = target_of(JIRA, transport)

    assert isinstance(target, JiraTracker)
    assert transport.base_url == "https://site.example"


@pytest.mark.parametrize(
    ("access", "answer"), [(AZURE, {"message": "TF24668: stopped"}), (JIRA, {"errorMessages": ["stopped"]})]
)
def test_each_platforms_own_words_reach_the_message(access: Access, answer: dict[str, object]) -> None:
    around = Surroundings(clock=FakeClock(), jitter=lambda: 0.0)
    transport = make_transport(access, around, adapter=ScriptedAdapter(json_answer(answer, 503)))
    tracker = source_of(access, transport) if access is AZURE else target_of(access, transport)

    with pytest.raises(NotSent) as caught:
        tracker.describe()

    assert "stopped" in caught.value.message


def test_systems_that_cannot_do_it_are_refused() -> None:
    transport = make_transport(AZURE, Surroundings())

    for attempt in (
        lambda: make_transport(RALLY, Surroundings()),
        lambda: target_of(AZURE, transport),
        lambda: source_of(JIRA, transport),
    ):
        with pytest.raises(DomainError) as caught:
            attempt()
        assert caught.value.code == "SYSTEM_NOT_AVAILABLE"


def test_every_tracker_is_a_side() -> None:
    github = Access(SystemId.GITHUB, "", "demo", owner="contoso", secret="token-token")

    made = [side_of(access, make_transport(access, Surroundings())) for access in (AZURE, JIRA, github)]

    assert [type(each).__name__ for each in made] == ["AzureDevOpsSide", "JiraSide", "GitHubSide"]
    with pytest.raises(DomainError):
        side_of(RALLY, make_transport(AZURE, Surroundings()))
