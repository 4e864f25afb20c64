"""What browsers may load and run, by the part of the installation; and that the console's templates keep to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from config.content_policies import HEADER, policy_for
from tests.builders import Cast

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates", "console").rglob("*.html"))
SCRIPTS = sorted(Path(settings.BASE_DIR, "static", "console").rglob("*.js"))

# What the console's policy forbids, as it would stand in a template or in what a template draws.
INLINE = {
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>{]*\s(on[a-z]+|hx-on[:a-z-]*)\s*=", re.IGNORECASE),
    "a script as an address": re.compile(r"javascript:", re.IGNORECASE),
    "an expression for htmx": re.compile(r"""hx-(vals|headers|vars)=["']js:|hx-trigger=["'][^"']*\["""),
    "another host": re.compile(r"""\b(src|href|action|hx-get|hx-post)=["'](https?:)?//""", re.IGNORECASE),
}


def directives(path: str) -> dict[str, str]:
    pairs = (part.strip().partition(" ") for part in policy_for(path).split(";"))
    return {name: sources for name, _, sources in pairs}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/console/login/", "/console/"),
        ("/console/nothing", "/console/"),
        ("/", "/console/"),
        ("/admin/login/", "/admin/"),
        ("/api/docs/", "/api/docs/"),
        ("/api/connectors", "/api/"),
        ("/api/nothing", "/api/"),
        ("/rest/nothing", "/rest/"),
    ],
)
def test_every_answer_carries_the_policy_of_its_part(client: Client, path: str, part: str) -> None:
    response = client.get(path)

    assert response.headers[HEADER] == policy_for(part)
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_console_runs_nothing_but_its_own_files() -> None:
    policy = directives("/console/")

    assert policy["default-src"] == "'self'"
    assert "unsafe" not in policy_for("/console/")
    assert {name for name in policy if name.endswith("-src")} == {"default-src", "img-src", "object-src"}
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert policy["form-action"] == "'self'"


def test_looser_policies_stay_with_those_who_need_them() -> None:
    assert "'unsafe-eval'" in directives("/admin/")["script-src"]
    assert "script-src" not in directives("/api/docs/")
    assert directives("/api/docs/")["style-src"] == "'self' 'unsafe-inline'"
    assert directives("/api/anything")["default-src"] == "'none'"
    for path in ("/console/", "/admin/", "/api/docs/", "/api/"):
        assert "http" not in policy_for(path)


@pytest.mark.parametrize("what", INLINE)
def test_no_template_of_the_console_contains(what: str) -> None:
    assert len(TEMPLATES) > 20
    wrong = [
        f"{path.relative_to(settings.BASE_DIR)}: {found.group()[:80]}"
        for path in TEMPLATES
        if (found := INLINE[what].search(path.read_text(encoding="utf-8")))
    ]

    assert wrong == []


def test_no_script_of_the_console_evaluates_text_or_calls_other_hosts() -> None:
    forbidden = re.compile(r"\beval\(|new Function\(|document\.write|setTimeout\([\"']|[\"'`]https?://")
    assert SCRIPTS
    wrong = [path.name for path in SCRIPTS if forbidden.search(path.read_text(encoding="utf-8"))]

    assert wrong == []


def test_pages_as_drawn_contain_nothing_inline(people: Cast) -> None:
    browser = people.owner.browser
    for path in ("", "members/", "tokens/", "audit/", "webhooks/", "webhooks/new/", "password/", "organizations/", "x"):
        page = browser.get(f"/console/{path}").content.decode()
        for what, pattern in INLINE.items():
            assert not pattern.search(page), f"{path}: {what}"


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        '<p class="x" style="color: red">',
        '<button onclick="go()">',
        '<div hx-on:click="go()">',
        '<a href="javascript:go()">',
        "<div hx-vals='js:{a: 1}'>",
        '<img src="//elsewhere.example/x.png">',
        "<style>p {}</style>",
    ],
)
def test_the_scan_finds_what_it_is_for(markup: str) -> None:
    assert any(pattern.search(markup) for pattern in INLINE.values())
