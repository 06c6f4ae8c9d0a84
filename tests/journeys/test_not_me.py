""" "This was not me", pressed in a mail in another browser, while a thief of the phone is at work."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.walk import link_in, somebody
from tests.servers import Portal

pytestmark = pytest.mark.browser


def test_one_press_ends_the_case_the_sessions_and_what_was_added(visitor: OpenVisitor, portal: Portal) -> None:
    """The thief holds hanako's unlocked phone: her app and her mail. She reads the mail on another computer."""
    hanako, signed_in, claimant, owner = somebody(portal, "hanako"), visitor(), visitor(), visitor()
    signed_in.sign_in(hanako.email, hanako.password, hanako.app_code())
    signed_in.go("/account/phone/change/")
    signed_in.answer(code=hanako.app_code())
    signed_in.answer(phone="070-6666-7777")
    signed_in.answer(code=portal.code(to="+817066667777"))
    reference = claimant.begin_recovery(hanako.email)
    claimant.prove("email", code=portal.code(to=hanako.email, kind="codes/recovery"))
    claimant.prove("totp", code=hanako.app_code())
    case = f"/recovery/cases/{reference}/"
    assert claimant.page.locator(".station.now.hold").count() == 1

    link = link_in(portal.letter(to=hanako.email, kind="case/opened"), "/not-me/")
    owner.page.request.head(link)
    owner.go(link)
    owner.sees("電話番号を変えました")
    claimant.go(case)
    assert claimant.page.locator(".station.now.hold").count() == 1, (
        "opening the link, as mail scanners do, does nothing"
    )
    owner.press()
    owner.sees("止めました", "電話番号を変えました")

    claimant.go(case)
    assert claimant.page.locator(".station.stopped").count() == 1
    signed_in.page.goto("/account/")
    assert signed_in.path.startswith("/sign-in/")
    owner.page.goto(link)
    assert owner.title == "すでに止めてあります"
    portal.letter(to=hanako.numbers[0], kind="notices/not_me_used")
    owner.sign_in(hanako.email, hanako.password, hanako.app_code())
    owner.go("/account/security/")
    owner.sees("•••-••••-5601")
    assert "7777" not in owner.text
    assert owner.stations() == []
