"""What the address of a list asks for: only what a database can compare with, and only choices that exist."""

from __future__ import annotations

from collections.abc import Collection

from django.http import HttpRequest


def asked_text(request: HttpRequest, name: str) -> str:
    """A text to search for; PostgreSQL cannot even compare with a NUL, so a text that holds one finds everything."""
    text = request.GET.get(name, "").strip()
    return "" if "\0" in text else text


def asked_choice(request: HttpRequest, name: str, known: Collection[str]) -> str:
    """One of the choices, or nothing."""
    text = request.GET.get(name, "")
    return text if text in known else ""
