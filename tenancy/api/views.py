"""`/api/auth/…`: login, refresh, logout. The refresh token travels in an httpOnly cookie only."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenancy import services
from tenancy.errors import NotSignedIn
from tenancy.throttling import count_attempt, forget_attempts

REFRESH_COOKIE = "refresh_token"
COOKIE_PATH = "/api/auth"


class LoginBody(serializers.Serializer[None]):
    """What login takes."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)
    organization = serializers.CharField(max_length=200, required=False, allow_null=True, allow_blank=True)


class AccessTokenBody(serializers.Serializer[None]):
    """What login and refresh answer."""

    accessToken = serializers.CharField()


class SignInView(APIView):
    """Endpoints that make a principal instead of needing one."""

    authentication_classes: ClassVar[list[type]] = []  # type: ignore[misc]
    permission_classes = (AllowAny,)


class LoginView(SignInView):
    """Sign in with e-mail and password."""

    @extend_schema(request=LoginBody, responses=AccessTokenBody, operation_id="login", tags=["auth"])
    def post(self, request: Request) -> Response:
        """Answers the access token; the refresh token is set as a cookie."""
        body = LoginBody(data=request.data)
        body.is_valid(raise_exception=True)
        email = body.validated_data["email"]
        count_attempt(email=email, address=request.META.get("REMOTE_ADDR") or "")
        signed_in = services.login(
            email, body.validated_data["password"], organization=body.validated_data.get("organization")
        )
        forget_attempts(email=email)
        return _answer(signed_in)


class RefreshView(SignInView):
    """Exchange the refresh cookie."""

    @extend_schema(request=None, responses=AccessTokenBody, operation_id="refresh", tags=["auth"])
    def post(self, request: Request) -> Response:
        """Answers a new access token and rotates the cookie. A rotated cookie used again ends the sign-in."""
        secret = request.COOKIES.get(REFRESH_COOKIE)
        if not secret:
            raise NotSignedIn("No refresh token")
        return _answer(services.refresh(secret))


class LogoutView(SignInView):
    """End a sign-in."""

    @extend_schema(request=None, responses={204: OpenApiResponse()}, operation_id="logout", tags=["auth"])
    def post(self, request: Request) -> Response:
        """Revokes the whole family of the refresh cookie and removes the cookie."""
        services.logout(request.COOKIES.get(REFRESH_COOKIE, ""))
        response = Response(status=status.HTTP_204_NO_CONTENT)
        response.delete_cookie(REFRESH_COOKIE, path=COOKIE_PATH, samesite="Strict")
        return response


def _answer(signed_in: services.SignIn) -> Response:
    response = Response({"accessToken": signed_in.access_token})
    response.set_cookie(
        REFRESH_COOKIE,
        signed_in.refresh_token,
        max_age=int(services.REFRESH_LIFETIME.total_seconds()),
        path=COOKIE_PATH,
        secure=settings.PRODUCTION,
        httponly=True,
        samesite="Strict",  # never sent with a request that another site started
    )
    return response
