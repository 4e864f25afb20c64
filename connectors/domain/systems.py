"""The systems we know, and what each needs to be reached: one registry behind every form, check and message.

`read_access` turns the documented credentials of a system into one `Access`, whatever the system calls its parts;
`write_access` is the way back, with secrets masked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit

from connectors.domain.errors import DomainError

MASK = "********"
"""What stands for a secret in every answer; sent back, it means "as it is"."""

REQUIRED_TEXT = "This field is required."
_AZURE_NAME = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$")
_AZURE_HOST = "dev.azure.com"
_JIRA_CLOUD = ".atlassian.net"
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # and halves of surrogate pairs, which nothing can encode


class SystemId(StrEnum):
    """Ids as the documents write them."""

    AZURE_DEVOPS = "azure_devops"
    JIRA = "jira"
    GITHUB = "github"
    RALLY = "rally"
    TRAC = "trac"
    GITLAB = "gitlab"
    HP_ALM = "hp_alm"
    PT = "pt"
    MINGLE = "mingle"
    RATIONAL = "rational"


class Part(StrEnum):
    """What a parameter means, whatever its system calls it."""

    SERVER = "server"
    PROJECT = "project"
    OWNER = "owner"
    ACCOUNT = "account"
    SECRET = "secret"  # noqa: S105 - the name of a part


class Form(StrEnum):
    """How a parameter is written and checked; the words are those of the self-describing form schema."""

    TEXT = "string"
    MASKED = "masked_string"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One named value of a system's credentials. `aliases` are the names other documents use for it."""

    name: str
    part: Part
    label: str
    help: str = ""
    placeholder: str = ""
    required: bool = True
    max_length: int = 255
    aliases: tuple[str, ...] = ()

    @property
    def form(self) -> Form:
        return Form.MASKED if self.part is Part.SECRET else Form.TEXT


@dataclass(frozen=True, slots=True)
class System:
    """A kind of external tracker. `available` systems can be talked to; the others are stored and listed only."""

    id: SystemId
    name: str
    short_name: str
    credentials: tuple[Parameter, ...] = ()
    available: bool = False
    scannable: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """Where a project is and how to get in. `server` is an address, or a bare organization name for Azure DevOps."""

    system: SystemId
    server: str
    project: str = ""
    owner: str = ""
    account: str = ""
    secret: str = field(default="", repr=False)


SYSTEMS: tuple[System, ...] = (
    System(
        SystemId.AZURE_DEVOPS,
        name="Azure DevOps",
        short_name="Azure DevOps",
        available=True,
        scannable=True,
        aliases=("tfs",),
        credentials=(
            Parameter(
                "organization_url",
                Part.SERVER,
                "Organization",
                help="Name or address of the organization.",
                placeholder="https://dev.azure.com/yourorg",
                max_length=500,
                aliases=("org", "organization"),
            ),
            Parameter("project", Part.PROJECT, "Project", placeholder="YourProject"),
            Parameter(
                "personal_access_token",
                Part.SECRET,
                "Personal access token",
                help="Needs Work Items (Read) and Project and Team (Read). An OAuth bearer token works as well.",
                max_length=8_000,
                aliases=("pat",),
            ),
        ),
    ),
    System(
        SystemId.JIRA,
        name="JIRA",
        short_name="JIRA",
        available=True,
        credentials=(
            Parameter("base_url", Part.SERVER, "Site", placeholder="https://yourorg.atlassian.net", max_length=500),
            Parameter("email", Part.ACCOUNT, "E-mail", placeholder="migration@company.com"),
            Parameter("api_token", Part.SECRET, "API token", max_length=8_000),
            Parameter("project_key", Part.PROJECT, "Project key", placeholder="PROJ", aliases=("project",)),
        ),
    ),
    System(
        SystemId.GITHUB,
        name="GitHub",
        short_name="GitHub",
        available=True,
        scannable=True,
        credentials=(
            Parameter("owner", Part.OWNER, "Owner"),
            Parameter("repository", Part.PROJECT, "Repository"),
            Parameter("token", Part.SECRET, "Token", max_length=8_000),
            Parameter(
                "api_url",
                Part.SERVER,
                "API address",
                help="Only for GitHub Enterprise Server.",
                required=False,
                max_length=500,
            ),
        ),
    ),
    System(SystemId.RALLY, name="CA Agile Central (formerly Rally)", short_name="CA Agile Central"),
    System(SystemId.TRAC, name="Trac", short_name="Trac"),
    System(SystemId.GITLAB, name="GitLab", short_name="GitLab"),
    System(SystemId.HP_ALM, name="HP ALM", short_name="HP ALM"),
    System(SystemId.PT, name="PivotalTracker", short_name="PivotalTracker"),
    System(SystemId.MINGLE, name="Mingle", short_name="Mingle"),
    System(SystemId.RATIONAL, name="IBM Rational Team Concert", short_name="IBM RTC"),
)
_BY_NAME = {each.id.value: each for each in SYSTEMS} | {alias: each for each in SYSTEMS for alias in each.aliases}


def invalid(errors: Mapping[str, list[str]]) -> DomainError:
    """A validation error in the form every surface words for itself."""
    return DomainError("VALIDATION_FAILED", "The request is not valid", errors=errors)


def find_system(name: str) -> System:
    """The system of that id or alias. Raises DomainError SYSTEM_UNKNOWN."""
    found = _BY_NAME.get(name)
    if found is None:
        known = ", ".join(each.id.value for each in SYSTEMS if each.credentials)
        words = f"{name[:60]!r} is no system we know; use one of: {known}"
        raise DomainError("SYSTEM_UNKNOWN", words, errors={"type": [words]})
    return found


