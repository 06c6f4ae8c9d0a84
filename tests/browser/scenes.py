"""Every page of the portal, reached as people reach it, so that a test or a photographer can stop at each.

Each walk is a generator of (name, visitor): the visitor stands on the page of that name. Codes come from the outbox and
from authenticator apps; nothing is set up behind the portal's back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.journeys.walk import Visitor, link_in, somebody, totp, unhurried
from tests.servers import Portal

Scene = tuple[str, Visitor]
OpenVisitor = Callable[..., Visitor]
PASSWORD = "a new path home, in 2026"


def open_to_all(visitor: OpenVisitor, portal: Portal) -> Iterator[Scene]:
    """Pages that anybody may read, and what links and cases of others answer."""
    one = visitor()
    for name, path in {
        "front": "/",
        "help": "/help/",
        "accessibility": "/accessibility/",
        "policy": "/recovery/policy/",
        "situation": "/recovery/",
        "roads": "/recovery/?situation=new_number",
        "roads_lost": "/recovery/?situation=lost_phone",
        "roads_narrow": "/recovery/?situation=new_number&asked=1&have=E",
        "start": "/recovery/start/?situation=new_number",
        "sign_in": "/sign-in/",
        "sign_in_ended": "/sign-in/?ended=idle",
        "not_me": "/not-me/",
        "forgot": "/password/forgot/",
    }.items():
        one.go(path)
        yield name, one
    one.page.goto("/recovery/cases/MD-7K3M-9QX2/")
    yield "locked", one
    one.go("/sign-in/")
    one.press()
    yield "sign_in_faulty", one
    one.go("/password/forgot/")
    one.answer(email="taro@example.jp")
    yield "forgot_sent", one
    one.go(link_in(portal.letter(to="taro@example.jp", kind="password/reset"), "/password/reset/"))
    yield "reset", one
    one.answer(**one.twice(PASSWORD))
    yield "reset_done", one
    one.page.goto("/password/reset/no-such-token/")
    yield "reset_dead", one
    link = link_in(portal.letter(to="taro@example.jp", kind="notices/password_reset"), "/not-me/")
    one.go(link)
    yield "not_me_link", one
    one.press()
    yield "not_me_done", one
    one.page.goto(link)
    yield "not_me_dead", one
    one.go("/dev/outbox/")
    yield "outbox", one


def signing_up(visitor: OpenVisitor, portal: Portal) -> Iterator[Scene]:
    """From the address to two custodies."""
    one, email = visitor(), "newcomer@example.jp"
    one.go("/sign-up/")
    yield "sign_up", one
    one.answer(email=email)
    yield "sign_up_code", one
    one.answer(code=portal.code(to=email))
    yield "sign_up_password", one
    one.answer(**one.twice(PASSWORD))
    yield "set_up", one
    one.press()
    yield "set_up_app", one
    unhurried()
    one.answer(code=totp(one.new_seed()))
    yield "set_up_codes", one
    one.press()
    yield "set_up_sheet", one
    one.typed_back()
    yield "set_up_done", one


def coming_back(visitor: OpenVisitor, portal: Portal) -> Iterator[Scene]:
    """A recovery from the first proof to the welcome; one that waits, and one that was stopped."""
    hanako, waiting = somebody(portal, "hanako"), visitor()
    reference = waiting.begin_recovery(hanako.email)
    yield "case_opened", waiting
    for method in ("email", "totp", "password", "saved-code", "sms"):
        waiting.go(f"/recovery/cases/{reference}/prove/{method}/")
        yield f"prove_{method}", waiting
    waiting.go(f"/recovery/cases/{reference}/prove/email/")
    waiting.answer(code="000000")
    yield "prove_refused", waiting
    waiting.answer(code=portal.code(to=hanako.email, kind="codes/recovery"))
    yield "case_proving", waiting
    waiting.prove("totp", code=hanako.app_code())
    portal.letter(to=hanako.email, kind="case/opened")
    waiting.page.reload()
    yield "case_hold", waiting
    waiting.go(f"/recovery/cases/{reference}/cancel/")
    yield "case_cancel", waiting
    waiting.choose("main button.stop")
    yield "case_over", waiting

    mei, one = somebody(portal, "mei"), visitor()
    one.begin_recovery(mei.email)
    one.prove("email", code=portal.code(to=mei.email, kind="codes/recovery"))
    one.prove("saved-code", code=mei.codes[0])
    yield "case_ready", one
    one.press()
    yield "rebind_number", one
    one.answer(phone="080-1111-2222")
    yield "rebind_number_code", one
    one.answer(code=portal.code(to="+818011112222"))
    yield "rebind_app", one
    unhurried()
    one.answer(code=totp(one.new_seed()))
    yield "rebind_codes", one
    one.typed_back()
    yield "rebind_password", one
    one.answer(**one.twice(PASSWORD))
    yield "rebind_finish", one
    one.press()
    yield "case_completed", one


def signed_in(visitor: OpenVisitor, portal: Portal) -> Iterator[Scene]:
    """The account's pages as mei sees them, and every change up to its last page."""
    mei, one = somebody(portal, "mei"), visitor()
    one.go("/sign-in/")
    one.answer(auth__email=mei.email, auth__password=mei.password)
    yield "sign_in_code", one
    one.choose("main button[name=challenge][value='saved-code']")
    yield "sign_in_saved_code", one
    language = one.language
    one.answer(token__code=mei.codes[1])
    one.speak(language)
    yield "account", one
    for name in ("security", "authenticators", "recovery-codes", "addresses", "sessions", "activity", "withdrawal"):
        one.go(f"/account/{name}/")
        yield name.replace("-", "_"), one
    one.go("/account/sessions/")
    one.choose("form[action$='/browsers/forget/'] button")
    yield "sessions_forgotten", one
    one.go("/account/activity/?only=important")
    yield "activity_important", one
    for name in ("", "new-phone/", "lost/", "gone/", "clock/"):
        one.go(f"/account/authenticators/moving/{name}")
        yield f"moving_{name.strip('/').replace('-', '_') or 'overview'}", one
    for name in ("holds", "export", "close"):
        one.go(f"/account/{name}/")
        yield name, one
    one.go("/account/authenticators/")
    one.choose("main a[href*='/authenticators/totp/'] >> nth=0")
    yield "authenticator", one
    one.choose("main a[href$='/remove/']")
    yield "step_up", one
    one.answer(code=mei.app_code())
    yield "authenticator_remove", one
    one.go("/account/phone/change/")
    yield "phone_choose", one
    one.press()
    one.choose("main button[name=challenge][value='password']")
    yield "step_up_password", one
    one.choose("main button[name=challenge][value='totp']")
    one.answer(code=mei.app_code())
    yield "phone_number", one
    one.answer(phone="050-1234-5678")
    yield "phone_virtual", one
    one.answer(phone="080-1111-2222")
    yield "phone_code", one
    one.answer(code=portal.code(to="+818011112222"))
    yield "phone_changed", one
    for name in ("account", "account/security", "account/withdrawal", "account/holds"):
        one.go(f"/{name}/")
        yield f"{name.split('/')[-1]}_pending", one
    one.go("/account/addresses/add/")
    one.answer(code=mei.app_code())
    yield "address_add", one
    one.answer(email="mei.third@example.jp")
    yield "address_code", one
    one.answer(code=portal.code(to="mei.third@example.jp"))
    yield "addresses_three", one
    one.choose("main a[href$='/remove/'] >> nth=0")
    one.answer(code=mei.app_code())
    yield "address_remove", one
    one.go("/account/authenticators/add/totp/")
    one.answer(code=mei.app_code())
    yield "app_begin", one
    one.press()
    yield "app_add", one
    one.go("/account/authenticators/add/passkey/")
    one.answer(code=mei.app_code()) if "step-up" in one.path else None
    yield "passkey_add", one
    one.go("/account/authenticators/add/sms/")
    one.answer(code=mei.app_code())
    yield "number_add", one
    one.answer(phone="070-6666-7777")
    yield "number_code", one
    one.go("/account/recovery-codes/new/")
    one.answer(code=mei.app_code())
    yield "codes_new", one
    one.press()
    yield "codes_sheet", one
    one.go("/account/password/")
    one.answer(code=mei.app_code()) if "step-up" in one.path else None
    yield "password", one
    one.go("/account/withdrawal/addresses/add/")
    one.answer(code=mei.app_code()) if "step-up" in one.path else None
    yield "payout_add", one
    one.go("/account/close/confirm/")
    one.answer(code=mei.app_code())
    yield "close_confirm", one
    one.choose("main button.stop")
    portal.letter(to=mei.email, kind="notices/account_closing")
    one.page.reload()
    yield "closing", one


WALKS = {walk.__name__: walk for walk in (open_to_all, signing_up, coming_back, signed_in)}
