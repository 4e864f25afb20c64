"""A picture of every page, with the demo's data: `make screenshots`, into `var/screenshots/`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.chromium import admin_lists, browser, executable, make_staff, sign_in
from tests.process.installation import ROOT, Installation, installation

SHOTS = ROOT / "var" / "screenshots"
ORGANIZATION = "Isthmus demo"  # the demo's own


def main() -> int:
    """Start an installation with its sandbox, play the demo in it, visit and picture."""
    if executable() is None:
        sys.stderr.write("No chromium found. Install it (Debian: apt install chromium).\n")
        return 1
    SHOTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="isthmus-") as folder, installation(Path(folder)) as made:
        made.start("--sandbox")
        made.wait_until_ready(within=60)
        played = made.manage("demo", "--url", made.url)
        if played.returncode != 0:
            sys.stderr.write(played.stdout + played.stderr)
            return 1
        make_staff(made, organization=ORGANIZATION)
        with browser() as started:
            page = started.new_page(viewport={"width": 1400, "height": 900})
            taken = take_all(page, made)
        made.stop()
    sys.stdout.write(f"{taken} pictures in {SHOTS}\n")
    return 0


def take_all(page: Page, made: Installation) -> int:
    """Every page once; of each list also its first row."""
    page.goto(f"{made.url}/admin/login/")
    take(page, "sign-in")
    sign_in(page, made)
    take(page, "admin")
    taken = 3
    page.goto(f"{made.url}/api/docs/", wait_until="networkidle")
    take(page, "api-docs")
    for path in admin_lists(page, made):
        name = "-".join(path.strip("/").split("/"))
        page.goto(made.url + path)
        take(page, name)
        taken += 1
        first = page.query_selector('#result_list a[href$="/change/"], #result_list a[href*="/change/?"]')
        if first is not None:
            page.goto(made.url + str(first.get_attribute("href")))
            take(page, f"{name}-one")
            taken += 1
    return taken


def take(page: Page, name: str) -> None:
    """Picture the whole page, not only the window."""
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
