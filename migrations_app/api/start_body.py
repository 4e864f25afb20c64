"""The body of a start call, as documented, and what it asks for in the service's terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from connectors.domain.errors import DomainError
from connectors.domain.ports import ItemFilter
from connectors.domain.systems import Access, SystemId, find_system, invalid, read_access
from migrations_app.engine.config import RunOptions
from migrations_app.engine.state import RunType
from migrations_app.run_config import StartRequest
from migrations_app.services import NewCredentials

SOURCE, TARGET, OPTIONS = "enginePayload.source", "enginePayload.target", "enginePayload.options"
_DOCUMENTED_NAMES = {"organization_url": "org", "personal_access_token": "pat"}
_DEFAULTS = RunOptions()
LARGEST_SAMPLE = 1000


class TrueOrFalse(serializers.BooleanField):
    """JSON's own two values. A word that only looks like one, in a call that writes to two systems, is a mistake."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class TextMap(serializers.DictField):
    """An object of texts. Its names are stored as well, so they must be as well formed as its values."""

    child = serializers.CharField(max_length=500)
    name_field = serializers.CharField(max_length=500)

    def to_internal_value(self, data: Any) -> Any:
        texts = super().to_internal_value(data)
        return {self.name_field.run_validation(name): text for name, text in texts.items()}


class KnownNames(serializers.Serializer[None]):
    """Refuses names that it does not know: a filter that is spelt wrong and ignored would move everything."""

    unknown = "Unknown name. There are {}."

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            words = [self.unknown.format(", ".join(self.fields))]
            unknown = {str(name): words for name in data if name not in self.fields}
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class MigrationsSource(KnownNames):
    """Where items come from: an Azure DevOps project by `org`, `project` and `pat`, or a GitHub repository by `owner`,
    `repository` and `token`. Without credentials it is the project's source connector."""

    org = serializers.CharField(max_length=500, required=False, help_text="Name or address of the organization.")
    organization_url = serializers.CharField(max_length=500, required=False, help_text="Another name for `org`.")
    project = serializers.CharField(max_length=255, required=False)
    pat = serializers.CharField(
        max_length=8_000, required=False, write_only=True, help_text="Personal access token or OAuth bearer token."
    )
    personal_access_token = serializers.CharField(max_length=8_000, required=False, write_only=True)
    owner = serializers.CharField(max_length=255, required=False, help_text="GitHub: who the repository belongs to.")
    repository = serializers.CharField(max_length=255, required=False)
    token = serializers.CharField(max_length=8_000, required=False, write_only=True)
    api_url = serializers.CharField(max_length=500, required=False, help_text="Only for GitHub Enterprise Server.")
    area_filter = serializers.CharField(
        max_length=4_000, required=False, allow_null=True, allow_blank=True, help_text="An area path with its subtree."
    )
    type_filter = serializers.CharField(
        max_length=4_000, required=False, allow_null=True, allow_blank=True, help_text="Types, separated by commas."
    )


class MigrationsTarget(KnownNames):
    """Where items go: a Jira project by `base_url`, `email`, `api_token` and `project_key`, or a GitHub repository.
    Without credentials it is the project's target connector."""

    base_url = serializers.CharField(max_length=500, required=False)
    email = serializers.CharField(max_length=255, required=False)
    api_token = serializers.CharField(max_length=8_000, required=False, write_only=True)
    project_key = serializers.CharField(max_length=255, required=False)
    owner = serializers.CharField(max_length=255, required=False, help_text="GitHub: who the repository belongs to.")
    repository = serializers.CharField(max_length=255, required=False)
    token = serializers.CharField(max_length=8_000, required=False, write_only=True)
    api_url = serializers.CharField(max_length=500, required=False, help_text="Only for GitHub Enterprise Server.")


class MigrationsOptions(KnownNames):
    """How items are moved; unknown options are refused, so that no wish is silently ignored."""

    unknown = "Unknown option."

    migrate_attachments = TrueOrFalse(required=False, help_text="Default: true.")
    migrate_comments = TrueOrFalse(required=False, help_text="Default: true.")
    migrate_links = TrueOrFalse(required=False, help_text="Default: true.")
    dry_run = TrueOrFalse(required=False, help_text="Default: false. Writes nothing to the target.")
    type_overrides = TextMap(required=False, help_text="Source type to target type.")
    state_overrides = TextMap(required=False, help_text="Source state to target status.")
    field_overrides = TextMap(required=False, help_text="Source field to target field, `description` or `none`.")
    people = TextMap(required=False, help_text="Source e-mail or name to target account id.")
    people_policy = serializers.ChoiceField(choices=["fallback", "unassigned"], required=False)
    create_missing_fields = TrueOrFalse(required=False, help_text="Default: false.")
    history = serializers.ChoiceField(choices=["none", "table", "json"], required=False)
    remote_links = TrueOrFalse(required=False, help_text="Default: false.")
    sample_size = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_SAMPLE)
    start_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Not before this time.")
    recreate_deleted = TrueOrFalse(required=False, help_text="Default: false. Items deleted in the target come again.")
    keep_mentions = TrueOrFalse(required=False, help_text="Default: false.")
    quick_verification = TrueOrFalse(required=False, help_text="Default: false.")

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            data = {name: value for name, value in data.items() if value is not None or name not in self.fields}
        return super().to_internal_value(data)


