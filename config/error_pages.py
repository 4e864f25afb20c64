"""Errors as pages, drawn in the shell's look. What they mean is read in one place: `config.api_errors`."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.views import csrf

from config import api_errors
from config.api_errors import Failure, read_failure
from tenancy.console.shell import bare_error_page, error_page

PREFIX = "/console/"

TITLES = {
    400: "This cannot be read",
    403: "Not permitted",
    404: "Not found",
    409: "Not possible now",
    413: "Too large",
    500: "Something went wrong",
    502: "The job queue is unreachable",
}
# By code; everything else has a message of its own.
TEXTS = {
    "FORBIDDEN": "Your role does not permit this. Ask an owner of the organization to do it or to change your role.",
    "NOT_FOUND": "There is nothing at this address, or it belongs to another organization. "
    "It may have been deleted: go back and load the list again.",
    "INTERNAL_ERROR": "The fault is on our side and has been written to the server's log. Try again; if it stays, "
    "tell whoever runs this installation when it happened.",
    "ENGINE_DISPATCH_FAILED": "The work could not be handed to a worker. Check that Redis runs, then try again.",
}


def is_console(request: HttpRequest) -> bool:
    """Whether the path is one of the console's."""
    return request.path.startswith(PREFIX)


def console_page(request: HttpRequest, failure: Failure) -> HttpResponse:
    """The failure for people; htmx gets its text in a header as well, which the page's script shows."""
    title = TITLES.get(failure.status, "Not possible")
    text = TEXTS.get(failure.code) or _sentences(failure)
    response = error_page(request, status=failure.status, title=title, text=text)
    response.headers["X-Problem"] = quote(text)
    for name, value in failure.headers.items():
        response.headers.setdefault(name, value)
    return response


class ConsoleErrors:
    """Middleware: what a console view raises becomes a page. Our own mistakes go on to Django's 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do on the way through."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page, or None when it is nothing a reader could have caused or could wait for."""
        failure = read_failure(exception) if is_console(request) else None
        return console_page(request, failure) if failure else None


def _sentences(failure: Failure) -> str:
    named = [f"{name}: {' '.join(texts)}" for name, texts in failure.fields.items()]
    return " ".join([failure.message, *named])


# --- Django's handlers: for what is refused before, beside or after a view -------------------------------------------


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 for a path that no route serves."""
    if is_console(request):
        return console_page(request, Failure(404, "NOT_FOUND", "Not found"))
    return api_errors.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 for what Django refuses before any view."""
    if is_console(request):
        return console_page(request, Failure(400, "BAD_REQUEST", "The request cannot be read. Go back and try again."))
    return api_errors.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 by Django."""
    if is_console(request):
        return console_page(request, Failure(403, "FORBIDDEN", "Your role does not permit this"))
    return api_errors.permission_denied(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: says nothing about the inside; the log does. Whoever is signed in is not asked for: that may be broken."""
    if is_console(request):
        page = bare_error_page(title=TITLES[500], text=TEXTS["INTERNAL_ERROR"], status=500)
        page.headers["X-Problem"] = quote(TEXTS["INTERNAL_ERROR"])
        return page
    return api_errors.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open for longer than its session, or that another site sent."""
    if is_console(request):
        text = "The page was open for too long or you have signed in again since. Go back, load it again and retry."
        return error_page(request, status=403, title="The form is out of date", text=text)
    return csrf.csrf_failure(request, reason)
