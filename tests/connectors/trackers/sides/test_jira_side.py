"""A Jira project as a side: the shared promises, and what is peculiar to Jira."""

from __future__ import annotations

import pytest

from tests.connectors.trackers.sides.contract import SideContract
from tests.connectors.trackers.sides.jira_world import JiraWorld, jira_world


@pytest.fixture
def world() -> JiraWorld:
    return jira_world()


class TestJiraSide(SideContract):
    """The promises of every side."""
