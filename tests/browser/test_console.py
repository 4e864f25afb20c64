"""The console in a real browser, with the demo's data: every page that can be reached, and what all pages share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response, expect

from tests.browser.chromium import PASSWORD, add_conflict, browser, executable, make_staff, sign_in
from tests.browser.crawling import crawl, kind_of
from tests.process.installation import Installation, installation

pytestmark = [pytest.mark.browser, pytest.mark.serial]

ORGANIZATION = "Isthmus demo"  # the demo's own
FIRST_LOAD_BYTES = 150_000
NARROW = {"width": 360, "height": 740}
GRAVE = ("serious", "critical")
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


@dataclass
class Visit:
    """A signed-in page and what was noted of it."""

    page: Page
    installation: Installation
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The installation's address."""
        return self.installation.url

    def watch(self) -> None:
        """Note refusals by the policy, script errors, failed requests, and requests to other hosts."""

        def note_message(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.complaints.append(f"{kind_of(self.page.url)}: {message.text}")

        def note_response(response: Response) -> None:
            if response.status >= 400:
                self.complaints.append(f"{response.status} {response.url}")

        def note_request(request: Request) -> None:
            if not request.url.startswith((self.url, "data:", "blob:")):
                self.elsewhere.append(request.url)

        self.page.on("console", note_message)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{kind_of(self.page.url)}: {error}"))
        self.page.on("response", note_response)
        self.page.on("request", note_request)


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    if executable() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs chromium (Debian: apt install chromium)")
    with installation(tmp_path_factory.mktemp("console")) as made:
        made.start("--sandbox")
        made.wait_until_ready(within=60)
        played = made.manage("demo", "--url", made.url)
        assert played.returncode == 0, played.stdout + played.stderr
        add_conflict(made, organization=ORGANIZATION)
        make_staff(made, organization=ORGANIZATION)
        with browser() as started:
            visited = Visit(started.new_page(), made)
            visited.watch()
            sign_in(visited.page, made)
            yield visited


def weight(page: Page) -> int:
    """Bytes of the page and everything it loads, as they were sent: what a first visit pays for them."""
    sizes: list[int] = page.evaluate(
        "['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))"
        ".filter(entry => entry.name.startsWith(location.origin)).map(entry => entry.encodedBodySize)"
    )
    assert len(sizes) > 3 and all(sizes[:1])
    return sum(sizes)


def grave_violations(page: Page, options: dict[str, object] | None = None) -> list[str]:
    found = Axe().run(page, options=options or {"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{kind_of(page.url)}: {rule['id']} at {', '.join(str(node['target']) for node in rule['nodes'][:3])}"
        for rule in found
        if rule["impact"] in GRAVE
    ]


def test_every_page_is_clean_accessible_light_and_fits_a_phone(visit: Visit) -> None:
    page = visit.page
    page.emulate_media(color_scheme="light")
    violations, heavy, wide, pages = [], {}, [], 0
    for path in crawl(page, visit.url):
        pages += 1
        violations += grave_violations(page)
        page.emulate_media(color_scheme="dark")
        violations += [f"dark {text}" for text in grave_violations(page, CONTRAST)]
        page.emulate_media(color_scheme="light")
        if (size := weight(page)) > FIRST_LOAD_BYTES:
            heavy[kind_of(path)] = size
        before = page.viewport_size
        page.set_viewport_size(NARROW)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(kind_of(path))
        page.set_viewport_size(before)

    assert pages > 25
    assert violations == []
    assert heavy == {}
    assert wide == []
    assert visit.complaints == []
    assert visit.elsewhere == []


def test_a_conflict_is_seen_and_resolved(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.url}/console/synchronizations/")
    page.get_by_role("link", name="Saltwind Booking <> DEMO").first.click()
    page.locator("main").get_by_role("link", name="To decide").first.click()
    matter = page.locator("article.matter", has_text="1004")

    assert "Both sides changed it since they last agreed. Choose which value both shall have." in matter.inner_text()
    assert "Ingrid Solberg" in matter.inner_text() and "Doors close five minutes early" in matter.inner_text()
    matter.get_by_role("button", name="Take the second").click()

    expect(matter).to_contain_text("Answered “second”")
    error = page.locator("article.matter", has_text="1005").inner_text()
    assert "No path of transitions leads from To Do to Done." in error and "and try again" in error
    page.reload()
    expect(page.locator("article.matter", has_text="1004")).to_have_count(0)


def test_the_rules_find_a_control_without_a_label(visit: Visit) -> None:
    visit.page.goto(f"{visit.url}/console/members/")
    visit.page.evaluate("document.querySelector('main').append(document.createElement('input'))")

    assert [text for text in grave_violations(visit.page) if "label" in text]


def test_it_can_be_used_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.url}/console/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"

    page.locator("details.account summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Change password").wait_for(timeout=5_000)
    page.keyboard.press("Escape")
    assert page.locator("details.account[open]").count() == 0


def test_the_theme_is_switched_and_kept(visit: Visit) -> None:
    page = visit.page
    page.emulate_media(color_scheme="light")
    page.goto(f"{visit.url}/console/members/")
    back = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(back)

    page.get_by_role("button", name="Switch between light and dark").click()
    dark = page.evaluate(back)
    page.reload()

    assert dark != light
    assert page.evaluate(back) == dark
    assert 'data-theme="dark"' in page.content()
    page.get_by_role("button", name="Switch between light and dark").click()


def test_times_are_shown_in_the_readers_zone(visit: Visit) -> None:
    context = visit.page.context.browser.new_context(
        timezone_id="Asia/Kathmandu", storage_state=visit.page.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"{visit.url}/console/audit/")

    shown, exact = page.locator("td time").first.evaluate("one => [one.textContent, one.title]")
    context.close()

    hour, minute = exact.split(", ")[1].split(":")[:2]
    there = (int(hour) * 60 + int(minute) + 345) % 1440  # five hours and three quarters ahead
    assert exact.endswith(" UTC")
    assert shown.endswith(f"{there // 60:02}:{there % 60:02}")


def test_on_a_phone_the_menu_opens_at_a_touch(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size(NARROW)
    page.goto(f"{visit.url}/console/")
    menu = page.get_by_role("navigation", name="Console")

    assert not menu.is_visible()
    page.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Members").click()
    page.wait_for_url("**/console/members/", timeout=5_000)

    page.set_viewport_size({"width": 1280, "height": 720})
    assert menu.is_visible()


def test_an_invited_person_comes_in_by_the_link(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.url}/console/members/")
    page.get_by_label("E-mail address").fill("nora@example.com")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("The link").input_value()

    context = visit.page.context.browser.new_context()
    theirs = context.new_page()
    theirs.goto(link)
    theirs.get_by_label("Password", exact=True).fill(PASSWORD + " of Nora")
    theirs.get_by_label("Password again").fill(PASSWORD + " of Nora")
    theirs.get_by_role("button", name="Make the account and join").click()
    theirs.get_by_text(f"You are now a member of {ORGANIZATION}.").wait_for(timeout=10_000)
    theirs.goto(f"{visit.url}/console/members/")
    invites = theirs.get_by_role("heading", name="Invite somebody").count()
    context.close()

    page.goto(f"{visit.url}/console/members/")
    assert page.get_by_role("row", name="nora@example.com").is_visible()
    assert invites == 0
    assert visit.complaints == []
