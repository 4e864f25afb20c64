"""The four system processes: types, states with their categories, changes of state, fields."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.ado.model import ItemType, Process, State

GREY, BLUE, ORANGE, GREEN, WHITE = "b2b2b2", "007acc", "ff9d00", "339933", "ffffff"

EPIC, FEATURE = "Microsoft.EpicCategory", "Microsoft.FeatureCategory"
REQUIREMENT, BUG, TASK = "Microsoft.RequirementCategory", "Microsoft.BugCategory", "Microsoft.TaskCategory"
OTHER = "Microsoft.HiddenCategory"

_COMMON, _SCHEDULING, _TCM, _CMMI = (
    "Microsoft.VSTS.Common.",
    "Microsoft.VSTS.Scheduling.",
    "Microsoft.VSTS.TCM.",
    "Microsoft.VSTS.CMMI.",
)

BASE_FIELDS = (
    "System.Id",
    "System.Rev",
    "System.TeamProject",
    "System.WorkItemType",
    "System.Title",
    "System.State",
    "System.Reason",
    "System.AssignedTo",
    "System.AreaPath",
    "System.AreaId",
    "System.IterationPath",
    "System.IterationId",
    "System.Description",
    "System.History",
    "System.Tags",
    "System.CreatedDate",
    "System.CreatedBy",
    "System.ChangedDate",
    "System.ChangedBy",
    "System.AuthorizedDate",
    "System.AuthorizedAs",
    "System.RevisedDate",
    "System.Watermark",
    "System.CommentCount",
    "System.AttachedFileCount",
    "System.ExternalLinkCount",
    "System.HyperLinkCount",
    "System.RelatedLinkCount",
    "System.Parent",
    "System.BoardColumn",
    "System.BoardColumnDone",
    "System.BoardLane",
    "System.NodeName",
    _COMMON + "StateChangeDate",
    _COMMON + "ActivatedDate",
    _COMMON + "ActivatedBy",
    _COMMON + "ResolvedDate",
    _COMMON + "ResolvedBy",
    _COMMON + "ClosedDate",
    _COMMON + "ClosedBy",
    _COMMON + "Priority",
)

_RANKED = (_COMMON + "StackRank", _COMMON + "ValueArea", _SCHEDULING + "Effort", _SCHEDULING + "RemainingWork")
_PORTFOLIO = (
    *_RANKED,
    _COMMON + "BusinessValue",
    _COMMON + "TimeCriticality",
    _SCHEDULING + "StartDate",
    _SCHEDULING + "TargetDate",
    _COMMON + "Risk",
    _COMMON + "BacklogPriority",
)
_STORY = (
    *_RANKED,
    _SCHEDULING + "StoryPoints",
    _COMMON + "AcceptanceCriteria",
    _COMMON + "Risk",
    _COMMON + "BacklogPriority",
    _COMMON + "BusinessValue",
    _SCHEDULING + "Size",
    _SCHEDULING + "StartDate",
    _SCHEDULING + "FinishDate",
    "Microsoft.VSTS.Build.IntegrationBuild",
)
_WORK = (
    _COMMON + "Activity",
    _COMMON + "StackRank",
    _COMMON + "BacklogPriority",
    _SCHEDULING + "OriginalEstimate",
    _SCHEDULING + "RemainingWork",
    _SCHEDULING + "CompletedWork",
    _SCHEDULING + "StartDate",
    _SCHEDULING + "FinishDate",
    _SCHEDULING + "Effort",
    _CMMI + "Blocked",
    _CMMI + "TaskType",
    "Microsoft.VSTS.Build.IntegrationBuild",
)
_DEFECT = (
    *_STORY,
    _COMMON + "Severity",
    _TCM + "ReproSteps",
    _TCM + "SystemInfo",
    "Microsoft.VSTS.Build.FoundIn",
    _COMMON + "ResolvedReason",
    _COMMON + "Activity",
    _CMMI + "Blocked",
    _SCHEDULING + "OriginalEstimate",
    _SCHEDULING + "CompletedWork",
)
_TEST = (
    _TCM + "Steps",
    _TCM + "Parameters",
    _TCM + "LocalDataSource",
    _TCM + "AutomationStatus",
    _TCM + "AutomatedTestName",
    _TCM + "AutomatedTestStorage",
    _TCM + "AutomatedTestId",
    _TCM + "AutomatedTestType",
    _SCHEDULING + "Effort",
    _SCHEDULING + "RemainingWork",
)
_SUITE = (
    _TCM + "TestSuiteType",
    _TCM + "TestSuiteTypeId",
    _TCM + "QueryText",
    _SCHEDULING + "StartDate",
    _SCHEDULING + "FinishDate",
    _SCHEDULING + "Effort",
    _SCHEDULING + "RemainingWork",
)


def states(*rows: tuple[str, str] | tuple[str, str, str]) -> tuple[State, ...]:
    """States from (name, category) or (name, category, reason) rows, coloured by category."""
    colors = {"Proposed": GREY, "InProgress": BLUE, "Resolved": ORANGE, "Completed": GREEN, "Removed": WHITE}
    return tuple(State(row[0], row[1], colors[row[1]], row[2] if len(row) > 2 else "") for row in rows)


def _type(
    name: str,
    category: str,
    state_rows: tuple[State, ...],
    extra: tuple[str, ...],
    look: tuple[str, str],
    transitions: Mapping[str, tuple[str, ...]] | None = None,
) -> ItemType:
    reference = "Microsoft.VSTS.WorkItemTypes." + name.replace(" ", "")
    color, icon = look
    fields = tuple(dict.fromkeys((*BASE_FIELDS, *extra)))
    return ItemType(
        name, reference, category, state_rows, fields, color, icon, f"Tracks a {name.lower()}.", False, transitions
    )


_CROWN, _TROPHY, _BOOK = ("FF7B00", "icon_crown"), ("773B93", "icon_trophy"), ("009CCC", "icon_book")
_CLIP, _INSECT = ("F2CB1D", "icon_clipboard"), ("CC293D", "icon_insect")
_BEAKER, _CONE = ("004B50", "icon_test_beaker"), ("B4009E", "icon_traffic_cone")

_DESIGN = states(
    ("Design", "Proposed", "New"), ("Ready", "InProgress", "Completed"), ("Closed", "Completed", "Duplicate")
)
_PLAN = states(("Active", "InProgress", "Initial test plan"), ("Inactive", "Completed", "Moved to state Inactive"))
_SUITE_STATES = states(
    ("In Planning", "Proposed", "New"),
    ("In Progress", "InProgress", "Begin testing"),
    ("Completed", "Completed", "Moved to state Completed"),
)
_SHARED = states(("Active", "InProgress", "New"), ("Closed", "Completed", "Duplicate"))


def test_types() -> list[ItemType]:
    """The types every process has for testing."""
    plan_changes = {"Active": ("Inactive",), "Inactive": ("Active",)}
    suite_changes = {
        "In Planning": ("In Progress", "Completed"),
        "In Progress": ("Completed", "In Planning"),
        "Completed": ("In Progress", "In Planning"),
    }
    return [
        _type("Test Case", "Microsoft.TestCaseCategory", _DESIGN, _TEST, _BEAKER),
        _type("Test Plan", "Microsoft.TestPlanCategory", _PLAN, _SUITE, ("004B50", "icon_test_plan"), plan_changes),
        _type(
            "Test Suite",
            "Microsoft.TestSuiteCategory",
            _SUITE_STATES,
            _SUITE,
            ("004B50", "icon_test_suite"),
            suite_changes,
        ),
        _type("Shared Steps", "Microsoft.SharedStepCategory", _SHARED, _TEST, ("004B50", "icon_test_step")),
        _type(
            "Shared Parameter", "Microsoft.SharedParameterCategory", _SHARED, _TEST, ("004B50", "icon_test_parameter")
        ),
    ]


def _agile() -> list[ItemType]:
    stories = states(
        ("New", "Proposed", "New"),
        ("Active", "InProgress", "Implementation started"),
        ("Resolved", "Resolved", "Code complete and unit tests pass"),
        ("Closed", "Completed", "Acceptance tests pass"),
        ("Removed", "Removed", "Removed from the backlog"),
    )
    bugs = states(
        ("New", "Proposed", "New"),
        ("Active", "InProgress", "Approved"),
        ("Resolved", "Resolved", "Fixed"),
        ("Closed", "Completed", "Fixed and verified"),
    )
    tasks = states(
        ("New", "Proposed", "New"),
        ("Active", "InProgress", "Work started"),
        ("Closed", "Completed", "Completed"),
        ("Removed", "Removed", "Removed from the backlog"),
    )
    issues = states(("Active", "InProgress", "New"), ("Closed", "Completed", "Issue resolved"))
    return [
        _type("Epic", EPIC, stories, _PORTFOLIO, _CROWN),
        _type("Feature", FEATURE, stories, _PORTFOLIO, _TROPHY),
        _type("User Story", REQUIREMENT, stories, _STORY, _BOOK),
        _type("Bug", BUG, bugs, _DEFECT, _INSECT),
        _type("Task", TASK, tasks, _WORK, _CLIP),
        _type("Issue", OTHER, issues, (_COMMON + "StackRank", _SCHEDULING + "DueDate"), _CONE),
        *test_types(),
    ]


def _scrum() -> list[ItemType]:
    portfolio = states(
        ("New", "Proposed", "New"),
        ("In Progress", "InProgress", "Implementation started"),
        ("Done", "Completed", "Work finished"),
        ("Removed", "Removed", "Removed from the backlog"),
    )
    backlog = states(
        ("New", "Proposed", "New backlog item"),
        ("Approved", "Proposed", "Approved by the Product Owner"),
        ("Committed", "InProgress", "Commitment made by the team"),
        ("Done", "Completed", "Work finished"),
        ("Removed", "Removed", "Removed from the backlog"),
    )
    tasks = states(
        ("To Do", "Proposed", "New task"),
        ("In Progress", "InProgress", "Work started"),
        ("Done", "Completed", "Work finished"),
        ("Removed", "Removed", "Removed from the backlog"),
    )
    impediments = states(("Open", "Proposed", "New impediment"), ("Closed", "Completed", "Impediment removed"))
    return [
        _type("Epic", EPIC, portfolio, _PORTFOLIO, _CROWN),
        _type("Feature", FEATURE, portfolio, _PORTFOLIO, _TROPHY),
        _type("Product Backlog Item", REQUIREMENT, backlog, _STORY, _BOOK),
        _type("Bug", BUG, backlog, _DEFECT, _INSECT),
        _type("Task", TASK, tasks, _WORK, _CLIP),
        _type("Impediment", OTHER, impediments, (_COMMON + "Resolution",), _CONE),
        *test_types(),
    ]


_CMMI_CHANGES = {
    "Proposed": ("Active", "Closed"),
    "Active": ("Proposed", "Resolved", "Closed"),
    "Resolved": ("Active", "Closed"),
    "Closed": ("Proposed", "Active", "Resolved"),
}


def _cmmi() -> list[ItemType]:
    work = states(
        ("Proposed", "Proposed", "New"),
        ("Active", "InProgress", "Accepted"),
        ("Resolved", "Resolved", "Code complete and system test passed"),
        ("Closed", "Completed", "Validation test passed"),
    )
    look = ("339947", "icon_clipboard")
    changes = _CMMI_CHANGES
    request = (_CMMI + "Justification", _CMMI + "ImpactAssessmentHtml", _CMMI + "Analysis")
    return [
        _type("Epic", EPIC, work, _PORTFOLIO, _CROWN, changes),
        _type("Feature", FEATURE, work, _PORTFOLIO, _TROPHY, changes),
        _type(
            "Requirement", REQUIREMENT, work, (*_STORY, _CMMI + "RequirementType", _COMMON + "Triage"), _BOOK, changes
        ),
        _type("Bug", BUG, work, (*_DEFECT, _COMMON + "Triage"), _INSECT, changes),
        _type("Task", TASK, work, (*_WORK, _COMMON + "Triage"), _CLIP, changes),
        _type("Change Request", OTHER, work, request, look, changes),
        _type("Issue", OTHER, work, (_CMMI + "Analysis", _COMMON + "Resolution"), _CONE, changes),
        _type("Review", OTHER, work, (_CMMI + "Purpose", _CMMI + "MeetingType"), look, changes),
        _type("Risk", OTHER, work, (_CMMI + "MitigationPlan", _CMMI + "Probability"), _CROWN, changes),
        *test_types(),
    ]


def _basic() -> list[ItemType]:
    work = states(
        ("To Do", "Proposed", "Added to backlog"),
        ("Doing", "InProgress", "Started"),
        ("Done", "Completed", "Completed"),
    )
    return [
        _type("Epic", EPIC, work, _PORTFOLIO, _CROWN),
        _type("Issue", REQUIREMENT, work, _STORY, ("B4009E", "icon_github_issue")),
        _type("Task", TASK, work, _WORK, ("A4880A", "icon_clipboard")),
        *test_types(),
    ]


def _process(guid: str, name: str, description: str, types: list[ItemType]) -> Process:
    return Process(guid, name, description, {item_type.name: item_type for item_type in types})


PROCESSES: dict[str, Process] = {
    process.name: process
    for process in (
        _process(
            "6b724908-ef14-45cf-84f8-768b5384da45", "Scrum", "For teams who follow the Scrum framework.", _scrum()
        ),
        _process("b8a3a935-7e91-48b8-a94c-606d37c3e9f2", "Basic", "For any process and for new teams.", _basic()),
        _process("adcc42ab-9882-485e-a3ed-7678f01f66bc", "Agile", "For teams using Agile planning.", _agile()),
        _process("27450541-8e31-4150-9947-dc59f998fc01", "CMMI", "For more formal projects.", _cmmi()),
    )
}
