"""A run watched in a real browser: it moves, obeys, survives a restarted server, and its log has no gap."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import browser, executable
from tests.process.world import World, world

pytestmark = [pytest.mark.browser, pytest.mark.serial, pytest.mark.full]

LINES = "lines => lines.map(line => Number(line.dataset.seq))"


@pytest.fixture(scope="module")
def slow_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Platforms slow enough for somebody to watch."""
    if executable() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("needs chromium (Debian: apt install chromium)")
    with world(tmp_path_factory.mktemp("run"), latency_ms=50) as made:
        yield made


@pytest.fixture
def page(slow_world: World) -> Iterator[Page]:
    """Signed in to the console, as a person does."""
    with browser() as started:
        opened = started.new_page()
        opened.set_default_timeout(20_000)
        opened.goto(f"{slow_world.home.url}/console/login/")
        opened.fill("input[name=email]", "o@example.com")
        opened.fill("input[name=password]", "0wner-pw!")
        opened.press("input[name=password]", "Enter")
        opened.wait_for_url(f"{slow_world.home.url}/console/")
        yield opened


def test_a_run_is_watched_paused_resumed_and_found_again_after_a_restart(slow_world: World, page: Page) -> None:
    run = slow_world.start_run()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{slow_world.home.url}/console/runs/{run}/")

    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#run-state")).to_have_attribute("data-status", "PAUSED")
    assert slow_world.status(run)["status"] == "PAUSED"
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#run-state")).to_have_attribute("data-status", "RUNNING")
    expect(page.locator('[data-now="current"]')).not_to_have_text("0", timeout=60_000)

    os.kill(slow_world.home.children()["web"], signal.SIGKILL)
    expect(page.locator("#run-link")).to_be_visible()
    expect(page.locator("#run-link")).to_be_hidden(timeout=30_000)
    expect(page.locator("#run-state")).to_have_attribute("data-status", "COMPLETED", timeout=90_000)

    total = slow_world.status(run)["totalItems"]
    expect(page.locator('[data-now="current"]')).to_have_text(f"{total:,}")
    expect(page.get_by_text("Status: completed.")).to_be_visible()
    seen = page.eval_on_selector_all("#log li", LINES)
    assert seen == sorted(set(seen))
    moved = page.get_by_text("→ DEMO-", exact=False)
    assert moved.count() == total
    assert complaints == []
