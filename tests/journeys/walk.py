"""Hands and eyes for the journeys: a person at a browser, who reads the page and the letters and presses buttons.

Fields are found by the names that product §11 fixes, buttons by being the page's one filled button, so that the same
walk works in both languages and without JavaScript.
"""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.servers import Portal, wait_for

FILLED = "main :is(button, a).button:not(.line, .plain, .small):visible"
MOMENT = re.compile(r"\d{1,2}月\d{1,2}日（[月火水木金土日]）\d{1,2}:\d{2}")
STEP = 30


@dataclass
class Person:
    """What `manage.py demo` prints about somebody."""

    name: str
    password: str = ""
    seeds: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keyring = Keyring(self.seeds)

    @property
    def email(self) -> str:
        return f"{self.name}@example.jp"

    def app_code(self) -> str:
        """A code one of the apps shows, not used before."""
        return self.keyring.code()


def somebody(portal: Portal, name: str) -> Person:
    """One demo person, read from what `make run` shows everybody."""
    person = Person(name)
    block = portal.demo.split(f"{name}@example.jp", 1)[1].split("@example.jp", 1)[0]
    for kind, value in re.findall(r"^ {6}(\w+) +(\S+)", block, re.MULTILINE):
        if kind == "password":
            person.password = value
        else:
            getattr(person, f"{kind}s").append(value)
    return person


def totp(seed: str, away: int = 0) -> str:
    """RFC 6238 with SHA-1, 6 digits, 30 seconds: an authenticator app that is not ours."""
    key = base64.b32decode("".join(seed.split()).upper())
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // STEP + away), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


@dataclass
class Keyring:
    """The codes of somebody's apps, each used once and in order, as the portal demands; waits where none is left."""

    seeds: list[str]
    spent: dict[str, int] = field(default_factory=dict)

    def code(self) -> str:
        while True:
            unhurried(6)
            now = int(time.time()) // STEP
            for seed in self.seeds:
                for step in (now - 1, now):
                    if step > self.spent.get(seed, 0):
                        self.spent[seed] = step
                        return totp(seed, step - now)
            time.sleep(STEP - time.time() % STEP + 0.2)


def unhurried(seconds: float = 10) -> None:
    """Wait for a new step unless this one still lasts so long: a code must not change while it is typed."""
    if (left := STEP - time.time() % STEP) < seconds:
        time.sleep(left + 0.2)


