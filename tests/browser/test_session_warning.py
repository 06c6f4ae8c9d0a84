"""Before a session ends the page says so (WCAG 2.2.1): with a script in time and by a button, without one in words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, Route

from tests.browsers import OpenBrowser, axe
from tests.journeys.walk import Visitor, somebody
from tests.servers import Portal

pytestmark = pytest.mark.browser
#: Seconds until the warning, with two minutes before an end that is thirty away; the dialog is looked for every five.
QUIET = 28 * 60 + 10
Enter = Callable[..., Visitor]


@pytest.fixture
def enter(open_browser: OpenBrowser, portal: Portal) -> Enter:
    """mei, signed in, in a browser whose clock the test moves; the portal's own clock stays."""

    def entered(**options: object) -> Visitor:
        mei, one = somebody(portal, "mei"), Visitor(open_browser(**options), portal)
        if options.get("java_script_enabled", True):
            one.page.clock.install()
        one.sign_in(mei.email, mei.password, mei.app_code())
        one.go("/account/addresses/add/")
        one.answer(code=mei.app_code())
        one.type(email="mei.half-typed@example.jp")
        return one

    return entered


def dialog(page: Page) -> Locator:
    return page.locator("dialog[data-session-warning]")


def until(page: Page) -> str:
    found = re.search(r"\d\d:\d\d", page.locator("[data-session-line]").inner_text())
    assert found
    return found.group()


def test_the_button_gives_more_time_and_keeps_what_was_typed(enter: Enter) -> None:
    one = enter()
    page, asked = one.page, list[Request]()
    page.on("request", lambda request: asked.append(request))
    page.locator("[name=email]").focus()
    page.clock.run_for(QUIET * 1000)
    assert dialog(page).is_visible()
    assert until(page) in dialog(page).inner_text()
    assert asked == [], "nothing keeps a session alive by itself"
    assert page.evaluate("document.activeElement.matches('[data-stay]')"), "the focus is on the button"
    with page.expect_response(lambda answer: answer.url.endswith("/account/sessions/stay/")) as answer:
        page.keyboard.press("Enter")
    assert (answer.value.status, answer.value.request.method) == (200, "POST")
    dialog(page).wait_for(state="hidden")
    assert page.locator("[name=email]").input_value() == "mei.half-typed@example.jp"
    assert page.evaluate("document.activeElement.name") == "email", "the focus is back in the field"
    page.clock.run_for(QUIET * 1000)
    assert dialog(page).is_visible(), "and it warns again before the new end"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialog_is_clean_in_both_languages(scheme: str, enter: Enter) -> None:
    one = enter(color_scheme=scheme)
    for language in ("ja", "en"):
        one.speak(language)
        one.page.clock.run_for(QUIET * 1000)
        assert axe(one.page) == []
        dialog(one.page).get_by_role("button").click()
        dialog(one.page).wait_for(state="hidden")


def test_another_tab_that_stays_gives_this_one_time_too(enter: Enter) -> None:
    one = enter()
    one.page.clock.run_for(QUIET * 1000)
    assert dialog(one.page).is_visible()
    other = one.page.context.new_page()
    other.goto("/account/")
    dialog(one.page).wait_for(state="hidden")


def test_the_longest_life_is_warned_of_and_no_button_moves_it(enter: Enter) -> None:
    one = enter()
    page = one.page
    page.route("**/account/addresses/add/", near_the_end)
    one.go("/account/addresses/add/")
    one.type(email="mei.half-typed@example.jp")
    page.clock.run_for((10 - 2) * 60 * 1000 + 10_000)
    assert dialog(page).is_visible()
    assert page.locator("[data-end=absolute]").is_visible()
    assert not page.locator("[data-stay]").is_visible()
    page.keyboard.press("Enter")
    dialog(page).wait_for(state="hidden")
    page.clock.run_for(20_000)
    assert not dialog(page).is_visible(), "said once, it does not come between the person and the form again"
    assert page.locator("[name=email]").input_value() == "mei.half-typed@example.jp"


def near_the_end(route: Route) -> None:
    """The page as the server sends it ten minutes before the longest life is over."""
    answer = route.fetch()
    route.fulfill(response=answer, body=re.sub(r'data-absolute="\d+"', 'data-absolute="600"', answer.text()))


def test_a_lost_connection_is_said_and_loses_nothing(enter: Enter) -> None:
    one = enter()
    page = one.page
    page.clock.run_for(QUIET * 1000)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no network')); }")
    page.locator("[data-stay]").click()
    page.locator("[data-failed]").wait_for(state="visible")
    assert page.locator("[name=email]").input_value() == "mei.half-typed@example.jp"


def test_after_the_end_the_page_leads_to_the_sign_in_and_back(enter: Enter, portal: Portal) -> None:
    one = enter()
    portal.manage("travel", "31m")
    with one.page.expect_navigation(url="**/sign-in/**"):
        one.page.clock.run_for((30 * 60 + 10) * 1000)
    assert "ended=idle" in one.path
    assert "next=%2Faccount%2Faddresses%2Fadd%2F" in one.path


def test_without_a_script_the_page_says_until_when_it_stays_open(enter: Enter) -> None:
    one = enter(java_script_enabled=False)
    assert one.page.locator("[data-session-line]").is_visible()
    assert until(one.page)
    assert not dialog(one.page).is_visible()
