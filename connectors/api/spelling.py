"""Two spellings of connectors v2: older documents say `alm`, newer ones `issue_tracker`. One resource behind both.

https://docs.sdelements.com/release/latest/api/docs/issue-tracker-connectors
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.domain.errors import DomainError
from connectors.domain.systems import invalid

_POLICY = "conflict_policy"
_TEST = "test_"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How parameters are called outside; inside it is always `alm`."""

    word: str

    def inward(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters under the names of the forms, whichever spelling was sent.

        Raises DomainError VALIDATION_FAILED when both spellings of one parameter are sent and differ.
        """
        found: dict[str, Any] = {}
        for name, value in params.items():
            own = _renamed(name, "issue_tracker", "alm")
            if own in found and found[own] != value:
                raise invalid({f"params.{name}": ["This parameter is sent under two names with different values."]})
            found[own] = value
        if found.get(_POLICY) == "issue_tracker":
            found[_POLICY] = "alm"
        return found

    def outward(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters under this spelling's names."""
        shown = {self.name(name): value for name, value in params.items()}
        if shown.get(_POLICY) == "alm":
            shown[_POLICY] = self.word
        return shown

    def name(self, parameter: str) -> str:
        """One parameter's name in this spelling."""
        return _renamed(parameter, "alm", self.word)

    def error(self, error: DomainError) -> DomainError:
        """The same error, parameters named in this spelling."""
        prefix = "params."
        errors = {
            (prefix + self.name(name.removeprefix(prefix)) if name.startswith(prefix) else name): texts
            for name, texts in error.errors.items()
        }
        return DomainError(error.code, error.message, status=error.status, errors=errors)


def _renamed(name: str, old: str, new: str) -> str:
    if name.startswith(f"{old}_"):
        return f"{new}_{name.removeprefix(f'{old}_')}"
    return f"{_TEST}{new}" if name == f"{_TEST}{old}" else name


ALM = Spelling("alm")
ISSUE_TRACKER = Spelling("issue_tracker")
