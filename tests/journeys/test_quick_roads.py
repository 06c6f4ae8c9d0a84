"""Roads without a wait, and what the pages say to codes that are wrong, too old or replaced."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.test_dead_number import PASSWORD, bind_everything
from tests.journeys.walk import Visitor, somebody, totp
from tests.servers import Portal

pytestmark = pytest.mark.browser


def test_paper_and_mail_open_at_once_and_the_lost_phone_signs_nobody_in(visitor: OpenVisitor, portal: Portal) -> None:
    mei, she = somebody(portal, "mei"), visitor()
    reference = she.begin_recovery(mei.email, "lost_phone")
    she.prove("email", code=portal.code(to=mei.email, kind="codes/recovery"))
    she.prove("saved-code", code=mei.codes[0].lower().replace("-", "　"))
    assert she.page.locator(".station.hold").count() == 0
    she.press()
    assert she.path == f"/recovery/cases/{reference}/rebind/"
    seed, _sheet = bind_everything(she, portal)
    assert "おかえりなさい" in she.title
    finder = visitor()
    finder.sign_in(mei.email, PASSWORD, mei.app_code())
    assert finder.path == "/sign-in/"
    assert finder.page.locator("[data-error-summary]").is_visible()
    she.sign_in(mei.email, PASSWORD, totp(seed))
    assert she.path == "/account/"


def test_each_code_that_does_not_work_says_why_and_what_helps(visitor: OpenVisitor, portal: Portal) -> None:
    mei, she = somebody(portal, "mei"), visitor()
    reference = she.begin_recovery(mei.email)
    first = portal.code(to=mei.email, kind="codes/recovery")
    she.go(f"/recovery/cases/{reference}/prove/email/")
    she.answer(code="12345")
    refused(she, "6桁")
    she.answer(code=f"{(int(first) + 1) % 1_000_000:06d}")
    refused(she, "このコードでは確認できません")
    portal.manage("travel", "2m")
    she.open_all()
    she.choose("main button[name=send]")
    second = portal.code(to=mei.email, kind="codes/recovery", beyond=1)
    she.answer(code=first)
    refused(she, "新しいコード")
    portal.manage("travel", "31m")
    she.answer(code=second)
    refused(she, "期限")
    assert she.page.locator("main [name=code]:visible").count() == 1, "the field is still there to type the next one"


def refused(she: Visitor, words: str) -> None:
    """The summary says it and the field says it, in the same words (conventions §2.1)."""
    summary = she.page.locator("[data-error-summary]").inner_text()
    field = she.page.locator("main .error:visible").first.inner_text()
    assert words in summary, summary
    assert words in field, field
    assert she.page.title().startswith("エラー：")
