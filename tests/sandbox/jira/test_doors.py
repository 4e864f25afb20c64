"""Who is let in, how the others are refused, and what is throttled."""

from __future__ import annotations

import pytest

from sandbox.faults import FaultPlan
from sandbox.jira.site import ACCOUNT, CLOUD_ID, SCOPED_TOKEN, TOKEN
from sandbox.service import Limits
from tests.sandbox.jira.asking import SIGNED_IN, Site, basic, doc

SCOPED = basic(ACCOUNT, SCOPED_TOKEN)
GATEWAY = f"/ex/jira/{CLOUD_ID}/rest/api/3"


def test_a_wrong_token_is_a_401_with_the_login_reason(site: Site) -> None:
    answer = site.ask("GET", "myself", auth=basic(ACCOUNT, "wrong"))

    assert answer.status == 401
    assert answer.json == {
        "message": "Client must be authenticated to access this resource.",
        "status-code": 401,
    }
    assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert answer.headers["WWW-Authenticate"]


def test_without_asking_for_json_the_refusal_is_text(site: Site) -> None:
    answer = site.ask("GET", "myself", auth=None, headers={"Accept": "*/*"})

    assert (answer.status, answer.body) == (401, b"Client must be authenticated to access this resource.")


def test_a_password_is_refused_by_name(site: Site) -> None:
    answer = site.ask("GET", "myself", auth=basic(ACCOUNT, "password"))

    assert answer.status == 401
    assert "passwords is deprecated" in answer.json["message"]


def test_a_wrong_bearer_is_a_403(site: Site) -> None:
    answer = site.ask("GET", "myself", auth="Bearer nonsense")

    assert (answer.status, answer.json) == (403, {"error": "Failed to parse Connect Session Auth Token"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "serverInfo", 200),
        ("GET", "project/search", 200),
        ("GET", "search/jql?jql=project=DEMO", 200),
        ("GET", "user/search?query=a", 200),
        ("GET", "issue/DEMO-1", 404),
        ("GET", "project/DEMO", 404),
        ("POST", "issue", 400),
        ("GET", "myself", 401),
        ("PUT", "issue/DEMO-1/properties/x", 401),
    ],
)
def test_nobody_is_answered_with_less_where_the_service_allows_it(
    site: Site, method: str, path: str, status: int
) -> None:
    site.create()

    assert site.ask(method, path, {} if method != "GET" else None, auth=None).status == status


def test_nobody_sees_nothing(site: Site) -> None:
    site.create()

    assert site.ask("GET", "project/search", auth=None).json["values"] == []
    assert site.ask("GET", "search/jql?jql=project=DEMO", auth=None).json["issues"] == []


def test_a_scoped_token_works_through_the_gateway_only(site: Site) -> None:
    assert site.ask("GET", "myself", auth=SCOPED).status == 401
    answer = site.ask("GET", f"{GATEWAY}/myself", auth=SCOPED)
    assert answer.status == 200
    assert answer.json["self"].startswith(f"http://jira.test/ex/jira/{CLOUD_ID}/rest/api/3/user")
    assert site.ask("GET", f"{GATEWAY}/myself", auth=SIGNED_IN).status == 401
    assert site.ask("GET", f"{GATEWAY}/myself", auth=None).status == 401
    board = site.ask("GET", f"/ex/jira/{CLOUD_ID}/rest/agile/1.0/board", auth=SCOPED)
    assert board.json["total"] == 1


def test_the_cloud_id_is_told_to_everybody(site: Site) -> None:
    assert site.ask("GET", "/_edge/tenant_info", auth=None).json == {"cloudId": CLOUD_ID}


def test_answers_name_the_caller(site: Site) -> None:
    answer = site.get("myself")

    assert answer.headers["X-AAccountId"] == answer.json["accountId"]
    assert "X-AAccountId" not in site.ask("GET", "serverInfo", auth=None).headers


def test_everybody_active_may_sign_in_and_acts_in_their_own_name(site: Site) -> None:
    key = site.create()
    tomasz = basic("tomasz.wojcik@saltwind.example", TOKEN)

    answer = site.ask("PUT", f"issue/{key}", {"fields": {"summary": "By Tomasz"}}, auth=tomasz)
    me = site.ask("GET", "myself", auth=tomasz)

    (entry,) = site.get(f"issue/{key}/changelog").json["values"]
    assert answer.status == 204
    assert me.json["displayName"] == entry["author"]["displayName"] == "Tomasz Wójcik"
    assert answer.headers["X-AAccountId"] == me.json["accountId"]


@pytest.mark.parametrize("email", ["gustav.berg@saltwind.example", "nobody@saltwind.example"])
def test_who_left_or_never_was_cannot_sign_in(site: Site, email: str) -> None:
    assert site.ask("GET", "myself", auth=basic(email, TOKEN)).status == 401


