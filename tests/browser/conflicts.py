"""A synchronization with something to decide, made inside an installation: run by `manage.py shell`."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from connectors.credentials import seal_values
from connectors.models import Connector
from sync.models import HourlyCount, Matter, MatterKind, Pair, Synchronization
from sync.services.configuration import SideChoice, create_synchronization
from tenancy.models import Membership, Organization, Role
from tenancy.principal import Principal, Via

OURS, THEIRS = "Doors close ten minutes early", "Doors close five minutes early"


def make(organization: str) -> str:
    """A title that both sides changed, and a status that could not be carried."""
    member = Membership.objects.select_related("user", "organization").get(
        organization=Organization.objects.get(name=organization), role=Role.OWNER, user__is_superuser=False
    )
    by = Principal(member.user, member.organization, Role.OWNER, Via.COMMAND)
    ends = [Connector.objects.get(organization=by.organization, system=system) for system in ("azure_devops", "jira")]
    row = create_synchronization(
        first=SideChoice(ends[0].pk), second=SideChoice(ends[1].pk), configuration=CONFIGURATION, by=by
    )
    values = {"base": ["Doors close early"] * 2, "values": [OURS, THEIRS]}
    _matter(row, "1004", kind=MatterKind.CONFLICT, field="title", code="BOTH_CHANGED", values=values)
    words = "No path of transitions leads from To Do to Done."
    _matter(row, "1005", kind=MatterKind.ERROR, field="status", code="STATE_UNREACHABLE", message=words, values={})
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    HourlyCount.objects.create(
        organization=by.organization, synchronization=row, hour=hour, direction=1, changes=120, errors=1
    )
    return row.key


CONFIGURATION = {
    "policy": "ask",
    "issueTypeMappings": [{"firstType": "Task", "secondType": "Task"}],
    "fieldMappings": [{"firstField": "title", "secondField": "title"}],
}


def _matter(row: Synchronization, item: str, *, values: dict[str, Any], **fields: Any) -> None:
    owned = {"organization": row.organization, "synchronization": row}
    pair = Pair.objects.create(**owned, first_key=item, second_key=f"DEMO-{item[-1]}", held=True)
    now = timezone.now()
    seen = {"first_by": "Ingrid Solberg", "first_at": now, "second_by": "Per Ås", "second_at": now}
    matter = Matter.objects.create(**owned, pair=pair, item=item, **seen, **fields)
    matter.sealed_values = seal_values(matter, {name: json.dumps(each) for name, each in values.items()})
    matter.save()
