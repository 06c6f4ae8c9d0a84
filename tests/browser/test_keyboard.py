"""With the keyboard alone: everything is reached by Tab, the focus is always seen, and nothing lies over it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browsers import OpenBrowser
from tests.journeys.walk import Visitor, somebody
from tests.servers import Portal

pytestmark = pytest.mark.browser

#: Where the focus is, whether it is drawn (WCAG 2.4.7; a choice draws it around its words), and whether something lies
#: over it (WCAG 2.4.11).
FOCUS = """() => {
    const one = document.activeElement, box = one.getBoundingClientRect();
    const label = one.labels && one.labels[0];
    const [x, y] = [Math.min(box.x + box.width / 2, innerWidth - 1), box.y + Math.min(box.height, 40) / 2];
    const at = document.elementFromPoint(x, y);
    const drawn = [one, label].filter(Boolean).map(each => getComputedStyle(each));
    return { nothing: one === document.body, html: one.outerHTML.slice(0, 120),
        seen: drawn.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
        free: !!at && (one.contains(at) || at.contains(one) || (!!label && label.contains(at))) };
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on it, looking at every stop on the way."""
    for _ in range(80):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at["nothing"]:
            continue
        assert at["seen"], f"the focus is not drawn on {at['html']}"
        assert at["free"], f"something lies over {at['html']}"
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reached {selector} on {page.url}")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press(key)


def write(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


@pytest.mark.parametrize("scripted", [True, False], ids=["with a script", "without"])
def test_a_recovery_begins_and_a_code_is_shown(open_browser: OpenBrowser, portal: Portal, scripted: bool) -> None:
    page = open_browser(java_script_enabled=scripted)
    page.goto("/")
    press(page, "main a[href='/recovery/']")
    tab_to(page, "[name=situation]")
    page.keyboard.press("Space")
    press(page, "main button")
    press(page, "main a[href^='/recovery/start/']")
    write(page, "[name=email]", "hanako@example.jp")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/recovery/cases/" in page.url
    press(page, "main a[href$='/prove/email/']")
    write(page, "[name=code]", portal.code(to="hanako@example.jp", kind="codes/recovery"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/") and "/prove/" not in page.url


def test_signing_in_and_out(open_browser: OpenBrowser, portal: Portal) -> None:
    mei, page = somebody(portal, "mei"), open_browser()
    page.goto("/sign-in/")
    write(page, "[name=auth-email]", mei.email)
    write(page, "[name=auth-password]", mei.password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    write(page, "[name=token-code]", mei.app_code())
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Visitor(page, portal).path == "/account/"
    press(page, "a[href='/account/sessions/']")
    press(page, "form[action='/sign-out/'] button")
    assert Visitor(page, portal).path == "/"


def test_the_first_tab_leads_past_the_header(open_browser: OpenBrowser) -> None:
    page = open_browser()
    page.goto("/help/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('header')")
