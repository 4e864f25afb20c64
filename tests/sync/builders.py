"""Synchronizations for tests."""

from __future__ import annotations

from typing import Any

from connectors.models import Connector
from sync.models import Synchronization, SynchronizationSide
from sync.queries import sides_of
from sync.services.configuration import SideChoice, create_synchronization
from tenancy.principal import Principal
from tests import recipes

TITLE_ID = "5f513c5e-49ca-4d26-856f-8fce2d7597e8"
TEXT_ID = "468e9b09-e09d-4d90-ad6a-aa18dc336b4d"


def configuration(**changes: Any) -> dict[str, Any]:
    """A small configuration: tasks with title and description."""
    return {
        "issueTypeMappings": [{"firstType": "Task", "secondType": "Task"}],
        "fieldMappings": [
            {"id": TITLE_ID, "firstField": "title", "secondField": "title"},
            {"id": TEXT_ID, "firstField": "description", "secondField": "description"},
        ],
        **changes,
    }


def jira(by: Principal, *, project: str = "DEMO") -> Connector:
    """A stored Jira connector."""
    made: Connector = recipes.connector.make(organization=by.organization, default_project=project)
    return made


def azure_devops(by: Principal, *, project: str = "Agile") -> Connector:
    """A stored Azure DevOps connector."""
    made: Connector = recipes.connector.make(
        organization=by.organization, system="azure_devops", server="contoso", default_project=project
    )
    return made


def synchronization(by: Principal, **changes: Any) -> Synchronization:
    """One between Azure DevOps and Jira, stopped."""
    return create_synchronization(
        first=SideChoice(azure_devops(by).pk),
        second=SideChoice(jira(by).pk),
        configuration=configuration(**changes),
        by=by,
    )


def sides(made: Synchronization) -> tuple[SynchronizationSide, SynchronizationSide]:
    """Both sides."""
    return sides_of(made)
