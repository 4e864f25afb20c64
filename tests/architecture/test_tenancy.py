"""Isolation of tenants as a property of the whole: all models, all addresses."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

from tenancy.models import Organization, User
from tenancy.scoping import OrganizationOwned

OUR_APPS = ("tenancy", "webhooks", "connectors", "migrations_app", "sync")

# What belongs to no organization, and why.
SHARED_MODELS = {
    Organization: "is the tenant",
    User: "may belong to several organizations",
}

# Open to everybody, and why. An entry that no route matches fails the test too.
OPEN = {
    "": "leads to where one signs in",
    "healthz": "for those who watch the process",
    "readyz": "for those who watch the installation",
    "metrics": "numbers without tenants; details need METRICS_TOKEN",
    "api/auth/login": "makes a principal",
    "api/auth/refresh": "needs the cookie",
    "api/auth/logout": "needs the cookie",
    "console": "leads to the console",
    "console/login/": "makes a session",
    "console/logout/": "ends a session",
    "console/invitations/<str:secret>/": "the link is the proof; an unknown one is a 404",
    "admin/login/": "makes a session",
    "admin/logout/": "ends a session",
}

ANSWERS_TO_STRANGERS = {302, 401, 403, 404, 405}


def our_models() -> list[type[models.Model]]:
    return [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]


def test_every_tenant_owned_model_names_its_organization() -> None:
    unowned = {model for model in our_models() if not issubclass(model, OrganizationOwned)}

    through = {model for model in unowned if "_" in model.__name__}  # tables of many-to-many relations
    assert unowned - through == set(SHARED_MODELS)


def test_the_organization_is_never_null() -> None:
    owned = [model for model in our_models() if issubclass(model, OrganizationOwned)]

    assert owned
    assert [model.__name__ for model in owned if model._meta.get_field("organization").null] == []


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, here)
        else:
            yield here, pattern


def all_routes() -> list[tuple[str, URLPattern]]:
    return list(routes(get_resolver().url_patterns))


def address(route: str, pattern: URLPattern) -> str:
    """The route with something in the place of every parameter."""
    for name, converter in pattern.pattern.converters.items():
        value = "1" if isinstance(converter, IntConverter) else "x"
        value = str(uuid.uuid4()) if isinstance(converter, UUIDConverter) else value
        for form in (f"<{name}>", *(f"<{kind}:{name}>" for kind in ("str", "int", "uuid", "slug", "path"))):
            route = route.replace(form, value)
    return "/" + route


@pytest.mark.django_db
def test_every_address_refuses_strangers() -> None:
    wrong = {}
    client = Client(raise_request_exception=False)
    for route, pattern in all_routes():
        if route in OPEN or "(?P" in route or "^" in route:
            continue
        for method in ("get", "post", "put", "patch", "delete"):
            response = getattr(client, method)(address(route, pattern))
            to_login = response.status_code != 302 or "/login" in response["Location"]
            if response.status_code not in ANSWERS_TO_STRANGERS or not to_login:
                wrong[f"{method} {route}"] = response.status_code

    assert wrong == {}


@pytest.mark.django_db
def test_every_surface_answers_strangers_with_401() -> None:
    wrong = {}
    for route, pattern in all_routes():
        if route in OPEN or not route.startswith(("api/", "rest/", "plugins/", "connectors/", "integrations")):
            continue
        answers = {method: getattr(Client(), method)(address(route, pattern)).status_code for method in ("get", "post")}
        if not set(answers.values()) <= {401, 405} or 401 not in answers.values():
            wrong[route] = answers

    assert wrong == {}


def test_the_list_of_open_addresses_is_not_stale() -> None:
    assert set(OPEN) <= {route for route, _ in all_routes()}
