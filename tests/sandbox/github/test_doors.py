"""Who is let in, where redirects lead, which headers there are, and what a repeated read costs."""

from __future__ import annotations

import pytest

from sandbox.github.tokens import FINE_GRAINED_TOKEN, TOKEN
from tests.sandbox.github.asking import READER, SIGNED_IN, Hub

FINE_GRAINED = f"Bearer {FINE_GRAINED_TOKEN}"

DOORS = [
    ("/user", SIGNED_IN, 200, None),
    ("/user", f"token {TOKEN}", 200, None),
    ("/user", f"bearer {TOKEN}", 200, None),
    ("/user", None, 401, "Requires authentication"),
    ("/user", "Bearer wrong", 401, "Bad credentials"),
    ("/user", f"Basic {TOKEN}", 401, "Bad credentials"),
    ("/repos/contoso/demo", None, 200, None),
    ("/repos/contoso/demo", "Bearer wrong", 401, "Bad credentials"),
    ("/repos/contoso/secret", SIGNED_IN, 404, "Not Found"),
    ("/repos/contoso/vault", None, 404, "Not Found"),
    ("/repos/contoso/vault", READER, 404, "Not Found"),
    ("/repos/contoso/vault", SIGNED_IN, 200, None),
    ("/repos/contoso/nothing", SIGNED_IN, 404, "Not Found"),
    ("/repos/contoso/demo/", SIGNED_IN, 404, "Not Found"),
    ("/repos/contoso/demo/issues/", SIGNED_IN, 404, "Not Found"),
    ("/repos/contoso/demo/issues/x", SIGNED_IN, 404, "Not Found"),
    ("/no/such/path", SIGNED_IN, 404, "Not Found"),
    ("/repos/contoso/no-issues/issues", SIGNED_IN, 410, "Issues has been disabled in this repository."),
    ("/repos/contoso/guarded/issues", SIGNED_IN, 403, "Resource protected by organization SAML enforcement."),
    ("/repos/contoso/vault", FINE_GRAINED, 200, None),
    ("/repos/contoso/vault/issues", FINE_GRAINED, 200, None),
    ("/repos/contoso/vault/pulls", FINE_GRAINED, 403, "Resource not accessible by personal access token"),
    ("/repos/contoso/demo/hooks", FINE_GRAINED, 403, "Resource not accessible by personal access token"),
]


@pytest.mark.parametrize("prefix", ["", "/api/v3"], ids=["cloud", "enterprise"])
@pytest.mark.parametrize(("path", "auth", "status", "text"), DOORS)
def test_doors_open_and_close(
    hub: Hub, prefix: str, path: str, auth: str | None, status: int, text: str | None
) -> None:
    answer = hub.ask("GET", prefix + path, auth=auth)

    assert answer.status == status
    if text is not None:
        assert answer.message.startswith(text)
        assert answer.json["status"] == str(status)
        assert answer.json["documentation_url"].startswith("https://docs.github.com/")


@pytest.mark.parametrize(
    ("path", "auth", "status", "text"),
    [
        ("issues", None, 401, "Requires authentication"),
        ("issues", FINE_GRAINED, 403, "Resource not accessible by personal access token"),
        ("/repos/contoso/archived/issues", SIGNED_IN, 403, "Repository was archived so is read-only."),
        ("/repos/contoso/no-issues/issues", SIGNED_IN, 410, "Issues has been disabled in this repository."),
        ("/user-attachments/assets", SIGNED_IN, 404, "Not Found"),
        ("issues/1", SIGNED_IN, 404, "Not Found"),
    ],
)
def test_writing_is_refused(hub: Hub, path: str, auth: str | None, status: int, text: str) -> None:
    answer = hub.post(path, {"title": "a"}, auth=auth)

    assert (answer.status, answer.message) == (status, text)


def test_hidden_and_missing_repositories_answer_alike(hub: Hub) -> None:
    hidden, missing = hub.get("/repos/contoso/secret/issues/1"), hub.get("/repos/contoso/none/issues/1")

    assert (hidden.status, hidden.body) == (missing.status, missing.body)


@pytest.mark.parametrize(
    ("version", "status"), [(None, 200), ("2022-11-28", 200), ("2026-03-10", 200), ("2020-01-01", 400)]
)
def test_unknown_versions_are_refused(hub: Hub, version: str | None, status: int) -> None:
    answer = hub.ask("GET", "/meta", headers={"X-GitHub-Api-Version": version} if version else {})

    assert answer.status == status
    if version and status == 200:
        assert answer.headers["x-github-api-version-selected"] == version


def test_classic_and_fine_grained_tokens_tell_their_rights(hub: Hub) -> None:
    classic, fine = hub.get("issues").headers, hub.ask("GET", "issues", auth=FINE_GRAINED).headers

    assert "repo" in classic["X-OAuth-Scopes"]
    assert fine["X-Accepted-GitHub-Permissions"] == "issues=read"
    assert fine["github-authentication-token-expiration"] == "2027-07-02 09:51:24 UTC"
    assert "X-OAuth-Scopes" not in fine


