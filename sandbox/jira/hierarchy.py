"""Who may be whose parent.

A parent is exactly one level up; a sub-task has one and shares its project. Vendor page:
https://support.atlassian.com/jira-cloud-administration/docs/configure-the-issue-type-hierarchy/
"""

from __future__ import annotations

from sandbox.jira import errors
from sandbox.jira.models import IssueType, Project
from sandbox.jira.records import Issue

SUBTASK_NEEDS_PARENT = "Issue type is a sub-task but parent issue key or id not specified."


def parent_fault(project: Project, issue_type: IssueType, parent: Issue | None) -> dict[str, str]:
    """The field errors of a wanted parent; empty when it is right."""
    if parent is None:
        return {"parent": SUBTASK_NEEDS_PARENT} if issue_type.level < 0 else {}
    if parent.type.level != issue_type.level + 1:
        return {"parentId": errors.BAD_PARENT}
    if issue_type.level < 0 and parent.project is not project:
        return {"parentId": errors.BAD_PARENT}
    return {}


def type_change_fault(issue: Issue, wanted: IssueType) -> dict[str, str]:
    """Whether an edit may change the type: levels stay, moving across them is the bulk move's job."""
    if wanted.level != issue.type.level:
        return {"issuetype": "The issue type selected is invalid."}
    return {}
