"""The stable codes that our source can answer with, read from the source itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_CODE = re.compile(r"^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$")

# Vendors' own words and names of theirs that look like codes of ours.
NOT_OURS = frozenset(
    {
        "ADD_COMMENTS", "ADMINISTER_PROJECTS", "ASSIGN_ISSUES", "BROWSE_PROJECTS", "BULK_CHANGE", "CREATE_ATTACHMENTS",
        "CREATE_ISSUES", "DELETE_ISSUES", "EDIT_ISSUES", "LINK_ISSUES", "MANAGE_SPRINTS_PERMISSION", "MODIFY_REPORTER",
        "RESOLVE_ISSUES", "SCHEDULE_ISSUES", "TRANSITION_ISSUES", "USER_PICKER",
        "AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED", "CERTIFICATE_VERIFY_FAILED", "IN_PROGRESS",
    }
)  # fmt: skip


def codes_in(*places: str) -> set[str]:
    """Every text in the modules below these paths that is written like a code and not known to be something else."""
    return {text for place in places for module in _modules(ROOT / place) for text in _texts(module)} - NOT_OURS


def _modules(place: Path) -> Iterator[Path]:
    if place.is_file():
        yield place
    else:
        yield from (path for path in place.rglob("*.py") if "migrations" not in path.relative_to(place).parts)


def _texts(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.match(node.value):
            yield node.value