def test_single_sign_on_says_where_to_go(hub: Hub) -> None:
    assert hub.get("/repos/contoso/guarded").headers["X-GitHub-SSO"].startswith("required; url=http://github.test/")


def test_a_renamed_repository_redirects_reads_by_301_and_writes_by_307(hub: Hub) -> None:
    number = hub.get("/repos/contoso/new-name").json["id"]

    read = hub.get("/repos/contoso/old-name/issues", state="all")
    write = hub.post("/repos/contoso/old-name/issues", {"title": "a"})

    assert (read.status, read.message) == (301, "Moved Permanently")
    assert read.headers["Location"] == read.json["url"] == f"http://github.test/repositories/{number}/issues?state=all"
    assert (write.status, write.headers["Location"]) == (307, f"http://github.test/repositories/{number}/issues")
    assert hub.post(f"/repositories/{number}/issues", {"title": "a"}).status == 201


def test_renaming_through_the_api_leaves_a_redirect(hub: Hub) -> None:
    assert hub.patch("/repos/contoso/demo", {"name": "demonstration"}).status == 200

    assert hub.get("/repos/contoso/demo/issues").status == 301
    assert hub.get("/repos/contoso/demonstration").json["full_name"] == "contoso/demonstration"


def test_enterprise_addresses_have_their_prefix_and_version(hub: Hub) -> None:
    hub.create("a")

    answer = hub.get("/api/v3/repos/contoso/demo/issues/1")

    assert answer.json["url"] == "http://github.test/api/v3/repos/contoso/demo/issues/1"
    assert answer.json["html_url"] == "http://github.test/contoso/demo/issues/1"
    assert answer.headers["X-GitHub-Enterprise-Version"] == hub.get("/api/v3/meta").json["installed_version"]
    assert "installed_version" not in hub.get("/meta").json
    assert (hub.get("/api/v3/rate_limit").status, hub.get("/rate_limit").status) == (404, 200)


def test_an_unchanged_read_is_304_without_a_body(hub: Hub) -> None:
    hub.create("a")
    first = hub.get("issues/1")
    known = {"If-None-Match": first.headers["ETag"]}

    again = hub.ask("GET", "issues/1", headers=known)
    hub.clock.advance(60)
    hub.post("issues/1/comments", {"body": "x"})
    changed = hub.ask("GET", "issues/1", headers=known)

    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (changed.status, changed.json["comments"]) == (200, 1)


@pytest.mark.parametrize(
    ("since", "status"), [("Mon, 21 Sep 2026 14:13:20 GMT", 304), ("Mon, 21 Sep 2026 14:13:19 GMT", 200)]
)
def test_a_read_since_a_time_is_304_when_nothing_changed(hub: Hub, since: str, status: int) -> None:
    hub.create("a")

    assert hub.ask("GET", "issues/1", headers={"If-Modified-Since": since}).status == status


def test_validators_differ_by_page_size_media_type_and_caller(hub: Hub) -> None:
    hub.create("a")
    full = {"Accept": "application/vnd.github.full+json"}

    tags = [
        hub.get("issues").headers["ETag"],
        hub.ask("GET", "issues", headers=full).headers["ETag"],
        hub.ask("GET", "issues", auth=READER).headers["ETag"],
        hub.get("issues/1").headers["ETag"],
    ]

    assert len(set(tags)) == 4
    assert all(tag.startswith('W/"') for tag in tags)


MEDIA = [
    ("application/vnd.github+json", {"body"}, "github.v3; format=json"),
    ("application/json", {"body"}, "github.v3; format=json"),
    ("application/vnd.github.raw+json", {"body"}, "github.v3; param=raw; format=json"),
    ("application/vnd.github.text+json", {"body_text"}, "github.v3; param=text; format=json"),
    ("application/vnd.github.v3.html+json", {"body_html"}, "github.v3; param=html; format=json"),
    ("application/vnd.github.full+json", {"body", "body_html", "body_text"}, "github.v3; param=full; format=json"),
]


@pytest.mark.parametrize(("accept", "members", "told"), MEDIA)
def test_the_media_type_chooses_the_forms_of_a_text(hub: Hub, accept: str, members: set[str], told: str) -> None:
    hub.create("a", body="**strong**")

    answer = hub.ask("GET", "issues/1", headers={"Accept": accept})

    assert {name for name in answer.json if name.startswith("body")} == members
    assert answer.headers["X-GitHub-Media-Type"] == told


def test_e_mail_addresses_are_shown_only_where_public(hub: Hub) -> None:
    assert hub.get("/users/mona-lisa").json["email"] == "mona.lisa@example.com"
    assert hub.get("/users/hubot-jr").json["email"] is None
    assert hub.get("/users/nobody-there").status == 404
