"""/dev/components/ in Chromium: clean for axe in every theme and language, and every script does its one thing."""

from __future__ import annotations

import pytest

from tests.browsers import DESKTOP, PHONE, axe

pytestmark = pytest.mark.browser
COMPONENTS = "/dev/components/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_component_is_clean(open_browser, lang, scheme, viewport):
    page = open_browser(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    for clean in ("", "&clean=1"):
        page.goto(f"{COMPONENTS}?lang={lang}{clean}")
        assert axe(page) == []


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_nothing_is_cut_off_at_320_pixels_or_with_wide_spacing(open_browser, lang):
    """Reflow and text spacing (WCAG 1.4.10, 1.4.12)."""
    page = open_browser(viewport={"width": 320, "height": 640})
    page.goto(f"{COMPONENTS}?lang={lang}")
    overflow = "() => document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(overflow) <= 0
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
                word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }`);
            document.adoptedStyleSheets = [sheet];
        }"""
    )
    assert page.evaluate(overflow) <= 0


def test_everything_to_press_is_large_enough(open_browser):
    page = open_browser(viewport=PHONE)
    page.goto(f"{COMPONENTS}?lang=ja&clean=1")
    small = page.evaluate(
        """() => [...document.querySelectorAll("a.button, button, summary, .choice, .top-link, .foot a")]
            .map(e => [e.textContent.trim().slice(0, 20), Math.round(e.getBoundingClientRect().height)])
            .filter(([, height]) => height > 0 && height < 44)"""
    )
    assert small == []


def test_without_a_script_nothing_useless_is_shown(open_browser):
    page = open_browser(java_script_enabled=False)
    page.goto(f"{COMPONENTS}?lang=ja")
    assert page.locator("[data-show-password]:visible, [data-copy]:visible, [data-print]:visible").count() == 0
    assert "2日と23時間40分" in page.locator(".left-over").first.inner_text()


def test_a_password_can_be_seen_and_is_hidden_again(page):
    page.goto(f"{COMPONENTS}?lang=en&clean=1")
    field = page.locator("#id_password")
    button = page.locator("[data-show-password]").first
    button.click()
    assert field.get_attribute("type") == "text"
    assert page.locator(".with-button [role=status]").first.inner_text() == "The password is visible."
    assert button.inner_text().startswith("Hide")
    button.click()
    assert field.get_attribute("type") == "password"


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(page):
    page.goto(f"{COMPONENTS}?lang=ja")
    assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
    page.locator("[data-error-summary] a").first.click()
    assert page.evaluate("document.activeElement.id") == "id_email"
    assert page.title().startswith("エラー：")


def test_the_countdown_moves_with_the_minutes(open_browser):
    page = open_browser()
    page.clock.install()
    page.goto(f"{COMPONENTS}?lang=ja")
    page.clock.run_for(61 * 60 * 1000)
    assert "あと 2日と22時間3" in page.locator(".left-over").first.inner_text()


def test_a_second_press_sends_nothing(page):
    page.goto(f"{COMPONENTS}?lang=ja&clean=1")
    page.evaluate(
        """() => {
            document.addEventListener("submit", event => {
                window.passed = (window.passed ?? 0) + (event.defaultPrevented ? 0 : 1);
                event.preventDefault();
            });
            const button = document.querySelector("#fields .buttons .button");
            button.click();
            button.click();
        }"""
    )
    assert page.evaluate("window.passed") == 1


def test_a_copy_button_copies_without_the_spaces(open_browser):
    page = open_browser(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{COMPONENTS}?lang=en&clean=1")
    page.locator("[data-copy]").click()
    assert page.evaluate("navigator.clipboard.readText()") == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    assert "Copied" in page.locator("[data-copy]").inner_text()
