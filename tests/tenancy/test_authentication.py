"""Every scheme ends in one principal; what is wrong with a credential never says more than that."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from tenancy import services
from tenancy.access_tokens import issue_access_token
from tenancy.authentication import (
    ApikeyAuthentication,
    BasicAuthentication,
    BearerAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)
from tenancy.credentials import signing_key
from tenancy.models import ApiToken, Membership, Role
from tenancy.principal import principal_of
from tests import recipes
from tests.builders import Cast

pytestmark = pytest.mark.django_db


class WhoView(APIView):
    """Says who asks, by every scheme."""

    authentication_classes = (
        BearerAuthentication,
        TokenAuthentication,
        ApikeyAuthentication,
        BasicAuthentication,
        SessionAuthentication,
    )

    def get(self, request: Request) -> Response:
        """The principal."""
        who = principal_of(request)
        return Response(
            {"email": who.user.email, "organization": str(who.organization.pk), "role": who.role, "via": who.via.value}
        )

    post = get


def ask(**headers: str) -> Response:
    request = APIRequestFactory().get("/api/who", **headers)
    return WhoView.as_view()(request)


def basic(email: str, secret: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"{email}:{secret}".encode()).decode()}


def issue(membership: Membership, kind: ApiToken.Kind = ApiToken.Kind.TOKEN) -> services.IssuedToken:
    return services.issue_api_token(membership.organization, membership.user, kind=kind)


def expected(membership: Membership, via: str) -> dict[str, str]:
    return {
        "email": membership.user.email,
        "organization": str(membership.organization.pk),
        "role": membership.role,
        "via": via,
    }


@pytest.fixture
def membership() -> Membership:
    made: Membership = recipes.membership.make(role=Role.ADMIN)
    made.user.set_password("correct horse")
    made.user.save()
    return made


def test_an_access_token_is_accepted(membership: Membership) -> None:
    response = ask(HTTP_AUTHORIZATION=f"Bearer {issue_access_token(membership)}")

    assert response.data == expected(membership, "bearer")


@pytest.mark.parametrize("quoted", ["{}", '"{}"', "'{}'", " {} "])
def test_a_token_is_accepted_with_and_without_quotes(membership: Membership, quoted: str) -> None:
    response = ask(HTTP_AUTHORIZATION=f"Token {quoted.format(issue(membership).secret)}")

    assert response.data == expected(membership, "token")


def test_an_apikey_is_accepted_in_its_header(membership: Membership) -> None:
    response = ask(HTTP_APIKEY=issue(membership, ApiToken.Kind.APIKEY).secret)

    assert response.data == expected(membership, "apikey")


def test_an_apikey_is_no_token_and_a_token_no_apikey(membership: Membership) -> None:
    crossed = [
        ask(HTTP_AUTHORIZATION=f"Token {issue(membership, ApiToken.Kind.APIKEY).secret}"),
        ask(HTTP_APIKEY=issue(membership).secret),
    ]

    assert [response.status_code for response in crossed] == [401, 401]


def test_basic_takes_the_password_or_a_token(membership: Membership) -> None:
    email = membership.user.email

    answers = [ask(**basic(email, "correct horse")), ask(**basic(email.upper(), issue(membership).secret))]

    assert [answer.data for answer in answers] == [expected(membership, "basic")] * 2


def test_basic_does_not_take_somebody_elses_token(membership: Membership) -> None:
    other = recipes.membership.make()

    assert ask(**basic(other.user.email, issue(membership).secret)).status_code == 401


def test_a_remembered_password_is_forgotten_when_it_changes(membership: Membership) -> None:
    before = ask(**basic(membership.user.email, "correct horse"))
    membership.user.set_password("another one")
    membership.user.save()

    after = ask(**basic(membership.user.email, "correct horse"))

    assert (before.status_code, after.status_code) == (200, 401)


def test_a_remembered_password_is_not_hashed_again(membership: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(**basic(membership.user.email, "correct horse"))
    monkeypatch.setattr(type(membership.user), "check_password", lambda self, raw: pytest.fail("hashed again"))

    assert ask(**basic(membership.user.email, "correct horse")).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer x",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Token isth_token_unknown",
        "Token",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"a\0b:x").decode(),
        "Digest x",
        "",
    ],
)
def test_a_malformed_credential_is_a_401(header: str) -> None:
    response = ask(HTTP_AUTHORIZATION=header)

    assert response.status_code == 401
    assert response.data["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize(
    "change",
    [
        lambda claims: claims.pop("exp"),
        lambda claims: claims.pop("tenantId"),
        lambda claims: claims.update(sub="somebody"),
        lambda claims: claims.update(sub=str(uuid.uuid4())),
        lambda claims: claims.update(tenantId=str(uuid.uuid4())),
    ],
)
def test_a_token_with_other_claims_is_refused(
    membership: Membership, change: Callable[[dict[str, object]], object]
) -> None:
    claims = jwt.decode(issue_access_token(membership), options={"verify_signature": False})
    change(claims)

    forged = jwt.encode(claims, signing_key("access-token"), algorithm="HS256")

    assert ask(HTTP_AUTHORIZATION=f"Bearer {forged}").status_code == 401


def test_a_token_signed_with_another_key_is_refused(membership: Membership) -> None:
    claims = jwt.decode(issue_access_token(membership), options={"verify_signature": False})

    forged = jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")

    assert ask(HTTP_AUTHORIZATION=f"Bearer {forged}").status_code == 401


def test_the_role_is_read_from_the_membership_on_every_request(membership: Membership) -> None:
    token = issue_access_token(membership)
    membership.role = Role.MEMBER
    membership.save()

    assert ask(HTTP_AUTHORIZATION=f"Bearer {token}").data["role"] == "member"


def test_a_removed_member_is_locked_out_at_once(membership: Membership) -> None:
    headers = [
        {"HTTP_AUTHORIZATION": f"Bearer {issue_access_token(membership)}"},
        {"HTTP_AUTHORIZATION": f"Token {issue(membership).secret}"},
        {"HTTP_APIKEY": issue(membership, ApiToken.Kind.APIKEY).secret},
        basic(membership.user.email, "correct horse"),
    ]
    membership.delete()

    assert [ask(**header).status_code for header in headers] == [401] * 4


def test_a_revoked_and_an_expired_token_are_refused(people: Cast) -> None:
    revoked, expired = issue(people.member.membership), issue(people.member.membership)
    services.revoke_api_token(revoked.row, by=people.member.principal)
    ApiToken.objects.filter(pk=expired.row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    answers = [ask(HTTP_AUTHORIZATION=f"Token {token.secret}") for token in (revoked, expired)]

    assert [answer.status_code for answer in answers] == [401, 401]


def test_a_token_is_stored_as_a_digest_and_its_use_is_noted(membership: Membership) -> None:
    issued = issue(membership)

    ask(HTTP_AUTHORIZATION=f"Token {issued.secret}")

    row = ApiToken.objects.values().get()
    assert all(issued.secret not in str(value) for value in row.values())
    assert row["last_used_at"] is not None
    assert issued.secret.startswith(row["prefix"])
    assert len(row["prefix"]) <= 20


def test_a_credential_cannot_be_used_for_another_organization(membership: Membership) -> None:
    other = recipes.membership.make(user=membership.user).organization
    token = issue(membership).secret

    own = ask(HTTP_AUTHORIZATION=f"Token {token}", HTTP_X_ORGANIZATION=membership.organization.code)
    foreign = ask(HTTP_AUTHORIZATION=f"Token {token}", HTTP_X_ORGANIZATION=other.code)

    assert (own.status_code, foreign.status_code) == (200, 401)


def test_basic_with_two_memberships_needs_the_header(membership: Membership) -> None:
    second = recipes.membership.make(user=membership.user, role=Role.MEMBER)
    headers = basic(membership.user.email, "correct horse")

    unnamed = ask(**headers)
    named = ask(**headers, HTTP_X_ORGANIZATION=second.organization.slug)
    unknown = ask(**headers, HTTP_X_ORGANIZATION="nowhere")

    assert (unnamed.status_code, unnamed.data["code"]) == (400, "ORGANIZATION_REQUIRED")
    assert named.data == expected(second, "basic")
    assert unknown.status_code == 401


def test_a_session_needs_csrf_proof_or_the_documented_header(membership: Membership) -> None:
    def send(**headers: str) -> int:
        request = RequestFactory().post("/api/who", **headers)
        request.user = membership.user
        request.session = {}  # type: ignore[assignment]
        return int(WhoView.as_view()(request).status_code)

    assert send() == 403
    assert send(HTTP_X_ATLASSIAN_TOKEN="nocheck") == 200


def test_no_basic_challenge_to_a_browser_with_a_session() -> None:
    scheme = BasicAuthentication()
    plain, browser = APIRequestFactory().get("/"), APIRequestFactory().get("/")
    browser.COOKIES[settings.SESSION_COOKIE_NAME] = "x"

    challenges = [scheme.authenticate_header(Request(request)) for request in (plain, browser)]

    assert challenges == ['Basic realm="Isthmus"', "Session"]


def test_every_scheme_makes_a_missing_credential_a_401() -> None:
    schemes: tuple[type[BaseAuthentication], ...] = WhoView.authentication_classes

    assert all(scheme().authenticate_header(Request(APIRequestFactory().get("/"))) for scheme in schemes)


def test_the_schema_is_for_the_signed_in(people: Cast) -> None:
    assert APIClient().get("/api/schema/").status_code == 401
    assert people.member.client.get("/api/schema/").status_code == 200
