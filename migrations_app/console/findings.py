"""Findings of a check as people read them: what kind each is, and the page on which it is mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from connectors.domain.findings import Finding, Severity
from migrations_app.models import Project

SOURCE, TARGET, MAPPING, START = "source", "target", "mapping", "start"


@dataclass(frozen=True, slots=True)
class Cure:
    """What a code means in a few words, what to do about it, and where: a connector, a tab of the mapping, or the
    start page."""

    title: str
    todo: str
    place: str = ""
    tab: str = ""


CURES = {
    "ATTACHMENTS_DISABLED": Cure(
        "The site takes no files", "Switch attachments on in Jira, or start without attachments.", START
    ),
    "ATTACHMENTS_UNSUPPORTED": Cure("Files stay in the source", "Nothing to do: the descriptions link to them."),
    "FIELDS_CREATED": Cure("Fields will be made", "Nothing to do."),
    "FIELDS_IN_DESCRIPTION": Cure(
        "Fields without a place of their own",
        "Lead them to fields, or have missing fields made when you start.",
        MAPPING,
        "fields",
    ),
    "FIELD_NOT_IN_TARGET": Cure("A chosen field does not exist", "Choose another field for it.", MAPPING, "fields"),
    "FIELD_NOT_MAPPABLE": Cure("A chosen field cannot take the values", "Choose another field.", MAPPING, "fields"),
    "ITEM_UNREADABLE": Cure(
        "Items that cannot be read", "Give the source's account the right to see their areas.", SOURCE
    ),
    "LINK_TYPES_MISSING": Cure(
        "The site has no link types", "Switch issue linking on in Jira, or start without links.", START
    ),
    "LINK_TYPE_NOT_IN_TARGET": Cure("A chosen link type does not exist", "Choose another one.", MAPPING, "links"),
    "NOTHING_TO_MOVE": Cure("There is nothing to move", "Check the source project that the connector names.", SOURCE),
    "NO_SCRUM_BOARD": Cure(
        "There is no board for sprints",
        "Make a scrum board in Jira, or choose that iterations become versions or nothing.",
        MAPPING,
        "iterations",
    ),
    "OVERRIDE_UNUSED": Cure(
        "A decision that nothing needs", "Reset it if it was a mistake; otherwise leave it.", MAPPING, "types"
    ),
    "PARENT_AS_LINK": Cure(
        "Parents kept as links", "Nothing to do, unless another type is meant for these items.", MAPPING, "types"
    ),
    "PERMISSIONS_MISSING": Cure(
        "The target's account lacks rights", "Give it the role that is named, then check again.", TARGET
    ),
    "PERSON_INACTIVE": Cure("A chosen account is inactive", "Choose another account, or leave it.", MAPPING, "people"),
    "PERSON_NOT_IN_TARGET": Cure("A chosen account does not exist", "Choose another account.", MAPPING, "people"),
    "PRIORITY_NOT_IN_TARGET": Cure(
        "A chosen priority does not exist", "Choose one that the site offers.", MAPPING, "priorities"
    ),
    "REQUIRED_FIELD_EMPTY": Cure(
        "A required field would stay empty",
        "Give it a default in Jira, make it optional there, or lead a field to it.",
        MAPPING,
        "fields",
    ),
    "STATUS_NOT_IN_TARGET": Cure(
        "A status is missing", "Choose another status, or add it to the workflow.", MAPPING, "states"
    ),
    "TYPE_FILTER_UNKNOWN": Cure("The filter names unknown types", "Choose types of the list.", START),
    "TYPE_GUESSED": Cure("A type is a guess", "Accept it, or choose another type.", MAPPING, "types"),
    "TYPE_NOT_IN_TARGET": Cure(
        "An issue type is missing", "Choose another type, or add it to the project.", MAPPING, "types"
    ),
    "VALUE_NOT_OFFERED": Cure(
        "Values that the field does not offer", "Choose options for them, or leave them.", MAPPING, "fields"
    ),
}
STATE_UNCONFIRMED = Cure("A status needs a decision", "Choose the status, or accept the one shown.", MAPPING, "states")
TYPE_UNCONFIRMED = Cure("A type needs a decision", "Choose the issue type, or accept the one shown.", MAPPING, "types")
UNCONFIRMED = "MAPPING_UNCONFIRMED"
UNKNOWN = Cure("Look at this", "Set right what is named, then check again.")

BADGES = {Severity.BLOCKING: ("bad", "Blocks"), Severity.WARNING: ("warn", "Differs"), Severity.INFO: ("info", "Note")}
LINKS = {
    SOURCE: "Open the source connector",
    TARGET: "Open the target connector",
    MAPPING: "Open the mapping",
    START: "Open the start page",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with its cure; `url` leads to the page where it is mended."""

    finding: Finding
    cure: Cure
    kind: str
    badge: str
    url: str
    link: str


def shown_findings(findings: Iterable[Finding], project: Project) -> list[Shown]:
    """In the order of the check: what blocks comes first."""
    found = []
    for finding in findings:
        cure = cure_of(finding)
        kind, badge = BADGES[finding.severity]
        url = _address(cure, project)
        found.append(Shown(finding, cure, kind, badge, url, LINKS.get(cure.place, "") if url else ""))
    return found


def is_finding(code: str) -> bool:
    """Whether a code is that of a check, and not that of a platform."""
    return code in CURES or code == UNCONFIRMED


def cure_of(finding: Finding) -> Cure:
    """What to do about a finding."""
    if finding.code == UNCONFIRMED:
        return STATE_UNCONFIRMED if "state_overrides" in finding.message else TYPE_UNCONFIRMED
    return CURES.get(finding.code, UNKNOWN)


def _address(cure: Cure, project: Project) -> str:
    if cure.place == MAPPING:
        return f"{reverse('migrations_console:mapping', kwargs={'project': project.pk})}?tab={cure.tab}"
    if cure.place == START:
        return reverse("migrations_console:start", kwargs={"project": project.pk})
    connector = {SOURCE: project.source_connector_id, TARGET: project.target_connector_id}.get(cure.place)
    return reverse("connectors_console:connector", args=[connector]) if connector else ""
