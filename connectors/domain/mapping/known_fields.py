"""What is known of Azure DevOps' own fields: where their values usually go, and which of them say nothing.

Reference names: https://learn.microsoft.com/azure/devops/boards/work-items/guidance/work-item-field
"""

from __future__ import annotations

from collections.abc import Mapping

ITERATION = "System.IterationPath"
AREA = "System.AreaPath"

_COMMON, _SCHEDULING = "Microsoft.VSTS.Common.", "Microsoft.VSTS.Scheduling."

POINTS = (_SCHEDULING + "StoryPoints", _SCHEDULING + "Effort", _SCHEDULING + "Size")
"""What a process calls the estimate of a backlog item; the first that is filled takes the story points field."""

TIME_TRACKING = "timetracking"
ESTIMATES: Mapping[str, str] = {
    _SCHEDULING + "OriginalEstimate": "originalEstimate",
    _SCHEDULING + "RemainingWork": "remainingEstimate",
}
"""Hours that Jira keeps as time tracking. Completed work has no place there: time spent exists only as work logs."""

PAIRS: Mapping[str, tuple[str, ...]] = {
    _SCHEDULING + "DueDate": ("duedate", "Due date"),
    _SCHEDULING + "TargetDate": ("Target date", "Target end", "Target finish", "duedate"),
    _SCHEDULING + "StartDate": ("Start date", "Target start", "Planned start"),
    _SCHEDULING + "FinishDate": ("Finish date", "End date", "Target end", "Planned end"),
    _SCHEDULING + "CompletedWork": ("Completed work",),
    _COMMON + "Severity": ("Severity", "Bug severity"),
    _COMMON + "ValueArea": ("Value area",),
    _COMMON + "BusinessValue": ("Business value",),
    _COMMON + "TimeCriticality": ("Time criticality",),
    _COMMON + "Risk": ("Risk", "Risk level"),
    _COMMON + "Activity": ("Activity", "Activity type"),
    "Microsoft.VSTS.Build.FoundIn": ("Found in", "Found in build"),
    "Microsoft.VSTS.Build.IntegrationBuild": ("Integration build", "Integrated in build", "Fixed in build"),
    "Microsoft.VSTS.CMMI.Blocked": ("Blocked",),
    _COMMON + "AcceptanceCriteria": ("Acceptance criteria",),
    "Microsoft.VSTS.TCM.SystemInfo": ("System info",),
    "Microsoft.VSTS.TCM.ReproSteps": ("Repro steps", "Steps to reproduce"),
}
"""Source field -> ids or names of target fields, the first that is on the screen and fits is taken."""

CREATED_WHEN_ASKED = frozenset(
    {
        *(_SCHEDULING + name for name in ("StartDate", "FinishDate", "TargetDate", "CompletedWork")),
        *(_COMMON + name for name in ("Severity", "ValueArea", "BusinessValue", "TimeCriticality", "Risk", "Activity")),
        "Microsoft.VSTS.Build.FoundIn",
        "Microsoft.VSTS.Build.IntegrationBuild",
        "Microsoft.VSTS.CMMI.Blocked",
    }
)
"""The vendor's fields that get a field of their own with `create_missing_fields`, beside every custom one."""

NOISE = frozenset(
    {
        "System.AttachedFileCount",
        "System.BoardColumnDone",
        "System.ChangedBy",
        "System.ExternalLinkCount",
        "System.HyperLinkCount",
        "System.IsDeleted",
        "System.RelatedLinkCount",
        "System.RemoteLinkCount",
        "System.ProjectId",
        "System.NodeType",
        "System.TFServer",
        "System.WorkItemForm",
        "System.WorkItemFormId",
        _COMMON + "StateChangeDate",
        _COMMON + "StateCode",
        "Microsoft.VSTS.TCM.TestSuiteTypeId",
    }
)
"""What the service counts or keeps for itself; nobody filled it in and no place is found for it."""
NOISE_PREFIXES = ("WEF_",)
"""Fields of board extensions: one per team and board, repeating what `System.BoardColumn` and its kin say."""

DECIDED_ELSEWHERE: Mapping[str, str] = {
    "System.Title": "the title",
    "System.State": "the status; use state_overrides",
    "System.WorkItemType": "the type; use type_overrides",
    "System.Description": "the description",
    "System.Tags": "labels",
    "System.AssignedTo": "the assignee; use people",
    "System.CreatedBy": "the reporter; use people",
    "System.CreatedDate": "the origin lines of the description",
    "System.ChangedDate": "nothing: the target keeps its own",
    "System.History": "comments",
    "System.Id": "a label and the issue property",
    "System.Rev": "the issue property",
    "System.Parent": "the parent",
    _COMMON + "Priority": "the priority",
    _COMMON + "StackRank": "the rank",
    _COMMON + "BacklogPriority": "the rank",
}
"""Source fields that `field_overrides` cannot lead elsewhere, and what they become."""

NEVER_A_TARGET = frozenset(
    {
        "assignee",
        "attachment",
        "comment",
        "components",
        "created",
        "creator",
        "description",
        "issuekey",
        "issuelinks",
        "issuetype",
        "labels",
        "parent",
        "priority",
        "project",
        "reporter",
        "resolution",
        "resolutiondate",
        "status",
        "summary",
        "updated",
        "votes",
        "watches",
        "worklog",
    }
)
"""Target fields that have their own source already, or cannot be written."""


def is_noise(reference: str) -> bool:
    """Whether a field's values are left out everywhere."""
    return reference in NOISE or reference.startswith(NOISE_PREFIXES)
