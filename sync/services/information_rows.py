"""Reading what somebody wants imported as sync information: every row is checked, every fault is named by its row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.domain.systems import SystemId
from sync.models import SynchronizationSide

MOST_ROWS = 100_000
MOST_FAULTS = 1_000
LATEST_TIME = 253_402_300_799_999
"""The last millisecond of the year 9999."""
HIGHEST_SEQUENCE = 2**53 - 1
LONGEST_KEY = 100
TIMES = ("firstSyncDate", "lastOutgoingChange", "lastChangeSeen", "lastIncomingChange")
SEQUENCES = ("outgoingMessageSequenceId", "incomingMessageSequenceId")
NUMBERS = (*TIMES, *SEQUENCES)
IGNORED = "incomingChangesIgnored"
LOCAL, REMOTE = "localIssueKey", "remoteIssueKey"
# What our own answers carry besides, so that an export can be imported again.
_ALSO_KNOWN = frozenset({"id", "connectorKey"})
_KNOWN = frozenset({LOCAL, REMOTE, IGNORED, *NUMBERS}) | _ALSO_KNOWN
_DIGITS = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)

Faults = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row; what was left out is None."""

    local: str
    remote: str
    numbers: tuple[int | None, ...]
    ignored: bool | None = None


@dataclass(slots=True)
class KeyRule:
    """How keys of a side look, and why another text is none."""

    side: SynchronizationSide
    _pattern: re.Pattern[str] = field(init=False)
    _words: str = field(init=False)

    def __post_init__(self) -> None:
        project = self.side.connector_project
        if project.connector.system == SystemId.JIRA.value and re.fullmatch(r"\w+", project.key):
            self._pattern = re.compile(re.escape(project.key.upper()) + r"-[1-9][0-9]{0,17}", re.ASCII)
            self._words = f"is no issue of {self.side.key}: {project.key.upper()}-1 is expected"
        elif project.connector.system == SystemId.JIRA.value:
            self._pattern = re.compile(r"[A-Z][A-Z0-9_]*-[1-9][0-9]{0,17}", re.ASCII)
            self._words = f"is no issue of {self.side.key}"
        else:
            self._pattern, self._words = _DIGITS, f"is no item of {self.side.key}: a number is expected"

    def fault(self, key: str) -> str | None:
        """What is wrong with a key; None for a good one."""
        return None if self._pattern.fullmatch(key) else f"{key[:60]!r} {self._words}."


def read_rows(raw: Any, *, local: KeyRule, remote: KeyRule) -> tuple[list[ImportRow], Faults]:
    """The rows of a body, or what is wrong with them by `[row].name`. Rows are counted from 0."""
    if not isinstance(raw, Sequence) or isinstance(raw, str | bytes):
        return [], {"": ["A list of sync information is expected."]}
    if len(raw) > MOST_ROWS:
        return [], {"": [f"At most {MOST_ROWS:,} rows can be imported at once, these are {len(raw):,}."]}
    faults: Faults = {}
    rows: list[ImportRow] = []
    seen: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for number, given in enumerate(raw):
        row = _read(given, f"[{number}]", faults, local, remote)
        if row is not None:
            _find_twin(row, number, seen, faults)
            rows.append(row)
        if len(faults) >= MOST_FAULTS:
            break
    return rows, faults


def _read(given: Any, where: str, faults: Faults, local: KeyRule, remote: KeyRule) -> ImportRow | None:
    if not isinstance(given, Mapping):
        faults[where] = ["An object is expected."]
        return None
    found = len(faults)
    for name in given:
        if name not in _KNOWN:
            faults[f"{where}.{str(name)[:60]}"] = ["This is not known here."]
    here = _key(given, LOCAL, where, faults, local)
    there = _key(given, REMOTE, where, faults, remote)
    numbers = tuple(_number(given.get(name), name, where, faults) for name in NUMBERS)
    ignored = given.get(IGNORED)
    if ignored is not None and not isinstance(ignored, bool):
        faults[f"{where}.{IGNORED}"] = ["true or false is expected."]
    return ImportRow(here, there, numbers, ignored) if len(faults) == found else None


def _key(given: Mapping[str, Any], name: str, where: str, faults: Faults, rule: KeyRule) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        faults[f"{where}.{name}"] = ["This is required." if value in (None, "") else "A text is expected."]
        return ""
    key = value.strip().upper()
    fault = rule.fault(key)
    if fault is not None:
        faults[f"{where}.{name}"] = [fault]
    return key


def _number(value: Any, name: str, where: str, faults: Faults) -> int | None:
    if value is None:
        return None
    highest = LATEST_TIME if name in TIMES else HIGHEST_SEQUENCE
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= highest:
        wanted = "Milliseconds since 1970 are expected" if name in TIMES else "A number is expected"
        faults[f"{where}.{name}"] = [f"{wanted}: a whole number from 0 to {highest}."]
        return None
    return value


def _find_twin(row: ImportRow, number: int, seen: tuple[dict[str, int], dict[str, int]], faults: Faults) -> None:
    for key, known, name in ((row.local, seen[0], LOCAL), (row.remote, seen[1], REMOTE)):
        before = known.setdefault(key, number)
        if before != number:
            faults[f"[{number}].{name}"] = [f"{key} stands in row {before} already."]