class Visitor:
    """Somebody at a browser of their own."""

    def __init__(self, page: Page, portal: Portal) -> None:
        self.page, self.portal = page, portal

    # --- eyes ---------------------------------------------------------------------------------------------------------
    @property
    def title(self) -> str:
        """The one h1."""
        return flat(self.page.locator("h1:visible").inner_text())

    @property
    def language(self) -> str:
        return self.page.locator("html").get_attribute("lang") or ""

    @property
    def text(self) -> str:
        return flat(self.page.locator("main").inner_text())

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.portal.url)

    def sees(self, *texts: str) -> None:
        for text in texts:
            assert text in self.text, f"{text!r} is not on {self.path}:\n{self.text}"

    def stations(self) -> list[str]:
        """The path as a person reads it: the class says how it is drawn."""
        rows = self.page.locator("ol.path > li.station")
        return [f"{row.get_attribute('class')}: {flat(row.inner_text())}" for row in rows.all()]

    # --- hands --------------------------------------------------------------------------------------------------------
    def go(self, path: str) -> None:
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 400, f"{answer.status} {path}"

    def press(self, words: str = "", *, fails: int = 0) -> None:
        """Press the filled button, or the button or link with these words, and wait for the page it leads to."""
        found = self.page.locator(FILLED)
        if words:
            named = self.page.locator("main :is(button, a, summary):visible").filter(has_text=re.compile(words))
            found = named if named.count() < 2 else self.page.locator(f"main :is(button, a):visible:text-is('{words}')")
        with self.page.expect_navigation() as leads:
            found.click()
        status = leads.value.status
        assert status == (fails or 200), f"{status} {self.path}"

    def choose(self, selector: str) -> None:
        """Press what the selector finds, and wait for the page it leads to."""
        with self.page.expect_navigation() as leads:
            self.page.locator(selector).click()
        assert leads.value.ok

    def type(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f'main [name="{name.replace("__", "-")}"]:visible').fill(value)

    def twice(self, password: str) -> dict[str, str]:
        """A new password: without a script nobody can look at it, so the page asks for it again."""
        again = self.page.locator("main [name=password_again]:visible").count()
        return {"password": password} | ({"password_again": password} if again else {})

    def answer(self, words: str = "", **fields: str) -> None:
        """Fill the form and press its button."""
        self.type(**fields)
        self.press(words)

    def open_all(self) -> None:
        """Unfold what is folded, as somebody who looks for something does."""
        self.page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")

    def until(self, text: str, seconds: float = 30) -> None:
        """Load the page again until it says so: workers need a moment."""

        def said() -> bool:
            if text in self.text:
                return True
            self.page.reload()
            return text in self.text

        wait_for(said, seconds, lambda: f"{text!r} did not come on {self.path}:\n{self.text}")

    # --- what people do often -----------------------------------------------------------------------------------------
    def sign_in(self, email: str, password: str, code: str = "") -> None:
        """From the sign-in page with password and, where asked, a code."""
        if not self.path.startswith("/sign-in/"):
            self.go("/sign-in/")
        self.answer(auth__email=email, auth__password=password)
        if code:
            self.answer(token__code=code)

    def speak(self, language: str) -> None:
        """Read on in this language: the account remembers its own, which the browser's need not be."""
        if self.language != language:
            with self.page.expect_navigation():
                self.page.locator(f"header button[name=language][value={language}]").click()

    def sign_out(self) -> None:
        with self.page.expect_navigation():
            self.page.locator('form[action="/sign-out/"] button').first.click()

    def begin_recovery(self, email: str, situation: str = "new_number") -> str:
        """From the front page to an open claim; its reference."""
        self.go("/")
        self.choose("main a[href='/recovery/']")
        self.page.locator(f"[name=situation][value={situation}]").check()
        self.press()
        self.choose("main a[href^='/recovery/start/'] >> nth=0")
        self.answer(email=email)
        return self.path.split("/")[3]

    def prove(self, method: str, **secret: str) -> None:
        """From the case page, show one proof."""
        if not self.path.endswith("/prove/"):
            self.choose(f"main a[href$='/prove/{method}/'] >> nth=0")
        self.answer(**secret)

    def typed_back(self) -> list[str]:
        """The sheet of saved codes on this page; the one it asks for is typed back."""
        sheet = [flat(each).replace(" ", "") for each in self.page.locator(".sheet ol code").all_inner_texts()]
        label = self.page.locator("label[for=id_code]").inner_text()
        asked = re.search(r"\d+", label)
        assert asked, label
        self.answer(code=sheet[int(asked.group()) - 1])
        return sheet

    def new_seed(self) -> str:
        """The key of the authenticator app this page shows."""
        return "".join((self.page.locator(".code-display code").first.text_content() or "").split())


def flat(text: str) -> str:
    return " ".join(text.split())


def told(portal: Portal, **wanted: str) -> dict[str, set[str]]:
    """Who was told what: recipient → kinds of letters."""
    found: dict[str, set[str]] = {}
    for letter in portal.outbox(**wanted):
        found.setdefault(letter["to"], set()).add(letter["kind"])
    return found


def link_in(letter: dict[str, Any], path: str) -> str:
    """The address in a letter that leads to this part of the portal."""
    found = re.search(rf"https?://[^\s/]+({re.escape(path)}\S*)", letter["text"])
    assert found, letter["text"]
    return found.group(1)
