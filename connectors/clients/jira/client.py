"""The Jira Cloud client: verbs named after the vendor's operations, over one session."""

from __future__ import annotations

from connectors.clients.jira.agile_verbs import AgileVerbs
from connectors.clients.jira.field_verbs import FieldVerbs
from connectors.clients.jira.file_verbs import FileVerbs
from connectors.clients.jira.issue_verbs import IssueVerbs
from connectors.clients.jira.project_verbs import ProjectVerbs


class JiraClient(ProjectVerbs, FieldVerbs, IssueVerbs, AgileVerbs, FileVerbs):
    """Speaks to one Jira Cloud site. Every verb may raise the errors of `connectors.domain.errors.PlatformError`;
    listing verbs are generators and raise while they are walked. Safe for many threads."""
