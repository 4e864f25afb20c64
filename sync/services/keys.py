"""Numbers and keys: given out once and never again, whatever is deleted."""

from __future__ import annotations

import re

from django.db.models import F

from sync.models import KeyCounter
from tenancy.models import Organization

LONGEST_PREFIX = 40
_NO_KEY = re.compile(r"[^A-Z0-9_]+")


def next_number(organization: Organization, prefix: str) -> int:
    """The next number under a prefix. For callers in a transaction: the counter's row is held until it ends."""
    KeyCounter.objects.get_or_create(organization=organization, prefix=prefix)
    counters = KeyCounter.objects.filter(organization=organization, prefix=prefix)
    counters.update(last=F("last") + 1)
    return counters.get().last


def side_key(organization: Organization, project: str) -> str:
    """A new connector key for a project, `DEMO-3`. A project's name becomes a word that an address can hold."""
    word = _NO_KEY.sub("-", project.rpartition("/")[2].upper()).strip("-")[:LONGEST_PREFIX].strip("-") or "P"
    prefix = f"{word}X" if word == "INT" else word
    return f"{prefix}-{next_number(organization, prefix)}"
