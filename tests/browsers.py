"""Chromium for the tests: a new browser per call, and no console error, page error or foreign request unnoticed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, Route, ViewportSize, sync_playwright

from tests.servers import Portal

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
ARGUMENTS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}
OpenBrowser = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The one Chromium of this worker; contexts in it are separate browsers to the portal."""
    # Playwright's synchronous API keeps a loop running in this thread, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium: Browser, portal: Portal) -> Iterator[OpenBrowser]:
    """Open a new browser with no history: `open_browser(locale="en-GB", viewport=PHONE, color_scheme="dark")`.

    Relative addresses lead to the portal; `java_script_enabled=False` and every other context option work too.
    """
    problems: list[str] = []
    documents: set[str] = set()
    refused: list[tuple[str, str]] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            refused.append((message.location.get("url", ""), message.text))

    def on_response(response: Response) -> None:
        if response.request.resource_type == "document":
            documents.add(response.url)
        if response.status >= 500:
            problems.append(f"{response.status} {response.url}")

    def stay_home(route: Route) -> None:
        if urlsplit(route.request.url).netloc == urlsplit(portal.url).netloc:
            route.continue_()
        else:
            problems.append(f"the page asked another host: {route.request.url}")
            route.abort()

    def opened(**options: Any) -> Page:
        options = {
            "locale": "ja-JP",
            "timezone_id": "Asia/Tokyo",
            "viewport": DESKTOP,
            "base_url": portal.url,
        } | options
        context = chromium.new_context(**options)
        context.set_default_timeout(15_000)
        context.route("**/*", stay_home)
        context.on("console", on_console)
        context.on("response", on_response)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        return context.new_page()

    yield opened
    for context in list(chromium.contexts):
        context.close()
    # A page that is meant to answer 4xx is no fault; a script, style or picture that does is one.
    problems += [text for url, text in refused if not ("Failed to load resource" in text and url in documents)]
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(open_browser: OpenBrowser) -> Page:
    """A Japanese desktop browser."""
    return open_browser()


def axe(page: Page, *rules: str) -> list[str]:
    """What axe finds wrong on the page, one line per fault; `[]` is clean. By these rules alone, if any are named."""
    # By evaluate: a script tag would be stopped by our Content-Security-Policy, and rightly so.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options = AXE_OPTIONS if not rules else {"resultTypes": ["violations"], "runOnly": list(rules)}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {rule['help']}: {', '.join(str(node['target']) for node in rule['nodes'])}"
        for rule in result["violations"]
    ]
