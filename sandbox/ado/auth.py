"""Who is calling, and the several ways the service refuses."""

from __future__ import annotations

import base64
import binascii

from sandbox.ado import errors
from sandbox.http import Request, Response, empty_response, html_response, redirect_response

TOKEN = "sandbox-pat"
TOKEN_WITHOUT_SCOPE = "sandbox-pat-noscope"
_REALM = {"WWW-Authenticate": 'Basic realm="https://dev.azure.com/"'}
_PAGE = (
    "<!DOCTYPE html><html><head><title>Azure DevOps Services | Sign In</title></head>"
    "<body><h1>Sign in to your account</h1></body></html>"
)


def token_of(request: Request) -> str | None:
    """The personal access token of a request; None without a credential, empty text for one of another kind."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def is_known(token: str | None) -> bool:
    return token in (TOKEN, TOKEN_WITHOUT_SCOPE)


def refusal(request: Request) -> Response:
    """A missing or wrong credential is not reliably a 401: it depends on how the question was asked."""
    headers = request.headers
    if headers.get("X-TFS-FedAuthRedirect", "").lower() == "suppress":
        return empty_response(401, _REALM)
    if request.method in ("PATCH", "PUT", "DELETE") or headers.get("Authorization", "").lower().startswith("bearer"):
        return errors.unauthorized().response().with_headers(_REALM)
    accept = headers.get("Accept", "")
    if "text/html" in accept and "json" not in accept:
        realm = f"realm=dev.azure.com&reply_to=https%3A%2F%2Fdev.azure.com{request.raw_path}"
        return redirect_response(f"https://spsprodweu1.vssps.visualstudio.com/_signin?{realm}")
    return html_response(_PAGE, 203, _REALM)


def scope_refusal() -> Response:
    """The token is good but lacks the scope: a 401 without a word."""
    return empty_response(401, _REALM)
