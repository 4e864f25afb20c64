"""What an audit has to say beyond counts: findings with a stable code, a count, and a few ids to look at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

SAMPLE_SIZE = 10
"""How many ids a finding names; enough to look, few enough for a report of any project to stay small."""


class Severity(StrEnum):
    """`warning`: something will look different or stay behind unless somebody acts; `info`: good to know."""

    WARNING = "warning"
    INFO = "info"


class FindingCode(StrEnum):
    ITEM_UNREADABLE = "ITEM_UNREADABLE"
    ATTACHMENT_TOO_LARGE = "ATTACHMENT_TOO_LARGE"
    ATTACHMENT_SIZE_UNKNOWN = "ATTACHMENT_SIZE_UNKNOWN"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    TITLE_TOO_LONG = "TITLE_TOO_LONG"
    PARENT_SAME_LEVEL = "PARENT_SAME_LEVEL"
    PARENT_TOO_DEEP = "PARENT_TOO_DEEP"
    PARENT_OUTSIDE = "PARENT_OUTSIDE"
    PARENT_CYCLE = "PARENT_CYCLE"
    PEOPLE_WITHOUT_EMAIL = "PEOPLE_WITHOUT_EMAIL"
    PEOPLE_INACTIVE = "PEOPLE_INACTIVE"
    TOO_MANY_COMMENTS = "TOO_MANY_COMMENTS"
    TOO_MANY_LINKS = "TOO_MANY_LINKS"
    TAG_CHANGES = "TAG_CHANGES"
    COMMENT_COUNT_UNKNOWN = "COMMENT_COUNT_UNKNOWN"
    FIELD_NOT_DESCRIBED = "FIELD_NOT_DESCRIBED"


class FindingEntry(TypedDict):
    """A finding as the report shows it."""

    severity: str
    code: str
    message: str
    count: int
    sampleIds: list[str]


@dataclass(frozen=True, slots=True)
class _Meaning:
    severity: Severity
    message: str


_MEANINGS: dict[FindingCode, _Meaning] = {
    FindingCode.ITEM_UNREADABLE: _Meaning(
        Severity.WARNING,
        "Items are listed but cannot be read with these credentials; they are not counted and would not be moved. "
        "Give the account the right to view work items in their area paths.",
    ),
    FindingCode.ATTACHMENT_TOO_LARGE: _Meaning(
        Severity.WARNING, "Items have a file over the target's size limit; the file would stay behind."
    ),
    FindingCode.ATTACHMENT_SIZE_UNKNOWN: _Meaning(
        Severity.INFO, "Items have a file whose size the source does not tell; the total leaves it out."
    ),
    FindingCode.TEXT_TOO_LONG: _Meaning(
        Severity.WARNING, "Items have a text longer than a Jira field holds; the rest continues in an attached file."
    ),
    FindingCode.TITLE_TOO_LONG: _Meaning(
        Severity.WARNING, "Titles are longer than a Jira summary holds; the whole title is kept in the description."
    ),
    FindingCode.PARENT_SAME_LEVEL: _Meaning(
        Severity.WARNING,
        "Items have a parent that is not on a higher backlog level, such as a task under a task; "
        "Jira has no such parent, a link keeps the relation.",
    ),
    FindingCode.PARENT_TOO_DEEP: _Meaning(
        Severity.WARNING,
        "Items stand deeper than epic, issue and sub-task; a link keeps the relation where no level is left.",
    ),
    FindingCode.PARENT_OUTSIDE: _Meaning(
        Severity.INFO, "Items have a parent that is not among the items of this scan."
    ),
    FindingCode.PARENT_CYCLE: _Meaning(Severity.WARNING, "Items are their own ancestor; a link keeps the relation."),
    FindingCode.PEOPLE_WITHOUT_EMAIL: _Meaning(
        Severity.WARNING,
        "People have no e-mail address here, so they cannot be matched by it; map them by hand or by name.",
    ),
    FindingCode.PEOPLE_INACTIVE: _Meaning(
        Severity.INFO, "People who left are still named; their names are kept as text where no account fits."
    ),
    FindingCode.TOO_MANY_COMMENTS: _Meaning(
        Severity.WARNING, "Items have more comments than a Jira issue takes (5,000)."
    ),
    FindingCode.TOO_MANY_LINKS: _Meaning(Severity.WARNING, "Items have more links than a Jira issue takes (2,000)."),
    FindingCode.TAG_CHANGES: _Meaning(
        Severity.INFO, "Items have tags with blanks; Jira labels cannot hold blanks, so these are written with hyphens."
    ),
    FindingCode.COMMENT_COUNT_UNKNOWN: _Meaning(
        Severity.INFO, "The source does not tell how many comments some items have; the total leaves them out."
    ),
    FindingCode.FIELD_NOT_DESCRIBED: _Meaning(
        Severity.INFO, "Items have values in fields that the project does not describe."
    ),
}


class FindingCollector:
    """Counts findings by code and keeps the first ids of each; one id is counted once per `add`."""

    def __init__(self) -> None:
        self._counts: dict[FindingCode, int] = {}
        self._samples: dict[FindingCode, list[str]] = {}

    def add(self, code: FindingCode, sample: str) -> None:
        """Count one occurrence; `sample` is the id of the item, person or field it is about."""
        self._counts[code] = self._counts.get(code, 0) + 1
        samples = self._samples.setdefault(code, [])
        if len(samples) < SAMPLE_SIZE:
            samples.append(sample)

    def entries(self) -> list[FindingEntry]:
        """Warnings first, then in the order of `FindingCode`."""
        found = sorted(
            (code for code in FindingCode if code in self._counts),
            key=lambda code: _MEANINGS[code].severity is not Severity.WARNING,
        )
        return [
            FindingEntry(
                severity=_MEANINGS[code].severity.value,
                code=code.value,
                message=_MEANINGS[code].message,
                count=self._counts[code],
                sampleIds=list(self._samples[code]),
            )
            for code in found
        ]