def require_available(system: System) -> None:
    """Raise DomainError SYSTEM_NOT_RUNNABLE for a system that is stored and listed only, SYSTEM_NOT_AVAILABLE for one
    that this version cannot talk to yet."""
    if not system.credentials:
        raise DomainError(
            "SYSTEM_NOT_RUNNABLE", f"{system.name} can be stored, but not tested, scanned, run or synchronized"
        )
    if not system.available:
        raise DomainError("SYSTEM_NOT_AVAILABLE", f"{system.name} is not available in this version")


def require_scannable(system: System) -> None:
    """Raise DomainError SYSTEM_NOT_RUNNABLE, SYSTEM_NOT_AVAILABLE or SYSTEM_NOT_SCANNABLE."""
    require_available(system)
    if not system.scannable:
        raise DomainError(
            "SYSTEM_NOT_SCANNABLE", f"{system.name} is a target: it can be tested, and scans read sources"
        )


def read_access(
    system: System, data: Mapping[str, object], *, within: str = "credentials", project_optional: bool = False
) -> Access:
    """Documented credentials as an `Access`, blanks round values removed, addresses in their normal form.

    Names the system does not know are ignored. Raises DomainError VALIDATION_FAILED naming every missing or
    malformed value below `within`.
    """
    errors: dict[str, list[str]] = {}
    values: dict[Part, str] = {}
    for parameter in system.credentials:
        optional = not parameter.required or (project_optional and parameter.part is Part.PROJECT)
        try:
            values[parameter.part] = _read_value(parameter, data, optional=optional)
        except ValueError as problem:
            errors[f"{within}.{parameter.name}" if within else parameter.name] = [str(problem)]
    if errors:
        raise invalid(errors)
    return Access(
        system=system.id,
        server=values.get(Part.SERVER, ""),
        project=values.get(Part.PROJECT, ""),
        owner=values.get(Part.OWNER, ""),
        account=values.get(Part.ACCOUNT, ""),
        secret=values.get(Part.SECRET, ""),
    )


def write_access(access: Access) -> dict[str, str]:
    """The documented credentials of an access, the secret masked, optional parts that are empty left out."""
    values = {
        Part.SERVER: access.server,
        Part.PROJECT: access.project,
        Part.OWNER: access.owner,
        Part.ACCOUNT: access.account,
        Part.SECRET: MASK if access.secret else "",
    }
    return {
        parameter.name: values[parameter.part]
        for parameter in find_system(access.system).credentials
        if values[parameter.part] or parameter.required
    }


def keep_secret(new: Access, stored: Access, *, within: str = "credentials") -> Access:
    """`new` with the stored secret where it holds the mask.

    A secret goes only where it was given for: with another server or account the mask is refused, or anybody who
    may edit a connector could have the secret sent to a host of their own. Raises DomainError VALIDATION_FAILED.
    """
    if new.secret != MASK:
        return new
    secret_name = next(each.name for each in find_system(new.system).credentials if each.part is Part.SECRET)
    name = f"{within}.{secret_name}" if within else secret_name
    if (new.system, new.server, new.account) != (stored.system, stored.server, stored.account):
        raise invalid({name: ["Enter it again: the server or the account has changed."]})
    if not stored.secret:
        raise invalid({name: [REQUIRED_TEXT]})
    return replace(new, secret=stored.secret)


def _read_value(parameter: Parameter, data: Mapping[str, object], *, optional: bool) -> str:
    value = next((data[name] for name in (parameter.name, *parameter.aliases) if data.get(name) is not None), "")
    if not isinstance(value, str):
        raise ValueError("Not a valid string.")
    text = value.strip()
    if not text:
        if optional:
            return ""
        raise ValueError(REQUIRED_TEXT)
    if len(text) > parameter.max_length:
        raise ValueError(f"Ensure this field has no more than {parameter.max_length} characters.")
    if _CONTROL.search(text):
        raise ValueError("Control characters are not allowed.")
    if parameter.part is Part.SECRET and not (text.isascii() and " " not in text):
        raise ValueError("A token has no blanks and no letters outside ASCII.")
    return _normal_server(parameter, text) if parameter.part is Part.SERVER else text


def _normal_server(parameter: Parameter, text: str) -> str:
    if "://" not in text:
        if parameter.name == "organization_url" and _AZURE_NAME.match(text):
            return text
        text = f"https://{text}"
    return normal_address(text)


def normal_address(text: str) -> str:
    """An address without trailing slash, query and what people copy along with it from a browser.

    Raises ValueError with words for a person.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("Enter a valid address.") from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in ("http", "https") or not _is_host(host):
        raise ValueError("Enter a valid address.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("An address must not contain credentials.")
    segments = [segment for segment in parts.path.split("/") if segment]
    if host == _AZURE_HOST:
        if not segments:
            raise ValueError("The address lacks the organization: https://dev.azure.com/yourorg")
        segments = segments[:1]
    elif host.endswith((_JIRA_CLOUD, ".visualstudio.com")):
        segments = []
    shown = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else "")
    return "/".join([origin, *segments])


def _is_host(host: str) -> bool:
    """A name or address that could be one; whether it may be contacted is the address guard's decision."""
    return bool(host) and len(host) <= 253 and not re.search(r"[\s/\\%<>\"'^`{|}]", host)
