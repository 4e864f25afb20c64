"""What a browser may load and run, by the part of the installation that answers."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "Content-Security-Policy"
_FRAME = {"object-src": "'none'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'"}

# Ours: nothing inline, nothing evaluated, nothing from elsewhere.
CONSOLE = {"default-src": "'self'", "img-src": "'self' data:", **_FRAME}
# Its theme evaluates expressions in attributes (Alpine) and writes styles and small scripts into the page.
ADMIN = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    **_FRAME,
}
# Swagger UI writes styles and pictures into the page; its start-up script is an address of its own.
API_BROWSER = {
    "default-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    **_FRAME,
}
# Bodies for programs. A browser that is led to one shows text.
DATA = {"default-src": "'none'", **_FRAME}

# The longest matching prefix decides.
POLICIES = {"/": CONSOLE, "/admin/": ADMIN, "/api/": DATA, "/rest/": DATA, "/api/docs/": API_BROWSER}


def policy_for(path: str) -> str:
    """The header's value for a path."""
    policy = POLICIES[max((prefix for prefix in POLICIES if path.startswith(prefix)), key=len)]
    return "; ".join(f"{directive} {sources}" for directive, sources in policy.items())


class ContentPolicies:
    """Middleware: every answer carries the policy of its part, errors included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the header, unless the view has set a stricter one of its own."""
        response = self.get_response(request)
        response.headers.setdefault(HEADER, policy_for(request.path))
        return response
