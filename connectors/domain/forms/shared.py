"""The parameters that every system has, by section."""

from __future__ import annotations

from connectors.domain.forms import rules
from connectors.domain.forms.fields import LONGEST_TEXT, Field, FieldType, Option, Scope, Section

ALM = "alm"
CONFLICT_POLICIES = (
    Option("alm", "This tracker's side wins"),
    Option("sde", "The other side wins"),
    Option("timestamp", "The newer change wins"),
)
_SYSTEM = (Scope.SYSTEM,)
_PROJECT = (Scope.PROJECT,)
_STATUSES = "Statuses follow the mapping of the project."

METHOD = Field(
    "alm_method",
    "Method",
    FieldType.RADIO,
    default="https",
    required=True,
    options=(Option("https", "HTTPS"), Option("http", "HTTP")),
    scope=_SYSTEM,
    description="How the server is reached.",
)
SERVER = Field(
    "alm_server",
    "Server",
    required=True,
    max_length=260,
    check=rules.check_host,
    scope=_SYSTEM,
    description="Host name, with the port where it is not the usual one.",
)
CONTEXT_ROOT = Field(
    "alm_context_root",
    "Context root",
    check=rules.check_path,
    scope=_SYSTEM,
    description="Path before everything else, where the server has one.",
)
VALIDATE_CERT = Field(
    "alm_validate_cert",
    "Validate certificate",
    FieldType.BOOLEAN,
    default="true",
    unused="Certificates are always verified; an operator can trust a private authority with CA_BUNDLE.",
)
PROJECT = Field(
    "alm_project",
    "Project",
    description="Key or name of the tracker's project; the default project of the connector.",
    scope=(Scope.PROJECT, Scope.SYSTEM),
)
USER = Field("alm_user", "User", scope=_SYSTEM, description="User name or e-mail address.")
PASSWORD = Field("alm_pass", "Password or token", FieldType.MASKED, max_length=8_000, scope=_SYSTEM)
TOKEN = Field("alm_api_token", "API token", FieldType.MASKED, max_length=8_000, check=rules.check_ascii, scope=_SYSTEM)

SYNCHRONIZATION = (
    Field(
        "conflict_policy",
        "Conflict policy",
        FieldType.SELECT,
        default="alm",
        options=CONFLICT_POLICIES,
        description="Whose change is kept when both sides changed the same.",
    ),
    Field(
        "title_format",
        "Title format",
        default="$task_id $title",
        check=rules.check_title_format,
        description="How titles of created items are written.",
        help_text="Names: $task_id, $title, $context, $application (organization), $project.",
    ),
    Field(
        "alm_title_format",
        "Title format (older name)",
        check=rules.check_title_format,
        deprecated=True,
        scope=_PROJECT,
        description="Wins over title_format.",
    ),
    Field("alm_context", "Context", description="Free text for $context in the title format."),
    Field(
        "alm_custom_fields",
        "Custom fields",
        max_length=LONGEST_TEXT,
        check=rules.check_fields,
        placeholder='{"Team": "Platform"}',
        description="JSON object of field name or id and value, set when an item is created.",
        help_text="Values may use $application, $project and $context.",
    ),
    Field(
        "alm_project_version",
        "Version",
        scope=_PROJECT,
        description="Version or milestone that created items belong to.",
    ),
    Field(
        "alm_custom_lookup_fields",
        "Custom lookup fields",
        max_length=LONGEST_TEXT,
        check=rules.check_fields,
        unused="Items are found by the mark they carry, not by a search.",
    ),
    Field("alm_parent_issue", "Parent item", unused="The hierarchy follows the source's."),
    Field("alm_standard_workflow", "Standard workflow", FieldType.BOOLEAN, default="true", unused=_STATUSES),
    Field(
        "start_fresh",
        "Start fresh",
        FieldType.BOOLEAN,
        default="false",
        scope=_PROJECT,
        unused="Nothing is deleted to begin with; a run can be rolled back instead.",
    ),
    Field(
        "test_alm",
        "Depth of the test",
        FieldType.SELECT,
        scope=_PROJECT,
        options=(Option("server", "Server"), Option("project", "Project"), Option("settings", "Settings")),
        description="How far a connection test goes.",
    ),
)

SELECTION = (
    Field(
        "alm_phases",
        "Phases in scope",
        FieldType.CHECKBOX,
        default="requirements,architecture-design,development",
        options=tuple(
            Option(value, value.replace("-", " ").capitalize())
            for value in ("requirements", "architecture-design", "development", "testing")
        ),
        unused="Work items have no phase; choose types and areas instead.",
    ),
    Field(
        "sde_statuses_in_scope",
        "Statuses in scope",
        FieldType.CHECKBOX,
        default="TODO",
        options=(Option("TODO", "Open"), Option("DONE", "Done"), Option("NA", "Removed")),
        description="Only items in these states are created on this tracker.",
    ),
    Field(
        "sde_min_priority",
        "Lowest priority",
        default="7",
        max_length=2,
        check=rules.check_priority,
        description="1 to 10; only items of this priority or a higher one are created on this tracker.",
        help_text="Azure DevOps' 1 counts as 10, 2 as 8, 3 and no priority as 5, 4 as 2.",
    ),
    Field(
        "sde_verification_filter",
        "Verification",
        FieldType.CHECKBOX,
        default="none,partial,pass,fail",
        options=tuple(Option(value, value.capitalize()) for value in ("none", "partial", "pass", "fail")),
        unused="Work items have no verification status.",
    ),
    Field(
        "sde_tags_filter",
        "Tags",
        max_length=LONGEST_TEXT,
        description="Comma list; only items that carry all of these tags are created on this tracker.",
    ),
    Field(
        "selected_tasks",
        "Selected items",
        max_length=LONGEST_TEXT,
        scope=_PROJECT,
        check=rules.check_tasks,
        description="Comma list of item numbers; overrides the other selections.",
    ),
    Field(
        "how_tos_in_scope",
        "How-tos in scope",
        FieldType.BOOLEAN,
        default="false",
        unused="Work items have no how-tos.",
    ),
)


def priority_map(default: str) -> Field:
    """The system's own names of the ten priorities."""
    return Field(
        "alm_priority_map",
        "Priority map",
        default=default,
        max_length=LONGEST_TEXT,
        check=rules.check_priority_map,
        description="JSON object: a priority or a range of 1 to 10, and its name on the tracker.",
    )


def assemble(
    *, details: tuple[Field, ...] = (), credentials: tuple[Field, ...], own: tuple[Field, ...] = ()
) -> tuple[Section, ...]:
    """The sections in the documented order."""
    return (
        Section(None, (PROJECT,)),
        Section("Connection Details", (METHOD, SERVER, CONTEXT_ROOT, VALIDATE_CERT, *details)),
        Section("Credentials", credentials),
        Section("Synchronization", (*own, *SYNCHRONIZATION)),
        Section("Tasks to Synchronize", SELECTION, optional=True),
    )
