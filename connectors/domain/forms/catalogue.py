"""The form of every system, with the names and defaults that the documented product gives its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from connectors.domain.forms import shared
from connectors.domain.forms.fields import Field, FieldType, Option, Section
from connectors.domain.systems import SystemId

_LABELS_BY_PRIORITY = '{"7-10": "High", "4-6": "Medium", "1-3": "Low"}'
_TYPES = "Types follow the mapping of the project."
_STATUSES = "Statuses follow the mapping of the project."
_NOT_RUN = "Kept for this system, which runs do not reach."


@dataclass(frozen=True, slots=True)
class Form:
    """A system's parameters. `account` and `secret` name the ones that prove who asks; `token_mode` is the value of
    `alm_auth_mode` under which the token does it instead."""

    sections: tuple[Section, ...]
    command: str
    secret: str = "alm_pass"  # noqa: S105 - the name of a parameter
    account: str = "alm_user"
    token_mode: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field for section in self.sections for field in section.fields)

    def find(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


def _required(field: Field, **changes: object) -> Field:
    return replace(field, required=True, **changes)  # type: ignore[arg-type]


def _kept(name: str, label: str, default: str = "", *, why: str = _NOT_RUN, required: bool = False) -> Field:
    return Field(name, label, default=default, unused=why, required=required)


def _label(name: str = "alm_issue_label", label: str = "Label", default: str = "") -> Field:
    return Field(name, label, default=default, description="Label that every created item gets.")


_AUTH_MODE = Field(
    "alm_auth_mode",
    "Authentication",
    FieldType.RADIO,
    default="basic",
    options=(Option("basic", "User and password or API token"), Option("api_token", "Bearer token")),
    description="Which of the credentials are used.",
)

_GITHUB = Form(
    command="sync_github",
    account="",
    secret="alm_api_token",  # noqa: S106 - the name of a parameter
    sections=shared.assemble(
        details=(Field("github_repo_owner", "Repository owner", required=True),),
        credentials=(_required(shared.TOKEN),),
        own=(
            Field(
                "github_duplicate_label",
                "Duplicate label",
                default="duplicate",
                required=True,
                max_length=50,
                description="Issues with this label are left out when the repository is read.",
            ),
            _label("github_issue_label", "Issue label"),
            _label("alm_group_label", "Group label", "SD Elements"),
            shared.priority_map(_LABELS_BY_PRIORITY),
        ),
    ),
)
_JIRA = Form(
    command="sync_jira",
    token_mode=True,
    sections=shared.assemble(
        details=(
            Field(
                "jira_version",
                "Jira version",
                FieldType.SELECT,
                default="5",
                options=tuple(Option(str(number), f"Jira {number}") for number in range(4, 11)),
                unused="What the site can do is asked of the site.",
            ),
        ),
        credentials=(
            _AUTH_MODE,
            replace(shared.USER, description="E-mail address or name of the account; not needed with a bearer token."),
            replace(
                shared.PASSWORD, description="On Jira Cloud the account's API token; not needed with a bearer token."
            ),
            replace(shared.TOKEN, label="Bearer token", description="Needed with a bearer token only."),
        ),
        own=(
            _kept("jira_issue_type", "Issue type", "Bug", why=_TYPES),
            _kept("jira_close_transition", "Close transition", "Close Issue", why=_STATUSES),
            _kept("jira_reopen_transition", "Reopen transition", "Reopen Issue", why=_STATUSES),
            _kept("jira_done_statuses", "Done statuses", "Resolved,Closed", why=_STATUSES),
            _kept("jira_existing_issue", "Existing issue", why="Items are found by the mark they carry."),
            _label(default="SD-Elements"),
            shared.priority_map(
                '{"10": "Blocker", "7-9": "Critical", "5-6": "Major", "3-4": "Minor", "1-2": "Trivial"}'
            ),
        ),
    ),
)
_AZURE_DEVOPS = Form(
    command="sync_tfs",
    sections=shared.assemble(
        details=(_kept("tfs_collection", "Collection", "DefaultCollection", why="Only the cloud service is reached."),),
        credentials=(shared.USER, _required(shared.PASSWORD, label="Personal access token")),
        own=(
            _kept("tfs_issue_type", "Work item type", "Issue", why=_TYPES),
            _label(),
            shared.priority_map('{"9-10": "1", "7-8": "2", "3-6": "3", "1-2": "4"}'),
        ),
    ),
)
_USER_AND_PASSWORD = (_required(shared.USER), _required(shared.PASSWORD))
_RALLY = Form(
    command="sync_rally",
    sections=shared.assemble(
        details=(_kept("rally_workspace", "Workspace", required=True),),
        credentials=_USER_AND_PASSWORD,
        own=(
            _kept("rally_card_type", "Card type", "Story"),
            _kept("rally_new_status", "New status", "Defined"),
            _kept("rally_done_statuses", "Done statuses", "Completed,Accepted"),
            _kept("alm_issue_label", "Label"),
        ),
    ),
)
_TRAC = Form(
    command="sync_trac",
    sections=shared.assemble(
        credentials=_USER_AND_PASSWORD,
        own=(
            _kept("alm_close_transition", "Close transition"),
            _kept("alm_reopen_transition", "Reopen transition", "reopen"),
            _kept("alm_new_status", "New status"),
            _kept("alm_done_statuses", "Done statuses", "closed"),
        ),
    ),
)
_GITLAB = Form(
    command="sync_gitlab",
    account="",
    secret="alm_api_token",  # noqa: S106 - the name of a parameter
    sections=shared.assemble(
        credentials=(_required(shared.TOKEN),),
        own=(_kept("alm_issue_label", "Label"), shared.priority_map(_LABELS_BY_PRIORITY)),
    ),
)
_HP_ALM = Form(
    command="sync_hp_alm",
    sections=shared.assemble(
        details=(_kept("hp_alm_domain", "Domain", required=True),),
        credentials=_USER_AND_PASSWORD,
        own=(
            _kept("hp_alm_issue_type", "Requirement type", "Functional"),
            _kept("hp_alm_new_status", "New status", "Not Completed"),
            _kept("hp_alm_reopen_status", "Reopen status", "Not Completed"),
            _kept("hp_alm_close_status", "Close status", "Passed"),
            _kept("hp_alm_done_statuses", "Done statuses", "Passed"),
            _kept("hp_alm_test_plan_folder", "Test plan folder", "SD Elements"),
            _kept("hp_alm_test_type", "Test type", "MANUAL"),
            shared.priority_map(
                '{"9-10": "5-Urgent", "7-8": "4-Very High", "5-6": "3-High", "3-4": "2-Medium", "1-2": "1-Low"}'
            ),
        ),
    ),
)
_PT = Form(
    command="sync_pt",
    account="",
    secret="alm_api_token",  # noqa: S106 - the name of a parameter
    sections=shared.assemble(
        credentials=(_required(shared.TOKEN),),
        own=(
            _kept("pt_story_type", "Story type", "bug"),
            _kept("pt_new_status", "New status", "unscheduled"),
            _kept("pt_done_statuses", "Done statuses", "accepted"),
            _kept("pt_group_label", "Group label"),
            _kept("pt_default_estimate", "Default estimate"),
            shared.priority_map(_LABELS_BY_PRIORITY),
        ),
    ),
)
_MINGLE = Form(
    command="sync_mingle",
    sections=shared.assemble(
        credentials=_USER_AND_PASSWORD,
        own=(
            _kept("mingle_card_type", "Card type", "Story"),
            _kept("mingle_new_status", "New status"),
            _kept("mingle_done_statuses", "Done statuses"),
        ),
    ),
)
_RATIONAL = Form(
    command="sync_rational",
    sections=shared.assemble(
        credentials=_USER_AND_PASSWORD,
        own=(
            _kept("rational_done_statuses", "Done statuses", "Completed,Done"),
            _kept("alm_issue_type", "Work item type", "task"),
            _kept("alm_issue_label", "Label"),
            shared.priority_map(_LABELS_BY_PRIORITY),
        ),
    ),
)


def _changed(form: Form, name: str, **changes: object) -> Form:
    """The form with one of the shared fields as this system has it."""
    sections = tuple(
        replace(
            section,
            fields=tuple(replace(each, **changes) if each.name == name else each for each in section.fields),  # type: ignore[arg-type]
        )
        for section in form.sections
    )
    return replace(form, sections=sections)


def _policies_of(*refused: str) -> tuple[Option, ...]:
    return tuple(replace(option, disabled=option.value in refused) for option in shared.CONFLICT_POLICIES)


def _without_runs(form: Form) -> Form:
    """Of a system that runs do not reach only address and credentials mean something."""
    used = {"alm_method", "alm_server", "alm_context_root", "alm_project", "alm_user", "alm_pass", "alm_api_token"}
    for each in form.fields:
        if each.name not in used and not each.unused:
            form = _changed(form, each.name, unused=_NOT_RUN)
    return form


FORMS: Mapping[SystemId, Form] = {
    SystemId.AZURE_DEVOPS: _changed(
        _changed(_AZURE_DEVOPS, "alm_project_version", unused="Azure DevOps has no versions."),
        "alm_context_root",
        label="Organization",
        description="What follows the server in the address of the organization.",
    ),
    SystemId.JIRA: _JIRA,
    SystemId.GITHUB: _changed(
        _changed(
            _changed(_GITHUB, "alm_project_version", unused="Milestones follow the mapping of the project."),
            "alm_custom_fields",
            unused="GitHub's issues have no custom fields.",
        ),
        "alm_project",
        label="Repository",
        description="Name of the repository, without its owner; the default one of the connector.",
    ),
    SystemId.RALLY: _without_runs(_RALLY),
    # Trac tells no times to compare.
    SystemId.TRAC: _without_runs(_changed(_TRAC, "conflict_policy", options=_policies_of("timestamp"))),
    SystemId.GITLAB: _without_runs(_GITLAB),
    SystemId.HP_ALM: _without_runs(_HP_ALM),
    SystemId.PT: _without_runs(_PT),
    SystemId.MINGLE: _without_runs(_MINGLE),
    SystemId.RATIONAL: _without_runs(
        _changed(
            _changed(_RATIONAL, "conflict_policy", options=_policies_of("sde", "timestamp")),
            "alm_context_root",
            default="ccm",
        )
    ),
}
"""IBM's tracker accepts only its own side as the winner; the others take all three policies but where noted."""


def form_of(system: SystemId) -> Form:
    """The form of a system: every id has one."""
    return FORMS[system]
