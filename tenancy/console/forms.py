"""What the console's forms have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from django import forms


class Problem(Protocol):
    """An error with a sentence for people: `DomainError`, `TenancyError`."""

    message: str


class ConsoleForm(forms.Form):
    """A form whose fields are drawn by `console/_field.html` and whose services may refuse what was typed."""

    def refuse(self, problem: Problem) -> None:
        """Put a service's refusal next to the fields it names, and the rest above the form."""
        named: Mapping[str, list[str]] = getattr(problem, "errors", {})
        for name, texts in named.items():
            known = name in self.fields
            for text in texts:
                self.add_error(name if known else None, text if known else f"{name}: {text}")
        if not named:
            self.add_error(None, problem.message)
