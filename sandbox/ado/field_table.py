"""The fields of the organisation: name, kind, and who may write them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One field. `computed` ones are never stored: they follow from the item when it is shown."""

    reference: str
    name: str
    type: str
    read_only: bool = False
    identity: bool = False
    computed: bool = False
    allowed: tuple[str, ...] = ()
    default: str | int | None = None
    help: str = ""

    @property
    def long_text(self) -> bool:
        return self.type in ("html", "history") or (self.type == "plainText" and self.reference != "System.Tags")

    @property
    def picklist(self) -> bool:
        return bool(self.allowed) and self.reference.startswith("Custom.")


def _rows(*rows: tuple[str, str, str]) -> list[FieldDef]:
    return [FieldDef(reference, name, kind) for reference, name, kind in rows]


def _computed(*rows: tuple[str, str, str]) -> list[FieldDef]:
    return [FieldDef(reference, name, kind, read_only=True, computed=True) for reference, name, kind in rows]


def _people(*rows: tuple[str, str]) -> list[FieldDef]:
    return [FieldDef(reference, name, "string", identity=True) for reference, name in rows]


_COMMON, _SCHEDULING, _TCM, _CMMI = (
    "Microsoft.VSTS.Common.",
    "Microsoft.VSTS.Scheduling.",
    "Microsoft.VSTS.TCM.",
    "Microsoft.VSTS.CMMI.",
)
_PRIORITIES = ("1", "2", "3", "4")
_SEVERITIES = ("1 - Critical", "2 - High", "3 - Medium", "4 - Low")
_ACTIVITIES = ("Deployment", "Design", "Development", "Documentation", "Requirements", "Testing")

SYSTEM_FIELDS = [
    *_computed(
        ("System.Id", "ID", "integer"),
        ("System.Rev", "Rev", "integer"),
        ("System.AreaId", "Area ID", "integer"),
        ("System.IterationId", "Iteration ID", "integer"),
        ("System.NodeName", "Node Name", "string"),
        *((f"System.AreaLevel{n}", f"Area Level {n}", "string") for n in range(1, 8)),
        *((f"System.IterationLevel{n}", f"Iteration Level {n}", "string") for n in range(1, 8)),
        ("System.AuthorizedDate", "Authorized Date", "dateTime"),
        ("System.RevisedDate", "Revised Date", "dateTime"),
        ("System.PersonId", "Person ID", "integer"),
        ("System.Watermark", "Watermark", "integer"),
        ("System.IsDeleted", "Is Deleted", "boolean"),
        ("System.CommentCount", "Comment Count", "integer"),
        ("System.AttachedFileCount", "Attached File Count", "integer"),
        ("System.ExternalLinkCount", "External Link Count", "integer"),
        ("System.HyperLinkCount", "Hyperlink Count", "integer"),
        ("System.RelatedLinkCount", "Related Link Count", "integer"),
        ("System.RemoteLinkCount", "Remote Link Count", "integer"),
        ("System.Parent", "Parent", "integer"),
        ("System.BoardColumn", "Board Column", "string"),
        ("System.BoardColumnDone", "Board Column Done", "boolean"),
    ),
    FieldDef("System.AuthorizedAs", "Authorized As", "string", read_only=True, identity=True, computed=True),
    FieldDef("System.TeamProject", "Team Project", "string", read_only=True),
    FieldDef("System.WorkItemType", "Work Item Type", "string", read_only=True),
    FieldDef("System.CreatedDate", "Created Date", "dateTime", read_only=True),
    FieldDef("System.ChangedDate", "Changed Date", "dateTime", read_only=True),
    FieldDef("System.CreatedBy", "Created By", "string", read_only=True, identity=True),
    FieldDef("System.ChangedBy", "Changed By", "string", read_only=True, identity=True),
    *_rows(
        ("System.AreaPath", "Area Path", "treePath"),
        ("System.IterationPath", "Iteration Path", "treePath"),
        ("System.Title", "Title", "string"),
        ("System.State", "State", "string"),
        ("System.Reason", "Reason", "string"),
        ("System.Description", "Description", "html"),
        ("System.History", "History", "history"),
        ("System.Tags", "Tags", "plainText"),
        ("System.BoardLane", "Board Lane", "string"),
    ),
    *_people(("System.AssignedTo", "Assigned To")),
]

