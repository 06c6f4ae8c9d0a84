"""The browser fixtures themselves: they see what they promise to see, and each test meets the same morning."""

from __future__ import annotations

import sqlite3

import pytest
from playwright.sync_api import Page

from tests.browser.test_pages import ENGLISH, NARROW, TOO_WIDE
from tests.browsers import OpenBrowser, axe
from tests.servers import Portal

pytestmark = pytest.mark.browser


def test_axe_runs_under_our_content_security_policy(page: Page) -> None:
    page.goto("/help/")
    assert axe(page) == []
    page.evaluate(
        "() => document.querySelector('h1').insertAdjacentElement('afterend', document.createElement('button'))"
    )
    assert any(fault.startswith("button-name:") for fault in axe(page))


def test_a_page_too_wide_for_400_percent_is_seen(page: Page) -> None:
    page.set_viewport_size(NARROW)
    page.goto("/help/")
    assert page.evaluate(TOO_WIDE) == ""
    page.evaluate("() => { document.querySelector('h1').style.inlineSize = '400px' }")
    assert "h1" in page.evaluate(TOO_WIDE)


def test_a_forgotten_english_sentence_is_seen() -> None:
    assert ENGLISH.findall("あと2分で This field is required. と出ます") == ["This field is required"]
    assert not ENGLISH.findall("Modoru English 日本語 MHXSG K4TQ1")


def test_without_javascript_no_script_runs(open_browser: OpenBrowser) -> None:
    page = open_browser(java_script_enabled=False, locale="en-GB")
    answer = page.goto("/help/")
    assert answer is not None
    assert answer.ok


def test_an_absent_page_is_no_console_error_of_ours(page: Page) -> None:
    answer = page.goto("/there-is-no-such-page/")
    assert answer is not None
    assert answer.status == 404


@pytest.mark.parametrize("visit", [1, 2])
def test_every_test_meets_the_same_morning(visit: int, portal: Portal) -> None:
    """Both visits change the same thing; the second would see the first's change if it stayed."""
    with sqlite3.connect(portal.var / "portal.sqlite3") as database:
        changed = database.execute("UPDATE accounts_user SET language = 'en' WHERE language = 'ja'").rowcount
    assert changed > 0
    assert not (portal.var / "clock-offset").exists()
    portal.manage("travel", "72h")
    assert (portal.var / "clock-offset").exists()
