"""A dead number: hanako comes back with her app, or without the password; taro learns how long he has to wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.conftest import OpenVisitor
from tests.journeys.walk import MOMENT, Visitor, flat, somebody, told, totp, unhurried
from tests.servers import Portal, wait_for

pytestmark = pytest.mark.browser
NEW, NEW_E164 = "080-1111-2222", "+818011112222"
PASSWORD = "春はあけぼの 🌸 spring dawn"


def test_hanako_signs_in_with_her_app_and_changes_the_number(visitor: OpenVisitor, portal: Portal) -> None:
    hanako, she = somebody(portal, "hanako"), visitor()
    she.go("/")
    assert she.title == "コードを受け取る電話番号が使えなくても、戻れます。"
    she.press("コードを受け取れない")
    she.page.locator("[name=situation][value=new_number]").check()
    she.press()
    waits = [flat(text) for text in she.page.locator(".roads .when").all_inner_texts()]
    assert waits[0] == "いますぐ"
    assert [wait != "いますぐ" for wait in waits] == sorted(wait != "いますぐ" for wait in waits), waits
    she.choose(".roads a[href='/sign-in/'] >> nth=0")
    she.sign_in(hanako.email, hanako.password, hanako.app_code())
    assert she.path == "/account/"
    she.go("/account/security/")
    she.press("電話番号が変わった")
    assert she.path.startswith("/account/step-up/"), "an open session alone changes no number"
    she.answer(code=hanako.app_code())
    she.answer(phone="０９０ー１２３４ー５６０１")
    she.sees("この番号は登録済みです")
    she.answer(phone="+81 (0)80 1111 2222")
    she.sees(NEW)
    she.answer(code=portal.code(to=NEW_E164, channel="sms"))
    assert she.title == "新しい番号が使えます"
    she.go("/account/security/")
    she.until("まだ取り消せます")
    done, everyone, now, final = she.stations()
    assert done.startswith("station done: 済み 電話番号を変えました。")
    assert everyone.startswith("station done")
    assert now.startswith("station now hold")
    assert MOMENT.search(now)
    assert final.startswith("station next")
    she.go("/account/withdrawal/")
    assert MOMENT.search(she.page.locator(".notice.hold").inner_text()), she.text
    assert she.page.locator("main [name=amount]").count() == 0
    everyone_told = told(portal)
    assert "notices/phone_changed" in everyone_told[hanako.email]
    assert "notices/phone_changed" in everyone_told[hanako.numbers[0]], (
        "the old number may be a thief's target: it hears"
    )


@pytest.mark.parametrize("java_script", [True, False], ids=["with-script", "without-script"])
def test_hanako_without_the_password_comes_back_by_mail_and_app(
    visitor: OpenVisitor, portal: Portal, java_script: bool
) -> None:
    hanako, she = somebody(portal, "hanako"), visitor(java_script_enabled=java_script)
    reference = begin(she, portal, hanako.email)
    she.sees("もうひとつ確認が必要です")
    she.prove("totp", code=hanako.app_code())
    the_end_is_exact(she, reference)
    if java_script:  # lived through hour by hour; at the other walk in one leap
        for span in ("36h", "35h", "1h"):
            portal.manage("travel", span)
    else:
        portal.manage("travel", "72h")
    she.page.reload()
    she.press()
    seed, sheet = bind_everything(she, portal)
    assert "おかえりなさい" in she.title
    assert len(sheet) == 10
    she.go("/sign-in/")
    she.answer(auth__email=hanako.email, auth__password=PASSWORD)
    assert hanako.numbers[0][-4:] not in she.text, "no code goes to the dead number any more"
    she.answer(token__code=totp(seed))
    assert she.path == "/account/"
    everyone_heard(portal, hanako.email, hanako.numbers[0], by_the_hour=java_script)
    stranger = visitor()
    stranger.sign_in(hanako.email, hanako.password)
    stranger.sees("メールアドレスかパスワードが違います")


def test_taro_with_mail_and_password_is_told_until_when_he_waits(visitor: OpenVisitor, portal: Portal) -> None:
    taro, he = somebody(portal, "taro"), visitor()
    reference = begin(he, portal, taro.email)
    he.prove("password", password=taro.password)
    the_end_is_exact(he, reference)
    he.go(f"/recovery/cases/{reference}/rebind/")
    assert he.path == f"/recovery/cases/{reference}/", "nothing can be bound before the end"
    assert "case/opened" in told(portal)[taro.email]


def begin(who: Visitor, portal: Portal, email: str) -> str:
    """A claim with the code from the mail shown; the reference of the case."""
    reference = who.begin_recovery(email)
    who.prove("email", code=portal.code(to=email, kind="codes/recovery"))
    assert who.path == f"/recovery/cases/{reference}/"
    return reference


def the_end_is_exact(who: Visitor, reference: str) -> datetime:
    """The page, the calendar entry and the rule of 72 hours name one and the same moment."""
    hold = who.page.locator(".station.now.hold .until")
    if not hold.count():  # the wait counts from the first notice that was taken
        wait_for(lambda: who.page.reload() and hold.count(), 30, lambda: who.text)
    entry = who.page.request.get(f"/recovery/cases/{reference}/wait.ics")
    assert entry.headers["content-type"].startswith("text/calendar")
    found = re.search(r"DTSTART(?:;[^:]*)?:(\d{8}T\d{6})Z", entry.text())
    assert found, entry.text()
    end = datetime.strptime(found.group(1), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    assert abs(end - datetime.now(UTC) - timedelta(hours=72)) < timedelta(minutes=3)
    said = hold.inner_text()
    local = end.astimezone(ZoneInfo("Asia/Tokyo"))
    assert MOMENT.search(said)
    assert f"{local.month}月{local.day}日" in said
    assert f"{local:%-H:%M}（日本時間）" in said
    assert "3日" in who.page.locator(".station.now.hold .left-over").inner_text()
    return end


def bind_everything(who: Visitor, portal: Portal) -> tuple[str, list[str]]:
    """Number, app, codes and password at the stations of the rebinding; the new app's seed and the sheet."""
    who.press() if who.path.count("/rebind/") == 0 else None
    who.answer(phone=NEW)
    who.answer(code=portal.code(to=NEW_E164, channel="sms"))
    seed = who.new_seed()
    unhurried(20)
    who.answer(code=totp(seed, -1), name="新しいスマホ")
    sheet = who.typed_back()
    who.answer(**who.twice(PASSWORD))
    who.sees(NEW, "新しいスマホ")
    who.press()
    return seed, sheet


def everyone_heard(portal: Portal, email: str, old: str, *, by_the_hour: bool) -> None:
    portal.letter(to=email, kind="case/completed")
    portal.letter(to=NEW_E164, kind="case/completed")
    heard = told(portal)
    through = {"case/opened", "case/ready", "case/completed"}
    if by_the_hour:
        through |= {"case/halfway", "case/hour_left"}
    assert through <= heard[email], heard
    assert through - {"case/ready"} <= heard[old], heard
