"""A picture of every page, with the demo's data: `make screenshots`, into `var/screenshots/`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, StorageState

from tests.browser.chromium import add_conflict, admin_lists, browser, executable, make_staff, sign_in
from tests.browser.crawling import crawl, kind_of
from tests.process.installation import ROOT, Installation, installation

SHOTS = ROOT / "var" / "screenshots"
ORGANIZATION = "Isthmus demo"  # the demo's own
WIDTHS = {"wide": 1400, "narrow": 390}


PARTS = ("console", "admin")
LONGEST = 90_000  # milliseconds for one picture: a long page on a busy machine
LOOKS: tuple[tuple[str, Literal["light", "dark"]], ...] = (
    ("wide", "light"),
    ("wide", "dark"),
    ("narrow", "light"),
    ("narrow", "dark"),
)


def main(parts: Sequence[str]) -> int:
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
        add_conflict(made, organization=ORGANIZATION)
        make_staff(made, organization=ORGANIZATION)
        with browser() as started:
            page = started.new_page(viewport={"width": 1400, "height": 900})
            taken = take_everything(started, page, made, parts)
        made.stop()
    sys.stdout.write(f"{taken} pictures in {SHOTS}\n")
    return 0


def take_everything(started: Browser, page: Page, made: Installation, parts: Sequence[str]) -> int:
    """Sign-in, then every page of the parts in every look."""
    page.goto(f"{made.url}/console/login/")
    take(page, "sign-in")
    sign_in(page, made)
    paths = list(crawl(page, made.url)) if "console" in parts else []
    if "admin" in parts:
        paths += ["/api/docs/", "/admin/", *admin_pages(page, made)]
    signed_in = page.context.storage_state()
    return 1 + sum(take_look(started, signed_in, made, paths, width, scheme) for width, scheme in LOOKS)


def admin_pages(page: Page, made: Installation) -> list[str]:
    """Every list of the admin, and of each its first row."""
    paths = []
    for path in admin_lists(page, made):
        paths.append(path)
        page.goto(made.url + path)
        first = page.query_selector('#result_list a[href$="/change/"], #result_list a[href*="/change/?"]')
        if first is not None:
            paths.append(urlsplit(str(first.get_attribute("href"))).path)
    return paths


def take_look(
    started: Browser,
    signed_in: StorageState,
    made: Installation,
    paths: Sequence[str],
    width: str,
    scheme: Literal["light", "dark"],
) -> int:
    """The same pages in one width and one colour scheme."""
    context = started.new_context(
        viewport={"width": WIDTHS[width], "height": 900}, color_scheme=scheme, storage_state=signed_in
    )
    page = context.new_page()
    for path in paths:
        page.goto(made.url + path, wait_until="networkidle")
        take(page, f"{name_of(path)}-{width}-{scheme}")
        if path.endswith("/preview/"):
            page.locator(".preview__hits a").nth(1).click()
            page.locator("#preview-item article").first.wait_for()
            take(page, f"{name_of(path)}-item-{width}-{scheme}")
    context.close()
    return len(paths)


def name_of(path: str) -> str:
    """Without ids, so that the next pictures take the places of these."""
    return kind_of(path).strip("/").replace("/", "-")


def take(page: Page, name: str) -> None:
    """Picture the whole page, not only the window."""
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True, animations="disabled", timeout=LONGEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or PARTS))
