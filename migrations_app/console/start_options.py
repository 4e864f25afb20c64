"""The options of a start call as the start page offers them: one table, in the order and groups of the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from migrations_app.api.start_body import LARGEST_SAMPLE
from migrations_app.engine.config import RunOptions


class Kind(Enum):
    """How an option is filled in."""

    FLAG = "flag"
    CHOICE = "choice"
    NUMBER = "number"
    NAMES = "names"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Option:
    """An option by its name in the API, with words for people."""

    name: str
    kind: Kind
    label: str
    help: str
    group: str
    choices: tuple[tuple[str, str], ...] = ()
    most: int = 0

    @property
    def default(self) -> Any:
        """As documented; None where leaving out is the default."""
        return getattr(_DEFAULTS, self.name, None)


_DEFAULTS = RunOptions()
KIND, CONTENT, PEOPLE, LATER, OVERRIDES = "kind", "content", "people", "later", "overrides"
GROUPS = {
    CONTENT: "What is copied",
    PEOPLE: "People",
    LATER: "When and how",
    OVERRIDES: "Only for this run",
}

OPTIONS = (
    Option(
        "dry_run",
        Kind.FLAG,
        "Dry run: write nothing",
        "Everything is read, decided and composed, and every request can be looked at. The target stays as it is.",
        KIND,
    ),
    Option(
        "sample_size",
        Kind.NUMBER,
        "Size of a sample",
        "About how many items a sample takes, two of each type first, with the parents they need.",
        KIND,
        most=LARGEST_SAMPLE,
    ),
    Option("migrate_comments", Kind.FLAG, "Comments", "With author and time of each.", CONTENT),
    Option("migrate_attachments", Kind.FLAG, "Attachments", "Files and the pictures inside texts.", CONTENT),
    Option(
        "migrate_links",
        Kind.FLAG,
        "Links between items",
        "Parents are kept in any case, other links with this.",
        CONTENT,
    ),
    Option(
        "remote_links",
        Kind.FLAG,
        "Web links",
        "Web pages, commits, pull requests and builds become links of the issue to the web.",
        CONTENT,
    ),
    Option(
        "history",
        Kind.CHOICE,
        "History",
        "Who changed what and when. The target's own history always begins with the run.",
        CONTENT,
        choices=(("none", "Not copied"), ("table", "As a table in the description"), ("json", "As an attached file")),
    ),
    Option(
        "create_missing_fields",
        Kind.FLAG,
        "Make missing fields",
        "Custom fields that the target lacks are made there, which needs the right to administer the site. Otherwise "
        "their values stand in the description.",
        CONTENT,
    ),
    Option(
        "people_policy",
        Kind.CHOICE,
        "Assignees who have no account",
        "Their names stand in the text in any case.",
        PEOPLE,
        choices=(("fallback", "Assign to the target's account"), ("unassigned", "Leave unassigned")),
    ),
    Option(
        "keep_mentions",
        Kind.FLAG,
        "Mention people in texts",
        "People named in moved texts are mentioned again, and notified by that.",
        PEOPLE,
    ),
    Option(
        "start_at",
        Kind.MOMENT,
        "Not before",
        "Leave empty to start at once. The time is that of your own clock.",
        LATER,
    ),
    Option(
        "recreate_deleted",
        Kind.FLAG,
        "Make deleted issues again",
        "Items that were moved and then deleted in the target come again instead of only being reported.",
        LATER,
    ),
    Option(
        "quick_verification",
        Kind.FLAG,
        "Quick verification",
        "Everything is compared, but files are not read again to compare their content.",
        LATER,
    ),
    Option(
        "type_overrides",
        Kind.NAMES,
        "Types",
        "One per line: source type = issue type. Wins over the mapping.",
        OVERRIDES,
    ),
    Option(
        "state_overrides",
        Kind.NAMES,
        "States",
        "One per line: source state = status, or Type:State = status for one type.",
        OVERRIDES,
    ),
    Option(
        "field_overrides",
        Kind.NAMES,
        "Fields",
        "One per line: source field = target field, description or none. System.IterationPath = sprint, version or "
        "none; System.AreaPath = leaf, path, collapsed or none.",
        OVERRIDES,
    ),
    Option("people", Kind.NAMES, "People", "One per line: source e-mail or name = target account id.", OVERRIDES),
)
