"""Pages in a real browser: they work, without script errors and without leaving the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

from tests.browser.chromium import admin_lists, browser, executable, make_staff, sign_in
from tests.process.installation import Installation, installation

pytestmark = [pytest.mark.browser, pytest.mark.serial]


@dataclass
class Visit:
    """A signed-in page and everything it complained about."""

    page: Page
    installation: Installation
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note script errors, error messages, and where requests go."""

        def note_message(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.complaints.append(f"{self.page.url}: {message.text}")

        def note_request(request: Request) -> None:
            if not request.url.startswith(("data:", "blob:")):
                self.requested.append(request.url)

        self.page.on("console", note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("request", note_request)


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    if executable() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs chromium (Debian: apt install chromium)")
    with installation(tmp_path_factory.mktemp("browser")) as made:
        made.start("--workers", "1")
        made.wait_until_ready()
        make_staff(made, organization="Acme")
        with browser() as started:
            page = started.new_page()
            visited = Visit(page, made)
            visited.watch()
            sign_in(page, made)
            yield visited


def test_every_list_and_form_of_the_admin_opens_without_an_error(visit: Visit) -> None:
    lists = admin_lists(visit.page, visit.installation)
    visit.complaints.clear()

    statuses = {}
    for path in lists:
        answer = visit.page.goto(visit.installation.url + path)
        statuses[path] = answer.status if answer else 0
        add = visit.page.query_selector(f'a[href^="{path}add/"]')
        if add is not None:
            answer = visit.page.goto(f"{visit.installation.url}{path}add/")
            statuses[f"{path}add/"] = answer.status if answer else 0

    assert "/admin/tenancy/organization/" in statuses
    assert {path: status for path, status in statuses.items() if status != 200} == {}
    assert visit.complaints == []


def test_the_description_of_the_api_can_be_read(visit: Visit) -> None:
    visit.complaints.clear()

    visit.page.goto(f"{visit.installation.url}/api/docs/")
    # The list draws what is in the window only, so any of its paths will do.
    visit.page.locator(".opblock-summary-path", has_text="connectors").first.wait_for(timeout=20_000)

    assert visit.complaints == []


def test_nothing_was_fetched_from_elsewhere(visit: Visit) -> None:
    visit.page.goto(f"{visit.installation.url}/api/docs/", wait_until="networkidle")

    assert [url for url in visit.requested if not url.startswith(visit.installation.url)] == []
