"""Errors on the console's paths are pages in its look; other paths answer as before."""

from __future__ import annotations

from unittest import mock
from urllib.parse import unquote

import pytest
from django.db import OperationalError
from django.http import Http404
from django.test import Client

from connectors.domain.errors import DomainError
from migrations_app.console.overview import OverviewView
from tenancy.errors import NotPermitted, QueueUnreachable
from tests.builders import Cast


def console(people: Cast, error: Exception, **headers: str):
    """What the browser gets when the overview raises the error."""
    browser = people.member.browser
    browser.raise_request_exception = False
    with mock.patch.object(OverviewView, "get", side_effect=error):
        return browser.get("/console/", headers=headers)


@pytest.mark.parametrize(
    ("error", "status", "title", "says"),
    [
        (Http404(), 404, "Not found", "There is nothing at this address, or it belongs to another organization."),
        (NotPermitted(), 403, "Not permitted", "Ask an owner of the organization to do it or to change your role."),
        (
            DomainError("MIGRATION_NOT_PAUSED", "The run is not paused", status=409),
            409,
            "Not possible now",
            "The run is not paused",
        ),
        (
            DomainError("VALIDATION_FAILED", "The request is not valid", errors={"name": ["Too long."]}),
            400,
            "This cannot be read",
            "The request is not valid name: Too long.",
        ),
        (QueueUnreachable(), 502, "The job queue is unreachable", "Check that Redis runs, then try again."),
        (ValueError("a distinctive secret"), 500, "Something went wrong", "has been written to the server&#x27;s log"),
    ],
)
def test_an_error_is_a_page_that_says_what_to_do(
    people: Cast, error: Exception, status: int, title: str, says: str
) -> None:
    response = console(people, error)

    page = response.content.decode()
    assert response.status_code == status
    assert f"<h1>{title}</h1>" in page
    assert says in page
    assert "distinctive" not in page
    assert (people.organization.name in page) == (status < 500 or status == 502)  # in the shell
    assert 'href="/">To the overview</a>' in page


def test_htmx_gets_the_text_in_a_header(people: Cast) -> None:
    response = console(people, DomainError("X", "Größe zählt", status=409), HX_Request="true")

    assert unquote(response.headers["X-Problem"]) == "Größe zählt"


def test_a_path_that_no_route_serves_is_a_page(people: Cast, client: Client) -> None:
    for browser in (people.member.browser, client):
        response = browser.get("/console/no/such/page/")
        assert response.status_code == 404
        assert "<h1>Not found</h1>" in response.content.decode()


def test_an_internal_error_is_a_page_that_needs_no_database(people: Cast) -> None:
    browser = people.member.browser
    browser.raise_request_exception = False
    with mock.patch("django.contrib.auth.get_user", side_effect=OperationalError("database away")):
        response = browser.get("/console/")

    assert response.status_code == 500
    assert "<h1>Something went wrong</h1>" in response.content.decode()


def test_paths_of_the_api_answer_as_documented(client: Client) -> None:
    response = client.get("/api/no/such/path")

    assert response.status_code == 404
    assert response.json()["code"] == "NOT_FOUND"


@pytest.mark.django_db
def test_other_paths_answer_plainly(client: Client) -> None:
    response = client.get("/nothing/here")

    assert response.status_code == 404
    assert "Isthmus" not in response.content.decode()