class MigrationsPayload(KnownNames):
    source = MigrationsSource(required=False, allow_null=True)  # type: ignore[assignment]
    target = MigrationsTarget(required=False, allow_null=True)
    options = MigrationsOptions(required=False, allow_null=True)


class MigrationsStart(serializers.Serializer[None]):
    """`enginePayload` may be left out when the project has both connectors."""

    type = serializers.ChoiceField(choices=[each.value for each in RunType])
    enginePayload = MigrationsPayload(required=False, allow_null=True)


class MigrationsNewSecrets(serializers.Serializer[None]):
    """New credentials for a run that was started with credentials of its own."""

    source = MigrationsSource(required=False, allow_null=True)  # type: ignore[assignment]
    target = MigrationsTarget(required=False, allow_null=True)


class MigrationsResume(serializers.Serializer[None]):
    """May be empty."""

    enginePayload = MigrationsNewSecrets(required=False, allow_null=True)


def start_request(body: Mapping[str, Any]) -> StartRequest:
    """What a valid start body asks for. Raises DomainError VALIDATION_FAILED naming every missing part of
    credentials that were begun."""
    payload = body.get("enginePayload") or {}
    source, target = payload.get("source") or {}, payload.get("target") or {}
    options = dict(payload.get("options") or {})
    start_at = options.pop("start_at", None)
    errors: dict[str, list[str]] = {}
    reached = _begun(source, SystemId.AZURE_DEVOPS, within=SOURCE, errors=errors)
    written = _begun(target, SystemId.JIRA, within=TARGET, errors=errors)
    if errors:
        raise invalid(errors)
    return StartRequest(
        type=RunType(body["type"]),
        source=reached,
        target=written,
        source_project=source.get("project") or source.get("repository", ""),
        target_project=target.get("project_key") or target.get("repository", ""),
        selection=ItemFilter(area=_text(source, "area_filter") or None, types=_types(source)),
        options=RunOptions(**options),
        start_at=start_at,
    )


def new_credentials(body: Mapping[str, Any]) -> NewCredentials | None:
    """What a resume body brings, if anything."""
    payload = body.get("enginePayload") or {}
    source, target = payload.get("source") or {}, payload.get("target") or {}
    if not source and not target:
        return None
    pat = source.get("pat") or source.get("personal_access_token") or source.get("token")
    return NewCredentials(pat=pat, api_token=target.get("api_token") or target.get("token"), email=target.get("email"))


_BEGINNINGS: Mapping[SystemId, frozenset[str]] = {
    SystemId.AZURE_DEVOPS: frozenset({"org", "organization_url", "pat", "personal_access_token"}),
    SystemId.JIRA: frozenset({"base_url", "email", "api_token"}),
    SystemId.GITHUB: frozenset({"owner", "token", "api_url"}),
}
"""Names of which any one begins the credentials of a system."""


def _begun(data: Mapping[str, object], usual: SystemId, *, within: str, errors: dict[str, list[str]]) -> Access | None:
    """The access of the system whose credentials were begun, None where it is the project's connector."""
    for system in (usual, SystemId.GITHUB):
        if data.keys() & _BEGINNINGS[system]:
            return _access(system, data, within=within, errors=errors)
    return None


def _access(
    system: SystemId, data: Mapping[str, object], *, within: str, errors: dict[str, list[str]]
) -> Access | None:
    try:
        return read_access(find_system(system), data, within="")
    except DomainError as error:
        errors |= {f"{within}.{_DOCUMENTED_NAMES.get(name, name)}": texts for name, texts in error.errors.items()}
        return None


def _text(data: Mapping[str, Any], name: str) -> str:
    return (data.get(name) or "").strip()


def _types(source: Mapping[str, Any]) -> tuple[str, ...]:
    names = (name.strip() for name in _text(source, "type_filter").split(","))
    return tuple(dict.fromkeys(name for name in names if name))
