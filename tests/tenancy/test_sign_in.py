"""Login, refresh and logout over HTTP."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework.test import APIClient

from tenancy import services
from tenancy.access_tokens import issue_access_token
from tenancy.models import Membership, RefreshToken, Role
from tests import recipes
from tests.builders import Cast

pytestmark = pytest.mark.django_db

UNAUTHORIZED = {"statusCode": 401, "error": "Unauthorized", "code": "UNAUTHORIZED"}


@pytest.fixture
def membership() -> Membership:
    made: Membership = recipes.membership.make(role=Role.ADMIN)
    made.user.set_password("correct horse")
    made.user.save()
    return made


def log_in(client: APIClient, membership: Membership, **changes: object) -> Any:
    body = {"email": membership.user.email, "password": "correct horse", **changes}
    return client.post("/api/auth/login", body)


def claims_of(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def test_login_answers_a_token_with_exactly_the_documented_claims(membership: Membership) -> None:
    response = log_in(APIClient(), membership)

    assert response.status_code == 200
    assert list(response.json()) == ["accessToken"]
    claims = claims_of(response.json()["accessToken"])
    assert claims["exp"] - claims["iat"] == 900
    assert {name: claims[name] for name in claims if name not in {"exp", "iat"}} == {
        "sub": str(membership.user.pk),
        "email": membership.user.email,
        "tenantId": str(membership.organization.pk),
        "role": "admin",
    }


def test_login_sets_an_http_only_cookie_for_thirty_days(membership: Membership) -> None:
    response = log_in(APIClient(), membership)

    cookie = response.cookies["refresh_token"]
    assert (cookie["httponly"], cookie["max-age"], cookie["samesite"]) == (True, 30 * 86400, "Strict")


def test_login_ignores_the_case_of_the_address(membership: Membership) -> None:
    response = log_in(APIClient(), membership, email=membership.user.email.upper())

    assert response.status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "wrong"},
        {"password": "correct horse "},
        {"email": "nobody@example.com"},
        {"organization": "another"},
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(membership: Membership, changes: dict[str, str]) -> None:
    response = log_in(APIClient(), membership, **changes)

    assert response.status_code == 401
    assert response.json() == {**UNAUTHORIZED, "message": "Invalid credentials"}
    assert "refresh_token" not in response.cookies


def test_a_switched_off_account_cannot_sign_in(membership: Membership) -> None:
    membership.user.is_active = False
    membership.user.save()

    assert log_in(APIClient(), membership).status_code == 401


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"email": ["This field is required."], "password": ["This field is required."]}),
        ({"email": "a@example.com", "password": None}, {"password": ["This field may not be null."]}),
        ({"email": ["x"], "password": "y"}, {"email": ["Not a valid string."]}),
        ({"email": "a\0b", "password": "y"}, {"email": ["Null characters are not allowed."]}),
    ],
)
def test_a_malformed_login_names_the_fields(body: dict[str, object], errors: dict[str, list[str]]) -> None:
    response = APIClient().post("/api/auth/login", body)

    assert response.status_code == 400
    assert response.json() == {
        "statusCode": 400,
        "message": [f"{name}: {text}" for name, texts in errors.items() for text in texts],
        "error": "Bad Request",
        "code": "VALIDATION_FAILED",
        "errors": errors,
    }


@pytest.mark.parametrize("body", ["{", "[]", '"text"', "null", "12"])
def test_a_body_that_is_no_object_is_refused_in_order(body: str) -> None:
    response = APIClient().post("/api/auth/login", body, content_type="application/json")

    assert response.status_code == 400
    assert response.json()["statusCode"] == 400


def test_a_user_of_two_organizations_names_one(membership: Membership) -> None:
    second = recipes.membership.make(user=membership.user, role=Role.MEMBER)

    unnamed = log_in(APIClient(), membership)
    named = [
        log_in(APIClient(), membership, organization=name).json()["accessToken"]
        for name in (second.organization.code, second.organization.slug, str(second.organization.pk))
    ]

    assert (unnamed.status_code, unnamed.json()["code"]) == (400, "ORGANIZATION_REQUIRED")
    assert {claims_of(token)["tenantId"] for token in named} == {str(second.organization.pk)}


def test_refresh_rotates_the_cookie(membership: Membership) -> None:
    client = APIClient()
    first = log_in(client, membership).cookies["refresh_token"].value

    response = client.post("/api/auth/refresh")

    assert response.status_code == 200
    assert claims_of(response.json()["accessToken"])["sub"] == str(membership.user.pk)
    assert response.cookies["refresh_token"].value != first


def test_refresh_without_a_cookie_has_the_documented_message() -> None:
    response = APIClient().post("/api/auth/refresh")

    assert response.status_code == 401
    assert response.json() == {**UNAUTHORIZED, "message": "No refresh token"}


def test_a_rotated_cookie_used_again_revokes_the_family(membership: Membership) -> None:
    client, thief = APIClient(), APIClient()
    thief.cookies["refresh_token"] = log_in(client, membership).cookies["refresh_token"].value
    client.post("/api/auth/refresh")

    stolen = thief.post("/api/auth/refresh")
    rightful = client.post("/api/auth/refresh")

    assert (stolen.status_code, rightful.status_code) == (401, 401)
    assert rightful.json() == {**UNAUTHORIZED, "message": "Invalid or expired access token"}


def test_another_sign_in_survives_a_revoked_family(membership: Membership) -> None:
    first, other = APIClient(), APIClient()
    log_in(first, membership)
    log_in(other, membership)

    first.post("/api/auth/logout")

    assert first.post("/api/auth/refresh").status_code == 401
    assert other.post("/api/auth/refresh").status_code == 200


def test_logout_revokes_even_a_copy_of_the_cookie(membership: Membership) -> None:
    client, copy = APIClient(), APIClient()
    copy.cookies["refresh_token"] = log_in(client, membership).cookies["refresh_token"].value

    response = client.post("/api/auth/logout")

    assert response.status_code == 204
    assert copy.post("/api/auth/refresh").status_code == 401


def test_an_expired_refresh_token_is_refused_and_forgotten(membership: Membership) -> None:
    client = APIClient()
    log_in(client, membership)
    RefreshToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    response = client.post("/api/auth/refresh")
    forgotten = services.forget_expired_sign_ins()

    assert (response.status_code, forgotten) == (401, 1)


def test_a_removed_member_cannot_refresh(membership: Membership) -> None:
    client = APIClient()
    log_in(client, membership)
    membership.delete()

    assert client.post("/api/auth/refresh").status_code == 401


def test_the_refresh_token_is_stored_as_a_digest_only(membership: Membership) -> None:
    secret = log_in(APIClient(), membership).cookies["refresh_token"].value

    row = RefreshToken.objects.values().get()

    assert all(secret not in str(value) for value in row.values())


def test_too_many_attempts_on_one_account_are_stopped(membership: Membership) -> None:
    client = APIClient()

    answers = [log_in(client, membership, password="wrong").status_code for _ in range(11)]
    response = log_in(client, membership)

    assert answers == [401] * 10 + [429]
    assert (response.status_code, response.json()["code"]) == (429, "RATE_LIMITED")
    assert (response["Retry-After"], response["X-RateLimit-Limit"]) == ("60", "10")


def test_a_successful_login_clears_the_count(membership: Membership) -> None:
    client = APIClient()
    for _ in range(9):
        log_in(client, membership, password="wrong")
    log_in(client, membership)

    answers = {log_in(client, membership, password="wrong").status_code for _ in range(9)}

    assert answers == {401}


def test_an_expired_access_token_says_so(people: Cast) -> None:
    client = APIClient()
    old = issue_access_token(people.member.membership, now=timezone.now() - timedelta(minutes=16))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {old}")

    response = client.get("/api/schema/", HTTP_ACCEPT="application/json")

    assert response.status_code == 401
    assert response.json() == {
        **UNAUTHORIZED,
        "message": "Invalid or expired access token",
        "code": "TOKEN_EXPIRED",
    }


def test_the_limit_holds_while_the_shared_cache_is_away(
    membership: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RedisConnectionError("away")

    for name in ("add", "incr", "delete"):
        monkeypatch.setattr(caches["default"], name, fail)
    client = APIClient()

    answers = [log_in(client, membership, password="wrong").status_code for _ in range(11)]

    assert answers == [401] * 10 + [429]
