import pytest

from sandbox.ado.service import AdoService
from tests.sandbox.ado.client import HOST, Caller, add_item

SUPPRESS = {"X-TFS-FedAuthRedirect": "Suppress"}


@pytest.mark.parametrize("token", [None, "wrong", ""])
@pytest.mark.parametrize(
    ("method", "headers", "status", "content_type"),
    [
        ("GET", {}, 203, "text/html; charset=utf-8"),
        ("POST", {}, 203, "text/html; charset=utf-8"),
        ("GET", {"Accept": "text/html"}, 302, "text/html; charset=utf-8"),
        ("GET", SUPPRESS, 401, None),
        ("PATCH", {}, 401, "application/json; charset=utf-8"),
    ],
)
def test_a_bad_credential_is_refused_in_the_way_the_question_was_asked(
    service: AdoService, token: str | None, method: str, headers: dict[str, str], status: int, content_type: str | None
) -> None:
    answer = Caller(service, token=token).send(method, "_apis/projects", headers=headers)

    assert (answer.status_code, answer.headers.get("Content-Type")) == (status, content_type)


def test_a_redirect_leads_to_the_sign_in_page(service: AdoService) -> None:
    answer = Caller(service, token="wrong").send("GET", "_apis/projects", headers={"Accept": "text/html"})

    assert "_signin" in answer.headers["Location"]


def test_a_bearer_token_is_refused_with_a_code(service: AdoService) -> None:
    caller = Caller(service, token=None)

    answer = caller.send("GET", "_apis/projects", headers={"Authorization": "Bearer abc"})

    assert answer.status_code == 401
    assert answer.json()["typeKey"] == "UnauthorizedRequestException"
    assert "TF400813" in answer.json()["message"]


def test_connection_data_tells_the_anonymous_only_by_identity(service: AdoService) -> None:
    known = Caller(service).get("_apis/connectionData")
    anonymous = Caller(service, token=None).get("_apis/connectionData")

    assert known["authenticatedUser"]["providerDisplayName"] == "Sandbox Migrator"
    assert anonymous["authenticatedUser"]["id"] == "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
    assert Caller(service, token="wrong").send("GET", "_apis/connectionData").status_code == 203


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("POST", "P/_apis/wit/wiql", 401, b""),
        ("GET", "P/_apis/wit/workitemtypes", 401, b""),
        ("GET", "_apis/wit/workitems/1", 401, b""),
        ("POST", "_apis/wit/$batch", 401, b""),
        ("GET", "P/_apis/work/boards", 200, b'{"count":0,"value":[]}'),
        ("GET", "_apis/build/definitions", 200, b'{"count":0,"value":[]}'),
    ],
)
def test_a_token_without_the_scope_is_refused_or_shown_nothing(
    service: AdoService, method: str, path: str, status: int, body: bytes
) -> None:
    add_item(service)

    answer = Caller(service, token="sandbox-pat-noscope").send(method, path, json={"query": "x"})

    assert (answer.status_code, answer.content) == (status, body)


def test_a_token_without_the_scope_still_sees_projects(service: AdoService) -> None:
    assert Caller(service, token="sandbox-pat-noscope").get("_apis/projects")["count"] == 1


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        ("elsewhere/_apis/projects", 404, "HostDoesNotExistException"),
        ("contoso-stopped/_apis/projects", 503, "TF24668"),
        ("contoso/Nowhere/_apis/wit/workitemtypes", 404, "TF200016"),
        ("contoso/_apis/projects/Nowhere", 404, "TF200016"),
        ("contoso/P/_apis/wit/nothing", 404, "The controller for path '/P/_apis/wit/nothing' was not found"),
    ],
)
def test_what_does_not_exist_is_named(caller: Caller, path: str, status: int, part: str) -> None:
    answer = caller.session.get(f"{HOST}/{path}?api-version=7.1")

    assert answer.status_code == status
    assert part in answer.content.decode("utf-8-sig")


def test_a_stopped_organisation_answers_with_a_byte_order_mark(caller: Caller) -> None:
    answer = caller.session.get(f"{HOST}/contoso-stopped/_apis/projects")

    assert answer.content.startswith(b"\xef\xbb\xbf{")


def test_unrouted_paths_carry_the_encoded_message(caller: Caller) -> None:
    answer = caller.send("GET", "P/_apis/wit/nothing")

    assert answer.headers["X-TFS-ServiceError"].startswith("The%20controller%20for%20path")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_known_path_with_another_verb_is_405(caller: Caller) -> None:
    assert caller.send("PUT", "_apis/projects").status_code == 405


@pytest.mark.parametrize(
    ("method", "path", "version", "accept", "status", "part"),
    [
        ("GET", "_apis/projects", "7.1", "", 200, ""),
        ("GET", "_apis/projects", "", "application/json;api-version=5.0", 200, ""),
        ("GET", "_apis/projects", "", "", 200, ""),
        ("GET", "_apis/projects", "9.0", "", 400, "VssVersionOutOfRangeException"),
        ("GET", "_apis/projects", "new", "", 400, "InvalidApiVersionStringException"),
        ("POST", "P/_apis/wit/wiql", "", "", 400, "VssVersionNotSpecifiedException"),
        ("GET", "P/_apis/wit/workItems/1/comments", "7.1", "", 400, "VssInvalidPreviewVersionException"),
        ("GET", "P/_apis/wit/workItems/1/comments", "", "", 400, "VssVersionNotSpecifiedException"),
    ],
)
def test_versions_are_read_from_query_or_accept(
    service: AdoService, method: str, path: str, version: str, accept: str, status: int, part: str
) -> None:
    caller = Caller(service)
    add_item(service)

    answer = caller.send(method, path, version=version, headers={"Accept": accept or "*/*"}, json={"query": "x"})

    assert answer.status_code == status
    assert part in answer.text


def test_answers_echo_the_version_and_carry_the_usual_headers(caller: Caller) -> None:
    answer = caller.send("GET", "_apis/projects", version="5.0")

    assert answer.headers["Content-Type"] == "application/json; charset=utf-8; api-version=5.0"
    for name in ("ActivityId", "X-TFS-ProcessId", "X-TFS-Session", "X-VSS-E2EID", "X-VSS-UserData", "Cache-Control"):
        assert answer.headers[name]
