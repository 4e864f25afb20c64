"""How sync information is shown: one pair as one of its sides sees it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sync.models import Pair, SynchronizationSide


class SyncInformationRow(serializers.Serializer[None]):
    """One pair. Times are milliseconds since 1970; what is left out on import is now, sequence ids are 0."""

    id = serializers.IntegerField(read_only=True)
    connectorKey = serializers.CharField(read_only=True)
    localIssueKey = serializers.CharField(max_length=100)
    remoteIssueKey = serializers.CharField(max_length=100)
    firstSyncDate = serializers.IntegerField(required=False)
    lastOutgoingChange = serializers.IntegerField(required=False)
    lastChangeSeen = serializers.IntegerField(required=False)
    outgoingMessageSequenceId = serializers.IntegerField(required=False)
    lastIncomingChange = serializers.IntegerField(required=False)
    incomingMessageSequenceId = serializers.IntegerField(required=False)
    incomingChangesIgnored = serializers.BooleanField(required=False)


class SyncInformationCount(serializers.Serializer[None]):
    """How many pairs a deletion or restoration concerned."""

    count = serializers.IntegerField()


def show_pair(pair: Pair, side: SynchronizationSide) -> dict[str, Any]:
    """The pair from that side."""
    here, there = ("first", "second") if side.position == 1 else ("second", "first")
    return {
        "id": pair.pk,
        "connectorKey": side.key,
        "localIssueKey": getattr(pair, f"{here}_key"),
        "remoteIssueKey": getattr(pair, f"{there}_key"),
        "firstSyncDate": pair.first_sync,
        "lastOutgoingChange": getattr(pair, f"{here}_last_outgoing"),
        "lastChangeSeen": getattr(pair, f"{here}_last_change_seen"),
        "outgoingMessageSequenceId": getattr(pair, f"{here}_outgoing_sequence"),
        "lastIncomingChange": getattr(pair, f"{here}_last_incoming"),
        "incomingMessageSequenceId": getattr(pair, f"{here}_incoming_sequence"),
        "incomingChangesIgnored": getattr(pair, f"{here}_incoming_ignored"),
    }
