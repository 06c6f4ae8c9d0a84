"""One right code, several hands at one instant: it opens one door, once (pitfalls P1–P3, P6; SP 800-63B-4 §3.1.4)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import clock, crypto
from accounts.errors import Refused
from accounts.models import (
    Challenge,
    Change,
    LimitCounter,
    Link,
    OutboxMessage,
    PasswordReset,
    Phone,
    SavedCode,
    SavedCodeSet,
    Session,
    Totp,
    User,
)
from accounts.outbox.links import make
from accounts.services import challenges, links, passwords, sign_in, verify
from recovery.models import Case, CaseProof
from recovery.services import claims, proofs
from tests.accounts.hands import CTX, PASSWORD, app_of, code_of, person
from tests.races.meeting import Together
from tests.recovery.people import Claimant
from tests.recovery.people import person as prepared_person

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SIGN_IN = reverse("sign_in")
TRIES = 200


# --- through the sign-in page -----------------------------------------------------------------------------------------
def test_a_code_of_the_app_posted_by_two_browsers_signs_one_of_them_in(together: Together) -> None:
    hanako = person()
    app = app_of(hanako)
    for _ in range(TRIES):
        forget_limits()
        Totp.objects.update(last_step=-1, failures_in_row=0)
        browsers = past_password(), past_password()
        code = code_of(app)
        assert opened(together(*(partial(give, browser, code) for browser in browsers))) == 1
    assert Session.objects.filter(user=hanako).count() == TRIES


def test_a_code_by_sms_posted_in_two_tabs_signs_in_once(together: Together) -> None:
    """The code belongs to one pending sign-in, so two hands that have it share that session's cookie."""
    hanako = person(ever_had_factor=True)
    phone = number_of(hanako)
    for _ in range(TRIES):
        browser, code = code_by_sms(phone)
        tab = Client()
        tab.cookies = browser.cookies.copy()
        answers = together(partial(give, browser, code), partial(give, tab, code))
        assert opened(answers) == 1, "somebody who presses twice is signed in once"
    assert Session.objects.filter(user=hanako).count() == TRIES


def test_a_code_by_sms_never_opens_another_pending_sign_in(together: Together) -> None:
    """Posted at the instant at which its owner posts it (ASVS 6.6.2)."""
    phone = number_of(person(ever_had_factor=True))
    for _ in range(10):
        browser, code = code_by_sms(phone)
        other = past_password()
        mine, theirs = together(partial(give, browser, code), partial(give, other, code))
        assert (mine.status_code, theirs.status_code) == (302, 200)


# --- through the service ----------------------------------------------------------------------------------------------
def test_a_saved_code_given_in_two_pending_sign_ins_opens_one(together: Together) -> None:
    hanako, code = person(), "0001ABCDEFGH01234567"
    long_ago = clock.now() - timedelta(days=90)
    sheet = SavedCodeSet.objects.create(user=hanako, bound_at=long_ago, confirmed_at=long_ago)
    saved = SavedCode.objects.create(sheet=sheet, locator=code[:4], hash=make_password(code[4:]))
    for each in range(TRIES):
        forget_limits()
        SavedCode.objects.filter(pk=saved.pk).update(used_at=None)
        scopes = [f"sign_in:{each}:{browser}" for browser in "ab"]
        second = [partial(sign_in.second, hanako, "totp", code, reset=False, scope=scope, ctx=CTX) for scope in scopes]
        assert right(together(*second)) == 1


def test_a_code_by_mail_shown_by_two_browsers_that_hold_the_claim_proves_once(together: Together) -> None:
    prepared_person()
    claimant = Claimant()
    case = claimant.case
    for _ in range(TRIES):
        forget_limits()
        Challenge.objects.all().delete()
        CaseProof.objects.all().delete()
        Case.objects.update(state="opened", expires_at=clock.now() + timedelta(hours=1))
        claims.send(case, "email", "hanako@example.jp")
        show = partial(proofs.prove, case, "email", claimant.code("email"), CTX)
        assert right(together(show, show)) == 1
    assert CaseProof.objects.count() == 1


