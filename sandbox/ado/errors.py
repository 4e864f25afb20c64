"""Refusals with the service's own bodies: status, `typeKey` and the TF or VS code in the message."""

from __future__ import annotations

from sandbox.http import Response, dump_json

_CORE = "Microsoft.TeamFoundation.Core.WebApi"
_WIT = "Microsoft.TeamFoundation.WorkItemTracking.Server"
_VSS = "Microsoft.VisualStudio.Services.Common"

WORK_TRACKING_EVENT = 3200


class ApiError(Exception):
    """A refusal on its way to the caller."""

    def __init__(
        self,
        status: int,
        type_key: str,
        message: str,
        *,
        namespace: str = _WIT,
        event: int = 3000,
        properties: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.type_key = type_key
        self.message = message
        self.namespace = namespace
        self.event = event
        self.properties = properties
        self.headers = headers or {}

    def body(self) -> dict[str, object]:
        """The wrapped exception as the service serialises it."""
        wrapped: dict[str, object] = {"$id": "1"}
        if self.properties:
            wrapped["customProperties"] = self.properties
        return {
            **wrapped,
            "innerException": None,
            "message": self.message,
            "typeName": f"{self.namespace}.{self.type_key}, {self.namespace}",
            "typeKey": self.type_key,
            "errorCode": 0,
            "eventId": self.event,
        }

    def response(self) -> Response:
        """The answer to send."""
        headers = {"Content-Type": "application/json; charset=utf-8", **self.headers}
        return Response(self.status, headers, dump_json(self.body()))


def item_not_found(item_id: object) -> ApiError:
    return ApiError(
        404,
        "WorkItemUnauthorizedAccessException",
        f"TF401232: Work item {item_id} does not exist, or you do not have permissions to read it.",
        event=WORK_TRACKING_EVENT,
    )


def project_not_found(name: str) -> ApiError:
    return ApiError(
        404,
        "ProjectDoesNotExistWithNameException",
        f"TF200016: The following project does not exist: {name}. Verify that the name of the project is correct "
        "and that the project exists on the specified Azure DevOps Server.",
        namespace=_CORE,
    )


def team_not_found(name: str) -> ApiError:
    return ApiError(
        404,
        "TeamNotFoundException",
        f"TF400813: The team with id '{name}' does not exist.",
        namespace=_CORE,
    )


def organization_not_found(name: str) -> ApiError:
    return ApiError(
        404,
        "HostDoesNotExistException",
        f"The organization {name} does not exist, or it is not available.",
        namespace="Microsoft.TeamFoundation.Framework.Server",
    )


def collection_stopped(name: str) -> ApiError:
    return ApiError(
        503,
        "VssServiceException",
        f"TF24668: The following team project collection is stopped: {name}. Start the collection and then try "
        "again. Administrator Reason: This Azure DevOps organization has been deactivated due to inactivity.",
        namespace=_VSS,
    )


def unauthorized() -> ApiError:
    return ApiError(
        401,
        "UnauthorizedRequestException",
        "TF400813: The user '' is not authorized to access this resource.",
        namespace="Microsoft.TeamFoundation.Framework.Server",
    )


def bad_request(message: str, type_key: str = "VssPropertyValidationException") -> ApiError:
    return ApiError(400, type_key, message, namespace=_VSS)


def too_many_ids(number: int) -> ApiError:
    return bad_request(f"VS403474: You requested {number} work items which exceeds the limit of 200.")


def conflicting_parameters() -> ApiError:
    return bad_request(
        "The expand parameter can not be used with the fields parameter.", "ConflictingParametersException"
    )


def query_too_large(limit: int) -> ApiError:
    return ApiError(
        400,
        "WorkItemTrackingQueryResultSizeLimitExceededException",
        "VS402337: The number of work items returned exceeds the size limit of "
        f"{limit}. Change the query to return fewer items.",
        event=WORK_TRACKING_EVENT,
    )


def query_invalid(problem: str) -> ApiError:
    return ApiError(
        400,
        "SyntaxErrorException",
        f"TF51006: The query statement is not valid. {problem}",
        event=WORK_TRACKING_EVENT,
    )


def field_not_found(name: str) -> ApiError:
    return ApiError(
        400,
        "WorkItemTrackingFieldDefinitionNotFoundException",
        f"TF51535: Cannot find field {name}.",
        event=WORK_TRACKING_EVENT,
    )


def type_not_found(name: str, project: str) -> ApiError:
    return ApiError(
        404,
        "WorkItemTypeNotFoundException",
        f"VS402323: Work item type {name} does not exist in project {project} or you do not have permission "
        "to access it.",
        event=WORK_TRACKING_EVENT,
    )


def node_not_found(path: str) -> ApiError:
    return ApiError(
        404,
        "ClassificationNodeNotFoundException",
        f"TF200026: The following classification node does not exist: {path}.",
        event=WORK_TRACKING_EVENT,
    )


def invalid_tree_name(item_id: int, field: str) -> ApiError:
    code = "TF401347" if field == "System.AreaPath" else "TF401346"
    return ApiError(
        400,
        "WorkItemInvalidTreeNameException",
        f"{code}: Invalid tree name given for work item {item_id}, field '{field}'.",
        event=WORK_TRACKING_EVENT,
    )


def rule_broken(field: str, reference: str, code: str, flags: str) -> ApiError:
    """A field rule refused a value; `code` is the service's list of failed rules."""
    message = f"TF401320: Rule Error for field {field}. Error code: {code}."
    detail = {
        "fieldReferenceName": reference,
        "fieldStatusFlags": flags,
        "errorMessage": message,
        "fieldStatusCode": 524289,
        "ruleValidationErrors": None,
    }
    properties: dict[str, object] = {
        "FieldReferenceName": reference,
        "FieldStatusFlags": flags,
        "ErrorMessage": message,
        "FieldStatusCode": 524289,
        "RuleValidationErrors": [detail],
    }
    return ApiError(400, "RuleValidationException", message, event=WORK_TRACKING_EVENT, properties=properties)


def revision_test_failed(expected: object, actual: int) -> ApiError:
    return ApiError(
        412,
        "TestPatchOperationFailedException",
        f"VS403351: Test Operation for path /rev failed. Expected {expected}, found {actual}.",
        namespace=_VSS,
    )


def link_refused(code: str, problem: str) -> ApiError:
    return ApiError(400, "WorkItemLinkInvalidException", f"{code}: {problem}", event=WORK_TRACKING_EVENT)


def attachment_too_large(limit: int, status: int = 400) -> ApiError:
    megabytes = limit / 1024 / 1024
    return ApiError(
        status,
        "AttachmentExceedsMaxSizeException",
        "TF237082: The file you are trying to upload exceeds the supported file upload size. "
        f"The maximum is {megabytes:.3f} MB(s).",
        event=WORK_TRACKING_EVENT,
    )


def attachment_not_found(guid: str) -> ApiError:
    return ApiError(
        404,
        "AttachmentNotFoundException",
        f"TF237079: The attachment {guid} cannot be found.",
        event=WORK_TRACKING_EVENT,
    )


def comment_not_found(comment_id: object) -> ApiError:
    return ApiError(
        404,
        "WorkItemCommentNotFoundException",
        f"VS403681: Work item comment {comment_id} does not exist.",
        event=WORK_TRACKING_EVENT,
    )


def forbidden(message: str) -> ApiError:
    return ApiError(403, "WorkItemUnauthorizedAccessException", message, event=WORK_TRACKING_EVENT)


def version_not_specified(method: str) -> ApiError:
    return bad_request(
        f'No api-version was supplied for the "{method}" request. The version must be supplied either as part of '
        'the Accept header (e.g. "application/json; api-version=1.0") or as a query parameter '
        '(e.g. "?api-version=1.0").',
        "VssVersionNotSpecifiedException",
    )


def preview_required(version: str) -> ApiError:
    return bad_request(
        f'The requested version "{version}" of the resource is under preview. The -preview flag must be supplied '
        f'in the api-version for such requests. For example: "{version}-preview"',
        "VssInvalidPreviewVersionException",
    )


def version_out_of_range(version: str) -> ApiError:
    return bad_request(
        f"The requested REST API version of {version} is out of range for this server. The latest REST API "
        "version this server supports is 7.2.",
        "VssVersionOutOfRangeException",
    )


def media_type_refused(sent: str) -> ApiError:
    return ApiError(
        415,
        "VssServiceException",
        f'The request indicated a Content-Type of "{sent}" for method type which is not supported. Valid content '
        "types for this method are: application/json-patch+json.",
        namespace=_VSS,
    )


def throttled(seconds: int) -> ApiError:
    return ApiError(
        429,
        "VssServiceException",
        "TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource "
        "'Concurrency' in namespace 'User'. For more information on why your request was blocked, see the topic "
        '"Rate limits" on the Microsoft Web site.',
        namespace=_VSS,
        headers={"Retry-After": str(seconds)},
    )