def test_a_get_with_a_body_is_refused_in_front(site: Site) -> None:
    answer = site.ask("GET", "myself", {"a": 1})

    assert (answer.status, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")


def test_unknown_paths_and_methods_are_problem_documents(site: Site) -> None:
    for method, path in (("GET", "issue/DEMO-1/no-such-thing"), ("PATCH", "issue/DEMO-1"), ("POST", "myself")):
        answer = site.ask(method, path, None if method == "GET" else {})
        assert answer.status == 404
        assert answer.headers["Content-Type"] == "application/problem+json;charset=UTF-8"
        assert answer.json["detail"] == f"No endpoint {method} /rest/api/3/{path}."


def test_dynamic_webhooks_are_for_apps(site: Site) -> None:
    assert site.get("webhook").status == 403
    assert site.post("webhook", {}).status == 403


def test_permissions_must_be_named(site: Site) -> None:
    limited = Site({"deniedPermissions": ["BULK_CHANGE"]})

    assert site.get("mypermissions").status == 400
    assert site.get("mypermissions", permissions="NONSENSE").status == 400
    shown = limited.get("mypermissions", permissions="BULK_CHANGE,CREATE_ISSUES").json["permissions"]
    assert {name: entry["havePermission"] for name, entry in shown.items()} == {
        "BULK_CHANGE": False,
        "CREATE_ISSUES": True,
    }


def test_without_permission_to_create_the_project_says_so() -> None:
    site = Site({"deniedPermissions": ["CREATE_ISSUES"]})

    answer = site.post("issue", site.fields())

    assert answer.messages == ["You do not have permission to create issues in this project."]
    assert site.get("issue/createmeta/DEMO/issuetypes").status == 404


def test_a_burst_is_throttled_per_endpoint_and_method_with_the_vendors_headers() -> None:
    site = Site(limits=Limits.DOCUMENTED)

    answers = [site.get("myself") for _ in range(101)]

    assert [answer.status for answer in answers] == [200] * 100 + [429]
    assert answers[0].headers["X-RateLimit-Limit"] == "100"
    assert answers[0].headers["X-RateLimit-Remaining"] == "99"
    assert "X-RateLimit-NearLimit" not in answers[0].headers
    assert answers[90].headers["X-RateLimit-NearLimit"] == "true"
    refused = answers[-1].headers
    assert (refused["RateLimit-Reason"], refused["Retry-After"]) == ("jira-burst-based", "1")
    assert refused["X-RateLimit-Remaining"] == "0"
    assert site.get("serverInfo").status == 200
    site.clock.advance(0.5)
    assert [site.get("myself").status for _ in range(51)] == [200] * 50 + [429]


def test_writes_are_slower_than_reads() -> None:
    site = Site(limits=Limits.DOCUMENTED)
    keys = [site.create() for _ in range(51)]

    answers = [site.put(f"issue/{key}", {"fields": {"summary": "x"}}) for key in keys]

    assert [answer.status for answer in answers] == [204] * 50 + [429]


def test_writes_to_one_issue_are_limited_in_two_windows() -> None:
    site = Site(limits=Limits.DOCUMENTED)
    key, other = site.create(), site.create()

    def comment(on: str) -> int:
        return site.post(f"issue/{on}/comment", {"body": doc("x")}).status

    assert [comment(key) for _ in range(21)] == [201] * 20 + [429]
    assert comment(other) == 201
    refused = site.post(f"issue/{key}/comment", {"body": doc("x")})
    assert refused.headers["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert int(refused.headers["Retry-After"]) == 2
    for _ in range(4):
        site.clock.advance(2.01)
        assert [comment(key) for _ in range(20)] == [201] * 20
    site.clock.advance(2.01)
    late = site.post(f"issue/{key}/comment", {"body": doc("x")})
    assert (late.status, int(late.headers["Retry-After"]) > 15) == (429, True)


def test_a_link_counts_as_a_write_to_both_ends() -> None:
    site = Site(limits=Limits.DOCUMENTED)
    hub, others = site.create(), [site.create() for _ in range(21)]
    ends = [{"inwardIssue": {"key": hub}, "outwardIssue": {"key": other}} for other in others]

    statuses = [site.post("issueLink", {"type": {"name": "Blocks"}, **pair}).status for pair in ends]

    assert statuses == [201] * 20 + [429]


def test_without_limits_nothing_is_throttled(site: Site) -> None:
    assert {site.get("myself").status for _ in range(300)} == {200}
    assert "X-RateLimit-Limit" not in site.get("myself").headers


@pytest.mark.parametrize("reason", ["jira-quota-global-based", "jira-quota-tenant-based"])
def test_a_fault_can_throttle_by_reason_or_barely(reason: str) -> None:
    rules = [
        {"kind": "429", "reason": reason, "retry_after": 7, "times": 1},
        {"kind": "429", "times": 1},
    ]
    site = Site(faults=FaultPlan.parse(rules))

    by_reason, bare, fine = site.get("myself"), site.get("myself"), site.get("myself")

    assert (by_reason.headers["RateLimit-Reason"], by_reason.headers["Retry-After"]) == (reason, "7")
    assert (bare.status, "Retry-After" in bare.headers, fine.status) == (429, False, 200)


def test_a_create_can_be_hidden_from_search_for_a_while() -> None:
    site = Site(faults=FaultPlan.parse([{"kind": "hidden", "route": "/rest/api/3/issue", "hidden_ms": 5000}]))
    key = site.create()
    site.put(f"issue/{key}", {"fields": {"summary": "Other"}})

    assert site.found("project = DEMO") == []
    site.clock.advance(6)
    assert site.found("project = DEMO") == [key]


def test_the_log_names_the_issue_and_whether_anything_was_applied(site: Site) -> None:
    key = site.create()
    site.post("issue", site.fields(labels=["a b"]))
    site.post("search/jql", {"jql": "project = DEMO"})
    site.put(f"issue/{key}", {"fields": {"summary": "x"}})

    shown = [(entry.method, entry.route, entry.issue, entry.applied) for entry in site.service.log.entries()]

    assert shown == [
        ("POST", "/rest/api/3/issue", key, True),
        ("POST", "/rest/api/3/issue", None, False),
        ("POST", "/rest/api/3/search/jql", None, False),
        ("PUT", "/rest/api/3/issue/{key}", key, True),
    ]


def test_a_reset_takes_the_site_back_to_its_beginning(site: Site) -> None:
    site.create()

    site.service.reset()

    assert site.service.state()["issues"] == 0
    assert site.create() == "DEMO-1"
