"""Deciphering answers, from recordings of the real service and from bodies that others reported."""

from __future__ import annotations

import json

import pytest

from connectors.clients.azure_devops.answers import BAD_TOKEN, Code, describe, read_json, read_values, refusal
from connectors.clients.calls import Answer
from connectors.domain.errors import AccessLost, Missing, NotSent, PlatformError, Refused
from tests.connectors.clients.azure_devops.recordings import recorded, recorded_answer

JSON = {"content-type": "application/json; charset=utf-8"}
HTML = {"content-type": "text/html; charset=utf-8"}


def error(message: str, key: str = "VssServiceException", *, status: int = 400, **more: object) -> Answer:
    body = {"$id": "1", "innerException": None, "message": message, "typeKey": key, "errorCode": 0, "eventId": 3000}
    return Answer(status, JSON, json.dumps({**body, **more}).encode())


def test_every_recorded_answer_is_read_or_is_a_platform_error() -> None:
    read, refused = 0, 0
    for _, _, answer in recorded():
        try:
            read_json(answer)
            read += 1
        except PlatformError as problem:
            assert str(problem)
            assert not answer.ok
            refused += 1

    assert (read, refused) == (95, 9)


def test_json_may_start_with_a_byte_order_mark() -> None:
    assert read_json(Answer(200, JSON, b"\xef\xbb\xbf" + b'{"a": 1}')) == {"a": 1}


def test_a_recorded_stopped_organization_tells_why() -> None:
    answer = recorded_answer("OPTIONS", "fabrikam-cli/_apis", status=503)

    assert describe(answer).startswith("TF24668: The following team project collection is stopped")
    assert describe(Answer(503, JSON, b"\xef\xbb\xbf" + answer.body)) == describe(answer)


def test_nulls_in_a_batch_are_unreadable_items() -> None:
    body = b'{"count":3,"value":[{"id":1},null,{"id":3}]}'

    assert [item["id"] for item in read_values(Answer(200, JSON, body))] == [1, 3]


def test_the_recycle_bin_answers_a_bare_array() -> None:
    assert read_values(Answer(200, JSON, b'[{"id":"92","url":"x"}]')) == [{"id": "92", "url": "x"}]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(203, HTML, b"<html>Sign In</html>"),
        Answer(203, JSON, b"{}"),
        Answer(
            302, {**HTML, "location": "https://spsprodcus1.vssps.visualstudio.com/_signin?realm=x"}, b"Object moved"
        ),
        Answer(200, HTML, b"<html>Sign In</html>"),
        Answer(401, HTML, b"<html>401</html>"),
        Answer(401, {}, b""),
    ],
)
def test_sign_in_pages_in_every_disguise_are_refused_credentials(answer: Answer) -> None:
    with pytest.raises(AccessLost) as caught:
        read_json(answer)

    assert (caught.value.code, str(caught.value)) == (Code.CREDENTIALS_REFUSED, BAD_TOKEN)


def test_an_expired_bearer_is_told_in_json() -> None:
    answer = error(
        "TF400813: The user '' is not authorized to access this resource.", "UnauthorizedRequestException", status=401
    )

    problem = refusal(answer)

    assert isinstance(problem, AccessLost)
    assert problem.message.startswith("TF400813")


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (error("TF401232: Work item 7 does not exist", status=404), Missing, Code.ITEM_NOT_FOUND),
        (
            error(
                "TF200016: The following project does not exist: x", "ProjectDoesNotExistWithNameException", status=404
            ),
            Missing,
            Code.PROJECT_NOT_FOUND,
        ),
        (error("gone", "ProjectDoesNotExistException", status=404), Missing, Code.PROJECT_NOT_FOUND),
        (Answer(404, HTML, b"<html>404</html>"), Missing, Code.ORGANIZATION_NOT_FOUND),
        (Answer(404, {"content-type": "text/plain"}, b"The controller"), Missing, Missing.default_code),
        (error("VS403474: You requested 201 work items"), Refused, Code.BATCH_TOO_LARGE),
        (
            error("VS402337: too many", "WorkItemTrackingQueryResultSizeLimitExceededException"),
            Refused,
            Code.QUERY_TOO_LARGE,
        ),
        (error("too many", "WorkItemTrackingQueryResultSizeLimitExceededException"), Refused, Code.QUERY_TOO_LARGE),
        (error("VS402335: The query ran too long"), Refused, Code.QUERY_TIMEOUT),
        (error("VS403351: Test Operation for path /rev failed.", status=412), Refused, Code.REVISION_CHANGED),
        (error("TF51535: Cannot find field Custom.X."), Refused, Code.FIELD_UNKNOWN),
        (error("TF401347: Invalid tree name"), Refused, Code.PATH_INVALID),
        (error("TF51011: The specified area path does not exist."), Refused, Code.PATH_INVALID),
        (error("TF237082: The file is larger than 60.000 MB(s)"), Refused, Code.ATTACHMENT_TOO_LARGE),
        (Answer(413, HTML, b"<html>"), Refused, Code.ATTACHMENT_TOO_LARGE),
        (error("TF50309: no permission", "AccessCheckException", status=403), AccessLost, Code.PERMISSION_MISSING),
        (error("Something new"), Refused, Code.REFUSED),
        (Answer(400, {}, b""), Refused, Code.REFUSED),
        (Answer(400, JSON, b"{broken"), Refused, Code.REFUSED),
    ],
)
def test_refusals_by_type_and_number(answer: Answer, kind: type[PlatformError], code: str) -> None:
    problem = refusal(answer)

    assert (type(problem), problem.code, problem.status) == (kind, code, answer.status)
    assert problem.message


def test_a_broken_rule_names_its_fields() -> None:
    rules = [{"fieldReferenceName": "System.State", "errorMessage": "'Nope' is not allowed"}, {"other": 1}]
    answer = error("TF401320: Rule Error", "RuleValidationException", customProperties={"RuleValidationErrors": rules})

    problem = refusal(answer)

    assert isinstance(problem, Refused)
    assert (problem.code, problem.fields) == (Code.RULE_BROKEN, {"System.State": "'Nope' is not allowed"})


def test_recorded_refusals() -> None:
    project = refusal(recorded_answer("POST", "/_apis/wit/workItems/$Task", status=404))
    settings = refusal(recorded_answer("PATCH", "teamfieldvalues", status=400))

    assert (project.code, project.message.partition(":")[0]) == (Code.PROJECT_NOT_FOUND, "TF200016")
    assert (settings.code, settings.message) == (Code.REFUSED, "DefaultValue")


def test_a_good_answer_that_is_no_json_is_asked_for_again() -> None:
    with pytest.raises(NotSent):
        read_json(Answer(200, JSON, b"{cut"))


def test_an_empty_good_answer_is_an_empty_object() -> None:
    assert read_json(Answer(204, {}, b"")) == {}
