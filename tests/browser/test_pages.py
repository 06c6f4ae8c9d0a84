"""Every page in both languages: clean for axe in both themes, whole on a phone, nothing inline, the golden policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Response, ViewportSize

from tests.browser.scenes import WALKS
from tests.browsers import DESKTOP, OpenBrowser, axe
from tests.journeys.walk import Visitor, flat
from tests.servers import Portal

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: Changed only on purpose: a wider policy is a decision, not a side effect.
GOLDEN = (
    "base-uri 'none'; connect-src 'self'; default-src 'none'; font-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; img-src 'self'; manifest-src 'self'; object-src 'none'; "
    "require-trusted-types-for 'script'; script-src 'self'; style-src 'self'; trusted-types 'none'"
)
INLINE = {
    "script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "style": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]+\sstyle=", re.IGNORECASE),
    "handler": re.compile(r"<[^>]+\son[a-z]+=", re.IGNORECASE),
}
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "autocapitalize": "off"}
SAVED = {"autocomplete": "off", "inputmode": "text", "spellcheck": "false", "autocapitalize": "characters"}
MAIL = {"type": "email", "inputmode": "email", "autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
SECRET = {"type": "password", "spellcheck": "false"}
#: The attribute table of conventions §1.1, by the field names of product §11.
INPUTS: dict[str, dict[str, str]] = {
    "email": MAIL | {"autocomplete": "email"},
    "auth-email": MAIL | {"autocomplete": "username webauthn"},
    "auth-password": SECRET | {"autocomplete": "current-password"},
    "password": SECRET,
    "current_password": SECRET | {"autocomplete": "current-password"},
    "password_again": SECRET | {"autocomplete": "new-password"},
    "phone": {"type": "tel", "autocomplete": "tel", "inputmode": "tel"},
    "code": {"type": "text"},
    "token-code": {"type": "text"},
    "reference": {"type": "text", "autocomplete": "off", "spellcheck": "false"},
    "username": {"type": "text", "autocomplete": "username"},
}
#: A desktop window of 1280 pixels at 400 % (WCAG 1.4.10), and text set as wide as readers may set it (WCAG 1.4.12).
NARROW: ViewportSize = {"width": 320, "height": 640}
SPACED = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`p { margin-block-end: 2em !important }
        * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }`);
    document.adoptedStyleSheets = [sheet];
}"""
TOO_WIDE = """() => {
    const over = document.documentElement.scrollWidth - innerWidth;
    const wide = [...document.querySelectorAll("body *")];
    const outside = wide.filter(one => one.getBoundingClientRect().right > innerWidth + 1).slice(-3);
    const names = outside.map(one => `${one.tagName.toLowerCase()}.${one.className}`);
    return over > 0 ? `${over} pixels by ${names.join(", ")}` : "";
}"""
#: Four words in a row (codes are capitals): on a Japanese page a sentence somebody forgot, ours or a library's.
ENGLISH = re.compile(r"[A-Za-z][a-z]*(?:,? [a-z]+){3,}")
READ_INPUTS = """() => [...document.querySelectorAll("main input:not([type=hidden], [type=radio], [type=checkbox])")]
    .map(input => Object.fromEntries([...input.attributes].map(one => [one.name, one.value])))"""


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("walk", WALKS)
def test_every_page_is_as_it_should_be(open_browser: OpenBrowser, portal: Portal, walk: str, language: str) -> None:
    answers: list[Response] = []

    def visitor() -> Visitor:
        page = open_browser(locale={"ja": "ja-JP", "en": "en-GB"}[language], reduced_motion="reduce")
        page.on("response", lambda answer: answers.append(answer) if is_page(answer) else None)
        return Visitor(page, portal)

    faults: list[str] = []
    for name, here in WALKS[walk](visitor, portal):
        found = [*look(here.page, language), *wrong_inputs(here.page)]
        found += wrong_answer(answers[-1])  # a browser keeps no body of the pages it has left
        answers.clear()
        faults += [f"{name} ({here.path}): {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def look(page: Page, language: str) -> list[str]:
    """What is wrong with the page as it is seen: by axe, in the dark, magnified, in the wrong language."""
    found = []
    if (said := page.locator("html").get_attribute("lang")) != language:
        found.append(f"the page is in {said}")
    if (headings := page.locator("h1:visible").count()) != 1:
        found.append(f"{headings} h1")
    if (filled := page.locator("main .button:not(.line, .plain, .small):visible").count()) > 1:
        found.append(f"{filled} filled buttons")
    if language == "ja":
        found += [f"English: {text}" for text in ENGLISH.findall(flat(page.locator("body").inner_text()))]
    page.set_viewport_size(NARROW)
    if wide := page.evaluate(TOO_WIDE):
        found.append(f"too wide at 400 %: {wide}")
    found += axe(page)
    page.evaluate(SPACED)
    if wide := page.evaluate(TOO_WIDE):
        found.append(f"too wide with wide text: {wide}")
    page.evaluate("document.adoptedStyleSheets = []")
    page.set_viewport_size(DESKTOP)
    # Nothing but the colours changes in the dark.
    page.emulate_media(color_scheme="dark")
    found += [f"in the dark: {fault}" for fault in axe(page, "color-contrast")]
    page.emulate_media(color_scheme="light")
    with_fields = page.locator("main form:not([novalidate])").filter(has=page.locator("input:not([type=hidden])"))
    if bare := with_fields.count():
        found.append(f"{bare} forms without novalidate")
    return found


def wrong_inputs(page: Page) -> list[str]:
    """Inputs that differ from conventions §1.1."""
    found = []
    for given in page.evaluate(READ_INPUTS):
        name = given.get("name", "")
        wanted = dict(INPUTS.get(name, {}))
        if name in ("code", "token-code"):
            wanted |= SAVED if "saved-code" in given.get("class", "") else CODE
        if name == "password":
            wanted["autocomplete"] = "new-password" if "passwordrules" in given else "current-password"
        found += [
            f"{name}: {key} is {given.get(key)!r}, not {value!r}"
            for key, value in wanted.items()
            if given.get(key) != value
        ]
        found += [f"{name}: {key}" for key in ("maxlength", "required", "onpaste", "placeholder") if key in given]
        if given.get("type") == "number":
            found.append(f"{name}: type=number")
    return found


def is_page(answer: Response) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html") and answer.request.is_navigation_request()


def wrong_answer(answer: Response) -> list[str]:
    """Nothing inline in what was sent, and the policy word for word."""
    found = []
    if "/dev/" in answer.url:
        return []
    policy = "; ".join(sorted(part.strip() for part in answer.headers.get("content-security-policy", "").split(";")))
    if policy != GOLDEN and answer.status != 404:  # with DEBUG django-csp leaves 404 to Django's own page
        found.append(f"policy: {policy}")
    body = answer.text()
    found += [f"inline {what}" for what, law in INLINE.items() if law.search(body)]
    return found


def test_without_a_script_every_form_can_be_sent(open_browser: OpenBrowser, portal: Portal) -> None:
    """The walks again with JavaScript off: they press every button themselves, and nothing useless is shown."""
    faults: list[str] = []

    def visitor() -> Visitor:
        return Visitor(open_browser(java_script_enabled=False), portal)

    for walk in ("signing_up", "signed_in"):
        for name, here in WALKS[walk](visitor, portal):
            if here.page.locator("[data-show-password]:visible, [data-copy]:visible, [data-print]:visible").count():
                faults.append(f"{name}: shows what needs a script")
            faults += [
                f"{name}: a form without a button"
                for form in here.page.locator("main form:visible").all()
                if not form.locator("button").count()
            ]
    assert not faults, "\n".join(faults)
