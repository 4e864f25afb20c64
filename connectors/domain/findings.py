"""What a check before a run has to say: how bad it is, a stable code, words for a person, which items."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """`blocking` stops a run before its first write; `warning` changes how something arrives; `info` does not."""

    BLOCKING = "blocking"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    severity: Severity
    code: str
    message: str
    count: int = 0
    sample_ids: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape in which surfaces show it."""
        return {
            "severity": self.severity.value,
            "code": self.code,
            "message": self.message,
            "count": self.count,
            "sampleIds": list(self.sample_ids),
        }
