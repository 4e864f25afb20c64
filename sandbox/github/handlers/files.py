"""Images that were dropped into texts. They cannot be uploaded here: only a browser can.

https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/attaching-files
"""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.files import SIGNED_PATH, is_valid, signed_address
from sandbox.http import Response, redirect_response

endpoints = Endpoints("")


@endpoints.route("GET", "/user-attachments/assets/{guid}", "", resource="")
def asset(ask: Ask) -> Response:
    """Of a public repository: a redirect to a signed address. Of a private one: 404, a token opens nothing."""
    found = ask.site.assets.get(ask.call["guid"])
    if found is None or found.repository.private:
        raise errors.not_found()
    return redirect_response(signed_address(ask.wire.html, found, now=ask.site.now()))


@endpoints.route("GET", SIGNED_PATH + "/{guid}", "", resource="")
def image(ask: Ask) -> Response:
    """The image behind a signed address, until it ends."""
    found = ask.site.assets.get(ask.call["guid"])
    if found is None or not is_valid(found.guid, ask.param("jwt") or "", now=ask.site.now()):
        raise errors.not_found()
    return Response(200, {"Content-Type": found.content_type}, found.content)
