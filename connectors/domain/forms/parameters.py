"""Between the parameters of a request and what a connector is: an `Access`, further settings, further secrets.

The connector's own columns hold address, account and default project, whichever surface wrote them; the parameters
are made from these, so that a change by one surface is seen by all. Whatever else was sent is kept as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from connectors.domain.forms.catalogue import Form, form_of
from connectors.domain.forms.fields import LONGEST_TEXT, REQUIRED_TEXT, Field, as_text
from connectors.domain.forms.rules import title_words
from connectors.domain.systems import MASK, Access, SystemId, invalid, normal_address

METHOD, SERVER, CONTEXT_ROOT, PROJECT = "alm_method", "alm_server", "alm_context_root", "alm_project"
AUTH_MODE, TOKEN, OWNER = "alm_auth_mode", "alm_api_token", "github_repo_owner"
MOST_PARAMETERS = 100
WITHIN = "params"
DefaultServers = Mapping[SystemId, str]
"""The addresses at which bare names of a system are looked up."""
AGAIN = "Enter it again: the method, server, context root or user has changed."
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}")
_SOUNDS_SECRET = re.compile(r"pass(word|wd|phrase)?($|_)|token|secret|api_?key|credential|private_?key", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parameters:
    """A connector as its parameters make it. `secrets` are named values besides the one in `access`."""

    access: Access
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def place(self, default_servers: DefaultServers) -> tuple[str, ...]:
        """Where secrets go, and for whom: they are kept for this place only."""
        return (*_parts(self.access, default_servers), self.access.account)


def read_parameters(system: SystemId, data: Mapping[str, object]) -> Parameters:
    """Checked parameters. Raises DomainError VALIDATION_FAILED naming each missing or wrong one below `params`."""
    form = form_of(system)
    errors: dict[str, str] = {}
    if len(data) > MOST_PARAMETERS:
        raise invalid({WITHIN: [f"No more than {MOST_PARAMETERS} parameters."]})
    values = {field.name: _read_known(field, data, errors) for field in form.fields}
    others = {name: _read_other(name, value, errors) for name, value in data.items() if form.find(name) is None}
    secret_name, account_name = _credentials_of(form, values)
    for name in filter(None, (secret_name, account_name if form.token_mode else "")):
        if not values.get(name) and name not in errors:
            errors[name] = REQUIRED_TEXT
    _check_title_context(values, errors)
    server = _address(system, values, errors)
    if errors:
        raise invalid({f"{WITHIN}.{name}": [text] for name, text in errors.items()})
    access = Access(
        system=system,
        server=server,
        project=values[PROJECT],
        owner=values.get(OWNER, ""),
        account=values.get(account_name, ""),
        secret=values[secret_name],
    )
    taken = {METHOD, SERVER, CONTEXT_ROOT, PROJECT, OWNER, account_name, secret_name}
    rest = {name: value for name, value in (values | others).items() if value and name not in taken}
    secrets = {name: value for name, value in rest.items() if _is_secret(form, name)}
    return Parameters(access, {name: value for name, value in rest.items() if name not in secrets}, secrets)


def write_parameters(parameters: Parameters, *, default_servers: DefaultServers) -> dict[str, str]:
    """The parameters of a connector, secrets masked, empty ones left out."""
    access = parameters.access
    form = form_of(access.system)
    secret_name, account_name = _credentials_of(form, parameters.settings)
    method, server, root = _parts(access, default_servers)
    shown = {
        **{name: value for name, value in parameters.settings.items() if name != secret_name},
        **dict.fromkeys(parameters.secrets, MASK),
        METHOD: method,
        SERVER: server,
        CONTEXT_ROOT: root,
        PROJECT: access.project,
        OWNER: access.owner,
        account_name: access.account,
        secret_name: MASK if access.secret else "",
    }
    return {name: value for name, value in shown.items() if name and value}


def merge_parameters(
    stored: Parameters, changes: Mapping[str, object], *, default_servers: DefaultServers
) -> dict[str, object]:
    """What a partial change amounts to: the stored parameters, masked, with the changed ones; null removes one."""
    known: dict[str, object] = dict(write_parameters(stored, default_servers=default_servers))
    merged = known | dict(changes)
    return {name: value for name, value in merged.items() if value is not None}


def keep_secrets(new: Parameters, stored: Parameters | None, *, default_servers: DefaultServers) -> Parameters:
    """`new` with the stored secrets where it holds the mask.

    Raises DomainError VALIDATION_FAILED where there is nothing stored, or where the place has changed: a secret goes
    only where it was given for.
    """
    form = form_of(new.access.system)
    secret_name, _ = _credentials_of(form, new.settings)
    asked = {secret_name: new.access.secret, **new.secrets}
    masked = [name for name, value in asked.items() if value == MASK]
    if not masked:
        return new
    known: dict[str, str] = {}
    if stored is not None:
        stored_name, _ = _credentials_of(form, stored.settings)
        known = {**stored.secrets, stored_name: stored.access.secret}
    moved = stored is not None and new.place(default_servers) != stored.place(default_servers)
    errors = {f"{WITHIN}.{n}": [AGAIN if moved else REQUIRED_TEXT] for n in masked if moved or not known.get(n)}
    if errors:
        raise invalid(errors)
    kept = {name: known[name] if name in masked else value for name, value in asked.items()}
    return Parameters(replace(new.access, secret=kept.pop(secret_name)), new.settings, kept)


def _read_known(known: Field, data: Mapping[str, object], errors: dict[str, str]) -> str:
    try:
        return known.read(data.get(known.name))
    except ValueError as problem:
        errors[known.name] = str(problem)
        return ""


def _read_other(name: str, value: object, errors: dict[str, str]) -> str:
    """A name of another version or product: kept, when it is a name at all."""
    if not _NAME.fullmatch(name):
        raise invalid({WITHIN: [f"{name[:80]!r} is no name of a parameter."]})
    try:
        text = as_text(value)
    except ValueError as problem:
        errors[name] = str(problem)
        return ""
    if len(text) > LONGEST_TEXT:
        errors[name] = f"Ensure this field has no more than {LONGEST_TEXT} characters."
    return text


def _credentials_of(form: Form, values: Mapping[str, str]) -> tuple[str, str]:
    """The names of the secret and of the account that goes with it; a bearer token speaks for itself."""
    if form.token_mode and values.get(AUTH_MODE) == "api_token":
        return TOKEN, ""
    return form.secret, form.account


def _is_secret(form: Form, name: str) -> bool:
    known = form.find(name)
    return known.is_secret if known is not None else bool(_SOUNDS_SECRET.search(name))


def _check_title_context(values: Mapping[str, str], errors: dict[str, str]) -> None:
    for name in ("title_format", "alm_title_format"):
        template = values.get(name, "")
        if template and name not in errors and "context" in title_words(template) and not values.get("alm_context"):
            errors["alm_context"] = f"{name} uses $context: enter the text it stands for."


def _address(system: SystemId, values: Mapping[str, str], errors: dict[str, str]) -> str:
    if any(name in errors for name in (METHOD, SERVER, CONTEXT_ROOT)):
        return ""
    host, root = values[SERVER].rstrip("."), values[CONTEXT_ROOT].strip("/")
    if system is SystemId.AZURE_DEVOPS and host.lower().partition(":")[0] == "dev.azure.com" and not root:
        errors[CONTEXT_ROOT] = "Enter the organization: dev.azure.com serves many."
        return ""
    try:
        return normal_address(f"{values[METHOD]}://{host}/{root}")
    except ValueError as problem:
        errors[SERVER] = str(problem)
        return ""


def _parts(access: Access, default_servers: DefaultServers) -> tuple[str, str, str]:
    """Method, server and context root of an address; a bare name is a path on the system's own server."""
    address = access.server
    if "://" not in address:
        address = "/".join(part for part in (default_servers.get(access.system, "").rstrip("/"), address) if part)
    parts = urlsplit(address)
    return parts.scheme, parts.netloc, parts.path.strip("/")