def test_a_code_of_the_app_given_for_three_purposes_serves_one(together: Together) -> None:
    """Otherwise a code phished at the sign-in page would also prove in a recovery (pitfall P6)."""
    hanako = person()
    app = app_of(hanako)
    for _ in range(100):
        forget_limits()
        Totp.objects.update(last_step=-1, failures_in_row=0)
        code = code_of(app)
        tries = [
            partial(verify.verify, hanako, "totp", code, purpose=purpose, scope=f"{purpose}:1", ctx=CTX)
            for purpose in ("sign_in", "step_up", "recovery")
        ]
        assert right(together(*tries)) == 1


def test_a_code_of_a_request_without_an_account_is_checked_off_once(together: Together) -> None:
    for each in range(100):
        scope, now = f"request:{each}", clock.now()
        challenge = Challenge.objects.create(
            purpose="sign_up", scope=scope, channel="mail", to="anna@example.jp", nonce=crypto.nonce(),
            created_at=now, expires_at=now + timedelta(minutes=30),
        )  # fmt: skip
        assert right(together(*[partial(challenges.check, scope, challenge.code, ctx=CTX)] * 2)) == 1


# --- asking for codes -------------------------------------------------------------------------------------------------
def test_two_clicks_on_send_at_one_instant_send_one_code(together: Together) -> None:
    hanako = person()
    for each in range(50):
        forget_limits()
        scope = f"sign_in:{each}"
        ask = partial(challenges.issue, "sign_in", scope, "sms", "+819012345678", ctx=CTX, user=hanako)
        assert right(together(ask, ask, ask)) == 1
        assert Challenge.objects.filter(scope=scope).count() == 1
    assert OutboxMessage.objects.count() == 50


# --- links ------------------------------------------------------------------------------------------------------------
def test_a_link_is_used_once(together: Together) -> None:
    hanako = person()
    for _ in range(100):
        link = link_for(hanako, "resume")
        assert sorted(together(*[partial(links.use, link)] * 3)) == [False, False, True]


def test_a_reset_link_sets_one_password(together: Together) -> None:
    hanako = person()
    words = ["a long and unusual sentence", "another sentence of some length"]
    for _ in range(20):
        token = link_for(hanako, "password_reset").token
        done = together(*(partial(passwords.reset, token, word, ctx=CTX) for word in words))
        assert right(done) == 1
        hanako.refresh_from_db()
        winner = next(word for word, outcome in zip(words, done, strict=True) if not isinstance(outcome, Refused))
        assert hanako.check_password(winner)
    assert PasswordReset.objects.count() == Change.objects.count() == 20


# --- hands ------------------------------------------------------------------------------------------------------------
def past_password() -> Client:
    browser = Client(headers={"accept-language": "en"})
    words = {"login_view-current_step": "auth", "auth-email": "hanako@example.jp", "auth-password": PASSWORD}
    assert 'name="login_view-current_step" value="token"' in browser.post(SIGN_IN, words).text
    return browser


def give(browser: Client, code: str) -> HttpResponse:
    answer: Any = browser.post(SIGN_IN, {"login_view-current_step": "token", "token-code": code})
    return answer


def number_of(user: User) -> Phone:
    long_ago = clock.now() - timedelta(days=90)
    return Phone.objects.create(user=user, number="+819012345678", bound_at=long_ago, confirmed_at=long_ago)


def code_by_sms(phone: Phone) -> tuple[Client, str]:
    """A sign-in that waits for the code, and the code."""
    forget_limits()
    browser = past_password()
    browser.post(SIGN_IN, {"login_view-current_step": "token", "challenge": phone.means_id})
    return browser, Challenge.objects.latest("created_at").code


def opened(answers: list[HttpResponse]) -> int:
    """How many were let in. Nobody sees an error page; who came second may be shown the same page anew."""
    assert {answer.status_code for answer in answers} <= {200, 302}
    return sum(answer.status_code == 302 and answer.headers["Location"] != SIGN_IN for answer in answers)


def right(outcomes: list[Any]) -> int:
    return sum(not isinstance(outcome, Refused) for outcome in outcomes)


def forget_limits() -> None:
    LimitCounter.objects.all().delete()


def link_for(user: User, kind: str) -> Link:
    subject = user.addresss.get().means_id
    return make(kind, user=user, subject=subject, to=user.email, life=timedelta(hours=1))
