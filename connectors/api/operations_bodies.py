"""Bodies of the operations surface. Names and casing are the documents'; secrets only ever come in."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from connectors.domain.systems import MASK, Access, write_access
from connectors.models import Connector, Health, Scan, ScanStatus
from connectors.queries import LARGEST_ID

_CREDENTIALS_HELP = (
    "azure_devops: organization_url, project, personal_access_token. jira: base_url, email, api_token, project_key. "
    "Secrets are never answered."
)


class CredentialsField(serializers.DictField):
    """An object of named values; the registry of systems says which and judges them."""

    child = serializers.JSONField()

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": _CREDENTIALS_HELP, **options})


class OperationsAccess(serializers.Serializer[None]):
    """What to test or scan: a type with credentials, or a stored connector."""

    type = serializers.CharField(max_length=60, required=False, help_text="azure_devops, jira or github.")
    credentials = CredentialsField(required=False, write_only=True)
    connectorId = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_ID, help_text="A stored connector, instead of credentials."
    )
    project = serializers.CharField(
        max_length=255, required=False, allow_blank=True, help_text="Instead of the connector's default project."
    )


class OperationsTestMetadata(serializers.Serializer[None]):
    organisation = serializers.CharField()
    project = serializers.CharField()
    itemCount = serializers.IntegerField()


class OperationsTestAnswer(serializers.Serializer[None]):
    """`metadata` when the connection works, `code` when it does not."""

    success = serializers.BooleanField()
    message = serializers.CharField()
    code = serializers.CharField(required=False)
    metadata = OperationsTestMetadata(required=False)


class OperationsIteration(serializers.Serializer[None]):
    path = serializers.CharField()
    startDate = serializers.DateField(allow_null=True)
    endDate = serializers.DateField(allow_null=True)
    itemCount = serializers.IntegerField()


class OperationsArea(serializers.Serializer[None]):
    path = serializers.CharField()
    depth = serializers.IntegerField(help_text="Segments of the path, the project included.")
    itemCount = serializers.IntegerField()


class OperationsCustomField(serializers.Serializer[None]):
    referenceName = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField()
    itemCount = serializers.IntegerField()


class OperationsPricing(serializers.Serializer[None]):
    totalItems = serializers.IntegerField()
    attachmentGb = serializers.FloatField()
    basePrice = serializers.FloatField()
    discountPercent = serializers.FloatField()
    finalPriceGbp = serializers.FloatField()
    currency = serializers.CharField()


class OperationsUser(serializers.Serializer[None]):
    id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()
    active = serializers.BooleanField()
    created = serializers.IntegerField()
    assigned = serializers.IntegerField()


class OperationsEstimate(serializers.Serializer[None]):
    requests = serializers.IntegerField()
    durationSeconds = serializers.IntegerField()


class OperationsFinding(serializers.Serializer[None]):
    severity = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    count = serializers.IntegerField()
    sampleIds = serializers.ListField(child=serializers.CharField())


class OperationsReport(serializers.Serializer[Any]):
    """The audit report. The sum of `typeCounts` is `totalWorkItems`."""

    scanId = serializers.UUIDField()
    totalWorkItems = serializers.IntegerField()
    typeCounts = serializers.DictField(child=serializers.IntegerField(), required=False)
    iterationPaths = OperationsIteration(many=True, required=False)
    areaPaths = OperationsArea(many=True, required=False)
    customFields = OperationsCustomField(many=True, required=False)
    attachmentTotalGb = serializers.FloatField(required=False)
    attachmentCount = serializers.IntegerField(required=False)
    commentCount = serializers.IntegerField(required=False)
    pricing = OperationsPricing(required=False)
    stateCounts = serializers.DictField(child=serializers.IntegerField(), required=False)
    relationCounts = serializers.DictField(child=serializers.IntegerField(), required=False)
    depthCounts = serializers.DictField(child=serializers.IntegerField(), required=False)
    tagCounts = serializers.DictField(child=serializers.IntegerField(), required=False)
    users = OperationsUser(many=True, required=False)
    estimate = OperationsEstimate(required=False)
    findings = OperationsFinding(many=True, required=False)


class OperationsScanAnswer(OperationsReport):
    """The report, or `status` PENDING with the scan to poll."""

    status = serializers.CharField(required=False)


class OperationsAudit(OperationsReport):
    """A scan's progress; the report's keys stand beside it once `status` is COMPLETED."""

    totalWorkItems = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(choices=ScanStatus.choices)
    progressPercent = serializers.IntegerField()
    error = serializers.CharField(allow_null=True)
    code = serializers.CharField(required=False, help_text="Only of a failed scan.")


class OperationsHealth(serializers.Serializer[None]):
    status = serializers.ChoiceField(choices=Health.choices)
    code = serializers.CharField()
    message = serializers.CharField()
    checkedAt = serializers.DateTimeField(allow_null=True)


class OperationsNewConnector(serializers.Serializer[None]):
    """A connector to be stored."""

    type = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)
    credentials = CredentialsField(write_only=True)
    inaccessible = serializers.BooleanField(default=False)


class OperationsConnectorChanges(serializers.Serializer[None]):
    """What may be changed of a connector."""

    name = serializers.CharField(max_length=200, required=False)
    credentials = CredentialsField(required=False, write_only=True)
    inaccessible = serializers.BooleanField(required=False)


class OperationsConnector(serializers.Serializer[Any]):
    """A stored connector as it is answered."""

    id = serializers.IntegerField()
    type = serializers.CharField()
    name = serializers.CharField()
    credentials = serializers.DictField(child=serializers.CharField(), help_text="Secrets are masked.")
    inaccessible = serializers.BooleanField()
    runnable = serializers.BooleanField()
    health = OperationsHealth()
    credentialsExpireAt = serializers.DateTimeField(
        allow_null=True, help_text="Where the platform tells, known after a test."
    )
    createdBy = serializers.CharField(allow_null=True)
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField()


def show_connector(connector: Connector) -> dict[str, Any]:
    """A connector as answered. Whether its secret can still be decrypted makes no difference: it is not looked at."""
    access = Access(
        system=connector.system_id,
        server=connector.server,
        project=connector.default_project,
        owner=connector.owner,
        account=connector.account,
        secret=MASK if connector.sealed_credentials else "",
    )
    return {
        "id": connector.pk,
        "type": connector.system,
        "name": connector.name,
        "credentials": write_access(access),
        "inaccessible": connector.inaccessible,
        "runnable": connector.runnable,
        "health": {
            "status": connector.health,
            "code": connector.health_code,
            "message": connector.health_message,
            "checkedAt": connector.checked_at,
        },
        "credentialsExpireAt": connector.credentials_expire_at,
        "createdBy": connector.created_by.email if connector.created_by else None,
        "createdAt": connector.created_at,
        "updatedAt": connector.updated_at,
    }


def show_scan(scan: Scan) -> dict[str, Any]:
    """A scan as the audit endpoint answers it."""
    shown: dict[str, Any] = {
        "scanId": str(scan.pk),
        "status": scan.status,
        "progressPercent": scan.progress_percent,
        "error": scan.error_message or None,
    }
    if scan.status == ScanStatus.FAILED:
        shown["code"] = scan.error_code
    if scan.status == ScanStatus.COMPLETED and scan.report is not None:
        shown |= scan.report
    return shown
