"""A synchronization between two Jira projects, PA and PB, with the connector keys that the documents use."""

from __future__ import annotations

from sync.models import Synchronization, SynchronizationSide
from sync.queries import find_synchronization
from sync.services.configuration import SideChoice, create_synchronization
from tenancy.principal import Principal
from tests.sync.builders import configuration, jira

SERVLET = "/plugins/servlet/backbone-issue-sync/api/1"
ROWS = [
    {
        "localIssueKey": "PA-1",
        "remoteIssueKey": "PB-1",
        "firstSyncDate": 1495002038742,
        "lastOutgoingChange": 1495002035948,
        "lastChangeSeen": 1495002035948,
        "outgoingMessageSequenceId": 1,
        "lastIncomingChange": 1495002053729,
        "incomingMessageSequenceId": 1,
        "incomingChangesIgnored": False,
    },
    {
        "localIssueKey": "PA-2",
        "remoteIssueKey": "PB-2",
        "firstSyncDate": 1495002038742,
        "lastOutgoingChange": 1495002035948,
        "lastChangeSeen": 1495002035948,
        "outgoingMessageSequenceId": 1,
        "lastIncomingChange": 1495002053729,
        "incomingMessageSequenceId": 1,
        "incomingChangesIgnored": False,
    },
]
"""The import that the founding document shows."""


def two_jiras(by: Principal) -> Synchronization:
    """Its sides are called PA-2 and PB-1: the first key of PA belongs to an older synchronization."""
    made = create_synchronization(
        first=SideChoice(jira(by, project="PA").pk),
        second=SideChoice(jira(by, project="PB").pk),
        configuration=configuration(),
        by=by,
    )
    SynchronizationSide.objects.filter(synchronization=made, position=1).update(key="PA-2")
    return find_synchronization(by.organization, made.key)
