"""The whole way of somebody who has read nothing: from signing in to the proof, with what goes wrong on it understood
from the page alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.jira.site import DEFAULT_TYPES, SiteSpec
from tests.browser.chromium import browser, executable
from tests.browser.watching import Watch
from tests.process.world import PROJECT, World, world

pytestmark = [pytest.mark.browser, pytest.mark.serial]

EMAIL, PASSWORD = "o@example.com", "0wner-pw!"
WITHOUT_STORIES = SiteSpec(types=tuple(each for each in DEFAULT_TYPES if each.name != "Story"))
PATIENCE = 30_000


@dataclass
class Visitor:
    """Somebody at a browser, and what their pages did wrong."""

    page: Page
    world: World
    watch: Watch

    @property
    def home(self) -> str:
        """The installation's address."""
        return self.world.home.url

    def button(self, name: str) -> Locator:
        """By what stands on it."""
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        """The first link with these words on the page itself, not in the menu."""
        return self.page.locator("main").get_by_role("link", name=name).first

    def fill(self, **values: str) -> None:
        """Controls by their names."""
        for name, value in values.items():
            self.page.fill(f"main [name={name}]", value)

    def choose(self, name: str, words: str) -> None:
        """The option of a list that has these words."""
        options = self.page.locator(f"main select[name={name}]")
        options.select_option(options.locator("option", has_text=words).first.get_attribute("value"))

    def reads(self, *words: str) -> None:
        """Each of these can be read on the page."""
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each, timeout=PATIENCE)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A Jira site that has no stories, so that one type finds no place by itself."""
    if executable() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs chromium (Debian: apt install chromium)")
    with world(tmp_path_factory.mktemp("way"), site=WITHOUT_STORIES) as made:
        yield made


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def visitor(started: Browser, stage: World) -> Iterator[Visitor]:
    """Not signed in yet. Afterwards nothing may have gone wrong in any page."""
    context = started.new_context()
    context.set_default_timeout(PATIENCE)
    watch = Watch(stage.home.url)
    watch.over(context)
    yield Visitor(context.new_page(), stage, watch)
    context.close()
    assert watch.everything == []


def sign_in(visitor: Visitor, *, email: str = EMAIL, password: str = PASSWORD) -> None:
    visitor.page.goto(f"{visitor.home}/")
    visitor.fill(email=email, password=password)
    visitor.button("Sign in").click()
    visitor.page.wait_for_url(f"{visitor.home}/console/")


def refused_at_the_door(visitor: Visitor) -> None:
    """A wrong password: what is wrong, and the address is kept."""
    visitor.page.goto(f"{visitor.home}/")
    visitor.fill(email=EMAIL, password="not it")
    visitor.button("Sign in").click()
    visitor.reads("E-mail address or password is wrong. Check both")
    assert visitor.page.input_value("[name=email]") == EMAIL


def add_source(visitor: Visitor) -> None:
    """With a wrong token first: the page says what the platform says, and what to do."""
    page = visitor.page
    page.goto(f"{visitor.home}/console/connectors/")
    visitor.link("New connector").click()
    visitor.link("Choose Azure DevOps").click()
    visitor.fill(name="Contoso", alm_server=f"{visitor.world.ado_url}/contoso", alm_project=PROJECT, alm_pass="stale")
    visitor.button("Test").click()
    visitor.reads("The platform says:", "What to do next: Make a new token on the platform and enter it")
    assert page.input_value("[name=alm_project]") == PROJECT
    visitor.fill(alm_pass="sandbox-pat")
    visitor.button("Save").click()
    visitor.reads("The connector Contoso is saved.", "Working")


def add_target(visitor: Visitor) -> None:
    """With the account forgotten first: the field says so and the rest is kept."""
    visitor.page.goto(f"{visitor.home}/console/connectors/new/jira/")
    visitor.fill(name="Demo site", alm_server=visitor.world.jira_url, alm_project="DEMO", alm_pass="sandbox-token")
    visitor.button("Save").click()
    visitor.reads("Not saved. Look at the fields marked below.", "This field is required")
    assert visitor.page.input_value("[name=alm_project]") == "DEMO"
    visitor.fill(alm_user="sandbox@example.com", alm_pass="sandbox-token")
    visitor.button("Save").click()
    visitor.reads("The connector Demo site is saved.", "Working")


def make_project(visitor: Visitor) -> str:
    """Both ends chosen; the path of its page."""
    page = visitor.page
    page.goto(f"{visitor.home}/console/projects/")
    visitor.link("New project").click()
    visitor.fill(name="Booking")
    page.select_option("[name=source_system]", "AZURE_DEVOPS")
    page.select_option("[name=target_system]", "JIRA")
    visitor.button("Make the project").click()
    visitor.reads("The project Booking is made. Choose its connectors next.")
    visitor.choose("source", "Contoso")
    visitor.choose("target", "Demo site")
    visitor.button("Save").click()
    visitor.reads("Next: Scan.")
    return page.url.removesuffix("connect/")


def scan(visitor: Visitor, project: str) -> None:
    """What there is, counted and shown."""
    visitor.link("Scan").click()
    visitor.button("Start the scan").click()
    visitor.reads(" work items counted")
    visitor.link("See the report").click()
    visitor.reads("Moving and verifying takes about", "Findings", "User Story")
    visitor.page.goto(project)


def place_the_unmapped_type(visitor: Visitor, project: str) -> None:
    """The check names the type, why it has no place and what to do, and leads to where that is done."""
    page = visitor.page
    page.goto(f"{project}preflight/")
    finding = page.locator("article", has_text="An issue type is missing")
    expect(finding).to_contain_text("items of type User Story need the issue type Story", timeout=PATIENCE)
    expect(finding).to_contain_text("What to do: Choose another type, or add it to the project.")
    expect(finding.locator("a[href*='preview/?item=']").first).to_have_text(re.compile(r"#\d+"))
    visitor.reads("blocks a run.")
    finding.get_by_role("link", name="Open the mapping").click()
    row = page.locator("tbody.mapping__row", has_text="User Story")
    expect(row).to_contain_text("To decide", timeout=PATIENCE)
    row.get_by_label("for User Story").select_option(label="Task")
    expect(row).to_contain_text("Decided")
    visitor.reads("Nothing is left to decide.")


def preview(visitor: Visitor, project: str) -> None:
    """One item on both sides, before anything is written."""
    visitor.page.goto(f"{project}preview/")
    visitor.page.locator(".preview__hits a").first.click()
    visitor.reads("Source · ", "Would become · ", "The request as it would be sent")
    assert visitor.world.jira.content.issues == {}


def start(visitor: Visitor, project: str) -> str:
    """The address of the run, which ends with one file refused."""
    visitor.world.jira.faults = FaultPlan([FaultRule(FaultKind.TOO_LARGE_413, "attachments", "POST", times=1)])
    visitor.page.goto(f"{project}preflight/")
    visitor.button("Check again").click()
    visitor.reads("Ready.", "can be moved")
    visitor.link("Next: start").click()
    visitor.button("Start the run").click()
    visitor.page.wait_for_url(re.compile("/console/runs/"))
    ends_as(visitor, "PARTIAL")
    return visitor.page.url


def ends_as(visitor: Visitor, status: str) -> None:
    """On the live page, without loading it again."""
    expect(visitor.page.locator("#run-state")).to_have_attribute("data-status", status, timeout=4 * PATIENCE)


def see_what_failed(visitor: Visitor, run: str) -> None:
    """Which item, which file, why; and the button that tries it again."""
    visitor.page.goto(run)
    row = visitor.page.locator("section", has_text="Items that did not arrive whole").locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(re.compile(r"#\d+"))
    expect(row).to_contain_text(re.compile(r"File .+: The request is too large"))
    row.get_by_role("link", name=re.compile(r"^#\d+$")).click()
    visitor.reads("Set right what is named, then use “Retry what failed” on the run.")
    visitor.link("the run").click()
    visitor.button("Retry what failed").click()
    visitor.page.wait_for_url(lambda url: "/console/runs/" in url and url != run)
    ends_as(visitor, "COMPLETED")


def read_the_proof(visitor: Visitor) -> None:
    """Differences first, the table that reconciles below."""
    visitor.link("Verification").click()
    visitor.reads("Everything that was moved is in Jira", "The table reconciles: every item is accounted for.")


def test_from_a_wrong_password_to_the_proof_of_a_move(visitor: Visitor) -> None:
    refused_at_the_door(visitor)
    sign_in(visitor)
    add_source(visitor)
    add_target(visitor)
    project = make_project(visitor)
    scan(visitor, project)
    place_the_unmapped_type(visitor, project)
    preview(visitor, project)
    run = start(visitor, project)
    see_what_failed(visitor, run)
    read_the_proof(visitor)

    assert visitor.world.complaints() == []


def tab_to(page: Page, words: str) -> None:
    """With the Tab key until what is focused is called so."""
    said = "(it => (it.labels?.[0] ?? it).textContent.trim())(document.activeElement)"
    for _ in range(60):
        page.keyboard.press("Tab")
        if words == page.evaluate(said):
            return
    raise AssertionError(f"no way to {words!r} with the keyboard")


def test_signing_in_and_scanning_need_no_mouse(visitor: Visitor) -> None:
    page = visitor.page
    connect(visitor.world, "Keyboard")
    page.goto(f"{visitor.home}/")
    page.keyboard.type(EMAIL)  # the first field has the focus already
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visitor.home}/console/")

    tab_to(page, "Audits")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/scans/")
    tab_to(page, "New scan")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/scans/new/")
    tab_to(page, "Connector")
    page.keyboard.type("Keyboard")
    tab_to(page, "Start the scan")
    page.keyboard.press("Enter")

    visitor.reads("Moving and verifying takes about")


def connect(world: World, name: str) -> int:
    """A connector to the source; its number."""
    credentials = {
        "organization_url": f"{world.ado_url}/contoso",
        "project": PROJECT,
        "personal_access_token": "sandbox-pat",
    }
    made = world.call("POST", "/api/connectors", {"name": name, "type": "azure_devops", "credentials": credentials})
    assert made.ok, made.text
    return int(made.json()["id"])


def test_an_outsider_sees_nothing(visitor: Visitor) -> None:
    theirs = connect(visitor.world, "Confidential")
    project = {"name": "Confidential", "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA"}
    hidden = visitor.world.call("POST", "/api/projects", project).json()["id"]
    stranger = ("--organization", "Others", "--email", "out@example.com", "--password", "s0mebody-else!")
    assert visitor.world.home.manage("bootstrap", *stranger).returncode == 0
    sign_in(visitor, email="out@example.com", password="s0mebody-else!")

    for path in ("", "connectors/", "projects/", "runs/", "scans/", "audit/", "members/", "search/?q=Confidential"):
        visitor.page.goto(f"{visitor.home}/console/{path}")
        expect(visitor.page.locator("main a", has_text="Confidential")).to_have_count(0)
        assert EMAIL not in visitor.page.content()
    for path in (f"connectors/{theirs}/", f"projects/{hidden}/", f"projects/{hidden}/mapping/"):
        answer = visitor.page.goto(f"{visitor.home}/console/{path}")
        assert answer is not None and answer.status == 404
        assert "Confidential" not in visitor.page.content()
