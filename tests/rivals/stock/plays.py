"""The plays: each does what an attacker or a hurried person does to the stock part, and says what came of it.

Every play starts on an empty database and returns plain facts; the tests say which of them is a fault.
"""

from __future__ import annotations

import threading
import time
from base64 import b32decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import time_machine
from django.contrib.auth import SESSION_KEY, get_user_model
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from two_factor.plugins.phonenumber.models import PhoneDevice

from tests.rivals.stock.gateway import Telephone

LOGIN, SETUP = "/account/login/", "/account/two_factor/setup/"
PASSWORD = "correct horse battery staple"
TRIES = 5
Seen = dict[str, Any]


def p1() -> Seen:
    """Two sign-ins past the password post one code at one instant.

    Only the schedule is ours: each request waits for the other, half a second at most, where it has read and is about
    to write. Behind a row lock the second would not get that far, and nobody would be let in twice.
    """
    hanako = person()
    app = TOTPDevice.objects.create(user=hanako, name="default")
    sheet = StaticDevice.objects.create(user=hanako, name="backup")
    totp_twice = static_twice = 0
    for number in range(TRIES):
        TOTPDevice.objects.update(last_t=-1)  # a new moment: no code was used yet
        with meeting_before(TOTPDevice, "verify_token"):
            totp_twice += both_at_once("token", f"{code_of(app):06}")
        StaticToken.objects.create(device=sheet, token=f"paper{number}")
        with meeting_before(StaticToken, "delete"):
            static_twice += both_at_once("backup", f"paper{number}")
    return {"tries": TRIES, "totp signed in twice": totp_twice, "static token signed in twice": static_twice}


def p3() -> Seen:
    """The code that enrolled an app is posted at sign-in, as one who watched the enrolment would."""
    hanako, browser = person(), Client()
    browser.force_login(hanako)
    browser.get(SETUP)
    browser.post(SETUP, {"setup_view-current_step": "welcome"})
    page = browser.post(SETUP, {"setup_view-current_step": "method", "method-method": "generator"})
    key = page.wsgi_request.session["django_two_factor-qr_secret_key"]
    code = f"{totp(b32decode(key)):06}"
    browser.post(SETUP, {"setup_view-current_step": "generator", "generator-token": code})
    app = TOTPDevice.objects.get()
    return {"last step kept": app.last_t, "enrolment code signs in": verified(second(past_password(), "token", code))}


def p4() -> Seen:
    """One SMS code is typed in two browsers, and once more two minutes later."""
    PhoneDevice.objects.create(user=person(), name="default", method="sms", number="+819012345678")
    first = past_password()
    code = Telephone.codes[-1]
    owner = verified(second(first, "token", code))
    replayed = verified(second(past_password(), "token", code))
    with time_machine.travel(time.time() + 120):
        later = verified(second(past_password(), "token", code))
    return {"owner signs in": owner, "same code signs in again": replayed, "and two minutes later": later}


def p14() -> Seen:
    """The button that sends a code is pressed ten times without a pause."""
    phone = PhoneDevice.objects.create(user=person(), name="default", method="sms", number="+819012345678")
    browser = past_password()
    for _ in range(10):
        browser.post(LOGIN, {"challenge_device": phone.persistent_id})
    return {"sms sent": len(Telephone.codes), "different codes": len(set(Telephone.codes))}


def p24() -> Seen:
    """A person with a confirmed app that is not called `default` types the password."""
    TOTPDevice.objects.create(user=person(), name="work phone", confirmed=True)
    browser = past_password()
    return {"signed in": SESSION_KEY in browser.session, "second factor shown": verified(browser)}


def p27() -> Seen:
    """Twelve hours after a sign-in somebody at the open screen reads the backup codes and turns 2FA off."""
    hanako = person()
    app = TOTPDevice.objects.create(user=hanako, name="default")
    browser = second(past_password(), "token", f"{code_of(app):06}")
    with time_machine.travel(timezone.now() + timedelta(hours=12)):
        browser.post("/account/two_factor/backup/tokens/")
        page = browser.get("/account/two_factor/backup/tokens/").content.decode()
        codes = list(StaticToken.objects.values_list("token", flat=True))
        shown = sum(code in page for code in codes)
        browser.post("/account/two_factor/disable/", {"understand": "on"})
    left = TOTPDevice.objects.count() + StaticDevice.objects.count()
    return {"codes shown": shown, "devices left": left, "mails sent": len(mail.outbox)}


def p28() -> Seen:
    """At an open screen mallory types his own address as e-mail method, and no code; then he asks for a reset."""
    hanako, browser = person(email=""), Client()
    browser.force_login(hanako)
    browser.get(SETUP)
    browser.post(SETUP, {"setup_view-current_step": "welcome"})
    browser.post(SETUP, {"setup_view-current_step": "method", "method-method": "email"})
    browser.post(SETUP, {"setup_view-current_step": "email", "email-email": "mallory@example.com"})
    hanako.refresh_from_db()
    mail.outbox.clear()
    Client().post("/password/", {"email": "mallory@example.com"})
    return {
        "address of the account": hanako.email,
        "reset link mailed to": [to for one in mail.outbox for to in one.to],
    }


PLAYS: dict[str, Callable[[], Seen]] = {
    "P1": p1, "P3": p3, "P4": p4, "P14": p14, "P24": p24, "P27": p27, "P28": p28,
}  # fmt: skip


# --- hands -----------------------------------------------------------------------------------------------------------
def person(email: str = "hanako@example.jp") -> Any:
    return get_user_model().objects.create_user("hanako", email, PASSWORD)


def past_password() -> Client:
    browser = Client()
    words = {"auth-username": "hanako", "auth-password": PASSWORD}
    browser.post(LOGIN, {"login_view-current_step": "auth", **words})
    return browser


def second(browser: Client, step: str, code: str) -> Client:
    browser.post(LOGIN, {"login_view-current_step": step, f"{step}-otp_token": code})
    return browser


def verified(browser: Client) -> bool:
    """Is somebody signed in here, by a second factor too?"""
    return SESSION_KEY in browser.session and DEVICE_ID_SESSION_KEY in browser.session


@contextmanager
def meeting_before(model: type[Any], method: str) -> Iterator[None]:
    """Two threads that call the method wait for each other first."""
    original, meeting = getattr(model, method), threading.Barrier(2)

    def met(self: Any, *args: Any, **kwargs: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(0.5)
        return original(self, *args, **kwargs)

    with patch.object(model, method, met):
        yield


def both_at_once(step: str, code: str) -> bool:
    """Did both browsers get in with the one code?"""
    browsers, start = [past_password(), past_password()], threading.Barrier(2, timeout=10)

    def go(browser: Client) -> None:
        try:
            start.wait()
            second(browser, step, code)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return all(map(verified, browsers))


def code_of(app: TOTPDevice) -> int:
    code: int = totp(app.bin_key)
    return code