OTHER_FIELDS = [
    FieldDef(_COMMON + "Priority", "Priority", "integer", allowed=_PRIORITIES, default=2),
    FieldDef(_COMMON + "Severity", "Severity", "string", allowed=_SEVERITIES, default="3 - Medium"),
    FieldDef(_COMMON + "ValueArea", "Value Area", "string", allowed=("Architectural", "Business"), default="Business"),
    FieldDef(_COMMON + "Risk", "Risk", "string", allowed=("1 - High", "2 - Medium", "3 - Low")),
    FieldDef(_COMMON + "Activity", "Activity", "string", allowed=_ACTIVITIES),
    FieldDef(
        _COMMON + "Triage",
        "Triage",
        "string",
        allowed=("Pending", "More Info", "Info Received", "Triaged"),
        default="Pending",
    ),
    FieldDef(
        _TCM + "AutomationStatus",
        "Automation status",
        "string",
        allowed=("Not Automated", "Planned", "Automated"),
        default="Not Automated",
    ),
    FieldDef(
        _CMMI + "RequirementType",
        "Requirement Type",
        "string",
        allowed=(
            "Scenario",
            "Quality of Service",
            "Functional",
            "Operational",
            "Security",
            "Safety",
            "Business Objective",
            "Interface",
        ),
        default="Functional",
    ),
    FieldDef(_CMMI + "Blocked", "Blocked", "string", allowed=("No", "Yes")),
    *_rows(
        (_COMMON + "AcceptanceCriteria", "Acceptance Criteria", "html"),
        (_COMMON + "Resolution", "Resolution", "html"),
        (_COMMON + "StackRank", "Stack Rank", "double"),
        (_COMMON + "BacklogPriority", "Backlog Priority", "double"),
        (_COMMON + "BusinessValue", "Business Value", "integer"),
        (_COMMON + "TimeCriticality", "Time Criticality", "double"),
        (_COMMON + "Rating", "Rating", "string"),
        (_COMMON + "Issue", "Issue", "string"),
        (_COMMON + "ResolvedReason", "Resolved Reason", "string"),
        (_COMMON + "StateChangeDate", "State Change Date", "dateTime"),
        (_COMMON + "ActivatedDate", "Activated Date", "dateTime"),
        (_COMMON + "ResolvedDate", "Resolved Date", "dateTime"),
        (_COMMON + "ClosedDate", "Closed Date", "dateTime"),
        (_SCHEDULING + "StoryPoints", "Story Points", "double"),
        (_SCHEDULING + "Effort", "Effort", "double"),
        (_SCHEDULING + "Size", "Size", "double"),
        (_SCHEDULING + "OriginalEstimate", "Original Estimate", "double"),
        (_SCHEDULING + "RemainingWork", "Remaining Work", "double"),
        (_SCHEDULING + "CompletedWork", "Completed Work", "double"),
        (_SCHEDULING + "StartDate", "Start Date", "dateTime"),
        (_SCHEDULING + "FinishDate", "Finish Date", "dateTime"),
        (_SCHEDULING + "TargetDate", "Target Date", "dateTime"),
        (_SCHEDULING + "DueDate", "Due Date", "dateTime"),
        ("Microsoft.VSTS.Build.FoundIn", "Found In", "string"),
        ("Microsoft.VSTS.Build.IntegrationBuild", "Integration Build", "string"),
        (_TCM + "ReproSteps", "Repro Steps", "html"),
        (_TCM + "SystemInfo", "System Info", "html"),
        (_TCM + "Steps", "Steps", "html"),
        (_TCM + "Parameters", "Parameters", "html"),
        (_TCM + "LocalDataSource", "Local Data Source", "html"),
        (_TCM + "AutomatedTestName", "Automated Test Name", "string"),
        (_TCM + "AutomatedTestStorage", "Automated Test Storage", "string"),
        (_TCM + "AutomatedTestId", "Automated Test Id", "string"),
        (_TCM + "AutomatedTestType", "Automated Test Type", "string"),
        (_TCM + "TestSuiteType", "Test Suite Type", "string"),
        (_TCM + "TestSuiteTypeId", "Test Suite Type Id", "integer"),
        (_TCM + "QueryText", "Query Text", "plainText"),
        (_CMMI + "Analysis", "Analysis", "html"),
        (_CMMI + "ImpactAssessmentHtml", "Impact Assessment", "html"),
        (_CMMI + "Justification", "Justification", "html"),
        (_CMMI + "MitigationPlan", "Mitigation Plan", "html"),
        (_CMMI + "Probability", "Probability", "integer"),
        (_CMMI + "Purpose", "Purpose", "html"),
        (_CMMI + "MeetingType", "Meeting Type", "string"),
        (_CMMI + "TaskType", "Task Type", "string"),
    ),
    *_people(
        (_COMMON + "ActivatedBy", "Activated By"),
        (_COMMON + "ResolvedBy", "Resolved By"),
        (_COMMON + "ClosedBy", "Closed By"),
        (_COMMON + "ReviewedBy", "Reviewed By"),
    ),
]

STANDARD_FIELDS: tuple[FieldDef, ...] = (*SYSTEM_FIELDS, *OTHER_FIELDS)


class FieldTable:
    """The fields by reference name and by friendly name, in any case."""

    def __init__(self, custom: tuple[FieldDef, ...] = ()) -> None:
        self.by_reference: dict[str, FieldDef] = {}
        self._by_any_name: dict[str, FieldDef] = {}
        for definition in (*STANDARD_FIELDS, *custom):
            self.add(definition)

    def add(self, definition: FieldDef) -> None:
        """Define a field; a known reference name is defined anew."""
        self.by_reference[definition.reference] = definition
        self._by_any_name[definition.reference.lower()] = definition
        self._by_any_name.setdefault(definition.name.lower(), definition)

    def find(self, name: str) -> FieldDef | None:
        """The field of that reference or friendly name."""
        return self._by_any_name.get(name.lower())
