"""What a page must never do: complain, break its policy, or ask another host."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

# A form that is answered with what is wrong in it is no fault of the page.
MEANT = ("the server responded with a status of 422", "the server responded with a status of 404")
TELL = (
    "addEventListener('securitypolicyviolation',"
    " event => tellViolation(`${event.violatedDirective} ${event.blockedURI}`))"
)


@dataclass
class Watch:
    """Everything that went wrong in a browser's pages."""

    home: str
    complaints: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of the context from now on."""
        context.expose_binding("tellViolation", self._violated)
        context.add_init_script(TELL)
        context.on("console", self._said)
        context.on("weberror", self._broke)
        context.on("request", self._asked)

    @property
    def everything(self) -> list[str]:
        """All of it in words; empty when the pages behaved."""
        return [*self.complaints, *self.violations, *(f"asked {url}" for url in self.elsewhere)]

    def _violated(self, source: dict[str, Any], words: str) -> None:
        page: Page = source["page"]
        self.violations.append(f"{urlsplit(page.url).path}: {words}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in MEANT):
            self.complaints.append(message.text)

    def _broke(self, error: WebError) -> None:
        self.complaints.append(str(error.error))

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.elsewhere.append(request.url)
