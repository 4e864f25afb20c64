"""A picture of every page, with the demo's data: `make screenshots`, into `var/screenshots/`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, StorageState

from tests.browser.chromium import admin_lists, browser, executable, make_staff, sign_in
from tests.browser.crawling import crawl, kind_of
from tests.process.installation import ROOT, Installation, installation

SHOTS = ROOT / "var" / "screenshots"
ORGANIZATION = "Isthmus demo"  # the demo's own
WIDTHS = {"wide": 1400, "narrow": 390}


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
            taken += take_console(started, page, made)
        made.stop()
    sys.stdout.write(f"{taken} pictures in {SHOTS}\n")
    return 0


def take_all(page: Page, made: Installation) -> int:
    """Every page of the admin and the API browser once; of each list also its first row."""
    page.goto(f"{made.url}/console/login/")
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


def take_console(started: Browser, page: Page, made: Installation) -> int:
    """Every page of the console, wide and narrow, light and dark."""
    paths = list(crawl(page, made.url))
    signed_in = page.context.storage_state()
    return sum(
        take_look(started, signed_in, made, paths, width=width, scheme=scheme)
        for width in WIDTHS
        for scheme in ("light", "dark")
    )


def take_look(
    started: Browser,
    signed_in: StorageState,
    made: Installation,
    paths: list[str],
    *,
    width: str,
    scheme: Literal["light", "dark"],
) -> int:
    """The same pages in one width and one colour scheme."""
    context = started.new_context(
        viewport={"width": WIDTHS[width], "height": 900}, color_scheme=scheme, storage_state=signed_in
    )
    page = context.new_page()
    for path in paths:
        page.goto(made.url + path)
        take(page, f"{kind_of(path).strip('/').replace('/', '-')}-{width}-{scheme}")
    context.close()
    return len(paths)


def take(page: Page, name: str) -> None:
    """Picture the whole page, not only the window."""
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
