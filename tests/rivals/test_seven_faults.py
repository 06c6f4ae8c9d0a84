"""Seven faults of django-two-factor-auth 1.18.1: each is seen on the stock part, and the same play fails on the portal.

The stock part runs in a process of its own, with its own settings: `python -m tests.rivals.stock P3` by hand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import clock
from accounts.authenticators.base import Verified
from accounts.models import (
    Address,
    AddressRequest,
    Challenge,
    LimitCounter,
    Link,
    OutboxMessage,
    Phone,
    SavedCode,
    SavedCodeSet,
    Totp,
    User,
)
from accounts.services import passwords
from policy.deeds import AddAddress, BindAuthenticator, RemoveAuthenticator, step_up_kind
from policy.facts import Kind
from tests.accounts.hands import PASSWORD, app_of, code_of, person, sign_in, step_up
from tests.servers import ROOT, outer_environment

pytestmark = pytest.mark.xdist_group("rivals")
HERE = reverse("sign_in")
PAPER = "0000ABCDEFGH01234567"


# --- the stock part --------------------------------------------------------------------------------------------------
def played(*names: str, **environment: str) -> dict[str, dict[str, Any]]:
    """What the plays of these names saw on the stock part."""
    line = [sys.executable, "-m", "tests.rivals.stock", *names]
    plain = outer_environment() | environment
    done = subprocess.run(line, cwd=ROOT, env=plain, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: seen for each in done.stdout.splitlines() for name, seen in json.loads(each).items()}


@pytest.fixture(scope="module")
def stock() -> dict[str, dict[str, Any]]:
    return played("P3", "P4", "P14", "P24", "P27", "P28")


@pytest.mark.postgres
def test_p1_the_stock_part_lets_two_sessions_in_with_one_code() -> None:
    seen = played("P1", DATABASE_URL=os.environ["DATABASE_URL"])["P1"]
    assert seen["totp signed in twice"] > 0
    assert seen["static token signed in twice"] > 0


def test_p3_the_stock_part_takes_the_enrolment_code_again(stock: dict[str, Any]) -> None:
    assert stock["P3"] == {"last step kept": -1, "enrolment code signs in": True}


def test_p4_the_stock_part_takes_one_sms_code_for_minutes(stock: dict[str, Any]) -> None:
    assert stock["P4"] == {"owner signs in": True, "same code signs in again": True, "and two minutes later": True}


def test_p14_the_stock_part_sends_as_often_as_the_button_is_pressed(stock: dict[str, Any]) -> None:
    assert stock["P14"]["sms sent"] == 11


def test_p24_the_stock_part_knows_no_app_but_the_default_one(stock: dict[str, Any]) -> None:
    assert stock["P24"] == {"signed in": True, "second factor shown": False}


def test_p27_the_stock_part_shows_codes_and_ends_2fa_without_a_fresh_proof_or_a_mail(stock: dict[str, Any]) -> None:
    assert stock["P27"] == {"codes shown": 10, "devices left": 0, "mails sent": 0}


def test_p28_the_stock_part_makes_an_unproved_address_the_reset_address(stock: dict[str, Any]) -> None:
    mallory = "mallory@example.com"
    assert stock["P28"] == {"address of the account": mallory, "reset link mailed to": [mallory]}


# --- the portal ------------------------------------------------------------------------------------------------------
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "paper"])
def test_p1_here_one_code_opens_one_session(kind: str) -> None:
    hanako = person()
    app = app_of(hanako)
    code = sheet_of(hanako)
    for _ in range(10):
        LimitCounter.objects.all().delete()  # the loser of each round is charged, as it should be
        Totp.objects.update(last_step=-1)
        SavedCode.objects.update(used_at=None)
        browsers = [past_password(), past_password()]
        at_once(browsers, lambda browser: second(browser, code_of(app) if kind == "app" else code))
        assert sorted(map(signed_in, browsers)) == [False, True]


@pytest.mark.django_db
def test_p3_here_the_enrolment_code_is_spent(client: Client) -> None:
    hanako = person()
    old = app_of(hanako)
    proved(client, hanako, old, step_up_kind(BindAuthenticator))
    add = reverse("authenticators_add", args=["totp"])
    client.post(add, {"begin": "1"})
    fresh = Totp.objects.pending().get()
    code = code_of(fresh)
    client.post(add, {"code": code, "name": "iPad"})
    fresh.refresh_from_db()
    assert fresh.confirmed_at
    assert not signed_in(second(past_password(), code))
    assert signed_in(second(past_password(), code_of(old)))  # a code that was not used does sign in


@pytest.mark.django_db
def test_p4_here_an_sms_code_works_once_and_in_one_browser() -> None:
    phone = phone_of(person())
    first, other = past_password(), past_password()
    first.post(HERE, step(challenge=phone.means_id))
    code = Challenge.objects.get().code
    assert not signed_in(second(other, code))  # not even before it was used
    assert signed_in(second(first, code))
    assert not signed_in(second(past_password(), code))


@pytest.mark.django_db
def test_p14_here_ten_presses_send_one_sms_and_no_page_sends_any() -> None:
    phone = phone_of(person())
    browser = past_password()
    browser.get(HERE)
    second(browser, "000000")
    assert sent(phone) == 0
    pages = [browser.post(HERE, step(challenge=phone.means_id)) for _ in range(10)]
    assert sent(phone) == 1
    assert all(page.status_code == 200 for page in pages)


@pytest.mark.django_db
def test_p14_here_a_number_gets_two_codes_an_hour_from_browsers_nobody_knows() -> None:
    """Of the three an hour, one is kept for a browser the account knows (R18)."""
    phone = phone_of(person())
    start = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    for minute in range(0, 40, 5):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            past_password().post(HERE, step(challenge=phone.means_id))
    assert sent(phone) == 2
    assert len({challenge.code for challenge in Challenge.objects.all()}) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["work phone", "default", ""])
def test_p24_here_an_app_of_any_name_is_asked_for(name: str) -> None:
    app = app_of(person(), name)
    browser = past_password()
    assert not signed_in(browser)
    assert browser.get(reverse("account")).status_code == 302
    assert signed_in(second(browser, code_of(app)))


@pytest.mark.django_db
def test_p27_here_an_old_session_shows_no_codes_and_removes_nothing(client: Client) -> None:
    hanako = person()
    app, other = app_of(hanako), app_of(hanako, "iPad")
    sheet_of(hanako)
    proved(client, hanako, app, step_up_kind(RemoveAuthenticator))
    with time_machine.travel(clock.now() + timedelta(minutes=11)):  # a step-up is fresh for ten
        for page in (reverse("authenticator_remove", args=[other.pk]), reverse("recovery_codes_new")):
            answer = client.post(page)
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("step_up"))
        assert PAPER not in client.get(reverse("recovery_codes")).text
    other.refresh_from_db()
    assert other.suspended_by is None
    assert SavedCodeSet.objects.count() == 1


@pytest.mark.django_db
def test_p27_here_a_removal_with_a_fresh_proof_is_told_and_can_be_taken_back(client: Client) -> None:
    hanako = person()
    app, other = app_of(hanako), app_of(hanako, "iPad")
    proved(client, hanako, app, step_up_kind(RemoveAuthenticator))
    client.post(reverse("authenticator_remove", args=[other.pk]))
    other.refresh_from_db()
    assert other.suspended_by and other.revoked_at is None
    letter = OutboxMessage.objects.get(change=other.suspended_by)
    assert (letter.to, letter.kind) == (hanako.email, "notices/totp_removed")
    not_me = Link.objects.get(kind="not_me")
    assert client.post(reverse("not_me_link", args=[not_me.token])).status_code in (200, 302)
    other.refresh_from_db()
    assert other.suspended_by is None


@pytest.mark.django_db
def test_p28_here_a_typed_address_is_nobodys_until_its_code_comes_back(client: Client) -> None:
    hanako = person()
    proved(client, hanako, app_of(hanako), step_up_kind(AddAddress))
    client.post(reverse("address_add"), {"email": "mallory@example.com"})
    typed = Address.objects.get(email="mallory@example.com")
    hanako.refresh_from_db()
    assert (hanako.email, typed.confirmed_at) == ("hanako@example.jp", None)
    assert asked_for_reset("mallory@example.com") == 0
    assert asked_for_reset("hanako@example.jp") == 1


@pytest.mark.django_db
def test_p28_here_a_confirmed_address_on_probation_gets_no_reset_link(client: Client) -> None:
    hanako = person()
    proved(client, hanako, app_of(hanako), step_up_kind(AddAddress))
    client.post(reverse("address_add"), {"email": "mallory@example.com"})
    typed = Address.objects.get(email="mallory@example.com")
    client.post(reverse("address_code", args=[typed.pk]), {"code": Challenge.objects.get().code})
    typed.refresh_from_db()
    assert typed.confirmed_at
    assert asked_for_reset("mallory@example.com") == 0
    told = OutboxMessage.objects.filter(change=typed.added_by).values_list("to", flat=True)
    assert "hanako@example.jp" in told


# --- hands -----------------------------------------------------------------------------------------------------------
def step(name: str = "token", **words: str) -> dict[str, str]:
    return {"login_view-current_step": name, **words}


def past_password() -> Client:
    browser = Client()
    browser.post(HERE, step("auth", **{"auth-email": "hanako@example.jp", "auth-password": PASSWORD}))
    return browser


def second(browser: Client, code: str) -> Client:
    browser.post(HERE, step(**{"token-code": code}))
    return browser


def signed_in(browser: Client) -> bool:
    return browser.get(reverse("account")).status_code == 200


def proved(browser: Client, user: User, app: Totp, deed: str) -> None:
    """Signed in with password and app, with a fresh step-up for this deed."""
    proof = Verified(Kind.TOTP, app.means_id)
    sign_in(browser, user, Verified(Kind.PASSWORD, "password"), proof)
    step_up(browser, proof, deed)


def phone_of(user: User) -> Phone:
    long_ago = clock.now() - timedelta(days=90)
    phone = Phone.objects.create(user=user, number="+819012345678", bound_at=long_ago, confirmed_at=long_ago)
    User.objects.filter(pk=user.pk).update(ever_had_factor=True)
    return phone


def sheet_of(user: User) -> str:
    long_ago = clock.now() - timedelta(days=90)
    sheet = SavedCodeSet.objects.create(user=user, bound_at=long_ago, confirmed_at=long_ago)
    SavedCode.objects.create(sheet=sheet, locator=PAPER[:4], hash=make_password(PAPER[4:]))
    return PAPER


def sent(phone: Phone) -> int:
    return OutboxMessage.objects.filter(channel="sms", to=phone.number).count()


def asked_for_reset(email: str) -> int:
    """Ask on the forgot page, let the worker answer, and count the links that went out to this address."""
    Client().post(reverse("password_forgot"), {"email": email})
    passwords.resolve(str(AddressRequest.objects.get(key=email).pk))
    return OutboxMessage.objects.filter(to=email, kind="password/reset").count()


def at_once(browsers: list[Client], do: Callable[[Client], object]) -> None:
    start, failures = threading.Barrier(len(browsers), timeout=10), list[BaseException]()

    def go(browser: Client) -> None:
        try:
            start.wait()
            do(browser)
        except BaseException as failure:  # a thread's failure must fail the test
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
