"""Passkeys in a real Chromium with a virtual authenticator: what no soft key can show.

The browser's own rules (origin, name, autofill, the signal of what no longer counts) are asked, not believed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import OpenBrowser
from tests.journeys.walk import Person, Visitor, somebody
from tests.servers import Portal, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ADD = "/account/authenticators/add/passkey/"
BUTTON = "form[data-passkey] button"
#: A browser without autofill: else the virtual authenticator answers its quiet question before anybody presses.
NO_AUTOFILL = "window.PublicKeyCredential.isConditionalMediationAvailable = async () => false"

WEAKENED = """() => {
    const ask = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = (options) => {
        options.publicKey.userVerification = "discouraged";
        return ask(options);
    };
}"""


class Device:
    """A virtual authenticator in this page's browser: a screen lock, or a key that knows only a touch."""

    def __init__(self, page: Page, *, verifies: bool = True) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": verifies,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
        }
        self.id = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def keys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.send("getCredentials")["credentials"]
        return found

    def send(self, deed: str, **words: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.session.send(f"WebAuthn.{deed}", {"authenticatorId": self.id, **words})
        return answer


Home = Callable[..., tuple[Person, Visitor, Device]]


@pytest.fixture
def at_home(open_browser: OpenBrowser, portal: Portal) -> Home:
    """mei, signed in with her app, in a browser with a device that holds a passkey of hers."""

    def arrive(*, verifies: bool = True, autofill: bool = False) -> tuple[Person, Visitor, Device]:
        mei, one = somebody(portal, "mei"), Visitor(open_browser(), portal)
        if not autofill:
            one.page.add_init_script(NO_AUTOFILL)
        one.sign_in(mei.email, mei.password, mei.app_code())
        device = Device(one.page, verifies=verifies)
        one.go(ADD)
        one.answer(code=mei.app_code())
        one.type(name="青いキー")
        one.choose(BUTTON)
        one.sees("青いキー", "パスキーを追加しました")
        return mei, one, device

    return arrive


def said(one: Visitor, words: str) -> None:
    """The page says so beside the button, without having been left."""
    expect(one.page.locator("form[data-passkey] [role=status]").filter(has_text=words)).to_be_visible()


def test_autofill_signs_in_with_the_passkey_that_was_made(at_home: Home) -> None:
    _mei, one, device = at_home(autofill=True)
    (key,) = device.keys()
    assert key["isResidentCredential"]
    assert key["rpId"] == "localhost"
    one.go(ADD)
    one.page.locator(BUTTON).click()
    said(one, "この端末には、あなたのパスキーがすでにあります")
    one.sign_out()
    # The virtual authenticator answers autofill's quiet question as if its entry had been chosen.
    one.page.goto("/sign-in/")
    one.page.wait_for_url("**/account/")
    one.go("/account/activity/")
    one.sees("サインイン")


def test_the_button_signs_in_and_once_final_it_confirms_important_steps(at_home: Home, portal: Portal) -> None:
    _mei, one, _device = at_home()
    one.go("/account/authenticators/")
    one.until("本人確認に使えるのは")  # every letter is out, so its time runs (R6, R7)
    portal.manage("travel", "96h")
    one.page.goto("/sign-in/?next=/account/password/")
    one.choose(BUTTON)
    one.choose("main button[name=challenge][value=passkey]")
    one.choose(BUTTON)
    assert one.path == "/account/password/"


def test_when_the_device_refuses_the_password_is_there_and_focused(at_home: Home) -> None:
    mei, one, device = at_home()
    one.sign_out()
    one.page.goto("/sign-in/")
    device.send("setUserVerified", isUserVerified=False)  # somebody else's finger
    one.page.locator(BUTTON).click()
    said(one, "メールアドレスとパスワードで続けられます")
    expect(one.page.locator("[name=auth-email]")).to_be_focused()
    one.answer(auth__email=mei.email, auth__password=mei.password)
    one.sees("アプリのコード")


def test_an_answer_without_verification_is_asked_for_the_password(at_home: Home) -> None:
    """The question is weakened on its way, as a hostile script would; the answer shows it (SP 800-63B-4 §3.1.7.2)."""
    mei, one, device = at_home()
    one.sign_out()
    one.page.goto("/sign-in/")
    device.send("setUserVerified", isUserVerified=False)
    one.page.evaluate(WEAKENED)
    one.choose(BUTTON)
    one.sees("パスキーではサインインできませんでした", "まずパスワードでサインインしてください")
    expect(one.page.locator("[name=auth-email]")).to_be_focused()
    one.answer(auth__email=mei.email, auth__password=mei.password)
    one.sees("アプリのコード")


def test_a_device_that_knows_only_a_touch_stands_beside_the_password(at_home: Home) -> None:
    mei, one, _device = at_home(verifies=False)
    one.sign_out()
    one.page.goto("/sign-in/")
    one.page.locator(BUTTON).click()
    said(one, "メールアドレスとパスワードで続けられます")
    one.answer(auth__email=mei.email, auth__password=mei.password)
    one.choose("main button[name=challenge][value=passkey]")
    one.choose(BUTTON)
    assert one.path == "/account/"


def test_after_removal_the_device_forgets_it_and_a_copy_is_refused(at_home: Home) -> None:
    mei, one, device = at_home()
    (key,) = device.keys()
    one.go("/account/authenticators/")
    one.choose("main a[href*='/authenticators/passkey/'] >> nth=0")
    one.choose("main a[href$='/remove/']")
    one.answer(code=mei.app_code())  # the passkey itself is too new to confirm anything (R7)
    one.press()
    one.sees("パスキーを削除しました")
    wait_for(lambda: not device.keys(), 10, "the device was not told to forget it")
    device.send("addCredential", credential=key)  # as on a device that was off
    one.sign_out()
    one.page.goto("/sign-in/")
    one.choose(BUTTON)
    one.sees("パスキーではサインインできませんでした")
    one.go("/account/")
    assert one.path.startswith("/sign-in/")


def test_a_passkey_that_nobody_has_is_forgotten_by_its_device(at_home: Home) -> None:
    _mei, one, device = at_home()
    (key,) = device.keys()
    one.sign_out()
    one.page.goto("/sign-in/")
    device.send("clearCredentials")
    stranger = {**key, "credentialId": "bm9ib2R5J3MgcGFzc2tleSE="}
    device.send("addCredential", credential=stranger)
    one.choose(BUTTON)
    one.sees("パスキーではサインインできませんでした")
    wait_for(lambda: not device.keys(), 10, "the device was not told to forget it")


def test_a_page_that_waits_for_nothing_asks_for_nothing(open_browser: OpenBrowser) -> None:
    """No loop, no error, where the portal's question does not come: the password form simply stays."""
    page = open_browser()
    asked: list[str] = []
    page.route("**/sign-in/", lambda route: asked.append(route.request.method) or route.continue_())
    Device(page)
    page.goto("/sign-in/")
    page.wait_for_timeout(1500)
    assert asked.count("POST") <= 1
    assert asked.count("GET") == 1
    expect(page.locator("[name=auth-password]")).to_be_visible()
