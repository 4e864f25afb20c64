"""A headless Chromium that is signed in, for tests and screenshots."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.process.installation import Installation

NAMES = ("chromium", "chromium-browser", "google-chrome")
EMAIL, PASSWORD = "browser@example.com", "correct horse battery"

# Run by `manage.py shell`: the tests' own process has no database.
MAKE_STAFF = (
    "from tenancy.models import User; User.objects.filter(email={email!r}).update(is_staff=True, is_superuser=True)"
)
MAKE_CONFLICT = "from tests.browser.conflicts import make; make({organization!r})"


def executable() -> str | None:
    """The browser of this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """One browser process; as root it must do without its sandbox."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


def make_staff(installation: Installation, *, organization: str) -> None:
    """The owner of an organization who may also use the admin."""
    made = installation.manage("bootstrap", "--organization", organization, "--email", EMAIL, "--password", PASSWORD)
    assert made.returncode == 0, made.stderr
    raised = installation.manage("shell", "--no-imports", "--command", MAKE_STAFF.format(email=EMAIL))
    assert raised.returncode == 0, raised.stderr


def add_conflict(installation: Installation, *, organization: str) -> None:
    """A synchronization between the organization's connectors, with something to decide."""
    made = installation.manage("shell", "--no-imports", "--command", MAKE_CONFLICT.format(organization=organization))
    assert made.returncode == 0, made.stderr


def sign_in(page: Page, installation: Installation) -> None:
    """Through the console's form, as a person does."""
    page.goto(installation.url)
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{installation.url}/console/", timeout=10_000)


def admin_lists(page: Page, installation: Installation) -> list[str]:
    """Paths of all lists that the admin's index links to."""
    page.goto(f"{installation.url}/admin/")
    links = page.eval_on_selector_all("a[href]", "links => links.map(link => new URL(link.href).pathname)")
    lists = {link for link in links if link.count("/") == 4 and link.startswith("/admin/")}
    return sorted(link for link in lists if not link.startswith(("/admin/logout", "/admin/password_change")))
