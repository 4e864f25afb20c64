"""The cast, a project of theirs, and the documented start call."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from migrations_app.models import Project
from tests.builders import Cast, cast
from tests.migrations_app.builders import make_project

DOCUMENTED_START: dict[str, Any] = {
    "type": "FULL",
    "enginePayload": {
        "source": {
            "org": "yourorg",
            "project": "YourProject",
            "pat": "your-ado-pat",
            "area_filter": None,
            "type_filter": None,
        },
        "target": {
            "base_url": "https://yourorg.atlassian.net",
            "email": "migration@yourcompany.com",
            "api_token": "your-jira-token",
            "project_key": "PROJ",
        },
        "options": {
            "migrate_attachments": True,
            "migrate_comments": True,
            "migrate_links": True,
            "dry_run": False,
            "type_overrides": {"Feature": "Epic"},
            "state_overrides": {"Resolved": "Done"},
        },
    },
}


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def project(people: Cast) -> Project:
    return make_project(people.organization)


@pytest.fixture
def start_body() -> dict[str, Any]:
    """The body of the documents' example, to be changed at will."""
    return copy.deepcopy(DOCUMENTED_START)
