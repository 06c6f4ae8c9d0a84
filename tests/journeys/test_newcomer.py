"""A newcomer makes an account and does not leave the set-up before two custodies stand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.walk import Visitor, unhurried
from tests.servers import Portal

pytestmark = pytest.mark.browser
EMAIL = "newcomer@example.jp"
PASSWORD = "a new path home, in 2026"
TEXTS = {
    "ja": {"used": "もう使われています", "ready": "戻る道の準備ができました"},
    "en": {"used": "This code was used before", "ready": "Your way back is ready"},
}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_newcomer_comes_to_two_custodies_and_signs_in_with_oathtool(
    visitor: OpenVisitor, portal: Portal, oathtool: Callable[..., str], language: str
) -> None:
    said, she = TEXTS[language], visitor(locale={"ja": "ja-JP", "en": "en-GB"}[language])
    she.go("/")
    she.choose("main a[href='/sign-up/']")
    she.answer(email=EMAIL)
    code = portal.code(to=EMAIL, language=language)
    she.answer(code=f"{code[:3]} {code[3:]}".translate({ord(str(n)): 0xFF10 + n for n in range(10)}))
    she.answer(name="مریم فان دِر لِنده", password=PASSWORD)
    assert she.path == "/account/set-up/"
    she.page.goto("/account/withdrawal/")
    assert she.path == "/account/set-up/", "before two custodies stand nothing else is open"
    she.press()
    seed = she.new_seed()
    unhurried(20)
    she.answer(code=oathtool(seed, "--now=30 seconds ago"))
    assert she.path == "/account/set-up/"
    she.press()
    she.typed_back()
    assert she.title == said["ready"]
    she.press()
    assert she.path == "/account/"
    she.sign_out()
    code = oathtool(seed)
    she.sign_in(EMAIL, PASSWORD, code)
    assert she.path == "/account/"
    again(visitor(locale=she.page.evaluate("navigator.language")), code, said["used"])


def again(other: Visitor, code: str, used: str) -> None:
    """The same code a second time, within its own thirty seconds, from another browser."""
    other.sign_in(EMAIL, PASSWORD, code)
    assert other.path == "/sign-in/"
    other.sees(used)
